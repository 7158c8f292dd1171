//! A login session: one browser, one citizen, some hours.

use super::{
    assurance::{Assurance, Factor},
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
        self.seen_at.after(IDLE).min(self.started_at.after(OVERALL))
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

/// SP 800-63B-4 §4.2.3 (AAL2): inactivity at most one hour.
pub const IDLE: Seconds = Seconds(3_600);
/// SP 800-63B-4 §4.2.3 (AAL2): at most 24 hours in all; activity does not extend it.
pub const OVERALL: Seconds = Seconds(86_400);
/// Adding or removing an authenticator asks for presence at most this old.
pub const FRESH: Seconds = Seconds(300);
/// Writing "seen" more often than this would cost a write per page.
const TOUCH: Seconds = Seconds(60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::assurance::attained;

    fn session(started_at: i64, seen_at: i64) -> Session {
        let factors = vec![Factor::Password, Factor::Totp];
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
}
