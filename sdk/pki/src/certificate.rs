//! One certificate: its bytes, and what they say.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use data_encoding::{BASE64, HEXUPPER};

use crate::Time;
use crate::algorithm::{AlgorithmIdentifier, SignatureAlgorithm, SignatureError};
use crate::budget::Kept;
use crate::der::{self, DerError, Reader};
use crate::digest::{Digest, DigestAlgorithm};
use crate::extensions::Extensions;
use crate::key::PublicKey;
use crate::name::Name;
use crate::oid::Oid;

/// A certificate (RFC 5280 §4.1), read strictly and kept as received. Cheap to clone; equal when
/// the bytes are equal. Reading it says nothing about believing it: see [`validate`](crate::validate).
#[derive(Clone)]
pub struct Certificate(Arc<Contents>);

struct Contents {
    der: Box<[u8]>,
    tbs: Range<usize>,
    version: u32,
    serial: Box<[u8]>,
    signature_algorithm: AlgorithmIdentifier,
    signature: Box<[u8]>,
    issuer: Name,
    subject: Name,
    not_before: Time,
    not_after: Time,
    public_key: PublicKey,
    extensions: Extensions,
}

/// Why bytes are not a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not DER, or not the structure of a certificate.
    #[error("this is not a certificate: {0}")]
    Encoding(#[from] DerError),
    /// An extension that decides over validity cannot be read.
    #[error("extension {oid} cannot be read: {error}")]
    Extension {
        /// Which extension.
        oid: Oid,
        /// What is wrong with it.
        error: DerError,
    },
    /// RFC 5280 §4.1.1.2: both algorithm fields must be the same.
    #[error("the certificate names two different signature algorithms")]
    Algorithms,
    /// RFC 5280 §4.1.2.1, §4.1.2.9.
    #[error("the certificate's version does not fit its contents")]
    Version,
    /// RFC 5280 §4.1.2.2: positive, at most 20 octets. (Zero and negative ones are read: they
    /// exist, and comparing bytes is safe.)
    #[error("the serial number is longer than 20 octets")]
    Serial,
    /// Larger than [`Certificate::MAX_OCTETS`].
    #[error("the certificate is too large")]
    TooLarge,
    /// No `-----BEGIN CERTIFICATE-----`, or its text is not base64.
    #[error("there is no certificate in this PEM text")]
    Pem,
}

impl Certificate {
    /// Certificates in use have one to five kilobytes; this leaves room for a portrait.
    pub const MAX_OCTETS: usize = 128 * 1024;

    /// Reads one certificate in DER, without a byte too many.
    pub fn from_der(bytes: &[u8]) -> Result<Self, CertificateError> {
        if bytes.len() > Self::MAX_OCTETS {
            return Err(CertificateError::TooLarge);
        }
        let mut outer = der::whole(bytes, der::SEQUENCE)?.reader()?;
        let tbs = outer.expect(der::SEQUENCE)?;
        let signature_algorithm = AlgorithmIdentifier::parse(&outer.expect(der::SEQUENCE)?)?;
        let signature = outer.expect(der::BIT_STRING)?.bit_octets()?;
        outer.finish()?;

        let mut inner = tbs.reader()?;
        let version = version(&mut inner)?;
        let serial = inner.expect(der::INTEGER)?.integer()?;
        let inner_algorithm = AlgorithmIdentifier::parse(&inner.expect(der::SEQUENCE)?)?;
        let issuer = Name::parse(&inner.expect(der::SEQUENCE)?)?;
        let mut validity = inner.expect(der::SEQUENCE)?.reader()?;
        let (not_before, not_after) = (validity.read()?.time()?, validity.read()?.time()?);
        validity.finish()?;
        let subject = Name::parse(&inner.expect(der::SEQUENCE)?)?;
        let public_key = PublicKey::parse(&inner.expect(der::SEQUENCE)?)?;
        let unique_ids = [
            inner.optional(der::context_primitive(1))?,
            inner.optional(der::context_primitive(2))?,
        ];
        let extensions = inner.optional(der::context(3))?;
        inner.finish()?;

        if signature_algorithm != inner_algorithm {
            return Err(CertificateError::Algorithms);
        }
        if serial.len() > MAX_SERIAL {
            return Err(CertificateError::Serial);
        }
        if (extensions.is_some() && version != 3) || (unique_ids.iter().any(Option::is_some) && version == 1)
        {
            return Err(CertificateError::Version);
        }
        let extensions = match extensions {
            Some(tlv) => {
                Extensions::read(&tlv.inner(der::SEQUENCE)?, &issuer).map_err(|(oid, error)| match oid {
                    Some(oid) => CertificateError::Extension { oid, error },
                    None => CertificateError::Encoding(error),
                })?
            }
            None => Extensions::default(),
        };
        Ok(Self(Arc::new(Contents {
            der: bytes.into(),
            tbs: tbs.span(),
            version,
            serial: serial.into(),
            signature_algorithm,
            signature: signature.into(),
            issuer,
            subject,
            not_before,
            not_after,
            public_key,
            extensions,
        })))
    }

