//! Configuration: one TOML file, overridden by `IDP__SECTION__KEY`, every problem explained at once.

mod activation;
mod issuer;
mod keys;
mod listeners;
mod passwords;
mod problems;
mod read;
mod staff;

use std::{net::SocketAddr, path::PathBuf};

use serde::Deserialize;

pub use self::{
    activation::Activation,
    issuer::Issuer,
    keys::Keys,
    listeners::{HeaderLine, Mtls, MtlsListener, Proxy, Tls},
    passwords::Passwords,
    staff::Staff,
};
use crate::{
    limits, mail,
    rules::{
        assurance::Levels, authorize::details::DetailTypes, recovery, resource::Resources,
        upstream::Providers,
    },
};

/// What the file says, checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The issuer identifier: the public base URL, without a slash at the end.
    pub issuer: Issuer,
    /// Where to listen.
    pub listen: SocketAddr,
    /// `sqlite:///absolute/file` or `postgres://…`.
    pub database: String,
    /// A file with the base64 of 32 bytes, readable by its owner only.
    pub sealing_key_file: PathBuf,
    /// Schemes of national ids (`CL-RUN`, `PE-DNI`, `UY-CI`); the first is the default.
    #[serde(default = "default_schemes")]
    pub national_id_schemes: Vec<String>,
    /// The name in the masthead.
    #[serde(default = "default_programme")]
    pub programme: String,
    /// The names under which clients know the levels of assurance.
    #[serde(default)]
    pub assurance: Levels,
    /// The types of authorization details (RFC 9396) that clients may be registered for, with their words.
    #[serde(default)]
    pub authorization_details: DetailTypes,
    /// An https listener instead of plain http.
    pub tls: Option<Tls>,
    /// Signing keys.
    #[serde(default)]
    pub keys: Keys,
    /// Passwords.
    #[serde(default)]
    pub passwords: Passwords,
    /// Calling addresses that clients register.
    #[serde(default)]
    pub fetch: crate::fetch::Settings,
    /// The paths of Clave Única.
    #[serde(default)]
    pub claveunica: ClaveUnica,
    /// Proofs of possession.
    #[serde(default)]
    pub dpop: Dpop,
    /// Clients' TLS certificates; nobody is asked for one without this.
    pub mtls: Option<Mtls>,
    /// Letters to citizens. Nobody is told anything by mail without it.
    pub mail: Option<mail::Settings>,
    /// How much one caller may ask in a minute.
    #[serde(default)]
    pub limits: limits::Settings,
    /// How accounts are recovered.
    #[serde(default)]
    pub recovery: recovery::Settings,
    /// Proxies in front of this service.
    #[serde(default)]
    pub proxy: Proxy,
    /// Codes that open accounts.
    #[serde(default)]
    pub activation: Activation,
    /// Providers that vouch for people who have no way of logging in here yet.
    #[serde(default)]
    pub upstream: Providers,
    /// Officials of the programme.
    #[serde(default)]
    pub staff: Staff,
    /// Interfaces of agencies that access tokens can be for (RFC 8707).
    #[serde(default)]
    pub resources: Resources,
    /// Passkeys and security keys.
    #[serde(default)]
    pub passkeys: crate::models::Settings,
}
/// Whether libraries for Clave Única find the paths that they were written for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaveUnica {
    /// Off unless switched on; clients with `profile: claveunica` can be registered where it is on.
    #[serde(default)]
    pub enabled: bool,
}
/// DPoP proofs (RFC 9449).
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dpop {
    /// A proof must carry a nonce of ours (§8): one made ahead of time is worth nothing, each client asks once more
    /// every five minutes.
    #[serde(default)]
    pub require_nonce: bool,
}
fn default_schemes() -> Vec<String> {
    vec!["CL-RUN".to_owned()]
}

fn default_programme() -> String {
    "Aval".to_owned()
}
