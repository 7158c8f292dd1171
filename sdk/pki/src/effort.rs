//! What a check costs, in thousandths of a verification of ECDSA P-256: about 80 ns on the machine they were measured on.
//! The processor and the compiler decide over the nanoseconds; the proportions are what a budget needs.

use crate::algorithm::SignatureAlgorithm;
use crate::digest::DigestAlgorithm;
use crate::key::{Curve, KeyKind, PublicKey};

/// What something costs, see [`Budget`](crate::Budget).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effort(u64);

impl Effort {
    /// So many verifications of ECDSA P-256.
    pub const fn checks(count: u64) -> Self {
        Self(ONE_CHECK.saturating_mul(count))
    }

    /// One verification with this key of a message of so many octets, which is digested first. The figures are those that
    /// `bench verify checks` measures, rounded up.
    pub fn signature(algorithm: SignatureAlgorithm, key: &PublicKey, octets: usize) -> Self {
        let check = match key.kind() {
            KeyKind::Ec(Curve::P256) if is_rings_ecdsa(algorithm) => ONE_CHECK,
            KeyKind::Ec(Curve::P384) => 11_500,
            KeyKind::Ed25519 => 700,
            KeyKind::Rsa { bits } if is_rings_rsa(algorithm, *bits) => rsa(*bits, key.exponent_steps()),
            _ => return Self::over_digest(key).and(Self::digest(octets)),
        };
        Self(check).and(Self::digest(octets))
    }

    /// One verification when the digest was made elsewhere, or of what ring does not offer: see `software`.
    pub fn over_digest(key: &PublicKey) -> Self {
        Self(match key.kind() {
            KeyKind::Ec(Curve::P256) => 3_100,
            KeyKind::Ec(Curve::P384) => 11_500,
            KeyKind::Ec(Curve::P521) => 9_500,
            KeyKind::Ed25519 | KeyKind::Other(_) => LEAST,
            KeyKind::Rsa { bits } => portable_rsa(*bits),
            KeyKind::Dsa { bits } => dsa(bits.unwrap_or(LONGEST_DSA)),
        })
    }

    /// Digesting so many octets, or comparing or reading as many in another way.
    pub fn digest(octets: usize) -> Self {
        Self(wide(octets).div_ceil(OCTETS_OF_ONE).saturating_add(LEAST))
    }

    /// Reading the entries of a revocation list of so many octets.
    pub fn entries(octets: usize) -> Self {
        Self(wide(octets).div_ceil(ENTRY_OCTETS_OF_ONE).saturating_add(LEAST))
    }

    /// So many comparisons of names, numbers or references that mostly differ.
    pub fn comparisons(count: usize) -> Self {
        Self(wide(count).div_ceil(COMPARISONS_OF_ONE))
    }

