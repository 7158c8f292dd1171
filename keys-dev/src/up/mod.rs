//! The whole stack, from sources to three running services.

pub mod addresses;
pub mod build;
pub mod configure;
pub mod processes;
pub mod ready;
pub mod stack;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Instant;

pub use addresses::{Addresses, Service};
pub use build::Binaries;
use ring::rand::SystemRandom;
use time::OffsetDateTime;

use crate::state::{LOCK, State};
use crate::{Error, Refusal};
use configure::{Clients, Files};
use processes::{Ended, Processes};
use ready::Probe;

/// What the caller asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of the state.
    pub state: PathBuf,
    /// Throw a former state away.
    pub reset: bool,
    /// Where to listen.
    pub addresses: Addresses,
    /// Build first.
    pub build: bool,
}

/// Builds, configures, starts, waits, tells, watches, stops.
///
/// # Errors
/// Refused with what to do about it when a port is taken, a build fails, a state is half-made, or a service dies.
pub fn up(options: &Options, now: impl Fn() -> OffsetDateTime, chance: &SystemRandom) -> Result<(), Error> {
    let binaries = Binaries::beside_this()?;
    let at = options.addresses;
    let _lock = lock(&options.state)?;
    at.free(|service| stack::survivor(&options.state, service))?;
    if options.build {
        binaries.build()?;
    }
    for service in Service::ALL {
        binaries.of(service)?;
    }

    // Whoever waits for this file waits for this run
    stack::forget(&options.state)?;
    let state = State::open_or_make(&options.state, options.reset, now(), chance)?;
    let clients = Clients::of(&state, &at, chance)?;
    let files = Files::write(&state, &at, &clients, chance)?;
    configure::register(&state, &at, &binaries, &files, &clients, now(), chance)?;

    let start = Instant::now();
    let mut processes = Processes::start(&state, &binaries, &files)?;
    let probe = Probe::new(at, &state.pki().join("root.pem"))?;
    let ended = match processes.wait_ready(&probe)? {
        Some(ended) => ended,
        None => {
            let ready_after = start.elapsed();
            stack::write(&state, &at, &binaries, &clients, &processes.pids(), ready_after)?;
            stack::print(&state, &at, &state.people()?, now())?;
            processes.watch()?
        }
    };
    eprintln!("\nStopping.");
    processes.stop();
    match ended {
        Ended::Asked => Ok(()),
        Ended::Died(error) => Err(error),
    }
}

/// One `up` per state: two would fight over its databases and its `stack.json`.
fn lock(folder: &Path) -> Result<File, Error> {
    fs::create_dir_all(folder).map_err(Error::file(folder))?;
    let path = folder.join(LOCK);
    let file = File::options()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(Error::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Refusal::Running(folder.into()).into()),
        Err(TryLockError::Error(error)) => Err(Error::file(&path)(error)),
    }
}
