//! The guarded client: https, public addresses only, no redirects, bounded in size and time.

use std::{
    error::Error as _,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{
    Client, Method, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{self, HeaderValue},
    redirect,
};
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::{Asked, Fetch, Fetched, Fetching, JSON, Settings, Unfetched, Wanted};
use crate::{
    error::Fault,
    rules::{network::is_public, secret::Secret},
};

/// Fetches from the public internet and from where the operator said, and from nowhere else.
///
/// A name is resolved once; every address it resolves to must be public, and the connection goes to exactly those: a
/// name that changes its mind between check and use gains nothing.
pub struct Guarded {
    settings: Settings,
    /// Plain http to the operator's exceptions: where the whole service runs on one developer's machine.
    plain_exceptions: bool,
    roots: Option<Vec<u8>>,
    names: Arc<dyn Names>,
    /// Made when first needed: loading the system's authorities takes time and memory that most runs never need.
    clients: OnceLock<Clients>,
    /// Slow servers take our places, not our memory.
    places: Semaphore,
    /// How long one call may take.
    patience: Duration,
}

/// Turns names into addresses.
pub trait Names: Send + Sync {
    /// All addresses of `name`.
    fn addresses(&self, name: String) -> Addresses;
}

/// A name being resolved.
pub type Addresses = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// The operating system's resolver.
#[derive(Debug)]
pub struct SystemNames;

impl Names for SystemNames {
    fn addresses(&self, name: String) -> Addresses {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

struct Clients {
    public: Client,
    exceptions: Client,
}

impl Guarded {
    /// The client that `settings` describe; `plain_exceptions` also lets the operator's exceptions speak plain http.
    ///
    /// # Errors
    /// A fault when the file of trust roots cannot be read.
    pub fn new(settings: Settings, plain_exceptions: bool, names: Arc<dyn Names>) -> Result<Self, Fault> {
        let roots = settings
            .trust_roots
            .as_ref()
            .map(std::fs::read)
            .transpose()
            .map_err(|source| Fault::of("reading fetch.trust_roots", source))?;
        Ok(Self {
            settings,
            plain_exceptions,
            roots,
            names,
            clients: OnceLock::new(),
            places: Semaphore::new(AT_ONCE),
            patience: PATIENCE,
        })
    }

    async fn fetch(
        &self,
        method: Method,
        url: &Url,
        wanted: Wanted,
        sent: Option<Sent>,
    ) -> Result<Fetched, Unfetched> {
        let client = self.admitted(url)?;
        let call = async {
            let _place = self.places.acquire().await.map_err(|_| Unfetched::TooSlow)?;
            let mut request = client
                .request(method, url.clone())
                .header(header::ACCEPT, wanted.accept);
            if let Some(sent) = sent {
                // RFC 9110 §8.6: a post without a body says so. A type alone is refused by some (oidc-provider).
                request = if sent.form.is_empty() {
                    request.header(header::CONTENT_LENGTH, 0)
                } else {
                    request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                };
                request = request.body(sent.form);
                if let Some(authorization) = sent.authorization {
                    request = request.header(header::AUTHORIZATION, authorization);
                }
            }
            let response = request.send().await.map_err(|error| told(url, &error))?;
            if response.status().is_redirection() {
                return Err(Unfetched::Redirected);
            }
            read(response, wanted.most).await
        };
        tokio::time::timeout(self.patience, call)
            .await
            .unwrap_or(Err(Unfetched::TooSlow))
    }

    /// The client that may call `url`; none may when it is not https or names an address that is not public.
    fn admitted(&self, url: &Url) -> Result<&Client, Unfetched> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Unfetched::Url);
        }
        let excepted = self.settings.allows(url);
        match url.scheme() {
            "https" => {}
            "http" if excepted && self.plain_exceptions => {}
            _ => return Err(Unfetched::Url),
        }
        let clients = self.clients()?;
        if excepted {
            return Ok(&clients.exceptions);
        }
        // Numbers are not resolved: the resolver below never sees them.
        let public = match url.host() {
            Some(Host::Ipv4(address)) => is_public(address.into()),
            Some(Host::Ipv6(address)) => is_public(address.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        if public {
            Ok(&clients.public)
        } else {
            Err(Unfetched::Unreachable)
        }
    }

    fn clients(&self) -> Result<&Clients, Unfetched> {
        if let Some(clients) = self.clients.get() {
            return Ok(clients);
        }
        let public = PublicNames(Arc::clone(&self.names));
        let made = self.client().and_then(|exceptions| {
            let public = self.builder()?.dns_resolver(public).build()?;
            Ok(Clients { public, exceptions })
        });
        match made {
            Ok(clients) => Ok(self.clients.get_or_init(|| clients)),
            Err(error) => {
                tracing::error!(%error, cause = ?error.source(), "the client for outside addresses cannot be made");
                Err(Unfetched::Unreachable)
            }
        }
    }

    fn client(&self) -> reqwest::Result<Client> {
        self.builder()?.build()
    }

    fn builder(&self) -> reqwest::Result<reqwest::ClientBuilder> {
        // The binary has done this; a test may not have.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(IDLE)
            .user_agent("aval-idp");
        match &self.roots {
            None => Ok(builder),
            Some(pem) => Ok(builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(pem)?)),
        }
    }
}

impl Fetch for Guarded {
    fn get<'a>(&'a self, url: &'a Url, wanted: Wanted) -> Fetching<'a> {
        Box::pin(async move {
            let fetched = self.fetch(Method::GET, url, wanted, None).await?;
            match fetched.status {
                200 => Ok(fetched),
                other => Err(Unfetched::Status(other)),
            }
        })
    }

    fn post<'a>(&'a self, url: &'a Url, form: String) -> Fetching<'a> {
        let sent = Sent {
            authorization: None,
            form,
        };
        Box::pin(self.fetch(Method::POST, url, ANSWER, Some(sent)))
    }

    fn ask<'a>(&'a self, url: &'a Url, asked: Asked) -> Fetching<'a> {
        Box::pin(async move {
            let header = |text: Secret<String>| HeaderValue::from_str(text.expose());
            let authorization = asked.authorization.map(header).transpose();
            let mut authorization = authorization.map_err(|_| Unfetched::Url)?;
            // reqwest does not print it then.
            authorization
                .iter_mut()
                .for_each(|value| value.set_sensitive(true));
            let sent = Sent {
                authorization,
                form: asked.form.expose().clone(),
            };
            self.fetch(Method::POST, url, JSON, Some(sent)).await
        })
    }
}

/// What goes with a post.
struct Sent {
    authorization: Option<HeaderValue>,
    form: String,
}

/// A resolver that knows public addresses only: one that is not spoils the whole name.
struct PublicNames(Arc<dyn Names>);

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.addresses(name.as_str().to_owned());
        Box::pin(async move {
            let found = found.await?;
            if found.is_empty() || !found.iter().copied().all(is_public) {
                return Err(Box::from(NotPublic));
            }
            let found: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(found)
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the name does not resolve to public addresses only")]
struct NotPublic;

async fn read(mut response: Response, most: usize) -> Result<Fetched, Unfetched> {
    let content_type = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(|value| {
            value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase()
        })
        .unwrap_or_default();
    let mut fetched = Fetched {
        status: response.status().as_u16(),
        content_type,
        body: Vec::new(),
    };
    let broken = |error: reqwest::Error| {
        if error.is_timeout() {
            Unfetched::TooSlow
        } else {
            Unfetched::Unreachable
        }
    };
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if fetched.body.len().saturating_add(chunk.len()) > most {
            return Err(Unfetched::TooLarge);
        }
        fetched.body.extend_from_slice(&chunk);
    }
    Ok(fetched)
}

/// The caller learns little; the operator's log says why.
fn told(url: &Url, error: &reqwest::Error) -> Unfetched {
    let mut why = error.source();
    let mut deepest = String::new();
    while let Some(cause) = why {
        deepest = cause.to_string();
        why = cause.source();
    }
    tracing::info!(
        host = url.host_str(),
        why = deepest,
        "an outside address could not be called"
    );
    if error.is_timeout() {
        Unfetched::TooSlow
    } else {
        Unfetched::Unreachable
    }
}

/// What is read of the answer to a post: its text is for the log of a delivery, no more.
const ANSWER: Wanted = Wanted {
    accept: "*/*",
    most: 16 * 1024,
};
/// A citizen waits behind some of these; an agency's server that needs longer is not working.
const PATIENCE: Duration = Duration::from_secs(5);
/// Of [`PATIENCE`].
const CONNECT: Duration = Duration::from_secs(3);
/// Long enough for the calls of one login, short enough that no agency's idle connections pile up.
const IDLE: Duration = Duration::from_secs(15);
/// Ours: each holds at most [`Wanted::most`] bytes.
const AT_ONCE: usize = 32;

#[cfg(test)]
mod tests;
