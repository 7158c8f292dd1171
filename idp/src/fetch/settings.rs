//! `[fetch]` in the configuration: the few places that may be called although they are not public.

use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

/// What an operator allows beyond the public internet.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Hosts with their ports (`agency.internal:443`, `127.0.0.1:9443`) that may be called wherever they are.
    #[serde(default)]
    pub allow: Vec<Exception>,
    /// A PEM file of the certification authorities to trust instead of the system's.
    pub trust_roots: Option<PathBuf>,
}

/// One host with one port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Exception {
    host: String,
    port: u16,
}

impl Settings {
    /// The operator named `url`'s host and port.
    #[must_use]
    pub fn allows(&self, url: &Url) -> bool {
        self.allow.iter().any(|exception| {
            url.host_str() == Some(&exception.host) && url.port_or_known_default() == Some(exception.port)
        })
    }
}

impl TryFrom<String> for Exception {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let told = || format!("{text}: write host:port, as in agency.internal:443");
        // The same normal form as the URLs that it is compared with.
        let url = Url::parse(&format!("https://{text}/")).map_err(|_| told())?;
        let port = text.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        match (url.host_str(), port) {
            (Some(host), Some(port))
                if url.path() == "/" && url.username().is_empty() && url.query().is_none() =>
            {
                Ok(Self {
                    host: host.to_owned(),
                    port,
                })
            }
            _ => Err(told()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowing(text: &str) -> Settings {
        Settings {
            allow: vec![Exception::try_from(text.to_owned()).unwrap()],
            trust_roots: None,
        }
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn an_exception_is_one_host_with_one_port() {
        let settings = allowing("Agency.internal:443");
        assert!(settings.allows(&url("https://agency.internal/jwks")));
        assert!(!settings.allows(&url("https://agency.internal:8443/jwks")));
        assert!(!settings.allows(&url("https://other.internal/jwks")));
        assert!(allowing("127.0.0.1:9443").allows(&url("https://127.1:9443/")));
        assert!(allowing("[::1]:9443").allows(&url("https://[0:0::1]:9443/")));
    }

    #[test]
    fn what_is_not_host_and_port_is_refused() {
        for text in [
            "",
            "host",
            ":1",
            "https://host:1",
            "host:1/path",
            "u@host:1",
            "host:99999",
            "host:1?x",
        ] {
            assert!(Exception::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
