//! What a document says: for anyone who asks, for the intake, and for our own finished files before they are
//! released. All three ask the same verifier, which reads the bytes from nothing.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use sdk_document::{
    Coverage, Fetch, Integrity, Kind, Level, Options, Problem, Report, SignatureReport, Source, Trust,
};

use crate::error::{Error, Fault};
use crate::rules::Moment;
use crate::rules::batch::{Failure, SignedCopy};
use crate::rules::document::EarlierSignature;
use crate::rules::ids::Digest;
use crate::rules::question::{Password, Question};
use crate::service::Service;
use crate::trust::Basis;

/// Judges an uploaded file, in a cell. Keeps nothing of it.
///
/// # Errors
/// [`Refusal::Busy`](crate::error::Refusal::Busy) when no cell is free in time, or a fault. A bad document is no
/// error but a report.
pub async fn verify(service: &Service, file: File, question: Question) -> Result<Report, Error> {
    let fetch = service.calls.clone().map(|calls| -> Arc<dyn Fetch> { calls });
    let at = question.at.unwrap_or_else(|| service.clock.now());
    service.cells.judge(&file, at, question.password, fetch).await
}

/// The signatures that a document already has.
pub(super) fn earlier_signatures(source: &Arc<sdk_document::File>, at: Moment) -> Vec<EarlierSignature> {
    let report = judge(Arc::clone(source), &Basis::default(), at, None, None);
    report
        .signatures
        .iter()
        .filter(|signature| signature.kind == Kind::Signature)
        .map(|signature| EarlierSignature {
            name: signature
                .signer
                .as_ref()
                .and_then(|s| s.common_name.clone())
                .unwrap_or_default(),
            sound: sound(&report, signature),
        })
        .collect()
}

/// What a finished file must say before it is released.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Our field.
    pub field: String,
    /// The official's certificate, in DER.
    pub certificate: Vec<u8>,
    /// Signatures that were there before.
    pub earlier: Vec<EarlierSignature>,
}

/// Has a finished file read from nothing, in a cell: our signature intact over the whole file, with the official's certificate, not
/// distrusted; and every earlier signature as sound as it was.
///
/// # Errors
/// The outer error is a fault of ours; the inner one says why the file is not released.
pub(super) async fn signed_copy(
    service: &Service,
    path: &Path,
    expected: &Expected,
) -> Result<Result<SignedCopy, Failure>, Fault> {
    let file = File::open(path).map_err(Fault::when("opening a signed copy"))?;
    let report = match service.cells.read_back(&file, service.clock.now()).await {
        Ok(report) => report,
        Err(Error::Fault(fault)) => return Err(fault),
        Err(Error::Refused(refusal)) => return Err(Fault::caused("reading a signed copy back", refusal)),
    };
    let refused = if !ours_stands(&report, expected) {
        Some(Failure::NotReadBack)
    } else if !others_stand(&report, expected) {
        Some(Failure::BreaksEarlier)
    } else {
        None
    };
    if let Some(failure) = refused {
        tracing::warn!(%failure, verdict = ?report.verdict, problems = ?report.problems, "a finished file is not released");
        return Ok(Err(failure));
    }
    let digest = report.file.sha256.as_deref().and_then(|hex| hex.parse().ok());
    Ok(digest
        .map(|digest| SignedCopy {
            digest,
            size: report.file.size,
        })
        .ok_or(Failure::NotReadBack))
}

fn ours_stands(report: &Report, expected: &Expected) -> bool {
    let certificate = Digest::of(&expected.certificate).to_string();
    report
        .signatures
        .iter()
        .filter(|s| s.field == expected.field)
        .any(|s| {
            s.integrity == Integrity::Intact
                && s.coverage == Coverage::WholeFile
                && s.later_changes.level == Level::None
                && s.trust != Trust::Untrusted
                && s.signer
                    .as_ref()
                    .is_some_and(|signer| signer.sha256 == certificate)
        })
}

fn others_stand(report: &Report, expected: &Expected) -> bool {
    let others = report
        .signatures
        .iter()
        .filter(|s| s.field != expected.field && s.kind == Kind::Signature);
    let now: Vec<bool> = others.map(|s| sound(report, s)).collect();
    now.len() == expected.earlier.len()
        && now
            .iter()
            .zip(&expected.earlier)
            .all(|(now, then)| *now || !then.sound)
}

/// Intact, and nothing followed that the signature does not permit.
fn sound(report: &Report, signature: &SignatureReport) -> bool {
    let against = |problem: &Problem| {
        problem.field.as_deref() == Some(&signature.field) && DISTURBED.contains(&problem.code)
    };
    signature.integrity == Integrity::Intact
        && signature.later_changes.level <= Level::Annotate
        && !report.problems.iter().any(against)
}

pub(super) fn judge(
    source: impl Source + 'static,
    basis: &Basis,
    at: Moment,
    password: Option<&Password>,
    fetch: Option<Arc<dyn Fetch>>,
) -> Report {
    let mut options = Options::new(basis.anchors.clone(), at.utc());
    options.certificates.clone_from(&basis.certificates);
    options.evidence.clone_from(&basis.evidence);
    options.password = password.map(|password| password.expose().to_owned());
    options.fetch = fetch;
    sdk_document::verify(source, &options)
}

/// The report's codes for what followed a signature without its leave.
const DISTURBED: [&str; 4] = [
    "changed_after_signing",
    "docmdp_violated",
    "field_locked",
    "changes_unknown",
];
