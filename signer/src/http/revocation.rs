//! What is known of a certificate's revocation, in words: when it was not, since when it was, or why nothing is known.

use sdk_document::{Kind, Report, Revoked, SignatureReport, Trust};

use super::words::Words;
use crate::zone::Zone;

/// What stands behind the one word of the report.
pub(super) fn note(w: &Words, zone: &Zone, report: &Report, signature: &SignatureReport) -> Option<String> {
    let at = |key: &str, time: &Option<String>| {
        let time = time.as_deref()?;
        Some(w.with(key, "at", &w.rfc3339(zone, time)))
    };
    match signature.revocation {
        Revoked::Good => at("revocation-good-as-of", &signature.revocation_as_of),
        Revoked::Revoked => at("revocation-revoked-at", &signature.revoked_at),
        Revoked::Unknown => Some(w.named("revocation-because-", because(report, signature))),
    }
}

/// For a document that is held for authentic: that it is not known whether a signer's certificate was revoked.
pub(super) fn doubt(w: &Words, report: &Report) -> Option<String> {
    let unknown = |s: &SignatureReport| s.kind == Kind::Signature && s.revocation == Revoked::Unknown;
    let doubtful = report.is_valid() && report.signatures.iter().any(unknown);
    doubtful.then(|| w.say("revocation-doubt"))
}

fn because(report: &Report, signature: &SignatureReport) -> &'static str {
    let about = |code: &str| {
        let told = |field: &Option<String>| field.as_deref().is_none_or(|field| field == signature.field);
        report.problems.iter().any(|p| p.code == code && told(&p.field))
    };
    if signature.trust != Trust::Trusted {
        "no_path"
    } else if about("revocation_outdated") {
        "outdated"
    } else if about("evidence_not_fetched") {
        "not_fetched"
    } else {
        "nothing"
    }
}

#[cfg(test)]
mod tests {
    use sdk::look::Language;
    use sdk_document::{Bytes, Options, Report, TrustAnchors};

    use super::super::words::words;
    use super::*;

    /// Of a real signature, whose revocation nothing is known of.
    fn report() -> Report {
        let file = include_bytes!("../../../sdk/document/tests/data/pdf/pkcs7_sha1.pdf");
        let at = sdk_document::Time::from_unix_timestamp(1_795_000_000).unwrap();
        sdk_document::verify(Bytes::new(file.to_vec()), &Options::new(TrustAnchors::new(), at))
    }

    fn told(change: impl FnOnce(&mut SignatureReport)) -> Option<String> {
        let mut report = report();
        change(&mut report.signatures[0]);
        note(
            words(Language::Es),
            &Zone::default(),
            &report,
            &report.signatures[0],
        )
    }

    #[test]
    fn what_is_good_says_as_of_when() {
        let text = told(|s| {
            s.revocation = Revoked::Good;
            s.revocation_as_of = Some("2026-11-21T11:42:00Z".into());
        });
        assert!(text.unwrap().contains("21 de noviembre de 2026"));
    }

    #[test]
    fn what_is_revoked_says_since_when() {
        let text = told(|s| {
            s.revocation = Revoked::Revoked;
            s.revoked_at = Some("2026-11-21T11:42:00Z".into());
        });
        assert!(text.unwrap().starts_with("desde el 21 de noviembre de 2026"));
    }

    #[test]
    fn what_is_not_known_says_why() {
        assert!(told(|_| {}).unwrap().contains("sin una autoridad de confianza"));
        let text = told(|s| s.trust = Trust::Trusted);
        assert!(text.unwrap().contains("no tenemos noticias"));
    }

    #[test]
    fn a_document_that_is_not_held_for_authentic_has_greater_doubts() {
        let mut report = report();
        assert_eq!(doubt(words(Language::Es), &report), None);
        report.verdict = sdk_document::Verdict::Valid;
        assert!(doubt(words(Language::Es), &report).is_some());
    }
}
