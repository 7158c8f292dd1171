//! Use cases, one a file: one transaction, one audit record. Async lives here.

pub mod account;
pub mod audit;
pub mod authenticate;
pub mod authorize;
mod ceremony;
pub mod claveunica;
pub mod client;
pub mod client_keys;
pub mod consent;
pub mod enrol;
pub mod grant;
mod hint;
pub mod interaction;
pub mod keys;
pub mod login;
pub mod logout;
pub mod passkey;
pub mod passkeys;
pub mod possession;
pub mod redeem;
mod refresh;
pub mod revoke;
pub mod second_factor;
pub mod session;
pub mod sweep;
pub mod throttle;
pub mod userinfo;