    /// Reads every certificate of a PEM text (RFC 7468), in order: at least one.
    pub fn from_pem(text: &str) -> Result<Vec<Self>, CertificateError> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";
        let mut certificates = Vec::new();
        for block in text.split(BEGIN).skip(1) {
            let (body, _) = block.split_once(END).ok_or(CertificateError::Pem)?;
            let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            let bytes = BASE64
                .decode(body.as_bytes())
                .map_err(|_| CertificateError::Pem)?;
            certificates.push(Self::from_der(&bytes)?);
        }
        if certificates.is_empty() {
            Err(CertificateError::Pem)
        } else {
            Ok(certificates)
        }
    }

    /// The certificate as received.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// What its issuer signed.
    pub fn tbs(&self) -> &[u8] {
        self.0.der.get(self.0.tbs.clone()).unwrap_or_default()
    }

    /// 1, 2 or 3.
    pub fn version(&self) -> u32 {
        self.0.version
    }

    /// The contents of the INTEGER.
    pub fn serial(&self) -> &[u8] {
        &self.0.serial
    }

    /// The serial number in hexadecimal, as people compare it.
    pub fn serial_hex(&self) -> String {
        let digits = self
            .0
            .serial
            .strip_prefix(&[0])
            .filter(|rest| !rest.is_empty())
            .unwrap_or(&self.0.serial);
        HEXUPPER.encode(digits)
    }

    /// Who signed it.
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// Whom it names.
    pub fn subject(&self) -> &Name {
        &self.0.subject
    }

    /// The first moment of its validity.
    pub fn not_before(&self) -> Time {
        self.0.not_before
    }

    /// The last moment of its validity, included.
    pub fn not_after(&self) -> Time {
        self.0.not_after
    }

    /// The key it binds to its subject.
    pub fn public_key(&self) -> &PublicKey {
        &self.0.public_key
    }

    /// What its extensions say.
    pub fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }

    /// With which algorithm its issuer signed it.
    pub fn signature_algorithm(&self) -> &AlgorithmIdentifier {
        &self.0.signature_algorithm
    }

    /// RFC 5280 §3.2: subject and issuer are the same name.
    pub fn is_self_issued(&self) -> bool {
        self.0.subject == self.0.issuer
    }

    /// Its digest: what ESS attributes and people compare.
    pub fn fingerprint(&self, algorithm: DigestAlgorithm) -> Digest {
        algorithm.of(&self.0.der)
    }

    /// Did the holder of this key sign it? The name of the issuer is compared by the caller.
    pub fn verify_signed_by(&self, key: &PublicKey) -> Result<(), SignatureError> {
        SignatureAlgorithm::from_identifier(&self.0.signature_algorithm)?.verify(
            key,
            self.tbs(),
            &self.0.signature,
        )
    }
}

fn version(inner: &mut Reader<'_>) -> Result<u32, CertificateError> {
    let Some(tlv) = inner.optional(der::context(0))? else {
        return Ok(1);
    };
    match tlv.inner(der::INTEGER)?.small()? {
        1 => Ok(2),
        2 => Ok(3),
        _ => Err(CertificateError::Version),
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl Kept for Certificate {
    fn place(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl Hash for Certificate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.der.hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, serial {})", self.0.subject, self.serial_hex())
    }
}

/// RFC 5280 §4.1.2.2: up to 20 octets; one more for a leading zero, which some count separately.
const MAX_SERIAL: usize = 21;
