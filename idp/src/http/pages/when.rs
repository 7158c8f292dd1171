//! Moments as people say them: "hace 5 minutos", "el 21 de noviembre de 2026". Relative ones need no time zone.

use time::OffsetDateTime;

use super::{
    Page,
    catalogue::{Value, say, say_with},
};
use crate::rules::time::{Seconds, Timestamp};

impl Page {
    /// `then` as seen from `now`.
    #[must_use]
    pub fn when(&self, then: Timestamp, now: Timestamp) -> String {
        let ago = now.since(then).0;
        match ago {
            i64::MIN..60 => self.t("when-now"),
            60..3_600 => self.with_number("when-minutes", "n", ago.div_euclid(60)),
            3_600..86_400 => self.with_number("when-hours", "n", ago.div_euclid(3_600)),
            _ => self.date(then),
        }
    }

    /// How long to wait: whole minutes, hours, or days beyond three, rounded up, never nothing.
    #[must_use]
    pub fn wait(&self, wait: Seconds) -> String {
        let minutes = wait.0.saturating_add(59).div_euclid(60).max(1);
        match minutes {
            ..=90 => self.with_number("wait-minutes", "n", minutes),
            91..=4_320 => self.with_number("wait-hours", "n", minutes.saturating_add(59).div_euclid(60)),
            _ => self.with_number("wait-days", "n", minutes.saturating_add(1_439).div_euclid(1_440)),
        }
    }

    /// The last day through which something that ends `then` is good, wherever the reader's clock stands: for paper.
    #[must_use]
    pub fn last_day(&self, then: Timestamp) -> String {
        self.date(then.before(Seconds(86_400)))
    }

    /// The day of `then`.
    #[must_use]
    pub fn date(&self, then: Timestamp) -> String {
        let Ok(date) = OffsetDateTime::from_unix_timestamp(then.0) else {
            return String::new();
        };
        let month = say(self.language, &format!("month-{}", u8::from(date.month())));
        let (day, year) = (date.day().to_string(), date.year().to_string());
        let values = [
            ("day", Value::Text(&day)),
            ("month", Value::Text(&month)),
            ("year", Value::Text(&year)),
        ];
        say_with(self.language, "when-date", &values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::pages::tests::page;

    #[test]
    fn a_moment_is_told_in_the_largest_unit_that_fits() {
        let now = Timestamp(1_795_260_000);
        let said = |ago| page().when(Timestamp(now.0 - ago), now);
        assert_eq!(said(5), "hace un momento");
        assert_eq!(said(-5), "hace un momento");
        assert_eq!(said(60), "hace un minuto");
        assert_eq!(said(3_599), "hace 59 minutos");
        assert_eq!(said(7_200), "hace 2 horas");
        assert_eq!(
            page().when(Timestamp(1_763_726_400), now),
            "el 21 de noviembre de 2025"
        );
    }

    #[test]
    fn the_last_day_of_what_ends_in_the_night_of_greenwich_is_over_nowhere() {
        let midnight = Timestamp(1_763_769_600);
        assert_eq!(page().date(midnight), "el 22 de noviembre de 2025");
        assert_eq!(page().last_day(midnight), "el 21 de noviembre de 2025");
    }

    #[test]
    fn a_wait_is_told_rounded_up() {
        let said = |seconds| page().wait(Seconds(seconds));
        assert_eq!(
            [said(0), said(61), said(86_400), said(7 * 86_400 - 1)],
            ["un minuto", "2 minutos", "24 horas", "7 días"]
        );
    }
}
