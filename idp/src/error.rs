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
}

impl Fault {
    /// A fault that came of another error, said as what we were doing ("opening the database").
    pub fn of(doing: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            doing,
            source: Some(source.into()),
        }
    }

    /// A fault without another error behind it.
    #[must_use]
    pub fn plain(doing: &'static str) -> Self {
        Self { doing, source: None }
    }
}

impl From<sqlx::Error> for Fault {
    fn from(source: sqlx::Error) -> Self {
        Self::of("the database", source)
    }
}

fn cause(source: Option<&(dyn std::error::Error + Send + Sync)>) -> String {
    source.map_or_else(String::new, |source| format!(": {source}"))
}
