//! Use cases, one a file: one transaction, one audit record. Async lives here.

pub mod audit;
pub mod enrol;
pub mod interaction;
pub mod session;
pub mod throttle;
