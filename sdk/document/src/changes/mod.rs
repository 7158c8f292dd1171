//! What changed after signing: each later revision compared with the one before it, object by object.
//! Changes are explained by an allow-list; what it does not explain is named and spoils the verdict.

mod additive;
mod annotation;
mod form;
mod page;
mod references;
mod step;

use serde::Serialize;

use crate::pdf::document::Document;
use crate::pdf::error::ReadError;
use references::Referrers;

/// How far a change goes, from nothing to what nobody signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing changed.
    None,
    /// Evidence for long-term validation, timestamps, metadata.
    LongTerm,
    /// Form fields filled in, further signatures.
    FormFill,
    /// Comments and marks.
    Annotate,
    /// Anything else.
    Other,
}

/// One change, explained or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// How far it goes.
    pub level: Level,
    /// A stable code for what it is.
    pub kind: &'static str,
    /// The revision that made it, oldest = 0.
    pub revision: usize,
    /// The page it touches, from 1.
    pub page: Option<usize>,
    /// The form field it touches.
    pub field: Option<String>,
    /// The object it was found in.
    pub object: Option<String>,
    /// It adds a signature, which is judged by itself.
    #[serde(skip)]
    pub is_signature: bool,
}

/// Every change from a revision to the newest one.
///
/// # Errors
/// When something that the comparison needs cannot be read: then nothing is known of the changes.
pub(crate) fn since(document: &Document, signed: usize) -> Result<Vec<Change>, ReadError> {
    let last = document.last();
    if signed >= last {
        return Ok(Vec::new());
    }
    let mut referrers = Referrers::scan(document, signed)?;
    let mut changes = Vec::new();
    for after in signed.saturating_add(1)..=last {
        changes.extend(step::changes(document, after, &mut referrers)?);
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bytes, Limits};

    #[test]
    fn corpus() {
        let root =
            std::path::PathBuf::from(std::env::var_os("AVAL_SHARED").unwrap()).join("corpora/pyhanko-tests");
        let manifest: serde_json::Value =
            serde_json::from_slice(&std::fs::read(root.join("manifest.json")).unwrap()).unwrap();
        for file in manifest["files"].as_array().unwrap() {
            let name = file["file"].as_str().unwrap();
            let Ok(document) = Document::open(
                Bytes::new(std::fs::read(root.join(name)).unwrap()),
                &Limits::default(),
            ) else {
                println!("{name} unread");
                continue;
            };
            let found = crate::signature::find::signatures(&document);
            let found = match found {
                Ok(f) => f,
                Err(e) => {
                    println!("{name} {e}");
                    continue;
                }
            };
            let mut lines = std::collections::BTreeSet::new();
            for outcome in file["outcomes"].as_array().unwrap() {
                let Some(field) = outcome["field"].as_str() else {
                    continue;
                };
                let test = outcome["test"].as_str().unwrap();
                let theirs = (
                    outcome["coverage"].as_str(),
                    outcome["diff_result"]
                        .as_str()
                        .or(outcome["status"]["modification_level"].as_str()),
                    outcome["custom_diff_policy"].as_bool(),
                );
                let Some(ours) = found.iter().find(|f| f.field == field) else {
                    lines.insert(format!("{name} {field} NOT FOUND {test} {theirs:?}"));
                    continue;
                };
                let covered = match &ours.covered {
                    crate::signature::byte_range::Covered::Revision {
                        revision, whole_file, ..
                    } => format!("r{revision} {whole_file}"),
                    o => format!("{o:?}"),
                };
                let level = ours.covered.revision().map(|r| since(&document, r));
                let level = match level {
                    Some(Ok(c)) => {
                        let m = c.iter().map(|c| c.level).max().unwrap_or(Level::None);
                        let kinds: std::collections::BTreeSet<_> = c
                            .iter()
                            .filter(|c| c.level == m)
                            .map(|c| (c.kind, c.object.clone()))
                            .collect();
                        format!("{m:?} {kinds:?}")
                    }
                    o => format!("{o:?}"),
                };
                lines.insert(format!(
                    "{name} {} {field}: {covered} {level} | {theirs:?} {test}",
                    file["encrypted"]
                ));
            }
            for l in lines {
                println!("{l}")
            }
        }
    }
}
