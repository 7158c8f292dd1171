//! Numbers (ISO 32000-2 §7.3.3) and references (§7.3.10).

use super::super::error::{Code, ReadError};
use super::super::object::Object;
use super::{Lexer, is_regular, is_space, reference};

impl Lexer<'_> {
    /// An unsigned integer of at most 19 digits.
    pub fn unsigned(&mut self) -> Result<Option<u64>, ReadError> {
        let before = self.position;
        let mut value = 0_u64;
        let digits = self.take_while(|byte| {
            let digit = byte.wrapping_sub(b'0');
            if digit < 10 {
                value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            }
            digit < 10
        })?;
        match digits.len() {
            0 => Ok(None),
            1..=ALWAYS_FIT => Ok(Some(value)),
            _ => {
                let read = decimal(digits);
                if read.is_none() {
                    self.position = before;
                }
                read.map(Some).ok_or_else(|| self.error(Code::Number))
            }
        }
    }

    pub fn number_or_reference(&mut self) -> Result<Object, ReadError> {
        if let Some((object, length)) = usual(self.rest()) {
            self.skip(length);
            return Ok(object);
        }
        self.any_number_or_reference()
    }

    pub(super) fn any_number_or_reference(&mut self) -> Result<Object, ReadError> {
        let start = self.position;
        if let Some(number) = self.unsigned()? {
            let behind = self.position;
            let whole = self.peek().is_some_and(|next| !is_regular(next));
            if self.peek().is_some_and(is_space) {
                self.blank()?;
                if let Some(b'0'..=b'9') = self.peek()
                    && let Some(generation) = self.unsigned()?
                    && self.peek().is_some_and(is_space)
                {
                    self.blank()?;
                    if self.keyword(b"R")? {
                        let found = reference(number, generation);
                        return found
                            .map(Object::Reference)
                            .ok_or_else(|| self.error(Code::Number));
                    }
                }
            }
            if self.peek().is_none() && !self.last {
                return Err(self.error(Code::Truncated));
            }
            // Digits alone, and no reference: what was read is the number.
            if let Some(value) = i64::try_from(number).ok().filter(|_| whole) {
                self.position = behind;
                return Ok(Object::Integer(value));
            }
        }
        self.position = start;
        self.number()
    }

    pub fn number(&mut self) -> Result<Object, ReadError> {
        let at = self.offset();
        let wrong = || ReadError::new(Code::Number, at);
        let token = self.take_while(is_regular)?;
        let (negative, digits) = match token {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            all => (false, all),
        };
        if digits.iter().all(u8::is_ascii_digit) {
            let value = decimal(digits)
                .and_then(|v| i64::try_from(v).ok())
                .ok_or_else(wrong)?;
            return Ok(Object::Integer(if negative {
                value.saturating_neg()
            } else {
                value
            }));
        }
        let points = digits.iter().filter(|b| **b == b'.').count();
        let plain = digits.iter().all(|b| b.is_ascii_digit() || *b == b'.');
        if points != 1 || !plain || digits.len() < 2 || digits.len() > LONGEST_REAL {
            return Err(wrong());
        }
        let text = std::str::from_utf8(digits).map_err(|_| wrong())?;
        let value: f64 = text.parse().map_err(|_| wrong())?;
        Ok(Object::Real(if negative { -value } else { value }))
    }
}

/// A reference with single spaces, or digits that cannot begin one, with their length: nearly all that files have.
/// None for whatever else there is, what is wrong among it.
pub(super) fn usual(bytes: &[u8]) -> Option<(Object, usize)> {
    let (number, length) = few_digits(bytes)?;
    let next = *bytes.get(length)?;
    let integer = Some((Object::Integer(i64::try_from(number).ok()?), length));
    if next != b' ' {
        return integer.filter(|_| !is_regular(next) && !is_space(next));
    }
    let rest = bytes.get(length.checked_add(1)?..)?;
    let Some((generation, more)) = few_digits(rest) else {
        let next = *rest.first()?;
        return integer.filter(|_| !next.is_ascii_digit() && !is_space(next));
    };
    match rest.get(more..)? {
        [b' ', b'R', next, ..] if !is_regular(*next) => {
            let behind = length.checked_add(more)?.checked_add(3)?;
            Some((Object::Reference(reference(number, generation)?), behind))
        }
        [b' ', next, ..] => integer.filter(|_| *next != b'R' && !is_space(*next)),
        [next, ..] => integer.filter(|_| !is_space(*next)),
        [] => None,
    }
}

/// Digits that are not many, all that stand there, and how many they are.
fn few_digits(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (length, byte) in bytes.iter().enumerate().take(FEW_DIGITS) {
        let digit = byte.wrapping_sub(b'0');
        if digit >= 10 {
            return (length > 0).then_some((value, length));
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    None
}

pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, digit| {
        let digit = digit.checked_sub(b'0').filter(|d| *d < 10)?;
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// Offsets have ten.
const FEW_DIGITS: usize = 12;

/// 2^64 has twenty digits.
const ALWAYS_FIT: usize = 19;

/// Own choice: no reader keeps more than 20 digits.
const LONGEST_REAL: usize = 64;
