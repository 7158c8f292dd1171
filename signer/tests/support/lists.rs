//! Trusted lists (ETSI TS 119 612) made byte by byte: written in canonical form from the start, so that signing them
//! needs no canonicaliser.

use data_encoding::BASE64;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use signer::rules::{Digest, Moment};

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const STATUS: &str = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/";
const CA_QC: &str = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC";

/// Who may sign lists.
pub struct Supervisor {
    key: rcgen::KeyPair,
    pub pem: String,
}

impl Supervisor {
    pub fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { key, pem }
    }

    /// A list with one service, its statuses with their beginnings, the newest first.
    pub fn list(&self, certificate: &str, history: &[(&str, Moment)], next_update: Moment) -> String {
        let unsigned = unsigned(certificate, history, next_update);
        let digest = BASE64.encode(&Digest::of(unsigned.as_bytes()).0);
        let info = format!(
            "<ds:SignedInfo xmlns:ds=\"{DS}\"><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\">\
             </ds:CanonicalizationMethod><ds:SignatureMethod \
             Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"></ds:SignatureMethod>\
             <ds:Reference URI=\"\"><ds:Transforms><ds:Transform \
             Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform><ds:Transform \
             Algorithm=\"{EXCLUSIVE}\"></ds:Transform></ds:Transforms><ds:DigestMethod \
             Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
             <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
        );
        let chance = SystemRandom::new();
        let key = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &self.key.serialize_der(),
            &chance,
        )
        .unwrap();
        let value = BASE64.encode(key.sign(&chance, info.as_bytes()).unwrap().as_ref());
        let signature = format!(
            "<ds:Signature xmlns:ds=\"{DS}\">{info}<ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"
        );
        let end = "</TrustServiceStatusList>";
        unsigned.replace(end, &format!("{signature}{end}"))
    }
}

fn unsigned(certificate: &str, history: &[(&str, Moment)], next_update: Moment) -> String {
    let base64: String = certificate
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let status = |(status, since): &(&str, Moment), identity: &str| {
        format!(
            "<ServiceTypeIdentifier>{CA_QC}</ServiceTypeIdentifier>{identity}<ServiceStatus>{STATUS}{status}\
             </ServiceStatus><StatusStartingTime>{since}</StatusStartingTime>"
        )
    };
    let identity = format!(
        "<ServiceDigitalIdentity><DigitalId><X509Certificate>{base64}</X509Certificate></DigitalId>\
         </ServiceDigitalIdentity>"
    );
    let (now, past) = history.split_first().unwrap();
    let now = status(now, &identity);
    let past: String = past
        .iter()
        .map(|one| {
            format!(
                "<ServiceHistoryInstance>{}</ServiceHistoryInstance>",
                status(one, "")
            )
        })
        .collect();
    format!(
        "<TrustServiceStatusList xmlns=\"http://uri.etsi.org/02231/v2#\" TSLTag=\"http://uri.etsi.org/19612/TSLTag\">\
         <SchemeInformation><TSLVersionIdentifier>6</TSLVersionIdentifier><TSLSequenceNumber>1</TSLSequenceNumber>\
         <SchemeOperatorName><Name>Entidad</Name></SchemeOperatorName><SchemeTerritory>CL</SchemeTerritory>\
         <ListIssueDateTime>2026-01-01T00:00:00Z</ListIssueDateTime><NextUpdate><dateTime>{next_update}</dateTime>\
         </NextUpdate></SchemeInformation><TrustServiceProviderList><TrustServiceProvider><TSPInformation><TSPName>\
         <Name>Prestador</Name></TSPName></TSPInformation><TSPServices><TSPService><ServiceInformation>{now}\
         </ServiceInformation><ServiceHistory>{past}</ServiceHistory></TSPService></TSPServices>\
         </TrustServiceProvider></TrustServiceProviderList></TrustServiceStatusList>"
    )
}
