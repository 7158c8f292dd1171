//! Revocation lists.

use rcgen::{RevocationReason as Why, SigningKey};
use sdk_pki::der::{self, encode};
use sdk_pki::{
    Evidence, Question, Reason, Revocation, RevocationReason, RevocationSource, RevocationStatus,
    SignatureError, SubIndication, Time, ValidPath, ValidationFailure, validate,
};
use time::Duration;

use crate::maker::{AT, Party, Three, authority, person};

fn evidence(lists: &[Vec<u8>]) -> Evidence {
    let mut evidence = Evidence::new();
    lists.iter().for_each(|list| evidence.add_crl(list).unwrap());
    evidence
}

fn ask(three: &Three, lists: &[Vec<u8>]) -> Result<ValidPath, ValidationFailure> {
    let evidence = evidence(lists);
    validate(&three.leaf.certificate, &three.question().evidence(&evidence))
}

fn yesterday() -> Time {
    AT - Duration::days(1)
}

#[test]
fn lists_of_both_authorities_make_the_path_good() {
    let three = Three::new();
    let lists = [
        three.root.list(yesterday(), &[]),
        three.issuing.list(yesterday(), &[]),
    ];
    let evidence = evidence(&lists);
    let question = three
        .question()
        .evidence(&evidence)
        .revocation(Revocation::Required);
    let path = validate(&three.leaf.certificate, &question).unwrap();
    let good = RevocationStatus::Good {
        source: RevocationSource::Crl,
        this_update: yesterday(),
        next_update: Some(yesterday() + Duration::days(7)),
    };
    assert_eq!(
        (path.revocation(), path.statuses.as_slice()),
        (good, &[good, good][..])
    );
}

#[test]
fn a_list_of_one_authority_leaves_the_path_unknown() {
    let three = Three::new();
    let path = ask(&three, &[three.issuing.list(yesterday(), &[])]).unwrap();
    assert_eq!(path.revocation(), RevocationStatus::Unknown);
}

#[test]
fn required_evidence_that_is_missing_means_try_later() {
    let three = Three::new();
    let question = three.question().revocation(Revocation::Required);
    let failure = validate(&three.leaf.certificate, &question).unwrap_err();
    assert_eq!(
        (failure.code(), failure.sub_indication()),
        ("revocation_unknown", SubIndication::TryLater)
    );
}

#[test]
fn row_63_a_revoked_leaf_is_refused_with_date_and_reason() {
    let three = Three::new();
    let since = AT - Duration::days(2);
    let list = three
        .issuing
        .list(yesterday(), &[(&three.leaf, since, Why::KeyCompromise)]);
    let failure = ask(&three, &[list]).unwrap_err();
    assert_eq!(
        failure.reason,
        Reason::Revoked {
            at: since,
            why: RevocationReason::KeyCompromise
        }
    );
    assert_eq!(failure.sub_indication(), SubIndication::RevokedNoPoe);
}

#[test]
fn a_revoked_authority_is_told_apart() {
    let three = Three::new();
    let since = AT - Duration::days(2);
    let list = three
        .root
        .list(yesterday(), &[(&three.issuing, since, Why::CaCompromise)]);
    assert_eq!(
        ask(&three, &[list]).unwrap_err().sub_indication(),
        SubIndication::RevokedCaNoPoe
    );
}

#[test]
fn row_63_what_was_revoked_later_was_good_before() {
    let three = Three::new();
    let list = three.issuing.list(
        yesterday(),
        &[(&three.leaf, AT - Duration::days(2), Why::Superseded)],
    );
    let evidence = evidence(&[list]);
    let question = Question::new(&three.anchors, AT - Duration::days(3))
        .now(AT)
        .intermediates(&three.chain)
        .evidence(&evidence);
    let path = validate(&three.leaf.certificate, &question).unwrap();
    assert!(matches!(path.statuses[0], RevocationStatus::Good { .. }));
}

