//! Public keys as certificates carry them.

use std::fmt;

use crate::algorithm::{self, AlgorithmIdentifier, SignatureAlgorithm};
use crate::der::{self, DerError, Tlv};
use crate::dsa;
use crate::oid;

/// A SubjectPublicKeyInfo (RFC 5280 §4.1.2.7); equal when its bytes are equal.
#[derive(Debug, Clone)]
pub struct PublicKey {
    kind: KeyKind,
    octets: Box<[u8]>,
    raw: Box<[u8]>,
    dsa: Option<dsa::Parameters>,
    only_pss: Option<OnlyPss>,
}

/// RFC 4055 §1.2: a key marked for RSASSA-PSS makes no other signatures.
#[derive(Debug, Clone, Copy)]
enum OnlyPss {
    /// Without parameters, any digest and salt.
    Any,
    /// §3.3: with this digest, and a salt no shorter than this one's.
    Like(SignatureAlgorithm),
}

/// What kind of key it is, as far as that decides how to use and judge it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// RFC 8017, with the length of the modulus.
    Rsa {
        /// Length of the modulus in bits.
        bits: u32,
    },
    /// RFC 5480, on a named curve.
    Ec(Curve),
    /// RFC 8410.
    Ed25519,
    /// RFC 3279 §2.3.2, with the length of the modulus; none when the issuer's parameters apply.
    Dsa {
        /// Length of the modulus in bits.
        bits: Option<u32>,
    },
    /// Something that is not checked here; the object identifier says what.
    Other(oid::Oid),
}

/// A named elliptic curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// secp256r1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
}

impl PublicKey {
    /// Reads the SEQUENCE. A key of an unknown kind is read too: it only verifies nothing.
    pub fn parse(tlv: &Tlv<'_>) -> Result<Self, DerError> {
        let mut reader = tlv.reader()?;
        let algorithm = AlgorithmIdentifier::parse(&reader.expect(der::SEQUENCE)?)?;
        let octets = reader.expect(der::BIT_STRING)?.bit_octets()?;
        reader.finish()?;
        let dsa = match algorithm.parameters() {
            Some(bytes) if algorithm.oid().is(oid::DSA) && bytes != [der::NULL, 0] => {
                Some(dsa::Parameters::parse(bytes)?)
            }
            _ => None,
        };
        let only_pss = match algorithm.parameters() {
            _ if !algorithm.oid().is(oid::RSASSA_PSS) => None,
            None => Some(OnlyPss::Any),
            Some(_) => algorithm::pss(&algorithm).ok().map(OnlyPss::Like),
        };
        let kind = match &dsa {
            Some(parameters) => KeyKind::Dsa {
                bits: Some(parameters.bits()),
            },
            None if algorithm.oid().is(oid::RSASSA_PSS) && only_pss.is_none() => {
                KeyKind::Other(algorithm.oid().clone())
            }
            None => kind(&algorithm, octets)?,
        };
        Ok(Self {
            kind,
            octets: octets.into(),
            raw: tlv.raw().into(),
            dsa,
            only_pss,
        })
    }

    /// What the key says about its own use (RFC 4055 §1.2, §3.3).
    pub(crate) fn permits(&self, algorithm: SignatureAlgorithm) -> bool {
        use SignatureAlgorithm::RsaPss;
        match (self.only_pss, algorithm) {
            (None, _) | (Some(OnlyPss::Any), RsaPss { .. }) => true,
            (
                Some(OnlyPss::Like(RsaPss {
                    digest: own,
                    salt: least,
                })),
                RsaPss { digest, salt },
            ) => digest == own && salt >= least,
            (Some(_), _) => false,
        }
    }

    /// RFC 5280 §6.1.4 e: a key without parameters has those of the key that signed its certificate.
    pub(crate) fn inheriting(&self, issuer: &Self) -> Self {
        let mut key = self.clone();
        if self.lacks_parameters() {
            key.dsa.clone_from(&issuer.dsa);
            key.kind = KeyKind::Dsa {
                bits: issuer.dsa.as_ref().map(dsa::Parameters::bits),
            };
        }
        key
    }

