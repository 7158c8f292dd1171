//! Wire ⇄ flow. Status codes, cookies, forms and HTML live here and nowhere else.

pub mod cookies;
pub mod error;
pub mod health;
pub mod interaction;
mod router;
pub mod serve;
pub mod trace;
pub mod visitor;

pub use router::router;
