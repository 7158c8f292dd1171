//! Three child processes: started together, watched, stopped together.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::configure::Files;
use super::ready::Probe;
use super::{Binaries, Service};
use crate::state::State;
use crate::{Error, Refusal};

/// The running services. Dropped, they are stopped.
pub struct Processes {
    running: Vec<Running>,
    signals: Signals,
}

struct Running {
    service: Service,
    child: Child,
    log: PathBuf,
    /// Where this run begins in the log.
    log_start: u64,
}

/// Why the watch ended.
pub enum Ended {
    /// Somebody asked us to stop.
    Asked,
    /// A service died.
    Died(Error),
}

impl Processes {
    /// Starts all three, each with its output appended to its log.
    ///
    /// # Errors
    /// Refused when a binary is missing; a fault when one cannot be started. What did start is stopped again.
    pub fn start(state: &State, binaries: &Binaries, files: &Files) -> Result<Self, Error> {
        let signals =
            Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(Error::fault("listening for signals"))?;
        let mut processes = Self {
            running: Vec::new(),
            signals,
        };
        for service in Service::ALL {
            let log = state.path(&format!("{}.log", service.name()));
            processes.running.push(start_one(
                service,
                &binaries.of(service)?,
                &files.of(service),
                log,
            )?);
        }
        Ok(processes)
    }

    /// Waits until each is ready.
    ///
    /// # Errors
    /// Refused, with the end of its log, when one dies or takes longer than a minute.
    pub fn wait_ready(&mut self, probe: &Probe) -> Result<Option<Ended>, Error> {
        let start = Instant::now();
        for service in Service::ALL {
            while !probe.is_ready(service) {
                if self.signals.pending().next().is_some() {
                    return Ok(Some(Ended::Asked));
                }
                if let Some(error) = self.death()? {
                    return Err(error);
                }
                if start.elapsed() > PATIENCE {
                    let what = format!("did not become ready within {} s", PATIENCE.as_secs());
                    return Err(self.explain(service, what));
                }
                sleep(POLL);
            }
        }
        Ok(None)
    }

    /// The process ids, for `stack.json`.
    #[must_use]
    pub fn pids(&self) -> Vec<(Service, u32)> {
        self.running
            .iter()
            .map(|running| (running.service, running.child.id()))
            .collect()
    }

    /// Waits until somebody asks to stop or a service dies.
    ///
    /// # Errors
    /// A fault when the system cannot tell about a child.
    pub fn watch(&mut self) -> Result<Ended, Error> {
        loop {
            if self.signals.pending().next().is_some() {
                return Ok(Ended::Asked);
            }
            if let Some(error) = self.death()? {
                return Ok(Ended::Died(error));
            }
            sleep(POLL);
        }
    }

    /// Asks all to stop; after ten seconds, or when asked a second time, kills.
    pub fn stop(&mut self) {
        for running in &mut self.running {
            signal(&mut running.child, Signal::TERM);
        }
        let start = Instant::now();
        while self
            .running
            .iter_mut()
            .any(|running| matches!(running.child.try_wait(), Ok(None)))
        {
            if start.elapsed() > GRACE || self.signals.pending().next().is_some() {
                for running in &mut self.running {
                    signal(&mut running.child, Signal::KILL);
                }
                break;
            }
            sleep(POLL);
        }
        for running in &mut self.running {
            // Already reaped, or dying from a signal that cannot be refused
            let _status = running.child.wait();
        }
        self.running.clear();
    }

    fn death(&mut self) -> Result<Option<Error>, Error> {
        let mut dead = None;
        for running in &mut self.running {
            let name = running.service.name();
            if let Some(status) = running.child.try_wait().map_err(Error::fault(name))? {
                dead = Some((running.service, format!("stopped by itself ({status})")));
                break;
            }
        }
        Ok(dead.map(|(service, what)| self.explain(service, what)))
    }

    fn explain(&self, service: Service, what: String) -> Error {
        let (log, from) = self
            .running
            .iter()
            .find(|running| running.service == service)
            .map(|running| (running.log.clone(), running.log_start))
            .unwrap_or_default();
        Refusal::Service {
            service: service.name(),
            what,
            tail: tail(&log, from),
            log,
        }
        .into()
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.stop();
    }
}

fn start_one(service: Service, binary: &Path, config: &Path, log: PathBuf) -> Result<Running, Error> {
    let mut options = OpenOptions::new();
    let file = options
        .create(true)
        .append(true)
        .open(&log)
        .map_err(Error::file(&log))?;
    let log_start = file.metadata().map_err(Error::file(&log))?.len();
    let mut command = Command::new(binary);
    command.arg("--config").arg(config);
    if service != Service::Agency {
        command.arg("serve");
    }
    // A group of its own: Ctrl-C in the terminal reaches `up`, which stops the services in order
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone().map_err(Error::file(&log))?)
        .stderr(file);
    let child = command
        .spawn()
        .map_err(Error::fault(format!("starting {}", binary.display())))?;
    Ok(Running {
        service,
        child,
        log,
        log_start,
    })
}

fn signal(child: &mut Child, signal: Signal) {
    // Reaped children have no pid any more; `try_wait` keeps us from signalling a stranger that inherited the number
    if let (Ok(None), Ok(id)) = (child.try_wait(), i32::try_from(child.id()))
        && let Some(pid) = Pid::from_raw(id)
    {
        let _gone = kill_process(pid, signal);
    }
}

fn tail(log: &Path, from: u64) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let start = usize::try_from(from).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes.get(start..).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    lines
        .get(lines.len().saturating_sub(TAIL_LINES)..)
        .unwrap_or_default()
        .join("\n")
}

/// Between two looks at the children.
const POLL: Duration = Duration::from_millis(25);
/// A cold disk and a busy machine included.
const PATIENCE: Duration = Duration::from_secs(60);
/// As long as most supervisors give.
const GRACE: Duration = Duration::from_secs(10);
/// A screenful.
const TAIL_LINES: usize = 20;
