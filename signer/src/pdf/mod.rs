//! Extending a PDF by one signature: an incremental update (ISO 32000-2 §7.5.6) that leaves every earlier byte as it
//! is, so that earlier signatures stay intact.

pub mod append;
mod section;
pub mod stamp;
mod text;
mod write;
