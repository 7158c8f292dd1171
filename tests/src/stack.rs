//! The running stack, as `stack.json` tells it.

use std::path::PathBuf;

use serde_json::Value;

/// A running stack.
#[derive(Debug)]
pub struct Stack {
    /// All that `stack.json` says.
    pub data: Value,
}

impl Stack {
    /// The stack that `tests/run` started; without one, says so in a line that the runner counts, and gives nothing.
    #[must_use]
    pub fn running() -> Option<Self> {
        let Some(path) = std::env::var_os("AVAL_STACK").map(PathBuf::from) else {
            println!("skipped: no stack is running (tests/run starts one)");
            return None;
        };
        let text = std::fs::read_to_string(&path).ok()?;
        serde_json::from_str(&text).ok().map(|data| Self { data })
    }

    /// A string inside `stack.json`, by JSON pointer; empty when it is not there.
    #[must_use]
    pub fn text(&self, pointer: &str) -> &str {
        self.data
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The TOTP code of a citizen now.
    ///
    /// # Errors
    /// When the seed is not base32.
    pub fn code(&self, citizen: usize) -> Result<String, keys_dev::Error> {
        let seed = self.text(&format!("/citizens/{citizen}/totp_secret"));
        Ok(keys_dev::totp::code(seed, now())?.digits)
    }
}

/// The time of the machine.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests' one clock: codes and figures are of now"
)]
fn now() -> time::OffsetDateTime {
    time::OffsetDateTime::now_utc()
}
