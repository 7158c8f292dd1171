//! Trusted lists that other people's software signed (signxml over libxml2, see `tests/python/aval/lists.py`): read
//! whole, and refused when anything about them is changed.

#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "what is made for a test is well made"
)]

mod anchors;
mod wrapping;

use sdk_pki::{AlgorithmPolicy, Certificate, Time, TrustedList, TrustedListError, UnverifiedList};
use time::macros::datetime;

const AT: Time = datetime!(2026-11-21 12:00 UTC);

const XADES_RSA: &str = include_str!("data/xades-rsa.xml");
const PLAIN_P384: &str = include_str!("data/plain-p384.xml");
const RSA: &str = include_str!("data/signer-rsa.pem");
const P384: &str = include_str!("data/signer-p384.pem");

fn pem(text: &str) -> Certificate {
    Certificate::from_pem(text).unwrap().pop().unwrap()
}

/// Those who may sign: both, so that the right one has to be found.
fn signers() -> Vec<Certificate> {
    vec![pem(P384), pem(RSA)]
}

fn read(text: &str) -> Result<TrustedList, TrustedListError> {
    UnverifiedList::parse(text.as_bytes())?.verify(&signers(), &AlgorithmPolicy::default(), AT)
}

#[test]
fn lists_signed_by_other_software_are_read() {
    for (text, signer) in [
        (XADES_RSA, RSA),
        (PLAIN_P384, P384),
        (include_str!("data/xades-pss.xml"), RSA),
        (include_str!("data/by-identifier.xml"), RSA),
    ] {
        let list = read(text).unwrap();
        assert_eq!(list.signer, pem(signer));
        assert_eq!((list.territory.as_str(), list.sequence_number), ("CL", 7));
        assert_eq!(list.operator, "Entidad acreditadora, división «DEV ONLY» & Cía.");
        assert_eq!(list.issued, datetime!(2026-11-01 0:00 UTC));
        assert_eq!(list.next_update, Some(datetime!(2027-04-30 0:00 UTC)));
        assert_eq!(list.services.len(), 2);
        assert_eq!(list.services[0].provider, "Prestador\r\n\t de servicios");
        assert_eq!(list.services[0].certificates, [pem(include_str!("data/ca.pem"))]);
        assert_eq!(list.services[0].history.len(), 2);
    }
}

#[test]
fn pointers_name_who_may_sign_other_lists() {
    let list = read(include_str!("data/pointers.xml")).unwrap();
    assert!(list.services.is_empty() && list.anchors().is_empty());
    let pointer = &list.pointers[0];
    assert_eq!(pointer.location, "https://lista.example/cl.xml");
    assert_eq!(pointer.territory.as_deref(), Some("CL"));
    let next = UnverifiedList::parse(PLAIN_P384.as_bytes()).unwrap();
    assert!(
        next.verify(&pointer.signers, &AlgorithmPolicy::default(), AT)
            .is_ok()
    );
}

#[test]
fn row_61_a_list_that_nobody_named_signed_is_not_believed() {
    let list = UnverifiedList::parse(XADES_RSA.as_bytes()).unwrap();
    for others in [vec![], vec![pem(P384)], vec![pem(include_str!("data/ca.pem"))]] {
        let refused = list.verify(&others, &AlgorithmPolicy::default(), AT).unwrap_err();
        assert!(
            refused.to_string().contains("none of the certificates given"),
            "{refused}"
        );
    }
}

#[test]
fn a_list_signed_by_a_key_that_is_too_weak_by_then_is_not_believed() {
    let list = UnverifiedList::parse(include_bytes!("data/weak.xml")).unwrap();
    let signer = [pem(include_str!("data/signer-weak.pem"))];
    let policy = AlgorithmPolicy::default();
    assert!(list.verify(&signer, &policy, AT).is_ok());
    let refused = list
        .verify(&signer, &policy, datetime!(2031-01-01 0:00 UTC))
        .unwrap_err();
    assert!(refused.to_string().contains("RSA 2048"), "{refused}");
}

#[test]
fn files_that_are_not_there_or_no_certificates_are_named() {
    let missing = TrustedList::load("/nowhere/lista.xml", &[], AT).unwrap_err();
    assert!(missing.to_string().contains("/nowhere/lista.xml"));
    let path = std::env::temp_dir().join(format!("aval-signers-{}.pem", std::process::id()));
    std::fs::write(&path, "nothing of the kind").unwrap();
    let wrong = TrustedList::load_signers(&path).unwrap_err();
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(wrong, TrustedListError::Signers { .. }), "{wrong}");
}
