//! Inside a cell.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use sdk_document::Fetch;

use super::errands::Asking;
use super::kind::Kind;
use super::setup::Setup;
use super::task::{Answer, Reply, Task};
use super::wire;
use crate::error::Fault;
use crate::trust::Basis;

/// Serves the socket that is standard input until the service closes it: limits itself, hears its [`Setup`], then
/// does `work` for one document after another. What a judgement lacks, `work` may ask for by the last argument.
///
/// # Errors
/// When it cannot limit itself or the service does not speak as it should. The service sees the socket closed.
pub fn child(kind: Kind, work: impl Fn(&Basis, &Task, File, Arc<dyn Fetch>) -> Reply) -> Result<(), Fault> {
    let doing = "serving in a cell";
    let stdin = std::io::stdin();
    let mut socket = UnixStream::from(stdin.as_fd().try_clone_to_owned().map_err(Fault::when(doing))?);
    let asking = socket.try_clone().map_err(Fault::when(doing))?;
    let fetch: Arc<dyn Fetch> = Arc::new(Asking::over(asking));
    limit(kind)?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        *LAST_PANIC.lock().unwrap_or_else(|e| e.into_inner()) = place;
    }));
    let Some((head, _)) = wire::question(&mut socket).map_err(Fault::when(doing))? else {
        return Ok(());
    };
    let Some((pieces, _)) = wire::question(&mut socket).map_err(Fault::when(doing))? else {
        return Ok(());
    };
    let basis = Setup { head, pieces }.basis()?;
    while let Some((task, file)) = wire::question(&mut socket).map_err(Fault::when(doing))? {
        let task: Task = serde_json::from_slice(&task).map_err(Fault::when(doing))?;
        let file = file.ok_or_else(|| Fault::new("a task without a document"))?;
        allow_time(kind, file.metadata().map_or(0, |about| about.len()))?;
        let done = catch_unwind(AssertUnwindSafe(|| work(&basis, &task, file, Arc::clone(&fetch))));
        let panicked = done.is_err();
        let (answer, bytes) = done.unwrap_or_else(|_| {
            let place = LAST_PANIC.lock().unwrap_or_else(|e| e.into_inner());
            (Answer::Panicked(place.clone()), Vec::new())
        });
        let json = serde_json::to_vec(&answer).map_err(Fault::when(doing))?;
        wire::reply(&mut socket, &json, &bytes).map_err(Fault::when(doing))?;
        if panicked {
            return Err(Fault::new("a document was not expected"));
        }
    }
    Ok(())
}

/// For good: a limit that was lowered is not raised again.
fn limit(kind: Kind) -> Result<(), Fault> {
    let doing = "limiting a cell";
    // The lowest free number: what is open now stays open, and one more, the document, may come.
    let free = std::io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map_err(Fault::when(doing))?
        .as_raw_fd();
    let files = u64::try_from(free).map_err(Fault::when(doing))?.saturating_add(1);
    for (resource, most) in [
        (Resource::As, kind.memory()),
        (Resource::Nofile, files),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
    ] {
        set(resource, most, Some(most))?;
    }
    Ok(())
}

/// So much of the processor's time for the next document. The kernel counts from the start of the process.
fn allow_time(kind: Kind, bytes: u64) -> Result<(), Fault> {
    let used = clock_gettime(ClockId::ProcessCPUTime).tv_sec;
    let until = u64::try_from(used)
        .unwrap_or(0)
        .saturating_add(kind.cpu_seconds(bytes));
    set(Resource::Cpu, until, getrlimit(Resource::Cpu).maximum)
}

fn set(resource: Resource, current: u64, maximum: Option<u64>) -> Result<(), Fault> {
    let limit = Rlimit {
        current: Some(maximum.map_or(current, |most| most.min(current))),
        maximum,
    };
    setrlimit(resource, limit).map_err(Fault::when("limiting a cell"))
}

/// Where the last panic was; its message may hold what the document says.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());
