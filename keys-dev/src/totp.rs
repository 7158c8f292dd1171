//! The code an authenticator would show now (RFC 6238: SHA-1, six digits, thirty seconds).

use data_encoding::BASE32_NOPAD;
use ring::hmac;
use time::OffsetDateTime;

use crate::Error;

/// A code and how long it stays the current one.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Six digits.
    pub digits: String,
    /// Seconds left in its step.
    pub seconds_left: u64,
}

/// The code of a base32 seed at a time.
///
/// # Errors
/// A fault when the seed is not base32.
pub fn code(seed: &str, now: OffsetDateTime) -> Result<Code, Error> {
    let seed = BASE32_NOPAD
        .decode(seed.trim_end_matches('=').as_bytes())
        .map_err(Error::fault("reading a seed"))?;
    let seconds = u64::try_from(now.unix_timestamp()).unwrap_or_default();
    let step = seconds / STEP;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    // RFC 4226 §5.3: dynamic truncation
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 0x0f);
    let word = tag
        .get(offset..)
        .and_then(|rest| rest.first_chunk::<4>())
        .copied()
        .unwrap_or_default();
    let number = (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000;
    Ok(Code {
        digits: format!("{number:06}"),
        seconds_left: STEP.saturating_sub(seconds % STEP),
    })
}

/// RFC 6238 §5.2.
const STEP: u64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_6238_appendix_b() {
        let seed = BASE32_NOPAD.encode(b"12345678901234567890");
        for (seconds, digits) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            let now = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            assert_eq!(code(&seed, now).unwrap().digits, digits);
        }
    }
}
