//! What this node counts in memory, so that one caller cannot take the service from all others. Guesses at an account
//! are counted elsewhere, for all nodes together: see [`crate::flow::throttle`].

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use serde::Deserialize;

use crate::rules::{
    ids::ClientId,
    limits::{PerMinute, Rates},
    secret::Digest,
    time::{Seconds, Timestamp},
};

/// `[limits]` in the configuration. Zero is no limit.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Requests of one network (an IPv4 address, an IPv6 /64) in a minute.
    pub network_per_minute: PerMinute,
    /// Requests of one client that proved who it is, in a minute.
    pub client_per_minute: PerMinute,
    /// Failures of one client to prove who it is, in a minute, that are answered and audited one by one.
    pub client_failures_per_minute: PerMinute,
    /// Wrong guesses (passwords, activation codes, proofs of a recovery) from one network in a minute, beyond which
    /// browsers that are not known pay for each with a puzzle or a wait ([`crate::flow::effort`]).
    pub wrong_guesses_per_minute: PerMinute,
}

impl Default for Settings {
    /// * Network: five hundred people behind one address of a mobile operator who all log in within the same minute ask
    ///   some four thousand times (identity row 105).
    /// * Client: none. An agency is known, and its honest peak (a tax deadline) is more than any number that could be
    ///   guessed here; where agencies share a node, its operator sets one.
    /// * Wrong guesses: of five hundred people who log in within a minute some mistype; nobody is kept out by it anyway.
    /// * Failures: enough to see in the audit what an agency does wrong, and more than a certification run makes.
    fn default() -> Self {
        Self {
            network_per_minute: PerMinute(6_000),
            client_per_minute: PerMinute(0),
            client_failures_per_minute: PerMinute(60),
            wrong_guesses_per_minute: PerMinute(30),
        }
    }
}

/// The counters.
#[derive(Debug)]
pub struct Limits {
    networks: Mutex<Rates>,
    clients: Mutex<Rates>,
    failures: Mutex<Rates>,
    guesses: Mutex<Rates>,
}

impl Limits {
    /// Nobody has asked anything yet.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let rates = |rate| Mutex::new(Rates::new(rate));
        Self {
            networks: rates(settings.network_per_minute),
            clients: rates(settings.client_per_minute),
            failures: rates(settings.client_failures_per_minute),
            guesses: rates(settings.wrong_guesses_per_minute),
        }
    }

    /// A request comes from this address. This machine is not limited: a proxy on it that the operator did not name
    /// would be taken for a single visitor.
    ///
    /// # Errors
    /// How long to wait.
    pub fn network(&self, address: IpAddr, now: Timestamp) -> Result<(), Seconds> {
        match network(address) {
            Some(network) => take(&self.networks, network, now),
            None => Ok(()),
        }
    }

    /// A guess that came from this address was wrong.
    pub fn wrong_guess(&self, address: IpAddr, now: Timestamp) {
        if let Some(network) = network(address) {
            // Beyond the rate it makes no difference by how much.
            let _ = take(&self.guesses, network, now);
        }
    }

    /// From this address came as many wrong guesses as honest people make, and more.
    #[must_use]
    pub fn guesses_used_up(&self, address: IpAddr, now: Timestamp) -> bool {
        let rates = self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        network(address).is_some_and(|network| rates.used_up(network, now))
    }

    /// A client proved who it is and asks something.
    ///
    /// # Errors
    /// How long to wait.
    pub fn client(&self, client: &ClientId, now: Timestamp) -> Result<(), Seconds> {
        take(&self.clients, tag(client), now)
    }

    /// Somebody failed to prove that they are this client. Never asked of whoever succeeds: a stranger who guesses must
    /// not keep the agency out.
    ///
    /// # Errors
    /// There were so many that one more is not worth a record.
    pub fn failure(&self, client: &ClientId, now: Timestamp) -> Result<(), Seconds> {
        take(&self.failures, tag(client), now)
    }
}

/// Whoever has one address has all of its /64 (RFC 6177 §2). This machine is nobody's network.
fn network(address: IpAddr) -> Option<u64> {
    match address.to_canonical() {
        address if address.is_loopback() => None,
        IpAddr::V4(address) => Some(u64::from(address.to_bits())),
        IpAddr::V6(address) => u64::try_from(address.to_bits() >> 64_u32).ok(),
    }
}

fn take(rates: &Mutex<Rates>, caller: u64, now: Timestamp) -> Result<(), Seconds> {
    // Whoever panicked while counting left a count behind, which is as good as any.
    let mut rates = rates.lock().unwrap_or_else(PoisonError::into_inner);
    rates.take(caller, now)
}

fn tag(client: &ClientId) -> u64 {
    let digest = Digest::of(client.as_str().as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = *digest.bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_260_000);

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn row_105_five_hundred_people_behind_one_address_log_in_within_a_minute() {
        let limits = Limits::new(&Settings::default());
        for _ in 0..500 {
            for _ in 0..10 {
                assert!(limits.network(ip("203.0.113.7"), NOW).is_ok());
            }
        }
    }

    #[test]
    fn a_flood_from_one_network_is_stopped_and_nobody_else() {
        let limits = Limits::new(&Settings::default());
        let host = |n: u32| IpAddr::V6((0x2001_0db8_u128 << 96 | u128::from(n)).into());
        let admitted = (0..20_000)
            .filter(|n| limits.network(host(*n), NOW).is_ok())
            .count();
        assert_eq!(admitted, 6_000, "one /64 is one caller");
        assert!(limits.network(ip("2001:db8:0:1::1"), NOW).is_ok());
    }

    #[test]
    fn this_machine_is_not_limited() {
        let limits = Limits::new(&Settings::default());
        assert!((0..20_000).all(|_| limits.network(ip("::ffff:127.0.0.1"), NOW).is_ok()));
    }

    #[test]
    fn row_105_wrong_guesses_are_counted_by_network_and_never_keep_anybody_from_asking() {
        let limits = Limits::new(&Settings::default());
        for _ in 0..100 {
            limits.wrong_guess(ip("203.0.113.7"), NOW);
            limits.wrong_guess(ip("127.0.0.1"), NOW);
        }
        assert!(limits.guesses_used_up(ip("::ffff:203.0.113.7"), NOW));
        assert!(!limits.guesses_used_up(ip("203.0.113.8"), NOW));
        assert!(!limits.guesses_used_up(ip("127.0.0.1"), NOW));
        assert!(limits.network(ip("203.0.113.7"), NOW).is_ok());
    }

    #[test]
    fn failures_do_not_use_up_what_the_client_may_ask() {
        let limits = Limits::new(&Settings::default());
        let client = ClientId::known("agency");
        assert_eq!(
            (0..200).filter(|_| limits.failure(&client, NOW).is_ok()).count(),
            60
        );
        assert!(limits.client(&client, NOW).is_ok());
    }
}
