//! Row 62: a certificate counts at the time that is proven, whatever the signer claims. Row 58: what a timestamp may
//! rest on. The official's certificate is valid in 2026 and 2027; the authorities' and the unit's until 2040.

use sdk_document::{Integrity, Language, Report, TimeSource, Verdict};
use sdk_pki::DigestAlgorithm;
use time::OffsetDateTime;
use time::macros::datetime;

use super::stamper::Stamp;
use super::workshop::{NOW, Official, base};

/// When the official's certificate has ended.
const LATER: OffsetDateTime = datetime!(2030-05-01 12:00 UTC);

/// Signed and stamped so, and judged later.
fn later(stamp: Stamp) -> Report {
    let mut official = Official::new();
    official.stamp = Some(stamp);
    official.judge_at(&official.sign(&base()), LATER)
}

fn has(report: &Report, code: &str) -> bool {
    report.problems.iter().any(|p| p.code == code)
}

/// The timestamp proves nothing, so that the certificate's end counts.
fn proves_nothing(report: &Report, code: &str) {
    let signature = &report.signatures[0];
    assert_eq!(report.verdict, Verdict::Indeterminate, "{report:#?}");
    assert_eq!(signature.integrity, Integrity::Intact);
    assert_eq!(signature.sub_indication, Some("OUT_OF_BOUNDS_NO_POE"));
    assert_eq!(signature.time_source, TimeSource::Verification);
    assert!(!signature.timestamps[0].verified);
    assert!(has(report, code), "{report:#?}");
    assert!(has(report, "certificate_expired"), "{report:#?}");
}

#[test]
fn row_62_a_certificate_that_has_expired_since_was_valid_when_it_was_stamped() {
    let report = later(Stamp::at(NOW));
    let signature = &report.signatures[0];
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    assert_eq!(
        (signature.best_time.as_str(), signature.time_source),
        ("2026-11-21T12:00:00Z", TimeSource::SignatureTimestamp)
    );
    assert_eq!(signature.level, "PAdES-B-T");
    assert!(!has(&report, "time_claimed"));
    let told = report.sentence(Language::Es);
    assert!(told.contains("el 21 de noviembre de 2026 a las 12:00"), "{told}");
    assert!(!told.contains("declarada"), "{told}");
}

#[test]
fn row_62_a_stamp_after_the_end_of_the_certificate_does_not_help_whatever_the_signer_claims() {
    let mut official = Official::new();
    official.claimed = "D:20260601120000Z";
    official.stamp = Some(Stamp::at(datetime!(2028-02-01 12:00 UTC)));
    let report = official.judge_at(&official.sign(&base()), LATER);
    let signature = &report.signatures[0];
    assert_eq!(report.verdict, Verdict::Indeterminate, "{report:#?}");
    assert_eq!(signature.sub_indication, Some("OUT_OF_BOUNDS_NO_POE"));
    assert_eq!(signature.best_time, "2028-02-01T12:00:00Z");
    assert_eq!(signature.claimed_time.as_deref(), Some("2026-06-01T12:00:00Z"));
}

#[test]
fn row_62_a_stamp_before_the_beginning_of_the_certificate_does_not_help() {
    let report = later(Stamp::at(datetime!(2025-12-31 12:00 UTC)));
    assert!(!report.is_valid(), "{report:#?}");
    assert!(has(&report, "certificate_not_yet_valid"), "{report:#?}");
}

#[test]
fn row_62_a_time_that_the_signer_claims_changes_no_verdict() {
    for claimed in ["D:20190101000000Z", "D:20290101000000Z", "D:00000000", ""] {
        let mut official = Official::new();
        official.claimed = claimed;
        let signed = official.sign(&base());
        assert_eq!(official.judge(&signed).verdict, Verdict::Valid, "{claimed}");
        let report = official.judge_at(&signed, LATER);
        assert_eq!(report.verdict, Verdict::Indeterminate, "{claimed}");
        assert_eq!(report.signatures[0].best_time, "2030-05-01T12:00:00Z");
    }
}

#[test]
fn row_62_a_stamp_on_something_else_proves_nothing() {
    let stamp = Stamp {
        instead: Some(b"another signature"),
        ..Stamp::at(NOW)
    };
    proves_nothing(&later(stamp), "timestamp_broken");
}

#[test]
fn row_62_a_stamp_by_one_who_may_not_stamp_proves_nothing() {
    let stamp = Stamp {
        by_the_signer: true,
        ..Stamp::at(NOW)
    };
    proves_nothing(&later(stamp), "timestamp_untrusted");
}

#[test]
fn row_62_a_stamp_under_another_root_proves_nothing() {
    let (mut official, stranger) = (Official::new(), Official::new());
    official.stamp = Some(Stamp::at(NOW));
    official.unit = stranger.unit;
    proves_nothing(
        &official.judge_at(&official.sign(&base()), LATER),
        "timestamp_untrusted",
    );
}

#[test]
fn row_62_a_stamp_from_the_future_proves_nothing() {
    let stamp = Stamp::at(LATER + time::Duration::minutes(1));
    proves_nothing(&later(stamp), "timestamp_future");
}

#[test]
fn row_58_a_stamp_on_a_sha1_of_the_signature_proves_nothing() {
    let stamp = Stamp {
        imprint: DigestAlgorithm::Sha1,
        ..Stamp::at(NOW)
    };
    proves_nothing(&later(stamp), "timestamp_untrusted");
}

#[test]
fn row_58_a_stamp_that_digests_itself_by_sha1_proves_nothing() {
    let stamp = Stamp {
        digest: DigestAlgorithm::Sha1,
        ..Stamp::at(NOW)
    };
    proves_nothing(&later(stamp), "timestamp_broken");
}
