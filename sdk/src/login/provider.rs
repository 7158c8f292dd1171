//! What the idp says about itself: its endpoints and its keys, fetched when needed and kept for a while.

use std::sync::Arc;

use sdk_jose::{JwkSet, Seconds, UnixTime};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::error::Fault;
use super::outgoing::{Outgoing, OutgoingFault, answer};

/// The idp, known or not yet.
#[derive(Debug)]
pub(crate) struct Provider {
    issuer: String,
    http: Outgoing,
    memory: Mutex<Memory>,
}

/// What has been learnt, and when we last asked.
#[derive(Debug, Default)]
struct Memory {
    known: Option<Arc<Known>>,
    last_failure: Option<UnixTime>,
    last_new_keys: Option<UnixTime>,
}

/// The idp's endpoints and keys at some moment.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) userinfo: Option<Url>,
    pub(crate) end_session: Option<Url>,
    pub(crate) post_secret: bool,
    pub(crate) keys: JwkSet,
    jwks: Url,
    since: UnixTime,
}

/// OpenID Connect Discovery §3, RP-Initiated Logout §2.1.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    userinfo_endpoint: Option<Url>,
    end_session_endpoint: Option<Url>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl Provider {
    pub(crate) fn new(issuer: String, http: Outgoing) -> Self {
        Self {
            issuer,
            http,
            memory: Mutex::new(Memory::default()),
        }
    }

    pub(crate) fn http(&self) -> &Outgoing {
        &self.http
    }

    /// What we know, asked for again when it is old; while the idp is silent, what we know serves until [`KEEP`]. One
    /// request at a time asks; the others wait for it.
    pub(crate) async fn known(&self, now: UnixTime) -> Result<Arc<Known>, Fault> {
        let mut memory = self.memory.lock().await;
        let kept = memory
            .known
            .as_ref()
            .filter(|known| known.since.plus(KEEP) > now)
            .map(Arc::clone);
        if let Some(known) = kept.as_ref().filter(|known| known.since.plus(FRESH) > now) {
            return Ok(Arc::clone(known));
        }
        // Without a pause every request of a busy application would wait for the same silence.
        if memory.last_failure.is_some_and(|at| at.plus(PAUSE) > now) {
            return kept.ok_or(Fault::Unavailable("nothing; it did not answer a moment ago"));
        }
        match self.fetch(now).await {
            Ok(known) => {
                let known = Arc::new(known);
                memory.known = Some(Arc::clone(&known));
                memory.last_failure = None;
                Ok(known)
            }
            Err(fault) => {
                memory.last_failure = Some(now);
                kept.ok_or(fault)
            }
        }
    }

    /// After a token named a key that is not in `stale`: the current keys, or `None` when we asked just now.
    pub(crate) async fn newer_keys(
        &self,
        stale: &Arc<Known>,
        now: UnixTime,
    ) -> Result<Option<Arc<Known>>, Fault> {
        let mut memory = self.memory.lock().await;
        if let Some(known) = memory.known.as_ref().filter(|known| !Arc::ptr_eq(known, stale)) {
            return Ok(Some(Arc::clone(known)));
        }
        if memory.last_new_keys.is_some_and(|at| at.plus(KEYS_PAUSE) > now) {
            return Ok(None);
        }
        memory.last_new_keys = Some(now);
        let known = Arc::new(Known {
            keys: self.keys(&stale.jwks).await?,
            since: now,
            ..stale.as_ref().clone()
        });
        memory.known = Some(Arc::clone(&known));
        Ok(Some(known))
    }

    async fn fetch(&self, now: UnixTime) -> Result<Known, Fault> {
        // Discovery §4: the path is appended to the issuer, whose own slash at the end is dropped.
        let address = format!(
            "{}/.well-known/openid-configuration",
            self.issuer.trim_end_matches('/')
        );
        let address = Url::parse(&address).map_err(|_| Fault::Provider("the issuer is no URL"))?;
        let metadata: Metadata = answer(self.http.get(&address)).await?.ok()?.json()?;
        // Discovery §4.3: exactly the issuer that was asked.
        if metadata.issuer != self.issuer {
            return Err(Fault::Provider("the discovery document names another issuer"));
        }
        let optional = [
            metadata.userinfo_endpoint.as_ref(),
            metadata.end_session_endpoint.as_ref(),
        ];
        let endpoints = [
            &metadata.authorization_endpoint,
            &metadata.token_endpoint,
            &metadata.jwks_uri,
        ];
        if !endpoints
            .into_iter()
            .chain(optional.into_iter().flatten())
            .all(|url| self.http.allows(url))
        {
            return Err(Fault::Provider("an endpoint is not on https"));
        }
        let methods = metadata.token_endpoint_auth_methods_supported.unwrap_or_default();
        let has = |method: &str| methods.iter().any(|m| m == method);
        Ok(Known {
            keys: self.keys(&metadata.jwks_uri).await?,
            authorization: metadata.authorization_endpoint,
            token: metadata.token_endpoint,
            userinfo: metadata.userinfo_endpoint,
            end_session: metadata.end_session_endpoint,
            // Discovery §3: client_secret_basic when nothing is said.
            post_secret: has("client_secret_post") && !has("client_secret_basic"),
            jwks: metadata.jwks_uri,
            since: now,
        })
    }

    async fn keys(&self, jwks: &Url) -> Result<JwkSet, Fault> {
        let answer = answer(self.http.get(jwks)).await?.ok()?;
        let keys = JwkSet::parse(&answer.body);
        keys.map_err(|e| {
            OutgoingFault::Content {
                url: jwks.to_string(),
                cause: e.to_string(),
            }
            .into()
        })
    }
}

/// Ours: a key that the idp withdraws is forgotten within the hour.
const KEEP: Seconds = Seconds(60 * 60);

/// Ours: asked again this early, so that an outage of half an hour harms nobody who is known already.
const FRESH: Seconds = Seconds(30 * 60);

/// Ours: how long a silence of the idp is taken for granted.
const PAUSE: Seconds = Seconds(2);

/// Ours: a stream of tokens with invented key ids makes one request in ten seconds.
const KEYS_PAUSE: Seconds = Seconds(10);
