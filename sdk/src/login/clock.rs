//! Where the time comes from.

use sdk_jose::UnixTime;

/// Tells the time. A test brings its own.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> UnixTime;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where the login asks for the time"
        )]
        let now = time::OffsetDateTime::now_utc();
        UnixTime(now.unix_timestamp())
    }
}
