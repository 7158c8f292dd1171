//! OpenID Connect Back-Channel Logout 1.0: what an agency is told, and when it is told again.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    ids::Sid,
    time::{Seconds, Timestamp},
};

/// The claims of a logout token (§2.4). It has no `nonce`, so that nobody takes it for an id token.
#[derive(Debug, Serialize)]
pub struct LogoutToken<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    sid: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    events: Value,
}

impl<'a> LogoutToken<'a> {
    /// Tells one client (`aud`) that the citizen it knows as `sub` left the session `sid`. `jti` is 16 bytes of chance.
    #[must_use]
    pub fn new(
        iss: &'a str,
        aud: &'a str,
        (sub, sid): (&'a str, &'a Sid),
        jti: [u8; 16],
        now: Timestamp,
    ) -> Self {
        Self {
            iss,
            aud,
            sub,
            sid: sid.as_str(),
            iat: now.0,
            exp: now.after(TOKEN_LIFETIME).0,
            jti: data_encoding::HEXLOWER.encode(&jti),
            events: json!({ EVENT: {} }),
        }
    }
}

/// What came of carrying a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The agency answered with this status (§2.8).
    Status(u16),
    /// It did not answer, or could not be reached.
    Nothing,
}

/// What becomes of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The agency took it.
    Delivered,
    /// To be tried again at this moment.
    Again(Timestamp),
    /// Not tried any more; why, in a stable name for the audit.
    GivenUp(&'static str),
}

/// Weighs an answer (§2.8). 200 means done, and so does 204, which some frameworks make of it. 400 says that *this*
/// agency could not do it now: a refusal is tried a few times, since it may be a deployment in progress, silence and
/// errors of the server much longer. `jitter` is any byte of chance: agencies that went down together are not all
/// called again in the same second.
#[must_use]
pub fn fate(heard: Heard, attempts: i64, created_at: Timestamp, now: Timestamp, jitter: u8) -> Fate {
    let next = now.after(pause(attempts, jitter));
    let outdated = created_at.after(LONGEST).reached(next);
    match heard {
        Heard::Status(200..=299) => Fate::Delivered,
        Heard::Status(300..=499) if attempts >= MOST_REFUSALS => Fate::GivenUp("refused"),
        Heard::Status(_) if outdated => Fate::GivenUp("refused"),
        Heard::Nothing if outdated => Fate::GivenUp("unreachable"),
        Heard::Status(_) | Heard::Nothing => Fate::Again(next),
    }
}

/// Two seconds after the first failure, then twice as long each time up to a bound, and up to half as much again.
fn pause(attempts: i64, jitter: u8) -> Seconds {
    let power = u32::try_from(attempts.clamp(1, 16)).unwrap_or(1);
    let base = 1_i64.checked_shl(power).unwrap_or(i64::MAX).min(LONGEST_PAUSE.0);
    let extra = base.saturating_mul(i64::from(jitter)).saturating_div(510);
    Seconds(base.saturating_add(extra))
}

/// The member of `events` (§2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// §4: "preferably at most two minutes in the future".
const TOKEN_LIFETIME: Seconds = Seconds(120);
/// An agency that was down for a night hears in the morning; after a day its own session is over, too.
pub const LONGEST: Seconds = Seconds(86_400);
/// Five minutes: an agency that comes back hears soon.
const LONGEST_PAUSE: Seconds = Seconds(300);
/// About eight minutes with the pauses above: longer than a deployment takes.
const MOST_REFUSALS: i64 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    const BORN: Timestamp = Timestamp(1_000);

    fn token() -> Value {
        let sid = Sid::known("s");
        serde_json::to_value(LogoutToken::new(
            "https://id.example",
            "agency",
            ("x", &sid),
            [7; 16],
            BORN,
        ))
        .unwrap()
    }

    #[test]
    fn a_logout_token_has_the_claims_of_the_specification_and_no_nonce() {
        let token = token();
        assert_eq!(token["events"], json!({ EVENT: {} }));
        assert_eq!((&token["sub"], &token["sid"]), (&json!("x"), &json!("s")));
        assert_eq!(token["aud"], "agency");
        assert!(token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap() <= 120);
        assert!(token["jti"].as_str().unwrap().len() == 32);
        assert!(token.get("nonce").is_none());
    }

    #[test]
    fn two_hundred_and_its_neighbours_are_delivered() {
        for status in [200, 202, 204] {
            assert_eq!(fate(Heard::Status(status), 1, BORN, BORN, 0), Fate::Delivered);
        }
    }

    #[test]
    fn silence_is_tried_again_after_twice_the_time_up_to_five_minutes() {
        let wait = |attempts| match fate(Heard::Nothing, attempts, BORN, BORN, 0) {
            Fate::Again(at) => at.since(BORN).0,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            [wait(1), wait(2), wait(3), wait(8), wait(200)],
            [2, 4, 8, 256, 300]
        );
    }

    #[test]
    fn an_agency_that_was_down_for_five_minutes_hears_within_another_five() {
        let (mut now, mut attempts) = (BORN, 1);
        while now.since(BORN) < Seconds(300) {
            let Fate::Again(next) = fate(Heard::Nothing, attempts, BORN, now, 255) else {
                panic!("given up")
            };
            (now, attempts) = (next, attempts + 1);
        }
        assert!(now.since(BORN) <= Seconds(600 + 150), "{now:?}");
    }

    #[test]
    fn jitter_adds_at_most_half() {
        assert_eq!(pause(3, 255), Seconds(12));
        assert_eq!(pause(3, 0), Seconds(8));
    }

    #[test]
    fn after_a_day_it_is_given_up() {
        let late = BORN.after(LONGEST);
        assert_eq!(
            fate(Heard::Nothing, 90, BORN, late, 0),
            Fate::GivenUp("unreachable")
        );
        assert_eq!(
            fate(Heard::Status(503), 90, BORN, late, 0),
            Fate::GivenUp("refused")
        );
    }

    #[test]
    fn a_refusal_is_tried_a_few_times_only() {
        assert!(matches!(
            fate(Heard::Status(400), 7, BORN, BORN, 0),
            Fate::Again(_)
        ));
        assert_eq!(
            fate(Heard::Status(400), 8, BORN, BORN, 0),
            Fate::GivenUp("refused")
        );
        assert!(matches!(
            fate(Heard::Status(503), 8, BORN, BORN, 0),
            Fate::Again(_)
        ));
        assert_eq!(
            fate(Heard::Status(302), 8, BORN, BORN, 0),
            Fate::GivenUp("refused")
        );
    }
}
