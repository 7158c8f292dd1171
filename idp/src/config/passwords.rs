//! `[passwords]`: what nobody may choose, and the keys under which hashes are worth nothing to a thief.

use std::path::PathBuf;

use serde::Deserialize;

use super::keys::secret_file;
use crate::{
    blocklist::Blocklist,
    keys::{BCRYPT_COSTS, SealingKey},
};

/// Passwords.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Passwords {
    /// Indexes of passwords that everybody tries, made by `idp blocklist build`. The shipped list always counts.
    pub blocklists: Vec<PathBuf>,
    /// Files like the sealing key's: the pepper of new hashes first, after it those of hashes that are still there. A
    /// hash moves to the first one at its citizen's next login. Without any, the pepper comes of the sealing key; that
    /// one stays known.
    pub pepper_files: Vec<PathBuf>,
    /// bcrypt hashes of this cost may be taken over (`idp citizen import`). Every wrong guess, at whomever, then costs as
    /// much more: take it out again when none of them is left.
    pub imported_bcrypt_cost: Option<u8>,
}

impl Passwords {
    /// Reads the peppers.
    ///
    /// # Errors
    /// One sentence that names the file and what to do.
    pub fn peppers(&self) -> Result<Vec<SealingKey>, String> {
        let files = self.pepper_files.iter();
        files
            .map(|file| secret_file("passwords.pepper_files", file))
            .collect()
    }

    /// What would keep the service from starting.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let lists = self.blocklists.iter();
        let lists = lists.filter_map(|file| Blocklist::open(std::slice::from_ref(file)).err());
        let cost = self.imported_bcrypt_cost;
        let costly = cost.filter(|cost| !BCRYPT_COSTS.contains(cost));
        let costly = costly.map(|_| {
            let (least, most) = (BCRYPT_COSTS.start(), BCRYPT_COSTS.end());
            format!("passwords.imported_bcrypt_cost: must be {least} to {most}")
        });
        lists.chain(self.peppers().err()).chain(costly).collect()
    }
}
