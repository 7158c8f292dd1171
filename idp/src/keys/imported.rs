//! Password hashes that citizens bring from another register. They were made without our pepper: at rest they are sealed
//! instead, so that a stolen database is worth nothing to whoever guesses (identity row 53), and the first right password
//! replaces them by a hash of ours.

use argon2::{Algorithm, Params, Version, password_hash::phc::PasswordHash};
use data_encoding::BASE64;

use super::{
    Seal,
    passwords::{DIGEST, LANES, MEMORY_KIB, PASSES},
};
use crate::{error::Fault, rules::ids::CitizenId, world::Chance};

/// A hash that can be checked here in the very time that one of ours takes.
pub struct Imported(String);

/// A hash that cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOurs;

impl Imported {
    /// Argon2id of our own cost, in PHC string format, without a key. Another cost would tell a stranger by the clock who
    /// was taken over from where (row 48), and other functions (bcrypt) are not known here.
    ///
    /// # Errors
    /// [`NotOurs`].
    pub fn parse(text: &str) -> Result<Self, NotOurs> {
        let parsed = PasswordHash::new(text).map_err(|_| NotOurs)?;
        let params = Params::try_from(&parsed).map_err(|_| NotOurs)?;
        let same = parsed.algorithm == Algorithm::Argon2id.ident()
            && parsed.version == Some(Version::V0x13.into())
            && (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES)
            && params.keyid().is_empty()
            && params.data().is_empty()
            && parsed.salt.is_some()
            && parsed
                .hash
                .as_ref()
                .is_some_and(|hash| hash.as_bytes().len() == DIGEST);
        if same {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotOurs)
        }
    }

    /// What is stored in place of a hash of ours.
    ///
    /// # Errors
    /// A fault of the seal.
    pub fn sealed(&self, seal: &Seal, chance: &dyn Chance, citizen: &CitizenId) -> Result<String, Fault> {
        let sealed = seal.seal(chance, &context(citizen), self.0.as_bytes())?;
        Ok(format!("{MARK}{}", BASE64.encode(&sealed)))
    }

    /// The imported hash that a stored text holds; `None` for hashes of ours.
    ///
    /// # Errors
    /// A fault of the seal.
    pub fn open(seal: &Seal, citizen: &CitizenId, stored: &str) -> Result<Option<Self>, Fault> {
        let Some(sealed) = stored.strip_prefix(MARK) else {
            return Ok(None);
        };
        let sealed = BASE64
            .decode(sealed.as_bytes())
            .map_err(|source| Fault::of("reading an imported hash", source))?;
        let plain = seal.open(&context(citizen), &sealed)?;
        let text = std::str::from_utf8(plain.expose())
            .map_err(|source| Fault::of("reading an imported hash", source))?;
        Self::parse(text)
            .map(Some)
            .map_err(|NotOurs| Fault::plain("reading an imported hash that we did not write"))
    }

    /// The PHC string.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Imported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Imported(…)")
    }
}

fn context(citizen: &CitizenId) -> String {
    format!("passwords:imported:{citizen}")
}

/// No PHC string begins so: those begin with `$`.
const MARK: &str = "imported:";

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `una frase larga`, by another implementation of Argon2id.
    const GOOD: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsIGRlIG90cm8gbGFkbw$u0sYZjaY2GqlOI7DZ2eALG24az64ZJBLvcnMMuP2laM";

    #[test]
    fn row_48_only_a_hash_of_our_own_cost_is_taken_over() {
        assert!(Imported::parse(GOOD).is_ok());
        for (one, other) in [
            ("t=2", "t=3"),
            ("m=19456", "m=65536"),
            ("argon2id", "argon2i"),
            ("v=19", "v=16"),
        ] {
            assert_eq!(
                Imported::parse(&GOOD.replace(one, other)).unwrap_err(),
                NotOurs,
                "{other}"
            );
        }
        for other in [
            "",
            "$2b$12$abcdefghijklmnopqrstuuJ8J8J8J8J8J8J8J8J8J8J8J8J8J8J8J",
            "una frase larga",
        ] {
            assert_eq!(Imported::parse(other).unwrap_err(), NotOurs, "{other}");
        }
    }
}
