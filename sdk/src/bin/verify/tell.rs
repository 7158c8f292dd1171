//! How a report is told.

use sdk::document::{Language, Level, Report, Revoked, SignatureReport, TimeSource, Trust, Verdict};

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

/// A mark, one sentence, and what is behind it.
pub fn as_text(language: Language, path: &str, report: &Report) -> String {
    let mark = match report.verdict {
        Verdict::Valid | Verdict::ValidWithLaterChanges => "✓",
        Verdict::Indeterminate => "?",
        Verdict::Invalid => "✗",
        Verdict::Unsigned => "–",
    };
    let mut text = format!("{mark} {path}\n  {}\n", report.sentence(language));
    let mut line = |words: String| {
        text.push_str("    ");
        text.push_str(&words);
        text.push('\n');
    };
    for signature in &report.signatures {
        describe(language, signature, &mut line);
    }
    for problem in &report.problems {
        let about = problem.field.as_ref().map_or(String::new(), |f| format!("{f}: "));
        let page = problem.page.map_or(String::new(), |p| format!(" (page {p})"));
        line(format!("! {about}{} [{}]{page}", problem.text, problem.code));
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
    let time = match (signature.time_source, &signature.claimed_time) {
        (TimeSource::Verification, Some(claimed)) => {
            format!("{claimed} ({})", say("hora declarada", "time as claimed"))
        }
        (TimeSource::Verification, None) => say("sin hora", "no time").to_owned(),
        _ => format!(
            "{} ({})",
            signature.best_time,
            say("sello de tiempo", "timestamp")
        ),
    };
    line(format!("  {}: {time}", say("firmado", "signed")));
    for change in signature
        .later_changes
        .items
        .iter()
        .filter(|c| c.level > Level::LongTerm)
    {
        let page = change
            .page
            .map_or(String::new(), |p| format!(", {} {p}", say("página", "page")));
        let field = change.field.as_ref().map_or(String::new(), |f| format!(", {f}"));
        line(format!(
            "  {}: {}{field}{page}",
            say("después", "later"),
            change.kind
        ));
    }
}
