//! What the fuzz targets (`src/bin`) share: the time that an answer may take, and documents made around an input.
//!
//! `run` builds and runs them. A target calls what it tests inside [`within`], so that being slow is a finding like
//! a panic.

pub mod paper;

use std::time::Duration;

use libfuzzer_sys as _;
use rustix::time::{ClockId, clock_gettime};

/// For a structure of ASN.1 or a trusted list; these are small.
pub const STRUCTURE: Duration = Duration::from_millis(100);

/// For a document: what the service allows for one.
pub const DOCUMENT: Duration = Duration::from_secs(2);

/// Calls, and fails when the processor worked for longer than `limit`: its time, not the clock's, so that other
/// programs on the machine are no finding. Instruments and checked sums make everything slower here than it is when
/// served; the limits are not raised for that.
pub fn within<T>(limit: Duration, call: impl FnOnce() -> T) -> T {
    let before = worked();
    let answer = call();
    let took = worked().saturating_sub(before);
    assert!(took <= limit, "answered after {took:?} of {limit:?}");
    answer
}

fn worked() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(now).expect("a time since the thread began")
}
