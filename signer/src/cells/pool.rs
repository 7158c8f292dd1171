//! The service's side: cells are opened when needed, kept between documents, replaced when they are used up.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as Blocking;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use super::errands::Runner;
use super::kind::Kind;
use super::setup::Setup;
use super::task::{Answer, Reply, Task};
use super::wire;
use crate::error::Fault;

/// What is run as a cell: a program and its first arguments; the kind's word comes last.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
}

impl Program {
    /// This very program, called with [`super::COMMAND`].
    ///
    /// # Errors
    /// A fault when the operating system does not tell where the program is.
    pub fn this() -> Result<Self, Fault> {
        // The file that runs now, even after an upgrade has put another in its place: both sides speak alike.
        let itself = Path::new("/proc/self/exe");
        if itself.exists() {
            return Ok(Self::at(itself));
        }
        let path = std::env::current_exe().map_err(Fault::when("finding this program"))?;
        Ok(Self::at(path))
    }

    /// The service's program at this path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self::with_arguments(path, [super::COMMAND])
    }

    /// Another program that speaks as a cell does.
    pub fn with_arguments(
        path: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Self {
        Self {
            path: path.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
        }
    }
}

/// Cells of one kind.
#[derive(Debug)]
pub struct Pool {
    program: Program,
    kind: Kind,
    setup: Mutex<Arc<Setup>>,
    turns: Semaphore,
    places: Semaphore,
    waits: Duration,
    patience: Option<Duration>,
    idle: Mutex<Vec<Cell>>,
    kept: usize,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Unanswered {
    /// Too much at once; later there may be.
    Busy,
    /// The document ended its cell.
    Crashed,
    /// The document took longer than is allowed.
    OutOfTime,
    /// Something of ours failed.
    Fault(Fault),
}

impl Pool {
    /// No cell is opened yet. At most `at_once` are, each for one document at a time.
    #[must_use]
    pub fn new(program: Program, kind: Kind, setup: &Arc<Setup>, at_once: usize) -> Self {
        let at_once = at_once.max(1);
        let cores = std::thread::available_parallelism().map_or(1, Into::into);
        Self {
            program,
            kind,
            setup: Mutex::new(Arc::clone(setup)),
            turns: Semaphore::new(at_once),
            places: Semaphore::new(at_once.saturating_mul(WAITING_FOR_EACH)),
            waits: LONGEST_WAIT,
            patience: None,
            idle: Mutex::new(Vec::new()),
            kept: at_once.min(cores),
        }
    }

    /// With so much time for every document instead of what its kind allows.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// From now on, cells are told this. Those that were told something else take no further document.
    pub fn renew(&self, setup: &Arc<Setup>) {
        *self.setup.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(setup);
        self.idle().clear();
    }

