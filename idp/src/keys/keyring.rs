//! Every key that this node knows: which one signs now, which ones others find, which ones we recognise, which ones
//! decrypt.

use std::sync::{Arc, PoisonError, RwLock};

use sdk_jose::{
    Algorithm, Expected, Jwk, JwkSet, Refusal, Unverified, Verified,
    jwe::{self, Decrypted, DecryptionKey, Encrypted},
};
use tokio::sync::Notify;

use super::SigningKey;
use crate::rules::{
    keys::{KeyRecord, KeyUse, Stage},
    time::Timestamp,
};

/// A private half that is at hand.
#[derive(Clone)]
pub enum OpenKey {
    /// It signs.
    Signing(Arc<SigningKey>),
    /// It decrypts what was encrypted to it.
    Decryption(Arc<DecryptionKey>),
}

/// A key with its life. The private half is there while it may still be used.
#[derive(Clone)]
pub struct Held {
    /// Its life.
    pub record: KeyRecord,
    /// Its public half.
    pub public: Jwk,
    /// The key itself.
    pub key: Option<OpenKey>,
}

/// When an open key signs.
struct Turn {
    algorithm: Algorithm,
    from: Timestamp,
    until: Option<Timestamp>,
    key: Arc<SigningKey>,
}

/// The keys as they were read last. Which one signs follows from the time alone, so a key begins and ends on the second
/// on every node; what is published follows at the next reading.
#[derive(Default)]
pub struct SigningKeys {
    held: Vec<Held>,
    records: Vec<KeyRecord>,
    turns: Vec<Turn>,
    decryption: Vec<Arc<DecryptionKey>>,
    public: Arc<JwkSet>,
    recognised: Arc<JwkSet>,
}

impl SigningKeys {
    /// These keys, as they are at `now`.
    #[must_use]
    pub fn new(held: Vec<Held>, now: Timestamp) -> Self {
        let records: Vec<KeyRecord> = held.iter().map(|one| one.record.clone()).collect();
        let those = |fits: fn(Stage, KeyUse) -> bool| {
            let keys = held
                .iter()
                .filter(|one| fits(one.record.stage(&records, now), one.record.key_use))
                .map(|one| one.public.clone());
            Arc::new(JwkSet::new(keys.collect()))
        };
        let turns = held.iter().filter(|one| one.record.revoked_at.is_none());
        let turns = turns.filter_map(|one| match &one.key {
            Some(OpenKey::Signing(key)) => Some(Turn {
                algorithm: one.record.key_use.algorithm()?,
                from: one.record.active_from,
                until: one.record.superseded_at(&records),
                key: Arc::clone(key),
            }),
            Some(OpenKey::Decryption(_)) | None => None,
        });
        let turns = turns.collect();
        let public = those(Stage::is_published);
        let recognised = those(|stage, key_use| stage != Stage::Revoked && key_use.algorithm().is_some());
        let usable = held
            .iter()
            .filter(|one| one.record.stage(&records, now).is_in_use());
        let decryption = usable.filter_map(|one| match &one.key {
            Some(OpenKey::Decryption(key)) => Some(Arc::clone(key)),
            Some(OpenKey::Signing(_)) | None => None,
        });
        let decryption = decryption.collect();
        Self {
            held,
            records,
            turns,
            decryption,
            public,
            recognised,
        }
    }

    /// The lives of all keys.
    #[must_use]
    pub fn records(&self) -> &[KeyRecord] {
        &self.records
    }

    /// The keys.
    #[must_use]
    pub fn held(&self) -> &[Held] {
        &self.held
    }

    /// The key of this id, if its private half is open.
    #[must_use]
    pub fn open(&self, kid: &str) -> Option<OpenKey> {
        let found = self.held.iter().find(|one| one.record.kid == kid)?;
        found.key.clone()
    }
}

/// The keys of a running node: read again and again, used by everybody.
#[derive(Default)]
pub struct Keyring {
    keys: RwLock<Arc<SigningKeys>>,
    missed: Notify,
}

impl Keyring {
    /// The keys as they were read last.
    #[must_use]
    pub fn now(&self) -> Arc<SigningKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts newly read keys in the place of the old ones, unless they are the same: who wrote something for the old
    /// ones sees by their address that it is still right.
    pub fn replace(&self, keys: SigningKeys) {
        let before = self.now();
        if before.records == keys.records
            && before.public == keys.public
            && before.turns.len() == keys.turns.len()
            && before.decryption.len() == keys.decryption.len()
        {
            return;
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// The key that signs with `algorithm` at `now`.
    #[must_use]
    pub fn signer(&self, algorithm: Algorithm, now: Timestamp) -> Option<Arc<SigningKey>> {
        let keys = self.now();
        let turn = keys.turns.iter().find(|turn| {
            turn.algorithm == algorithm
                && turn.from.reached(now)
                && !turn.until.is_some_and(|until| until.reached(now))
        })?;
        Some(Arc::clone(&turn.key))
    }

    /// What is published: with these keys anybody checks what we sign, and encrypts what we shall read.
    #[must_use]
    pub fn public(&self) -> Arc<JwkSet> {
        Arc::clone(&self.now().public)
    }

    /// A token that we signed once, with a key that was not revoked. One whose key is not here may have been signed a
    /// moment ago on another node, by a key that was made in an emergency: the keys are read again soon.
    #[must_use]
    pub fn recognise(&self, token: &str, expected: &Expected<'_>) -> Option<Verified> {
        match Unverified::parse(token).and_then(|token| token.verify(&self.recognised(), expected)) {
            Ok(verified) => Some(verified),
            Err(Refusal::UnknownKey) => {
                self.missed.notify_one();
                None
            }
            Err(_) => None,
        }
    }

    /// What is inside a token that was encrypted to one of our keys.
    ///
    /// # Errors
    /// [`jwe::Refusal`], after the shape was looked at. A key that is not here may have been made a moment ago on another
    /// node: the keys are read again soon.
    pub fn decrypt(&self, token: Encrypted) -> Result<Decrypted, jwe::Refusal> {
        let keys = self.now();
        let here = |kid: &str| keys.decryption.iter().any(|key| key.kid() == Some(kid));
        if token.kid().is_some_and(|kid| !here(kid)) {
            self.missed.notify_one();
        }
        token.decrypt_with(&keys.decryption)
    }

    /// Waits until a key was missed.
    pub async fn missed(&self) {
        self.missed.notified().await;
    }

    /// The keys with which we recognise what we signed once, however old: all but the revoked ones.
    #[must_use]
    pub fn recognised(&self) -> Arc<JwkSet> {
        Arc::clone(&self.now().recognised)
    }
}
