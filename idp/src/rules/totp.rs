//! Time-based one-time passwords: RFC 6238 over HMAC-SHA-1, six digits, thirty seconds: what every
//! authenticator app speaks.
//!
//! The rule says *which step* a code belongs to; that the step was not used before is decided by the store, in
//! the write (RFC 6238 §5.2: a code is accepted once).

use std::fmt;

use data_encoding::BASE32_NOPAD;
use ring::hmac;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq};
use zeroize::Zeroizing;

use super::{ids::AuthenticatorId, passkey::PasskeyName, time::Timestamp};

/// A shared seed. Sealed in the store, shown once at enrolment, never printed.
#[derive(Clone)]
pub struct Seed(Zeroizing<Vec<u8>>);

/// A number of thirty-second steps since the Unix epoch (RFC 6238 §4.2, `T`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(pub i64);

/// A code as typed: six digits, spaces and dashes forgiven.
pub struct Code([u8; DIGITS]);

/// An app for one-time codes as its owner sees it. The seed is not among it, and never again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id in this service.
    pub id: AuthenticatorId,
    /// What they call it, if they ever did.
    pub name: Option<PasskeyName>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When its last code was spent, to half a minute.
    pub used_at: Option<Timestamp>,
}

/// A base32 text that is no usable seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSeed {
    /// Not base32 (RFC 4648 §6).
    Encoding,
    /// Shorter than [`Seed::MIN`] or longer than [`Seed::MAX`].
    Length,
}

impl Step {
    /// When it begins.
    #[must_use]
    pub fn begins(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(STEP_SECONDS))
    }
}

impl Seed {
    /// RFC 4226 §4 R6: at least 128 bits.
    pub const MIN: usize = 16;
    /// The length of a fresh seed; RFC 4226 §4 R6 recommends 160 bits.
    pub const FRESH: usize = 20;
    /// One block of SHA-1: longer keys are hashed and gain nothing.
    pub const MAX: usize = 64;

    /// A seed from random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; Self::FRESH]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// A seed from opened storage.
    ///
    /// # Errors
    /// [`BadSeed::Length`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, BadSeed> {
        let bytes = Zeroizing::new(bytes);
        if (Self::MIN..=Self::MAX).contains(&bytes.len()) {
            Ok(Self(bytes))
        } else {
            Err(BadSeed::Length)
        }
    }

    /// A seed as people write it: base32, any case, spaces, dashes and padding ignored.
    ///
    /// # Errors
    /// [`BadSeed`].
    pub fn from_base32(text: &str) -> Result<Self, BadSeed> {
        let tidy: Zeroizing<String> = Zeroizing::new(
            text.chars()
                .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '='))
                .take(200)
                .collect::<String>()
                .to_uppercase(),
        );
        Self::from_bytes(
            BASE32_NOPAD
                .decode(tidy.as_bytes())
                .map_err(|_| BadSeed::Encoding)?,
        )
    }

    /// Base32 without padding, for the person's app and for the one print at creation.
    #[must_use]
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(&self.0))
    }

    /// What an authenticator app reads from a QR code: the `otpauth` scheme that all of them understand. `account` is how
    /// the app names it among others.
    #[must_use]
    pub fn uri(&self, programme: &str, account: &str) -> Zeroizing<String> {
        let encode = |text: &str| {
            let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            form.replace('+', "%20")
        };
        let (programme, account) = (encode(programme), encode(account));
        Zeroizing::new(format!(
            "otpauth://totp/{programme}:{account}?secret={}&issuer={programme}",
            *self.to_base32()
        ))
    }

    /// The raw bytes, for sealing.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The step a code belongs to, if it belongs to one near `now`: one step back and forth.
    ///
    /// Every candidate is computed and compared in constant time, whichever matches, and none is left out once one has.
    #[must_use]
    pub fn matching_step(&self, code: &Code, unix_seconds: i64) -> Option<Step> {
        let now = unix_seconds.div_euclid(STEP_SECONDS);
        let (mut step, mut found) = (0_i64, Choice::from(0));
        for offset in [0, -DRIFT, DRIFT] {
            let candidate = now.saturating_add(offset);
            let right = self.code_at(Step(candidate)).ct_eq(&code.0) & !found;
            step.conditional_assign(&candidate, right);
            found |= right;
        }
        bool::from(found).then_some(Step(step))
    }

    /// The code for a Unix time; for the tests and the tools that stand for a citizen's app.
    #[must_use]
    pub fn code_for(&self, unix_seconds: i64) -> String {
        self.code_at(Step(unix_seconds.div_euclid(STEP_SECONDS)))
            .iter()
            .map(|digit| char::from(*digit))
            .collect()
    }

    /// HOTP (RFC 4226 §5.3) of the step: dynamic truncation, then six decimal digits.
    fn code_at(&self, step: Step) -> [u8; DIGITS] {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.0.to_be_bytes());
        let bytes = tag.as_ref();
        let offset = usize::from(bytes.last().copied().unwrap_or_default() & 0x0f);
        let word = bytes
            .iter()
            .skip(offset)
            .take(4)
            .fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
        let mut rest = word & 0x7fff_ffff;
        let mut digits = [b'0'; DIGITS];
        for place in digits.iter_mut().rev() {
            *place = b'0'.saturating_add(u8::try_from(rest % 10).unwrap_or_default());
            rest /= 10;
        }
        digits
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

