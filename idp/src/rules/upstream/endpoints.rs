//! Where a provider is asked what: its metadata (OpenID Connect Discovery §3, RFC 8414), or what the operator wrote down.

use serde::Deserialize;
use url::Url;

use crate::rules::client::is_loopback;

/// Where it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Where people are sent.
    pub authorization: Url,
    /// Where codes are redeemed.
    pub token: Url,
    /// Where its keys are.
    pub jwks: Url,
    /// Where it tells more claims.
    pub userinfo: Option<Url>,
    /// RFC 9207 §3: its answers say whose they are, so that one that does not is none of its.
    pub names_itself: bool,
}

/// Its metadata, as they came.
#[derive(Debug, Deserialize)]
pub struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Where the metadata of `issuer` are (Discovery §4: the path is appended).
    #[must_use]
    pub fn address(issuer: &str) -> Option<Url> {
        let base = issuer.trim_end_matches('/');
        Url::parse(&format!("{base}/.well-known/openid-configuration")).ok()
    }

    /// What the document says, if it is `issuer`'s own (Discovery §4.3) and every endpoint is https; http on a loopback
    /// host in `development`.
    #[must_use]
    pub fn endpoints(&self, issuer: &str, development: bool) -> Option<Endpoints> {
        if self.issuer != issuer {
            return None;
        }
        Some(Endpoints {
            authorization: reachable(&self.authorization_endpoint, development)?,
            token: reachable(&self.token_endpoint, development)?,
            jwks: reachable(&self.jwks_uri, development)?,
            userinfo: match &self.userinfo_endpoint {
                Some(address) => Some(reachable(address, development)?),
                None => None,
            },
            names_itself: self.authorization_response_iss_parameter_supported,
        })
    }
}

/// An address at which a provider may be: https without a user or a fragment; http on a loopback host in `development`.
pub(super) fn reachable(address: &str, development: bool) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    let safe = url.scheme() == "https" || (development && url.scheme() == "http" && is_loopback(&url));
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (safe && plain).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://otra.example/openid";

    fn read(change: impl FnOnce(&mut serde_json::Value)) -> Option<Endpoints> {
        let mut document = serde_json::json!({
            "issuer": ISSUER, "authorization_endpoint": "https://otra.example/a",
            "token_endpoint": "https://otra.example/t", "jwks_uri": "https://otra.example/k",
            "userinfo_endpoint": "https://otra.example/u", "scopes_supported": ["openid"],
        });
        change(&mut document);
        let metadata: Metadata = serde_json::from_value(document).unwrap();
        metadata.endpoints(ISSUER, false)
    }

    #[test]
    fn metadata_are_where_the_issuer_says_and_its_own() {
        assert_eq!(
            Metadata::address(ISSUER).unwrap().as_str(),
            "https://otra.example/openid/.well-known/openid-configuration"
        );
        assert!(!read(|_| {}).unwrap().names_itself);
        assert!(read(|d| d["issuer"] = "https://otra.example".into()).is_none());
    }

    #[test]
    fn no_endpoint_is_plain_http_or_has_a_user() {
        for endpoint in [
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "userinfo_endpoint",
        ] {
            for address in [
                "http://otra.example/x",
                "http://127.0.0.1/x",
                "https://u:p@otra.example/x",
                "x",
            ] {
                assert!(
                    read(|d| d[endpoint] = address.into()).is_none(),
                    "{endpoint} {address}"
                );
            }
        }
    }

    #[test]
    fn on_a_developers_machine_loopback_is_enough() {
        assert!(reachable("http://127.0.0.1:9000/x", true).is_some());
        assert!(reachable("http://otra.example/x", true).is_none());
    }
}
