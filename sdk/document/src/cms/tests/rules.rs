//! One rule broken each time.

use sdk_pki::der::{self, encode};
use sdk_pki::{DigestAlgorithm, oid};

use super::forge::{Forge, algorithm, attribute, ess_v2};
use crate::cms::{Binding, Breakage, CmsError, Content, Doubt, Integrity, Irregularity, SignedData};

fn integrity(forge: &Forge) -> Integrity {
    SignedData::parse(&forge.build())
        .unwrap()
        .verify(Content::Detached(&Forge::digest()), &[])
        .integrity
}

fn refusal(forge: &Forge) -> CmsError {
    SignedData::parse(&forge.build()).unwrap_err()
}

#[test]
fn nothing_broken_is_intact() {
    assert_eq!(integrity(&Forge::new()), Integrity::Intact);
}

#[test]
fn a_spoiled_signature_value_is_broken() {
    let forge = Forge {
        spoil_signature: true,
        ..Forge::new()
    };
    assert_eq!(integrity(&forge), Integrity::Broken(Breakage::Signature));
}

#[test]
fn row_57_a_content_type_that_differs_from_the_content_is_broken() {
    let mut forge = Forge::new();
    forge.replace(oid::CONTENT_TYPE, &encode(der::OID, oid::TST_INFO));
    assert_eq!(integrity(&forge), Integrity::Broken(Breakage::ContentType));
}

#[test]
fn row_57_missing_required_attributes_are_refused() {
    for (oid, name) in [
        (oid::CONTENT_TYPE, "contentType"),
        (oid::MESSAGE_DIGEST, "messageDigest"),
    ] {
        let mut forge = Forge::new();
        forge.remove(oid);
        assert_eq!(refusal(&forge), CmsError::Attribute(name));
    }
}

#[test]
fn row_57_a_second_message_digest_is_refused() {
    let mut forge = Forge::new();
    forge.attributes.push(attribute(
        oid::MESSAGE_DIGEST,
        &encode(der::OCTET_STRING, &[0; 32]),
    ));
    assert_eq!(refusal(&forge), CmsError::DuplicateAttribute);
}

#[test]
fn row_57_two_values_of_the_message_digest_are_refused() {
    let mut forge = Forge::new();
    let value = encode(der::OCTET_STRING, Forge::digest().bytes());
    forge.replace(oid::MESSAGE_DIGEST, &value.repeat(2));
    assert_eq!(refusal(&forge), CmsError::Attribute("messageDigest"));
}

#[test]
fn naming_another_certificate_is_broken() {
    let mut forge = Forge::new();
    forge.replace(
        oid::SIGNING_CERTIFICATE_V2,
        &ess_v2(&DigestAlgorithm::Sha256.of(b"another")),
    );
    assert_eq!(integrity(&forge), Integrity::Broken(Breakage::Certificate));
}

#[test]
fn a_malformed_signing_certificate_attribute_is_broken() {
    let mut forge = Forge::new();
    forge.replace(oid::SIGNING_CERTIFICATE_V2, &encode(der::SEQUENCE, &[]));
    assert_eq!(integrity(&forge), Integrity::Broken(Breakage::Certificate));
}

#[test]
fn an_old_signing_certificate_attribute_that_contradicts_the_new_one_is_broken() {
    let mut forge = Forge::new();
    let id = encode(der::SEQUENCE, &encode(der::OCTET_STRING, &[0; 20]));
    forge.replace(
        oid::SIGNING_CERTIFICATE,
        &encode(der::SEQUENCE, &encode(der::SEQUENCE, &id)),
    );
    assert_eq!(integrity(&forge), Integrity::Broken(Breakage::Certificate));
}

#[test]
fn a_signature_with_only_the_old_attribute_is_bound_by_sha1() {
    let mut forge = Forge::new();
    forge.remove(oid::SIGNING_CERTIFICATE_V2);
    let hash = DigestAlgorithm::Sha1.of(&forge.certificate);
    let id = encode(der::SEQUENCE, &encode(der::OCTET_STRING, hash.bytes()));
    forge.replace(
        oid::SIGNING_CERTIFICATE,
        &encode(der::SEQUENCE, &encode(der::SEQUENCE, &id)),
    );
    let verdict = SignedData::parse(&forge.build())
        .unwrap()
        .verify(Content::Detached(&Forge::digest()), &[]);
    assert_eq!(
        (verdict.integrity, verdict.binding),
        (Integrity::Intact, Binding::V1)
    );
}

#[test]
fn row_58_a_digest_that_contradicts_the_signature_algorithm_is_broken() {
    let mut forge = Forge {
        digest_algorithm: algorithm(oid::SHA384),
        ..Forge::new()
    };
    let digest = DigestAlgorithm::Sha384.of(Forge::CONTENT);
    forge.replace(oid::MESSAGE_DIGEST, &encode(der::OCTET_STRING, digest.bytes()));
    let signed = SignedData::parse(&forge.build()).unwrap();
    let integrity = signed.verify(Content::Detached(&digest), &[]).integrity;
    assert_eq!(integrity, Integrity::Broken(Breakage::Algorithms));
}

