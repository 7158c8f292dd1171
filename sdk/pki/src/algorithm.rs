//! Algorithms: what an identifier means, and whether a signature verifies.
//!
//! Which of them may still be *believed* is another question, answered by
//! [`AlgorithmPolicy`](crate::AlgorithmPolicy).

use std::fmt;

use ring::signature;

use crate::der::{self, DerError, Reader, Rules, Tlv};
use crate::digest::{Digest, DigestAlgorithm};
use crate::key::{Curve, KeyKind, PublicKey};
use crate::oid::{self, Oid};
use crate::software;

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

/// A signature algorithm that can be checked here, its parameters included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RFC 8017 §8.2.
    RsaPkcs1(DigestAlgorithm),
    /// RFC 8017 §8.1, with MGF1 over the same digest.
    RsaPss {
        /// Of the message and of the mask.
        digest: DigestAlgorithm,
        /// Length of the salt in octets.
        salt: usize,
    },
    /// X9.62, SEC 1 §4.1.
    Ecdsa(DigestAlgorithm),
    /// RFC 8032 §5.1, pure.
    Ed25519,
    /// FIPS 186-4 §4.7.
    Dsa(DigestAlgorithm),
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
            oid::RSASSA_PSS => return salted(pss(identifier)?).and_then(|named| named.agreeing(digest)),
            oid::EC_PUBLIC_KEY => Self::Ecdsa(digest.ok_or_else(unsupported)?),
            oid::ECDSA_WITH_SHA1 => Self::Ecdsa(Sha1),
            oid::ECDSA_WITH_SHA256 => Self::Ecdsa(Sha256),
            oid::ECDSA_WITH_SHA384 => Self::Ecdsa(Sha384),
            oid::ECDSA_WITH_SHA512 => Self::Ecdsa(Sha512),
            oid::ED25519 => Self::Ed25519,
            oid::DSA_WITH_SHA1 => Self::Dsa(Sha1),
            oid::DSA_WITH_SHA256 => Self::Dsa(Sha256),
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
            Self::RsaPkcs1(digest)
            | Self::RsaPss { digest, .. }
            | Self::Ecdsa(digest)
            | Self::Dsa(digest) => Some(digest),
            Self::Ed25519 => None,
        }
    }

    /// Is `signed` the signature of `message` by the holder of `key`?
    pub fn verify(self, key: &PublicKey, message: &[u8], signed: &[u8]) -> Result<(), SignatureError> {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        if !key.permits(self) {
            return Err(SignatureError::Mismatch);
        }
        let algorithm: &dyn signature::VerificationAlgorithm = match (self, key.kind()) {
            (Self::RsaPkcs1(digest), KeyKind::Rsa { bits }) => match (digest, *bits) {
                (_, bits) if !RSA_BITS.contains(&bits) => return Err(unsupported(self, key)),
                (Sha1, _) => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
                (Sha256, _) => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
                (Sha384, 2048..) => &signature::RSA_PKCS1_2048_8192_SHA384,
                (Sha512, _) => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
                (Sha384, _) => return self.verify_digest(key, &digest.of(message), signed),
            },
            (Self::RsaPss { digest, salt }, KeyKind::Rsa { bits }) => match (digest, *bits) {
                (_, bits) if !RSA_BITS.contains(&bits) => return Err(unsupported(self, key)),
                (Sha256, 2048..) if salt == digest.octets() => &signature::RSA_PSS_2048_8192_SHA256,
                (Sha384, 2048..) if salt == digest.octets() => &signature::RSA_PSS_2048_8192_SHA384,
                (Sha512, 2048..) if salt == digest.octets() => &signature::RSA_PSS_2048_8192_SHA512,
                _ => return self.verify_digest(key, &digest.of(message), signed),
            },
            (Self::Ecdsa(digest), KeyKind::Ec(curve)) => match (curve, digest) {
                (Curve::P256, Sha256) => &signature::ECDSA_P256_SHA256_ASN1,
                (Curve::P256, Sha384) => &signature::ECDSA_P256_SHA384_ASN1,
                (Curve::P384, Sha256) => &signature::ECDSA_P384_SHA256_ASN1,
                (Curve::P384, Sha384) => &signature::ECDSA_P384_SHA384_ASN1,
                (curve, digest) => return software::ecdsa(*curve, key, &digest.of(message), signed),
            },
            (Self::Ed25519, KeyKind::Ed25519) => &signature::ED25519,
            (Self::Dsa(digest), KeyKind::Dsa { .. }) => {
                return self.verify_digest(key, &digest.of(message), signed);
            }
            // Nobody knows what such a key signed, so nothing is known to be forged.
            (_, KeyKind::Other(_)) => return Err(unsupported(self, key)),
            _ => return Err(SignatureError::Mismatch),
        };
        let verified = signature::UnparsedPublicKey::new(algorithm, key.octets()).verify(message, signed);
        verified.map_err(|_| SignatureError::Invalid)
    }

    /// The same over a message of which only the digest is at hand: a long document that is signed
    /// directly. Ed25519 cannot be checked so.
    pub fn verify_digest(
        self,
        key: &PublicKey,
        digest: &Digest,
        signed: &[u8],
    ) -> Result<(), SignatureError> {
        if self.digest().is_some_and(|own| own != digest.algorithm()) || !key.permits(self) {
            return Err(SignatureError::Mismatch);
        }
        match (self, key.kind()) {
            (Self::Ed25519, _) => Err(SignatureError::Unsupported(format!("{self} over a digest"))),
            (Self::Dsa(_), KeyKind::Dsa { .. }) => match key.dsa() {
                Some(parameters) => parameters.verify(key.octets(), digest, signed),
                None => Err(unsupported(self, key)),
            },
            (Self::Ecdsa(_), KeyKind::Ec(curve)) => software::ecdsa(*curve, key, digest, signed),
            (Self::RsaPkcs1(_) | Self::RsaPss { .. }, KeyKind::Rsa { bits }) if RSA_BITS.contains(bits) => {
                software::rsa(self, key, digest, signed)
            }
            (Self::RsaPkcs1(_) | Self::RsaPss { .. }, KeyKind::Rsa { .. }) | (_, KeyKind::Other(_)) => {
                Err(unsupported(self, key))
            }
            _ => Err(SignatureError::Mismatch),
        }
    }
}

