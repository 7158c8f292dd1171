//! What a cell is asked, and what it answers.

use sdk_document::Report;
use serde::{Deserialize, Serialize};

use super::errands::Errand;
use crate::rules::document::Facts;
use crate::rules::question::Password;
use crate::rules::seen::Seen;

/// What is to be done with a document. Times are Unix seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Verify its signatures as of a time, by what [`super::Setup`] says.
    Judge {
        /// The time for which the question is answered.
        at: i64,
        /// Whether what is missing may be asked for ([`Answer::Wants`]).
        fetch: bool,
        /// Opens it, if it is encrypted.
        password: Option<Password>,
    },
    /// See whether it can be signed.
    Inspect {
        /// Now.
        at: i64,
    },
    /// Draw its first page.
    FirstPage,
    /// Draw pages with and without their fields and annotations.
    Covered,
    /// Draw and compare two revisions.
    Compare {
        /// The earlier one, oldest = 0.
        revision: usize,
    },
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// To [`Task::Judge`].
    Judged(Box<Report>),
    /// To [`Task::Inspect`]: it can be signed.
    Fit(Facts),
    /// To [`Task::Inspect`]: the code of [`crate::rules::intake::Unfit`].
    Unfit(String),
    /// To [`Task::FirstPage`]: a PNG follows.
    Picture,
    /// To [`Task::FirstPage`]: it cannot be drawn.
    NoPicture,
    /// To [`Task::Covered`]: pages on which something is hidden.
    Covered(Vec<usize>),
    /// To [`Task::Compare`].
    Compared(Seen),
    /// No answer yet: something is to be fetched first.
    Wants(Errand),
    /// Something of ours failed; for the log.
    Failed(String),
    /// The work panicked, at this place in our source; the cell ends.
    Panicked(String),
}

/// An answer, and the bytes that go with it.
pub type Reply = (Answer, Vec<u8>);
