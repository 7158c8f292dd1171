//! Signs by hand: CMS signatures, and the timestamps on them, of any time.

use rcgen::{CertificateParams, CustomExtension, DnType, Issuer, KeyPair, KeyUsagePurpose};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use sdk_pki::der::{self, encode};
use sdk_pki::{Certificate, DigestAlgorithm, oid};
use time::OffsetDateTime;
use time::macros::{datetime, format_description};

use super::workshop::Official;

/// Whoever holds a key and its certificate.
pub struct Holder {
    key: EcdsaKeyPair,
    pub certificate: Vec<u8>,
}

/// What a signature is over.
pub struct SignedContent<'a> {
    pub kind: &'a [u8],
    pub inside: Option<&'a [u8]>,
    /// By which the content was digested.
    pub algorithm: &'a [u8],
    pub digest: &'a [u8],
}

impl Holder {
    pub fn new(key: &KeyPair, certificate: Vec<u8>) -> Self {
        let (random, pkcs8) = (SystemRandom::new(), key.serialize_der());
        Self {
            key: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8, &random).unwrap(),
            certificate,
        }
    }

    /// A CMS signature (RFC 5652 §5). `unsigned` makes the unsigned attributes from the signature's value.
    pub fn sign(
        &self,
        content: &SignedContent<'_>,
        along: &[u8],
        unsigned: &dyn Fn(&[u8]) -> Vec<u8>,
    ) -> Vec<u8> {
        let hash = encode(
            der::OCTET_STRING,
            DigestAlgorithm::Sha256.of(&self.certificate).bytes(),
        );
        let named = encode(
            der::SEQUENCE,
            &encode(der::SEQUENCE, &encode(der::SEQUENCE, &hash)),
        );
        let mut attributes = [
            attribute(oid::CONTENT_TYPE, &encode(der::OID, content.kind)),
            attribute(oid::MESSAGE_DIGEST, &encode(der::OCTET_STRING, content.digest)),
            attribute(oid::SIGNING_CERTIFICATE_V2, &named),
        ];
        attributes.sort();
        let attributes = attributes.concat();
        let signed = encode(der::SET, &attributes);
        let value = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        let own = Certificate::from_der(&self.certificate).unwrap();
        let id = [own.issuer().der(), &encode(der::INTEGER, own.serial())].concat();
        let unsigned = unsigned(value.as_ref());
        let signer = [
            encode(der::INTEGER, &[1]),
            encode(der::SEQUENCE, &id),
            algorithm(content.algorithm),
            encode(0xa0, &attributes),
            algorithm(oid::ECDSA_WITH_SHA256),
            encode(der::OCTET_STRING, value.as_ref()),
            if unsigned.is_empty() {
                unsigned
            } else {
                encode(0xa1, &unsigned)
            },
        ];
        let inside = content
            .inside
            .map(|bytes| encode(0xa0, &encode(der::OCTET_STRING, bytes)));
        let encapsulated = [encode(der::OID, content.kind), inside.unwrap_or_default()].concat();
        let data = [
            encode(der::INTEGER, &[1]),
            encode(der::SET, &algorithm(content.algorithm)),
            encode(der::SEQUENCE, &encapsulated),
            encode(0xa0, along),
            encode(der::SET, &encode(der::SEQUENCE, &signer.concat())),
        ];
        let data = encode(0xa0, &encode(der::SEQUENCE, &data.concat()));
        encode(
            der::SEQUENCE,
            &[encode(der::OID, oid::CMS_SIGNED_DATA), data].concat(),
        )
    }
}

/// A timestamp to be made (RFC 3161): honest at first, then one thing is changed.
pub struct Stamp {
    pub time: OffsetDateTime,
    /// By what the signature's value is digested.
    pub imprint: DigestAlgorithm,
    /// By what the token itself is digested.
    pub digest: DigestAlgorithm,
    /// What is stamped in place of the signature's value.
    pub instead: Option<&'static [u8]>,
    /// The signer of the document stamps.
    pub by_the_signer: bool,
}

impl Stamp {
    pub fn at(time: OffsetDateTime) -> Self {
        Self {
            time,
            imprint: DigestAlgorithm::Sha256,
            digest: DigestAlgorithm::Sha256,
            instead: None,
            by_the_signer: false,
        }
    }

    /// The unsigned attribute with the token over this signature value.
    pub fn attribute(&self, official: &Official, value: &[u8]) -> Vec<u8> {
        let by = if self.by_the_signer {
            &official.signer
        } else {
            &official.unit
        };
        let info = self.info(self.instead.unwrap_or(value));
        let digest = self.digest.of(&info);
        let content = SignedContent {
            kind: oid::TST_INFO,
            inside: Some(&info),
            algorithm: named(self.digest),
            digest: digest.bytes(),
        };
        let token = by.sign(&content, &by.certificate, &|_| Vec::new());
        attribute(oid::SIGNATURE_TIME_STAMP_TOKEN, &token)
    }

    /// TSTInfo (§2.4.2), without what is optional.
    fn info(&self, stamped: &[u8]) -> Vec<u8> {
        let imprint = [
            algorithm(named(self.imprint)),
            encode(der::OCTET_STRING, self.imprint.of(stamped).bytes()),
        ];
        let format = format_description!("[year][month][day][hour][minute][second]Z");
        let time = self.time.format(format).unwrap();
        let info = [
            encode(der::INTEGER, &[1]),
            encode(der::OID, oid::ANY_POLICY),
            encode(der::SEQUENCE, &imprint.concat()),
            encode(der::INTEGER, &[7]),
            encode(der::GENERALIZED_TIME, time.as_bytes()),
        ];
        encode(der::SEQUENCE, &info.concat())
    }
}

/// Believed from 2020 to 2040, for timestamps alone.
pub fn stamping_unit(issuer: &Issuer<'_, KeyPair>) -> Holder {
    let key = KeyPair::generate().unwrap();
    let mut unit = CertificateParams::new(Vec::new()).unwrap();
    unit.distinguished_name
        .push(DnType::CommonName, "Sello de tiempo de prueba");
    unit.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    unit.not_before = datetime!(2020-01-01 0:00 UTC);
    unit.not_after = datetime!(2040-01-01 0:00 UTC);
    unit.use_authority_key_identifier_extension = true;
    let purposes = encode(der::SEQUENCE, &encode(der::OID, oid::KP_TIME_STAMPING));
    let mut usage = CustomExtension::from_oid_content(&[2, 5, 29, 37], purposes);
    usage.set_criticality(true);
    unit.custom_extensions = vec![usage];
    let certificate = unit.signed_by(&key, issuer).unwrap().der().to_vec();
    Holder::new(&key, certificate)
}

fn algorithm(oid: &[u8]) -> Vec<u8> {
    encode(der::SEQUENCE, &encode(der::OID, oid))
}

fn attribute(oid: &[u8], value: &[u8]) -> Vec<u8> {
    encode(
        der::SEQUENCE,
        &[encode(der::OID, oid), encode(der::SET, value)].concat(),
    )
}

fn named(digest: DigestAlgorithm) -> &'static [u8] {
    match digest {
        DigestAlgorithm::Sha1 => oid::SHA1,
        _ => oid::SHA256,
    }
}
