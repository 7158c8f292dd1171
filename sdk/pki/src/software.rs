//! What ring does not offer: digests made elsewhere, P-521, other combinations of curve and digest,
//! other salts. All of it works on public data, so its timing gives nothing away.

use crate::algorithm::{RSA_MAX_BITS, SignatureAlgorithm, SignatureError, unsupported};
use crate::der::{self, DerError};
use crate::digest::{Digest, DigestAlgorithm};
use crate::key::{Curve, PublicKey};
use crate::oid;

/// RSA over a digest (RFC 8017 §8). Verification uses the public key alone; RUSTSEC-2023-0071 is about private ones.
pub(crate) fn rsa(
    algorithm: SignatureAlgorithm,
    key: &PublicKey,
    digest: &Digest,
    signed: &[u8],
) -> Result<(), SignatureError> {
    use rsa::sha2::{Sha256, Sha384, Sha512};
    use rsa::{Pkcs1v15Sign, Pss};
    let (modulus, exponent) = rsa_public_key(key.octets()).map_err(|_| SignatureError::Invalid)?;
    let key = rsa::RsaPublicKey::new_with_max_size(
        rsa::BigUint::from_bytes_be(modulus),
        rsa::BigUint::from_bytes_be(exponent),
        RSA_MAX_BITS,
    );
    let key = key.map_err(|_| SignatureError::Invalid)?;
    let (of, bytes) = (digest.algorithm(), digest.bytes());
    let verified = match algorithm {
        SignatureAlgorithm::RsaPss { salt, .. } => {
            let scheme = match of {
                DigestAlgorithm::Sha256 => Pss::new_with_salt::<Sha256>(salt),
                DigestAlgorithm::Sha384 => Pss::new_with_salt::<Sha384>(salt),
                DigestAlgorithm::Sha512 => Pss::new_with_salt::<Sha512>(salt),
                DigestAlgorithm::Sha1 => return Err(SignatureError::Unsupported(algorithm.to_string())),
            };
            key.verify(scheme, bytes, signed)
        }
        _ => key.verify(
            Pkcs1v15Sign {
                hash_len: Some(bytes.len()),
                prefix: digest_info_prefix(of),
            },
            bytes,
            signed,
        ),
    };
    verified.map_err(|_| SignatureError::Invalid)
}

/// RFC 8017 §A.1.1: modulus and exponent.
fn rsa_public_key(octets: &[u8]) -> Result<(&[u8], &[u8]), DerError> {
    let mut reader = der::whole(octets, der::SEQUENCE)?.reader()?;
    let (modulus, exponent) = (
        reader.expect(der::INTEGER)?.integer()?,
        reader.expect(der::INTEGER)?.integer()?,
    );
    reader.finish()?;
    Ok((modulus, exponent))
}

/// RFC 8017 §9.2, note 1: DigestInfo up to the digest itself.
fn digest_info_prefix(algorithm: DigestAlgorithm) -> Box<[u8]> {
    let oid = match algorithm {
        DigestAlgorithm::Sha1 => oid::SHA1,
        DigestAlgorithm::Sha256 => oid::SHA256,
        DigestAlgorithm::Sha384 => oid::SHA384,
        DigestAlgorithm::Sha512 => oid::SHA512,
    };
    let identifier = der::encode(
        der::SEQUENCE,
        &[&der::encode(der::OID, oid)[..], &[der::NULL, 0]].concat(),
    );
    let digest = der::encode(der::OCTET_STRING, &vec![0; algorithm.octets()]);
    let mut info = der::encode(der::SEQUENCE, &[identifier, digest].concat());
    info.truncate(info.len().saturating_sub(algorithm.octets()));
    info.into()
}

/// ECDSA over a digest (SEC 1 §4.1.4).
pub(crate) fn ecdsa(
    curve: Curve,
    key: &PublicKey,
    digest: &Digest,
    signed: &[u8],
) -> Result<(), SignatureError> {
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

/// Half of P-521's 66 octets.
const P521_LEAST_DIGEST: usize = 33;
