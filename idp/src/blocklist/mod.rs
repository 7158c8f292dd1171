//! Passwords that everybody tries: the list that is shipped, and indexes on disk that an operator builds from larger ones
//! (SP 800-63B-4 §3.1.1.2; ASVS 5.0 6.2.4 and 6.2.12). Nothing leaves the machine to be looked up.

mod build;
mod index;

use std::{path::PathBuf, sync::LazyLock};

pub use self::{
    build::{Built, Progress, build},
    index::Index,
};
use crate::{
    error::Fault,
    rules::password::{Common, Prefix, Typed},
};

/// Every list that a new password is compared with.
#[derive(Debug)]
pub struct Blocklist {
    indexes: Vec<Index>,
}

impl Blocklist {
    /// The shipped list and these indexes.
    ///
    /// # Errors
    /// One sentence that names the file that cannot be used.
    pub fn open(files: &[PathBuf]) -> Result<Self, String> {
        let indexes: Result<Vec<Index>, String> = files.iter().map(|file| Index::open(file)).collect();
        Ok(Self { indexes: indexes? })
    }

    /// Whether the whole password is on one of the lists: as typed, in lower case, or without its separators.
    ///
    /// # Errors
    /// A fault when an index cannot be read or was changed: then nobody knows.
    pub fn lists(&self, typed: &Typed) -> Result<Common, Fault> {
        for prefix in typed.looked_up() {
            if SHIPPED.binary_search(&prefix).is_ok() {
                return Ok(Common::Listed);
            }
            for index in &self.indexes {
                if index.holds(prefix)? {
                    return Ok(Common::Listed);
                }
            }
        }
        Ok(Common::Unlisted)
    }
}

/// Some fifty thousand; its licence stands beside it.
static SHIPPED: LazyLock<Vec<Prefix>> = LazyLock::new(|| {
    let mut all: Vec<Prefix> = include_str!("../../assets/common-passwords.txt")
        .lines()
        .filter(|line| !line.is_empty())
        .map(Prefix::of_word)
        .collect();
    all.sort_unstable();
    all.dedup();
    all
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::password::{Beside, OwnData, Refusal};

    fn lists(text: &str) -> Common {
        Blocklist::open(&[])
            .unwrap()
            .lists(&Typed::read(text).unwrap())
            .unwrap()
    }

    #[test]
    fn row_47_every_shipped_password_of_the_least_length_is_refused_with_its_reason() {
        let blocklist = Blocklist::open(&[]).unwrap();
        let nobody = OwnData {
            national_id: "",
            given_name: "",
            family_name: "",
            email: "",
        };
        let mut refused = 0;
        for line in include_str!("../../assets/common-passwords.txt").lines() {
            let typed = Typed::read(line).unwrap();
            let common = blocklist.lists(&typed).unwrap();
            match typed.judge(&nobody, Beside::SecondFactor, common) {
                Err(Refusal::Common) => refused += 1,
                Err(Refusal::TooShort { .. }) => {}
                other => panic!("{line}: {other:?}"),
            }
        }
        assert!(refused > 15_000, "{refused}");
        assert!(SHIPPED.len() > 40_000, "{}", SHIPPED.len());
    }

    #[test]
    fn row_47_a_common_password_is_found_whole_and_not_as_a_part() {
        for whole in [
            "password1",
            "PassWord1",
            "p-a-s-s-w-o-r-d-1",
            "Contraseña",
            "iloveyou",
        ] {
            assert_eq!(lists(whole), Common::Listed, "{whole}");
        }
        for longer in ["mi password1 de verano", "contraseña larga y rara"] {
            assert_eq!(lists(longer), Common::Unlisted, "{longer}");
        }
    }
}
