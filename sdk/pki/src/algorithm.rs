//! Algorithms: what an identifier means, and whether a signature verifies.
//!
//! Which of them may still be *believed* is another question, answered by
//! [`AlgorithmPolicy`](crate::AlgorithmPolicy).

use std::fmt;

use ring::{digest, signature};

use crate::der::{self, DerError, Reader, Rules, Tlv};
use crate::key::{Curve, KeyKind, PublicKey};
use crate::oid::{self, Oid};

/// An AlgorithmIdentifier (RFC 5280 §4.1.1.2); equal when its bytes are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlgorithmIdentifier {
    oid: Oid,
    parameters: Option<Box<[u8]>>,
}

impl AlgorithmIdentifier {
    /// Reads the SEQUENCE.
    pub fn parse(tlv: &Tlv<'_>) -> Result<Self, DerError> {
        let mut reader = tlv.reader()?;
        let oid = reader.oid()?;
        let parameters = if reader.is_empty() {
            None
        } else {
            Some(reader.read()?.raw().into())
        };
        reader.finish()?;
        Ok(Self { oid, parameters })
    }

    /// Which algorithm.
    pub fn oid(&self) -> &Oid {
        &self.oid
    }

    /// Its parameters, one encoded element.
    pub fn parameters(&self) -> Option<&[u8]> {
        self.parameters.as_deref()
    }

    pub(crate) fn has_no_parameters(&self) -> bool {
        matches!(self.parameters.as_deref(), None | Some([der::NULL, 0]))
    }
}

/// A digest that can be computed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DigestAlgorithm {
    /// Read so that old files can be explained; the policy refuses it for new ones.
    Sha1,
    /// FIPS 180-4.
    Sha256,
    /// FIPS 180-4.
    Sha384,
    /// FIPS 180-4.
    Sha512,
}

impl DigestAlgorithm {
    /// The digest that an identifier names, if it can be computed here.
    pub fn from_identifier(identifier: &AlgorithmIdentifier) -> Option<Self> {
        if identifier.has_no_parameters() {
            Self::from_oid(identifier.oid())
        } else {
            None
        }
    }

