//! A registered client: who may ask, where answers go, under which policy (RFC 7591 §2).

mod authentication;
mod metadata;
mod policy;

use std::net::IpAddr;

use sdk_jose::Algorithm;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

pub use authentication::{Authentication, ClientKeys, TlsSubject};
pub use policy::{
    AccessTokenFormat, ContentEncryption, Encryption, GrantType, KeyManagement, LogoutUri, Profile,
    Protection, RequestObjects, SubjectType,
};

use super::{ids::ClientId, scope::Scopes, secret::Digest, time::Seconds};

/// A client whose registration was checked. Each field is one decision about this client alone; the defaults are the
/// strict ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// The name that citizens see.
    pub name: String,
    /// Its home page.
    pub uri: Option<String>,
    /// What else it says of itself; shown, never fetched.
    #[serde(default)]
    pub about: About,
    /// Where codes may go: compared byte for byte.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after logout: compared byte for byte.
    pub post_logout_redirect_uris: Vec<String>,
    /// The most it may ask.
    pub scopes: Scopes,
    /// The rules that hold for it as a whole.
    #[serde(default)]
    pub profile: Profile,
    /// How it authenticates at the token endpoint and wherever else it speaks for itself.
    pub authentication: Authentication,
    /// Its public keys: to check what it signs, to encrypt what it reads.
    #[serde(default)]
    pub keys: Option<ClientKeys>,
    /// What it may do at the token endpoint.
    #[serde(default = "GrantType::usual")]
    pub grant_types: Vec<GrantType>,
    /// How its id tokens are signed.
    pub id_token_alg: Algorithm,
    /// How its id tokens are encrypted, if they are.
    #[serde(default)]
    pub id_token_encryption: Option<Encryption>,
    /// How userinfo answers: plain JSON unless it wants a signature or encryption.
    #[serde(default)]
    pub userinfo: Protection,
    /// How a JARM answer is signed and encrypted; asked for by `response_mode`.
    #[serde(default)]
    pub authorization_response: Protection,
    /// How introspection answers: plain JSON unless it wants a signature or encryption (RFC 9701 §6).
    #[serde(default)]
    pub introspection_response: Protection,
    /// Its request objects (RFC 9101).
    #[serde(default)]
    pub request_objects: RequestObjects,
    /// RFC 9126 §6: it may ask only what it pushed before.
    #[serde(default)]
    pub require_pushed_authorization_requests: bool,
    /// RFC 9449 §5.2: its tokens are always bound to a key that it proves.
    #[serde(default)]
    pub dpop_bound_access_tokens: bool,
    /// RFC 8705 §3.4: its tokens are always bound to its TLS certificate.
    #[serde(default)]
    pub tls_bound_access_tokens: bool,
    /// What its access tokens are.
    #[serde(default)]
    pub access_token_format: AccessTokenFormat,
    /// RFC 8707: the resources that it may ask tokens for.
    #[serde(default)]
    pub resources: Vec<String>,
    /// RFC 9396 §10: the types of authorization details that it may ask.
    #[serde(default)]
    pub authorization_details_types: Vec<String>,
    /// How citizens are named to it.
    pub subject_type: SubjectType,
    /// The document that lists its redirect URIs when they have several hosts (OpenID Connect Core §8.1).
    #[serde(default)]
    pub sector_identifier_uri: Option<String>,
    /// Presence at most this old when a request does not say (OpenID Connect Registration §2).
    #[serde(default)]
    pub default_max_age: Option<Seconds>,
    /// Levels, best first, when a request does not say (OpenID Connect Registration §2).
    #[serde(default)]
    pub default_acr_values: Vec<String>,
    /// Told when a citizen leaves, from server to server.
    #[serde(default)]
    pub backchannel_logout: Option<LogoutUri>,
    /// Told when a citizen leaves, through the browser.
    #[serde(default)]
    pub frontchannel_logout: Option<LogoutUri>,
    /// RFC 7636; true unless a certification run needs otherwise.
    pub require_pkce: bool,
    /// RFC 8252: an app on a device, whose loopback port varies.
    pub native: bool,
}

/// What a client says of itself besides its name (RFC 7591 §2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its logo. Not fetched: it would tell the client's server who is looking.
    pub logo_uri: Option<String>,
    /// Its privacy policy.
    pub policy_uri: Option<String>,
    /// Its terms of service.
    pub tos_uri: Option<String>,
    /// What it asks citizens' data for, as citizens read it.
    pub purpose: Option<String>,
    /// The same in English.
    pub purpose_en: Option<String>,
    /// Who answers for it: e-mail addresses.
    pub contacts: Vec<String>,
    /// Where a third party may start a login (OpenID Connect Core §4).
    pub initiate_login_uri: Option<String>,
}

impl Client {
    /// `uri` is exactly a registered redirect URI (RFC 9700 §2.1): bytes are compared, nothing is decoded or resolved.
    /// A native app's loopback redirect may have another port (RFC 8252 §7.3).
    #[must_use]
    pub fn redirects_to(&self, uri: &str) -> bool {
        self.redirect_uris.iter().any(|registered| registered == uri)
            || (self.native
                && self
                    .redirect_uris
                    .iter()
                    .any(|registered| same_but_port(registered, uri)))
    }

