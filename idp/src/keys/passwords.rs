//! Passwords under the pepper: HMAC-SHA-256 first, Argon2id after, never more at a time than the machine bears.
//!
//! | whose password is tried | right | wrong |
//! |---|---|---|
//! | a citizen's, hashed here or as here | Argon2id | Argon2id, bcrypt decoy |
//! | a citizen's, hashed by bcrypt elsewhere | Argon2id decoy, bcrypt | Argon2id decoy, bcrypt |
//! | nobody's | – | Argon2id decoy, bcrypt decoy |
//!
//! Without `passwords.imported_bcrypt_cost` nothing of bcrypt is done. With it every wrong guess does the same work, so that
//! a clock tells nobody from anybody (row 48), and a right one says by itself who it was.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Block, KeyId, Params, ParamsBuilder, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use subtle::ConstantTimeEq as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{DerivedKey, Imported, Peppers, bcrypt::Bcrypt, imported::Function, peppers::PepperId};
use crate::{
    error::Fault,
    rules::password::{Acceptable, Typed},
};

/// Hashes and checks passwords. One for the whole service: the bound on memory is its semaphore.
pub struct Passwords {
    peppers: Peppers,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    decoy: String,
    bcrypt: Option<Bcrypt>,
}

/// What came of checking a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is the one.
    Right {
        /// It was hashed with older parameters or under an older pepper: hash it again now that it is known.
        rehash: bool,
    },
    /// It is not, or there is no such person.
    Wrong,
}

/// As many hashes wait as can: come back in a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

/// A place in the queue. Taken before a guess is counted: whom we have no time for has not guessed.
#[derive(Debug)]
#[must_use = "a turn is for one hash"]
pub struct Turn(OwnedSemaphorePermit);

impl Passwords {
    /// At most `at_once` hashes run (19 MiB each); eight times as many wait; the rest is told to come back.
    ///
    /// # Errors
    /// A fault when the decoy cannot be made.
    pub fn new(peppers: Peppers, at_once: usize) -> Result<Self, Fault> {
        let at_once = at_once.max(1);
        let mut passwords = Self {
            peppers,
            running: Arc::new(Semaphore::new(at_once)),
            admitted: Arc::new(Semaphore::new(at_once.saturating_mul(9))),
            decoy: String::new(),
            bcrypt: None,
        };
        let (id, pepper) = passwords.peppers.current();
        passwords.decoy = hash(&peppered(pepper, b""), id, &[0; SALT])?;
        Ok(passwords)
    }

    /// Also checks bcrypt hashes of this cost that were taken over.
    #[must_use]
    pub fn knowing_bcrypt(mut self, cost: Option<u8>) -> Self {
        self.bcrypt = cost.map(Bcrypt::decoy);
        self
    }

    /// A place in the queue.
    ///
    /// # Errors
    /// [`Busy`] when too many wait.
    pub fn turn(&self) -> Result<Turn, Busy> {
        let turn = Arc::clone(&self.admitted).try_acquire_owned();
        turn.map(Turn).map_err(|_| Busy)
    }

    /// The text to store for a new password: PHC string format.
    ///
    /// # Errors
    /// `Ok(Err(Busy))` when too many wait; a fault when hashing fails.
    pub async fn hash(&self, password: &Acceptable, salt: [u8; SALT]) -> Result<Result<String, Busy>, Fault> {
        self.rehash(password.typed(), salt).await
    }

    /// The text to store for a password that was just verified, after the parameters were raised.
    ///
    /// # Errors
    /// As [`Passwords::hash`].
    pub async fn rehash(&self, password: &Typed, salt: [u8; SALT]) -> Result<Result<String, Busy>, Fault> {
        let (id, pepper) = self.peppers.current();
        let (id, peppered) = (id.copied(), peppered(pepper, password.expose()));
        match self.turn() {
            Ok(turn) => {
                let hashed = self.run(turn, move || hash(&peppered, id.as_ref(), &salt));
                hashed.await.map(Ok)
            }
            Err(Busy) => Ok(Err(Busy)),
        }
    }

