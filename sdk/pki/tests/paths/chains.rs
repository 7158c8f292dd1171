//! Chains without evidence.

use rcgen::{
    BasicConstraints, CustomExtension, DnType, DnValue, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    KeyUsagePurpose, NameConstraints,
};
use sdk_pki::{
    Certificate, CertificateError, Purpose, Question, Reason, RevocationStatus, SubIndication, TrustAnchors,
    validate,
};
use time::Duration;
use time::macros::datetime;

use crate::maker::{AT, Party, Three, authority, person};

fn refusal(three: &Three) -> (&'static str, SubIndication) {
    let failure = validate(&three.leaf.certificate, &three.question()).unwrap_err();
    (failure.code(), failure.sub_indication())
}

#[test]
fn a_chain_of_three_is_valid_and_its_revocation_unknown() {
    let three = Three::new();
    let path = validate(&three.leaf.certificate, &three.question()).unwrap();
    assert_eq!(
        path.certificates,
        [three.leaf.certificate.clone(), three.issuing.certificate.clone()]
    );
    assert_eq!(*path.anchor.certificate(), three.root.certificate);
    assert_eq!(path.revocation(), RevocationStatus::Unknown);
}

#[test]
fn without_the_intermediate_no_path_is_found() {
    let three = Three::new();
    let failure = validate(&three.leaf.certificate, &Question::new(&three.anchors, AT)).unwrap_err();
    assert_eq!((failure.reason.clone(), failure.is_leaf), (Reason::NoPath, true));
    assert_eq!(failure.sub_indication(), SubIndication::NoCertificateChainFound);
}

#[test]
fn row_61_nobody_is_trusted_by_default() {
    let three = Three::new();
    let none = TrustAnchors::new();
    let question = Question::new(&none, AT).intermediates(&three.chain);
    assert_eq!(
        validate(&three.leaf.certificate, &question).unwrap_err().code(),
        "no_path"
    );
}

#[test]
fn another_root_with_the_same_name_is_not_trusted() {
    let three = Three::new();
    let impostor: TrustAnchors = [Party::root(authority("Root")).certificate].into_iter().collect();
    let question = Question::new(&impostor, AT).intermediates(&three.chain);
    assert_eq!(
        validate(&three.leaf.certificate, &question).unwrap_err().code(),
        "no_path"
    );
}

#[test]
fn a_changed_certificate_is_not_signed_by_its_issuer() {
    let mut three = Three::new();
    let mut bytes = three.leaf.certificate.der().to_vec();
    let at = bytes.windows(3).position(|window| window == b"Ana").unwrap();
    bytes[at] = b'E';
    three.leaf.certificate = Certificate::from_der(&bytes).unwrap();
    let expected = (
        "certificate_signature_invalid",
        SubIndication::CertificateChainGeneralFailure,
    );
    assert_eq!(refusal(&three), expected);
}

#[test]
fn an_expired_leaf_is_out_of_bounds() {
    let mut leaf = person("Ana");
    leaf.not_after = AT - Duration::seconds(1);
    let three = Three::with(authority("Root"), authority("Issuing"), leaf);
    assert_eq!(
        refusal(&three),
        ("certificate_expired", SubIndication::OutOfBoundsNoPoe)
    );
    let before = Question::new(&three.anchors, AT - Duration::days(1)).intermediates(&three.chain);
    assert!(validate(&three.leaf.certificate, &before).is_ok());
}

#[test]
fn a_leaf_that_is_not_yet_valid_is_out_of_bounds() {
    let mut leaf = person("Ana");
    leaf.not_before = AT + Duration::seconds(1);
    let three = Three::with(authority("Root"), authority("Issuing"), leaf);
    assert_eq!(
        refusal(&three),
        ("certificate_not_yet_valid", SubIndication::OutOfBoundsNoPoe)
    );
}

#[test]
fn an_expired_authority_fails_the_chain() {
    let mut issuing = authority("Issuing");
    issuing.not_after = AT - Duration::seconds(1);
    let three = Three::with(authority("Root"), issuing, person("Ana"));
    assert_eq!(
        refusal(&three),
        (
            "certificate_expired",
            SubIndication::CertificateChainGeneralFailure
        )
    );
}

#[test]
fn an_expired_root_is_trusted_until_it_is_taken_off_the_list() {
    let mut root = authority("Root");
    root.not_after = datetime!(2021-01-01 0:00 UTC);
    let three = Three::with(root, authority("Issuing"), person("Ana"));
    assert!(validate(&three.leaf.certificate, &three.question()).is_ok());
}

#[test]
fn a_person_cannot_issue() {
    let three = Three::with(authority("Root"), person("Issuing"), person("Ana"));
    assert_eq!(refusal(&three).0, "issuer_not_an_authority");
}

