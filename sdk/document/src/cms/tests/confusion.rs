//! Rows 57 and 58: parts of one signature that pass for another's, and encodings that say the same otherwise.

use sdk_pki::der::{self, Reader, Rules, encode};
use sdk_pki::{DigestAlgorithm, oid};

use super::forge::{Forge, algorithm, attribute};
use super::openssl::{CONTENT, data};
use crate::cms::{Breakage, CmsError, Content, Doubt, Integrity, Irregularity, SignedData};

fn judged(forge: &Forge) -> (Integrity, Vec<Irregularity>) {
    let signed = SignedData::parse(&forge.build()).unwrap();
    let verdict = signed.verify(Content::Detached(&Forge::digest()), &[]);
    (verdict.integrity, signed.irregularities().to_vec())
}

/// A countersignature (RFC 5652 §11.4) that says to be over a value with this digest.
fn countersignature(digest: &[u8]) -> Vec<u8> {
    let id = [encode(der::SEQUENCE, &[]), encode(der::INTEGER, &[9])].concat();
    let named = attribute(oid::MESSAGE_DIGEST, &encode(der::OCTET_STRING, digest));
    let info = [
        encode(der::INTEGER, &[1]),
        encode(der::SEQUENCE, &id),
        algorithm(oid::SHA256),
        encode(0xa0, &named),
        algorithm(oid::ECDSA_WITH_SHA256),
        encode(der::OCTET_STRING, b"by somebody"),
    ];
    attribute(oid::COUNTERSIGNATURE, &encode(der::SEQUENCE, &info.concat()))
}

fn countersigned(make: fn(&[u8]) -> Vec<u8>) -> (Integrity, Vec<Irregularity>) {
    judged(&Forge {
        unsigned: Some(Box::new(make)),
        ..Forge::new()
    })
}

#[test]
fn row_57_a_countersignature_over_the_signature_is_told() {
    let told = countersigned(|value| countersignature(DigestAlgorithm::Sha256.of(value).bytes()));
    assert_eq!(told, (Integrity::Intact, vec![Irregularity::Countersigned]));
}

#[test]
fn row_57_a_countersignature_replaced_by_one_of_another_signature_is_told() {
    let told = countersigned(|_| countersignature(DigestAlgorithm::Sha256.of(b"another").bytes()));
    assert_eq!(told, (Integrity::Intact, vec![Irregularity::Countersignature]));
}

#[test]
fn row_57_a_countersignature_beside_a_foreign_one_hides_nothing() {
    let told = countersigned(|value| {
        let honest = countersignature(DigestAlgorithm::Sha256.of(value).bytes());
        [honest, countersignature(&[7; 32])].concat()
    });
    let both = vec![Irregularity::Countersigned, Irregularity::Countersignature];
    assert_eq!(told, (Integrity::Intact, both));
}

#[test]
fn row_57_a_countersignature_that_cannot_be_read_is_told() {
    let told = countersigned(|_| attribute(oid::COUNTERSIGNATURE, &encode(der::SEQUENCE, b"\x02\x01\x01")));
    assert_eq!(told, (Integrity::Intact, vec![Irregularity::Countersignature]));
}

#[test]
fn row_57_an_unsigned_attribute_does_not_pass_for_a_signed_one() {
    let mut forge = Forge::new();
    forge.remove(oid::MESSAGE_DIGEST);
    forge.unsigned = Some(Box::new(|_| {
        attribute(
            oid::MESSAGE_DIGEST,
            &encode(der::OCTET_STRING, Forge::digest().bytes()),
        )
    }));
    assert_eq!(
        SignedData::parse(&forge.build()).unwrap_err(),
        CmsError::Attribute("messageDigest")
    );
}

#[test]
fn row_58_a_message_digest_cut_short_is_broken() {
    for octets in [0, 1, 16, 20, 31] {
        let mut forge = Forge::new();
        let short = encode(der::OCTET_STRING, &Forge::digest().bytes()[..octets]);
        forge.replace(oid::MESSAGE_DIGEST, &short);
        assert_eq!(judged(&forge).0, Integrity::Broken(Breakage::Content), "{octets}");
    }
}

