//! Trusted lists as large as the largest real ones: hundreds of providers with the history of their services, signed by
//! the bench itself; and the worst that somebody could put in a list's place.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use data_encoding::BASE64;
use keys_dev::hierarchy::KeyKind;
use ring::digest::{SHA256, digest};
use sdk_pki::der;
use sdk_pki::{AlgorithmPolicy, Certificate, TrustedList, UnverifiedList};
use serde_json::{Value, json};

use super::cpu;
use super::hostile::renumbered;
use super::sample::Signer;
use super::verify::now;
use crate::browser::Trouble;

/// Each read and checked in a process of its own.
///
/// # Errors
/// When a list cannot be made, or an honest one is refused.
pub fn bench() -> Result<Value, Trouble> {
    let folder = std::env::temp_dir().join(format!("aval-lists-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let told = all(&folder);
    let _ = std::fs::remove_dir_all(&folder);
    told
}

fn all(folder: &Path) -> Result<Value, Trouble> {
    let signer = Signer::new(KeyKind::P256, now())?;
    let who = folder.join("signer.der");
    std::fs::write(&who, signer.leaf().der())?;
    let lists = [
        ("of_a_small_country", list(&signer, 30)?),
        ("of_a_large_country", list(&signer, 400)?),
        ("of_as_many_elements_as_are_read", elements()),
        ("of_one_long_text", text()),
    ];
    let told = lists
        .into_iter()
        .map(|(name, content)| -> Result<Value, Trouble> {
            let file = folder.join(name);
            std::fs::write(&file, &content)?;
            let done = Command::new(std::env::current_exe()?)
                .arg("list-alone")
                .args([&file, &who])
                .output()?;
            let mut told: Value = serde_json::from_slice(&done.stdout)
                .map_err(|_| format!("{name}: {}", String::from_utf8_lossy(&done.stderr)))?;
            if let Some(map) = told.as_object_mut() {
                map.insert("list".to_owned(), json!(name));
            }
            Ok(told)
        });
    Ok(json!(told.collect::<Result<Vec<_>, _>>()?))
}

/// Reads one list, which this certificate must have signed, and prints JSON with what this process took.
///
/// # Errors
/// When a file cannot be read.
pub fn alone(file: &str, signer: &str) -> Result<(), Trouble> {
    let (content, signers) = (
        std::fs::read(file)?,
        [Certificate::from_der(&std::fs::read(signer)?)?],
    );
    let read = UnverifiedList::parse(&content)
        .and_then(|list| list.verify(&signers, &AlgorithmPolicy::default(), now()));
    let anchors = read
        .as_ref()
        .map_or(0, |list: &TrustedList| list.anchors().iter().count());
    let own = std::process::id();
    println!(
        "{}",
        json!({
            "file_bytes": content.len(), "anchors": anchors, "refused": read.err().map(|error| error.to_string()),
            "cpu_seconds": cpu::used(own)?.as_secs_f64(), "peak_memory_kb": cpu::peak(own)?,
        })
    );
    Ok(())
}

/// So many providers with four services each, whose certificates differ, and eight earlier states of each service.
/// Written in canonical form, so that its digest is that of its text.
fn list(signer: &Signer, providers: usize) -> Result<String, Trouble> {
    let mut content = format!(
        "<TrustServiceStatusList xmlns=\"{TSL}\" TSLTag=\"http://uri.etsi.org/19612/TSLTag\">\n<SchemeInformation>\
         <TSLVersionIdentifier>6</TSLVersionIdentifier><TSLSequenceNumber>1</TSLSequenceNumber><SchemeOperatorName>\
         <Name xml:lang=\"es\">Entidad acreditadora</Name></SchemeOperatorName><SchemeTerritory>CL</SchemeTerritory>\
         <ListIssueDateTime>2026-01-01T00:00:00Z</ListIssueDateTime><NextUpdate><dateTime>2060-01-01T00:00:00Z</dateTime>\
         </NextUpdate></SchemeInformation>\n<TrustServiceProviderList>\n"
    );
    for provider in 0..providers {
        writeln!(
            content,
            "<TrustServiceProvider><TSPInformation><TSPName><Name xml:lang=\"es\">Prestador {provider}</Name></TSPName>\
             </TSPInformation><TSPServices>"
        )?;
        for one in 0..SERVICES {
            let number = provider.saturating_mul(SERVICES).saturating_add(one);
            service(&mut content, &renumbered(signer.issuing(), number)?)?;
        }
        content.push_str("</TSPServices></TrustServiceProvider>\n");
    }
    content.push_str("</TrustServiceProviderList>\n");
    let end = "</TrustServiceStatusList>";
    let digested = digest(&SHA256, format!("{content}{end}").as_bytes());
    let signature = signature(signer, &BASE64.encode(digested.as_ref()))?;
    Ok(format!("{content}{signature}{end}"))
}

fn service(content: &mut String, certificate: &[u8]) -> Result<(), Trouble> {
    let states = (0..=STATES).rev().map(|state| {
        let status = if state % 2 == 0 { "granted" } else { "withdrawn" };
        format!(
            "<ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/CA/QC</ServiceTypeIdentifier><ServiceName>\
             <Name xml:lang=\"es\">Certificados para firma electrónica avanzada</Name></ServiceName><ServiceDigitalIdentity>\
             <DigitalId><X509Certificate>{}</X509Certificate></DigitalId></ServiceDigitalIdentity><ServiceStatus>\
             http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/{status}</ServiceStatus><StatusStartingTime>\
             201{state}-01-01T00:00:00Z</StatusStartingTime>",
            BASE64.encode(certificate)
        )
    });
    for (place, state) in states.enumerate() {
        match place {
            0 => writeln!(
                content,
                "<TSPService><ServiceInformation>{state}</ServiceInformation><ServiceHistory>"
            )?,
            _ => writeln!(
                content,
                "<ServiceHistoryInstance>{state}</ServiceHistoryInstance>"
            )?,
        }
    }
    content.push_str("</ServiceHistory></TSPService>\n");
    Ok(())
}

/// TS 119 612 annex B, without XAdES' properties.
fn signature(signer: &Signer, digest: &str) -> Result<String, Trouble> {
    let inside = format!(
        "<CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></CanonicalizationMethod><SignatureMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"></SignatureMethod><Reference URI=\"\">\
         <Transforms><Transform Algorithm=\"{DS}enveloped-signature\"></Transform><Transform Algorithm=\"{EXCLUSIVE}\">\
         </Transform></Transforms><DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></DigestMethod>\
         <DigestValue>{digest}</DigestValue></Reference></SignedInfo>"
    );
    let value = fixed(&signer.sign(format!("<SignedInfo xmlns=\"{DS}\">{inside}").as_bytes())?)?;
    Ok(format!(
        "<Signature xmlns=\"{DS}\"><SignedInfo>{inside}<SignatureValue>{}</SignatureValue></Signature>",
        BASE64.encode(&value)
    ))
}

/// RFC 9231 §2.3.6: two numbers of 32 octets, from DER.
fn fixed(value: &[u8]) -> Result<Vec<u8>, Trouble> {
    let mut fixed = Vec::new();
    for number in der::whole(value, der::SEQUENCE)?.elements()? {
        let digits = number.integer()?;
        let digits = digits.strip_prefix(&[0]).unwrap_or(digits);
        fixed.extend(vec![0; 32_usize.saturating_sub(digits.len())]);
        fixed.extend_from_slice(digits);
    }
    Ok(fixed)
}

/// Nobody signed it, and it is read before that is known.
fn elements() -> String {
    let inside = "<a b=\"\" c=\"\"/>".repeat(499_000);
    format!("<TrustServiceStatusList xmlns=\"{TSL}\">{inside}</TrustServiceStatusList>")
}

/// The same, with as much text as is read, each letter of it written as a reference.
fn text() -> String {
    let inside = "&#x41;".repeat(5_500_000);
    format!("<TrustServiceStatusList xmlns=\"{TSL}\">{inside}</TrustServiceStatusList>")
}

/// Of each provider.
const SERVICES: usize = 4;
/// Earlier ones, one a year.
const STATES: usize = 8;

const TSL: &str = "http://uri.etsi.org/02231/v2#";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

#[cfg(test)]
mod tests {
    use super::*;

    /// A list that is refused early would give beautiful figures.
    #[test]
    fn what_is_measured_is_a_list_that_is_believed() {
        let now = time::macros::datetime!(2026-11-21 12:00 UTC);
        let signer = Signer::new(KeyKind::P256, now).unwrap();
        let content = list(&signer, 3).unwrap();
        let read = UnverifiedList::parse(content.as_bytes()).unwrap();
        let read = read
            .verify(&[signer.leaf().clone()], &AlgorithmPolicy::default(), now)
            .unwrap();
        assert_eq!(read.services.len(), 12);
        assert_eq!(read.services[0].history.len(), 9);
        assert_eq!(read.anchors().iter().count(), 12);
    }
}