/// RFC 8017 §9.1, note 4, knows PSS without salt; here it counts as a signature that was tampered with.
fn salted(algorithm: SignatureAlgorithm) -> Result<SignatureAlgorithm, SignatureError> {
    match algorithm {
        SignatureAlgorithm::RsaPss { salt: 0, .. } => Err(SignatureError::Invalid),
        other => Ok(other),
    }
}

/// RFC 4055 §3.1: absent fields mean SHA-1 and a salt of 20.
pub(crate) fn pss(identifier: &AlgorithmIdentifier) -> Result<SignatureAlgorithm, SignatureError> {
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
    let salt = usize::try_from(salt).map_err(|_| unsupported("a salt this long"))?;
    if trailer != 1 || salt > RSA_MAX_BITS / 8 {
        return Err(unsupported("another trailer, or a salt longer than a key"));
    }
    Ok(SignatureAlgorithm::RsaPss { digest: hash, salt })
}

pub(crate) fn unsupported(algorithm: SignatureAlgorithm, key: &PublicKey) -> SignatureError {
    SignatureError::Unsupported(format!("{algorithm} with {key}"))
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1(digest) => write!(f, "RSA with {digest}"),
            Self::RsaPss { digest, .. } => write!(f, "RSA-PSS with {digest}"),
            Self::Ecdsa(digest) => write!(f, "ECDSA with {digest}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Dsa(digest) => write!(f, "DSA with {digest}"),
        }
    }
}

/// Below, factoring is within anyone's reach; above, one check costs seconds.
const RSA_BITS: std::ops::RangeInclusive<u32> = 1024..=8192;
pub(crate) const RSA_MAX_BITS: usize = 8192;

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
    fn row_58_pss_is_read_when_its_mask_follows_its_digest() {
        let read =
            |parameters: &[u8]| SignatureAlgorithm::from_identifier(&identifier(oid::RSASSA_PSS, parameters));
        let good = pss_parameters(oid::SHA256, oid::SHA256, 32);
        let (digest, salt) = (DigestAlgorithm::Sha256, 32);
        assert_eq!(read(&good), Ok(SignatureAlgorithm::RsaPss { digest, salt }));
        for bad in [
            pss_parameters(oid::SHA256, oid::SHA1, 32),
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
    fn row_58_a_digest_that_contradicts_the_signature_algorithm_is_refused() {
        let ecdsa = identifier(oid::ECDSA_WITH_SHA256, &[]);
        let read = SignatureAlgorithm::with_digest(&ecdsa, Some(DigestAlgorithm::Sha384));
        assert_eq!(read, Err(SignatureError::Mismatch));
    }

    #[test]
    fn row_58_parameters_where_none_belong_are_refused() {
        let odd = identifier(oid::ED25519, &[2, 1, 1]);
        assert!(SignatureAlgorithm::from_identifier(&odd).is_err());
    }
}
