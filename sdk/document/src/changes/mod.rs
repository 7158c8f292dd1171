//! What changed after signing: each later revision compared with the one before it, object by object.
//! Changes are explained by an allow-list; what it does not explain is named and spoils the verdict.

mod additive;
mod annotation;
mod appearance;
mod catalog;
mod form;
mod known;
mod page;
mod references;
mod step;
mod writing;

use serde::{Deserialize, Serialize};

use crate::names::{Stable, stable};
use crate::pdf::document::Document;
use crate::pdf::error::{Code, ReadError};
use known::Known;
use references::Referrers;

/// How far a change goes, from nothing to what nobody signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// How far it goes.
    pub level: Level,
    /// A stable code for what it is.
    #[serde(deserialize_with = "stable")]
    pub kind: Stable,
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
    // The caller asks once, for the oldest signed revision, and [`evidence_lost`] for each.
    let last = document.last();
    if signed >= last {
        return Ok(Vec::new());
    }
    let mut referrers = Referrers::scan(document, signed)?;
    let (mut changes, mut known) = (Vec::new(), Known::default());
    for after in signed.saturating_add(1)..=last {
        changes.extend(step::changes(document, after, &mut referrers, &mut known)?);
        if changes.len() > MOST_CHANGES {
            return Err(ReadError::new(Code::TooLarge, 0));
        }
    }
    Ok(changes)
}

/// A change that is seen only over several revisions: evidence that a signed one had is gone.
pub(crate) fn evidence_lost(document: &Document, signed: usize) -> Result<Option<Change>, ReadError> {
    if signed >= document.last() || additive::evidence_kept(document, signed)? {
        return Ok(None);
    }
    Ok(Some(Change {
        level: Level::Other,
        kind: "evidence_removed",
        revision: document.last(),
        page: None,
        field: None,
        object: None,
        is_signature: false,
    }))
}

/// Own choice: the largest forms have some thousand fields.
const MOST_CHANGES: usize = 50_000;