#[test]
fn stale_and_future_lists_say_nothing() {
    let three = Three::new();
    for from in [AT - Duration::days(8), AT + Duration::days(1)] {
        let path = ask(&three, &[three.issuing.list(from, &[])]).unwrap();
        assert_eq!(path.statuses[0], RevocationStatus::Unknown);
    }
}

#[test]
fn row_63_a_list_that_has_ended_still_tells_of_what_was_revoked() {
    let three = Three::new();
    let (ended, since) = (AT - Duration::days(8), AT - Duration::days(9));
    let list = three
        .issuing
        .list(ended, &[(&three.leaf, since, Why::KeyCompromise)]);
    assert_eq!(
        ask(&three, std::slice::from_ref(&list)).unwrap_err().code(),
        "certificate_revoked"
    );
    let newer = three.issuing.list(yesterday(), &[]);
    assert_eq!(
        ask(&three, &[list, newer]).unwrap_err().code(),
        "certificate_revoked",
        "only a suspension is lifted"
    );
    let held = three
        .issuing
        .list(ended, &[(&three.leaf, since, Why::CertificateHold)]);
    assert!(ask(&three, std::slice::from_ref(&held)).is_err());
    let newer = three.issuing.list(yesterday(), &[]);
    assert!(ask(&three, &[held, newer]).is_ok(), "lifted by a newer list");
    let impostor = Party::root(authority("Issuing"));
    let list = impostor.list(ended, &[(&three.leaf, since, Why::KeyCompromise)]);
    assert!(ask(&three, &[list]).is_ok(), "of somebody else");
    let list = three.issuing.list(
        AT + Duration::days(1),
        &[(&three.leaf, since, Why::KeyCompromise)],
    );
    assert!(ask(&three, &[list]).is_ok(), "from the future");
}

#[test]
fn a_list_by_somebody_else_under_the_same_name_says_nothing() {
    let three = Three::new();
    let impostor = Party::root(authority("Issuing"));
    let list = impostor.list(
        yesterday(),
        &[(&three.leaf, AT - Duration::days(2), Why::Superseded)],
    );
    assert_eq!(
        ask(&three, &[list]).unwrap().statuses[0],
        RevocationStatus::Unknown
    );
}

#[test]
fn a_changed_list_says_nothing() {
    let three = Three::new();
    let mut list = three.issuing.list(yesterday(), &[]);
    let last = list.last_mut().unwrap();
    *last ^= 1;
    assert_eq!(
        ask(&three, &[list]).unwrap().statuses[0],
        RevocationStatus::Unknown
    );
}

#[test]
fn a_suspension_is_lifted_by_a_newer_list() {
    let three = Three::new();
    let held = three.issuing.list(
        yesterday(),
        &[(&three.leaf, AT - Duration::days(2), Why::CertificateHold)],
    );
    assert_eq!(
        ask(&three, std::slice::from_ref(&held)).unwrap_err().code(),
        "certificate_revoked"
    );
    let newer = three.issuing.list(AT - Duration::hours(1), &[]);
    assert!(matches!(
        ask(&three, &[held, newer]).unwrap().statuses[0],
        RevocationStatus::Good { .. }
    ));
}

#[test]
fn a_revocation_is_not_lifted_by_a_newer_list() {
    let three = Three::new();
    let revoked = three.issuing.list(
        yesterday(),
        &[(&three.leaf, AT - Duration::days(2), Why::KeyCompromise)],
    );
    let newer = three.issuing.list(AT - Duration::hours(1), &[]);
    assert_eq!(
        ask(&three, &[revoked, newer]).unwrap_err().code(),
        "certificate_revoked"
    );
}

#[test]
fn an_expired_leaf_that_a_list_from_its_lifetime_clears_was_not_revoked() {
    let mut leaf = person("Ana");
    leaf.not_after = AT - Duration::days(3);
    let three = Three::with(authority("Root"), authority("Issuing"), leaf);
    let failure = ask(&three, &[three.issuing.list(AT - Duration::days(4), &[])]).unwrap_err();
    assert_eq!(failure.sub_indication(), SubIndication::OutOfBoundsNotRevoked);
}

