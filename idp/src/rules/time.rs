//! Moments and durations in whole seconds. The clock itself is outside (`world.rs`).

use serde::{Deserialize, Serialize};

/// A moment: seconds since 1970-01-01T00:00:00Z (RFC 7519 "NumericDate", without fractions).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

/// A moment: milliseconds since 1970-01-01T00:00:00Z. For what should lie in the order in which it was made; nothing
/// expires by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Milliseconds(pub u64);

/// A length of time in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seconds(pub i64);

impl Timestamp {
    /// The moment `length` later.
    #[must_use]
    pub fn after(self, length: Seconds) -> Self {
        Self(self.0.saturating_add(length.0))
    }

    /// The moment `length` earlier.
    #[must_use]
    pub fn before(self, length: Seconds) -> Self {
        Self(self.0.saturating_sub(length.0))
    }

    /// How long ago `earlier` was; negative when it lies ahead.
    #[must_use]
    pub fn since(self, earlier: Self) -> Seconds {
        Seconds(self.0.saturating_sub(earlier.0))
    }

    /// True from the moment itself on: what expires at `self` is expired at `now == self`.
    #[must_use]
    pub fn reached(self, now: Self) -> bool {
        now >= self
    }
}

impl Milliseconds {
    /// The last six bytes, the highest first: all that is not zero until the year 10889.
    #[must_use]
    pub fn six_bytes(self) -> [u8; 6] {
        let [_, _, bytes @ ..] = self.0.to_be_bytes();
        bytes
    }
}

impl From<Timestamp> for Milliseconds {
    fn from(at: Timestamp) -> Self {
        Self(u64::try_from(at.0).unwrap_or(0).saturating_mul(1_000))
    }
}

impl Seconds {
    /// The same length for the standard library; nothing for a negative one.
    #[must_use]
    pub fn duration(self) -> std::time::Duration {
        std::time::Duration::from_secs(u64::try_from(self.0).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_reached_in_its_own_second() {
        assert!(Timestamp(10).reached(Timestamp(10)));
        assert!(!Timestamp(10).reached(Timestamp(9)));
    }

    #[test]
    fn far_moments_saturate() {
        assert_eq!(Timestamp(i64::MAX).after(Seconds(1)), Timestamp(i64::MAX));
    }
}
