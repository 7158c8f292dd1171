//! Where callers reach the service, what they show it there, and what stands in between.

use std::{net::SocketAddr, path::PathBuf};

use serde::Deserialize;

use super::Issuer;
use crate::rules::network::Network;

/// Files for an https listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// PEM, leaf first.
    pub certificate: PathBuf,
    /// PEM, PKCS#8.
    pub key: PathBuf,
}
/// Where clients show their TLS certificates (RFC 8705), and whose count.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mtls {
    /// A second https listener that asks for them, so that the first never troubles a browser. Without it, the first
    /// asks.
    pub listener: Option<MtlsListener>,
    /// PEM, the authorities for `tls_client_auth`. Self-signed certificates need none.
    pub authorities: Option<PathBuf>,
}

/// The second listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MtlsListener {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Its public base URL (`mtls_endpoint_aliases`, RFC 8705 §5), written as the issuer is.
    pub origin: Issuer,
}
/// `[proxy]`: what stands between browsers and this service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// Addresses or networks of proxies whose `X-Forwarded-For` is believed. Nobody's is unless named.
    #[serde(default)]
    pub trusted: Vec<Network>,
    /// The header in which they hand on the certificate that a client showed them (`client-cert` of RFC 9440, or what
    /// nginx fills with `$ssl_client_escaped_cert`). They must remove it from what clients send. Needs `[mtls]`.
    pub certificate_header: Option<HeaderLine>,
}

/// The name of a header.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HeaderLine(pub http::HeaderName);

impl TryFrom<String> for HeaderLine {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let name = http::HeaderName::try_from(&text);
        name.map(Self)
            .map_err(|_| format!("{text}: not the name of a header"))
    }
}
