//! Counting what is too frequent for a record each: access tokens that clients get for themselves as JWTs, and data that
//! is read again with the same access token.
//!
//! One durable record for each would cap them at what the disk commits. They are counted here and written down every
//! second, one record for each client or reading. What is lost when the machine dies is the count of that second; while
//! the log cannot be written, none is issued and nothing is read again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    error::Fault,
    rules::{
        audit::{Event, Outcome, Record},
        ids::ClientId,
        time::{Seconds, Timestamp},
    },
    service::Idp,
    store,
};

use super::readings::Known;

/// What was counted and not yet written down. Holds at most one entry for each registered client and for each known
/// reading.
#[derive(Debug, Default)]
pub struct Tally(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    counts: Counts,
    unwritten_since: Option<Timestamp>,
}

type Counts = BTreeMap<Key, Count>;

/// What is counted apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// Tokens of a client.
    Tokens(ClientId),
    /// The same data, read again with the same token.
    Reading(Known),
}

#[derive(Debug, Clone)]
struct Count {
    /// All but how often.
    record: Record,
    times: u64,
    since: Timestamp,
}

impl Tally {
    /// Counts one token of `client`, about to be issued.
    ///
    /// # Errors
    /// A fault while the log cannot be written: then nothing is issued.
    pub fn token(&self, client: &ClientId, now: Timestamp) -> Result<(), Fault> {
        let record = || Record::new(Event::ClientTokensCounted, Outcome::Done).client(client);
        self.count(Key::Tokens(client.clone()), record, now)
    }

    /// Counts one more reading that `record` tells of, about to be answered.
    ///
    /// # Errors
    /// A fault while the log cannot be written: then nothing is released.
    pub fn reading(
        &self,
        known: Known,
        record: impl FnOnce() -> Record,
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.count(Key::Reading(known), record, now)
    }

    fn count(&self, key: Key, record: impl FnOnce() -> Record, now: Timestamp) -> Result<(), Fault> {
        let mut counted = self.lock();
        if let Some(since) = counted.unwritten_since
            && now.since(since) > PATIENCE
        {
            return Err(Fault::plain(
                "what is counted could not be written down for too long",
            ));
        }
        let count = counted.counts.entry(key).or_insert_with(|| Count {
            record: record(),
            times: 0,
            since: now,
        });
        count.times = count.times.saturating_add(1);
        Ok(())
    }

    fn take(&self) -> Counts {
        std::mem::take(&mut self.lock().counts)
    }

    fn written(&self) {
        self.lock().unwritten_since = None;
    }

    fn give_back(&self, taken: Counts, now: Timestamp) {
        let mut counted = self.lock();
        counted.unwritten_since.get_or_insert(now);
        for (key, count) in taken {
            match counted.counts.get_mut(&key) {
                Some(known) => {
                    known.times = known.times.saturating_add(count.times);
                    known.since = known.since.min(count.since);
                }
                None => {
                    counted.counts.insert(key, count);
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes down what was counted, every second, as long as the service runs.
pub async fn forever(idp: Arc<Idp>) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(fault) = write_down(&idp).await {
            tracing::error!(%fault, "could not write down what was counted");
        }
    }
}

/// Writes down what was counted since the last time.
///
/// # Errors
/// A fault when it cannot be written; the counts are kept for the next time.
pub async fn write_down(idp: &Idp) -> Result<(), Fault> {
    let taken = idp.tally.take();
    if taken.is_empty() {
        return Ok(());
    }
    let now = idp.now();
    let written = append_all(idp, &taken, now).await;
    match written {
        Ok(()) => idp.tally.written(),
        Err(_) => idp.tally.give_back(taken, now),
    }
    written
}

async fn append_all(idp: &Idp, taken: &Counts, now: Timestamp) -> Result<(), Fault> {
    let mut write = idp.store.write().await?;
    for (key, count) in taken {
        let record = count.record.clone().with(key.unit(), count.times.to_string());
        let record = record.with("since", count.since.0.to_string());
        store::audit::append(&mut write, &record, now).await?;
    }
    write.commit().await
}

impl Key {
    /// What the number in the record is a number of.
    fn unit(&self) -> &'static str {
        match self {
            Self::Tokens(_) => "tokens",
            Self::Reading(_) => "times",
        }
    }
}

/// A crash loses the counts of so long.
const EVERY: Duration = Duration::from_secs(1);
/// Longer than the longest wait for the database.
const PATIENCE: Seconds = Seconds(15);

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(tally: &Tally) -> Vec<(Option<String>, u64)> {
        let taken = tally.take();
        taken
            .values()
            .map(|count| (count.record.client.as_ref().map(ToString::to_string), count.times))
            .collect()
    }

    fn client(name: &str) -> Option<String> {
        Some(name.to_owned())
    }

    #[test]
    fn each_client_is_counted_apart_and_taken_once() {
        let tally = Tally::default();
        for client in ["a", "b", "a"] {
            tally.token(&ClientId::known(client), Timestamp(0)).unwrap();
        }
        assert_eq!(counts(&tally), [(client("a"), 2), (client("b"), 1)]);
        assert_eq!(counts(&tally), []);
    }

    #[test]
    fn each_reading_is_counted_apart_and_keeps_its_record() {
        let tally = Tally::default();
        for token in ["a", "b", "a"] {
            let record = || Record::new(Event::ClaimsReleased, Outcome::Done).client(&ClientId::known(token));
            let known = Known::of(token, ["openid", "", "0"]);
            tally.reading(known, record, Timestamp(0)).unwrap();
        }
        let mut counted = counts(&tally);
        counted.sort_unstable();
        assert_eq!(counted, [(client("a"), 2), (client("b"), 1)]);
    }

    #[test]
    fn what_could_not_be_written_is_counted_on() {
        let tally = Tally::default();
        tally.token(&ClientId::known("a"), Timestamp(0)).unwrap();
        let taken = tally.take();
        tally.token(&ClientId::known("a"), Timestamp(1)).unwrap();
        tally.give_back(taken, Timestamp(1));
        assert_eq!(counts(&tally), [(client("a"), 2)]);
    }

    #[test]
    fn nothing_is_issued_while_nothing_can_be_written() {
        let tally = Tally::default();
        tally.give_back(BTreeMap::new(), Timestamp(0));
        assert!(tally.token(&ClientId::known("a"), Timestamp(15)).is_ok());
        assert!(tally.token(&ClientId::known("a"), Timestamp(16)).is_err());
        tally.written();
        assert!(tally.token(&ClientId::known("a"), Timestamp(99)).is_ok());
    }
}
