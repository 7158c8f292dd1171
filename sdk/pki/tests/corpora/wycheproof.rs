//! Project Wycheproof: the primitives under attack.

use data_encoding::HEXLOWER;
use sdk_pki::der::{self, encode};
use sdk_pki::{Curve, DigestAlgorithm, KeyKind, PublicKey, SignatureAlgorithm};
use serde::Deserialize;

use crate::{Tally, corpus, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Suite {
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    public_key_der: Option<String>,
    public_key_asn: Option<String>,
    tests: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    tc_id: u32,
    comment: String,
    msg: String,
    sig: String,
    result: String,
}

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

/// Wycheproof's PSS groups give the RSAPublicKey alone.
fn rsa_key(rsa_public_key: &[u8]) -> Vec<u8> {
    let algorithm = encode(
        der::SEQUENCE,
        &[encode(der::OID, sdk_pki::oid::RSA_ENCRYPTION), vec![5, 0]].concat(),
    );
    let bits = encode(der::BIT_STRING, &[&[0], rsa_public_key].concat());
    encode(der::SEQUENCE, &[algorithm, bits].concat())
}

const PSS: SignatureAlgorithm = SignatureAlgorithm::RsaPss {
    digest: DigestAlgorithm::Sha256,
    salt: 32,
};

/// What is checked over the message is checked over its digest too, where that is possible.
fn over_digest(algorithm: SignatureAlgorithm, key: &PublicKey, case: &Case, found: &Result<(), String>) {
    let Some(digest) = algorithm.digest() else { return };
    // Curves in software take long without optimisation: one case in eight stands for the others.
    let is_curve = matches!(algorithm, SignatureAlgorithm::Ecdsa(_));
    if is_curve && (*key.kind() == KeyKind::Ec(Curve::P521) || !case.tc_id.is_multiple_of(8)) {
        return;
    }
    let over_digest = algorithm.verify_digest(key, &digest.of(&hex(&case.msg)), &hex(&case.sig));
    assert_eq!(
        over_digest.is_ok(),
        found.is_ok(),
        "{} {}",
        case.tc_id,
        case.comment
    );
}

fn judge(file: &str, algorithm: SignatureAlgorithm, at_least: usize) {
    let Some(folder) = corpus("wycheproof") else {
        return;
    };
    let suite: Suite = json(folder.join(format!("{file}_test.json")));
    let mut tally = Tally::default();
    for group in &suite.test_groups {
        let key = match (&group.public_key_der, &group.public_key_asn) {
            (Some(spki), _) => hex(spki),
            (None, Some(key)) => rsa_key(&hex(key)),
            (None, None) => panic!("{file}: a group without a key"),
        };
        let key = PublicKey::parse(&der::whole(&key, der::SEQUENCE).unwrap()).unwrap();
        for case in &group.tests {
            let found = algorithm
                .verify(&key, &hex(&case.msg), &hex(&case.sig))
                .map_err(|error| error.to_string());
            over_digest(algorithm, &key, case, &found);
            // What Wycheproof calls acceptable is old sloppiness: we refuse it.
            let name = format!("{file} {} {}", case.tc_id, case.comment);
            tally.case(&name, case.result == "valid", found);
        }
    }
    tally.finish("wycheproof", at_least);
}

#[test]
fn row_58_ecdsa_p256_agrees() {
    judge(
        "ecdsa_secp256r1_sha256",
        SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256),
        484,
    );
}

#[test]
fn row_58_ecdsa_p384_agrees() {
    judge(
        "ecdsa_secp384r1_sha384",
        SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384),
        504,
    );
}

#[test]
fn row_58_ecdsa_p521_agrees() {
    judge(
        "ecdsa_secp521r1_sha512",
        SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha512),
        542,
    );
}

#[test]
fn row_58_ed25519_agrees() {
    judge("ed25519", SignatureAlgorithm::Ed25519, 151);
}

#[test]
fn row_58_rsa_2048_agrees() {
    judge(
        "rsa_signature_2048_sha256",
        SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
        259,
    );
}

#[test]
fn row_58_rsa_3072_agrees() {
    judge(
        "rsa_signature_3072_sha256",
        SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
        259,
    );
}

#[test]
fn row_58_rsa_4096_agrees() {
    judge(
        "rsa_signature_4096_sha512",
        SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha512),
        259,
    );
}

#[test]
fn row_58_rsa_pss_2048_agrees() {
    judge("rsa_pss_2048_sha256_mgf1_32", PSS, 108);
}

#[test]
fn row_58_rsa_pss_3072_agrees() {
    judge("rsa_pss_3072_sha256_mgf1_32", PSS, 108);
}
