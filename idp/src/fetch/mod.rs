//! Reaching out: the one way in which this service calls an address that somebody else chose.
//!
//! Clients register addresses (`jwks_uri`, `sector_identifier_uri`, `request_uri`, logout URIs) and we call them from
//! inside the operator's network. Whatever they write, only public https servers are reached: see [`Guarded`].

mod guarded;
mod keys;
mod settings;
mod upstreams;

use std::{future::Future, pin::Pin};

pub use guarded::{Guarded, Names, SystemNames};
pub use keys::{Freshness, KeySets};
pub use settings::{Exception, Settings};
pub use upstreams::{Upstream, Upstreams, secret};
use url::Url;

use crate::rules::secret::Secret;

/// Calls addresses that others chose. A field of the service, so that tests can stand in for the world.
pub trait Fetch: Send + Sync {
    /// Reads a document; anything but 200 is a failure.
    fn get<'a>(&'a self, url: &'a Url, wanted: Wanted) -> Fetching<'a>;

    /// Posts a form (`application/x-www-form-urlencoded`); every answer that is no redirect comes back.
    fn post<'a>(&'a self, url: &'a Url, form: String) -> Fetching<'a>;

    /// Posts a form as somebody who is known there, and reads the JSON answer; every answer that is no redirect comes
    /// back.
    fn ask<'a>(&'a self, url: &'a Url, asked: Asked) -> Fetching<'a>;
}

/// A call under way.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Fetched, Unfetched>> + Send + 'a>>;

/// What is posted with a proof of who we are.
#[derive(Debug)]
pub struct Asked {
    /// The `Authorization` header, if the form does not tell.
    pub authorization: Option<Secret<String>>,
    /// `application/x-www-form-urlencoded`.
    pub form: Secret<String>,
}

/// What kind of document is asked for, and how much of it is read.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The `Accept` header.
    pub accept: &'static str,
    /// The most bytes that are read.
    pub most: usize,
}

/// A JSON document: key sets ([`sdk_jose::MAX_JWKS_BYTES`]) and sector identifiers.
pub const JSON: Wanted = Wanted {
    accept: "application/json",
    most: 128 * 1024,
};

/// A request object (RFC 9101 §5.2.3), no longer than a form that carries one could be.
pub const REQUEST_OBJECT: Wanted = Wanted {
    accept: "application/oauth-authz-req+jwt, application/jwt",
    most: 64 * 1024,
};

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The status code.
    pub status: u16,
    /// The media type, lower case, without parameters; empty when the answer has none.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Why nothing was fetched. Safe to tell whoever registered the address; says nothing about our network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfetched {
    /// Not https, or with a user name.
    #[error("the address is not an https URL")]
    Url,
    /// The host is, or resolves to, an address that is not on the public internet; or it does not resolve.
    #[error("the address is not reachable on the public internet")]
    Unreachable,
    /// The server wanted us to go elsewhere.
    #[error("the server redirected, which is not followed")]
    Redirected,
    /// The server answered with another status than 200.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// The answer is too long.
    #[error("the answer is too long")]
    TooLarge,
    /// The answer took too long.
    #[error("the answer took too long")]
    TooSlow,
}
