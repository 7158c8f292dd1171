//! An OpenID provider: one credential for every agency.
//!
//! Reasons: [`manual::choices`], [`manual::divergences`], [`manual::threats`].
//!
//! Rooms: [`http`] (wire ⇄ flow) → [`flow`] (one use case a file) → [`rules`] (pure); [`flow`] → [`store`], [`keys`],
//! [`fetch`]. [`mail`] (letters ⇄ flow) is the other way to a person.

pub mod authorities;
pub mod blocklist;
pub mod cli;
pub mod config;
pub mod error;
pub mod fetch;
pub mod flow;
pub mod http;
pub mod keys;
pub mod limits;
pub mod mail;
pub mod manual;
pub mod models;
pub mod people;
pub mod rules;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod world;
