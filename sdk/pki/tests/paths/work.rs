//! Hostile sets of certificates: every search ends soon.

use std::time::Instant;

use sdk_pki::{Budget, Certificate, Effort, Evidence, Question, Reason, TrustAnchors, validate};

use crate::maker::{AT, Party, Three, authority, person};

#[test]
fn row_60_two_authorities_that_certify_each_other_are_no_path() {
    let one = Party::root(authority("One"));
    let two = Party::root(authority("Two"));
    let crossed = [
        one.certify(authority("Two"), two.key()).certificate,
        two.certify(authority("One"), one.key()).certificate,
        one.certificate.clone(),
        two.certificate.clone(),
    ];
    let leaf = one.issue(person("Ana"));
    let elsewhere: TrustAnchors = [Party::root(authority("Elsewhere")).certificate]
        .into_iter()
        .collect();
    let failure = validate(
        &leaf.certificate,
        &Question::new(&elsewhere, AT).intermediates(&crossed),
    );
    assert_eq!(failure.unwrap_err().reason, Reason::NoPath);
}

/// Layers of authorities, each certified by every one of the layer above: the number of paths grows
/// as a power of the depth.
#[test]
fn row_60_a_mesh_of_cross_certificates_is_given_up_within_its_budget() {
    let elsewhere: TrustAnchors = [Party::root(authority("Elsewhere")).certificate]
        .into_iter()
        .collect();
    let mut all: Vec<Certificate> = Vec::new();
    let mut layer: Vec<Party> = (0..4).map(|_| Party::root(authority("Layer 0"))).collect();
    for depth in 1..8 {
        let next: Vec<Party> = (0..4)
            .map(|_| Party::root(authority(&format!("Layer {depth}"))))
            .collect();
        for above in &layer {
            all.extend(
                next.iter()
                    .map(|below| above.certify(below.params.clone(), below.key()).certificate),
            );
        }
        layer = next;
    }
    let leaf = layer[0].issue(person("Ana"));
    let begin = Instant::now();
    let failure = validate(
        &leaf.certificate,
        &Question::new(&elsewhere, AT).intermediates(&all),
    )
    .unwrap_err();
    assert_eq!(failure.reason, Reason::WorkLimit);
    assert!(begin.elapsed().as_secs() < 5, "{:?}", begin.elapsed());
}

#[test]
fn row_60_a_path_of_more_than_twenty_certificates_is_not_followed() {
    let root = Party::root(authority("Root"));
    let anchors: TrustAnchors = [root.certificate.clone()].into_iter().collect();
    let mut above = root;
    let mut all = Vec::new();
    for depth in 0..sdk_pki::MAX_PATH {
        above = above.issue(authority(&format!("Level {depth}")));
        all.push(above.certificate.clone());
    }
    let leaf = above.issue(person("Ana"));
    let failure = validate(
        &leaf.certificate,
        &Question::new(&anchors, AT).intermediates(&all),
    )
    .unwrap_err();
    assert_eq!(failure.reason, Reason::WorkLimit);
}

#[test]
fn row_60_thousands_of_useless_certificates_do_not_matter() {
    let three = Three::new();
    let stray = Party::root(authority("Stray")).certificate;
    let many = vec![stray; 5_000];
    let question = three.question().intermediates(&many);
    let begin = Instant::now();
    assert!(validate(&three.leaf.certificate, &question).is_ok());
    assert!(begin.elapsed().as_secs() < 2, "{:?}", begin.elapsed());
}

/// Anchors remember signatures that verified. What they remember is no reason to believe anything.
#[test]
fn known_authorities_make_nobody_more_trusted() {
    let three = Three::new();
    assert!(validate(&three.leaf.certificate, &three.question()).is_ok());
    let mut forged = three.leaf.certificate.der().to_vec();
    let last = forged.len().saturating_sub(1);
    forged[last] ^= 1;
    let forged = Certificate::from_der(&forged).unwrap();
    let failure = validate(&forged, &three.question()).unwrap_err();
    assert_eq!(failure.reason, Reason::BadSignature);
    let late = three.leaf.certificate.not_after() + time::Duration::days(1);
    let later = Question::new(&three.anchors, late).intermediates(&three.chain);
    let failure = validate(&three.leaf.certificate, &later).unwrap_err();
    assert!(matches!(failure.reason, Reason::Expired { .. }), "{failure}");
    let nobody = TrustAnchors::new();
    let question = Question::new(&nobody, AT).intermediates(&three.chain);
    assert_eq!(
        validate(&three.leaf.certificate, &question).unwrap_err().reason,
        Reason::NoPath
    );
}

/// A person whom somebody under the name of the issuing authority certified, and as many others of that name.
fn crowd(count: usize) -> (Three, Vec<Certificate>) {
    let three = Three::new();
    let crowd = (0..count).map(|_| Party::root(authority("Issuing")).certificate);
    let all = crowd.collect();
    (three, all)
}

#[test]
fn row_60_a_crowd_of_issuers_under_one_name_is_paid_for_from_the_budget_of_the_document() {
    let (three, crowd) = crowd(40);
    let budget = Budget::of(Effort::checks(100));
    let ask = || {
        let stranger = Party::root(authority("Issuing")).issue(person("Ana"));
        let question = three.question().intermediates(&crowd).budget(&budget);
        validate(&stranger.certificate, &question).unwrap_err().reason
    };
    assert_eq!((ask(), ask()), (Reason::NoPath, Reason::NoPath));
    assert_eq!(ask(), Reason::WorkLimit);
    assert!(budget.is_exhausted());
}

#[test]
fn row_60_a_signature_that_was_checked_for_one_question_is_not_paid_again_for_the_next() {
    let three = Three::new();
    let budget = Budget::of(Effort::checks(3));
    for _ in 0..10 {
        let question = three.question().budget(&budget);
        assert!(validate(&three.leaf.certificate, &question).is_ok());
    }
}

#[test]
fn row_60_evidence_that_nobody_paid_for_does_not_leave_a_path_standing() {
    let three = Three::new();
    let mut evidence = Evidence::new();
    let (yesterday, why) = (
        AT - time::Duration::days(1),
        rcgen::RevocationReason::KeyCompromise,
    );
    let list = three.issuing.list(yesterday, &[(&three.leaf, yesterday, why)]);
    evidence.add_crl(&list).unwrap();
    let ask = |checks| {
        let budget = Budget::of(Effort::checks(checks));
        let question = three.question().evidence(&evidence).budget(&budget);
        validate(&three.leaf.certificate, &question).unwrap_err().reason
    };
    assert!(matches!(ask(4), Reason::Revoked { .. }));
    assert_eq!(ask(3), Reason::WorkLimit);
}
