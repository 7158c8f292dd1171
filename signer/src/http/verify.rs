//! The public page: drop a file, read one plain sentence, then the detail.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::Response;
use sdk::look::Language;
use sdk_document::{
    Coverage, Integrity, Kind, Level, Report, Revoked, SignatureReport, TimeSource, Trust, Verdict,
};

use super::api::spool;
use super::page::{Frame, VerifyPage, html, page};
use super::peer::Peer;
use super::revocation;
use super::seen::{Changed, Comparison, changes};
use super::words::{Words, words};
use crate::error::{Error, Fault, Refusal};
use crate::flow::compare::compare;
use crate::flow::verify::verify;
use crate::rules::Moment;
use crate::rules::filename::FileName;
use crate::rules::ids::Digest;
use crate::rules::seen::Since;
use crate::service::Service;
use crate::zone::Zone;

pub(super) async fn form(State(service): State<Arc<Service>>, language: Language) -> Response {
    let w = words(language);
    let frame = Frame::public(&service, w, &w.say("verify-title"), "/verify");
    page(
        language.tag(),
        &VerifyPage {
            frame,
            limit_words: w.bytes(service.config.limits.document_bytes),
            wrong: None,
        },
    )
}

pub(super) async fn check(
    State(service): State<Arc<Service>>,
    Peer(address): Peer,
    language: Language,
    mut multipart: Multipart,
) -> Result<Response, Error> {
    let w = words(language);
    let place = service.shares.place(address)?;
    while let Some(field) = multipart.next_field().await.map_err(|_| Refusal::UploadBroken)? {
        if field.name() != Some("document") {
            continue;
        }
        let name = FileName::clean(field.file_name().unwrap_or_default());
        let chosen = field.file_name().is_some_and(|name| !name.is_empty());
        let (report, seen) = match spool(&service, field).await {
            Ok(file) => {
                let again = file
                    .try_clone()
                    .map_err(Fault::when("reading an uploaded file"))?;
                let _turn = place.turn().await?;
                let report = verify(&service, file).await?;
                let seen = compare(&service, &again, &report).await?;
                (report, seen)
            }
            Err(Error::Refused(Refusal::NotAPdf)) => {
                let key = if chosen {
                    "verify-wrong-not-a-pdf"
                } else {
                    "verify-wrong-nothing"
                };
                return Ok(again(&service, w, &w.say(key)));
            }
            Err(Error::Refused(Refusal::TooLarge(limit))) => {
                return Ok(again(
                    &service,
                    w,
                    &w.with("verify-wrong-too-large", "limit", &w.bytes(limit)),
                ));
            }
            Err(error) => return Err(error),
        };
        return Ok(shown(&service, w, &name, &report, &seen));
    }
    Ok(again(&service, w, &w.say("verify-wrong-nothing")))
}

/// The form again, with what was wrong.
fn again(service: &Service, w: &'static Words, wrong: &str) -> Response {
    let title = w.with("title-error", "title", &w.say("verify-title"));
    let frame = Frame::public(service, w, &title, "/verify");
    let limit_words = w.bytes(service.config.limits.document_bytes);
    html(
        StatusCode::UNPROCESSABLE_ENTITY,
        &VerifyPage {
            frame,
            limit_words,
            wrong: Some(wrong.to_owned()),
        },
    )
}

fn shown(service: &Service, w: &'static Words, name: &FileName, report: &Report, seen: &[Since]) -> Response {
    let verdict = verdict(report.verdict);
    let zone = &service.config.time_zone;
    let frame = Frame::public(service, w, &w.say(&format!("verdict-{verdict}-title")), "/verify");
    let language = match w.language() {
        Language::Es => sdk_document::Language::Es,
        Language::En => sdk_document::Language::En,
    };
    let digest = report
        .file
        .sha256
        .as_deref()
        .and_then(|hex| hex.parse::<Digest>().ok());
    let problems = report
        .problems
        .iter()
        .map(|p| Told::of(w, p.code, &p.text, p.page))
        .collect();
    let (changed, more_changes) = changes(w, report);
    let shown = VerdictPage {
        changed,
        more_changes,
        seen: seen
            .iter()
            .map(|since| Comparison::of(w, report, since))
            .collect(),
        frame,
        tone: tone(report.verdict),
        sentence: report.sentence_at(language, |at| zone.offset(Moment(at.unix_timestamp()))),
        doubt: revocation::doubt(w, report),
        name: name.as_str(),
        size: w.bytes(report.file.size),
        pages: report.file.pages.and_then(|n| u32::try_from(n).ok()),
        digest: digest.map(|d| d.grouped()),
        signatures: report
            .signatures
            .iter()
            .map(|s| Signed::of(w, zone, report, s))
            .collect(),
        problems,
        json: serde_json::to_string_pretty(report).unwrap_or_default(),
    };
    page(w.language().tag(), &shown)
}

#[derive(Template)]
#[template(path = "verdict.html")]
struct VerdictPage<'a> {
    frame: Frame<'a>,
    /// good, warn or bad: the colour, which never stands alone.
    tone: &'static str,
    sentence: String,
    /// What it leaves open.
    doubt: Option<String>,
    name: &'a str,
    size: String,
    pages: Option<u32>,
    digest: Option<String>,
    signatures: Vec<Signed<'a>>,
    problems: Vec<Told>,
    changed: Vec<Changed>,
    more_changes: Option<String>,
    seen: Vec<Comparison<'a>>,
    json: String,
}

