//! Stories across services, interoperation with other people's software, faults, races, benches.
//!
//! What Rust's own tests share: the running stack that `tests/run` started, and a browser without JavaScript; and how
//! figures are taken.

pub mod bench;
pub mod browser;
pub mod stack;
