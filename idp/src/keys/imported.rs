//! Password hashes that citizens bring from another register. They were made without our pepper: at rest they are sealed
//! instead, so that a stolen database is worth nothing to whoever guesses (identity row 53), and the first right password
//! replaces them by a hash of ours.

use argon2::{Algorithm, Params, Version, password_hash::phc::PasswordHash};
use data_encoding::BASE64;

use super::{
    Seal,
    bcrypt::{self, Bcrypt},
    passwords::{DIGEST, LANES, MEMORY_KIB, PASSES},
};
use crate::{error::Fault, rules::ids::CitizenId, world::Chance};

/// A hash that can be checked here: in the very time that one of ours takes, or, where the operator said so, in a time
/// that every wrong guess takes.
pub struct Imported {
    text: String,
    function: Function,
}

/// What it was made by.
pub(super) enum Function {
    /// Argon2id of our own cost.
    Argon2,
    /// bcrypt.
    Bcrypt(Bcrypt),
}

/// A hash that cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOurs;

impl Imported {
    /// Argon2id of our own cost, in PHC string format, without a key; or bcrypt of exactly `bcrypt_cost`. Any other cost
    /// would tell a stranger by the clock who was taken over from where (row 48).
    ///
    /// # Errors
    /// [`NotOurs`].
    pub fn parse(text: &str, bcrypt_cost: Option<u8>) -> Result<Self, NotOurs> {
        let read = Self::read(text)?;
        match &read.function {
            Function::Bcrypt(hash) if bcrypt_cost != Some(hash.cost()) => Err(NotOurs),
            Function::Bcrypt(_) | Function::Argon2 => Ok(read),
        }
    }

    fn read(text: &str) -> Result<Self, NotOurs> {
        if let Some(hash) = Bcrypt::parse(text) {
            return Ok(Self {
                text: text.to_owned(),
                function: Function::Bcrypt(hash),
            });
        }
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
            Ok(Self {
                text: text.to_owned(),
                function: Function::Argon2,
            })
        } else {
            Err(NotOurs)
        }
    }

    /// What is stored in place of a hash of ours: what it was made by, readable, and the hash, sealed.
    ///
    /// # Errors
    /// A fault of the seal.
    pub fn sealed(&self, seal: &Seal, chance: &dyn Chance, citizen: &CitizenId) -> Result<String, Fault> {
        let sealed = seal.seal(chance, &context(citizen), self.text.as_bytes())?;
        let mark = match &self.function {
            Function::Argon2 => MARK.to_owned(),
            Function::Bcrypt(hash) => bcrypt_mark(hash.cost()),
        };
        Ok(format!("{mark}{}", BASE64.encode(&sealed)))
    }

    /// The imported hash that a stored text holds; `None` for hashes of ours.
    ///
    /// # Errors
    /// A fault of the seal.
    pub fn open(seal: &Seal, citizen: &CitizenId, stored: &str) -> Result<Option<Self>, Fault> {
        let Some(marked) = stored.strip_prefix(MARK) else {
            return Ok(None);
        };
        let sealed = marked.rsplit_once(':').map_or(marked, |(_, sealed)| sealed);
        let sealed = BASE64
            .decode(sealed.as_bytes())
            .map_err(|source| Fault::of("reading an imported hash", source))?;
        let plain = seal.open(&context(citizen), &sealed)?;
        let text = std::str::from_utf8(plain.expose())
            .map_err(|source| Fault::of("reading an imported hash", source))?;
        Self::read(text)
            .map(Some)
            .map_err(|NotOurs| Fault::plain("reading an imported hash that we did not write"))
    }

    /// What it was made by.
    pub(super) fn function(&self) -> &Function {
        &self.function
    }

    /// The text, as the other register had it.
    pub(super) fn expose(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Debug for Imported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Imported(…)")
    }
}

/// The costs at which bcrypt hashes can be taken over.
pub const BCRYPT_COSTS: std::ops::RangeInclusive<u8> = bcrypt::LEAST..=bcrypt::MOST;

fn context(citizen: &CitizenId) -> String {
    format!("passwords:imported:{citizen}")
}

/// How the text begins that is stored in place of a bcrypt hash of this cost.
pub fn bcrypt_mark(cost: u8) -> String {
    format!("{BCRYPT_MARK}{cost}:")
}

/// How every text begins that is stored in place of a hash of ours. No PHC string does: those begin with `$`.
pub const MARK: &str = "imported:";
/// How those of bcrypt begin, whatever their cost.
pub const BCRYPT_MARK: &str = "imported:bcrypt-";

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `una frase larga`, by another implementation of Argon2id.
    const GOOD: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsIGRlIG90cm8gbGFkbw$u0sYZjaY2GqlOI7DZ2eALG24az64ZJBLvcnMMuP2laM";

    #[test]
    fn row_48_only_a_hash_of_our_own_cost_is_taken_over() {
        assert!(Imported::parse(GOOD, None).is_ok());
        for (one, other) in [
            ("t=2", "t=3"),
            ("m=19456", "m=65536"),
            ("argon2id", "argon2i"),
            ("v=19", "v=16"),
        ] {
            assert_eq!(
                Imported::parse(&GOOD.replace(one, other), None).unwrap_err(),
                NotOurs,
                "{other}"
            );
        }
        for other in [
            "",
            "$2b$12$abcdefghijklmnopqrstuuJ8J8J8J8J8J8J8J8J8J8J8J8J8J8J8J",
            "una frase larga",
        ] {
            assert_eq!(Imported::parse(other, None).unwrap_err(), NotOurs, "{other}");
        }
    }

    #[test]
    fn row_48_bcrypt_is_taken_over_at_the_one_cost_that_every_wrong_guess_pays() {
        let hash = "$2b$10$abcdefghijklmnopqrstuueESKQk/NhFmLDy.nNL7b81NoKPgexjC";
        assert!(Imported::parse(hash, Some(10)).is_ok());
        for cost in [None, Some(9), Some(11)] {
            assert_eq!(Imported::parse(hash, cost).unwrap_err(), NotOurs, "{cost:?}");
        }
    }
}
