//! How a report is told.

use std::borrow::Cow;

use sdk::document::{
    Change, Integrity, Kind, Language, Level, Report, Revoked, SignatureReport, TimeSource, Trust, Verdict,
};

/// One line of JSON: the report, and which file it is about.
pub fn as_json(path: &str, report: &Report) -> String {
    #[derive(serde::Serialize)]
    struct Line<'a> {
        path: &'a str,
        #[serde(flatten)]
        report: &'a Report,
    }
    // A report holds strings, numbers and lists: nothing that JSON cannot say.
    serde_json::to_string(&Line { path, report })
        .map(|line| line + "\n")
        .unwrap_or_default()
}

/// The answer, one sentence, and what is behind it.
pub fn as_text(language: Language, path: &str, report: &Report) -> String {
    let mark = match report.verdict {
        Verdict::Valid | Verdict::ValidWithLaterChanges => "✓",
        Verdict::Indeterminate => "?",
        Verdict::Invalid => "✗",
        Verdict::Unsigned => "–",
    };
    let (headline, sentence) = (report.headline(language), report.sentence(language));
    let mut text = format!("{mark} {}: {headline}\n", shown(path));
    let mut line = |words: String| {
        text.push_str("  ");
        text.push_str(&words);
        text.push('\n');
    };
    if sentence.trim_end_matches('.') != headline {
        line(sentence);
    }
    for signature in &report.signatures {
        describe(language, signature, &mut |words| line(format!("  {words}")));
    }
    for problem in &report.problems {
        let about = problem.field.as_ref().map_or(String::new(), |f| format!("{f}: "));
        let words = placed(problem.sentence(language), page(language, problem.page));
        line(format!("  ! {about}{words} [{}]", problem.code));
    }
    text
}

fn describe(language: Language, signature: &SignatureReport, line: &mut dyn FnMut(String)) {
    let say = |es: &'static str, en: &'static str| if language == Language::Es { es } else { en };
    let why = signature
        .sub_indication
        .map_or(String::new(), |s| format!(" ({s})"));
    line(format!(
        "{} · {} · {}{why}",
        signature.field, signature.level, signature.indication
    ));
    if let Some(signer) = &signature.signer {
        let parts = [
            &signer.common_name,
            &signer.position,
            &signer.institution,
            &signer.serial_number,
        ];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        line(format!(
            "  {}: {}",
            say("certificado", "certificate"),
            parts.join(", ")
        ));
        line(format!(
            "  {}: {}",
            say("emitido por", "issued by"),
            signer.issuer
        ));
    }
    let trust = match signature.trust {
        Trust::Trusted => say("de confianza", "trusted"),
        Trust::Untrusted => say("no es de confianza", "not trusted"),
        Trust::Unknown => say("confianza desconocida", "trust unknown"),
    };
    let revocation = match signature.revocation {
        Revoked::Good => say("no revocado", "not revoked"),
        Revoked::Revoked => say("revocado", "revoked"),
        Revoked::Unknown => say("revocación desconocida", "revocation unknown"),
    };
    line(format!("  {trust}, {revocation}"));
    line(format!(
        "  {}: {}",
        say("firmado", "signed"),
        when(language, signature)
    ));
    let seen = |change: &&Change| change.level > Level::LongTerm;
    for change in signature.later_changes.items.iter().filter(seen) {
        line(format!(
            "  {}: {}",
            say("después", "later"),
            later(language, change)
        ));
    }
}

/// The time, and who vouches for it.
fn when(language: Language, signature: &SignatureReport) -> String {
    let say = |es: &'static str, en: &'static str| if language == Language::Es { es } else { en };
    // A timestamp is itself the word of somebody else.
    let vouches = signature.kind == Kind::DocumentTimestamp
        && signature.integrity == Integrity::Intact
        && signature.trust == Trust::Trusted;
    match (signature.time_source, &signature.claimed_time) {
        (TimeSource::Verification, Some(own)) if vouches => {
            format!("{own} ({})", say("sello de tiempo", "timestamp"))
        }
        (TimeSource::Verification, Some(claimed)) => {
            format!("{claimed} ({})", say("hora declarada", "time as claimed"))
        }
        (TimeSource::Verification, None) => say("sin hora", "no time").to_owned(),
        _ => format!(
            "{} ({})",
            signature.best_time,
            say("sello de tiempo", "timestamp")
        ),
    }
}

