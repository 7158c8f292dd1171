//! A signing service: an official approves exactly these documents, the service signs them with that official's
//! certificate, and anyone can check the result.
//!
//! Rooms: [`http`] (wire) → [`flow`] (one use case a file) → [`rules`] (pure decisions); `flow` also reaches
//! [`store`] (what is remembered), [`keys`] (the only way to a signature), [`cells`] (where documents from outside are
//! read), [`trust`] (whom the service believes), [`pdf`] and [`cms`] (what is written).
#![doc = include_str!("manual/choices.md")]
#![doc = include_str!("manual/threats.md")]

pub mod cells;
pub mod clock;
pub mod cms;
pub mod command;
pub mod config;
pub mod error;
pub mod fetching;
pub mod flow;
pub mod http;
pub mod keys;
pub mod pdf;
pub mod render;
pub mod rules;
pub mod service;
pub mod side_by_side;
pub mod store;
pub mod trust;
pub mod zone;
