//! What is done with a document inside a cell ([`crate::cells`]).

use std::fs::File;
use std::sync::Arc;

use rustix::time::{ClockId, clock_gettime};
use sdk_document::Fetch;

use super::inspect::{Rejected, inspect};
use super::verify::judge;
use crate::cells::{Answer, Reply, Task};
use crate::render;
use crate::rules::Moment;
use crate::side_by_side;
use crate::trust::Basis;

/// Does a task with a document.
#[must_use]
pub fn work(basis: &Basis, task: &Task, file: File, fetch: Arc<dyn Fetch>) -> Reply {
    let source = match sdk_document::File::new(file) {
        Ok(source) => Arc::new(source),
        Err(error) => return (Answer::Failed(error.to_string()), Vec::new()),
    };
    let answer = match task {
        Task::Judge {
            at,
            fetch: may,
            password,
        } => {
            let fetch = may.then_some(fetch);
            let report = judge(source, basis, Moment(*at), password.as_ref(), fetch);
            Answer::Judged(Box::new(report))
        }
        Task::Inspect { at } => match inspect(&source, Moment(*at)) {
            Ok(facts) => Answer::Fit(facts),
            Err(Rejected::Unfit(unfit)) => Answer::Unfit(unfit.code().to_owned()),
            Err(Rejected::Fault(fault)) => Answer::Failed(fault.to_string()),
        },
        Task::FirstPage => match render::first_page(&source) {
            Ok(picture) => return (Answer::Picture, picture),
            Err(_) => Answer::NoPicture,
        },
        Task::Covered => Answer::Covered(side_by_side::covered(&source)),
        Task::Compare { revision } => Answer::Compared(side_by_side::compare(&source, *revision, || {
            clock_gettime(ClockId::ProcessCPUTime).tv_sec >= ENOUGH
        })),
    };
    (answer, Vec::new())
}

/// Seconds of the processor after which no further page is compared, so that what was compared is told before the
/// cell's time is over ([`crate::cells::Kind::cpu_seconds`]).
const ENOUGH: i64 = 6;
