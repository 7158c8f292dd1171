//! The client that talks to the idp: bounded in time and size, follows nobody.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Certificate, Client, RequestBuilder, Response, StatusCode, redirect};
use serde::de::DeserializeOwned;
use url::Url;

use super::config::ConfigRefusal;

/// Speaks https, or http to this machine if that is where the idp is.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    client: Client,
    loopback: bool,
}

/// Why the idp's answer could not be had.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingFault {
    /// No answer.
    #[error("{url} cannot be reached: {cause}")]
    Unreachable {
        /// Where.
        url: String,
        /// Why.
        cause: String,
    },
    /// Another status than the one expected.
    #[error("{url} answers {status}")]
    Status {
        /// Where.
        url: String,
        /// What.
        status: u16,
    },
    /// Longer than [`MAX_BODY_BYTES`].
    #[error("{url} answers with more than {MAX_BODY_BYTES} bytes")]
    TooLarge {
        /// Where.
        url: String,
    },
    /// Not the JSON expected.
    #[error("{url} answers with something else: {cause}")]
    Content {
        /// Where.
        url: String,
        /// What is wrong.
        cause: String,
    },
}

impl Outgoing {
    /// A client that trusts the system's roots and these (PEM).
    pub(crate) fn new(issuer: &Url, roots: &[Vec<u8>]) -> Result<Self, ConfigRefusal> {
        // A second call finds the provider installed; either way there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let loopback = is_loopback_http(issuer);
        let mut certificates = Vec::new();
        for pem in roots {
            let found = Certificate::from_pem_bundle(pem).map_err(|e| ConfigRefusal::Trust(e.to_string()))?;
            certificates.extend(found);
        }
        let builder = Client::builder()
            .user_agent(concat!("aval-sdk/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .https_only(!loopback)
            .referer(false);
        // Without TLS no roots are needed, and a machine may have none; nor is there a proxy to itself.
        let builder = if loopback {
            builder.tls_certs_only(certificates).no_proxy()
        } else {
            builder.tls_certs_merge(certificates)
        };
        let client = builder.build().map_err(|e| ConfigRefusal::Trust(reason(&e)))?;
        Ok(Self { client, loopback })
    }

    /// Whether we may speak to this address.
    pub(crate) fn allows(&self, url: &Url) -> bool {
        url.scheme() == "https" || (self.loopback && is_loopback_http(url))
    }

    pub(crate) fn get(&self, url: &Url) -> RequestBuilder {
        self.client.get(url.clone())
    }

    pub(crate) fn post(&self, url: &Url) -> RequestBuilder {
        self.client.post(url.clone())
    }
}

/// Sends and reads the answer, whatever its status. A connection that could not be made is tried once more: nothing
/// was sent, and a restart of the idp or a lost packet is over by then.
pub(crate) async fn answer(request: RequestBuilder) -> Result<Answer, OutgoingFault> {
    let again = request.try_clone();
    let mut response = match (request.send().await, again) {
        (Err(error), Some(again)) if error.is_connect() => {
            tokio::time::sleep(BREATH).await;
            again.send().await
        }
        (sent, _) => sent,
    }
    .map_err(|e| unreachable_at(&e))?;
    let (url, status) = (shown(response.url()), response.status());
    let body = read(&mut response, &url).await?;
    let headers = std::mem::take(response.headers_mut());
    Ok(Answer {
        url,
        status,
        headers,
        body,
    })
}

async fn read(response: &mut Response, url: &str) -> Result<Vec<u8>, OutgoingFault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| unreachable_at(&e))? {
        if body.len().saturating_add(chunk.len()) > MAX_BODY_BYTES {
            return Err(OutgoingFault::TooLarge { url: url.to_owned() });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) url: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The bytes of a 200.
    pub(crate) fn ok(self) -> Result<Self, OutgoingFault> {
        if self.status != StatusCode::OK {
            return Err(OutgoingFault::Status {
                url: self.url,
                status: self.status.as_u16(),
            });
        }
        Ok(self)
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, OutgoingFault> {
        sdk_jose::json::parse(&self.body).map_err(|e| OutgoingFault::Content {
            url: self.url.clone(),
            cause: e.to_string(),
        })
    }
}

/// `http://` to a name or address of this very machine (RFC 6761 §6.3, RFC 8252 §7.3).
pub(crate) fn is_loopback_http(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && loopback
}

fn unreachable_at(error: &reqwest::Error) -> OutgoingFault {
    let url = error.url().map(shown).unwrap_or_default();
    OutgoingFault::Unreachable {
        url,
        cause: reason(error),
    }
}

/// The chain of causes: the first alone says no more than that sending failed.
fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// Without the query, which may hold what a log should not.
fn shown(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// Ours: a key set of [`sdk_jose::MAX_JWKS_BYTES`] and a discovery document fit.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// Ours: a person is waiting; they see a page that says so rather than a blank one.
const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Ours: between the first attempt to connect and the second.
const BREATH: Duration = Duration::from_millis(300);
