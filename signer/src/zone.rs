//! Whose clocks pages and stamps show. Records, reports and what is signed stay in UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use time::{OffsetDateTime, UtcOffset};

use crate::rules::Moment;

/// A time zone of the IANA database, with all its past and announced changes: of the system's copy, which its
/// maintainers keep current, or where there is none of our own.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Zone(TimeZone);

/// A name that the database does not have.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is no time zone of the IANA database; give a name as \"America/Santiago\"")]
pub struct UnknownZone(String);

impl Zone {
    /// By its name: `America/Santiago`.
    ///
    /// # Errors
    /// [`UnknownZone`].
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        match TimeZone::get(name) {
            Ok(zone) if !zone.is_unknown() => Ok(Self(zone)),
            _ => Err(UnknownZone(name.to_owned())),
        }
    }

    /// How far its clocks are from UTC at this moment.
    #[must_use]
    pub fn offset(&self, at: Moment) -> UtcOffset {
        let seconds = Timestamp::from_second(at.0).map(|at| self.0.to_offset(at).seconds());
        let offset = seconds.ok().and_then(|s| UtcOffset::from_whole_seconds(s).ok());
        offset.unwrap_or(UtcOffset::UTC)
    }

    /// What its clocks and calendars show at this moment.
    #[must_use]
    pub fn shows(&self, at: Moment) -> OffsetDateTime {
        let utc = at.utc();
        utc.checked_to_offset(self.offset(at)).unwrap_or(utc)
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;
    fn try_from(name: String) -> Result<Self, UnknownZone> {
        Self::named(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 21 November 2026, 20:44 UTC, and half a year before.
    const SUMMER: Moment = Moment(1_795_293_840);
    const WINTER: Moment = Moment(SUMMER.0 - 182 * 86_400);

    #[test]
    fn clocks_in_temuco_show_another_hour_in_winter_than_in_summer() {
        let zone = Zone::named("America/Santiago").unwrap();
        assert_eq!((zone.shows(SUMMER).hour(), zone.shows(WINTER).hour()), (17, 16));
        assert_eq!(SUMMER.utc().hour(), 20);
    }

    #[test]
    fn the_day_is_the_day_there() {
        let zone = Zone::named("America/Lima").unwrap();
        assert_eq!(zone.shows(Moment(SUMMER.0 + 6 * 3600)).day(), 21);
    }

    #[test]
    fn a_name_that_nobody_knows_is_refused() {
        for name in [
            "America/Temuco",
            "Chile",
            "",
            "UTC-3",
            "Etc/Unknown",
            "../etc/passwd",
        ] {
            assert!(Zone::named(name).is_err(), "{name}");
        }
    }

    #[test]
    fn times_beyond_the_calendar_are_shown_all_the_same() {
        let zone = Zone::named("America/Santiago").unwrap();
        for at in [i64::MIN, i64::MAX, -62_135_596_800, 253_402_300_799] {
            let _ = zone.shows(Moment(at));
        }
    }
}
