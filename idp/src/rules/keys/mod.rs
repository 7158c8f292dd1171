//! The life of a signing key: published before it signs, published after it signed, and what the schedule asks.
//!
//! Three moments say everything: when a key was made (and so published), from when it signs, and when it was revoked if
//! it was. What a key is at a moment follows from its own moments and those of its successors, so all nodes that have
//! read the same rows agree without talking, and at the second.

mod key_use;

use super::{
    access_token::{ACCESS_LIFETIME, JWT_LIFETIME},
    answer::SIGNED_LIFETIME,
    grant::ID_TOKEN_LIFETIME,
    time::{Seconds, Timestamp},
};

pub use key_use::KeyUse;

/// What is known of a key apart from the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its id in the published set.
    pub kid: String,
    /// What it is for.
    pub key_use: KeyUse,
    /// Its place among the keys of its use, from 1. No two have the same: of two nodes that make a successor at
    /// once, one does.
    pub generation: i64,
    /// Where its private half is.
    pub home: Home,
    /// When it was made. It is published from then on.
    pub created_at: Timestamp,
    /// From when it signs.
    pub active_from: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Where a private half is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// Sealed in the database.
    Sealed,
    /// On a PKCS#11 token; it never leaves it.
    Pkcs11,
}

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Published so that every verifier has it when it begins to sign.
    Prepublished,
    /// It signs, or clients encrypt to it.
    Active,
    /// A successor does; what this one signed, or what was encrypted to it, may still be good.
    Grace,
    /// Nothing that it signed is good any more. It is not published, and its private half is destroyed.
    Retired,
    /// Taken back: not published, and nothing that it signed is accepted.
    Revoked,
}

impl Home {
    /// Its name in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Pkcs11 => "pkcs11",
        }
    }

    /// The home of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Sealed, Self::Pkcs11]
            .into_iter()
            .find(|home| home.name() == name)
    }
}

impl Stage {
    /// Its name for operators.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prepublished => "prepublished",
            Self::Active => "active",
            Self::Grace => "grace",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }

    /// Others find it in the published set: verifiers early and long enough; who encrypts, only what is to be encrypted
    /// to now (OpenID Connect Core §10.2.1).
    #[must_use]
    pub fn is_published(self, key_use: KeyUse) -> bool {
        match self {
            Self::Active => true,
            Self::Prepublished | Self::Grace => matches!(key_use, KeyUse::Signing(_)),
            Self::Retired | Self::Revoked => false,
        }
    }

    /// Its private half is of use: to sign now or soon, or to decrypt what may still come.
    #[must_use]
    pub fn is_in_use(self) -> bool {
        match self {
            Self::Prepublished | Self::Active | Self::Grace => true,
            Self::Retired | Self::Revoked => false,
        }
    }
}

impl KeyRecord {
    /// Where this key is in its life, among `all` keys (of any algorithm).
    #[must_use]
    pub fn stage(&self, all: &[Self], now: Timestamp) -> Stage {
        if self.revoked_at.is_some_and(|at| at.reached(now)) {
            return Stage::Revoked;
        }
        if !self.active_from.reached(now) {
            return Stage::Prepublished;
        }
        match self.superseded_at(all) {
            Some(at) if at.after(GRACE).reached(now) => Stage::Retired,
            Some(at) if at.reached(now) => Stage::Grace,
            Some(_) | None => Stage::Active,
        }
    }

    /// From when a successor signs, or signed; nothing while it has none.
    #[must_use]
    pub fn superseded_at(&self, all: &[Self]) -> Option<Timestamp> {
        all.iter()
            .filter(|other| other.key_use == self.key_use && other.order() > self.order())
            .filter(|other| other.ever_signs())
            .map(|other| other.active_from)
            .min()
    }

    /// It was not revoked before it could sign.
    fn ever_signs(&self) -> bool {
        self.revoked_at.is_none_or(|at| at > self.active_from)
    }

    fn order(&self) -> (Timestamp, i64) {
        (self.active_from, self.generation)
    }
}

/// The key of this use that is in its turn at `now`.
#[must_use]
pub fn active(all: &[KeyRecord], key_use: impl Into<KeyUse>, now: Timestamp) -> Option<&KeyRecord> {
    let key_use = key_use.into();
    all.iter()
        .filter(|key| key.key_use == key_use && key.stage(all, now) == Stage::Active)
        .max_by_key(|key| key.order())
}

/// The key of this use that waits for its turn.
#[must_use]
pub fn waiting(all: &[KeyRecord], key_use: impl Into<KeyUse>, now: Timestamp) -> Option<&KeyRecord> {
    let key_use = key_use.into();
    all.iter()
        .filter(|key| key.key_use == key_use && key.stage(all, now) == Stage::Prepublished)
        .min_by_key(|key| key.order())
}

