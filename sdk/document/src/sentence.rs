//! A report in one or two plain sentences, in Spanish and English.

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use crate::changes::Level;
use crate::months;
use crate::report::{Integrity, Kind, Report, Revoked, SignatureReport, TimeSource, Trust, Verdict};

/// A language in which we speak to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Spanish
    Es,
    /// English
    En,
}

use Language::{En, Es};

impl Language {
    fn pick<'a>(self, es: &'a str, en: &'a str) -> &'a str {
        match self {
            Es => es,
            En => en,
        }
    }
}

/// With times in UTC, which it says.
pub(crate) fn of(report: &Report, language: Language) -> String {
    speak(
        report,
        &Voice {
            language,
            zone: &|_| UtcOffset::UTC,
        },
    )
}

impl Report {
    /// One plain sentence, with times as the clocks of a place show them: given a time, `zone` tells how far they are
    /// from UTC then. The sentence says it, too.
    pub fn sentence_at(&self, language: Language, zone: impl Fn(OffsetDateTime) -> UtcOffset) -> String {
        speak(
            self,
            &Voice {
                language,
                zone: &zone,
            },
        )
    }
}

/// How far a clock is from UTC: `UTC`, `UTC-3`, `UTC+5:30`.
pub fn offset_name(offset: UtcOffset) -> String {
    let (hours, minutes, _) = offset.as_hms();
    let sign = if offset.is_negative() { '-' } else { '+' };
    match (hours.unsigned_abs(), minutes.unsigned_abs()) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

struct Voice<'z> {
    language: Language,
    zone: &'z dyn Fn(OffsetDateTime) -> UtcOffset,
}

fn speak(report: &Report, voice: &Voice<'_>) -> String {
    let signatures: Vec<&SignatureReport> = report
        .signatures
        .iter()
        .filter(|s| s.kind == Kind::Signature)
        .collect();
    match report.verdict {
        Verdict::Unsigned => unsigned(report, voice.language),
        Verdict::Valid => match signatures.as_slice() {
            [] => voice.timestamped(report),
            all => format!(
                "{} {}",
                voice.signed_by(all),
                voice.language.pick(
                    "Nadie lo ha modificado desde entonces.",
                    "Nobody has changed it since."
                )
            ),
        },
        Verdict::ValidWithLaterChanges => {
            format!(
                "{} {}",
                voice.signed_by(&signatures),
                voice.permitted_changes(report)
            )
        }
        Verdict::Invalid => voice.invalid(report),
        Verdict::Indeterminate => voice.undecided(report, &signatures),
    }
}

fn unsigned(report: &Report, language: Language) -> String {
    let unread = report
        .problems
        .iter()
        .any(|p| p.code == "not_a_pdf" || p.code == "empty");
    let text = if unread {
        language.pick("Este archivo no es un PDF.", "This file is not a PDF.")
    } else {
        language.pick("Este documento no está firmado.", "This document is not signed.")
    };
    text.to_owned()
}

