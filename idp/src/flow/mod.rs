//! Use cases, one a file: one transaction, one audit record. Async lives here.

pub mod account;
pub mod audit;
pub mod enrol;
pub mod interaction;
pub mod login;
pub mod passkey;
pub mod second_factor;
pub mod session;
pub mod throttle;
