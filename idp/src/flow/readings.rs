//! Which data was read with which access token: the first reading has a durable record before its answer, the same data
//! read again with the same token is counted ([`super::tally`]).
//!
//! What is known here is a shortcut and nothing depends on it: a node that has just started, another node, or one that
//! forgot, writes a record of its own.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, PoisonError},
};

use crate::rules::secret::Digest;

/// One access token and what it opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Known([u8; 32]);

/// The readings whose record is durable, as far as this node remembers.
#[derive(Debug, Default)]
pub struct Readings(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    known: HashSet<Known>,
    oldest_first: VecDeque<Known>,
}

impl Known {
    /// What `token` opened: its scopes, its single claims, and as of when the data is. Data that changed is another
    /// reading.
    #[must_use]
    pub fn of(token: &str, [scopes, claims, updated_at]: [&str; 3]) -> Self {
        // None of these can hold a line break: tokens, scopes and names of claims are printable ASCII.
        let all = [token, scopes, claims, updated_at].join("\n");
        Self(*Digest::of(all.as_bytes()).bytes())
    }
}

impl Readings {
    /// A record of this reading is durable.
    #[must_use]
    pub fn knows(&self, reading: Known) -> bool {
        let remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.known.contains(&reading)
    }

    /// To be called when its record is durable, not before.
    pub fn remember(&self, reading: Known) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !remembered.known.insert(reading) {
            return;
        }
        remembered.oldest_first.push_back(reading);
        if remembered.oldest_first.len() > MOST
            && let Some(oldest) = remembered.oldest_first.pop_front()
        {
            remembered.known.remove(&oldest);
        }
    }
}

/// Two megabytes. Whoever reads again mostly does so at once; a record too many is the price of a later one.
const MOST: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(number: usize) -> Known {
        Known::of(&number.to_string(), ["openid profile", "", "0"])
    }

    #[test]
    fn only_what_was_remembered_is_known() {
        let readings = Readings::default();
        assert!(!readings.knows(reading(1)));
        readings.remember(reading(1));
        assert!(readings.knows(reading(1)) && !readings.knows(reading(2)));
    }

    #[test]
    fn more_data_or_newer_data_is_another_reading() {
        let read = Known::of("t", ["openid", "email", "5"]);
        for other in [
            ["openid profile", "email", "5"],
            ["openid", "", "5"],
            ["openid", "email", "6"],
        ] {
            assert_ne!(read, Known::of("t", other));
        }
        assert_ne!(read, Known::of("u", ["openid", "email", "5"]));
    }

    #[test]
    fn the_oldest_is_forgotten_when_there_are_too_many() {
        let readings = Readings::default();
        for number in 0..=MOST {
            readings.remember(reading(number));
            readings.remember(reading(number));
        }
        assert!(!readings.knows(reading(0)) && readings.knows(reading(1)) && readings.knows(reading(MOST)));
    }
}
