//! A throw-away PKI, people and agencies; `up` runs the whole stack.
//!
//! Nothing in the product depends on this crate. What it makes is marked DEV ONLY in every subject, and it keeps
//! no private key of an official: those are made inside the signer, which hands out a request to certify.
//!
//! * [`hierarchy`] is the PKI as data (`pki.toml`), [`issue`] turns it into certificates;
//! * [`people`] is who exists on the stage (`people.toml`) and which agencies;
//! * [`state`] writes all of it into a folder, once;
//! * [`up`] builds, configures, starts, watches and stops `idp`, `signer` and the demo agency.

pub mod hierarchy;
pub mod issue;
mod key;
pub mod people;
pub mod state;
pub mod totp;
pub mod up;

use std::path::{Path, PathBuf};

/// Why a command stopped: the caller's situation, or ours.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something the caller can put right; the sentence says how.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something that should not have happened.
    #[error("{doing}: {cause}")]
    Fault {
        /// What was being done.
        doing: String,
        /// What went wrong with it.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What the caller can put right.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The folder holds a finished state.
    #[error(
        "{0} already holds a development state; nothing was changed. Use --reset to throw it away and make a new one."
    )]
    AlreadyMade(PathBuf),
    /// The folder holds the beginning of a state.
    #[error(
        "{0} holds a half-made development state (an earlier run was interrupted); nothing was changed. Use --reset to throw it away and make a new one."
    )]
    HalfMade(PathBuf),
    /// The folder holds something else.
    #[error(
        "{folder} holds files that are not a development state (for example {example}); nothing was changed. Name an empty or a new folder."
    )]
    Foreign {
        /// The folder named by the caller.
        folder: PathBuf,
        /// One of the entries in it.
        example: String,
    },
    /// There is no state where one is needed.
    #[error("{0} holds no development state. `keys-dev make {0}` or `keys-dev up --state {0}` makes one.")]
    NotMade(PathBuf),
    /// Another `up` holds the state.
    #[error("another `keys-dev up` is running on {0}. Stop it, or name another folder with --state.")]
    Running(PathBuf),
    /// Nobody has this number.
    #[error("nobody on this stage has the national id {0}; the people are in people.json.")]
    UnknownPerson(String),
    /// A port is taken.
    #[error(
        "port {port}, needed by {service}, is taken{by}. Stop what holds it, or choose others: --ports 9080,9081,9082"
    )]
    PortTaken {
        /// The port.
        port: u16,
        /// The service that needs it.
        service: &'static str,
        /// Who holds it, when we know.
        by: String,
    },
    /// The build failed; cargo has said why.
    #[error("the build failed (its own message is above); nothing was started.")]
    Build,
    /// A binary is missing.
    #[error("{0} does not exist. Run without --no-build to build it.")]
    NoBinary(PathBuf),
    /// A command of a service failed.
    #[error("`{command}` failed:\n{output}")]
    Command {
        /// The command line.
        command: String,
        /// What it wrote on standard error.
        output: String,
    },
    /// A service died or did not become ready.
    #[error("{service} {what}. The end of {log}:\n{tail}")]
    Service {
        /// Which one.
        service: &'static str,
        /// What happened to it.
        what: String,
        /// Its log file.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
}

impl Error {
    /// For `map_err`: a fault met while doing something.
    pub fn fault<E>(doing: impl Into<String>) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let doing = doing.into();
        move |cause| Self::Fault {
            doing,
            cause: cause.into(),
        }
    }

    /// For `map_err`: a fault met while reading or writing a file.
    pub fn file<E>(path: &Path) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self::fault(path.display().to_string())
    }
}
