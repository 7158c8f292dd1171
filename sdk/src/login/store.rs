//! Where sessions and logins under way are kept.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use sdk_jose::UnixTime;

/// The name of a record: the SHA-256 of something that only a browser has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HashedId([u8; 32]);

/// A record and when it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Opaque, and sealed under the browser's secret.
    pub bytes: Vec<u8>,
    /// From then on it does not exist.
    pub expires: UnixTime,
}

/// Records by hashed id. Contents are sealed before they arrive: a store never sees who is logged in.
///
/// Every method is told the time; a record whose `expires` is not after `now` does not exist.
#[async_trait]
pub trait SessionStore: Send + Sync + 'static {
    /// Keeps a record.
    async fn put(&self, id: &HashedId, record: Stored, now: UnixTime) -> Result<(), StoreFault>;

    /// Reads a record.
    async fn get(&self, id: &HashedId, now: UnixTime) -> Result<Option<Stored>, StoreFault>;

    /// Removes a record and returns it, in one step: of two callers at the same time one gets it.
    async fn take(&self, id: &HashedId, now: UnixTime) -> Result<Option<Stored>, StoreFault>;

    /// Moves the end of a record that exists. Must not bring back one that was removed.
    async fn extend(&self, id: &HashedId, expires: UnixTime, now: UnixTime) -> Result<(), StoreFault>;

    /// Removes a record, if there is one.
    async fn remove(&self, id: &HashedId) -> Result<(), StoreFault>;
}

/// The store could not answer. The text is for a log.
#[derive(Debug, thiserror::Error)]
#[error("the session store cannot answer: {0}")]
pub struct StoreFault(#[source] pub Box<dyn std::error::Error + Send + Sync>);

impl StoreFault {
    /// A fault with this cause.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl HashedId {
    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 32 bytes as 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }

    pub(crate) fn from_digest(digest: ring::digest::Digest) -> Self {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        Self(bytes)
    }
}

/// Keeps records in memory: for one process, whose restart logs everybody out.
///
/// Holds a bounded number of records; when it is full, the one that ends first goes. Logins under way
/// end long before sessions do, so a flood of them pushes out its own.
pub struct MemoryStore {
    records: Mutex<Records>,
    capacity: usize,
}

#[derive(Default)]
struct Records {
    by_id: HashMap<HashedId, Stored>,
    by_end: BTreeSet<(UnixTime, HashedId)>,
}

impl MemoryStore {
    /// A store for at most `capacity` records.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            records: Mutex::new(Records::default()),
            capacity,
        }
    }

    /// A panic elsewhere cannot leave the two maps apart: each change is made whole under the lock.
    fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    /// 100 000 records of about a kilobyte each.
    fn default() -> Self {
        Self::new(100_000)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl SessionStore for MemoryStore {
    async fn put(&self, id: &HashedId, record: Stored, now: UnixTime) -> Result<(), StoreFault> {
        let mut records = self.records();
        records.remove(id);
        records.drop_ended(now);
        while records.by_id.len() >= self.capacity && records.drop_first() {}
        records.by_end.insert((record.expires, *id));
        records.by_id.insert(*id, record);
        Ok(())
    }

    async fn get(&self, id: &HashedId, now: UnixTime) -> Result<Option<Stored>, StoreFault> {
        Ok(self
            .records()
            .by_id
            .get(id)
            .filter(|record| record.expires > now)
            .cloned())
    }

    async fn take(&self, id: &HashedId, now: UnixTime) -> Result<Option<Stored>, StoreFault> {
        Ok(self.records().remove(id).filter(|record| record.expires > now))
    }

    async fn extend(&self, id: &HashedId, expires: UnixTime, now: UnixTime) -> Result<(), StoreFault> {
        let mut records = self.records();
        if let Some(mut record) = records.remove(id).filter(|record| record.expires > now) {
            record.expires = expires;
            records.by_end.insert((expires, *id));
            records.by_id.insert(*id, record);
        }
        Ok(())
    }

    async fn remove(&self, id: &HashedId) -> Result<(), StoreFault> {
        self.records().remove(id);
        Ok(())
    }
}

impl Records {
    fn remove(&mut self, id: &HashedId) -> Option<Stored> {
        let record = self.by_id.remove(id)?;
        self.by_end.remove(&(record.expires, *id));
        Some(record)
    }

    fn drop_ended(&mut self, now: UnixTime) {
        while self.by_end.first().is_some_and(|(end, _)| *end <= now) && self.drop_first() {}
    }

    fn drop_first(&mut self) -> bool {
        let first = self.by_end.pop_first();
        first.is_some_and(|(_, id)| self.by_id.remove(&id).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> HashedId {
        HashedId([n; 32])
    }

    fn until(expires: i64) -> Stored {
        Stored {
            bytes: vec![1],
            expires: UnixTime(expires),
        }
    }

    const NOW: UnixTime = UnixTime(100);

    #[tokio::test]
    async fn a_record_is_taken_once() {
        let store = MemoryStore::default();
        store.put(&id(1), until(200), NOW).await.unwrap();
        assert!(store.take(&id(1), NOW).await.unwrap().is_some());
        assert!(store.take(&id(1), NOW).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn an_ended_record_does_not_exist() {
        let store = MemoryStore::default();
        store.put(&id(1), until(200), NOW).await.unwrap();
        assert!(store.get(&id(1), UnixTime(199)).await.unwrap().is_some());
        assert!(store.get(&id(1), UnixTime(200)).await.unwrap().is_none());
        assert!(store.take(&id(1), UnixTime(200)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_removed_record_is_not_brought_back() {
        let store = MemoryStore::default();
        store.put(&id(1), until(200), NOW).await.unwrap();
        store.remove(&id(1)).await.unwrap();
        store.extend(&id(1), UnixTime(300), NOW).await.unwrap();
        assert!(store.get(&id(1), NOW).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn the_end_of_a_record_moves() {
        let store = MemoryStore::default();
        store.put(&id(1), until(200), NOW).await.unwrap();
        store.extend(&id(1), UnixTime(300), NOW).await.unwrap();
        assert!(store.get(&id(1), UnixTime(250)).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_full_store_lets_go_what_ends_first() {
        let store = MemoryStore::new(2);
        store.put(&id(1), until(1000), NOW).await.unwrap();
        store.put(&id(2), until(200), NOW).await.unwrap();
        store.put(&id(3), until(300), NOW).await.unwrap();
        assert!(store.get(&id(1), NOW).await.unwrap().is_some());
        assert!(store.get(&id(2), NOW).await.unwrap().is_none());
        assert!(store.get(&id(3), NOW).await.unwrap().is_some());
    }
}
