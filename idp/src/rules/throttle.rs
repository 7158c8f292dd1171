//! How long to wait after failures: free for a few, then twice as long each time, then closed.
//!
//! Two counters stand behind attempts: the *account's*, wherever guesses come from, and the *pair's* (this account in
//! this browser) for a browser in which the account has logged in before. Such a browser answers to its pair alone, so
//! that a stranger who guesses cannot lock the citizen out of their own device (identity rows 49–51).

use super::time::Seconds;

/// What is guessed. Each has its own counters: a good password does not forgive wrong codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guessed {
    /// A password.
    Password,
    /// A one-time code.
    Totp,
    /// The code that a device shows.
    UserCode,
    /// The code that opens an account.
    Activation,
    /// A recovery code.
    Recovery,
}

impl Guessed {
    /// Its name in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::UserCode => "user-code",
            Self::Activation => "activation",
            Self::Recovery => "recovery",
        }
    }

    /// What shares its hundred failures: the authenticators that a login tries count together, so that no mixture of
    /// them is guessed at more often (SP 800-63B-4 §3.2.2; identity row 49), while a success forgives its own kind alone
    /// (row 51). What opens no login counts by itself: if wrong passwords closed the codes that bring a citizen back, a
    /// stranger could keep them out for good.
    #[must_use]
    pub fn counted_together(self) -> &'static [Self] {
        match self {
            Self::Password | Self::Totp => &[Self::Password, Self::Totp],
            Self::UserCode => &[Self::UserCode],
            Self::Activation => &[Self::Activation],
            Self::Recovery => &[Self::Recovery],
        }
    }
}

/// How long the next attempt has to wait after `failures` in a row; `None` when only recovery opens it again.
#[must_use]
pub fn wait(failures: i64) -> Option<Seconds> {
    if failures >= MAX_FAILURES {
        return None;
    }
    let beyond = failures.saturating_sub(FREE_FAILURES);
    if beyond < 0 {
        return Some(Seconds(0));
    }
    let doubled = u32::try_from(beyond)
        .ok()
        .and_then(|power| 1_i64.checked_shl(power))
        .unwrap_or(i64::MAX);
    Some(Seconds(doubled.clamp(1, LONGEST_WAIT.0)))
}

/// A counter that stands at no more than this is forgotten when nobody touched it for [`QUIET`]. A citizen who logs in
/// once a month forgives as much, so a guesser gains nothing that patience would not give.
pub const FEW_FAILURES: i64 = 20;
/// See [`FEW_FAILURES`].
pub const QUIET: Seconds = Seconds(30 * 86_400);
/// Typing errors of honest people.
const FREE_FAILURES: i64 = 5;
/// SP 800-63B-4 §3.2.2: at most 100 consecutive failures on one account.
pub const MAX_FAILURES: i64 = 100;
/// A quarter of an hour: long for a guesser, short for a citizen who remembers.
const LONGEST_WAIT: Seconds = Seconds(900);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_counts_and_wrong_passwords_leave_the_codes_that_bring_back_alone() {
        use Guessed::{Activation, Password, Recovery, Totp, UserCode};
        for kind in [Password, Totp, UserCode, Activation, Recovery] {
            assert!(kind.counted_together().contains(&kind), "{kind:?}");
        }
        for code in [Activation, Recovery] {
            assert_eq!(code.counted_together(), [code]);
        }
    }

    #[test]
    fn the_first_failures_are_free() {
        assert_eq!(wait(0), Some(Seconds(0)));
        assert_eq!(wait(4), Some(Seconds(0)));
    }

    #[test]
    fn then_the_wait_doubles_up_to_a_bound() {
        assert_eq!(wait(5), Some(Seconds(1)));
        assert_eq!(wait(8), Some(Seconds(8)));
        assert_eq!(wait(60), Some(LONGEST_WAIT));
        assert_eq!(wait(80), Some(LONGEST_WAIT));
    }

    #[test]
    fn the_hundredth_failure_closes() {
        assert_eq!(wait(99), Some(LONGEST_WAIT));
        assert_eq!(wait(100), None);
    }
}
