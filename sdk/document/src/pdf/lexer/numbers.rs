//! Numbers (ISO 32000-2 §7.3.3) and references (§7.3.10).

use super::super::error::{Code, ReadError};
use super::super::object::Object;
use super::{Lexer, is_regular, is_space, reference};

impl Lexer<'_> {
    /// An unsigned integer of at most 19 digits.
    pub fn unsigned(&mut self) -> Result<Option<u64>, ReadError> {
        let before = self.position;
        let digits = self.take_while(|b| b.is_ascii_digit())?;
        if digits.is_empty() {
            return Ok(None);
        }
        match decimal(digits) {
            Some(value) => Ok(Some(value)),
            None => {
                self.position = before;
                Err(self.error(Code::Number))
            }
        }
    }

    pub fn number_or_reference(&mut self) -> Result<Object, ReadError> {
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

pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, digit| {
        let digit = digit.checked_sub(b'0').filter(|d| *d < 10)?;
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// Own choice: no reader keeps more than 20 digits.
const LONGEST_REAL: usize = 64;
