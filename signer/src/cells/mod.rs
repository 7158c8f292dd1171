//! Cells: processes of this very program in which documents from outside are read, with hard limits and nothing to
//! find, so that a hostile file costs its own request and nothing else.
//!
//! A [`Pool`] keeps some cells open between documents. A cell is handed a [`Task`] and the document's open file over
//! a socket, and gives a [`Reply`] back. It cannot open another file or a connection while it holds a document; its
//! memory and its time are bounded by the kernel. One that crashes, hangs or had hard work is replaced.
//!
//! What is done inside is [`crate::flow::cell`]; this room only carries questions and answers.

mod child;
mod errands;
mod kind;
mod pool;
mod setup;
mod share;
mod task;
mod wire;

use std::fs::File;
use std::sync::Arc;

use sdk_document::{Fetch, NotJudged, Report};

pub use child::child;
pub use errands::{Errand, Runner};
pub use kind::Kind;
pub use pool::{Pool, Program, Unanswered};
pub use setup::Setup;
pub use share::{Place, Shares};
pub use task::{Answer, Reply, Task};

use crate::error::{Error, Fault, Refusal};
use crate::rules::Moment;
use crate::rules::document::Facts;
use crate::rules::intake::Unfit;
use crate::rules::question::Password;
use crate::rules::seen::{Doubt, Seen};
use crate::trust::Basis;

/// Everything that is done with a document from outside.
#[derive(Debug)]
pub struct Cells {
    readers: Pool,
    /// Finished copies are read back here: no stranger's document stands before an official's.
    finishers: Pool,
    painters: Pool,
    /// Comparisons take longer than first pages, and no list shall wait for them.
    comparers: Pool,
}

impl Cells {
    /// Cells of this program, so many at the same time, that judge by this.
    #[must_use]
    pub fn new(program: &Program, basis: &Basis, at_once: usize) -> Self {
        let (setup, nothing) = (Arc::new(Setup::new(basis)), Arc::new(Setup::nothing()));
        Self {
            readers: Pool::new(program.clone(), Kind::Reader, &setup, at_once),
            finishers: Pool::new(program.clone(), Kind::Reader, &setup, FINISHERS),
            painters: Pool::new(program.clone(), Kind::Painter, &nothing, PAINTERS),
            comparers: Pool::new(program.clone(), Kind::Painter, &nothing, PAINTERS),
        }
    }

    /// From now on, documents are judged by this. Those in hand are judged by what was known when they came.
    pub fn renew(&self, basis: &Basis) {
        let setup = Arc::new(Setup::new(basis));
        self.readers.renew(&setup);
        self.finishers.renew(&setup);
    }

    /// Opens a first cell, so that the first document does not wait and an installation that cannot is noticed.
    ///
    /// # Errors
    /// A fault when no cell can be opened.
    pub async fn prepare(&self) -> Result<(), Fault> {
        self.readers.prepare().await
    }

    /// Judges a document. Whatever it does to its cell, there is a report. What is missing is fetched, if there is
    /// somebody to fetch it.
    ///
    /// # Errors
    /// [`Refusal::Busy`] when no cell is free in time, or a fault.
    pub async fn judge(
        &self,
        file: &File,
        at: Moment,
        password: Option<Password>,
        fetch: Option<Arc<dyn Fetch>>,
    ) -> Result<Report, Error> {
        judge(&self.readers, file, at, password, fetch).await
    }

    /// As [`Cells::judge`], for a copy that the worker has just finished.
    ///
    /// # Errors
    /// As [`Cells::judge`].
    pub async fn read_back(&self, file: &File, at: Moment) -> Result<Report, Error> {
        judge(&self.finishers, file, at, None, None).await
    }

