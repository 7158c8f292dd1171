//! DSA (FIPS 186-4 §4.7), to read what was signed with it: FIPS 186-5 withdraws it, and no signature of today is
//! believed that rests on it. Works on public data alone.

use rsa::BigUint;

use crate::algorithm::SignatureError;
use crate::der::{self, DerError};
use crate::digest::Digest;

/// The domain parameters of a key (RFC 3279 §2.3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameters {
    p: BigUint,
    q: BigUint,
    g: BigUint,
}

impl Parameters {
    /// Reads Dss-Parms, one encoded element.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, DerError> {
        let mut reader = der::whole(bytes, der::SEQUENCE)?.reader()?;
        let mut number = || -> Result<BigUint, DerError> {
            Ok(BigUint::from_bytes_be(reader.expect(der::INTEGER)?.integer()?))
        };
        let (p, q, g) = (number()?, number()?, number()?);
        reader.finish()?;
        if !BITS_OF_P.contains(&p.bits())
            || !BITS_OF_Q.contains(&q.bits())
            || !is_odd(&p)
            || !is_odd(&q)
            || g >= p
            || g <= BigUint::from(1_u8)
        {
            return Err(DerError::Value("the parameters of a DSA key are out of range"));
        }
        Ok(Self { p, q, g })
    }

    /// Length of the modulus in bits.
    pub(crate) fn bits(&self) -> u32 {
        u32::try_from(self.p.bits()).unwrap_or(u32::MAX)
    }

    /// Did the holder of this key (an INTEGER, RFC 3279 §2.3.2) sign what has this digest?
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "numbers without bounds, divided by one that was checked not to be zero"
    )]
    pub(crate) fn verify(&self, key: &[u8], digest: &Digest, signed: &[u8]) -> Result<(), SignatureError> {
        let read = || -> Result<_, DerError> {
            let y = der::whole(key, der::INTEGER)?.integer()?;
            let mut pair = der::whole(signed, der::SEQUENCE)?.reader()?;
            let (r, s) = (
                pair.expect(der::INTEGER)?.integer()?,
                pair.expect(der::INTEGER)?.integer()?,
            );
            pair.finish()?;
            Ok((y, r, s))
        };
        let (y, r, s) = read().map_err(|_| SignatureError::Invalid)?;
        let (y, r, s) = (positive(y)?, positive(r)?, positive(s)?);
        let one = BigUint::from(1_u8);
        if r >= self.q || s >= self.q || y >= self.p || y <= one {
            return Err(SignatureError::Invalid);
        }
        // FIPS 186-4 §4.6: the leftmost bits of the digest; q has a whole number of octets in use.
        let octets = self.q.bits() / 8;
        let z = digest.bytes().get(..octets).unwrap_or(digest.bytes());
        let z = BigUint::from_bytes_be(z);
        // q is prime, so this is the inverse of s (FIPS 186-4 appendix C.1 by Fermat); for another q it is none,
        // and its maker has only spoilt their own signature.
        let w = s.modpow(&(&self.q - BigUint::from(2_u8)), &self.q);
        let (u1, u2) = ((z * &w) % &self.q, (&r * &w) % &self.q);
        let v = (self.g.modpow(&u1, &self.p) * y.modpow(&u2, &self.p)) % &self.p % &self.q;
        if v == r {
            Ok(())
        } else {
            Err(SignatureError::Invalid)
        }
    }
}

/// A prime of this length is, and arithmetic with another takes several times as long.
fn is_odd(number: &BigUint) -> bool {
    number.to_bytes_le().first().is_some_and(|last| last % 2 == 1)
}

/// The contents of an INTEGER that is above zero.
fn positive(contents: &[u8]) -> Result<BigUint, SignatureError> {
    let negative = contents.first().is_some_and(|first| *first >= 0x80);
    let number = BigUint::from_bytes_be(contents);
    if negative || number == BigUint::from(0_u8) {
        return Err(SignatureError::Invalid);
    }
    Ok(number)
}

/// FIPS 186-4 §4.2 ends at 3072; below 1024 anyone may compute the key.
const BITS_OF_P: std::ops::RangeInclusive<usize> = 1024..=3072;
/// FIPS 186-4 §4.2: 160, 224 or 256.
const BITS_OF_Q: std::ops::RangeInclusive<usize> = 160..=256;
