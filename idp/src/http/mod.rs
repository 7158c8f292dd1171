//! Wire ⇄ flow. Status codes, cookies, forms and HTML live here and nowhere else.

pub mod assets;
pub mod cookies;
pub mod error;
pub mod health;
pub mod interaction;
pub mod language;
pub mod pages;
mod router;
pub mod security;
pub mod serve;
pub mod trace;
pub mod visitor;

pub use router::router;
