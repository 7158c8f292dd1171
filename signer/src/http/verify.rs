//! The public page: drop a file, read one plain sentence, then the detail.

use std::net::IpAddr;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use sdk::look::Language;
use sdk_document::{
    Coverage, Integrity, Kind, Level, Report, Revoked, SignatureReport, TimeSource, Trust, Verdict,
};

use super::assets;
use super::page::{Frame, VerifyPage, html, page};
use super::peer::Peer;
use super::revocation;
use super::seen::{Changed, Comparison, changes};
use super::submitted::Incoming;
use super::words::{Words, words};
use crate::error::{Error, Fault, Refusal};
use crate::flow::compare::compare;
use crate::flow::verify::verify;
use crate::rules::Moment;
use crate::rules::filename::FileName;
use crate::rules::ids::Digest;
use crate::rules::question::Question;
use crate::rules::seen::Since;
use crate::service::Service;
use crate::zone::Zone;

pub(super) async fn form(State(service): State<Arc<Service>>, language: Language) -> Response {
    let w = words(language);
    page(language.tag(), &form_page(&service, w, None))
}

pub(super) async fn check(
    State(service): State<Arc<Service>>,
    Peer(address): Peer,
    language: Language,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut incoming = match Incoming::of(&parts, body).await {
        Ok(incoming) => incoming,
        Err(refusal) => return Error::from(refusal).into_response(),
    };
    let w = words(language);
    match checked(&service, w, address, &parts.headers, &mut incoming).await {
        Ok(response) => response,
        Err(error) => {
            let mut response = match what_to_choose(w, &error) {
                Some(wrong) => html(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    &form_page(&service, w, Some(wrong)),
                ),
                None => error.into_response(),
            };
            incoming.drain(&mut response);
            response
        }
    }
}

/// A place is taken before the document is read, a turn when it is there.
async fn checked(
    service: &Service,
    w: &'static Words,
    address: Option<IpAddr>,
    headers: &HeaderMap,
    incoming: &mut Incoming,
) -> Result<Response, Error> {
    let place = service.shares.place(address)?;
    let submitted = incoming.read(service, headers).await?;
    let submitted = submitted.ok_or(Refusal::NothingChosen)?;
    let again = submitted
        .file
        .try_clone()
        .map_err(Fault::when("reading an uploaded file"))?;
    let _turn = place.turn().await?;
    let tried = submitted.password.is_some();
    let question = Question {
        at: None,
        password: submitted.password,
    };
    let report = verify(service, submitted.file, question).await?;
    let seen = compare(service, &again, &report).await?;
    Ok(shown(service, w, &submitted.name, &report, &seen, tried))
}

/// What another choice mends, in words.
fn what_to_choose(w: &Words, error: &Error) -> Option<String> {
    match error {
        Error::Refused(Refusal::NothingChosen) => Some(w.say("verify-wrong-nothing")),
        Error::Refused(Refusal::NotAPdf) => Some(w.say("verify-wrong-not-a-pdf")),
        Error::Refused(Refusal::TooLarge(limit)) => {
            Some(w.with("verify-wrong-too-large", "limit", &w.bytes(*limit)))
        }
        _ => None,
    }
}

/// The form, if need be with what was wrong.
fn form_page<'a>(service: &'a Service, w: &'static Words, wrong: Option<String>) -> VerifyPage<'a> {
    let title = match wrong {
        Some(_) => w.with("title-error", "title", &w.say("verify-title")),
        None => w.say("verify-title"),
    };
    VerifyPage {
        frame: Frame::public(service, w, &title, "/verify"),
        limit_words: w.bytes(service.config.limits.document_bytes),
        wrong,
        script: assets::VERIFY.path(),
    }
}

fn shown(
    service: &Service,
    w: &'static Words,
    name: &FileName,
    report: &Report,
    seen: &[Since],
    tried: bool,
) -> Response {
    let zone = &service.config.time_zone;
    let headline = report.headline(w.of_reports());
    let sentence = report.sentence_at(w.of_reports(), |at| zone.offset(Moment(at.unix_timestamp())));
    let digest = report
        .file
        .sha256
        .as_deref()
        .and_then(|hex| hex.parse::<Digest>().ok());
    let (changed, more_changes) = changes(w, report);
    let locked = report.problems.iter().any(|problem| problem.code == "encrypted");
    let shown = VerdictPage {
        changed,
        more_changes,
        seen: seen
            .iter()
            .map(|since| Comparison::of(w, report, since))
            .collect(),
        frame: Frame::public(service, w, headline, "/verify"),
        tone: tone(report.verdict),
        sentence: Some(sentence).filter(|text| text.trim_end_matches('.') != headline),
        doubt: revocation::doubt(w, report),
        advice: advice(w, report.verdict),
        locked: match (locked, tried) {
            (false, _) => Locked::No,
            (true, false) => Locked::Yes,
            (true, true) => Locked::Still,
        },
        script: assets::VERIFY.path(),
        name: name.as_str(),
        size: w.bytes(report.file.size),
        pages: report.file.pages.and_then(|n| u32::try_from(n).ok()),
        digest: digest.map(|d| d.grouped()),
        signatures: report
            .signatures
            .iter()
            .map(|s| Signed::of(w, zone, report, s))
            .collect(),
        problems: Told::all(w, report),
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
    /// None where it would repeat the headline.
    sentence: Option<String>,
    /// What it leaves open.
    doubt: Option<String>,
    /// What to do with a document that is not authentic.
    advice: Option<String>,
    locked: Locked,
    script: &'static str,
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

/// Whether an encrypted document could be opened.
#[derive(PartialEq, Eq)]
enum Locked {
    No,
    /// No password was given.
    Yes,
    /// It was another one.
    Still,
}

/// A problem in words.
struct Told {
    text: String,
    page: Option<String>,
}

impl Told {
    /// Each sentence once, without those that the page says elsewhere.
    fn all(w: &Words, report: &Report) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for problem in report.problems.iter().filter(|p| !ELSEWHERE.contains(&p.code)) {
            let ours = w.known(&format!("problem-{}", problem.code));
            let text = ours.unwrap_or_else(|| problem.sentence(w.of_reports()).to_owned());
            let page = problem.page;
            let page = page.map(|n| w.with("verdict-page", "number", &n.to_string()));
            if !all.iter().any(|told| told.text == text && told.page == page) {
                all.push(Self { text, page });
            }
        }
        all
    }
}

/// Said beside a signature's time, beside its certificate, and by the form for the password.
const ELSEWHERE: [&str; 4] = [
    "encrypted",
    "revocation_outdated",
    "revocation_unknown",
    "time_claimed",
];

fn advice(w: &Words, verdict: Verdict) -> Option<String> {
    match verdict {
        Verdict::Valid | Verdict::ValidWithLaterChanges => None,
        Verdict::Indeterminate => Some(w.say("verdict-indeterminate-do")),
        Verdict::Invalid => Some(w.say("verdict-invalid-do")),
        Verdict::Unsigned => Some(w.say("verdict-unsigned-do")),
    }
}

fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid | Verdict::ValidWithLaterChanges => "good",
        Verdict::Indeterminate | Verdict::Unsigned => "warn",
        Verdict::Invalid => "bad",
    }
}