    /// Whether only the certificate above says what this key is.
    pub(crate) fn lacks_parameters(&self) -> bool {
        self.kind == KeyKind::Dsa { bits: None }
    }

    pub(crate) fn dsa(&self) -> Option<&dsa::Parameters> {
        self.dsa.as_ref()
    }

    /// How many multiplications it takes to raise to the public exponent of an RSA key: one for each of its bits and
    /// one more for each that is set. None for other keys.
    pub(crate) fn exponent_steps(&self) -> u32 {
        let exponent = || -> Result<u32, DerError> {
            let mut numbers = der::whole(&self.octets, der::SEQUENCE)?.reader()?;
            numbers.expect(der::INTEGER)?;
            let exponent = numbers.expect(der::INTEGER)?.integer()?;
            let set = exponent.iter().map(|octet| octet.count_ones()).sum();
            Ok(bits(exponent)?.saturating_add(set))
        };
        match self.kind {
            KeyKind::Rsa { .. } => exponent().unwrap_or(u32::MAX),
            _ => 0,
        }
    }

    /// What kind of key it is.
    pub fn kind(&self) -> &KeyKind {
        &self.kind
    }

    /// The contents of the BIT STRING: what OCSP and key identifiers digest.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The whole SubjectPublicKeyInfo as received.
    pub fn der(&self) -> &[u8] {
        &self.raw
    }
}

fn kind(algorithm: &AlgorithmIdentifier, octets: &[u8]) -> Result<KeyKind, DerError> {
    Ok(match algorithm.oid().contents() {
        // RFC 4055 §1.2: a key marked for PSS is an RSA key; see `permits`.
        oid::RSA_ENCRYPTION | oid::RSASSA_PSS => KeyKind::Rsa {
            bits: modulus_bits(octets)?,
        },
        oid::EC_PUBLIC_KEY => match curve(algorithm) {
            Some(curve) => KeyKind::Ec(curve),
            None => KeyKind::Other(algorithm.oid().clone()),
        },
        oid::ED25519 => KeyKind::Ed25519,
        oid::DSA => KeyKind::Dsa { bits: None },
        _ => KeyKind::Other(algorithm.oid().clone()),
    })
}

fn modulus_bits(octets: &[u8]) -> Result<u32, DerError> {
    let mut reader = der::whole(octets, der::SEQUENCE)?.reader()?;
    let modulus = reader.expect(der::INTEGER)?.integer()?;
    reader.expect(der::INTEGER)?.integer()?;
    reader.finish()?;
    bits(modulus)
}

/// The length of a positive number.
fn bits(contents: &[u8]) -> Result<u32, DerError> {
    let number = contents.strip_prefix(&[0]).unwrap_or(contents);
    let first = number.first().map_or(0, |byte| byte.leading_zeros());
    let bits = u32::try_from(number.len())
        .ok()
        .and_then(|octets| octets.checked_mul(8));
    Ok(bits.ok_or(DerError::Length)?.saturating_sub(first))
}

/// RFC 5480 §2.1.1: a named curve; explicit parameters are how CVE-2020-0601 was done.
fn curve(algorithm: &AlgorithmIdentifier) -> Option<Curve> {
    let named = der::whole(algorithm.parameters()?, der::OID).ok()?.oid().ok()?;
    match named.contents() {
        oid::SECP256R1 => Some(Curve::P256),
        oid::SECP384R1 => Some(Curve::P384),
        oid::SECP521R1 => Some(Curve::P521),
        _ => None,
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl Eq for PublicKey {}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            KeyKind::Rsa { bits } => write!(f, "RSA {bits}"),
            KeyKind::Ec(Curve::P256) => f.write_str("P-256"),
            KeyKind::Ec(Curve::P384) => f.write_str("P-384"),
            KeyKind::Ec(Curve::P521) => f.write_str("P-521"),
            KeyKind::Ed25519 => f.write_str("Ed25519"),
            KeyKind::Dsa { bits: Some(bits) } => write!(f, "DSA {bits}"),
            KeyKind::Dsa { bits: None } => f.write_str("DSA"),
            KeyKind::Other(oid) => write!(f, "key {oid}"),
        }
    }
}
