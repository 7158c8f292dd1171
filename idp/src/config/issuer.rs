//! The issuer identifier: the name of this service, on which every token, cookie and address hangs.

use serde::Deserialize;
use url::Url;

use super::Mtls;
use crate::rules::{
    claveunica,
    client::{Profile, is_loopback},
};

/// An issuer identifier (OpenID Connect Discovery §3): https, or http on a loopback host, no path, query or fragment.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Issuer {
    text: String,
    url: Url,
    claveunica: String,
}

impl Issuer {
    /// The identifier, byte for byte as configured.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The identifier by which clients of `profile` know us: the one of the metadata that they read, and so the `iss` of
    /// everything that they are given.
    #[must_use]
    pub fn named_to(&self, profile: Profile) -> &str {
        if profile == Profile::ClaveUnica {
            &self.claveunica
        } else {
            &self.text
        }
    }

    /// One of our identifiers.
    #[must_use]
    pub fn is_ours(&self, issuer: &str) -> bool {
        issuer == self.text || issuer == self.claveunica
    }

    /// The addresses of a path of ours: at the issuer, and where clients show certificates.
    #[must_use]
    pub fn everywhere(&self, path: &str, mtls: Option<&Mtls>) -> Vec<String> {
        let alias = mtls.and_then(|mtls| mtls.listener.as_ref());
        let alias = alias.map(|listener| listener.origin.at(path));
        std::iter::once(self.at(path)).chain(alias).collect()
    }

    /// The URL of a path of ours; `path` begins with a slash.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// Cookies go with `Secure` and the `__Host-` prefix.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host, which is also the WebAuthn relying party id.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The parsed URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl TryFrom<String> for Issuer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let url = Url::parse(&text).map_err(|error| format!("issuer is not a URL ({error})"))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(
                "issuer must be https; http is accepted for localhost, 127.0.0.1 and [::1] only".to_owned(),
            );
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err("issuer must have no query, fragment or user".to_owned());
        }
        if url.path() != "/" || text.ends_with('/') {
            return Err("issuer must end after host and port, without a slash".to_owned());
        }
        if url.origin().ascii_serialization() != text {
            return Err(format!(
                "issuer must be written as {}",
                url.origin().ascii_serialization()
            ));
        }
        Ok(Self {
            claveunica: format!("{text}{}", claveunica::ISSUER_PATH),
            text,
            url,
        })
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_for_loopback_only() {
        for good in [
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "http://[::1]:1",
            "https://id.example.org",
        ] {
            assert!(Issuer::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in [
            "http://id.example.org",
            "http://localhost.example.org",
            "http://10.0.0.1",
            "ftp://localhost",
            "https://id.example.org/",
            "https://id.example.org/x",
            "https://id.example.org?x",
            "https://u@id.example.org",
            "https://ID.example.org",
            "https://id.example.org:443",
            "localhost",
        ] {
            assert!(Issuer::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