    fn setup(&self) -> Arc<Setup> {
        Arc::clone(&self.setup.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Opens a cell and keeps it.
    ///
    /// # Errors
    /// A fault when none can be opened.
    pub async fn prepare(&self) -> Result<(), Fault> {
        let cell = self.open().await?;
        self.keep(cell);
        Ok(())
    }

    /// Has a task done with a document.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn ask(&self, task: &Task, file: &File) -> Result<Reply, Unanswered> {
        self.ask_with(task, file, None).await
    }

    /// As [`Pool::ask`]; what the cell wants on the way is fetched.
    ///
    /// # Errors
    /// As [`Pool::ask`].
    pub async fn ask_with(
        &self,
        task: &Task,
        file: &File,
        mut runner: Option<Runner>,
    ) -> Result<Reply, Unanswered> {
        let doing = "asking a cell";
        let _place = self.places.try_acquire().map_err(|_| Unanswered::Busy)?;
        let turn = timeout(self.waits, self.turns.acquire()).await;
        let _turn = turn
            .map_err(|_| Unanswered::Busy)?
            .map_err(|error| Unanswered::Fault(Fault::caused(doing, error)))?;
        let task = serde_json::to_vec(task).map_err(|e| Unanswered::Fault(Fault::caused(doing, e)))?;
        let mut cell = self.handed(&task, file).await.map_err(Unanswered::Fault)?;
        let size = file.metadata().map_or(0, |about| about.len());
        let patience = self.patience.unwrap_or_else(|| self.kind.patience(size));
        let begun = Instant::now();
        let (answer, bytes) = loop {
            let heard = match timeout(patience, wire::answer(&mut cell.socket)).await {
                Ok(Ok(heard)) => heard,
                Ok(Err(error)) => return Err(cell.ended(&error).await),
                Err(_) => {
                    tracing::warn!(
                        kind = self.kind.word(),
                        size,
                        "a document took too long; its cell is ended"
                    );
                    return Err(Unanswered::OutOfTime); // the cell is killed when it goes out of scope
                }
            };
            let (json, bytes) = heard;
            let answer = serde_json::from_slice(&json)
                .map_err(|error| Unanswered::Fault(Fault::caused("understanding a cell", error)))?;
            let (Answer::Wants(errand), Some(runner)) = (&answer, &mut runner) else {
                break (answer, bytes);
            };
            let brought = runner.run(errand.clone(), bytes).await;
            if let Err(error) = wire::ask(&mut cell.socket, &brought, None).await {
                return Err(cell.ended(&error).await);
            }
        };
        if let Answer::Panicked(place) = &answer {
            tracing::error!(
                kind = self.kind.word(),
                size,
                place,
                "a document made its cell panic"
            );
            return Err(Unanswered::Crashed);
        }
        if begun.elapsed() < HARD_WORK && size < LARGE {
            self.keep(cell);
        }
        Ok((answer, bytes))
    }

    /// A cell that has taken the task. One that was kept may have ended meanwhile; a fresh one has not.
    async fn handed(&self, task: &[u8], file: &File) -> Result<Cell, Fault> {
        loop {
            let kept = self.idle().pop();
            let fresh = kept.is_none();
            let mut cell = match kept {
                Some(cell) => cell,
                None => self.open().await?,
            };
            cell.left = cell.left.saturating_sub(1);
            match wire::ask(&mut cell.socket, task, Some(file)).await {
                Ok(()) => return Ok(cell),
                Err(error) if fresh => return Err(Fault::caused("handing a document to a cell", error)),
                Err(error) => tracing::info!(%error, "a cell that was kept had ended"),
            }
        }
    }

    async fn open(&self) -> Result<Cell, Fault> {
        let doing = "opening a cell";
        let (ours, theirs) = Blocking::pair().map_err(Fault::when(doing))?;
        ours.set_nonblocking(true).map_err(Fault::when(doing))?;
        let process = Command::new(&self.program.path)
            .args(&self.program.arguments)
            .arg(self.kind.word())
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(Fault::when(doing))?;
        let mut socket = UnixStream::from_std(ours).map_err(Fault::when(doing))?;
        let setup = self.setup();
        for part in [&setup.head, &setup.pieces] {
            wire::ask(&mut socket, part, None)
                .await
                .map_err(Fault::when(doing))?;
        }
        Ok(Cell {
            process,
            socket,
            setup,
            left: self.kind.documents(),
        })
    }

    /// Keeps a cell for the next document, unless it has seen enough or enough are kept.
    fn keep(&self, cell: Cell) {
        let current = self.setup();
        let mut idle = self.idle();
        if cell.left > 0 && idle.len() < self.kept && Arc::ptr_eq(&cell.setup, &current) {
            idle.push(cell);
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Cell>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open cell. Dropped, it ends.
#[derive(Debug)]
struct Cell {
    process: Child,
    socket: UnixStream,
    /// What it was told.
    setup: Arc<Setup>,
    left: u32,
}

impl Cell {
    /// Why it closed the socket, or said what no cell says.
    async fn ended(mut self, error: &io::Error) -> Unanswered {
        let status = match timeout(BURIAL, self.process.wait()).await {
            Ok(Ok(status)) => status,
            _ => ExitStatus::from_raw(0),
        };
        tracing::warn!(%error, %status, "a document ended its cell");
        if status.signal() == Some(SIGXCPU) {
            Unanswered::OutOfTime
        } else {
            Unanswered::Crashed
        }
    }
}

/// For each document that is being read, so many may wait. Own choice: at a second each, which is far beyond an
/// honest one, the last of them comes to its turn within [`LONGEST_WAIT`].
pub(super) const WAITING_FOR_EACH: usize = 8;
/// Longer than an honest verification takes, shorter than a person waits.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Honest documents take milliseconds. What takes so long, or is so large, may have left a lot of memory with the
/// cell; opening another costs a hundredth of it.
const HARD_WORK: Duration = Duration::from_millis(300);
const LARGE: u64 = 32 << 20;
/// A process that closed its socket is about to be gone.
const BURIAL: Duration = Duration::from_secs(1);
/// What the kernel sends at the end of the processor's time (POSIX; 24 on Linux and the BSDs).
const SIGXCPU: i32 = 24;
