//! What a document says: for anyone who asks, for the intake, and for our own finished files before they are
//! released. All three ask the same verifier, which reads the bytes from nothing.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use sdk_document::{Coverage, Integrity, Kind, Level, Options, Report, Trust};
use sdk_pki::TrustAnchors;

use super::inspect::Rejected;
use crate::error::{Error, Fault, Refusal};
use crate::rules::Moment;
use crate::rules::batch::SignedCopy;
use crate::rules::document::EarlierSignature;
use crate::rules::ids::Digest;
use crate::service::Service;

/// Judges an uploaded file. Keeps nothing of it.
///
/// # Errors
/// [`Refusal::Busy`] when no turn comes in time, or a fault. A bad document is no error but a report.
pub async fn verify(service: &Service, file: File) -> Result<Report, Error> {
    let turn = tokio::time::timeout(PATIENCE, service.turns.acquire())
        .await
        .map_err(|_| Refusal::Busy)?;
    let _turn = turn.map_err(Fault::when("waiting for a turn"))?;
    let (trust, at) = (service.trust.clone(), service.clock.now());
    let report = super::blocking(move || judge(sdk_document::File::new(file)?, trust, at)).await?;
    Ok(report.map_err(Fault::when("reading an uploaded file"))?)
}

/// The signatures that a document already has.
pub(super) fn earlier_signatures(path: &Path, at: Moment) -> Result<Vec<EarlierSignature>, Rejected> {
    let source = sdk_document::File::open(path)
        .map_err(|e| Rejected::Fault(Fault::caused("opening a document", e)))?;
    let report = judge(source, TrustAnchors::new(), at)
        .map_err(|e| Rejected::Fault(Fault::caused("reading a document", e)))?;
    Ok(report
        .signatures
        .iter()
        .filter(|signature| signature.kind == Kind::Signature)
        .map(|signature| EarlierSignature {
            name: signature
                .signer
                .as_ref()
                .and_then(|s| s.common_name.clone())
                .unwrap_or_default(),
            intact: signature.integrity == Integrity::Intact,
        })
        .collect())
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
    /// The configured roots.
    pub trust: TrustAnchors,
    /// Now.
    pub at: Moment,
}

/// Reads a finished file from nothing. `None` when it does not say what it must: our signature intact over the whole
/// file, with the official's certificate, not distrusted; every earlier signature as intact as it was, and nothing
/// that it does not permit behind it.
pub(super) fn signed_copy(path: &Path, expected: &Expected) -> Result<Option<SignedCopy>, Fault> {
    let source = sdk_document::File::open(path).map_err(Fault::when("opening a signed copy"))?;
    let report =
        judge(source, expected.trust.clone(), expected.at).map_err(Fault::when("reading a signed copy"))?;
    let certificate = Digest::of(&expected.certificate).to_string();
    let ours = report.signatures.iter().find(|s| s.field == expected.field);
    let ours_stands = ours.is_some_and(|s| {
        s.integrity == Integrity::Intact
            && s.coverage == Coverage::WholeFile
            && s.later_changes.level == Level::None
            && s.trust != Trust::Untrusted
            && s.signer
                .as_ref()
                .is_some_and(|signer| signer.sha256 == certificate)
    });
    let before: Vec<_> = report
        .signatures
        .iter()
        .filter(|s| s.field != expected.field && s.kind == Kind::Signature)
        .collect();
    let others_stand = before.len() == expected.earlier.len()
        && before.iter().zip(&expected.earlier).all(|(now, then)| {
            !then.intact || (now.integrity == Integrity::Intact && now.later_changes.level <= Level::Annotate)
        });
    if !(ours_stands && others_stand) {
        tracing::error!(report = ?report, "a finished file did not pass its own check");
        return Ok(None);
    }
    let digest = report.file.sha256.as_deref().and_then(|hex| hex.parse().ok());
    Ok(digest.map(|digest| SignedCopy {
        digest,
        size: report.file.size,
    }))
}

fn judge(source: sdk_document::File, trust: TrustAnchors, at: Moment) -> std::io::Result<Report> {
    Ok(sdk_document::verify(source, &Options::new(trust, at.utc())))
}

/// Longer than an honest verification takes, shorter than a person waits.
const PATIENCE: Duration = Duration::from_secs(10);
