//! Peppers: the keys without which a stolen hash cannot be guessed at (SP 800-63B-4 §3.1.1.2, keyed hashing with a key
//! stored apart). Each hash names its own, so that a pepper can be exchanged while citizens log in.

use super::{DerivedKey, SealingKey};
use crate::{error::Fault, rules::secret::Digest};

/// The name of a pepper in the hashes made under it.
pub type PepperId = [u8; 6];

/// Every pepper that a stored hash may be under; new hashes are made under the first.
pub struct Peppers {
    /// In the order of the configuration.
    files: Vec<(PepperId, DerivedKey)>,
    /// The pepper of hashes that name none.
    derived: DerivedKey,
}

impl Peppers {
    /// The pepper that comes of the sealing key, and those from files of their own.
    ///
    /// # Errors
    /// None in practice.
    pub fn new(derived: &DerivedKey, files: &[SealingKey]) -> Result<Self, Fault> {
        let files = files.iter().map(|key| {
            let name = Digest::of(key.derive::<32>("pepper id")?.as_slice());
            let id = name.bytes().first_chunk().copied().unwrap_or_default();
            Ok((id, DerivedKey::new(key, "pepper")?))
        });
        Ok(Self {
            files: files.collect::<Result<_, Fault>>()?,
            derived: derived.clone(),
        })
    }

    /// The one of new hashes, with its name if it has one.
    #[must_use]
    pub fn current(&self) -> (Option<&PepperId>, &DerivedKey) {
        match self.files.first() {
            Some((id, key)) => (Some(id), key),
            None => (None, &self.derived),
        }
    }

    /// The one that a hash names, and whether new hashes are made under it.
    ///
    /// # Errors
    /// A fault when it is not configured any more: without it nobody knows whether a password is right.
    pub fn of(&self, id: &[u8]) -> Result<(&DerivedKey, bool), Fault> {
        let (current, _) = self.current();
        if id.is_empty() {
            return Ok((&self.derived, current.is_none()));
        }
        let found = self.files.iter().find(|(known, _)| known == id);
        let (known, key) = found.ok_or(Fault::plain(
            "a stored password hash is under a pepper that passwords.pepper_files does not name",
        ))?;
        Ok((key, current == Some(known)))
    }
}