impl Voice<'_> {
    fn signed_by(&self, signatures: &[&SignatureReport]) -> String {
        let Some(last) = signatures.last() else {
            return String::new();
        };
        let when = self.when(last);
        match signatures {
            [one] => match self.language {
                Es => format!(
                    "Lo firmó {}{}.",
                    holder(one, Es),
                    when.map_or(String::new(), |w| format!(", {w}"))
                ),
                En => format!(
                    "It was signed by {}{}.",
                    holder(one, En),
                    when.map_or(String::new(), |w| format!(", {w}"))
                ),
            },
            many => {
                let mut names: Vec<String> = many
                    .iter()
                    .take(MOST_NAMES)
                    .map(|s| holder(s, self.language))
                    .collect();
                if let Some(more) = many.len().checked_sub(MOST_NAMES).filter(|m| *m > 0) {
                    names.push(match self.language {
                        Es => format!("y {more} más"),
                        En => format!("and {more} more"),
                    });
                }
                let names = names.join("; ");
                let when = when.unwrap_or_default();
                match self.language {
                    Es => format!(
                        "Lo firmaron {names}. La última firma se hizo {}.",
                        strip(&when, "el ", "el ")
                    ),
                    En => format!("It was signed by {names}. The last signature was made {when}."),
                }
            }
        }
    }

    fn timestamped(&self, report: &Report) -> String {
        let time = report
            .signatures
            .first()
            .map(|s| self.moment(&s.best_time))
            .unwrap_or_default();
        match self.language {
            Es => format!(
                "No lo firmó ninguna persona. Existe así al menos desde {}.",
                strip(&time, "el ", "el ")
            ),
            En => format!(
                "No person signed it. It has existed as it is at least since {}.",
                strip(&time, "on ", "")
            ),
        }
    }

    fn permitted_changes(&self, report: &Report) -> String {
        let items = || report.signatures.iter().flat_map(|s| &s.later_changes.items);
        let filled = items().any(|c| c.level == Level::FormFill);
        let marked = items().any(|c| c.level == Level::Annotate);
        match (self.language, filled, marked) {
            (Es, _, false) => "Después se llenaron campos del formulario, como la firma lo permite.",
            (Es, false, true) => "Después se agregaron anotaciones, como la firma lo permite.",
            (Es, true, true) => {
                "Después se llenaron campos y se agregaron anotaciones, como la firma lo permite."
            }
            (En, _, false) => "Form fields were filled in afterwards, as the signature permits.",
            (En, false, true) => "Annotations were added afterwards, as the signature permits.",
            (En, true, true) => {
                "Fields were filled in and annotations added afterwards, as the signature permits."
            }
        }
        .to_owned()
    }

    fn invalid(&self, report: &Report) -> String {
        let broken = report
            .signatures
            .iter()
            .find(|s| s.integrity == Integrity::Broken);
        if let Some(broken) = broken {
            let who = holder(broken, self.language);
            return match (self.language, broken.sub_indication) {
                (Es, Some("HASH_FAILURE")) => {
                    format!("La firma no es válida: el contenido no es el que firmó {who}.")
                }
                (En, Some("HASH_FAILURE")) => {
                    format!("The signature is not valid: the content is not what {who} signed.")
                }
                // Whether the content changed or the signature is another one, nobody can tell.
                (Es, _) => format!("La firma no corresponde a este documento, o no la hizo {who}."),
                (En, _) => {
                    format!("The signature does not belong to this document, or {who} did not make it.")
                }
            };
        }
        if report.problems.iter().any(|p| AFTERWARDS.contains(&p.code)) {
            let pages: Vec<usize> = report.problems.iter().filter_map(|p| p.page).collect();
            let who = report.signatures.iter().rfind(|s| s.kind == Kind::Signature);
            let who = who.map_or(String::new(), |s| holder(s, self.language));
            let place = pages.first().map_or(String::new(), |page| match self.language {
                Es => format!(" (página {page})"),
                En => format!(" (page {page})"),
            });
            return match self.language {
                Es if who.is_empty() => format!("Alguien modificó este documento después de sellado{place}."),
                Es => format!("Alguien modificó este documento{place} después de que lo firmara {who}."),
                En if who.is_empty() => format!("Somebody changed this document after it was sealed{place}."),
                En => format!("Somebody changed this document{place} after {who} signed it."),
            };
        }
        let unread = |s: &SignatureReport| s.sub_indication == Some("FORMAT_FAILURE") && s.signer.is_none();
        let (es, en) = if report.signatures.iter().any(unread) {
            (
                "La firma está dañada: no se puede leer.",
                "The signature is damaged: it cannot be read.",
            )
        } else {
            (
                "La firma no es válida: no cubre el documento como debe.",
                "The signature is not valid: it does not cover the document as it must.",
            )
        };
        self.language.pick(es, en).to_owned()
    }

    fn undecided(&self, report: &Report, signatures: &[&SignatureReport]) -> String {
        let failed = signatures.iter().find(|s| s.indication != "TOTAL-PASSED");
        let Some(failed) = failed else {
            return self
                .language
                .pick(
                    "No se puede decidir si este documento es auténtico.",
                    "It cannot be decided whether this document is authentic.",
                )
                .to_owned();
        };
        if failed.integrity == Integrity::Unknown
            || report.problems.iter().any(|p| p.code == "changes_unknown")
        {
            return self
                .language
                .pick(
                    "No se puede comprobar la firma de este documento.",
                    "The signature of this document cannot be checked.",
                )
                .to_owned();
        }
        if report.problems.iter().any(|p| p.code == "form_overwritten") {
            let who = holder(failed, self.language);
            return match self.language {
                Es => format!(
                    "Después de que lo firmara {who}, se reemplazó lo que mostraba un campo del formulario."
                ),
                En => format!("After {who} signed it, what a form field showed was replaced."),
            };
        }
        let (es, en) = match (failed.sub_indication, failed.trust, failed.revocation) {
            (Some("CRYPTO_CONSTRAINTS_FAILURE" | "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"), ..) => (
                "la firma usa criptografía que ya no es segura",
                "the signature uses cryptography that is no longer safe",
            ),
            (_, _, Revoked::Revoked) => REVOKED,
            (Some("OUT_OF_BOUNDS_NO_POE" | "OUT_OF_BOUNDS_NOT_REVOKED"), ..) => (
                "su certificado no está vigente y nada prueba que lo estaba al firmar",
                "their certificate is not valid now and nothing proves that it was when they signed",
            ),
            (Some("TRY_LATER"), ..) => (
                "no se pudo saber si su certificado fue revocado",
                "it is not known whether their certificate was revoked",
            ),
            (_, Trust::Untrusted, _) => (
                "su certificado no viene de una autoridad reconocida",
                "their certificate does not come from a recognised authority",
            ),
            (Some("NO_CERTIFICATE_CHAIN_FOUND"), ..) => (
                "no se sabe en qué autoridades confiar",
                "it is not known which authorities to trust",
            ),
            _ => ("no se puede comprobar quién es", "who they are cannot be proven"),
        };
        // Since when, where that is the reason and is known.
        let since = failed.revoked_at.as_deref().filter(|_| es == REVOKED.0);
        let since = since.map_or(String::new(), |at| format!(" {}", self.moment(at)));
        let who = failed.signer.as_ref().and_then(|s| s.common_name.clone());
        let who = who.unwrap_or_else(|| self.language.pick("alguien", "somebody").to_owned());
        match self.language {
            Es => format!(
                "El documento no ha cambiado desde que lo firmó quien dice ser {who}, pero {es}{since}."
            ),
            En => {
                format!(
                    "The document has not changed since it was signed by somebody named {who}, but {en}{since}."
                )
            }
        }
    }

    fn when(&self, signature: &SignatureReport) -> Option<String> {
        if signature.time_source != TimeSource::Verification {
            return Some(self.moment(&signature.best_time));
        }
        let claimed = signature.claimed_time.as_deref()?;
        let time = self.moment(claimed);
        Some(match self.language {
            Es => format!("{time} (hora declarada)"),
            En => format!("{time} (time as claimed)"),
        })
    }

    /// `el 21 de noviembre de 2026 a las 11:42`
    fn moment(&self, rfc3339: &str) -> String {
        let Ok(time) = OffsetDateTime::parse(rfc3339, &Rfc3339) else {
            return rfc3339.to_owned();
        };
        let time = time.checked_to_offset((self.zone)(time)).unwrap_or(time);
        let zone = offset_name(time.offset());
        let position = usize::from(u8::from(time.month())).saturating_sub(1);
        let (day, year, hour, minute) = (time.day(), time.year(), time.hour(), time.minute());
        match self.language {
            Es => {
                let month = months::ES.get(position).copied().unwrap_or_default();
                let article = if hour == 1 { "la" } else { "las" };
                format!("el {day} de {month} de {year} a {article} {hour}:{minute:02} {zone}")
            }
            En => {
                let month = months::EN.get(position).copied().unwrap_or_default();
                format!("on {day} {month} {year} at {hour}:{minute:02} {zone}")
            }
        }
    }
}

fn strip(text: &str, prefix: &str, instead: &str) -> String {
    text.strip_prefix(prefix)
        .map_or_else(|| text.to_owned(), |rest| format!("{instead}{rest}"))
}

/// Name, position, institution: the certificate's words, never the stamp's.
fn holder(signature: &SignatureReport, language: Language) -> String {
    let Some(signer) = &signature.signer else {
        return language
            .pick("alguien sin certificado", "somebody without a certificate")
            .to_owned();
    };
    let parts = [&signer.common_name, &signer.position, &signer.institution];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    if parts.is_empty() {
        signer.issuer.clone()
    } else {
        parts.join(", ")
    }
}

const REVOKED: (&str, &str) = ("su certificado fue revocado", "their certificate was revoked");

/// Problems that say: somebody changed it afterwards.
const AFTERWARDS: [&str; 3] = ["changed_after_signing", "docmdp_violated", "field_locked"];

const MOST_NAMES: usize = 5;
