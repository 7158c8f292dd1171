//! Formats beside PAdES: what readers wrote before it, and CMS that stands alone.

#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test fails loudly"
)]

use sdk_document::{Bytes, Coverage, Integrity, Options, Report, TrustAnchors, Verdict, verify, verify_cms};
use time::OffsetDateTime;
use time::macros::datetime;

/// Files of 2012, when SHA-1 was believed.
const THEN: OffsetDateTime = datetime!(2012-06-01 12:00 UTC);
const RSA_SHA1: &[u8] = include_bytes!("data/pdf/rsa_sha1.pdf");
const PKCS7_SHA1: &[u8] = include_bytes!("data/pdf/pkcs7_sha1.pdf");

fn old(file: &[u8], at: OffsetDateTime) -> Report {
    let anchors = TrustAnchors::from_pem(include_str!("data/pdf/c.pem")).unwrap();
    verify(Bytes::new(file), &Options::new(anchors, at))
}

#[test]
fn formats_of_old_are_judged_by_what_was_believed_then() {
    for file in [RSA_SHA1, PKCS7_SHA1] {
        let report = old(file, THEN);
        assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
        assert_eq!(report.signatures[0].coverage, Coverage::WholeFile);
        assert_eq!(report.signatures[0].level, "PKCS7");
        let today = old(file, datetime!(2026-11-21 12:00 UTC));
        assert_eq!(today.verdict, Verdict::Indeterminate);
        assert_eq!(today.signatures[0].integrity, Integrity::Intact);
        assert!(today.problems.iter().any(|p| p.code == "algorithm_weak"));
    }
}

#[test]
fn row_58_formats_of_old_are_broken_by_a_changed_byte() {
    for file in [RSA_SHA1, PKCS7_SHA1] {
        let mut changed = file.to_vec();
        let at = changed.windows(3).position(|w| w == b"595").unwrap();
        changed[at] = b'6';
        let report = old(&changed, THEN);
        assert_eq!(report.verdict, Verdict::Invalid, "{report:#?}");
        assert_eq!(report.signatures[0].integrity, Integrity::Broken);
    }
}

#[test]
fn a_bare_value_needs_a_certificate_beside_it() {
    let mut without = RSA_SHA1.to_vec();
    let at = without.windows(5).position(|w| w == b"/Cert").unwrap();
    without[at + 1] = b'K';
    let report = old(&without, THEN);
    assert_eq!(
        report.signatures[0].sub_indication,
        Some("NO_SIGNING_CERTIFICATE_FOUND")
    );
}

const CONTENT: &[u8] = b"Ordenanza 42\n";

fn alone(signature: &[u8], content: Option<&[u8]>) -> Report {
    let anchors = TrustAnchors::from_pem(include_str!("data/cms/root.pem")).unwrap();
    let at = anchors.iter().next().unwrap().certificate().not_before() + time::Duration::minutes(1);
    verify_cms(signature, content.map(Bytes::new), &Options::new(anchors, at))
}

#[test]
fn a_detached_signature_is_about_its_file() {
    let report = alone(include_bytes!("data/cms/detached.p7s"), Some(CONTENT));
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    assert_eq!(report.file.size, 13);
    assert_eq!(report.signatures[0].byte_ranges, [[0, 13]]);
    assert_eq!(report.signatures[0].coverage, Coverage::WholeFile);
}

#[test]
fn a_detached_signature_is_not_about_another_file() {
    let report = alone(include_bytes!("data/cms/detached.p7s"), Some(b"Ordenanza 43\n"));
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!(report.signatures[0].sub_indication, Some("HASH_FAILURE"));
}

#[test]
fn a_detached_signature_alone_is_undecided() {
    let report = alone(include_bytes!("data/cms/detached.p7s"), None);
    assert_eq!(report.verdict, Verdict::Indeterminate);
    assert_eq!(report.signatures[0].sub_indication, Some("SIGNED_DATA_NOT_FOUND"));
}

#[test]
fn a_signature_may_hold_what_it_is_about() {
    let report = alone(include_bytes!("data/cms/embedded.p7s"), None);
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    assert_eq!(report.file.size, 13);
}

#[test]
fn row_57_two_contents_are_not_judged() {
    let report = alone(include_bytes!("data/cms/embedded.p7s"), Some(CONTENT));
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!(report.signatures[0].integrity, Integrity::Unknown);
    assert!(report.problems.iter().any(|p| p.code == "cms_encapsulates"));
}

#[test]
fn pem_is_read_like_der() {
    let der = include_bytes!("data/cms/embedded.p7s");
    let pem = format!(
        "-----BEGIN PKCS7-----\n{}\n-----END PKCS7-----\n",
        data_encoding::BASE64.encode(der)
    );
    assert_eq!(alone(pem.as_bytes(), None), alone(der, None));
}

#[test]
fn row_57_what_is_no_signature_has_a_report_too() {
    for bytes in [&b""[..], b"0", b"\x30\x80", &[0x30; 4096]] {
        let report = alone(bytes, None);
        assert_eq!(report.verdict, Verdict::Invalid);
        assert_eq!(report.signatures[0].sub_indication, Some("FORMAT_FAILURE"));
    }
}

/// The schema's elements, in its order, and nothing that a reader of XML would stumble over.
#[test]
fn row_67_the_report_is_told_in_xml_too() {
    let xml = old(RSA_SHA1, THEN).to_xml();
    let places: Vec<usize> = [
        "<ValidationReport xmlns=\"http://uri.etsi.org/19102/v1.2.1#\"",
        "<SignatureIdentifier id=\"S-0\">",
        "<ValidationTime>2012-06-01T12:00:00Z</ValidationTime>",
        "<Signer>Maria Munoz</Signer>",
        "<MainIndication>urn:etsi:019102:mainindication:total-passed</MainIndication>",
        "<ValidationObject id=\"C-0\">",
        "</ValidationReport>",
    ]
    .iter()
    .map(|part| xml.find(part).unwrap_or_else(|| panic!("no {part} in {xml}")))
    .collect();
    assert!(places.is_sorted(), "{xml}");
    let today = old(RSA_SHA1, datetime!(2026-11-21 12:00 UTC)).to_xml();
    assert!(today.contains("urn:etsi:019102:subindication:"), "{today}");
    assert!(today.contains("<Value xsi:type=\"xs:string\">algorithm_weak</Value>"));
    let nothing = verify(
        Bytes::new(&b"no PDF"[..]),
        &Options::new(TrustAnchors::new(), THEN),
    )
    .to_xml();
    assert!(nothing.contains(">not_a_pdf</Value>"), "{nothing}");
}
