//! What the service fetches for documents that lack evidence, when its operator lets it: on the public internet alone,
//! and not the same thing twice in a few minutes. Nothing that comes back is read here: it goes to the cell that asked.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sdk::fetch::Guarded;
use sdk_document::{Fetch, Unfetched, Wanted};

use crate::clock::Clock;
use crate::rules::{Moment, Seconds};

/// Guarded calls ([`sdk::fetch`]), with a memory.
#[derive(Debug)]
pub struct Calls {
    clock: Clock,
    held: Mutex<HashMap<Vec<u8>, Held>>,
}

/// What was fetched, and when.
#[derive(Debug)]
struct Held {
    since: Moment,
    bytes: Vec<u8>,
}

impl Calls {
    /// By this clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            held: Mutex::default(),
        }
    }

    fn held(&self, key: &[u8], now: Moment) -> Option<Vec<u8>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let found = held.get(key)?;
        (now.since(found.since) < KEPT).then(|| found.bytes.clone())
    }

    fn keep(&self, key: Vec<u8>, bytes: &[u8], now: Moment) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, one| now.since(one.since) < KEPT);
        let all: usize = held.values().map(|one| one.bytes.len()).sum();
        if all.saturating_add(bytes.len()) > MOST_OCTETS || held.len() >= MOST_THINGS {
            held.clear();
        }
        let (since, bytes) = (now, bytes.to_vec());
        held.insert(key, Held { since, bytes });
    }
}

impl Fetch for Calls {
    fn fetch(&self, wanted: &Wanted<'_>) -> Result<Vec<u8>, Unfetched> {
        let (key, now) = (key(wanted), self.clock.now());
        if let Some(bytes) = self.held(&key, now) {
            return Ok(bytes);
        }
        let guarded = Guarded::new().map_err(|_| Unfetched::Unreachable)?;
        let bytes = guarded.patient_for(PATIENCE).fetch(wanted)?;
        self.keep(key, &bytes, now);
        Ok(bytes)
    }
}

fn key(wanted: &Wanted<'_>) -> Vec<u8> {
    let (kind, request): (u8, &[u8]) = match wanted {
        Wanted::Issuer { .. } => (0, &[]),
        Wanted::List { .. } => (1, &[]),
        Wanted::Answer { request, .. } => (2, request),
    };
    // No address holds a zero octet: it ends before the request begins.
    [&[kind], wanted.address().as_bytes(), &[0], request].concat()
}

/// Own choice, as are all below: a revocation that is published is heard within minutes, as row 39 asks for signing.
const KEPT: Seconds = Seconds(300);
/// Two of the longest lists that are fetched.
const MOST_OCTETS: usize = 64 << 20;
const MOST_THINGS: usize = 1_000;
/// For one call: somebody waits, and a cell is taken.
const PATIENCE: Duration = Duration::from_secs(4);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_800_000_000);

    fn calls() -> Calls {
        Calls::new(Clock::fixed(NOW))
    }

    #[test]
    fn what_was_fetched_is_held_for_five_minutes() {
        let calls = calls();
        calls.keep(vec![1], b"list", NOW);
        assert_eq!(calls.held(&[1], NOW.plus(Seconds(299))), Some(b"list".to_vec()));
        assert_eq!(calls.held(&[1], NOW.plus(KEPT)), None);
        assert_eq!(calls.held(&[2], NOW), None);
    }

    #[test]
    fn memory_is_bounded_in_octets_and_in_things() {
        let calls = calls();
        let large = vec![0; MOST_OCTETS / 2];
        for n in 0..4 {
            calls.keep(vec![n], &large, NOW);
        }
        let octets = |calls: &Calls| -> usize {
            let held = calls.held.lock().unwrap();
            held.values().map(|one| one.bytes.len()).sum()
        };
        assert!(octets(&calls) <= MOST_OCTETS);
        for n in 0..2 * MOST_THINGS {
            calls.keep(n.to_be_bytes().to_vec(), b"x", NOW);
        }
        assert!(calls.held.lock().unwrap().len() <= MOST_THINGS);
    }

    #[test]
    fn two_questions_to_one_responder_are_two_things() {
        let answer = |request| {
            key(&Wanted::Answer {
                address: "http://ocsp.example/",
                request,
            })
        };
        assert_ne!(answer(b"one"), answer(b"two"));
        let address = "http://ocsp.example/";
        assert_ne!(key(&Wanted::List { address }), key(&Wanted::Issuer { address }));
    }

    #[test]
    fn row_61_this_machine_is_not_called() {
        for address in [
            "http://127.0.0.1:1/",
            "http://[::1]:1/",
            "http://169.254.169.254/",
        ] {
            assert_eq!(
                calls().fetch(&Wanted::List { address }),
                Err(Unfetched::NotPublic)
            );
        }
    }
}
