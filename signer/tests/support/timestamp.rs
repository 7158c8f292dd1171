//! A timestamping authority (RFC 3161), and timestamps over whole documents (EN 319 142-1 §5.4.3), made byte by byte so
//! that they can say any time.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use sdk_document::{Bytes, Document, Limits};
use sdk_pki::Certificate;
use signer::pdf::append::{Request, update};
use signer::pdf::stamp::StampText;
use signer::rules::stamp::Stamp;
use signer::rules::{Digest, Moment};
use signer::zone::Zone;

use super::{Ca, profile};

pub struct Stamper {
    key: rcgen::KeyPair,
    certificate: Certificate,
}

impl Stamper {
    pub fn new(ca: &Ca) -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "Test TSA");
        params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
        // RFC 3161 §2.3: critical, and nothing else.
        let purpose = der(0x30, &[oid(&[0x2b, 6, 1, 5, 5, 7, 3, 8])]);
        let mut purpose = rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 37], purpose);
        purpose.set_criticality(true);
        params.custom_extensions.push(purpose);
        let issued = params.signed_by(&key, &ca.issuer()).unwrap();
        let certificate = Certificate::from_der(issued.der()).unwrap();
        Self { key, certificate }
    }

    /// The document with a timestamp over all of it.
    pub fn stamp(&self, document: &[u8], at: Moment) -> Vec<u8> {
        let opened = Document::open(Bytes::new(document.to_vec()), &Limits::default()).unwrap();
        let request = Request {
            at,
            name: "",
            contents: 4_000,
            stamp: Stamp::None,
            text: StampText::new(&profile(), at, &Zone::default()),
            digest: Digest::of(document),
        };
        let made = update(&opened, &request).unwrap();
        // A signature's update, but for what it says to be; no offset moves.
        let mut whole = [document, &made.bytes].concat();
        replace(
            &mut whole,
            "/SubFilter/ETSI.CAdES.detached",
            "/SubFilter/ETSI.RFC3161       ",
        );
        replace(&mut whole, "/Type/Sig/", "         /");
        let (start, end) = (document.len() + made.gap.start, document.len() + made.gap.end);
        let covered = [&whole[..start], &whole[end..]].concat();
        let token = data_encoding::HEXLOWER.encode(&self.token(&covered, at));
        whole[start + 1..start + 1 + token.len()].copy_from_slice(token.as_bytes());
        whole
    }

    /// RFC 3161 §2.4.2 in CMS (RFC 5652 §5).
    fn token(&self, covered: &[u8], at: Moment) -> Vec<u8> {
        let t = at.utc();
        let time = format!(
            "{:04}{:02}{:02}{:02}{:02}{:02}Z",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        );
        let imprint = der(0x30, &[sha256(), der(0x04, &[digest(covered)])]);
        let info = der(
            0x30,
            &[
                number(1),
                oid(&[0x2a, 3, 4]),
                imprint,
                number(7),
                der(0x18, &[time.into_bytes()]),
            ],
        );
        let content = oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 4]);
        let bound = der(
            0x30,
            &[der(
                0x30,
                &[der(0x30, &[der(0x04, &[digest(self.certificate.der())])])],
            )],
        );
        let mut attributes = vec![
            attribute(&[1, 9, 3], content.clone()),
            attribute(&[1, 9, 4], der(0x04, &[digest(&info)])),
            attribute(&[1, 9, 16, 2, 47], bound),
        ];
        attributes.sort();
        let chance = SystemRandom::new();
        let pkcs8 = self.key.serialize_der();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8, &chance).unwrap();
        let signature = key.sign(&chance, &der(0x31, &attributes)).unwrap();
        let issuer = self.certificate.issuer().der().to_vec();
        let signer = der(
            0x30,
            &[
                number(1),
                der(0x30, &[issuer, der(0x02, &[self.certificate.serial().to_vec()])]),
                sha256(),
                der(0xa0, &attributes),
                der(0x30, &[oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])]),
                der(0x04, &[signature.as_ref().to_vec()]),
            ],
        );
        let signed = der(
            0x30,
            &[
                number(3),
                der(0x31, &[sha256()]),
                der(0x30, &[content, der(0xa0, &[der(0x04, &[info])])]),
                der(0xa0, &[self.certificate.der().to_vec()]),
                der(0x31, &[signer]),
            ],
        );
        let kind = oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2]);
        der(0x30, &[kind, der(0xa0, &[signed])])
    }
}

fn replace(whole: &mut [u8], one: &str, other: &str) {
    assert_eq!(one.len(), other.len());
    let at = whole.windows(one.len()).rposition(|w| w == one.as_bytes());
    let at = at.unwrap_or_else(|| panic!("{one} is not there"));
    whole[at..at + one.len()].copy_from_slice(other.as_bytes());
}

/// PKCS#9, by the arcs behind 1.2.840.113549.
fn attribute(arcs: &[u8], value: Vec<u8>) -> Vec<u8> {
    let name = [&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d], arcs].concat();
    der(0x30, &[oid(&name), der(0x31, &[value])])
}

fn der(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let content = parts.concat();
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 128 => out.push(short),
        Ok(length) => out.extend([0x81, length]),
        Err(_) => {
            out.push(0x82);
            out.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        }
    }
    out.extend(content);
    out
}

fn oid(content: &[u8]) -> Vec<u8> {
    der(0x06, &[content.to_vec()])
}

fn number(n: u8) -> Vec<u8> {
    der(0x02, &[vec![n]])
}

fn sha256() -> Vec<u8> {
    der(0x30, &[oid(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1])])
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    Digest::of(bytes).0.to_vec()
}