    /// Its keys are at an address, where they may change.
    #[must_use]
    pub fn has_keys_elsewhere(&self) -> bool {
        matches!(self.keys, Some(ClientKeys::JwksUri(_)))
    }

    /// `uri` is exactly a registered post-logout redirect URI.
    #[must_use]
    pub fn logs_out_to(&self, uri: &str) -> bool {
        self.post_logout_redirect_uris
            .iter()
            .any(|registered| registered == uri)
    }

    /// What its id tokens are: always signed (OpenID Connect Core §2).
    #[must_use]
    pub fn id_token(&self) -> Protection {
        Protection {
            signed: Some(self.id_token_alg),
            encrypted: self.id_token_encryption,
        }
    }

    /// It may use this grant.
    #[must_use]
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// The sector of pairwise subjects (OpenID Connect Core §8.1): the host of the sector identifier, or the one host of
    /// all redirect URIs.
    #[must_use]
    pub fn sector(&self) -> Option<String> {
        if let Some(uri) = &self.sector_identifier_uri {
            return Url::parse(uri).ok()?.host_str().map(str::to_owned);
        }
        let mut hosts = self.redirect_uris.iter().map(|uri| {
            let url = Url::parse(uri).ok()?;
            // An app's own scheme has no host: the scheme itself is the sector.
            Some(
                url.host_str()
                    .map_or_else(|| url.scheme().to_owned(), str::to_owned),
            )
        });
        let first = hosts.next()??;
        hosts.all(|host| host.as_deref() == Some(&first)).then_some(first)
    }

    /// The origins of its redirect URIs: the only ones whose scripts may call our endpoints.
    #[must_use]
    pub fn origins(&self) -> Vec<String> {
        let mut origins: Vec<String> = self
            .redirect_uris
            .iter()
            .filter_map(|uri| Url::parse(uri).ok())
            .map(|url| url.origin())
            .filter(url::Origin::is_tuple)
            .map(|origin| origin.ascii_serialization())
            .collect();
        origins.sort();
        origins.dedup();
        origins
    }

    /// The host that a citizen reads beside the name.
    #[must_use]
    pub fn host(&self) -> String {
        let uri = self.uri.as_ref().or(self.redirect_uris.first());
        let url = uri.and_then(|uri| Url::parse(uri).ok());
        url.as_ref()
            .and_then(Url::host_str)
            .unwrap_or_default()
            .to_owned()
    }
}

/// What is stored of a client's secret. Secrets are chance of at least 128 bits, so one round of SHA-256 is enough.
#[must_use]
pub fn secret_digest(secret: &str) -> Digest {
    Digest::of(secret.as_bytes())
}

/// The host is this machine: traffic to it cannot be overheard on a network.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// The same loopback address and everything else, whatever the port.
fn same_but_port(registered: &str, asked: &str) -> bool {
    let (Ok(registered), Ok(mut url)) = (Url::parse(registered), Url::parse(asked)) else {
        return false;
    };
    let by_number = matches!(registered.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
    // What was sent must be in its normal form, or the comparison would decode and resolve.
    if !by_number || !is_loopback(&registered) || registered.scheme() != "http" || url.as_str() != asked {
        return false;
    }
    url.set_port(registered.port()).is_ok() && url == registered
}

/// What we sign with, each with a key of its own; the first is the default. PS256 is for FAPI 2.0 §5.4.1, RS256 because
/// OpenID Connect Core §15.1 asks it.
pub const SIGNING: [Algorithm; 4] = [
    Algorithm::ES256,
    Algorithm::EdDSA,
    Algorithm::PS256,
    Algorithm::RS256,
];

#[cfg(test)]
mod tests {
    use crate::rules::registration::tests::check;

    #[test]
    fn redirects_are_compared_byte_for_byte() {
        let client = check(|_| {}).unwrap();
        assert!(client.redirects_to("https://agency.example/cb"));
        for other in [
            "https://agency.example/cb/",
            "https://agency.example/CB",
            "https://agency.example:443/cb",
            "https://agency.example/%63b",
            "https://agency.example/cb?x=1",
            "https://agency.example/cb#",
        ] {
            assert!(!client.redirects_to(other), "{other}");
        }
    }

    #[test]
    fn only_a_native_loopback_redirect_may_have_another_port() {
        let uri = vec!["http://127.0.0.1/cb".to_owned()];
        let native = check(|r| {
            r.redirect_uris.clone_from(&uri);
            r.application_type = Some("native".to_owned());
        })
        .unwrap();
        assert!(native.redirects_to("http://127.0.0.1:54321/cb"));
        assert!(!native.redirects_to("http://127.0.0.1:54321/cb2"));
        assert!(!native.redirects_to("http://127.0.0.2:54321/cb"));
        assert!(!native.redirects_to("http://127.0.0.1:54321/x/../cb"));
        assert!(!native.redirects_to("http://u@127.0.0.1:54321/cb"));
        let web = check(|r| r.redirect_uris = uri).unwrap();
        assert!(!web.redirects_to("http://127.0.0.1:54321/cb"));
    }
}
