//! What a list vouches for, and when.

use sdk_pki::{
    Purpose, Question, Reason, SubIndication, Time, TrustAnchors, ValidPath, ValidationFailure, validate,
};
use time::macros::datetime;

use crate::{XADES_RSA, pem, read};

const LEAF: &str = include_str!("data/leaf.pem");
const TSU: &str = include_str!("data/tsu.pem");
const CA: &str = include_str!("data/ca.pem");

fn ask(
    anchors: &TrustAnchors,
    who: &str,
    purpose: Purpose,
    at: Time,
) -> Result<ValidPath, ValidationFailure> {
    validate(&pem(who), &Question::new(anchors, at).purpose(purpose))
}

fn refused(anchors: &TrustAnchors, who: &str, purpose: Purpose, at: Time) {
    let failure = ask(anchors, who, purpose, at).unwrap_err();
    assert_eq!(failure.reason, Reason::NotGranted, "{at}");
    assert_eq!(
        failure.sub_indication(),
        SubIndication::NoCertificateChainFoundNoPoe
    );
    assert_eq!(failure.code(), "authority_not_granted");
}

#[test]
fn row_61_an_authority_is_believed_while_it_was_granted_and_no_longer() {
    let anchors = read(XADES_RSA).unwrap().anchors();
    let documents = Purpose::DocumentSigning;
    assert!(ask(&anchors, LEAF, documents, datetime!(2021-01-01 0:00 UTC)).is_ok());
    assert!(ask(&anchors, LEAF, documents, datetime!(2026-05-31 23:59:59 UTC)).is_ok());
    refused(&anchors, LEAF, documents, datetime!(2020-12-31 23:59:59 UTC));
    refused(&anchors, LEAF, documents, datetime!(2026-06-01 0:00 UTC));
}

#[test]
fn an_authority_for_timestamps_is_none_for_documents() {
    let anchors = read(XADES_RSA).unwrap().anchors();
    let at = datetime!(2026-01-01 0:00 UTC);
    assert!(ask(&anchors, TSU, Purpose::TimeStamping, at).is_ok());
    refused(&anchors, LEAF, Purpose::TimeStamping, at);
    refused(
        &anchors,
        TSU,
        Purpose::TimeStamping,
        datetime!(2021-12-31 0:00 UTC),
    );
}

#[test]
fn an_outdated_list_says_nothing_of_later_times_and_says_so() {
    let anchors = read(XADES_RSA).unwrap().anchors();
    let last = datetime!(2027-04-29 23:59:59 UTC);
    assert!(ask(&anchors, TSU, Purpose::TimeStamping, last).is_ok() && !anchors.is_list_outdated(last));
    let after = datetime!(2027-04-30 0:00 UTC);
    refused(&anchors, TSU, Purpose::TimeStamping, after);
    assert!(anchors.is_list_outdated(after));
}

#[test]
fn a_closed_list_ends_when_it_was_issued() {
    let anchors = read(include_str!("data/closed.xml")).unwrap().anchors();
    assert!(
        ask(
            &anchors,
            TSU,
            Purpose::TimeStamping,
            datetime!(2026-10-31 0:00 UTC)
        )
        .is_ok()
    );
    refused(
        &anchors,
        TSU,
        Purpose::TimeStamping,
        datetime!(2026-11-02 0:00 UTC),
    );
}

#[test]
fn an_authority_for_web_sites_alone_is_none_for_documents() {
    let anchors = read(include_str!("data/web-only.xml")).unwrap().anchors();
    assert!(anchors.is_empty());
}

#[test]
fn who_is_believed_without_a_list_needs_none() {
    let at = datetime!(2026-11-21 0:00 UTC);
    let plain: TrustAnchors = [pem(CA)].into_iter().collect();
    let listed = read(XADES_RSA).unwrap().anchors();
    for (mut first, second) in [(plain.clone(), listed.clone()), (listed, plain)] {
        first.join(second);
        assert!(ask(&first, LEAF, Purpose::DocumentSigning, at).is_ok());
        assert_eq!(first.iter().count(), 2);
        assert!(first.is_list_outdated(datetime!(2028-01-01 0:00 UTC)));
    }
}

#[test]
fn evidence_about_the_past_is_asked_of_who_was_granted_then() {
    let anchors = read(XADES_RSA).unwrap().anchors();
    let authority = anchors.iter().find(|a| *a.certificate() == pem(CA)).unwrap();
    assert!(authority.vouches(Purpose::OcspSigning, datetime!(2025-01-01 0:00 UTC)));
    assert!(!authority.vouches(Purpose::CrlSigning, datetime!(2026-07-01 0:00 UTC)));
}