    /// The digest with this object identifier, if it can be computed here.
    pub fn from_oid(oid: &Oid) -> Option<Self> {
        match oid.contents() {
            oid::SHA1 => Some(Self::Sha1),
            oid::SHA256 => Some(Self::Sha256),
            oid::SHA384 => Some(Self::Sha384),
            oid::SHA512 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// Digests bytes that are at hand.
    pub fn of(self, bytes: &[u8]) -> Digest {
        Digest {
            algorithm: self,
            bytes: digest::digest(self.ring(), bytes).as_ref().into(),
        }
    }

    /// The length of its output.
    pub fn octets(self) -> usize {
        self.ring().output_len()
    }

    fn ring(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

/// A digest together with the algorithm that made it: neither means anything alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    bytes: Box<[u8]>,
}

impl Digest {
    /// A digest computed elsewhere; `None` when its length does not fit the algorithm.
    pub fn new(algorithm: DigestAlgorithm, bytes: &[u8]) -> Option<Self> {
        (bytes.len() == algorithm.octets()).then(|| Self {
            algorithm,
            bytes: bytes.into(),
        })
    }

    /// Which algorithm made it.
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// The octets.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Digests bytes as they stream by.
#[derive(Clone)]
pub struct Hasher {
    algorithm: DigestAlgorithm,
    context: digest::Context,
}

impl Hasher {
    /// Starts with nothing.
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        Self {
            algorithm,
            context: digest::Context::new(algorithm.ring()),
        }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
    }

    /// The digest of everything taken.
    pub fn finish(self) -> Digest {
        Digest {
            algorithm: self.algorithm,
            bytes: self.context.finish().as_ref().into(),
        }
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// A signature algorithm that can be checked here, its parameters included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RFC 8017 §8.2.
    RsaPkcs1(DigestAlgorithm),
    /// RFC 8017 §8.1, with MGF1 over the same digest and a salt as long as the digest: the only
    /// parameters that TS 119 312 and RFC 8692 profiles use.
    RsaPss(DigestAlgorithm),
    /// X9.62, SEC 1 §4.1.
    Ecdsa(DigestAlgorithm),
    /// RFC 8032 §5.1, pure.
    Ed25519,
}

/// Why a signature was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The mathematics say no.
    #[error("the signature does not verify")]
    Invalid,
    /// The algorithm belongs to another kind of key.
    #[error("the signature algorithm does not fit the key")]
    Mismatch,
    /// Not a judgement: this program cannot check it.
    #[error("{0} cannot be checked here")]
    Unsupported(String),
}

impl SignatureAlgorithm {
    /// What an identifier means when it stands alone: in certificates, lists and responses.
    pub fn from_identifier(identifier: &AlgorithmIdentifier) -> Result<Self, SignatureError> {
        Self::with_digest(identifier, None)
    }

    /// What an identifier means in a CMS SignerInfo, where `rsaEncryption` takes its digest from
    /// the field beside it (RFC 5754 §3.2) and every other algorithm has to agree with that field.
    pub fn with_digest(
        identifier: &AlgorithmIdentifier,
        digest: Option<DigestAlgorithm>,
    ) -> Result<Self, SignatureError> {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        let unsupported = || SignatureError::Unsupported(format!("signature algorithm {}", identifier.oid()));
        let named = match identifier.oid().contents() {
            oid::RSA_ENCRYPTION => Self::RsaPkcs1(digest.ok_or_else(unsupported)?),
            oid::SHA1_WITH_RSA => Self::RsaPkcs1(Sha1),
            oid::SHA256_WITH_RSA => Self::RsaPkcs1(Sha256),
            oid::SHA384_WITH_RSA => Self::RsaPkcs1(Sha384),
            oid::SHA512_WITH_RSA => Self::RsaPkcs1(Sha512),
            oid::RSASSA_PSS => return pss(identifier).and_then(|named| named.agreeing(digest)),
            oid::EC_PUBLIC_KEY => Self::Ecdsa(digest.ok_or_else(unsupported)?),
            oid::ECDSA_WITH_SHA1 => Self::Ecdsa(Sha1),
            oid::ECDSA_WITH_SHA256 => Self::Ecdsa(Sha256),
            oid::ECDSA_WITH_SHA384 => Self::Ecdsa(Sha384),
            oid::ECDSA_WITH_SHA512 => Self::Ecdsa(Sha512),
            oid::ED25519 => Self::Ed25519,
            _ => return Err(unsupported()),
        };
        if !identifier.has_no_parameters() && !identifier.oid().is(oid::EC_PUBLIC_KEY) {
            return Err(unsupported());
        }
        named.agreeing(digest)
    }

    fn agreeing(self, digest: Option<DigestAlgorithm>) -> Result<Self, SignatureError> {
        match (self.digest(), digest) {
            (Some(own), Some(other)) if own != other => Err(SignatureError::Mismatch),
            _ => Ok(self),
        }
    }

    /// The digest it applies to the message, when it is a separate step.
    pub fn digest(self) -> Option<DigestAlgorithm> {
        match self {
            Self::RsaPkcs1(digest) | Self::RsaPss(digest) | Self::Ecdsa(digest) => Some(digest),
            Self::Ed25519 => None,
        }
    }

    /// Is `signed` the signature of `message` by the holder of `key`?
    pub fn verify(self, key: &PublicKey, message: &[u8], signed: &[u8]) -> Result<(), SignatureError> {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        let algorithm: &dyn signature::VerificationAlgorithm = match (self, key.kind()) {
            (Self::RsaPkcs1(digest), KeyKind::Rsa { bits }) => match (digest, *bits) {
                (_, bits) if !RSA_BITS.contains(&bits) => return Err(unsupported(self, key)),
                (Sha1, _) => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
                (Sha256, _) => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
                (Sha384, 2048..) => &signature::RSA_PKCS1_2048_8192_SHA384,
                (Sha512, _) => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
                (Sha384, _) => return Err(unsupported(self, key)),
            },
            (Self::RsaPss(digest), KeyKind::Rsa { bits: 2048..=8192 }) => match digest {
                Sha256 => &signature::RSA_PSS_2048_8192_SHA256,
                Sha384 => &signature::RSA_PSS_2048_8192_SHA384,
                Sha512 => &signature::RSA_PSS_2048_8192_SHA512,
                Sha1 => return Err(unsupported(self, key)),
            },
            (Self::RsaPss(_), KeyKind::Rsa { .. }) => return Err(unsupported(self, key)),
            (Self::Ecdsa(digest), KeyKind::Ec(curve)) => match (curve, digest) {
                (Curve::P256, Sha256) => &signature::ECDSA_P256_SHA256_ASN1,
                (Curve::P256, Sha384) => &signature::ECDSA_P256_SHA384_ASN1,
                (Curve::P384, Sha256) => &signature::ECDSA_P384_SHA256_ASN1,
                (Curve::P384, Sha384) => &signature::ECDSA_P384_SHA384_ASN1,
                (curve, digest) => return ecdsa(*curve, key, &digest.of(message), signed),
            },
            (Self::Ed25519, KeyKind::Ed25519) => &signature::ED25519,
            _ => return Err(SignatureError::Mismatch),
        };
        let verified = signature::UnparsedPublicKey::new(algorithm, key.octets()).verify(message, signed);
        verified.map_err(|_| SignatureError::Invalid)
    }

    /// The same over a message of which only the digest is at hand: a long document without signed
    /// attributes. ECDSA alone can be checked so here; ring wants the message itself for RSA.
    pub fn verify_digest(
        self,
        key: &PublicKey,
        digest: &Digest,
        signed: &[u8],
    ) -> Result<(), SignatureError> {
        match (self, key.kind()) {
            (Self::Ecdsa(algorithm), KeyKind::Ec(curve)) if algorithm == digest.algorithm() => {
                ecdsa(*curve, key, digest, signed)
            }
            (Self::Ecdsa(_), _) => Err(SignatureError::Mismatch),
            _ => Err(SignatureError::Unsupported(format!("{self} over a digest"))),
        }
    }
}

/// ECDSA over a digest, for the curves and digests that ring does not combine (SEC 1 §4.1.4).
fn ecdsa(curve: Curve, key: &PublicKey, digest: &Digest, signed: &[u8]) -> Result<(), SignatureError> {
    macro_rules! on {
        ($curve:ident) => {{
            use $curve::ecdsa::signature::hazmat::PrehashVerifier;
            let invalid = |_| SignatureError::Invalid;
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(key.octets()).map_err(invalid)?;
            let signed = $curve::ecdsa::Signature::from_der(signed).map_err(invalid)?;
            key.verify_prehash(digest.bytes(), &signed).map_err(invalid)
        }};
    }
    match curve {
        Curve::P256 => on!(p256),
        Curve::P384 => on!(p384),
        // The crate refuses digests shorter than half the field: not a verdict on the signature.
        Curve::P521 if digest.bytes().len() < P521_LEAST_DIGEST => {
            Err(unsupported(SignatureAlgorithm::Ecdsa(digest.algorithm()), key))
        }
        Curve::P521 => on!(p521),
    }
}

/// RFC 4055 §3.1: absent fields mean SHA-1 and a salt of 20.
fn pss(identifier: &AlgorithmIdentifier) -> Result<SignatureAlgorithm, SignatureError> {
    let unsupported = |what: &str| SignatureError::Unsupported(format!("RSASSA-PSS with {what}"));
    let read = || -> Result<_, DerError> {
        let parameters = identifier
            .parameters()
            .ok_or(DerError::Value("RSASSA-PSS has no parameters"))?;
        let mut reader = der::whole(parameters, der::SEQUENCE)?.reader()?;
        let identifier = |tlv: Option<Tlv<'_>>| {
            tlv.map(|tlv| AlgorithmIdentifier::parse(&tlv.inner(der::SEQUENCE)?))
                .transpose()
        };
        let hash = identifier(reader.optional(der::context(0))?)?;
        let mask = identifier(reader.optional(der::context(1))?)?;
        let salt = match reader.optional(der::context(2))? {
            Some(tlv) => tlv.inner(der::INTEGER)?.small()?,
            None => 20,
        };
        let trailer = match reader.optional(der::context(3))? {
            Some(tlv) => tlv.inner(der::INTEGER)?.small()?,
            None => 1,
        };
        reader.finish()?;
        Ok((hash, mask, salt, trailer))
    };
    let (hash, mask, salt, trailer) = read().map_err(|_| unsupported("malformed parameters"))?;
    let hash = hash
        .as_ref()
        .and_then(DigestAlgorithm::from_identifier)
        .ok_or_else(|| unsupported("this digest"))?;
    let mask = mask
        .filter(|mask| mask.oid().is(oid::MGF1))
        .ok_or_else(|| unsupported("this mask"))?;
    let mask_digest = mask.parameters().and_then(|bytes| {
        let tlv = Reader::new(bytes, Rules::Der).read().ok()?;
        DigestAlgorithm::from_identifier(&AlgorithmIdentifier::parse(&tlv).ok()?)
    });
    if mask_digest != Some(hash) {
        return Err(unsupported("another digest in its mask"));
    }
    if usize::try_from(salt) != Ok(hash.octets()) || trailer != 1 {
        return Err(unsupported("a salt of another length than its digest"));
    }
    Ok(SignatureAlgorithm::RsaPss(hash))
}

fn unsupported(algorithm: SignatureAlgorithm, key: &PublicKey) -> SignatureError {
    SignatureError::Unsupported(format!("{algorithm} with {key}"))
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1(digest) => write!(f, "RSA with {digest}"),
            Self::RsaPss(digest) => write!(f, "RSA-PSS with {digest}"),
            Self::Ecdsa(digest) => write!(f, "ECDSA with {digest}"),
            Self::Ed25519 => f.write_str("Ed25519"),
        }
    }
}

