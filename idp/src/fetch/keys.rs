//! Clients' key sets, fetched from their `jwks_uri` and kept for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use sdk_jose::JwkSet;
use tokio::sync::Mutex as Turn;
use url::Url;

use super::{Fetch, JSON};
use crate::rules::time::{Seconds, Timestamp};

/// The key sets at addresses. Whoever wants the same one at the same moment waits for one fetch.
#[derive(Default)]
pub struct KeySets {
    known: Mutex<HashMap<String, Arc<Turn<Entry>>>>,
}

/// How sure the caller must be that a set is the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// At most ten minutes old.
    Usual,
    /// A key was not in it: its owner may have changed keys just now.
    KeyMissing,
}

#[derive(Default)]
struct Entry {
    keys: Option<Arc<JwkSet>>,
    fetched_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

impl KeySets {
    /// The set at `address`; none when it cannot be had. A set that was good an hour ago goes on while its server is
    /// away.
    pub async fn at(
        &self,
        fetch: &dyn Fetch,
        address: &str,
        freshness: Freshness,
        now: Timestamp,
    ) -> Option<Arc<JwkSet>> {
        let entry = self.entry(address);
        let mut entry = entry.lock().await;
        if entry.wants_fetching(freshness, now) {
            entry.tried_at = Some(now);
            if let Some(keys) = fetched(fetch, address).await {
                entry.keys = Some(Arc::new(keys));
                entry.fetched_at = Some(now);
            }
        }
        let young = |at: Timestamp| now.since(at) < LONGEST;
        entry.keys.clone().filter(|_| entry.fetched_at.is_some_and(young))
    }

    fn entry(&self, address: &str) -> Arc<Turn<Entry>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(address) {
            // Rare, and costs a fetch each: simpler than knowing who was here last.
            known.clear();
        }
        Arc::clone(known.entry(address.to_owned()).or_default())
    }
}

impl Entry {
    fn wants_fetching(&self, freshness: Freshness, now: Timestamp) -> bool {
        let since = |at: Option<Timestamp>| at.map(|at| now.since(at));
        if since(self.tried_at).is_some_and(|since| since < PAUSE) {
            return false;
        }
        match freshness {
            Freshness::KeyMissing => true,
            Freshness::Usual => since(self.fetched_at).is_none_or(|since| since >= USUAL),
        }
    }
}

async fn fetched(fetch: &dyn Fetch, address: &str) -> Option<JwkSet> {
    let url = Url::parse(address).ok()?;
    match fetch.get(&url, JSON).await {
        Ok(document) => JwkSet::parse(&document.body)
            .inspect_err(|refusal| tracing::info!(host = url.host_str(), %refusal, "a key set is not usable"))
            .ok(),
        Err(reason) => {
            tracing::info!(host = url.host_str(), %reason, "a key set could not be fetched");
            None
        }
    }
}

/// As long as our own set may be kept by others (`Cache-Control` of `/jwks`).
const USUAL: Seconds = Seconds(600);
/// Between two fetches, whatever is asked: made-up `kid`s do not turn us against a client's server.
const PAUSE: Seconds = Seconds(30);
/// A server that is away this long cannot have told us that a key was stolen.
const LONGEST: Seconds = Seconds(3600);
/// Ours: a country's agencies; a set is a few kilobytes.
const MOST: usize = 1024;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;
    use crate::fetch::{Asked, Fetched, Fetching, Unfetched, Wanted};

    /// A client's server that counts.
    #[derive(Default)]
    struct Server {
        asked: AtomicUsize,
        away: AtomicBool,
    }

    impl Fetch for Server {
        fn get<'a>(&'a self, _: &'a Url, _: Wanted) -> Fetching<'a> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let away = self.away.load(Ordering::SeqCst);
            Box::pin(async move {
                tokio::task::yield_now().await;
                if away {
                    return Err(Unfetched::Unreachable);
                }
                Ok(Fetched {
                    status: 200,
                    content_type: String::new(),
                    body: br#"{"keys":[]}"#.to_vec(),
                })
            })
        }

        fn post<'a>(&'a self, _: &'a Url, _: String) -> Fetching<'a> {
            Box::pin(async { Err(Unfetched::Unreachable) })
        }

        fn ask<'a>(&'a self, _: &'a Url, _: Asked) -> Fetching<'a> {
            Box::pin(async { Err(Unfetched::Unreachable) })
        }
    }

    /// Whether there is a set at each of these moments, and how often the server was asked.
    async fn asking(moments: &[(i64, Freshness)], away_after: i64) -> (Vec<bool>, usize) {
        let (sets, server) = (KeySets::default(), Server::default());
        let mut found = Vec::new();
        for (moment, freshness) in moments {
            server.away.store(*moment > away_after, Ordering::SeqCst);
            let set = sets
                .at(
                    &server,
                    "https://agency.example/jwks",
                    *freshness,
                    Timestamp(*moment),
                )
                .await;
            found.push(set.is_some());
        }
        (found, server.asked.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_set_is_kept_for_ten_minutes() {
        use Freshness::Usual;
        let (_, asked) = asking(&[(0, Usual), (599, Usual)], i64::MAX).await;
        assert_eq!(asked, 1);
        let (_, asked) = asking(&[(0, Usual), (600, Usual)], i64::MAX).await;
        assert_eq!(asked, 2);
    }

    #[tokio::test]
    async fn a_missing_key_is_looked_for_again_every_half_minute() {
        use Freshness::{KeyMissing, Usual};
        let (_, asked) = asking(&[(0, Usual), (1, KeyMissing), (29, KeyMissing)], i64::MAX).await;
        assert_eq!(asked, 1);
        let (_, asked) = asking(&[(0, Usual), (30, KeyMissing), (31, KeyMissing)], i64::MAX).await;
        assert_eq!(asked, 2);
    }

    #[tokio::test]
    async fn a_set_outlives_its_server_for_an_hour() {
        use Freshness::Usual;
        let (found, _) = asking(&[(0, Usual), (3599, Usual), (3600, Usual)], 0).await;
        assert_eq!(found, [true, true, false]);
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_not_asked_all_the_time() {
        use Freshness::Usual;
        let (found, asked) = asking(&[(1, Usual), (2, Usual), (30, Usual), (31, Usual)], 0).await;
        assert_eq!((found, asked), (vec![false; 4], 2));
    }

    #[tokio::test]
    async fn many_at_once_make_one_fetch() {
        let (sets, server) = (Arc::new(KeySets::default()), Arc::new(Server::default()));
        let mut all = Vec::new();
        for _ in 0..50 {
            let (sets, server) = (Arc::clone(&sets), Arc::clone(&server));
            all.push(tokio::spawn(async move {
                sets.at(
                    server.as_ref(),
                    "https://agency.example/jwks",
                    Freshness::KeyMissing,
                    Timestamp(5),
                )
                .await
            }));
        }
        for one in all {
            assert!(one.await.unwrap().is_some());
        }
        assert_eq!(server.asked.load(Ordering::SeqCst), 1);
    }
}
