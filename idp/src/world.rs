//! What a service takes from the world: the time and chance. Everything else gets them as arguments.

use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};

use crate::rules::time::{Milliseconds, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// This moment.
    fn now(&self) -> Timestamp;

    /// This moment, as exactly as this clock knows it.
    fn exactly(&self) -> Milliseconds {
        self.now().into()
    }
}

/// Gives unpredictable bytes.
pub trait Chance: Send + Sync {
    /// Fills `out` with unpredictable bytes.
    fn fill(&self, out: &mut [u8]);
}

/// `N` unpredictable bytes.
pub fn bytes<const N: usize>(chance: &dyn Chance) -> [u8; N] {
    let mut out = [0; N];
    chance.fill(&mut out);
    out
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(since_1970().as_secs()).unwrap_or(i64::MAX))
    }

    fn exactly(&self) -> Milliseconds {
        Milliseconds(u64::try_from(since_1970().as_millis()).unwrap_or(u64::MAX))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the machine for the time"
)]
fn since_1970() -> Duration {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default()
}

/// The operating system's generator.
#[derive(Debug)]
pub struct SystemChance(SystemRandom);

impl Default for SystemChance {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Chance for SystemChance {
    #[expect(
        clippy::expect_used,
        reason = "without chance nothing here may go on, not even an error page"
    )]
    fn fill(&self, out: &mut [u8]) {
        self.0
            .fill(out)
            .expect("the operating system's generator answers");
    }
}