    /// Checks a password. Without a `stored` one the decoy is checked: an unknown person takes the same time.
    ///
    /// # Errors
    /// A fault when hashing fails, or when what is stored is no hash of ours.
    pub async fn check(
        &self,
        turn: Turn,
        password: &Typed,
        stored: Option<String>,
    ) -> Result<Checked, Fault> {
        let known = stored.is_some();
        let text = stored.unwrap_or_else(|| self.decoy.clone());
        let parsed = PasswordHash::new(&text)
            .map_err(|error| Fault::of("reading a password hash", error.to_string()))?;
        let params = Params::try_from(&parsed).map_err(|error| Fault::of("Argon2", error.to_string()))?;
        let (pepper, current) = self.peppers.of(params.keyid())?;
        let peppered = peppered(pepper, password.expose());
        let rehash = !current || params.m_cost() != MEMORY_KIB || params.t_cost() != PASSES;
        let wasted = self.wasted(password);
        self.run(turn, move || {
            if verify(peppered.as_slice(), &params, &parsed)? && known {
                return Ok(Checked::Right { rehash });
            }
            wasted();
            Ok(Checked::Wrong)
        })
        .await
    }

    /// Checks a password against a hash of another register: the same work, without our pepper. Right, it is to be
    /// hashed again.
    ///
    /// # Errors
    /// A fault when hashing fails.
    pub async fn check_imported(
        &self,
        turn: Turn,
        password: &Typed,
        imported: Imported,
    ) -> Result<Checked, Fault> {
        let typed = zeroize::Zeroizing::new(password.expose().to_vec());
        if let Function::Bcrypt(hash) = imported.function() {
            return self.check_bcrypt(turn, typed, hash.clone()).await;
        }
        let wasted = self.wasted(password);
        self.run(turn, move || {
            let parsed = PasswordHash::new(imported.expose())
                .map_err(|error| Fault::of("reading a password hash", error.to_string()))?;
            let params = Params::try_from(&parsed).map_err(|error| Fault::of("Argon2", error.to_string()))?;
            if verify(&typed, &params, &parsed)? {
                return Ok(Checked::Right { rehash: true });
            }
            wasted();
            Ok(Checked::Wrong)
        })
        .await
    }

    /// The work of a wrong guess at a password of ours, and the other hash in place of the decoy's.
    async fn check_bcrypt(
        &self,
        turn: Turn,
        typed: zeroize::Zeroizing<Vec<u8>>,
        hash: Bcrypt,
    ) -> Result<Checked, Fault> {
        let decoy = self.decoy.clone();
        let known = self.bcrypt.as_ref().map(Bcrypt::cost) == Some(hash.cost());
        if !known {
            // At another cost the clock would tell whose password it is.
            tracing::warn!(
                cost = hash.cost(),
                "a bcrypt hash waits for passwords.imported_bcrypt_cost of its cost"
            );
        }
        self.run(turn, move || {
            let parsed = PasswordHash::new(&decoy)
                .map_err(|error| Fault::of("reading a password hash", error.to_string()))?;
            let params = Params::try_from(&parsed).map_err(|error| Fault::of("Argon2", error.to_string()))?;
            verify(&typed, &params, &parsed)?;
            Ok(if known && hash.is_of(&typed) {
                Checked::Right { rehash: true }
            } else {
                Checked::Wrong
            })
        })
        .await
    }

    /// The work that a wrong guess at a bcrypt hash would be.
    fn wasted(&self, password: &Typed) -> impl FnOnce() + Send + 'static {
        let decoy = self.bcrypt.clone();
        let typed = decoy
            .as_ref()
            .map(|_| zeroize::Zeroizing::new(password.expose().to_vec()));
        move || {
            if let (Some(decoy), Some(typed)) = (decoy, typed) {
                std::hint::black_box(decoy.is_of(&typed));
            }
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        Turn(_waiting): Turn,
        work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let running = Arc::clone(&self.running).acquire_owned().await;
        let running = running.map_err(|error| Fault::of("waiting to hash", error))?;
        tokio::task::spawn_blocking(move || {
            // Held by the work itself: a caller that goes away does not free the memory before it is free.
            let _running = running;
            work()
        })
        .await
        .map_err(|error| Fault::of("hashing", error))?
    }
}

fn peppered(pepper: &DerivedKey, password: &[u8]) -> zeroize::Zeroizing<[u8; 32]> {
    zeroize::Zeroizing::new(pepper.tag(&[b"password", password]))
}

