//! Signatures made by OpenSSL (`tests/data/cms/make.sh`).

use sdk_pki::{
    AlgorithmPolicy, Certificate, Digest, DigestAlgorithm, Evidence, Purpose, Question, SubIndication,
    TrustAnchors, oid, validate,
};
use time::macros::datetime;

use crate::cms::{
    Binding, Breakage, CmsError, CmsVerdict, Content, Doubt, Integrity, Irregularity, SignedData, Token,
};

pub(super) const CONTENT: &[u8] = b"Ordenanza 42\n";
pub(super) const NOW: sdk_pki::Time = datetime!(2026-12-01 12:00 UTC);

macro_rules! data {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/data/cms/", $name))
    };
}
pub(super) use data;

pub(super) fn anchors() -> TrustAnchors {
    TrustAnchors::from_pem(include_str!("../../../tests/data/cms/root.pem")).unwrap()
}

fn detached(bytes: &[u8], content: &[u8]) -> CmsVerdict {
    let signed = SignedData::parse(bytes).unwrap();
    let digest = signed.digest_algorithm().unwrap().of(content);
    signed.verify(Content::Detached(&digest), &[])
}

#[test]
fn a_detached_signature_is_intact_bound_and_trusted() {
    let signed = SignedData::parse(data!("detached.p7s")).unwrap();
    let verdict = detached(data!("detached.p7s"), CONTENT);
    assert_eq!(verdict.integrity, Integrity::Intact);
    assert_eq!(verdict.binding, Binding::V2(DigestAlgorithm::Sha256));
    let signer = verdict.signer.unwrap();
    assert_eq!(signer.subject().common_name(), Some("María Muñoz del Río"));
    assert_eq!(signer.subject().attribute(oid::TITLE), Some("Directora de Obras"));
    let anchors = anchors();
    let path = validate(
        &signer,
        &Question::new(&anchors, NOW).intermediates(signed.certificates()),
    )
    .unwrap();
    assert_eq!(
        (path.certificates.len(), path.revocation().to_string()),
        (1, "unknown".to_owned())
    );
    assert!(signed.claimed_time().is_some() && signed.irregularities().is_empty());
}

#[test]
fn row_58_a_signature_on_a_curve_that_is_not_checked_is_not_called_forged() {
    let verdict = detached(data!("brainpool.p7s"), CONTENT);
    assert!(
        matches!(verdict.integrity, Integrity::Unknown(Doubt::Unsupported(_))),
        "{:?}",
        verdict.integrity
    );
    let verdict = detached(data!("brainpool.p7s"), b"Ordenanza 43\n");
    assert_eq!(verdict.integrity, Integrity::Broken(Breakage::Content));
}

#[test]
fn changed_content_is_broken() {
    let verdict = detached(data!("detached.p7s"), b"Ordenanza 43\n");
    assert_eq!(verdict.integrity, Integrity::Broken(Breakage::Content));
    assert_eq!(
        verdict.integrity.sub_indication(),
        Some(SubIndication::HashFailure)
    );
    assert!(verdict.signer.is_some());
}

#[test]
fn rsa_pss_p384_and_p521_verify() {
    for bytes in [
        &data!("rsa.p7s")[..],
        data!("rsa512.p7s"),
        data!("pss.p7s"),
        data!("p384.p7s"),
        data!("p521.p7s"),
    ] {
        assert_eq!(detached(bytes, CONTENT).integrity, Integrity::Intact);
        assert_eq!(
            detached(bytes, b"").integrity,
            Integrity::Broken(Breakage::Content)
        );
    }
}

#[test]
fn a_digest_longer_than_the_curve_verifies() {
    assert_eq!(
        detached(data!("p256_sha512.p7s"), CONTENT).integrity,
        Integrity::Intact
    );
}

#[test]
fn pss_with_another_salt_than_usual_verifies() {
    assert_eq!(
        detached(data!("pss_salt20.p7s"), CONTENT).integrity,
        Integrity::Intact
    );
}

#[test]
fn detached_content_signed_directly_verifies_from_its_digest() {
    let verdict = |content| detached(data!("noattr_detached.p7s"), content).integrity;
    assert_eq!(verdict(CONTENT), Integrity::Intact);
    assert_eq!(verdict(b"other"), Integrity::Broken(Breakage::Signature));
}

#[test]
fn sha1_verifies_so_that_the_policy_can_refuse_it() {
    let verdict = detached(data!("sha1.p7s"), CONTENT);
    assert_eq!(verdict.integrity, Integrity::Intact);
    let weakness = verdict.strength(&AlgorithmPolicy::default(), NOW).unwrap_err();
    assert_eq!(weakness.what, "SHA-1");
}

#[test]
fn a_signer_named_by_key_identifier_is_found() {
    assert_eq!(detached(data!("keyid.p7s"), CONTENT).integrity, Integrity::Intact);
}

#[test]
fn without_the_certificate_the_integrity_is_unknown_until_it_is_supplied() {
    let signed = SignedData::parse(data!("nocerts.p7s")).unwrap();
    let digest = DigestAlgorithm::Sha256.of(CONTENT);
    let verdict = signed.verify(Content::Detached(&digest), &[]);
    assert_eq!(verdict.integrity, Integrity::Unknown(Doubt::NoCertificate));
    let others = SignedData::parse(data!("detached.p7s")).unwrap();
    let verdict = signed.verify(Content::Detached(&digest), others.certificates());
    assert_eq!(verdict.integrity, Integrity::Intact);
}