/// `Se llenó un campo (campo Nombre, página 2). [form_fill]`
fn later(language: Language, change: &Change) -> String {
    let field = change.field.as_ref().map(|name| match language {
        Language::Es => format!("campo {name}"),
        Language::En => format!("field {name}"),
    });
    let place = [field, page(language, change.page)];
    let words = placed(change.sentence(language), place.into_iter().flatten());
    format!("{words} [{}]", change.kind)
}

fn page(language: Language, number: Option<usize>) -> Option<String> {
    number.map(|number| match language {
        Language::Es => format!("página {number}"),
        Language::En => format!("page {number}"),
    })
}

/// A sentence that says where, too.
fn placed(sentence: &str, place: impl IntoIterator<Item = String>) -> String {
    let place: Vec<String> = place.into_iter().collect();
    match place.is_empty() {
        true => sentence.to_owned(),
        false => format!("{} ({}).", sentence.trim_end_matches('.'), place.join(", ")),
    }
}

/// A path as it is safe to show: characters that steer a terminal, break a line or turn the direction of writing are
/// replaced (Unicode TR 36 §2.5), so that no name of a file can look like an answer of ours.
pub fn shown(path: &str) -> Cow<'_, str> {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if path.contains(steers) {
        Cow::Owned(path.replace(steers, "\u{fffd}"))
    } else {
        Cow::Borrowed(path)
    }
}

#[cfg(test)]
mod tests {
    use sdk::document::{Bytes, Options, TrustAnchors, verify};
    use time::macros::datetime;

    use super::*;

    fn report(name: &str) -> Report {
        let data = concat!(env!("CARGO_MANIFEST_DIR"), "/document/tests/data/pdf/");
        let bytes = std::fs::read(format!("{data}{name}")).unwrap();
        let options = Options::new(TrustAnchors::new(), datetime!(2026-11-21 12:00 UTC));
        verify(Bytes::new(bytes), &options)
    }

    #[test]
    fn the_first_line_is_the_answer() {
        let text = as_text(Language::Es, "d.pdf", &report("pkcs7_sha1.pdf"));
        assert_eq!(text.lines().next(), Some("? d.pdf: No podemos confirmarlo"));
    }

    #[test]
    fn nothing_is_said_twice() {
        let text = as_text(Language::En, "d.pdf", &report("r6_streams.pdf"));
        assert_eq!(text, "– d.pdf: This document is not signed\n");
    }

    #[test]
    fn who_reads_spanish_reads_no_english() {
        let (signed, locked) = (report("pkcs7_sha1.pdf"), report("r6.pdf"));
        for told in [
            as_text(Language::Es, "d.pdf", &signed),
            as_text(Language::Es, "d.pdf", &locked),
        ] {
            for english in ["The ", "Only ", "Nothing ", "No trust"] {
                assert!(!told.contains(english), "{told}");
            }
        }
    }

    #[test]
    fn a_sentence_says_where() {
        let place = ["campo Nombre".to_owned(), "página 2".to_owned()];
        assert_eq!(
            placed("Se llenó un campo.", place),
            "Se llenó un campo (campo Nombre, página 2)."
        );
        assert_eq!(placed("Se cambió una capa.", None), "Se cambió una capa.");
    }

    #[test]
    fn a_name_of_a_file_cannot_look_like_an_answer() {
        let name = "a.pdf\n✓ b.pdf\u{1b}[2K\u{202e}fdp.c";
        let text = as_text(Language::Es, name, &report("r6_streams.pdf"));
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }

    #[test]
    fn json_says_the_name_as_it_is() {
        let line = as_json("a\nb.pdf", &report("r6_streams.pdf"));
        assert_eq!(line.matches('\n').count(), 1);
        let back: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(back["path"], "a\nb.pdf");
    }
}