/// One signature in words.
struct Signed<'a> {
    report: &'a SignatureReport,
    name: String,
    position: Option<String>,
    /// What people call whoever issued the certificate.
    issuer: &'a str,
    passed: &'static str,
    integrity: &'static str,
    coverage: &'static str,
    changes: &'static str,
    trust: &'static str,
    revocation: &'static str,
    /// Since when, as of when, or why not known.
    revocation_note: Option<String>,
    claimed: Option<String>,
    /// A time that somebody else vouches for.
    proven: Option<String>,
    validity: Option<(String, String)>,
}

impl<'a> Signed<'a> {
    fn of(w: &Words, zone: &Zone, whole: &Report, report: &'a SignatureReport) -> Self {
        let signer = report.signer.as_ref();
        let name = signer
            .and_then(|s| s.common_name.clone())
            .unwrap_or_else(|| w.say("verdict-nobody"));
        let position = signer.map(|s| {
            [s.position.clone(), s.institution.clone()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        });
        let claimed = report.claimed_time.as_deref().map(|t| w.rfc3339(zone, t));
        let vouches = report.kind == Kind::DocumentTimestamp
            && report.integrity == Integrity::Intact
            && report.trust == Trust::Trusted;
        let proven = match report.time_source {
            // A timestamp is itself the word of somebody else.
            TimeSource::Verification if vouches => claimed.clone(),
            TimeSource::Verification => None,
            TimeSource::SignatureTimestamp | TimeSource::DocumentTimestamp => {
                Some(w.rfc3339(zone, &report.best_time))
            }
        };
        Self {
            name,
            position: position
                .filter(|parts| !parts.is_empty())
                .map(|parts| parts.join(", ")),
            issuer: signer.map_or("", |s| s.issuer_name.as_deref().unwrap_or(&s.issuer)),
            passed: match report.indication {
                "TOTAL-PASSED" => "good",
                "TOTAL-FAILED" => "bad",
                _ => "warn",
            },
            integrity: match report.integrity {
                Integrity::Intact => "intact",
                Integrity::Broken => "broken",
                Integrity::Unknown => "unknown",
            },
            coverage: match report.coverage {
                Coverage::WholeFile => "whole-file",
                Coverage::WholeRevision => "whole-revision",
                Coverage::Partial => "partial",
                Coverage::Malformed => "malformed",
            },
            changes: match report.later_changes.level {
                // What followed a content that nobody signed says nothing.
                _ if report.integrity != Integrity::Intact => "unknown",
                Level::None => "none",
                Level::LongTerm => "long-term",
                Level::FormFill => "form-fill",
                Level::Annotate => "annotate",
                Level::Other => "other",
            },
            trust: match report.trust {
                Trust::Trusted => "trusted",
                Trust::Untrusted => "untrusted",
                Trust::Unknown => "unknown",
            },
            revocation: match report.revocation {
                Revoked::Good => "good",
                Revoked::Revoked => "revoked",
                Revoked::Unknown => "unknown",
            },
            revocation_note: revocation::note(w, zone, whole, report),
            claimed,
            proven,
            validity: signer.map(|s| (w.rfc3339(zone, &s.not_before), w.rfc3339(zone, &s.not_after))),
            report,
        }
    }

    fn integrity_tone(&self) -> &'static str {
        match self.integrity {
            "intact" => "good",
            "broken" => "bad",
            _ => "warn",
        }
    }

    fn changes_tone(&self) -> &'static str {
        match self.changes {
            "other" => "bad",
            "annotate" | "unknown" => "warn",
            _ => "good",
        }
    }

    fn trust_tone(&self) -> &'static str {
        match self.trust {
            "trusted" => "good",
            "untrusted" => "bad",
            _ => "warn",
        }
    }

    fn revocation_tone(&self) -> &'static str {
        match self.revocation {
            "good" => "good",
            "revoked" => "bad",
            _ => "warn",
        }
    }
}

/// A problem in words: ours where we have them, else the report's own.
struct Told {
    code: &'static str,
    text: String,
    /// The text is the report's English.
    foreign: bool,
    page: Option<String>,
}

impl Told {
    fn of(w: &Words, code: &'static str, english: &str, page: Option<usize>) -> Self {
        let key = format!("problem-{code}");
        let ours = w.say(&key);
        let foreign = ours == key;
        let page = page.map(|n| w.with("verdict-page", "number", &n.to_string()));
        Self {
            code,
            text: if foreign { english.to_owned() } else { ours },
            foreign,
            page,
        }
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid => "valid",
        Verdict::ValidWithLaterChanges => "later-changes",
        Verdict::Indeterminate => "indeterminate",
        Verdict::Invalid => "invalid",
        Verdict::Unsigned => "unsigned",
    }
}

fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid | Verdict::ValidWithLaterChanges => "good",
        Verdict::Indeterminate | Verdict::Unsigned => "warn",
        Verdict::Invalid => "bad",
    }
}
