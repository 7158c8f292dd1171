//! The verdict on a document, by ETSI EN 319 102-1: format, signer, cryptography, time, trust, and what
//! followed. Whatever the bytes are, there is a report.

mod alone;
mod answer;
mod assessor;
mod digest;
mod judge;
mod later;
mod material;
pub(crate) mod problem;
mod subject;
mod trust;

pub use alone::verify_cms;

use std::sync::Arc;

use sdk_pki::{AlgorithmPolicy, Budget, Certificate, Evidence, Fetch, Revocation, Time, TrustAnchors};
use time::format_description::well_known::Rfc3339;

use crate::pdf::document::Document;
use crate::pdf::error::{Code, ReadError};
use crate::pdf::limits::Limits;
use crate::report::{FileFacts, Problem, Report, SignatureReport, Verdict};
use crate::signature::find;
use crate::source::{Bytes, Source};
use judge::Judge;
use problem::problem;
use subject::Subject;

/// What a verification depends on beside the bytes: the same options, the same report.
#[derive(Clone)]
pub struct Options {
    /// Who is trusted. With none, every signature's trust is unknown.
    pub anchors: TrustAnchors,
    /// The time for which the question is answered.
    pub at: Time,
    /// Revocation lists and responses beside those in the document.
    pub evidence: Evidence,
    /// Certificates beside those in the document; nothing about them is believed.
    pub certificates: Vec<Certificate>,
    /// Whether a certificate without evidence of its status can pass. By default it can, and the report
    /// says `revocation: unknown`.
    pub revocation: Revocation,
    /// Which algorithms are believed until when.
    pub algorithms: AlgorithmPolicy,
    /// Opens encrypted documents, if it is theirs.
    pub password: Option<String>,
    /// How much work a document may cause.
    pub limits: Limits,
    /// Asked for evidence that is missing. By default nobody: nothing leaves the machine.
    pub fetch: Option<Arc<dyn Fetch>>,
    /// Told while bytes are digested: how many of how many.
    pub progress: Option<Progress>,
}

/// Bytes done and bytes in all.
pub type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

impl Options {
    /// With these anchors, at this time, and the defaults for everything else.
    pub fn new(anchors: TrustAnchors, at: Time) -> Self {
        Self {
            anchors,
            at,
            evidence: Evidence::new(),
            certificates: Vec::new(),
            revocation: Revocation::IfAvailable,
            algorithms: AlgorithmPolicy::default(),
            password: None,
            limits: Limits::default(),
            fetch: None,
            progress: None,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("anchors", &self.anchors)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// Verifies every signature of a document. Hostile and broken bytes give a report like any others.
pub fn verify(source: impl Source + 'static, options: &Options) -> Report {
    let source = at_hand(source);
    let mut report = Report {
        verdict: Verdict::Indeterminate,
        at: rfc3339(options.at),
        file: FileFacts {
            size: source.len(),
            ..FileFacts::default()
        },
        signatures: Vec::new(),
        problems: Vec::new(),
    };
    match Document::open_with(Arc::clone(&source), &options.limits, options.password.as_deref()) {
        Ok(document) => look(&document, options, &mut report),
        Err(error) => {
            unread(&error, &mut report);
            if report.verdict != Verdict::Unsigned {
                report.file.sha256 = digest::file(source.as_ref(), options, &mut []).ok();
            }
        }
    }
    report
}

/// A small file is read once; a large one in windows.
fn at_hand(source: impl Source + 'static) -> Arc<dyn Source> {
    let length = usize::try_from(source.len()).unwrap_or(usize::MAX);
    if source.as_slice().is_none() && length <= SMALL {
        let mut bytes = vec![0; length];
        if source.read_at(0, &mut bytes).is_ok() {
            return Arc::new(Bytes::new(bytes));
        }
    }
    Arc::new(source)
}

/// No signature can be read from it. What is no PDF is not signed as one; what is a broken one may be.
fn unread(error: &ReadError, report: &mut Report) {
    if matches!(error.code, Code::Empty | Code::NotPdf) {
        report.verdict = Verdict::Unsigned;
    }
    report.problems.push(problem(error.code.as_str(), None));
}

fn look(document: &Document, options: &Options, report: &mut Report) {
    report.file.revisions = document.revisions().len();
    report.file.encrypted = document.encrypted();
    let pages = document.page_references_in(document.last());
    match &pages {
        Ok(pages) => report.file.pages = Some(pages.len()),
        Err(error) => report.problems.push(problem(error.code.as_str(), None)),
    }
    for irregularity in document.irregularities().iter().filter(|i| !i.is_harmless()) {
        report.problems.push(problem(irregularity.kind.as_str(), None));
    }
    let told = report.problems.iter().any(|p| p.code == "encrypted");
    if document.locked() && !told {
        report.problems.push(problem("encrypted", None));
    }
    let found = match find::signatures(document) {
        Ok(found) => found,
        Err(error) => {
            unread(&error, report);
            report.file.sha256 = digest::file(document.source().as_ref(), options, &mut []).ok();
            return;
        }
    };
    let mut subjects: Vec<Subject> = found.into_iter().map(|f| Subject::new(document, f)).collect();
    let orphans = find::without_field(document, &subjects.iter().map(|s| &s.found).collect::<Vec<_>>());
    match digest::file(document.source().as_ref(), options, &mut subjects) {
        Ok(sha256) => report.file.sha256 = Some(sha256),
        Err(_) => report.problems.push(problem("unreadable", None)),
    }
    let pages = pages.unwrap_or_default();
    let budget = Budget::of(options.limits.checks);
    report.signatures = Judge::new(document, options, &budget, &pages).all(&subjects, &mut report.problems);
    if orphans {
        report.problems.push(problem("signature_without_field", None));
    }
    report.verdict = verdict(report, orphans);
}

/// `valid` only when every signature passed over a whole revision and only permitted changes followed.
pub(crate) fn verdict(report: &Report, orphans: bool) -> Verdict {
    let has = |codes: &[&str]| report.problems.iter().any(|p| codes.contains(&p.code));
    let some = |test: fn(&SignatureReport) -> bool| report.signatures.iter().any(test);
    if report.signatures.is_empty() {
        return if orphans {
            Verdict::Indeterminate
        } else {
            Verdict::Unsigned
        };
    }
    if some(|s| s.indication == "TOTAL-FAILED") || has(&problem::AGAINST) {
        return Verdict::Invalid;
    }
    if some(|s| s.indication != "TOTAL-PASSED") || orphans {
        return Verdict::Indeterminate;
    }
    let touched = |s: &SignatureReport| {
        s.later_changes
            .items
            .iter()
            .any(|c| c.level > crate::Level::LongTerm && !c.is_signature)
    };
    if report.signatures.iter().any(touched) {
        Verdict::ValidWithLaterChanges
    } else {
        Verdict::Valid
    }
}

pub(crate) fn rfc3339(time: Time) -> String {
    let whole = time.to_offset(time::UtcOffset::UTC).replace_nanosecond(0);
    whole
        .ok()
        .and_then(|t| t.format(&Rfc3339).ok())
        .unwrap_or_default()
}

pub(crate) fn note(code: &'static str, field: &str) -> Problem {
    problem(code, Some(field.to_owned()))
}

/// Own choice: what a request may hold in memory.
const SMALL: usize = 4 << 20;
