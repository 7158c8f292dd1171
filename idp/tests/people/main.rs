//! What people do, over HTTP: every test drives the whole router with forms and cookies, as a browser without script
//! does, or with a software authenticator where a passkey is needed.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on fails by panicking"
)]

mod activation;
mod authenticator;
mod browser;
mod chain;
mod code;
mod consent;
mod contacts;
mod devices;
mod effort;
mod enrol;
mod forgery;
mod freezing;
mod import;
mod login;
mod mailbox;
mod maker;
mod methods;
mod model;
mod notices;
mod operations;
mod own;
mod pages;
mod passkey;
mod password;
mod recovered;
mod recovery;
mod recovery_codes;
mod recovery_timing;
mod rescue;
mod sessions;
mod staff;
mod step_up;
mod timing;
mod totp;
mod upstream;
mod ways;
