//! Building what goes into a PDF signature's `Contents`: a detached CMS `SignedData` (RFC 5652) with the attributes
//! of a CAdES baseline signature (EN 319 122-1, EN 319 142-1 §6.3).

mod der;

use crate::error::Fault;
use crate::keys::Signature;
use crate::rules::Digest;
use crate::rules::certificate::Chain;
use crate::rules::ids::sha256;
use der::{Tag, element, object_identifier, sequence, set_of};

/// The signed attributes of one signature, ready for the key.
#[derive(Debug)]
pub struct SignedAttributes {
    /// DER of the SET OF, whose SHA-256 is signed (RFC 5652 §5.4).
    set: Vec<u8>,
}

impl SignedAttributes {
    /// The attributes for a document with this digest and a signer with this certificate: content-type,
    /// message-digest, signing-certificate-v2. No signing-time: in PAdES the dictionary's `M` says it
    /// (EN 319 142-1 §6.3).
    #[must_use]
    pub fn new(content: Digest, certificate: &[u8]) -> Self {
        let content_type = attribute(CONTENT_TYPE, &object_identifier(DATA));
        let message_digest = attribute(MESSAGE_DIGEST, &element(Tag::OctetString, &content.0));
        // RFC 5035 §3: SHA-256 is the default algorithm and therefore left out; issuerSerial is only a hint.
        let certificate_id = sequence(&[&element(Tag::OctetString, &sha256(&[certificate]))]);
        let signing_certificate = attribute(
            SIGNING_CERTIFICATE_V2,
            &sequence(&[&sequence(&[&certificate_id])]),
        );
        Self {
            set: set_of(vec![content_type, message_digest, signing_certificate]),
        }
    }

    /// What the key signs.
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        &self.set
    }

    /// The finished `ContentInfo`, in DER.
    ///
    /// # Errors
    /// A fault when the chain's first certificate cannot be read.
    pub fn signed(&self, signature: &Signature, chain: &Chain) -> Result<Vec<u8>, Fault> {
        let leaf = chain
            .der()
            .first()
            .ok_or_else(|| Fault::new("signing without a certificate"))?;
        let sha256_algorithm = sequence(&[&object_identifier(SHA256)]);
        let signer_info = sequence(&[
            &element(Tag::Integer, &[1]),
            &issuer_and_serial_number(leaf)?,
            &sha256_algorithm,
            &der::implicit(0, self.set_contents()),
            &sequence(&[&object_identifier(ECDSA_WITH_SHA256)]),
            &element(Tag::OctetString, &signature.0),
        ]);
        let certificates = der::sorted(chain.der().to_vec()).concat();
        let signed_data = sequence(&[
            &element(Tag::Integer, &[1]),
            &set_of(vec![sha256_algorithm.clone()]),
            &sequence(&[&object_identifier(DATA)]),
            &der::implicit(0, &certificates),
            &set_of(vec![signer_info]),
        ]);
        Ok(sequence(&[
            &object_identifier(SIGNED_DATA),
            &der::explicit(0, &signed_data),
        ]))
    }

    /// The contents of the SET OF, without its tag and length: in the message the tag is [0].
    fn set_contents(&self) -> &[u8] {
        der::contents(&self.set)
    }
}

/// As many bytes as the finished signature can have, so that the gap in the file is right before it exists.
///
/// # Errors
/// As [`SignedAttributes::signed`].
pub fn largest_size(chain: &Chain) -> Result<usize, Fault> {
    let leaf = chain
        .der()
        .first()
        .ok_or_else(|| Fault::new("signing without a certificate"))?;
    let signature = Signature(vec![0; LARGEST_SIGNATURE]);
    Ok(SignedAttributes::new(Digest([0; 32]), leaf)
        .signed(&signature, chain)?
        .len())
}

fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    sequence(&[&object_identifier(kind), &set_of(vec![value.to_vec()])])
}

/// RFC 5652 §10.2.4, with the issuer's name byte for byte as the certificate has it.
fn issuer_and_serial_number(certificate: &[u8]) -> Result<Vec<u8>, Fault> {
    use x509_parser::prelude::FromDer;
    let (_, parsed) = x509_parser::certificate::X509Certificate::from_der(certificate)
        .map_err(Fault::when("reading the signer's certificate"))?;
    Ok(sequence(&[
        parsed.issuer().as_raw(),
        &element(Tag::Integer, parsed.raw_serial()),
    ]))
}

/// `ECDSA-Sig-Value` over P-256: two integers of at most 33 bytes, each with two bytes of header, in a sequence.
const LARGEST_SIGNATURE: usize = 72;

// Object identifiers, contents only.
/// id-data, RFC 5652 §4
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
/// id-signedData, RFC 5652 §5.1
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// id-contentType, RFC 5652 §11.1
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
/// id-messageDigest, RFC 5652 §11.2
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
/// id-aa-signingCertificateV2, RFC 5035 §3
const SIGNING_CERTIFICATE_V2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];
/// id-sha256, RFC 5754 §2
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// ecdsa-with-SHA256, RFC 5758 §3.2
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Moment;

    fn chain() -> Chain {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.not_before = Moment(0).utc();
        Chain::from_der(vec![params.self_signed(&key).unwrap().der().to_vec()]).unwrap()
    }

    #[test]
    fn the_gap_is_never_smaller_than_a_signature() {
        let chain = chain();
        let largest = largest_size(&chain).unwrap();
        let attributes = SignedAttributes::new(Digest([0xff; 32]), &chain.der()[0]);
        for length in [8, 68, 70, 71, 72] {
            assert!(
                attributes
                    .signed(&Signature(vec![1; length]), &chain)
                    .unwrap()
                    .len()
                    <= largest
            );
        }
    }

    #[test]
    fn attributes_are_in_der_order() {
        let chain = chain();
        let attributes = SignedAttributes::new(Digest([1; 32]), &chain.der()[0]);
        let mut rest = der::contents(attributes.to_be_signed());
        let mut before: Vec<u8> = Vec::new();
        while !rest.is_empty() {
            let length = der::length_of_first(rest);
            let (one, more) = rest.split_at(length);
            assert!(before.as_slice() <= one);
            before = one.to_vec();
            rest = more;
        }
    }
}
