//! bcrypt (Provos and Mazières, "A Future-Adaptable Password Scheme", USENIX 1999, §3 and §4): looked at, never made. A
//! password that was hashed so elsewhere opens its account once, and is hashed as ours at once.
//!
//! The function sees 72 bytes, the zero that ends the password among them. What is longer was cut off silently where the
//! hash was made, so that two passwords which differ at the end have one hash (identity row 46). Nothing is cut off here:
//! what does not fit is wrong.

use blowfish::Blowfish;
use data_encoding::Specification;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A hash of another register.
#[derive(Clone)]
pub(super) struct Bcrypt {
    cost: u8,
    salt: [u8; SALT],
    output: [u8; OUTPUT],
}

impl Bcrypt {
    /// A hash in the crypt format, `$2b$10$` and 53 characters. Those of `$2a$` and `$2y$` are the same for every
    /// password that is taken here; `$2x$` marks hashes of a broken implementation.
    pub fn parse(text: &str) -> Option<Self> {
        let (version, rest) = text.strip_prefix('$')?.split_once('$')?;
        let (cost, rest) = rest.split_once('$')?;
        let plain = |c: u8| c.is_ascii_digit();
        if !VERSIONS.contains(&version) || cost.len() != 2 || !cost.bytes().all(plain) {
            return None;
        }
        let cost = cost.parse().ok().filter(|cost| (LEAST..=MOST).contains(cost))?;
        let (salt, output) = rest.split_at_checked(SALT_CHARACTERS)?;
        Some(Self {
            cost,
            salt: decoded(salt)?,
            output: decoded(output)?,
        })
    }

    /// What takes as long as a hash of this cost, and which nobody's password has.
    pub fn decoy(cost: u8) -> Self {
        Self {
            cost,
            salt: [0; SALT],
            output: [0; OUTPUT],
        }
    }

    /// Its cost: the logarithm of how often the key is set up.
    pub fn cost(&self) -> u8 {
        self.cost
    }

    /// Whether it is of this password. One that cannot be costs the same.
    pub fn is_of(&self, password: &[u8]) -> bool {
        let fits = password.len() < KEY && !password.contains(&0);
        let mut key = Zeroizing::new(Vec::with_capacity(KEY));
        key.extend(password.iter().take(KEY.saturating_sub(1)));
        key.push(0);
        let hash = Zeroizing::new(hash(self.cost, &self.salt, &key));
        let same = hash
            .get(..OUTPUT)
            .is_some_and(|hash| hash.ct_eq(&self.output).into());
        fits && same
    }
}

/// §4: a cipher that takes long to set up encrypts a text of three blocks 64 times.
fn hash(cost: u8, salt: &[u8; SALT], key: &[u8]) -> [u8; 24] {
    let mut cipher = Blowfish::bc_init_state();
    cipher.salted_expand_key(salt, key);
    for _ in 0..1_u32.checked_shl(cost.into()).unwrap_or(u32::MAX) {
        cipher.bc_expand_key(key);
        cipher.bc_expand_key(salt);
    }
    let mut out = [0; 24];
    for (block, out) in TEXT.iter().zip(out.chunks_exact_mut(8)) {
        let [left, right] = (0..64).fold(*block, |block, _| cipher.bc_encrypt(block));
        for (byte, place) in left.to_be_bytes().into_iter().chain(right.to_be_bytes()).zip(out) {
            *place = byte;
        }
    }
    out
}

/// `N` bytes in bcrypt's own base 64; the bits beyond the last byte say nothing.
fn decoded<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut specification = Specification::new();
    specification.symbols.push_str(SYMBOLS);
    specification.check_trailing_bits = false;
    let bytes = specification.encoding().ok()?.decode(text.as_bytes()).ok()?;
    bytes.try_into().ok()
}

/// `OrpheanBeholderScryDoubt`, in words.
const TEXT: [[u32; 2]; 3] = [
    [0x4f72_7068, 0x6561_6e42],
    [0x6568_6f6c, 0x6465_7253],
    [0x6372_7944, 0x6f75_6274],
];
const SYMBOLS: &str = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const VERSIONS: [&str; 3] = ["2a", "2b", "2y"];
const SALT: usize = 16;
/// 16 bytes in base 64.
const SALT_CHARACTERS: usize = 22;
/// The format leaves the last of 24 bytes out.
const OUTPUT: usize = 23;
/// §3: the cipher takes a key of 18 words.
const KEY: usize = 72;
/// §4 has no lower one.
pub(crate) const LEAST: u8 = 4;
/// A quarter of a second on this year's machines; a wrong guess of anybody takes as long where such hashes are known.
pub(crate) const MOST: u8 = 12;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of `una frase larga`, by the C library's crypt(3).
    const GOOD: &str = "$2b$04$abcdefghijklmnopqrstuueESKQk/NhFmLDy.nNL7b81NoKPgexjC";

    #[test]
    fn hashes_of_another_implementation_are_known() {
        // The third vector of OpenBSD's own tests and the two after it, which are in every implementation's.
        for (password, hash) in [
            ("", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."),
            (
                "a",
                "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe",
            ),
            (
                "abc",
                "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
            ),
            ("una frase larga", GOOD),
        ] {
            let parsed = Bcrypt::parse(hash).unwrap();
            assert!(parsed.is_of(password.as_bytes()), "{hash}");
            assert!(!parsed.is_of(format!("{password}x").as_bytes()), "{hash}");
        }
    }

    #[test]
    fn row_46_a_password_that_was_cut_off_elsewhere_is_wrong_here() {
        let (long, cut) = ("a".repeat(80), "a".repeat(72));
        for hash in [LONG, CUT] {
            let parsed = Bcrypt::parse(hash).unwrap();
            for password in [&long, &cut] {
                assert!(!parsed.is_of(password.as_bytes()));
            }
        }
        assert!(Bcrypt::parse(FITS).unwrap().is_of("a".repeat(71).as_bytes()));
        // The zero is not typed by anybody, and would end the password elsewhere.
        assert!(!Bcrypt::parse(GOOD).unwrap().is_of(b"una frase larga\0x"));
    }

    #[test]
    fn what_is_no_such_hash_or_costs_too_much_is_none() {
        for (one, other) in [
            ("$2b$", "$2x$"),
            ("$2b$", "$2$"),
            ("$04$", "$03$"),
            ("$04$", "$13$"),
            ("$04$", "$4$"),
            ("$04$", "$+4$"),
        ] {
            let wrong = GOOD.replacen(one, other, 1);
            assert!(wrong != GOOD && Bcrypt::parse(&wrong).is_none(), "{wrong}");
        }
        for wrong in ["", "$", "$2b$04$", &GOOD[1..], &GOOD[..59], &format!("{GOOD}.")] {
            assert!(Bcrypt::parse(wrong).is_none(), "{wrong}");
        }
        assert!(Bcrypt::parse(&GOOD.replacen("$2b$", "$2y$", 1)).is_some());
    }

    proptest! {
        #[test]
        fn nothing_that_stands_in_a_register_panics(text in "(\\$2[abxy]\\$)?\\PC{0,70}") {
            let _read = Bcrypt::parse(&text);
        }
    }

    /// Of eighty, of 72 and of 71 letters; by another implementation.
    const LONG: &str = "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";
    const CUT: &str = "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";
    const FITS: &str = "$2b$04$abcdefghijklmnopqrstuuMCu.k1vM/ywQwiONaEn3oEMlZoCVBd6";
}
