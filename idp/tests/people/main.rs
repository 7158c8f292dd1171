//! What people do, over HTTP: every test drives the whole router with forms and cookies, as a browser without script
//! does, or with a software authenticator where a passkey is needed.

mod authenticator;
mod browser;
mod code;
mod login;
mod pages;
mod passkey;
