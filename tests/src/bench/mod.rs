//! Figures: what the services cost, each beside the limit that this machine sets in the same run.
//!
//! A figure alone says little: the machine, its disk and its neighbours decide as much as the program does. So each is
//! measured per second of processor time that the service used, and printed beside what an empty handler, a bare
//! signature and a bare durable commit cost on the same core a moment earlier.

mod checks;
mod cpu;
pub mod credentials;
mod hostile;
pub mod idp;
mod keys;
mod limits;
pub mod lists;
mod load;
mod peers;
mod prepare;
mod pyhanko;
mod report;
mod sample;
mod scenarios;
mod server;
pub mod verify;
mod wire;

pub use limits::empty_handler;
