//! Where time and chance come from. Everything else takes them as arguments.

use std::fmt;
use std::sync::Arc;

use ring::rand::{SecureRandom, SystemRandom};

use crate::error::Fault;
use crate::rules::Moment;

/// Tells the time: the machine's, or one that a test holds still.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Moment + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where the service asks for the time"
        )]
        let now = || Moment(time::OffsetDateTime::now_utc().unix_timestamp());
        Self(Arc::new(now))
    }

    /// A clock that stands still, for tests.
    #[must_use]
    pub fn fixed(at: Moment) -> Self {
        Self(Arc::new(move || at))
    }

    /// The time now, in whole seconds.
    #[must_use]
    pub fn now(&self) -> Moment {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Random bytes from the operating system.
#[derive(Clone, Debug)]
pub struct Chance(SystemRandom);

impl Chance {
    /// The operating system's generator.
    #[must_use]
    pub fn system() -> Self {
        Self(SystemRandom::new())
    }

    /// `N` fresh random bytes.
    ///
    /// # Errors
    /// A fault when the operating system has no randomness to give.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.0
            .fill(&mut bytes)
            .map_err(|_| Fault::new("no randomness from the operating system"))?;
        Ok(bytes)
    }

    /// The generator itself, for `ring`.
    #[must_use]
    pub fn generator(&self) -> &SystemRandom {
        &self.0
    }
}
