//! Wire ⇄ flow. Status codes, cookies, forms and HTML live here and nowhere else.

mod account;
pub mod arrival;
mod asking;
pub mod assets;
mod authorize;
mod claveunica;
mod consent;
pub mod cookies;
mod cors;
mod discovery;
mod dpop;
pub mod error;
pub mod health;
pub mod interaction;
pub mod language;
mod limits;
mod login;
mod logout;
pub mod pages;
mod par;
mod parameters;
mod passkeys;
mod patience;
mod register;
mod router;
mod second_factor;
pub mod security;
pub mod serve;
mod session_iframe;
mod tls;
mod token;
pub mod trace;
mod userinfo;
pub mod visitor;

pub use router::router;
