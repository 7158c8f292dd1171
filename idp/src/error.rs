//! Whose fault it is.

/// A refusal is the caller's and safe to name; a fault is ours, one constant sentence outside and its text in the log.
#[derive(Debug)]
pub enum Error<R = crate::rules::refusal::Refusal> {
    /// The caller's doing.
    Refused(R),
    /// Ours.
    Fault(Fault),
}

impl<R> Error<R> {
    /// The same error for another kind of refusal.
    pub fn map<S>(self, refusal: impl FnOnce(R) -> S) -> Error<S> {
        match self {
            Self::Refused(refused) => Error::Refused(refusal(refused)),
            Self::Fault(fault) => Error::Fault(fault),
        }
    }
}

impl<R> From<Fault> for Error<R> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<crate::rules::refusal::Refusal> for Error {
    fn from(refusal: crate::rules::refusal::Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Something of ours failed. Its text goes to the log, never to the caller.
#[derive(Debug, thiserror::Error)]
#[error("{doing}{}", cause(.source.as_deref()))]
pub struct Fault {
    doing: &'static str,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    lasting: Lasting,
}

/// Whether asking again helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lasting {
    /// Somebody has to look.
    Lasts,
    /// It may be over in a moment.
    Passes,
}

impl Fault {
    /// A fault that came of another error, said as what we were doing ("opening the database").
    pub fn of(doing: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            doing,
            source: Some(source.into()),
            lasting: Lasting::Lasts,
        }
    }

    /// A fault without another error behind it.
    #[must_use]
    pub fn plain(doing: &'static str) -> Self {
        Self {
            doing,
            source: None,
            lasting: Lasting::Lasts,
        }
    }

    /// A fault that may be over when the same request comes again.
    #[must_use]
    pub fn passing(doing: &'static str) -> Self {
        Self {
            lasting: Lasting::Passes,
            ..Self::plain(doing)
        }
    }

    /// Nothing happened, and the same request may succeed in a moment.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        self.lasting != Lasting::Lasts
    }
}

impl From<sqlx::Error> for Fault {
    fn from(source: sqlx::Error) -> Self {
        Self {
            lasting: lasting(&source),
            ..Self::of("the database", source)
        }
    }
}

/// No connection became free or the database went away; or two transactions met, and ours was the one that the database
/// took back. A transaction that fails so has left nothing behind.
fn lasting(error: &sqlx::Error) -> Lasting {
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Io(_) => Lasting::Passes,
        sqlx::Error::Database(error) => error.code().map_or(Lasting::Lasts, |code| {
            if PASSING.contains(&code.as_ref()) {
                Lasting::Passes
            } else {
                Lasting::Lasts
            }
        }),
        _ => Lasting::Lasts,
    }
}

/// PostgreSQL's appendix A: serialization failure and deadlock, too many connections, shutting down and starting up; and
/// SQLite's `SQLITE_BUSY`.
const PASSING: [&str; 8] = ["40001", "40P01", "53300", "57P01", "57P02", "57P03", "5", "517"];

fn cause(source: Option<&(dyn std::error::Error + Send + Sync)>) -> String {
    source.map_or_else(String::new, |source| format!(": {source}"))
}