/// The hash names its pepper in `keyid`, which PHC strings of Argon2 have for it and which is no input of the hash.
fn hash(peppered: &[u8; 32], pepper: Option<&PepperId>, salt: &[u8; SALT]) -> Result<String, Fault> {
    let wrong = |error| Fault::of("writing a password hash", format!("{error}"));
    let mut params = ParamsBuilder::new();
    params.m_cost(MEMORY_KIB).t_cost(PASSES).p_cost(LANES);
    if let Some(id) = pepper {
        params.keyid(KeyId::new(id).map_err(argon)?);
    }
    let params = params.build().map_err(argon)?;
    let output = digest(&params, peppered, salt)?;
    let stored = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(|error| Fault::of("Argon2", error.to_string()))?,
        salt: Some(Salt::new(salt).map_err(wrong)?),
        hash: Some(Output::new(&output).map_err(wrong)?),
    };
    Ok(stored.to_string())
}

/// Hashes under the stored parameters and compares in constant time.
fn verify(input: &[u8], params: &Params, stored: &PasswordHash) -> Result<bool, Fault> {
    let ours =
        stored.algorithm == Algorithm::Argon2id.ident() && stored.version == Some(Version::V0x13.into());
    let (true, Some(salt), Some(expected)) = (ours, &stored.salt, &stored.hash) else {
        return Err(Fault::plain("a stored password hash is not Argon2id version 19"));
    };
    Ok(digest(params, input, salt)?.ct_eq(expected.as_bytes()).into())
}

fn digest(params: &Params, input: &[u8], salt: &[u8]) -> Result<[u8; DIGEST], Fault> {
    let mut out = [0; DIGEST];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(input, salt, &mut out, workspace(params))
        .map_err(argon)?;
    Ok(out)
}

/// Memory for one hash, which goes back to the system afterwards. glibc keeps freed blocks of up to 32 MiB (its
/// greatest mmap threshold) for the thread's arena: a busy hour left 19 MiB resident in every arena, hundreds in all.
/// A larger block is mapped by itself and unmapped, by the allocator of the service too; pages beyond the ones that are
/// filled never become resident.
fn workspace(params: &Params) -> Vec<Block> {
    let blocks = params.block_count();
    let mut memory = Vec::with_capacity(blocks.max(UNMAPPED_WHEN_FREED));
    memory.resize(blocks, Block::new());
    memory
}

fn argon(error: argon2::Error) -> Fault {
    Fault::of("Argon2", error.to_string())
}

/// OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, two passes, one lane.
pub(super) const MEMORY_KIB: u32 = 19 * 1024;
pub(super) const PASSES: u32 = 2;
pub(super) const LANES: u32 = 1;
/// RFC 9106 §4: a 256-bit tag.
pub(super) const DIGEST: usize = 32;
/// Blocks of a KiB each, past `DEFAULT_MMAP_THRESHOLD_MAX` of glibc on 64 bits (mallopt(3)).
const UNMAPPED_WHEN_FREED: usize = 33 * 1024;
/// RFC 9106 §3.1: 16 bytes are enough for every application.
pub const SALT: usize = 16;

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordHasher as _;

    use super::*;
    use crate::keys::{Derived, SealingKey};

    fn passwords(byte: u8, at_once: usize) -> Passwords {
        let key = SealingKey::from_base64(&data_encoding::BASE64.encode(&[byte; 32])).unwrap();
        Passwords::new(
            Peppers::new(&Derived::new(&key).unwrap().pepper, &[]).unwrap(),
            at_once,
        )
        .unwrap()
    }

    /// The service of key 1 with these pepper files.
    fn rotated(files: &[u8]) -> Passwords {
        let key = |byte| SealingKey::from_base64(&data_encoding::BASE64.encode(&[byte; 32])).unwrap();
        let files: Vec<SealingKey> = files.iter().map(|byte| key(*byte)).collect();
        let derived = Derived::new(&key(1)).unwrap().pepper;
        Passwords::new(Peppers::new(&derived, &files).unwrap(), 1).unwrap()
    }

    async fn checked(by: &Passwords, hash: &str) -> Result<Checked, Fault> {
        let turn = by.turn().unwrap();
        by.check(turn, &typed("una frase larga"), Some(hash.to_owned()))
            .await
    }

    #[tokio::test]
    async fn row_53_a_hash_names_its_pepper_and_moves_to_the_first_one() {
        let old = stored(&rotated(&[]), "una frase larga").await;
        let first = stored(&rotated(&[5]), "una frase larga").await;
        assert!(first.contains(",keyid=") && !old.contains("keyid"), "{first}");
        let both = rotated(&[6, 5]);
        for hash in [&old, &first] {
            assert_eq!(
                checked(&both, hash).await.unwrap(),
                Checked::Right { rehash: true }
            );
        }
        let new = stored(&both, "una frase larga").await;
        assert_eq!(
            checked(&both, &new).await.unwrap(),
            Checked::Right { rehash: false }
        );
    }

    #[tokio::test]
    async fn row_53_a_pepper_that_is_gone_is_our_fault_and_not_a_wrong_password() {
        let hash = stored(&rotated(&[5]), "una frase larga").await;
        assert!(checked(&rotated(&[6]), &hash).await.is_err());
    }

    fn typed(text: &str) -> Typed {
        Typed::read(text).unwrap()
    }

    async fn stored(by: &Passwords, text: &str) -> String {
        by.rehash(&typed(text), [7; SALT]).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn only_the_same_password_is_right() {
        let passwords = passwords(1, 2);
        let hash = stored(&passwords, "una frase larga").await;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let check = |text: &str| typed(text);
        assert_eq!(
            passwords
                .check(
                    passwords.turn().unwrap(),
                    &check("una frase larga"),
                    Some(hash.clone())
                )
                .await
                .unwrap(),
            Checked::Right { rehash: false }
        );
        assert_eq!(
            passwords
                .check(passwords.turn().unwrap(), &check("una frase largA"), Some(hash))
                .await
                .unwrap(),
            Checked::Wrong
        );
    }

    #[tokio::test]
    async fn row_53_without_the_pepper_the_right_password_does_not_match() {
        let hash = stored(&passwords(1, 1), "una frase larga").await;
        let other = passwords(2, 1);
        assert_eq!(
            other
                .check(other.turn().unwrap(), &typed("una frase larga"), Some(hash))
                .await
                .unwrap(),
            Checked::Wrong
        );
    }

    #[tokio::test]
    async fn row_46_a_password_that_differs_late_does_not_match() {
        let passwords = passwords(1, 1);
        let (one, other) = ("a".repeat(72) + "b", "a".repeat(72) + "c");
        let hash = stored(&passwords, &one).await;
        assert_eq!(
            passwords
                .check(passwords.turn().unwrap(), &typed(&other), Some(hash))
                .await
                .unwrap(),
            Checked::Wrong
        );
    }

    #[tokio::test]
    async fn nobody_has_no_password_not_even_the_decoys() {
        let passwords = passwords(1, 1);
        assert_eq!(
            passwords
                .check(passwords.turn().unwrap(), &typed(""), None)
                .await
                .unwrap(),
            Checked::Wrong
        );
    }

    #[tokio::test]
    async fn row_54_older_parameters_ask_for_a_new_hash() {
        let passwords = passwords(1, 1);
        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8 * 1024, 1, 1, None).unwrap(),
        );
        let hash = weak
            .hash_password_with_salt(
                peppered(passwords.peppers.current().1, b"una frase larga").as_slice(),
                &[7; SALT],
            )
            .unwrap()
            .to_string();
        assert_eq!(
            passwords
                .check(passwords.turn().unwrap(), &typed("una frase larga"), Some(hash))
                .await
                .unwrap(),
            Checked::Right { rehash: true }
        );
    }

    #[tokio::test]
    async fn beyond_the_queue_the_answer_is_busy_and_not_more_memory() {
        let passwords = Arc::new(passwords(1, 1));
        let all: Vec<_> = (0..40)
            .map(|_| {
                let passwords = Arc::clone(&passwords);
                tokio::spawn(async move {
                    let turn = passwords.turn()?;
                    Ok(passwords
                        .check(turn, &typed("una frase larga"), None)
                        .await
                        .unwrap())
                })
            })
            .collect();
        let mut busy = 0;
        for one in all {
            busy += usize::from(one.await.unwrap() == Err(Busy));
        }
        assert!((1..=31).contains(&busy), "{busy}");
    }

    /// What the machine's other people need back: the pages of a hash do not stay with the thread that ran it.
    #[cfg(target_os = "linux")]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn after_many_hashes_their_memory_is_free_again() {
        fn resident_kib() -> u64 {
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        }
        let passwords = Arc::new(passwords(1, 8));
        let all: Vec<_> = (0..24)
            .map(|_| {
                let passwords = Arc::clone(&passwords);
                tokio::spawn(async move {
                    let turn = passwords.turn().unwrap();
                    passwords.check(turn, &typed("una frase larga"), None).await
                })
            })
            .collect();
        for one in all {
            one.await.unwrap().unwrap();
        }
        // Other tests of this process hash, too: two at a time each. Eight threads would have kept 152 MiB.
        let resident = resident_kib();
        assert!(resident < 120 * 1024, "{resident} KiB");
    }
}
