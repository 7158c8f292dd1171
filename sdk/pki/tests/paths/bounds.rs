//! What is tried up to a bound and no farther: exactly so many, and one more.

use rcgen::{
    CertificateRevocationListParams, CrlDistributionPoint, CrlIssuingDistributionPoint,
    ExtendedKeyUsagePurpose, Issuer, KeyIdMethod, KeyPair, SerialNumber,
};
use sdk_pki::{Evidence, Question, RevocationStatus, validate};
use time::Duration;

use crate::maker::{AT, Answer, Three, authority, person};

fn is_good(three: &Three, question: &Question<'_>) -> bool {
    let path = validate(&three.leaf.certificate, question).unwrap();
    matches!(path.statuses[0], RevocationStatus::Good { .. })
}

/// A response by a responder whose certificate stands behind so many others over the same key.
fn answered_behind(others: usize) -> bool {
    let three = Three::new();
    let mut responder = person("Responder");
    responder.serial_number = None;
    let mut certified = responder.clone();
    certified.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
    let delegate = three.issuing.issue(certified);
    let uncertified = |_| {
        three
            .issuing
            .certify(responder.clone(), delegate.key())
            .certificate
    };
    let mut answer = Answer::good(&three.leaf, &three.issuing);
    answer.certificates = (0..others).map(uncertified).collect();
    answer.certificates.push(delegate.certificate.clone());
    let mut evidence = Evidence::new();
    evidence.add_ocsp(&answer.signed(&delegate)).unwrap();
    is_good(&three, &three.question().evidence(&evidence))
}

#[test]
fn row_60_as_many_certificates_of_a_responder_as_are_tried_are_tried() {
    assert!(answered_behind(7));
}

#[test]
fn row_60_more_certificates_of_a_responder_are_not_tried() {
    assert!(!answered_behind(8));
}

/// A list by an authority that has its certificate behind so many others of its name, each over another key.
fn listed_behind(others: usize) -> bool {
    let three = Three::new();
    let former = |_| three.root.issue(authority("Issuing")).certificate;
    let signer = three.root.issue(authority("Issuing"));
    let mut chain = three.chain.clone();
    chain.extend((0..others).map(former));
    chain.push(signer.certificate.clone());
    let mut evidence = Evidence::new();
    evidence
        .add_crl(&signer.list(AT - Duration::days(1), &[]))
        .unwrap();
    is_good(
        &three,
        &Question::new(&three.anchors, AT)
            .intermediates(&chain)
            .evidence(&evidence),
    )
}

#[test]
fn row_60_as_many_signers_of_a_list_as_are_tried_are_tried() {
    assert!(listed_behind(7));
}

#[test]
fn row_60_more_signers_of_a_list_are_not_tried() {
    assert!(!listed_behind(8));
}

/// A certificate that names so many distribution points, and a list of the last of them.
fn listed_at(point: usize) -> bool {
    let at = |point: usize| CrlDistributionPoint {
        uris: vec![format!("http://lists.test/{point}")],
    };
    let mut leaf = person("Ana");
    leaf.crl_distribution_points = (1..=point).map(at).collect();
    let three = Three::with(authority("Root"), authority("Issuing"), leaf);
    let list = CertificateRevocationListParams {
        this_update: AT - Duration::days(1),
        next_update: AT + Duration::days(1),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: Some(CrlIssuingDistributionPoint {
            distribution_point: at(point),
            scope: None,
        }),
        revoked_certs: Vec::new(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    let issuer: Issuer<'_, &KeyPair> = Issuer::from_params(&three.issuing.params, &three.issuing.key);
    let mut evidence = Evidence::new();
    evidence.add_crl(list.signed_by(&issuer).unwrap().der()).unwrap();
    is_good(&three, &three.question().evidence(&evidence))
}

#[test]
fn row_60_as_many_distribution_points_as_are_looked_at_are_looked_at() {
    assert!(listed_at(16));
}

#[test]
fn row_60_more_distribution_points_are_not_looked_at() {
    assert!(!listed_at(17));
}
