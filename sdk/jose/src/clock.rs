//! Moments and spans of time, as tokens write them. The moment itself is always an argument.

use serde::{Deserialize, Deserializer, Serialize};

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted (RFC 7519 §2, `NumericDate`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct UnixTime(pub i64);

/// A span of whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub i64);

/// How far two honest clocks may be apart. RFC 7519 §4.1.4: "no more than a few minutes"; FAPI 2.0 §5.3.2.1: one.
pub const LEEWAY: Seconds = Seconds(60);

impl UnixTime {
    /// This moment and `span` later; the end of time at the latest.
    #[must_use]
    pub const fn plus(self, span: Seconds) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// This moment and `span` earlier.
    #[must_use]
    pub const fn minus(self, span: Seconds) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl<'de> Deserialize<'de> for UnixTime {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(from)?;
        whole_seconds(&number)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("not a NumericDate"))
    }
}

/// RFC 7519 §2 allows a fraction, which some libraries write; nothing we decide needs it.
fn whole_seconds(number: &serde_json::Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let seconds = number.as_f64().filter(|f| f.abs() < FARTHEST)?;
        format!("{:.0}", seconds.floor()).parse().ok()
    })
}

/// About the year 33 million: below 2^53, so a float still counts single seconds.
const FARTHEST: f64 = 1e15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_dropped() {
        assert_eq!(
            serde_json::from_str::<UnixTime>("1700000000.9").unwrap(),
            UnixTime(1_700_000_000)
        );
    }

    #[test]
    fn a_date_beyond_counting_is_refused() {
        assert!(serde_json::from_str::<UnixTime>("1e300").is_err());
    }

    #[test]
    fn a_date_in_quotes_is_refused() {
        assert!(serde_json::from_str::<UnixTime>("\"1700000000\"").is_err());
    }
}