#[test]
fn a_signature_without_ess_attribute_is_intact_and_unbound() {
    let verdict = detached(data!("plain.p7s"), CONTENT);
    assert_eq!(
        (verdict.integrity, verdict.binding),
        (Integrity::Intact, Binding::Absent)
    );
}

#[test]
fn embedded_content_is_read_and_judged() {
    let signed = SignedData::parse(data!("embedded.p7s")).unwrap();
    assert_eq!(signed.content(), Some(CONTENT));
    assert_eq!(signed.verify(Content::Embedded, &[]).integrity, Integrity::Intact);
}

#[test]
fn row_57_ber_with_indefinite_lengths_is_read_and_noted() {
    let signed = SignedData::parse(data!("indefinite.p7s")).unwrap();
    assert_eq!(signed.irregularities(), [Irregularity::NotDer]);
    assert_eq!(signed.verify(Content::Embedded, &[]).integrity, Integrity::Intact);
}

#[test]
fn embedded_content_signed_directly_verifies() {
    let signed = SignedData::parse(data!("noattr.p7s")).unwrap();
    assert_eq!(signed.verify(Content::Embedded, &[]).integrity, Integrity::Intact);
    assert!(signed.signer().signed_attributes().is_none());
}

#[test]
fn asking_for_content_that_is_not_inside_is_no_verdict() {
    let signed = SignedData::parse(data!("detached.p7s")).unwrap();
    assert_eq!(
        signed.verify(Content::Embedded, &[]).integrity,
        Integrity::Unknown(Doubt::NoContent)
    );
}

#[test]
fn row_57_two_signers_are_refused_with_their_number() {
    assert_eq!(
        SignedData::parse(data!("two.p7s")).unwrap_err(),
        CmsError::SeveralSigners(2)
    );
}

#[test]
fn row_57_zeros_may_follow_in_a_pdf_and_nothing_else_anywhere() {
    let mut padded = data!("detached.p7s").to_vec();
    padded.extend([0; 100]);
    assert_eq!(SignedData::parse(&padded).unwrap_err(), CmsError::Trailing);
    assert_eq!(
        SignedData::parse_padded(&padded).unwrap().octets(),
        padded.len() - 100
    );
    padded.push(1);
    assert_eq!(SignedData::parse_padded(&padded).unwrap_err(), CmsError::Trailing);
}

#[test]
fn a_certificate_is_not_a_signature() {
    let pem = include_str!("../../../tests/data/cms/root.pem");
    let certificate = Certificate::from_pem(pem).unwrap();
    assert!(SignedData::parse(certificate[0].der()).is_err());
}

#[test]
fn a_timestamp_is_sound_over_its_data_and_its_unit_is_trusted() {
    let token = Token::parse(data!("token.tst")).unwrap();
    let data = token.imprint_algorithm().unwrap().of(CONTENT);
    let verdict = token.verify(&data, &[]);
    assert!(verdict.is_sound(), "{verdict:?}");
    let (anchors, evidence) = (anchors(), Evidence::new());
    validate(
        verdict.unit.as_ref().unwrap(),
        &token.question(&anchors, &evidence, NOW),
    )
    .unwrap();
    assert!(verdict.strength(&AlgorithmPolicy::default(), NOW).is_ok());
    assert_eq!(token.info().accuracy.seconds, 1);
    assert!(token.info().nonce.is_some());
}

#[test]
fn a_timestamp_over_other_data_covers_nothing() {
    let token = Token::parse(data!("token.tst")).unwrap();
    let verdict = token.verify(&DigestAlgorithm::Sha256.of(b"other"), &[]);
    assert!(verdict.integrity == Integrity::Intact && !verdict.covers && !verdict.is_sound());
    let longer = Digest::new(DigestAlgorithm::Sha512, &[0; 64]).unwrap();
    assert!(!token.verify(&longer, &[]).covers);
}

#[test]
fn a_signer_of_documents_is_not_trusted_as_a_timestamping_unit() {
    let verdict = detached(data!("detached.p7s"), CONTENT);
    let anchors = anchors();
    let question = Question::new(&anchors, NOW).purpose(Purpose::TimeStamping);
    let failure = validate(&verdict.signer.unwrap(), &question).unwrap_err();
    assert_eq!(failure.code(), "certificate_purpose");
    assert_eq!(failure.sub_indication(), SubIndication::ChainConstraintsFailure);
}

#[test]
fn a_timestamping_unit_is_not_trusted_as_a_signer_of_documents() {
    let token = Token::parse(data!("token.tst")).unwrap();
    let unit = token
        .verify(&DigestAlgorithm::Sha256.of(CONTENT), &[])
        .unit
        .unwrap();
    let failure = validate(&unit, &Question::new(&anchors(), NOW)).unwrap_err();
    assert_eq!(failure.code(), "certificate_purpose");
}

#[test]
fn a_document_signature_is_not_a_timestamp() {
    assert_eq!(
        Token::parse(data!("embedded.p7s")).unwrap_err(),
        CmsError::NotToken
    );
}