#[test]
fn a_list_from_after_the_end_of_a_certificate_may_have_forgotten_it() {
    let mut leaf = person("Ana");
    leaf.not_after = AT - Duration::days(3);
    let three = Three::with(authority("Root"), authority("Issuing"), leaf);
    let failure = ask(&three, &[three.issuing.list(yesterday(), &[])]).unwrap_err();
    assert_eq!(failure.sub_indication(), SubIndication::OutOfBoundsNoPoe);
}

#[test]
fn row_63_a_compromise_that_was_noticed_late_counts_from_when_it_happened() {
    let three = Three::new();
    let (happened, noticed) = (AT - Duration::days(9), AT - Duration::days(2));
    let revoked = [(&three.leaf, noticed, Why::KeyCompromise)];
    let evidence = evidence(&[three.issuing.list_with(yesterday(), &revoked, Some(happened))]);
    let question = Question::new(&three.anchors, AT - Duration::days(5))
        .now(AT)
        .intermediates(&three.chain)
        .evidence(&evidence);
    let failure = validate(&three.leaf.certificate, &question).unwrap_err();
    assert_eq!(
        failure.reason,
        Reason::Revoked {
            at: happened,
            why: RevocationReason::KeyCompromise
        }
    );
}

#[test]
fn a_list_remembers_whose_signature_it_bears_and_nobody_elses() {
    let three = Three::new();
    let list = sdk_pki::Crl::from_der(&three.issuing.list(yesterday(), &[])).unwrap();
    let (issuing, root) = (&three.issuing.certificate, &three.root.certificate);
    for _ in 0..2 {
        assert_eq!(
            list.verify_signed_by(root.public_key()),
            Err(SignatureError::Invalid)
        );
        assert_eq!(list.verify_signed_by(issuing.public_key()), Ok(()));
    }
    let mut forged = list.der().to_vec();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let forged = sdk_pki::Crl::from_der(&forged).unwrap();
    assert_eq!(
        forged.verify_signed_by(issuing.public_key()),
        Err(SignatureError::Invalid)
    );
}

/// Sixteen megabytes: digested each time, a thousand questions would take ten seconds at the least.
#[test]
fn a_long_list_is_digested_once_for_all_questions() {
    let three = Three::new();
    let serial = |number: u32| {
        let serial = encode(der::INTEGER, &number.to_be_bytes());
        let date = encode(der::UTC_TIME, b"250101000000Z");
        encode(der::SEQUENCE, &[serial, date].concat())
    };
    let short = three.issuing.list(yesterday(), &[]);
    let mut outer = der::whole(&short, der::SEQUENCE).unwrap().reader().unwrap();
    let mut inner = outer.expect(der::SEQUENCE).unwrap().reader().unwrap();
    let head: Vec<u8> = (0..5)
        .flat_map(|_| inner.read().unwrap().raw().to_vec())
        .collect();
    let entries: Vec<u8> = (0x0100_0000..0x0108_0000).flat_map(serial).collect();
    let tbs = encode(
        der::SEQUENCE,
        &[&head[..], &encode(der::SEQUENCE, &entries), inner.rest()].concat(),
    );
    let algorithm = outer.read().unwrap().raw().to_vec();
    let signed = encode(
        der::BIT_STRING,
        &[vec![0], three.issuing.key.sign(&tbs).unwrap()].concat(),
    );
    let long = encode(der::SEQUENCE, &[tbs, algorithm, signed].concat());
    let list = sdk_pki::Crl::from_der(&long).unwrap();
    let key = three.issuing.certificate.public_key();
    assert_eq!(list.verify_signed_by(key), Ok(()));
    let begin = std::time::Instant::now();
    for _ in 0..1_000 {
        assert_eq!(list.clone().verify_signed_by(key), Ok(()));
    }
    assert!(
        begin.elapsed().as_secs() < 2,
        "{:?} for {} octets",
        begin.elapsed(),
        long.len()
    );
}