/// The place of RSASSA-PSS's parameters in `pss.p7s`: SHA-256, MGF1 with SHA-256, a salt of 32 octets.
fn pss_parameters() -> usize {
    let start = [0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09];
    let bytes = data!("pss.p7s");
    bytes.windows(start.len()).position(|w| w == start).unwrap()
}

fn pss_with(places: &[usize], octet: u8) -> Integrity {
    let mut bytes = data!("pss.p7s").to_vec();
    for place in places {
        bytes[pss_parameters().strict_add(*place)] = octet;
    }
    let signed = SignedData::parse(&bytes).unwrap();
    let digest = DigestAlgorithm::Sha256.of(CONTENT);
    signed.verify(Content::Detached(&digest), &[]).integrity
}

/// The last octets of the OIDs: 1 is SHA-256, 2 is SHA-384.
const PSS_DIGEST: usize = 14;
const PSS_MASK: usize = 44;
const PSS_SALT: usize = 51;

#[test]
fn pss_parameters_are_where_the_tests_look_for_them() {
    let at = |place: usize| data!("pss.p7s")[pss_parameters() + place];
    assert_eq!([at(PSS_DIGEST), at(PSS_MASK), at(PSS_SALT)], [1, 1, 32]);
    assert_eq!(pss_with(&[PSS_DIGEST, PSS_MASK], 1), Integrity::Intact);
}

#[test]
fn row_57_pss_parameters_that_contradict_the_digest_are_broken() {
    let found = pss_with(&[PSS_DIGEST, PSS_MASK], 2);
    assert_eq!(found, Integrity::Broken(Breakage::Algorithms));
}

#[test]
fn row_57_pss_parameters_that_contradict_each_other_are_not_believed() {
    for place in [PSS_DIGEST, PSS_MASK] {
        let found = pss_with(&[place], 2);
        assert!(
            matches!(found, Integrity::Unknown(Doubt::Unsupported(_))),
            "{found:?}"
        );
    }
}

#[test]
fn row_57_pss_parameters_with_another_salt_are_broken() {
    for octets in [20, 31, 33] {
        let found = pss_with(&[PSS_SALT], octets);
        assert_eq!(found, Integrity::Broken(Breakage::Signature), "{octets}");
    }
}

#[test]
fn row_58_pss_without_a_salt_is_broken() {
    let found = pss_with(&[PSS_SALT], 0);
    assert!(matches!(found, Integrity::Broken(_)), "{found:?}");
}

/// The first `levels` levels with indefinite lengths (X.690 §8.1.3.6).
fn indefinite(bytes: &[u8], levels: usize) -> Vec<u8> {
    let mut reader = Reader::new(bytes, Rules::Der);
    let mut out = Vec::new();
    while !reader.is_empty() {
        let element = reader.read().unwrap();
        if levels == 0 || element.tag() & 0x20 == 0 {
            out.extend(element.raw());
        } else {
            out.extend([element.tag(), 0x80]);
            out.extend(indefinite(element.value(), levels.strict_sub(1)));
            out.extend([0, 0]);
        }
    }
    out
}

#[test]
fn row_57_ber_with_indefinite_lengths_on_every_level_says_the_same() {
    let der = Forge::new().build();
    // Below the fourth stand certificates, which are DER wherever they are.
    for levels in 1..=4 {
        let signed = SignedData::parse(&indefinite(&der, levels)).unwrap();
        assert_eq!(signed.irregularities(), [Irregularity::NotDer], "{levels}");
        let verdict = signed.verify(Content::Detached(&Forge::digest()), &[]);
        assert_eq!(verdict.integrity, Integrity::Intact, "{levels}");
    }
}

#[test]
fn row_57_ber_that_does_not_end_is_refused() {
    let ber = indefinite(&Forge::new().build(), 4);
    for missing in 1..=8 {
        let cut = &ber[..ber.len() - missing];
        assert!(SignedData::parse(cut).is_err(), "{missing}");
        assert!(SignedData::parse_padded(cut).is_err(), "{missing}");
    }
}
