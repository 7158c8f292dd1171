//! Logging in against an idp that does one thing wrong at a time.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot set itself up fails"
)]

mod answers;
mod browser;
mod op;
mod presence;
mod sessions;
mod step_up;