#[test]
fn an_authority_without_the_key_usage_cannot_issue() {
    let mut issuing = authority("Issuing");
    issuing.key_usages = vec![KeyUsagePurpose::CrlSign];
    let three = Three::with(authority("Root"), issuing, person("Ana"));
    assert_eq!(refusal(&three).0, "issuer_key_usage");
}

#[test]
fn row_60_a_path_length_of_zero_allows_no_authority_below() {
    let mut root = authority("Root");
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let three = Three::with(root, authority("Issuing"), person("Ana"));
    assert_eq!(refusal(&three).0, "path_length");
}

#[test]
fn row_60_a_name_outside_the_constraints_of_an_authority_is_refused() {
    let mut allowed = rcgen::DistinguishedName::new();
    allowed.push(
        DnType::OrganizationName,
        DnValue::Utf8String("dev  only".to_owned()),
    );
    let mut issuing = authority("Issuing");
    issuing.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DirectoryName(allowed)],
        excluded_subtrees: Vec::new(),
    });
    let inside = Three::with(authority("Root"), issuing.clone(), person("Ana"));
    assert!(validate(&inside.leaf.certificate, &inside.question()).is_ok());
    let mut leaf = person("Ana");
    leaf.distinguished_name = rcgen::DistinguishedName::new();
    leaf.distinguished_name
        .push(DnType::OrganizationName, "Elsewhere");
    let outside = Three::with(authority("Root"), issuing, leaf);
    assert_eq!(refusal(&outside).0, "name_constraint");
}

#[test]
fn row_60_a_critical_extension_that_nobody_knows_is_refused() {
    let mut leaf = person("Ana");
    let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
    extension.set_criticality(true);
    leaf.custom_extensions = vec![extension];
    let three = Three::with(authority("Root"), authority("Issuing"), leaf);
    assert_eq!(refusal(&three).0, "critical_extension_unknown");
}

#[test]
fn an_extension_that_comes_twice_is_not_a_certificate() {
    let mut leaf = person("Ana");
    leaf.custom_extensions = vec![CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]); 2];
    let issuing = Party::root(authority("Issuing"));
    let key = rcgen::KeyPair::generate().unwrap();
    let made = leaf
        .signed_by(&key, &rcgen::Issuer::from_params(&issuing.params, &issuing.key))
        .unwrap();
    assert!(matches!(
        Certificate::from_der(made.der()),
        Err(CertificateError::Encoding(_))
    ));
}

#[test]
fn a_key_for_encryption_cannot_sign_documents() {
    let mut leaf = person("Ana");
    leaf.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
    let three = Three::with(authority("Root"), authority("Issuing"), leaf);
    assert_eq!(
        refusal(&three),
        ("certificate_purpose", SubIndication::ChainConstraintsFailure)
    );
}

#[test]
fn a_key_for_servers_cannot_sign_documents() {
    let mut leaf = person("Ana");
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let three = Three::with(authority("Root"), authority("Issuing"), leaf);
    assert_eq!(refusal(&three).0, "certificate_purpose");
}

#[test]
fn a_timestamping_unit_needs_its_usage_alone_and_critical() {
    let mut leaf = person("Unit");
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::TimeStamping];
    let three = Three::with(authority("Root"), authority("Issuing"), leaf);
    let question = three.question().purpose(Purpose::TimeStamping);
    let failure = validate(&three.leaf.certificate, &question).unwrap_err();
    assert_eq!(
        failure.code(),
        "certificate_purpose",
        "rcgen does not mark it critical"
    );
}

#[test]
fn a_leaf_that_is_itself_trusted_needs_no_issuer() {
    let three = Three::new();
    let anchors: TrustAnchors = [three.leaf.certificate.clone()].into_iter().collect();
    let path = validate(&three.leaf.certificate, &Question::new(&anchors, AT)).unwrap();
    assert_eq!(path.certificates.len(), 1);
}

#[test]
fn either_root_of_a_cross_certified_authority_leads_to_a_path() {
    let three = Three::new();
    let other = Party::root(authority("Other root"));
    let crossed = other.certify(authority("Issuing"), three.issuing.key());
    let all = [three.issuing.certificate.clone(), crossed.certificate];
    for root in [&three.root, &other] {
        let anchors: TrustAnchors = [root.certificate.clone()].into_iter().collect();
        let path = validate(
            &three.leaf.certificate,
            &Question::new(&anchors, AT).intermediates(&all),
        )
        .unwrap();
        assert_eq!(*path.anchor.certificate(), root.certificate);
    }
}

#[test]
fn the_failure_that_came_furthest_speaks() {
    let mut leaf = person("Ana");
    leaf.not_after = AT - Duration::seconds(1);
    let three = Three::with(authority("Root"), authority("Issuing"), leaf);
    let stray = Party::root(authority("Issuing"));
    let all = [stray.certificate, three.issuing.certificate.clone()];
    let failure = validate(
        &three.leaf.certificate,
        &Question::new(&three.anchors, AT).intermediates(&all),
    );
    assert_eq!(failure.unwrap_err().code(), "certificate_expired");
}
