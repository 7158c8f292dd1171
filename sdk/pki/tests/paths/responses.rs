//! OCSP responses.

use rcgen::{ExtendedKeyUsagePurpose, RevocationReason as Why};
use sdk_pki::{
    Evidence, RevocationSource, RevocationStatus, SubIndication, ValidPath, ValidationFailure, validate,
};
use time::Duration;

use crate::maker::{AT, Answer, Party, Three, person};

fn ask(three: &Three, evidence: &Evidence) -> Result<ValidPath, ValidationFailure> {
    validate(&three.leaf.certificate, &three.question().evidence(evidence))
}

fn with(response: &[u8]) -> Evidence {
    let mut evidence = Evidence::new();
    evidence.add_ocsp(response).unwrap();
    evidence
}

fn is_good(path: &ValidPath) -> bool {
    matches!(
        path.statuses[0],
        RevocationStatus::Good {
            source: RevocationSource::Ocsp,
            ..
        }
    )
}

/// The default answer with one thing changed, signed by the issuer.
fn changed(three: &Three, change: impl FnOnce(&mut Answer)) -> Evidence {
    let mut answer = Answer::good(&three.leaf, &three.issuing);
    change(&mut answer);
    with(&answer.signed(&three.issuing))
}

fn responder() -> rcgen::CertificateParams {
    let mut params = person("Responder");
    params.serial_number = None;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
    params
}

#[test]
fn the_issuers_own_good_word_counts() {
    let three = Three::new();
    assert!(is_good(&ask(&three, &changed(&three, |_| {})).unwrap()));
}

#[test]
fn the_issuers_word_that_it_is_revoked_counts() {
    let three = Three::new();
    let answer = Answer::good(&three.leaf, &three.issuing).revoked(AT - Duration::days(1));
    let failure = ask(&three, &with(&answer.signed(&three.issuing))).unwrap_err();
    assert_eq!(
        (failure.code(), failure.sub_indication()),
        ("certificate_revoked", SubIndication::RevokedNoPoe)
    );
}

#[test]
fn row_63_an_answer_that_has_ended_still_tells_of_what_was_revoked() {
    let three = Three::new();
    let mut answer = Answer::good(&three.leaf, &three.issuing).revoked(AT - Duration::days(9));
    answer.this_update = AT - Duration::days(8);
    answer.next_update = Some(AT - Duration::days(7));
    let failure = ask(&three, &with(&answer.signed(&three.issuing))).unwrap_err();
    assert_eq!(failure.code(), "certificate_revoked");
}

#[test]
fn unknown_is_not_good() {
    let three = Three::new();
    let evidence = changed(&three, |answer| answer.status = sdk_pki::der::encode(0x82, &[]));
    assert_eq!(
        ask(&three, &evidence).unwrap().statuses[0],
        RevocationStatus::Unknown
    );
}

#[test]
fn answers_about_others_say_nothing() {
    let three = Three::new();
    let changes: [fn(&mut Answer); 3] = [
        |answer| answer.serial = vec![0x2b],
        |answer| answer.issuer_name = vec![0; 20],
        |answer| answer.issuer_key = vec![0; 20],
    ];
    for change in changes {
        assert!(!is_good(&ask(&three, &changed(&three, change)).unwrap()));
    }
}

#[test]
fn stale_future_and_endless_old_answers_say_nothing() {
    let three = Three::new();
    let changes: [fn(&mut Answer); 3] = [
        |answer| answer.next_update = Some(AT - Duration::minutes(1)),
        |answer| answer.this_update = AT + Duration::minutes(6),
        |answer| (answer.next_update, answer.this_update) = (None, AT - Duration::days(2)),
    ];
    for change in changes {
        assert!(!is_good(&ask(&three, &changed(&three, change)).unwrap()));
    }
}

#[test]
fn an_answer_without_an_end_counts_for_a_day() {
    let three = Three::new();
    assert!(is_good(
        &ask(&three, &changed(&three, |answer| answer.next_update = None)).unwrap()
    ));
}

#[test]
fn a_responder_that_the_issuer_certified_for_this_counts() {
    let three = Three::new();
    let delegate = three.issuing.issue(responder());
    let mut answer = Answer::good(&three.leaf, &three.issuing);
    answer.certificates = vec![delegate.certificate.clone()];
    assert!(is_good(&ask(&three, &with(&answer.signed(&delegate))).unwrap()));
}

#[test]
fn a_responder_that_is_not_certified_for_this_does_not_count() {
    let three = Three::new();
    let other = Party::root(crate::maker::authority("Other"));
    let mut plain = responder();
    plain.extended_key_usages.clear();
    let mut expired = responder();
    expired.not_after = AT - Duration::days(1);
    let delegates = [
        three.issuing.issue(plain),
        three.root.issue(responder()),
        other.issue(responder()),
        three.issuing.issue(expired),
    ];
    for delegate in delegates {
        let mut answer = Answer::good(&three.leaf, &three.issuing);
        answer.certificates = vec![delegate.certificate.clone()];
        assert!(!is_good(&ask(&three, &with(&answer.signed(&delegate))).unwrap()));
    }
}

#[test]
fn a_revoked_responder_does_not_count() {
    let three = Three::new();
    let delegate = three.issuing.issue(responder());
    let mut answer = Answer::good(&three.leaf, &three.issuing);
    answer.certificates = vec![delegate.certificate.clone()];
    let mut evidence = with(&answer.signed(&delegate));
    let since = AT - Duration::days(3);
    evidence
        .add_crl(
            &three
                .issuing
                .list(AT - Duration::days(1), &[(&delegate, since, Why::KeyCompromise)]),
        )
        .unwrap();
    let path = ask(&three, &evidence).unwrap();
    assert!(!is_good(&path), "{:?}", path.statuses);
}

#[test]
fn a_changed_response_says_nothing() {
    let three = Three::new();
    let answer = Answer::good(&three.leaf, &three.issuing);
    let bytes = answer.signed(&three.issuing);
    let at = bytes
        .windows(3)
        .position(|window| window == [0x80, 0x00, 0x18])
        .unwrap();
    // From good to unknown, and to another time: the signature covers both.
    for (offset, value) in [(0, 0x82), (5, b'1')] {
        let mut changed = bytes.clone();
        changed[at + offset] = value;
        assert!(!is_good(&ask(&three, &with(&changed)).unwrap()));
    }
}

#[test]
fn a_response_that_reports_an_error_is_no_evidence() {
    for status in 1..=6 {
        let bytes = sdk_pki::der::encode(0x30, &sdk_pki::der::encode(0x0a, &[status]));
        assert!(Evidence::new().add_ocsp(&bytes).is_err());
    }
}

#[test]
fn the_word_of_a_responder_whose_certificate_has_ended_needs_a_proof_that_it_is_old() {
    let three = Three::new();
    let mut ended = responder();
    ended.not_after = AT + Duration::days(1);
    let delegate = three.issuing.issue(ended);
    let mut answer = Answer::good(&three.leaf, &three.issuing);
    answer.certificates = vec![delegate.certificate.clone()];
    let evidence = with(&answer.signed(&delegate));
    let later = three.question().now(AT + Duration::days(2)).evidence(&evidence);
    assert!(!is_good(&validate(&three.leaf.certificate, &later).unwrap()));
    let proven = later.clone().evidence_known_at(AT);
    assert!(is_good(&validate(&three.leaf.certificate, &proven).unwrap()));
    let proof_from_before_it_was_made = later.evidence_known_at(AT - Duration::days(1));
    assert!(!is_good(
        &validate(&three.leaf.certificate, &proof_from_before_it_was_made).unwrap()
    ));
}
