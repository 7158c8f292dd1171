//! What a reader saw at signing and sees now, for the signatures after which that can differ.

use std::fs::File;

use sdk_document::Report;

use crate::error::Fault;
use crate::rules::seen::Since;
use crate::service::Service;

/// Compares what is seen since the signatures that are worth it. Keeps nothing.
///
/// # Errors
/// A fault when a cell cannot be opened. What cannot be compared is no error: it is said.
pub async fn compare(service: &Service, file: &File, report: &Report) -> Result<Vec<Since>, Fault> {
    let mut seen = Vec::new();
    for position in sdk_seen::baselines(report) {
        let Some(signature) = report.signatures.get(position) else {
            continue;
        };
        if let Some(revision) = signature.revision {
            seen.push(Since {
                signature: signature.field.clone(),
                seen: service.cells.compare(file, revision).await?,
            });
        }
    }
    Ok(seen)
}
