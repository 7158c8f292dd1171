//! Fetching evidence from the network: certificates of issuers, OCSP responses, revocation lists.
//!
//! Addresses come from certificates in documents that anybody may have sent. So they are called over http or https
//! only (lists and responses are signed; http is their custom), on the public internet only, for a limited time and
//! size, through no proxy, and not often. Nothing is believed because of where it came from.
//!
//! ```no_run
//! use std::sync::Arc;
//! use sdk::document::{File, Options, Time, TrustAnchors, verify};
//! use sdk::fetch::{Cache, Guarded};
//!
//! fn accept(path: &str, now: Time) -> Result<bool, Box<dyn std::error::Error>> {
//!     let mut options = Options::new(TrustAnchors::load("/etc/agency/roots")?, now);
//!     options.fetch = Some(Arc::new(Guarded::new()?.cached(Cache::open("/var/cache/agency", now)?)));
//!     Ok(verify(File::open(path)?, &options).is_valid())
//! }
//! ```

mod address;
mod cache;

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Response, header, redirect};
use sdk_document::{Fetch, Unfetched, Wanted};
use tokio::runtime::Runtime;
use url::{Host, Url};

pub use address::is_public;
pub use cache::Cache;

/// Fetches from the public internet. A name is resolved once; every address that it resolves to must be public, and the
/// connection goes to exactly those.
#[derive(Debug)]
pub struct Guarded {
    runtime: Runtime,
    client: Client,
    admits: Admits,
    cache: Option<Cache>,
    left: AtomicU32,
    patience: Duration,
}

/// Which addresses are called.
type Admits = fn(IpAddr) -> bool;

impl Guarded {
    /// To the public internet, without a cache.
    ///
    /// # Errors
    /// The system gives no threads or has no trust roots.
    pub fn new() -> std::io::Result<Self> {
        Self::reaching(is_public)
    }

    /// For development alone: to private addresses and this machine, too. A document could then make us call whatever
    /// listens there.
    ///
    /// # Errors
    /// As [`Guarded::new`].
    pub fn including_private() -> std::io::Result<Self> {
        Self::reaching(|_| true)
    }

    /// Looks there first, and keeps what it fetches.
    pub fn cached(mut self, cache: Cache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Waits no longer than this for one answer, instead of ten seconds.
    pub fn patient_for(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    fn reaching(admits: Admits) -> std::io::Result<Self> {
        // A second call finds the provider installed; either way there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .dns_resolver(AdmittedNames(admits))
            .user_agent(concat!("aval-verify/", env!("CARGO_PKG_VERSION")));
        Ok(Self {
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?,
            client: builder.build().map_err(std::io::Error::other)?,
            admits,
            cache: None,
            left: AtomicU32::new(MOST_CALLS),
            patience: PATIENCE,
        })
    }

    async fn call(&self, wanted: &Wanted<'_>) -> Result<Vec<u8>, Unfetched> {
        let mut url = Url::parse(wanted.address()).map_err(|_| Unfetched::Address)?;
        for _ in 0..=MOST_REDIRECTS {
            self.admit(&url)?;
            let request = match wanted {
                Wanted::Answer { request, .. } => self
                    .client
                    .post(url.clone())
                    .header(header::CONTENT_TYPE, "application/ocsp-request")
                    .body(request.to_vec()),
                Wanted::Issuer { .. } | Wanted::List { .. } => self.client.get(url.clone()),
            };
            let response = request.send().await.map_err(|error| told(&error))?;
            if !response.status().is_redirection() {
                return read(response, most_octets(wanted)).await;
            }
            let location = response.headers().get(header::LOCATION);
            let location = location
                .and_then(|value| value.to_str().ok())
                .ok_or(Unfetched::Redirects)?;
            url = url.join(location).map_err(|_| Unfetched::Address)?;
        }
        Err(Unfetched::Redirects)
    }

    /// http or https, nobody's name or password, and where the host is a number a public one: numbers are not resolved.
    fn admit(&self, url: &Url) -> Result<(), Unfetched> {
        let plain = url.username().is_empty() && url.password().is_none();
        if !plain || !matches!(url.scheme(), "http" | "https") {
            return Err(Unfetched::Address);
        }
        let admitted = match url.host() {
            Some(Host::Ipv4(address)) => (self.admits)(address.into()),
            Some(Host::Ipv6(address)) => (self.admits)(address.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        if admitted {
            Ok(())
        } else {
            Err(Unfetched::NotPublic)
        }
    }
}

impl Fetch for Guarded {
    fn fetch(&self, wanted: &Wanted<'_>) -> Result<Vec<u8>, Unfetched> {
        if let Some(held) = self.cache.as_ref().and_then(|cache| cache.held(wanted)) {
            return Ok(held);
        }
        let taken = self
            .left
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        taken.map_err(|_| Unfetched::TooMany)?;
        let call = async { tokio::time::timeout(self.patience, self.call(wanted)).await };
        let bytes = self.runtime.block_on(call).unwrap_or(Err(Unfetched::TooSlow))?;
        if let Some(cache) = &self.cache {
            cache.keep(wanted, &bytes);
        }
        Ok(bytes)
    }
}

/// The system's resolver, for addresses that are called: one that is not spoils the whole name.
struct AdmittedNames(Admits);

impl Resolve for AdmittedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let admits = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            if found.is_empty() || !found.iter().all(|address| admits(address.ip())) {
                return Err(Box::from(NotPublic));
            }
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}

#[derive(Debug)]
struct NotPublic;

impl std::fmt::Display for NotPublic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the name does not resolve to public addresses only")
    }
}

impl std::error::Error for NotPublic {}

async fn read(mut response: Response, most: usize) -> Result<Vec<u8>, Unfetched> {
    if response.status() != reqwest::StatusCode::OK {
        return Err(Unfetched::Status(response.status().as_u16()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| told(&error))? {
        if body.len().saturating_add(chunk.len()) > most {
            return Err(Unfetched::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn told(error: &reqwest::Error) -> Unfetched {
    let mut causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    if causes.any(|cause| cause.is::<NotPublic>()) {
        Unfetched::NotPublic
    } else if error.is_timeout() {
        Unfetched::TooSlow
    } else {
        Unfetched::Unreachable
    }
}

/// Lists of large authorities have some tens of megabytes; the rest is small.
fn most_octets(wanted: &Wanted<'_>) -> usize {
    match wanted {
        Wanted::Issuer { .. } => 256 * 1024,
        Wanted::Answer { .. } => 128 * 1024,
        Wanted::List { .. } => 32 << 20,
    }
}

/// Own choice, as are all below: somebody waits.
const PATIENCE: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(3);
/// From http to https, and from an old host to a new one.
const MOST_REDIRECTS: u32 = 3;
/// A folder of documents by a dozen authorities; what is cached does not count.
const MOST_CALLS: u32 = 256;

#[cfg(test)]
mod tests;
