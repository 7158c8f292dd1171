//! Wire ⇄ flow: status codes, cookies, forms and HTML live here and nowhere else. [`router`] shows every route.

mod api;
mod approve;
mod asked;
mod assets;
mod batch;
mod certificate;
mod desk;
mod document;
mod error;
mod form;
mod headers;
mod health;
mod history;
mod home;
mod page;
mod peer;
mod revocation;
mod router;
mod seen;
mod sessions;
mod submitted;
mod upload;
mod verify;
mod who;
mod words;

pub use router::{login, router};
