//! A login session: one browser, one citizen, some hours.

use super::{
    assurance::{Aal, Assurance, Factor},
    ids::{CitizenId, Sid},
    time::{Seconds, Timestamp},
};

/// A session that is alive at the moment it was read.
///
/// The cookie holds an [`super::secret::Opaque`] that is stored only as its digest and changes at every login and
/// step-up, while [`Sid`] stays: agencies know the session by it.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its public name.
    pub sid: Sid,
    /// Whose it is.
    pub citizen: CitizenId,
    /// Every factor verified in it.
    pub factors: Vec<Factor>,
    /// What they amount to.
    pub assurance: Assurance,
    /// When the citizen last proved to be there (claim `auth_time`).
    pub auth_time: Timestamp,
    /// When it began; its overall end is counted from here.
    pub started_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// How the citizen may recognise it ("Firefox on Linux"), from the browser's own words.
    pub device: String,
}

impl Session {
    /// When it ends if nobody touches it: the earlier of idle and overall end.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.seen_at
            .after(Limits::of(self.assurance.aal).idle)
            .min(self.ends_by())
    }

    /// When it ends whoever uses it.
    #[must_use]
    pub fn ends_by(&self) -> Timestamp {
        self.started_at.after(Limits::of(self.assurance.aal).overall)
    }

    /// Alive at `now`.
    #[must_use]
    pub fn alive(&self, now: Timestamp) -> bool {
        !self.ends_at().reached(now)
    }

    /// Presence proven at most `within` ago: what changing an authenticator asks (identity row 64: five minutes).
    #[must_use]
    pub fn fresh(&self, now: Timestamp, within: Seconds) -> bool {
        now.since(self.auth_time) <= within
    }

    /// Its use is worth a write: not more than once a minute.
    #[must_use]
    pub fn worth_touching(&self, now: Timestamp) -> bool {
        now.since(self.seen_at) >= TOUCH
    }
}

/// How long a session lives, by the level that it reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Without anybody using it.
    pub idle: Seconds,
    /// In all; activity does not extend it.
    pub overall: Seconds,
}

impl Limits {
    /// The limits of a level.
    #[must_use]
    pub fn of(aal: Aal) -> Self {
        match aal {
            Aal::One | Aal::Two => Self {
                idle: IDLE,
                overall: OVERALL,
            },
            Aal::Three => Self {
                idle: IDLE_AT_THREE,
                overall: OVERALL_AT_THREE,
            },
        }
    }
}

/// SP 800-63B-4 §2.2.3 (AAL2): inactivity at most one hour. AAL1 is given no longer.
pub const IDLE: Seconds = Seconds(3_600);
/// SP 800-63B-4 §2.2.3 (AAL2): at most 24 hours in all.
pub const OVERALL: Seconds = Seconds(86_400);
/// SP 800-63B-4 §2.3.3 (AAL3): inactivity at most fifteen minutes.
pub const IDLE_AT_THREE: Seconds = Seconds(900);
/// SP 800-63B-4 §2.3.3 (AAL3): at most twelve hours in all.
pub const OVERALL_AT_THREE: Seconds = Seconds(43_200);
/// Adding or removing an authenticator asks for presence at most this old.
pub const FRESH: Seconds = Seconds(300);
/// Writing "seen" more often than this would cost a write per page.
const TOUCH: Seconds = Seconds(60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::assurance::attained;

    fn session(started_at: i64, seen_at: i64) -> Session {
        resting_on(vec![Factor::Password, Factor::Totp], (started_at, seen_at))
    }

    fn resting_on(factors: Vec<Factor>, (started_at, seen_at): (i64, i64)) -> Session {
        Session {
            sid: Sid::known("s"),
            citizen: CitizenId::known("c"),
            assurance: attained(&factors).unwrap(),
            factors,
            auth_time: Timestamp(started_at),
            started_at: Timestamp(started_at),
            seen_at: Timestamp(seen_at),
            device: String::new(),
        }
    }

    #[test]
    fn an_idle_hour_ends_it() {
        assert!(session(0, 0).alive(Timestamp(3_599)));
        assert!(!session(0, 0).alive(Timestamp(3_600)));
    }

    #[test]
    fn activity_does_not_extend_it_past_a_day() {
        assert!(session(0, 86_399).alive(Timestamp(86_399)));
        assert!(!session(0, 86_399).alive(Timestamp(86_400)));
    }

    #[test]
    fn row_78_at_the_highest_level_a_quarter_of_an_hour_and_half_a_day() {
        let hardware = Factor::Passkey {
            user_verified: true,
            device_bound: true,
            attested: true,
        };
        let alive = |times, now| resting_on(vec![hardware], times).alive(Timestamp(now));
        assert!(alive((0, 0), 899) && !alive((0, 0), 900));
        assert!(alive((0, 43_199), 43_199) && !alive((0, 43_199), 43_200));
    }
}