    /// As often.
    #[must_use]
    pub fn times(self, count: usize) -> Self {
        Self(self.0.saturating_mul(wide(count)))
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// In thousandths of a verification of ECDSA P-256.
    pub fn thousandths(self) -> u64 {
        self.0
    }
}

/// A multiplication, which takes the square of the length, for each step of the exponentiation.
fn rsa(bits: u32, steps: u32) -> u64 {
    let words = u64::from(bits.div_ceil(64));
    let steps = words.saturating_pow(2).saturating_mul(u64::from(steps));
    (steps / 56).max(LEAST)
}

/// The same time for every exponent.
fn portable_rsa(bits: u32) -> u64 {
    let words = u64::from(bits.div_ceil(64));
    words.saturating_mul(words.saturating_mul(2).saturating_add(40))
}

fn dsa(bits: u32) -> u64 {
    let length = u64::from(bits.div_ceil(1024));
    length
        .saturating_pow(2)
        .saturating_mul(4_500)
        .saturating_add(ONE_CHECK)
}

fn is_rings_ecdsa(algorithm: SignatureAlgorithm) -> bool {
    use DigestAlgorithm::{Sha256, Sha384};
    matches!(algorithm, SignatureAlgorithm::Ecdsa(Sha256 | Sha384))
}

fn is_rings_rsa(algorithm: SignatureAlgorithm, bits: u32) -> bool {
    match algorithm {
        SignatureAlgorithm::RsaPss { digest, salt } => bits >= 2048 && salt == digest.octets(),
        SignatureAlgorithm::RsaPkcs1(digest) => bits >= 2048 || digest != DigestAlgorithm::Sha384,
        _ => false,
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

const ONE_CHECK: u64 = 1_000;
/// FIPS 186-4 §4.2.
const LONGEST_DSA: u32 = 3072;
/// Starting anything at all.
const LEAST: u64 = 2;
/// SHA-512 where SHA-256 has instructions of its own: the slower of the two.
const OCTETS_OF_ONE: u64 = 40;
/// An entry of 35 octets takes as long as two comparisons.
const ENTRY_OCTETS_OF_ONE: u64 = 24;
/// Names that differ do so early.
const COMPARISONS_OF_ONE: u64 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::{self, encode};
    use crate::oid;

    fn key(algorithm: &[u8], parameters: &[u8], octets: &[u8]) -> PublicKey {
        let identifier = encode(
            der::SEQUENCE,
            &[encode(der::OID, algorithm), parameters.to_vec()].concat(),
        );
        let bits = encode(der::BIT_STRING, &[&[0], octets].concat());
        let info = encode(der::SEQUENCE, &[identifier, bits].concat());
        PublicKey::parse(&der::whole(&info, der::SEQUENCE).unwrap()).unwrap()
    }

    /// The generator is a public key like any other.
    fn generator(curve: &[u8], point: &str) -> PublicKey {
        let point = data_encoding::HEXLOWER.decode(point.as_bytes()).unwrap();
        key(oid::EC_PUBLIC_KEY, &encode(der::OID, curve), &point)
    }

    fn integer(octets: &[u8]) -> Vec<u8> {
        encode(der::INTEGER, &[&[0], octets].concat())
    }

    fn rsa_key(octets: usize, exponent: &[u8]) -> PublicKey {
        let numbers = [integer(&vec![0xb5; octets]), encode(der::INTEGER, exponent)].concat();
        key(
            oid::RSA_ENCRYPTION,
            &[der::NULL, 0],
            &encode(der::SEQUENCE, &numbers),
        )
    }

    fn pair(octets: usize) -> Vec<u8> {
        let one = encode(der::INTEGER, &vec![0x5a; octets]);
        encode(der::SEQUENCE, &[one.clone(), one].concat())
    }

    fn dsa_key(octets: usize) -> PublicKey {
        let below = encode(der::INTEGER, &vec![0x5b; octets]);
        let parameters = [integer(&vec![0xb5; octets]), integer(&[0xb5; 32]), below];
        key(
            oid::DSA,
            &encode(der::SEQUENCE, &parameters.concat()),
            &encode(der::INTEGER, &vec![0x5d; octets]),
        )
    }

    /// Wrong signatures, which take as long as right ones.
    fn checks() -> Vec<(&'static str, SignatureAlgorithm, PublicKey, Vec<u8>)> {
        use DigestAlgorithm::{Sha256, Sha384, Sha512};
        use SignatureAlgorithm::{Dsa, Ecdsa, Ed25519, RsaPkcs1, RsaPss};
        let (p256, p384, p521) = (
            generator(oid::SECP256R1, P256),
            generator(oid::SECP384R1, P384),
            generator(oid::SECP521R1, P521),
        );
        let base = [&[0x58_u8][..], &[0x66; 31]].concat();
        let edwards = [&base[..], &[1; 32]].concat();
        let largest: &[u8] = &[1, 0xff, 0xff, 0xff, 0xff];
        let usual: &[u8] = &[1, 0, 1];
        vec![
            ("P-256", Ecdsa(Sha256), p256.clone(), pair(32)),
            ("P-256, SHA-512", Ecdsa(Sha512), p256, pair(32)),
            ("P-384", Ecdsa(Sha384), p384.clone(), pair(48)),
            ("P-384, SHA-512", Ecdsa(Sha512), p384, pair(48)),
            ("P-521", Ecdsa(Sha512), p521, pair(65)),
            ("Ed25519", Ed25519, key(oid::ED25519, &[], &base), edwards),
            ("RSA 2048", RsaPkcs1(Sha256), rsa_key(256, usual), vec![0x5a; 256]),
            (
                "RSA 2048, large exponent",
                RsaPkcs1(Sha256),
                rsa_key(256, largest),
                vec![0x5a; 256],
            ),
            ("RSA 4096", RsaPkcs1(Sha256), rsa_key(512, usual), vec![0x5a; 512]),
            (
                "RSA 8192",
                RsaPkcs1(Sha256),
                rsa_key(1024, usual),
                vec![0x5a; 1024],
            ),
            (
                "RSA 8192, large exponent",
                RsaPkcs1(Sha256),
                rsa_key(1024, largest),
                vec![0x5a; 1024],
            ),
            (
                "RSA 8192, salt of its own",
                RsaPss {
                    digest: Sha256,
                    salt: 20,
                },
                rsa_key(1024, usual),
                vec![0x5a; 1024],
            ),
            (
                "RSA 8192, salt of its own, large exponent",
                RsaPss {
                    digest: Sha256,
                    salt: 20,
                },
                rsa_key(1024, largest),
                vec![0x5a; 1024],
            ),
            (
                "RSA 2048, salt of its own, large exponent",
                RsaPss {
                    digest: Sha256,
                    salt: 20,
                },
                rsa_key(256, largest),
                vec![0x5a; 256],
            ),
            ("DSA 1024", Dsa(Sha256), dsa_key(128), pair(32)),
            ("DSA 3072", Dsa(Sha256), dsa_key(384), pair(32)),
        ]
    }

    #[test]
    fn larger_keys_and_longer_messages_cost_more() {
        let cost = |name: &str, octets| {
            let all = checks();
            let (_, algorithm, key, _) = all.iter().find(|(one, ..)| *one == name).unwrap();
            Effort::signature(*algorithm, key, octets)
        };
        assert!(cost("P-256", 100) < cost("P-384", 100));
        assert!(cost("P-256", 100) < cost("P-521", 100));
        assert!(cost("RSA 2048", 100) < cost("RSA 8192", 100));
        assert!(cost("RSA 2048", 100) < cost("RSA 2048, large exponent", 100));
        assert!(cost("P-256", 100) < cost("P-256", 1_000_000));
    }

    const P256: &str = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    const P384: &str = "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab73617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f";
    const P521: &str = "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650";
}
