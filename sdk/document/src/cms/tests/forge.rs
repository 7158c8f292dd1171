//! A maker of signatures that can break any one rule: a valid default, one field changed.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use sdk_pki::der::{self, encode};
use sdk_pki::{Certificate, Digest, DigestAlgorithm, oid};

/// Makes something from the value of a signature.
type Beside = dyn Fn(&[u8]) -> Vec<u8>;

/// Everything inside a signature over [`Forge::CONTENT`].
pub(super) struct Forge {
    pub version: u8,
    pub digest_algorithms: Vec<Vec<u8>>,
    pub content_type: Vec<u8>,
    pub certificate: Vec<u8>,
    pub digest_algorithm: Vec<u8>,
    pub attributes: Vec<Vec<u8>>,
    pub sorted: bool,
    pub signature_algorithm: Vec<u8>,
    pub signers: usize,
    pub spoil_signature: bool,
    /// Unsigned attributes, made from the signature's value.
    pub unsigned: Option<Box<Beside>>,
    /// Content inside, signed directly.
    pub embedded: Option<Vec<u8>>,
    pub key: EcdsaKeyPair,
}

impl Forge {
    pub const CONTENT: &[u8] = b"Decreto 7";

    pub fn new() -> Self {
        let pair = rcgen::KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
        parameters
            .distinguished_name
            .push(rcgen::DnType::CommonName, "DEV ONLY");
        let certificate = parameters.self_signed(&pair).unwrap().der().to_vec();
        let key = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_ASN1_SIGNING,
            &pair.serialize_der(),
            &SystemRandom::new(),
        );
        let digest = DigestAlgorithm::Sha256.of(Self::CONTENT);
        Self {
            version: 1,
            digest_algorithms: vec![algorithm(oid::SHA256)],
            content_type: oid::CMS_DATA.to_vec(),
            attributes: vec![
                attribute(oid::CONTENT_TYPE, &encode(der::OID, oid::CMS_DATA)),
                attribute(oid::MESSAGE_DIGEST, &encode(der::OCTET_STRING, digest.bytes())),
                attribute(
                    oid::SIGNING_CERTIFICATE_V2,
                    &ess_v2(&DigestAlgorithm::Sha256.of(&certificate)),
                ),
            ],
            certificate,
            digest_algorithm: algorithm(oid::SHA256),
            sorted: true,
            signature_algorithm: algorithm(oid::ECDSA_WITH_SHA256),
            signers: 1,
            spoil_signature: false,
            unsigned: None,
            embedded: None,
            key: key.unwrap(),
        }
    }

    pub fn digest() -> Digest {
        DigestAlgorithm::Sha256.of(Self::CONTENT)
    }

    pub fn replace(&mut self, oid: &[u8], value: &[u8]) {
        self.remove(oid);
        self.attributes.push(attribute(oid, value));
    }

    pub fn remove(&mut self, oid: &[u8]) {
        let oid = encode(der::OID, oid);
        self.attributes
            .retain(|attribute| !attribute[2..].starts_with(&oid));
    }

    pub fn public_key(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }

    fn encapsulated(&self) -> Vec<u8> {
        let mut inside = encode(der::OID, &self.content_type);
        if let Some(content) = &self.embedded {
            inside.extend(encode(0xa0, &encode(der::OCTET_STRING, content)));
        }
        encode(der::SEQUENCE, &inside)
    }

    pub fn build(&self) -> Vec<u8> {
        let mut attributes = self.attributes.clone();
        attributes.sort();
        if !self.sorted {
            attributes.reverse();
        }
        let attributes = attributes.concat();
        let mut signature = Vec::new();
        let message = if self.attributes.is_empty() {
            self.embedded.clone().unwrap_or_else(|| Self::CONTENT.to_vec())
        } else {
            encode(der::SET, &attributes)
        };
        signature.extend(self.key.sign(&SystemRandom::new(), &message).unwrap().as_ref());
        if let Some(last) = signature.last_mut().filter(|_| self.spoil_signature) {
            *last ^= 1;
        }
        let certificate = Certificate::from_der(&self.certificate).unwrap();
        let id = [
            certificate.issuer().der(),
            &encode(der::INTEGER, certificate.serial()),
        ]
        .concat();
        let signed = if self.attributes.is_empty() {
            Vec::new()
        } else {
            encode(0xa0, &attributes)
        };
        let unsigned = self.unsigned.as_ref().map(|make| encode(0xa1, &make(&signature)));
        let signer = [
            encode(der::INTEGER, &[1]),
            encode(der::SEQUENCE, &id),
            self.digest_algorithm.clone(),
            signed,
            self.signature_algorithm.clone(),
            encode(der::OCTET_STRING, &signature),
            unsigned.unwrap_or_default(),
        ];
        let signer = encode(der::SEQUENCE, &signer.concat());
        let data = [
            encode(der::INTEGER, &[self.version]),
            encode(der::SET, &self.digest_algorithms.concat()),
            self.encapsulated(),
            encode(0xa0, &self.certificate),
            encode(der::SET, &signer.repeat(self.signers)),
        ];
        let data = encode(0xa0, &encode(der::SEQUENCE, &data.concat()));
        encode(
            der::SEQUENCE,
            &[encode(der::OID, oid::CMS_SIGNED_DATA), data].concat(),
        )
    }
}

pub(super) fn algorithm(oid: &[u8]) -> Vec<u8> {
    encode(der::SEQUENCE, &encode(der::OID, oid))
}

pub(super) fn attribute(oid: &[u8], value: &[u8]) -> Vec<u8> {
    encode(
        der::SEQUENCE,
        &[encode(der::OID, oid), encode(der::SET, value)].concat(),
    )
}

/// SigningCertificateV2 with SHA-256, the default, and no issuer.
pub(super) fn ess_v2(hash: &Digest) -> Vec<u8> {
    let id = encode(der::SEQUENCE, &encode(der::OCTET_STRING, hash.bytes()));
    encode(der::SEQUENCE, &encode(der::SEQUENCE, &id))
}