    /// Whether a document can be signed, and what is in it.
    ///
    /// # Errors
    /// [`Refusal::Busy`] when no cell is free in time, or a fault. The inner one says why the document will not do.
    pub async fn inspect(&self, file: &File, at: Moment) -> Result<Result<Facts, Unfit>, Error> {
        match self.readers.ask(&Task::Inspect { at: at.0 }, file).await {
            Ok((Answer::Fit(facts), _)) => Ok(Ok(facts)),
            Ok((Answer::Unfit(code), _)) => match code.parse() {
                Ok(unfit) => Ok(Err(unfit)),
                Err(_) => Err(Fault::new("a cell gave an unknown reason").into()),
            },
            Ok((answer, _)) => Err(unexpected(&answer).into()),
            Err(Unanswered::Busy) => Err(Refusal::Busy.into()),
            // What breaks our reader could harm the citizen's.
            Err(Unanswered::Crashed | Unanswered::OutOfTime) => Ok(Err(Unfit::TooDeep)),
            Err(Unanswered::Fault(fault)) => Err(fault.into()),
        }
    }

    /// A PNG of a document's first page, or `None` when it cannot be drawn within the limits.
    ///
    /// # Errors
    /// A fault when no cell can be opened.
    pub async fn first_page(&self, file: &File) -> Result<Option<Vec<u8>>, Fault> {
        match self.painters.ask(&Task::FirstPage, file).await {
            Ok((Answer::Picture, picture)) if picture.starts_with(PNG) => Ok(Some(picture)),
            Err(Unanswered::Fault(fault)) => Err(fault),
            Ok(_) | Err(Unanswered::Busy | Unanswered::Crashed | Unanswered::OutOfTime) => Ok(None),
        }
    }

    /// Pages on which a field or an annotation hides something; `None` when it cannot be told within the limits.
    ///
    /// # Errors
    /// A fault when no cell can be opened.
    pub async fn covered(&self, file: &File) -> Result<Option<Vec<usize>>, Fault> {
        match self.painters.ask(&Task::Covered, file).await {
            Ok((Answer::Covered(pages), _)) => Ok(Some(pages)),
            Ok((answer, _)) => Err(unexpected(&answer)),
            Err(Unanswered::Busy | Unanswered::Crashed | Unanswered::OutOfTime) => Ok(None),
            Err(Unanswered::Fault(fault)) => Err(fault),
        }
    }

    /// What is seen of the revision with this number, beside the newest one. What cannot be compared is said.
    ///
    /// # Errors
    /// A fault when no cell can be opened.
    pub async fn compare(&self, file: &File, revision: usize) -> Result<Seen, Fault> {
        match self.comparers.ask(&Task::Compare { revision }, file).await {
            Ok((Answer::Compared(seen), _)) => Ok(seen),
            Ok((answer, _)) => Err(unexpected(&answer)),
            Err(Unanswered::Busy) => Ok(Seen::unknown(Doubt::Busy)),
            Err(Unanswered::Crashed | Unanswered::OutOfTime) => Ok(Seen::unknown(Doubt::TooMuchWork)),
            Err(Unanswered::Fault(fault)) => Err(fault),
        }
    }
}

async fn judge(
    pool: &Pool,
    file: &File,
    at: Moment,
    password: Option<Password>,
    fetch: Option<Arc<dyn Fetch>>,
) -> Result<Report, Error> {
    let task = Task::Judge {
        at: at.0,
        fetch: fetch.is_some(),
        password,
    };
    let not_judged = |why| {
        let size = file.metadata().map_or(0, |about| about.len());
        Report::not_judged(at.utc(), size, why)
    };
    match pool.ask_with(&task, file, fetch.map(Runner::new)).await {
        Ok((Answer::Judged(report), _)) => Ok(*report),
        Ok((answer, _)) => Err(unexpected(&answer).into()),
        Err(Unanswered::Busy) => Err(Refusal::Busy.into()),
        Err(Unanswered::Crashed) => Ok(not_judged(NotJudged::Crashed)),
        Err(Unanswered::OutOfTime) => Ok(not_judged(NotJudged::OutOfTime)),
        Err(Unanswered::Fault(fault)) => Err(fault.into()),
    }
}

fn unexpected(answer: &Answer) -> Fault {
    match answer {
        Answer::Failed(text) => Fault::caused("reading a document in a cell", text.clone()),
        _ => Fault::new("a cell answered another question"),
    }
}

/// The word on the command line that makes this program a cell; the [`Kind`]'s word follows.
pub const COMMAND: &str = "cell";
const PNG: &[u8] = b"\x89PNG";
/// The worker signs one document after another.
const FINISHERS: usize = 1;
/// At the same time; pages are drawn while a person looks at a list.
const PAINTERS: usize = 2;
