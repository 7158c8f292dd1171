//! Public keys of every kind that is checked, each with a signature value that nobody computed: a wrong signature takes
//! as long as a right one. The generator of a curve is a public key like any other, and so is a modulus of any digits.

use sdk_pki::der::{self, encode};
use sdk_pki::oid;

use crate::browser::Trouble;

/// A key, and a signature that it did not make.
#[derive(Clone)]
pub struct Kind {
    /// For people.
    pub name: &'static str,
    /// SubjectPublicKeyInfo.
    pub key: Vec<u8>,
    /// AlgorithmIdentifier of the signature.
    pub algorithm: Vec<u8>,
    /// The signature value.
    pub value: Vec<u8>,
}

/// Every kind, the unit of the others first.
///
/// # Errors
/// A generator that is no hexadecimal.
pub fn all() -> Result<Vec<Kind>, Trouble> {
    let [p256, p384, p521] = [
        ec(oid::SECP256R1, P256)?,
        ec(oid::SECP384R1, P384)?,
        ec(oid::SECP521R1, P521)?,
    ];
    let ecdsa = |name, key: &[u8], with, octets| Kind {
        name,
        key: key.to_vec(),
        algorithm: identifier(with, &[]),
        value: pair(octets),
    };
    let pkcs1 = |name, octets, exponent: &[u8]| Kind {
        name,
        key: rsa(octets, ODD, exponent),
        algorithm: identifier(oid::SHA256_WITH_RSA, &[der::NULL, 0]),
        value: vec![0x5a; octets],
    };
    let pss = |name, octets, last, exponent: &[u8]| Kind {
        name,
        key: rsa(octets, last, exponent),
        algorithm: identifier(oid::RSASSA_PSS, &salted(20)),
        value: vec![0x5a; octets],
    };
    let dsa = |name, octets| Kind {
        name,
        key: dsa(octets),
        algorithm: identifier(oid::DSA_WITH_SHA256, &[]),
        value: pair(32),
    };
    let base = [&[0x58_u8][..], &[0x66; 31]].concat();
    Ok(vec![
        ecdsa("P-256", &p256, oid::ECDSA_WITH_SHA256, 32),
        ecdsa("P-256, SHA-512", &p256, oid::ECDSA_WITH_SHA512, 32),
        ecdsa("P-384", &p384, oid::ECDSA_WITH_SHA384, 48),
        ecdsa("P-384, SHA-512", &p384, oid::ECDSA_WITH_SHA512, 48),
        ecdsa("P-521", &p521, oid::ECDSA_WITH_SHA512, 65),
        Kind {
            name: "Ed25519",
            key: info(identifier(oid::ED25519, &[]), &base),
            algorithm: identifier(oid::ED25519, &[]),
            value: [&base[..], &[1; 32]].concat(),
        },
        pkcs1("RSA 2048", 256, USUAL),
        pkcs1("RSA 2048, large exponent", 256, LARGEST),
        pkcs1("RSA 3072", 384, USUAL),
        pkcs1("RSA 4096", 512, USUAL),
        pkcs1("RSA 8192", 1024, USUAL),
        pkcs1("RSA 8192, large exponent", 1024, LARGEST),
        pkcs1("RSA 8192, exponent as long as the modulus", 1024, &[0x55; 1024]),
        pkcs1("RSA 16384", 2048, USUAL),
        pss("RSA 2048, salt of its own, large exponent", 256, ODD, LARGEST),
        pss("RSA 8192, salt of its own", 1024, ODD, USUAL),
        pss("RSA 8192, salt of its own, large exponent", 1024, ODD, LARGEST),
        pss("RSA 8192, salt of its own, even modulus", 1024, EVEN, LARGEST),
        dsa("DSA 1024", 128),
        dsa("DSA 3072", 384),
    ])
}

/// The kind of this name.
///
/// # Errors
/// There is none.
pub fn named(name: &str) -> Result<Kind, Trouble> {
    let found = all()?.into_iter().find(|kind| kind.name == name);
    found.ok_or_else(|| format!("no key is called {name}").into())
}

fn ec(curve: &[u8], point: &str) -> Result<Vec<u8>, Trouble> {
    let point = data_encoding::HEXLOWER.decode(point.as_bytes())?;
    let named = encode(der::OID, curve);
    Ok(info(identifier(oid::EC_PUBLIC_KEY, &named), &point))
}

fn rsa(octets: usize, last: u8, exponent: &[u8]) -> Vec<u8> {
    let numbers = [number(octets, last), encode(der::INTEGER, exponent)].concat();
    let key = encode(der::SEQUENCE, &numbers);
    info(identifier(oid::RSA_ENCRYPTION, &[der::NULL, 0]), &key)
}

fn dsa(octets: usize) -> Vec<u8> {
    let below = |digit: u8| encode(der::INTEGER, &vec![digit; octets]);
    let parameters = [number(octets, ODD), number(32, ODD), below(0x5b)].concat();
    info(
        identifier(oid::DSA, &encode(der::SEQUENCE, &parameters)),
        &below(0x5d),
    )
}

/// A large number that ends with this octet.
fn number(octets: usize, last: u8) -> Vec<u8> {
    let digits = vec![0xb5; octets.saturating_sub(1)];
    encode(der::INTEGER, &[&[0], &digits[..], &[last]].concat())
}

fn pair(octets: usize) -> Vec<u8> {
    let one = encode(der::INTEGER, &vec![0x5a; octets]);
    encode(der::SEQUENCE, &[one.clone(), one].concat())
}

/// RFC 4055 §3.1, with SHA-256 and a salt of this length.
fn salted(salt: u8) -> Vec<u8> {
    let sha256 = identifier(oid::SHA256, &[]);
    let fields = [
        encode(der::context(0), &sha256),
        encode(der::context(1), &identifier(oid::MGF1, &sha256)),
        encode(der::context(2), &encode(der::INTEGER, &[salt])),
    ];
    encode(der::SEQUENCE, &fields.concat())
}

fn info(algorithm: Vec<u8>, key: &[u8]) -> Vec<u8> {
    let key = encode(der::BIT_STRING, &[&[0], key].concat());
    encode(der::SEQUENCE, &[algorithm, key].concat())
}

fn identifier(oid: &[u8], parameters: &[u8]) -> Vec<u8> {
    encode(der::SEQUENCE, &[&encode(der::OID, oid)[..], parameters].concat())
}

const USUAL: &[u8] = &[1, 0, 1];
/// What ring and the crate `rsa` accept at most: 33 bits, here as many of them set as 32 allow.
const LARGEST: &[u8] = &[1, 0xff, 0xff, 0xff, 0xff];
const ODD: u8 = 0xb5;
/// No prime is even: arithmetic for odd moduli does not apply.
const EVEN: u8 = 0xb4;
const P256: &str = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
const P384: &str = "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab73617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f";
const P521: &str = "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650";
