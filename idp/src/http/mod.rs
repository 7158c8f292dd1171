//! Wire ⇄ flow. Status codes, cookies, forms and HTML live here and nowhere else.

mod account;
mod asking;
pub mod assets;
pub mod cookies;
pub mod error;
pub mod health;
pub mod interaction;
pub mod language;
mod login;
pub mod pages;
mod passkeys;
mod router;
mod second_factor;
pub mod security;
pub mod serve;
pub mod trace;
pub mod visitor;

pub use router::router;
