//! Elements as values: numbers, identifiers, bits, octets, times.

use std::borrow::Cow;
use std::ops::Range;

use super::{CONSTRUCTED, DerError, GENERALIZED_TIME, Result, Rules, Tlv, UTC_TIME};
use crate::Time;
use crate::oid::Oid;

impl<'a> Tlv<'a> {
    /// An OBJECT IDENTIFIER's value.
    pub fn oid(&self) -> Result<Oid> {
        Oid::from_contents(self.value)
    }

    /// A BOOLEAN's value: X.690 §11.1 knows two encodings.
    pub fn boolean(&self) -> Result<bool> {
        match (self.value, self.rules) {
            ([0x00], _) => Ok(false),
            ([0xff], _) | ([_], Rules::Ber) => Ok(true),
            _ => Err(DerError::Value("a BOOLEAN is neither 00 nor FF")),
        }
    }

    /// An INTEGER's contents, two's complement, in the fewest octets (X.690 §8.3.2).
    pub fn integer(&self) -> Result<&'a [u8]> {
        match self.value {
            [] => Err(DerError::Value("an INTEGER is empty")),
            [0x00, second, ..] if *second < 0x80 => Err(DerError::Value("an INTEGER is padded")),
            [0xff, second, ..] if *second >= 0x80 => Err(DerError::Value("an INTEGER is padded")),
            value => Ok(value),
        }
    }

    /// A small INTEGER that is not negative.
    pub fn small(&self) -> Result<u32> {
        let value = self.integer()?;
        if value.first().is_some_and(|byte| *byte >= 0x80) {
            return Err(DerError::Value("an INTEGER is negative"));
        }
        let value = value.strip_prefix(&[0]).unwrap_or(value);
        if value.len() > 4 {
            return Err(DerError::Value("an INTEGER is too large"));
        }
        Ok(value.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte)))
    }

    /// A BIT STRING of whole octets: keys and signatures.
    pub fn bit_octets(&self) -> Result<&'a [u8]> {
        match self.value.split_first() {
            Some((0, octets)) => Ok(octets),
            _ => Err(DerError::Value("a BIT STRING is not made of whole octets")),
        }
    }

    /// A BIT STRING of named bits, the first bit as bit 0.
    pub fn named_bits(&self) -> Result<u16> {
        let (unused, octets) = self
            .value
            .split_first()
            .ok_or(DerError::Value("a BIT STRING is empty"))?;
        let last = octets.last().copied().unwrap_or(0);
        let padding = 1_u8
            .checked_shl(u32::from(*unused))
            .map(|bit| bit.wrapping_sub(1));
        match padding {
            Some(mask) if last & mask == 0 && !(octets.is_empty() && *unused > 0) => {}
            _ => return Err(DerError::Value("a BIT STRING has set padding bits")),
        }
        let first = octets.first().copied().unwrap_or(0).reverse_bits();
        let second = octets.get(1).copied().unwrap_or(0).reverse_bits();
        Ok(u16::from(first) | (u16::from(second) << 8))
    }

    /// An OCTET STRING's contents; in BER the pieces of a constructed one are joined.
    pub fn octets(&self) -> Result<Cow<'a, [u8]>> {
        if self.tag & CONSTRUCTED == 0 {
            return Ok(Cow::Borrowed(self.value));
        }
        if self.rules == Rules::Der {
            return Err(DerError::NotDer);
        }
        let mut whole = Vec::new();
        let mut reader = self.reader()?;
        while !reader.is_empty() {
            whole.extend_from_slice(&reader.octets()?);
        }
        Ok(Cow::Owned(whole))
    }

    /// UTCTime or GeneralizedTime, in the one form RFC 5280 §4.1.2.5 allows: Zulu, with seconds.
    pub fn time(&self) -> Result<Time> {
        let digits = self
            .value
            .strip_suffix(b"Z")
            .ok_or(DerError::Value("a time does not end in Z"))?;
        match (self.tag, digits.len()) {
            (UTC_TIME, 12) => {
                let short = number(digits, 0..2)?;
                let century = if short < 50 { 2000 } else { 1900 };
                moment(short.saturating_add(century), digits.get(2..).unwrap_or_default())
            }
            (GENERALIZED_TIME, 14) => moment(number(digits, 0..4)?, digits.get(4..).unwrap_or_default()),
            _ => Err(DerError::Value("a time is not in the form that X.509 allows")),
        }
    }

    /// GeneralizedTime that may carry a fraction of a second (RFC 3161 §2.4.2).
    pub fn time_with_fraction(&self) -> Result<Time> {
        let Some(dot) = self.value.iter().position(|byte| *byte == b'.') else {
            return self.time();
        };
        let digits = self
            .value
            .strip_suffix(b"Z")
            .ok_or(DerError::Value("a time does not end in Z"))?;
        let (whole, fraction) = digits
            .split_at_checked(dot)
            .ok_or(DerError::Value("a time has no fraction"))?;
        let fraction = fraction.get(1..).unwrap_or_default();
        if whole.len() != 14 || fraction.is_empty() || fraction.len() > 9 || fraction.ends_with(b"0") {
            return Err(DerError::Value("a fraction of a second is malformed"));
        }
        let seconds = moment(number(whole, 0..4)?, whole.get(4..).unwrap_or_default())?;
        let scale = 10_u32.saturating_pow(u32::try_from(9_usize.saturating_sub(fraction.len())).unwrap_or(0));
        let nanos = number(fraction, 0..fraction.len())?.saturating_mul(scale);
        seconds
            .replace_nanosecond(nanos)
            .map_err(|_| DerError::Value("a fraction of a second is malformed"))
    }
}

fn number(digits: &[u8], range: Range<usize>) -> Result<u32> {
    let digits = digits.get(range).ok_or(DerError::Value("a time is too short"))?;
    digits.iter().try_fold(0_u32, |sum, digit| {
        if !digit.is_ascii_digit() {
            return Err(DerError::Value("a time is not made of digits"));
        }
        Ok(sum
            .saturating_mul(10)
            .saturating_add(u32::from(digit.wrapping_sub(b'0'))))
    })
}

fn moment(year: u32, rest: &[u8]) -> Result<Time> {
    const BAD: DerError = DerError::Value("a time does not exist");
    let part = |at: usize| -> Result<u8> {
        let value = number(rest, at..at.saturating_add(2))?;
        u8::try_from(value).map_err(|_| BAD)
    };
    let year = i32::try_from(year).map_err(|_| BAD)?;
    let month = time::Month::try_from(part(0)?).map_err(|_| BAD)?;
    let date = time::Date::from_calendar_date(year, month, part(2)?).map_err(|_| BAD)?;
    let clock = time::Time::from_hms(part(4)?, part(6)?, part(8)?).map_err(|_| BAD)?;
    Ok(date.with_time(clock).assume_utc())
}