/// Half of P-521's 66 octets.
const P521_LEAST_DIGEST: usize = 33;

/// Below, factoring is within anyone's reach; above, one check costs seconds.
const RSA_BITS: std::ops::RangeInclusive<u32> = 1024..=8192;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::encode;

    fn identifier(oid: &[u8], parameters: &[u8]) -> AlgorithmIdentifier {
        let inside = [encode(der::OID, oid), parameters.to_vec()].concat();
        AlgorithmIdentifier::parse(&der::whole(&encode(der::SEQUENCE, &inside), der::SEQUENCE).unwrap())
            .unwrap()
    }

    fn pss_parameters(hash: &[u8], mask_hash: &[u8], salt: u8) -> Vec<u8> {
        let hash = encode(der::SEQUENCE, &encode(der::OID, hash));
        let mask_hash = encode(der::SEQUENCE, &encode(der::OID, mask_hash));
        let mask = encode(der::SEQUENCE, &[encode(der::OID, oid::MGF1), mask_hash].concat());
        let salt = encode(der::INTEGER, &[salt]);
        let all = [encode(0xa0, &hash), encode(0xa1, &mask), encode(0xa2, &salt)].concat();
        encode(der::SEQUENCE, &all)
    }

    #[test]
    fn pss_is_read_when_mask_and_salt_follow_the_digest() {
        let read =
            |parameters: &[u8]| SignatureAlgorithm::from_identifier(&identifier(oid::RSASSA_PSS, parameters));
        let good = pss_parameters(oid::SHA256, oid::SHA256, 32);
        assert_eq!(
            read(&good),
            Ok(SignatureAlgorithm::RsaPss(DigestAlgorithm::Sha256))
        );
        for bad in [
            pss_parameters(oid::SHA256, oid::SHA1, 32),
            pss_parameters(oid::SHA256, oid::SHA256, 0),
            encode(der::SEQUENCE, &[]),
            vec![],
        ] {
            assert!(matches!(read(&bad), Err(SignatureError::Unsupported(_))));
        }
    }

    #[test]
    fn rsa_encryption_takes_its_digest_from_the_field_beside_it() {
        let rsa = identifier(oid::RSA_ENCRYPTION, &[5, 0]);
        let digest = Some(DigestAlgorithm::Sha512);
        let read = SignatureAlgorithm::with_digest(&rsa, digest);
        assert_eq!(read, Ok(SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha512)));
        assert!(SignatureAlgorithm::from_identifier(&rsa).is_err());
    }

    #[test]
    fn a_digest_that_contradicts_the_signature_algorithm_is_refused() {
        let ecdsa = identifier(oid::ECDSA_WITH_SHA256, &[]);
        let read = SignatureAlgorithm::with_digest(&ecdsa, Some(DigestAlgorithm::Sha384));
        assert_eq!(read, Err(SignatureError::Mismatch));
    }

    #[test]
    fn parameters_where_none_belong_are_refused() {
        let odd = identifier(oid::ED25519, &[2, 1, 1]);
        assert!(SignatureAlgorithm::from_identifier(&odd).is_err());
    }

    #[test]
    fn a_digest_of_the_wrong_length_is_none() {
        assert_eq!(Digest::new(DigestAlgorithm::Sha256, &[0; 20]), None);
    }
}