impl Code {
    /// What the person typed: digits in any script form an app or phone may paste; spaces and dashes dropped.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        use unicode_normalization::UnicodeNormalization;
        let digits: Vec<u8> = typed
            .nfkc()
            .take(32)
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| {
                if c.is_ascii_digit() {
                    u8::try_from(c).ok()
                } else {
                    None
                }
            })
            .collect::<Option<_>>()?;
        digits.try_into().ok().map(Self)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// RFC 6238 §4.1, `X`: thirty seconds by default.
pub const STEP_SECONDS: i64 = 30;
/// A phone, and the next one or a tablet: more would be copies that nobody remembers.
pub const MOST_APPS: i64 = 2;
/// RFC 6238 §5.2: at most one step for the network and a slow clock.
const DRIFT: i64 = 1;
/// RFC 4226 §5.3: six digits at least; what the apps show.
const DIGITS: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    fn seed() -> Seed {
        Seed::from_bytes(b"12345678901234567890".to_vec()).unwrap()
    }

    /// RFC 6238 appendix B, SHA-1, the last six of the eight digits.
    #[test]
    fn the_vectors_of_rfc_6238() {
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(seed().code_for(time), code);
        }
    }

    #[test]
    fn row_56_one_step_of_drift_is_forgiven_and_two_are_not() {
        let code = Code::parse(&seed().code_for(1_000_000_020)).unwrap();
        for (drift, accepted) in [
            (-90, false),
            (90, false),
            (-60, false),
            (-30, true),
            (0, true),
            (30, true),
            (60, false),
        ] {
            assert_eq!(
                seed().matching_step(&code, 1_000_000_020 + drift).is_some(),
                accepted,
                "{drift}"
            );
        }
    }

    #[test]
    fn the_step_found_is_that_of_the_code_and_not_of_the_clock() {
        let code = Code::parse(&seed().code_for(90)).unwrap();
        assert_eq!(seed().matching_step(&code, 119), Some(Step(3)));
        assert_eq!(seed().matching_step(&code, 120), Some(Step(3)));
    }

    #[test]
    fn a_code_may_be_typed_with_spaces_and_nothing_else() {
        assert!(Code::parse(" 287 082 ").is_some());
        assert!(Code::parse("２８７０８２").is_some());
        for bad in ["", "28708", "2870822", "28708a", "-1e5", "２８７０８٢"] {
            assert!(Code::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn base32_goes_there_and_back() {
        let text = seed().to_base32();
        assert_eq!(&*text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            Seed::from_base32("gezd gnbv gy3t qojq gezd gnbv gy3t qojq====")
                .unwrap()
                .expose(),
            seed().expose()
        );
        assert_eq!(Seed::from_base32("GEZDGNBV").unwrap_err(), BadSeed::Length);
        assert_eq!(
            Seed::from_base32("0189 not base32").unwrap_err(),
            BadSeed::Encoding
        );
    }

    #[test]
    fn neither_seed_nor_code_prints() {
        assert_eq!(
            format!("{:?} {:?}", seed(), Code::parse("287082").unwrap()),
            "Seed(…) Code(…)"
        );
    }
}
