//! Whose fault it is: a [`Refusal`] is the caller's and safe to name; a [`Fault`] is ours and goes to the log.

use std::error::Error as StdError;
use std::fmt;

pub use crate::rules::refusal::Refusal;

/// Why a request was not served.
#[derive(Debug)]
pub enum Error {
    /// The caller's: what was asked for cannot be had. Safe to show.
    Refused(Refusal),
    /// Ours: the caller sees one constant sentence, the log sees this.
    Fault(Fault),
}

/// Something of ours that failed, with where and why.
#[derive(Debug)]
pub struct Fault {
    doing: &'static str,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Fault {
    /// A fault with no further cause.
    #[must_use]
    pub fn new(doing: &'static str) -> Self {
        Self { doing, cause: None }
    }

    /// A fault while `doing` something, with its cause.
    pub fn caused(doing: &'static str, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            doing,
            cause: Some(cause.into()),
        }
    }

    /// `map_err(Fault::when("…"))`
    pub fn when<E: Into<Box<dyn StdError + Send + Sync>>>(doing: &'static str) -> impl FnOnce(E) -> Self {
        move |cause| Self::caused(doing, cause)
    }

    /// Whether the disk had no room left: the one fault that a caller can be told to wait for.
    #[must_use]
    pub fn is_storage_full(&self) -> bool {
        self.cause
            .as_ref()
            .and_then(|c| c.downcast_ref::<std::io::Error>())
            .is_some_and(|e| {
                matches!(
                    e.kind(),
                    std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
                )
            })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.doing)?;
        if let Some(cause) = &self.cause {
            write!(f, ": {cause}")?;
            let mut deeper = cause.source();
            while let Some(inner) = deeper {
                write!(f, ": {inner}")?;
                deeper = inner.source();
            }
        }
        Ok(())
    }
}

impl StdError for Fault {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "{refusal}"),
            Self::Fault(fault) => write!(f, "{fault}"),
        }
    }
}

impl StdError for Error {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::caused("asking the database", error)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}