#[test]
fn row_58_an_rsa_algorithm_with_an_elliptic_key_is_broken() {
    let forge = Forge {
        signature_algorithm: algorithm(oid::SHA256_WITH_RSA),
        ..Forge::new()
    };
    assert_eq!(integrity(&forge), Integrity::Broken(Breakage::Signature));
    assert_eq!(forge.public_key().len(), 65);
}

#[test]
fn a_digest_nobody_knows_is_unsupported() {
    let forge = Forge {
        digest_algorithm: algorithm(oid::MD5),
        ..Forge::new()
    };
    assert!(matches!(
        integrity(&forge),
        Integrity::Unknown(Doubt::Unsupported(_))
    ));
}

#[test]
fn protected_algorithms_that_differ_are_broken() {
    let mut forge = Forge::new();
    let protect = |digest: &[u8]| {
        let signature = encode(0xa1, &encode(der::OID, oid::ECDSA_WITH_SHA256));
        encode(der::SEQUENCE, &[algorithm(digest), signature].concat())
    };
    forge.replace(oid::CMS_ALGORITHM_PROTECTION, &protect(oid::SHA256));
    assert_eq!(integrity(&forge), Integrity::Intact);
    forge.replace(oid::CMS_ALGORITHM_PROTECTION, &protect(oid::SHA512));
    assert_eq!(integrity(&forge), Integrity::Broken(Breakage::Algorithms));
}

#[test]
fn a_digest_of_another_algorithm_than_the_signer_used_proves_nothing() {
    let signed = SignedData::parse(&Forge::new().build()).unwrap();
    let digest = DigestAlgorithm::Sha512.of(Forge::CONTENT);
    let integrity = signed.verify(Content::Detached(&digest), &[]).integrity;
    assert_eq!(integrity, Integrity::Unknown(Doubt::NoContent));
}

#[test]
fn attributes_out_of_order_are_intact_and_noted() {
    let forge = Forge {
        sorted: false,
        ..Forge::new()
    };
    assert_eq!(integrity(&forge), Integrity::Intact);
    let signed = SignedData::parse(&forge.build()).unwrap();
    assert_eq!(signed.irregularities(), [Irregularity::AttributeOrder]);
}

#[test]
fn row_57_a_digest_that_is_not_listed_in_front_is_noted() {
    let forge = Forge {
        digest_algorithms: vec![algorithm(oid::SHA512)],
        ..Forge::new()
    };
    let signed = SignedData::parse(&forge.build()).unwrap();
    assert_eq!(signed.irregularities(), [Irregularity::DigestNotListed]);
}

#[test]
fn row_57_no_signer_and_many_signers_are_refused() {
    assert_eq!(
        refusal(&Forge {
            signers: 0,
            ..Forge::new()
        }),
        CmsError::NoSigner
    );
    assert_eq!(
        refusal(&Forge {
            signers: 3,
            ..Forge::new()
        }),
        CmsError::SeveralSigners(3)
    );
}

#[test]
fn an_unknown_version_is_refused() {
    assert!(matches!(
        refusal(&Forge {
            version: 9,
            ..Forge::new()
        }),
        CmsError::Encoding(_)
    ));
}

#[test]
fn a_claimed_time_that_cannot_be_read_is_noted_and_not_shown() {
    let mut forge = Forge::new();
    forge.replace(oid::SIGNING_TIME, &encode(der::UTC_TIME, b"2611211200+0000"));
    let signed = SignedData::parse(&forge.build()).unwrap();
    assert_eq!(
        (signed.claimed_time(), signed.irregularities()),
        (None, &[Irregularity::SigningTime][..])
    );
}

#[test]
fn a_detached_signature_without_signed_attributes_verifies() {
    let mut forge = Forge::new();
    forge.attributes.clear();
    assert_eq!(integrity(&forge), Integrity::Intact);
    forge.spoil_signature = true;
    assert_eq!(integrity(&forge), Integrity::Broken(Breakage::Signature));
}

#[test]
fn row_57_attributes_that_pass_for_content_are_broken() {
    let mut forge = Forge::new();
    let mut attributes = std::mem::take(&mut forge.attributes);
    attributes.sort();
    let embedded = |forge: &Forge| {
        SignedData::parse(&forge.build())
            .unwrap()
            .verify(Content::Embedded, &[])
            .integrity
    };
    forge.embedded = Some(b"honest content".to_vec());
    assert_eq!(embedded(&forge), Integrity::Intact);
    forge.embedded = Some(encode(der::SET, &attributes.concat()));
    assert_eq!(embedded(&forge), Integrity::Broken(Breakage::ContentType));
}