/// A key that is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// What it is for.
    pub key_use: KeyUse,
    /// Its place among the keys of its use.
    pub generation: i64,
    /// From when it signs.
    pub active_from: Timestamp,
}

/// What the schedule asks for keys of a use at `now`: its first key at once; a successor when the signing key is `every`
/// old, made early enough to be published before; a successor, too, when the signing key is not at `home`. `None` when
/// nothing is to be made.
#[must_use]
pub fn due(
    all: &[KeyRecord],
    key_use: impl Into<KeyUse>,
    home: Home,
    every: Option<Seconds>,
    now: Timestamp,
) -> Option<Planned> {
    let key_use = key_use.into();
    let Some(active) = active(all, key_use, now) else {
        return Some(replacement(all, key_use, now));
    };
    if waiting(all, key_use, now).is_some() {
        return None;
    }
    let earliest = now.after(PREPUBLISH);
    let end = every.map(|every| active.active_from.after(every));
    let wanted = if active.home == home { end } else { Some(earliest) };
    wanted
        .filter(|end| end.before(PREPUBLISH).reached(now))
        .or(wanted.filter(|_| active.home != home))
        .map(|end| planned(all, key_use, end.max(earliest)))
}

/// The successor that an operator asks for: published now, signing as soon as every verifier can have it.
#[must_use]
pub fn successor(all: &[KeyRecord], key_use: impl Into<KeyUse>, now: Timestamp) -> Planned {
    planned(all, key_use.into(), now.after(PREPUBLISH))
}

/// The key that takes over at once, because none is left: verifiers that meet it must ask for the set again.
#[must_use]
pub fn replacement(all: &[KeyRecord], key_use: impl Into<KeyUse>, now: Timestamp) -> Planned {
    planned(all, key_use.into(), now)
}

fn planned(all: &[KeyRecord], key_use: KeyUse, active_from: Timestamp) -> Planned {
    let last = all
        .iter()
        .filter(|key| key.key_use == key_use)
        .map(|key| key.generation)
        .max();
    Planned {
        key_use,
        generation: last.unwrap_or(0).saturating_add(1),
        active_from,
    }
}

/// What we tell caches of the published set (RFC 9111 §5.2.2.1).
pub const JWKS_CACHE: Seconds = Seconds(600);
/// How often each node reads the keys again: a new, retired or revoked key is seen this late at most.
pub const RELOAD: Seconds = Seconds(5);
/// A key is published this long before it signs: the slowest node publishes it, the oldest cache runs out, and clocks
/// are a minute apart.
pub const PREPUBLISH: Seconds = Seconds(720);
/// Nothing that we sign is good for longer.
pub const LONGEST_TOKEN: Seconds = Seconds(3_600);
/// A key stays published this long after its last signature: the last token's whole life, and clocks that differ.
pub const GRACE: Seconds = Seconds(2 * 3_600);
/// `[keys] rotate_every_days` when it is not said. SP 800-57 part 1 §5.3.6 allows a signature key one to three years;
/// a quarter keeps the habit alive.
pub const ROTATE_EVERY_DAYS: u32 = 90;

const CLOCKS: i64 = sdk_jose::LEEWAY.0;
const _: () = {
    assert!(
        PREPUBLISH.0 >= JWKS_CACHE.0 + 2 * RELOAD.0 + CLOCKS,
        "too late for some cache"
    );
    assert!(
        GRACE.0 >= LONGEST_TOKEN.0 + RELOAD.0 + 2 * CLOCKS,
        "too early for some token"
    );
    assert!(ID_TOKEN_LIFETIME.0 <= LONGEST_TOKEN.0 && ACCESS_LIFETIME.0 <= LONGEST_TOKEN.0);
    assert!(JWT_LIFETIME.0 <= LONGEST_TOKEN.0 && SIGNED_LIFETIME.0 <= LONGEST_TOKEN.0);
};

#[cfg(test)]
mod promise;

#[cfg(test)]
mod tests {
    use sdk_jose::Algorithm;

    use super::*;

    const ES256: Algorithm = Algorithm::ES256;

    pub(super) fn key(generation: i64, created: i64, active: i64) -> KeyRecord {
        KeyRecord {
            kid: format!("k{generation}"),
            key_use: ES256.into(),
            generation,
            home: Home::Sealed,
            created_at: Timestamp(created),
            active_from: Timestamp(active),
            revoked_at: None,
        }
    }

