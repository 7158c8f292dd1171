//! Passwords under the pepper: HMAC-SHA-256 first, Argon2id after, never more at a time than the machine bears.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use super::DerivedKey;
use crate::{
    error::Fault,
    rules::password::{Acceptable, Typed},
};

/// Hashes and checks passwords. One for the whole service: the bound on memory is its semaphore.
pub struct Passwords {
    pepper: DerivedKey,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    decoy: String,
}

/// What came of checking a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is the one.
    Right {
        /// It was hashed with older parameters: hash it again now that it is known.
        rehash: bool,
    },
    /// It is not, or there is no such person.
    Wrong,
}

/// As many hashes wait as can: come back in a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

impl Passwords {
    /// At most `at_once` hashes run (19 MiB each); eight times as many wait; the rest is told to come back.
    ///
    /// # Errors
    /// A fault when the decoy cannot be made.
    pub fn new(pepper: DerivedKey, at_once: usize) -> Result<Self, Fault> {
        let at_once = at_once.max(1);
        let mut passwords = Self {
            pepper,
            running: Arc::new(Semaphore::new(at_once)),
            admitted: Arc::new(Semaphore::new(at_once.saturating_mul(9))),
            decoy: String::new(),
        };
        passwords.decoy = hash(&passwords.peppered(b""), &[0; SALT])?;
        Ok(passwords)
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
        let peppered = self.peppered(password.expose());
        self.run(move || hash(&peppered, &salt)).await
    }

    /// Checks a password. Without a `stored` one the decoy is checked: an unknown person takes the same time.
    ///
    /// # Errors
    /// As [`Passwords::hash`].
    pub async fn check(
        &self,
        password: &Typed,
        stored: Option<String>,
    ) -> Result<Result<Checked, Busy>, Fault> {
        let peppered = self.peppered(password.expose());
        let known = stored.is_some();
        let text = stored.unwrap_or_else(|| self.decoy.clone());
        self.run(move || {
            let parsed = PasswordHash::new(&text)
                .map_err(|error| Fault::of("reading a password hash", error.to_string()))?;
            let right = parameters()?
                .verify_password(peppered.as_slice(), &parsed)
                .is_ok();
            let rehash = parsed.params.get_decimal("m") != Some(MEMORY_KIB)
                || parsed.params.get_decimal("t") != Some(PASSES);
            Ok(if right && known {
                Checked::Right { rehash }
            } else {
                Checked::Wrong
            })
        })
        .await
    }

    fn peppered(&self, password: &[u8]) -> zeroize::Zeroizing<[u8; 32]> {
        zeroize::Zeroizing::new(self.pepper.tag(&[b"password", password]))
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
    ) -> Result<Result<T, Busy>, Fault> {
        let Ok(_admitted) = Arc::clone(&self.admitted).try_acquire_owned() else {
            return Ok(Err(Busy));
        };
        let running = Arc::clone(&self.running).acquire_owned().await;
        let running = running.map_err(|error| Fault::of("waiting to hash", error))?;
        tokio::task::spawn_blocking(move || {
            // Held by the work itself: a caller that goes away does not free the memory before it is free.
            let _running = running;
            work()
        })
        .await
        .map_err(|error| Fault::of("hashing", error))?
        .map(Ok)
    }
}

fn hash(peppered: &[u8; 32], salt: &[u8; SALT]) -> Result<String, Fault> {
    parameters()?
        .hash_password_with_salt(peppered, salt)
        .map(|hash| hash.to_string())
        .map_err(|error| Fault::of("hashing a password", error.to_string()))
}

fn parameters() -> Result<Argon2<'static>, Fault> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| Fault::of("Argon2 parameters", error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// RFC 9106 §3.1: 16 bytes are enough for every application.
pub const SALT: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Derived, SealingKey};

    fn passwords(byte: u8, at_once: usize) -> Passwords {
        let key = SealingKey::from_base64(&data_encoding::BASE64.encode(&[byte; 32])).unwrap();
        Passwords::new(Derived::new(&key).unwrap().pepper, at_once).unwrap()
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
                .check(&check("una frase larga"), Some(hash.clone()))
                .await
                .unwrap(),
            Ok(Checked::Right { rehash: false })
        );
        assert_eq!(
            passwords
                .check(&check("una frase largA"), Some(hash))
                .await
                .unwrap(),
            Ok(Checked::Wrong)
        );
    }

    #[tokio::test]
    async fn without_the_pepper_the_right_password_does_not_match() {
        let hash = stored(&passwords(1, 1), "una frase larga").await;
        assert_eq!(
            passwords(2, 1)
                .check(&typed("una frase larga"), Some(hash))
                .await
                .unwrap(),
            Ok(Checked::Wrong)
        );
    }

    #[tokio::test]
    async fn a_password_that_differs_late_does_not_match() {
        let passwords = passwords(1, 1);
        let (one, other) = ("a".repeat(72) + "b", "a".repeat(72) + "c");
        let hash = stored(&passwords, &one).await;
        assert_eq!(
            passwords.check(&typed(&other), Some(hash)).await.unwrap(),
            Ok(Checked::Wrong)
        );
    }

    #[tokio::test]
    async fn nobody_has_no_password_not_even_the_decoys() {
        let passwords = passwords(1, 1);
        assert_eq!(
            passwords.check(&typed(""), None).await.unwrap(),
            Ok(Checked::Wrong)
        );
    }

    #[tokio::test]
    async fn older_parameters_ask_for_a_new_hash() {
        let passwords = passwords(1, 1);
        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8 * 1024, 1, 1, None).unwrap(),
        );
        let hash = weak
            .hash_password_with_salt(passwords.peppered(b"una frase larga").as_slice(), &[7; SALT])
            .unwrap()
            .to_string();
        assert_eq!(
            passwords
                .check(&typed("una frase larga"), Some(hash))
                .await
                .unwrap(),
            Ok(Checked::Right { rehash: true })
        );
    }

    #[tokio::test]
    async fn beyond_the_queue_the_answer_is_busy_and_not_more_memory() {
        let passwords = Arc::new(passwords(1, 1));
        let all: Vec<_> = (0..40)
            .map(|_| {
                let passwords = Arc::clone(&passwords);
                tokio::spawn(async move { passwords.check(&typed("una frase larga"), None).await.unwrap() })
            })
            .collect();
        let mut busy = 0;
        for one in all {
            busy += usize::from(one.await.unwrap() == Err(Busy));
        }
        assert!((1..=31).contains(&busy), "{busy}");
    }
}
