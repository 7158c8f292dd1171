//! What is remembered, one noun a file. One SQL text for SQLite and PostgreSQL; functions take a connection, so the flow
//! decides what shares a transaction.

mod connection;
mod database;
mod parsed;
mod postgres;
mod sqlite;

pub mod access_tokens;
pub mod activations;
pub mod approvals;
pub mod audit;
pub mod backup;
pub mod browsers;
pub mod ceremonies;
pub mod citizens;
pub mod clients;
pub mod consents;
pub mod contacts;
pub mod devices;
pub mod grants;
pub mod interactions;
pub mod notices;
pub mod outbox;
pub mod passkeys;
pub mod passwords;
pub mod pushed;
pub mod recoveries;
pub mod recovery_codes;
pub mod refresh_tokens;
pub mod registrations;
pub mod replays;
pub mod sessions;
pub mod signing_keys;
pub mod staff;
pub mod throttles;
pub mod totp;
pub mod upstreams;

pub use connection::Connection;
pub use database::{Database, Read, Write};