    pub(super) fn made(plan: Planned, now: Timestamp) -> KeyRecord {
        KeyRecord {
            created_at: now,
            ..key(plan.generation, now.0, plan.active_from.0)
        }
    }

    fn stages(all: &[KeyRecord], now: i64) -> Vec<Stage> {
        all.iter().map(|key| key.stage(all, Timestamp(now))).collect()
    }

    #[test]
    fn a_key_goes_through_its_life() {
        let all = [key(1, 0, 0), key(2, 1_000, 2_000)];
        assert_eq!(stages(&all, 1_000), [Stage::Active, Stage::Prepublished]);
        assert_eq!(stages(&all, 1_999), [Stage::Active, Stage::Prepublished]);
        assert_eq!(stages(&all, 2_000), [Stage::Grace, Stage::Active]);
        assert_eq!(stages(&all, 2_000 + GRACE.0 - 1), [Stage::Grace, Stage::Active]);
        assert_eq!(stages(&all, 2_000 + GRACE.0), [Stage::Retired, Stage::Active]);
    }

    #[test]
    fn a_successor_that_was_revoked_before_its_turn_supersedes_nobody() {
        let mut all = [key(1, 0, 0), key(2, 1_000, 2_000)];
        all[1].revoked_at = Some(Timestamp(1_500));
        assert_eq!(stages(&all, 2_500), [Stage::Active, Stage::Revoked]);
    }

    #[test]
    fn a_successor_that_was_revoked_after_its_turn_began_leaves_the_old_key_in_grace() {
        let mut all = [key(1, 0, 0), key(2, 1_000, 2_000)];
        all[1].revoked_at = Some(Timestamp(2_100));
        assert_eq!(stages(&all, 2_100), [Stage::Grace, Stage::Revoked]);
        let plan = due(&all, ES256, Home::Sealed, None, Timestamp(2_100)).unwrap();
        assert_eq!((plan.generation, plan.active_from), (3, Timestamp(2_100)));
    }

    #[test]
    fn the_first_key_signs_at_once() {
        let plan = due(&[], ES256, Home::Sealed, None, Timestamp(50)).unwrap();
        assert_eq!((plan.generation, plan.active_from), (1, Timestamp(50)));
    }

    #[test]
    fn the_schedule_asks_early_enough_and_once() {
        let every = Some(Seconds(86_400));
        let all = [key(1, 0, 0)];
        let early = Timestamp(86_400 - PREPUBLISH.0 - 1);
        assert_eq!(due(&all, ES256, Home::Sealed, every, early), None);
        let plan = due(&all, ES256, Home::Sealed, every, Timestamp(early.0 + 1)).unwrap();
        assert_eq!(plan.active_from, Timestamp(86_400));
        let all = [all[0].clone(), made(plan, Timestamp(early.0 + 1))];
        assert_eq!(due(&all, ES256, Home::Sealed, every, Timestamp(86_399)), None);
    }

    #[test]
    fn a_service_that_slept_over_its_schedule_publishes_first_all_the_same() {
        let plan = due(
            &[key(1, 0, 0)],
            ES256,
            Home::Sealed,
            Some(Seconds(86_400)),
            Timestamp(900_000),
        )
        .unwrap();
        assert_eq!(plan.active_from, Timestamp(900_000 + PREPUBLISH.0));
    }

    #[test]
    fn without_a_schedule_nothing_is_asked() {
        assert_eq!(
            due(&[key(1, 0, 0)], ES256, Home::Sealed, None, Timestamp(1 << 40)),
            None
        );
    }

    #[test]
    fn a_new_home_asks_for_a_successor() {
        let plan = due(&[key(1, 0, 0)], ES256, Home::Pkcs11, None, Timestamp(100)).unwrap();
        assert_eq!(plan.active_from, Timestamp(100 + PREPUBLISH.0));
    }

    #[test]
    fn clients_encrypt_to_the_key_in_its_turn_and_to_no_other() {
        for (stage, published, in_use) in [
            (Stage::Prepublished, false, true),
            (Stage::Active, true, true),
            (Stage::Grace, false, true),
            (Stage::Retired, false, false),
            (Stage::Revoked, false, false),
        ] {
            assert_eq!(
                stage.is_published(KeyUse::Encryption),
                published,
                "{}",
                stage.name()
            );
            assert_eq!(stage.is_in_use(), in_use, "{}", stage.name());
        }
    }

    #[test]
    fn keys_of_one_use_do_not_supersede_those_of_another() {
        let mut all = [key(1, 0, 0), key(2, 0, 10)];
        all[1].key_use = KeyUse::Encryption;
        assert_eq!(stages(&all, 20), [Stage::Active, Stage::Active]);
    }
}
