//! Counting what is too frequent for a record each: access tokens that clients get for themselves as JWTs.
//!
//! One durable record for each would cap them at what the disk commits. They are counted here and written down every
//! second, one record for each client. What is lost when the machine dies is the count of that second; while the log
//! cannot be written, none is issued.

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

/// Tokens counted and not yet written down. Holds at most one entry for each registered client.
#[derive(Debug, Default)]
pub struct Tally(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    clients: BTreeMap<ClientId, Count>,
    unwritten_since: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    tokens: u64,
    since: Timestamp,
}

impl Tally {
    /// Counts one token of `client`, about to be issued.
    ///
    /// # Errors
    /// A fault while the log cannot be written: then nothing is issued.
    pub fn count(&self, client: &ClientId, now: Timestamp) -> Result<(), Fault> {
        let mut counted = self.lock();
        if let Some(since) = counted.unwritten_since
            && now.since(since) > PATIENCE
        {
            return Err(Fault::plain(
                "issued tokens could not be written down for too long",
            ));
        }
        match counted.clients.get_mut(client) {
            Some(count) => count.tokens = count.tokens.saturating_add(1),
            None => {
                counted.clients.insert(
                    client.clone(),
                    Count {
                        tokens: 1,
                        since: now,
                    },
                );
            }
        }
        Ok(())
    }

    fn take(&self) -> BTreeMap<ClientId, Count> {
        std::mem::take(&mut self.lock().clients)
    }

    fn written(&self) {
        self.lock().unwritten_since = None;
    }

    fn give_back(&self, taken: BTreeMap<ClientId, Count>, now: Timestamp) {
        let mut counted = self.lock();
        counted.unwritten_since.get_or_insert(now);
        for (client, count) in taken {
            let known = counted
                .clients
                .entry(client)
                .or_insert(Count { tokens: 0, ..count });
            known.tokens = known.tokens.saturating_add(count.tokens);
            known.since = known.since.min(count.since);
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
            tracing::error!(%fault, "could not write down how many tokens clients got");
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

async fn append_all(idp: &Idp, taken: &BTreeMap<ClientId, Count>, now: Timestamp) -> Result<(), Fault> {
    let mut write = idp.store.write().await?;
    for (client, count) in taken {
        let record = Record::new(Event::ClientTokensCounted, Outcome::Done)
            .client(client)
            .with("tokens", count.tokens.to_string())
            .with("since", count.since.0.to_string());
        store::audit::append(&mut write, &record, now).await?;
    }
    write.commit().await
}

/// A crash loses the counts of so long.
const EVERY: Duration = Duration::from_secs(1);
/// Longer than the longest wait for the database.
const PATIENCE: Seconds = Seconds(15);

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(tally: &Tally) -> Vec<(String, u64)> {
        let taken = tally.take();
        taken
            .iter()
            .map(|(client, count)| (client.to_string(), count.tokens))
            .collect()
    }

    #[test]
    fn each_client_is_counted_apart_and_taken_once() {
        let tally = Tally::default();
        for client in ["a", "b", "a"] {
            tally.count(&ClientId::known(client), Timestamp(0)).unwrap();
        }
        assert_eq!(tokens(&tally), [("a".to_owned(), 2), ("b".to_owned(), 1)]);
        assert_eq!(tokens(&tally), []);
    }

    #[test]
    fn what_could_not_be_written_is_counted_on() {
        let tally = Tally::default();
        tally.count(&ClientId::known("a"), Timestamp(0)).unwrap();
        let taken = tally.take();
        tally.count(&ClientId::known("a"), Timestamp(1)).unwrap();
        tally.give_back(taken, Timestamp(1));
        assert_eq!(tokens(&tally), [("a".to_owned(), 2)]);
    }

    #[test]
    fn nothing_is_issued_while_nothing_can_be_written() {
        let tally = Tally::default();
        tally.give_back(BTreeMap::new(), Timestamp(0));
        assert!(tally.count(&ClientId::known("a"), Timestamp(15)).is_ok());
        assert!(tally.count(&ClientId::known("a"), Timestamp(16)).is_err());
        tally.written();
        assert!(tally.count(&ClientId::known("a"), Timestamp(99)).is_ok());
    }
}
