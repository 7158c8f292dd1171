//! Pure rules and states: no async, no I/O, no clock, no chance. All of that arrives as arguments.

pub mod audit;
pub mod batch;
pub mod certificate;
pub mod document;
pub mod filename;
pub mod ids;
pub mod in_force;
pub mod intake;
pub mod national_id;
pub mod official;
pub mod policy;
pub mod question;
pub mod refusal;
pub mod seen;
pub mod stamp;
pub mod warrant;

pub use ids::{BatchId, Binding, Digest, DocumentId, KeyId, OfficialId};

use std::fmt;

/// A point in time: Unix seconds, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub i64);

impl Moment {
    /// This much later.
    #[must_use]
    pub fn plus(self, span: Seconds) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// How long after `earlier` this is; negative when it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Seconds {
        Seconds(self.0.saturating_sub(earlier.0))
    }

    /// As a calendar date and time in UTC. Times beyond year 9999 become the epoch.
    #[must_use]
    pub fn utc(self) -> time::OffsetDateTime {
        time::OffsetDateTime::from_unix_timestamp(self.0).unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.utc();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )
    }
}
