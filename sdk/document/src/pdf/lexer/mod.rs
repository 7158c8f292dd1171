//! Bytes → values (ISO 32000-2 §7.2, §7.3). Reads exactly what is written: no repair, bounded depth,
//! bounded number of values.

mod numbers;
mod strings;

use std::collections::HashMap;

pub(crate) use numbers::decimal;

use super::error::{Code, ReadError};
use super::limits::Limits;
use super::object::{Dictionary, Name, Object, Reference};

/// A position in a window of bytes.
pub(crate) struct Lexer<'a> {
    data: &'a [u8],
    position: usize,
    /// Where the window starts in the file.
    base: u64,
    /// Nothing follows the window. Otherwise a token that touches its end may go on.
    last: bool,
    /// Offsets are the file's, not those of decoded data.
    located: bool,
    values: usize,
    limits: &'a Limits,
}

impl<'a> Lexer<'a> {
    /// Over a window of the file that starts at `base`.
    pub fn in_file(data: &'a [u8], base: u64, last: bool, limits: &'a Limits) -> Self {
        Self {
            data,
            position: 0,
            base,
            last,
            located: true,
            values: 0,
            limits,
        }
    }

    /// Over decoded data.
    pub fn in_stream(data: &'a [u8], start: usize, limits: &'a Limits) -> Self {
        Self {
            data,
            position: start,
            base: 0,
            last: true,
            located: false,
            values: 0,
            limits,
        }
    }

    /// Where the next byte is.
    pub fn offset(&self) -> u64 {
        self.base
            .saturating_add(u64::try_from(self.position).unwrap_or(u64::MAX))
    }

    /// What was taken, in bytes and values together.
    pub fn cost(&self) -> usize {
        let values = self.values.saturating_mul(VALUE);
        self.position.saturating_add(values)
    }

    pub fn error(&self, code: Code) -> ReadError {
        ReadError::new(code, self.offset())
    }

    fn peek(&self) -> Option<u8> {
        self.data.get(self.position).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.data.get(self.position.checked_add(ahead)?).copied()
    }

    fn skip(&mut self, count: usize) {
        self.position = self.position.saturating_add(count).min(self.data.len());
    }

    fn rest(&self) -> &'a [u8] {
        self.data.get(self.position..).unwrap_or_default()
    }

    /// Takes bytes while the condition holds; they must not touch the end of an unfinished window.
    fn take_while(&mut self, mut condition: impl FnMut(u8) -> bool) -> Result<&'a [u8], ReadError> {
        let rest = self.rest();
        let count = rest.iter().position(|b| !condition(*b)).unwrap_or(rest.len());
        if count == rest.len() && !self.last {
            return Err(self.error(Code::Truncated));
        }
        self.skip(count);
        Ok(rest.get(..count).unwrap_or_default())
    }

    /// White space and comments (§7.2.3, §7.2.4).
    pub fn space(&mut self) -> Result<(), ReadError> {
        if self.peek().is_some_and(|next| !is_space(next) && next != b'%') {
            return Ok(());
        }
        loop {
            self.take_while(is_space)?;
            if self.peek() != Some(b'%') {
                return Ok(());
            }
            self.take_while(|b| b != b'\r' && b != b'\n')?;
        }
    }

    /// White space alone.
    pub fn blank(&mut self) -> Result<(), ReadError> {
        self.take_while(is_space).map(drop)
    }

    /// Takes exactly this, if it is next.
    pub fn exactly(&mut self, text: &[u8]) -> Result<bool, ReadError> {
        let rest = self.rest();
        if rest.starts_with(text) {
            self.skip(text.len());
            return Ok(true);
        }
        if !self.last && text.starts_with(rest) {
            return Err(self.error(Code::Truncated));
        }
        Ok(false)
    }

    /// Takes this word, if it is next and ends there.
    pub fn keyword(&mut self, word: &[u8]) -> Result<bool, ReadError> {
        let before = self.position;
        if !self.exactly(word)? {
            return Ok(false);
        }
        match self.peek() {
            Some(next) if !is_regular(next) => Ok(true),
            None if self.last => Ok(true),
            None => Err(self.error(Code::Truncated)),
            Some(_) => {
                self.position = before;
                Ok(false)
            }
        }
    }

    /// `N G obj`.
    pub fn object_header(&mut self) -> Result<Reference, ReadError> {
        self.blank()?;
        let at = self.offset();
        let wrong = |_: Option<()>| ReadError::new(Code::ObjectHeader, at);
        let number = self.unsigned()?;
        self.blank()?;
        let generation = self.unsigned()?;
        self.blank()?;
        let reference = number
            .zip(generation)
            .and_then(|(n, g)| reference(n, g))
            .ok_or_else(|| wrong(None))?;
        // `obj` may touch what follows: `1 0 obj<<`, `1 0 obj5`. The latter is refused.
        if !self.keyword(b"obj")? {
            return Err(wrong(None));
        }
        Ok(reference)
    }

    /// Behind a dictionary: `stream` and its end of line (§7.3.8.1), if a stream follows.
    pub fn stream_start(&mut self) -> Result<bool, ReadError> {
        if !self.exactly(b"stream")? {
            return Ok(false);
        }
        if self.exactly(b"\r\n")? || self.exactly(b"\n")? {
            return Ok(true);
        }
        Err(self.error(Code::Stream))
    }

    /// A value.
    pub fn object(&mut self) -> Result<Object, ReadError> {
        self.value(self.limits.depth)
    }

    fn value(&mut self, depth: usize) -> Result<Object, ReadError> {
        self.space()?;
        self.count()?;
        match self.peek() {
            None => Err(self.error(Code::Truncated)),
            Some(b'/') => Ok(Object::Name(self.name()?)),
            Some(b'(') => {
                self.count()?;
                self.literal_string()
            }
            Some(b'<') => match self.peek_at(1) {
                Some(b'<') => self.dictionary(depth).map(Object::Dictionary),
                None if !self.last => Err(self.error(Code::Truncated)),
                _ => {
                    self.count()?;
                    self.hexadecimal_string()
                }
            },
            Some(b'[') => self.array(depth),
            Some(b'+' | b'-' | b'.') => self.number(),
            Some(b'0'..=b'9') => self.number_or_reference(),
            Some(_) => self.word(),
        }
    }

    /// One value more; a string has bytes of its own beside it, and counts once more for them.
    fn count(&mut self) -> Result<(), ReadError> {
        self.values = self.values.saturating_add(1);
        if self.values > self.limits.object_values {
            return Err(self.error(Code::TooLarge));
        }
        Ok(())
    }

    fn word(&mut self) -> Result<Object, ReadError> {
        for (word, value) in [
            (&b"true"[..], Object::Boolean(true)),
            (b"false", Object::Boolean(false)),
            (b"null", Object::Null),
        ] {
            if self.keyword(word)? {
                return Ok(value);
            }
        }
        Err(self.error(Code::Syntax))
    }

    fn deeper(&self, depth: usize) -> Result<usize, ReadError> {
        depth.checked_sub(1).ok_or_else(|| self.error(Code::TooDeep))
    }

    fn array(&mut self, depth: usize) -> Result<Object, ReadError> {
        let depth = self.deeper(depth)?;
        self.skip(1);
        let mut elements = Vec::new();
        loop {
            self.space()?;
            if self.exactly(b"]")? {
                return Ok(Object::Array(elements));
            }
            elements.push(self.value(depth)?);
        }
    }

    fn dictionary(&mut self, depth: usize) -> Result<Dictionary, ReadError> {
        let depth = self.deeper(depth)?;
        self.skip(2);
        let mut entries = Dictionary::default();
        // Made when it is needed: a new map asks for randomness.
        let mut known: Option<HashMap<Name, usize>> = None;
        loop {
            self.space()?;
            if self.exactly(b">>")? {
                return Ok(entries);
            }
            if self.peek().is_none() {
                return Err(self.error(Code::Truncated));
            }
            if self.peek() != Some(b'/') {
                return Err(self.error(Code::Dictionary));
            }
            let key = self.name()?;
            let value = self.value(depth)?;
            if value.is_null() {
                continue;
            }
            if entries.len() == FEW {
                let names = entries.iter().enumerate();
                known.get_or_insert_with(|| names.map(|(at, (name, _))| (name.clone(), at)).collect());
            }
            let before = if entries.len() < FEW {
                entries.of_name(&key)
            } else {
                known
                    .as_ref()
                    .and_then(|known| known.get(&key))
                    .and_then(|at| entries.at(*at))
            };
            match before {
                None => {
                    if let Some(known) = &mut known {
                        known.insert(key.clone(), entries.len());
                    }
                    entries.push(key, value);
                }
                // The same said twice is not ambiguous.
                Some(first) if *first == value => {}
                Some(_) => return Err(self.error(Code::Dictionary)),
            }
        }
    }

    fn name(&mut self) -> Result<Name, ReadError> {
        self.skip(1);
        let mut escaped = false;
        let raw = self.take_while(|byte| {
            escaped |= byte == b'#';
            is_regular(byte)
        })?;
        if !escaped {
            return Ok(Name::new(raw));
        }
        let mut bytes = Vec::with_capacity(raw.len());
        let mut rest = raw;
        loop {
            rest = match rest {
                [] => return Ok(Name::new(bytes)),
                [b'#', high, low, tail @ ..] => {
                    let byte = pair(*high, *low).filter(|b| *b != 0);
                    bytes.push(byte.ok_or_else(|| self.error(Code::Name))?);
                    tail
                }
                [b'#', ..] => return Err(self.error(Code::Name)),
                [byte, tail @ ..] => {
                    bytes.push(*byte);
                    tail
                }
            }
        }
    }
}

/// Table 1.
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_regular(byte: u8) -> bool {
    REGULAR.get(usize::from(byte)).copied().unwrap_or(false)
}

/// Table 1 and table 2 in one look.
const REGULAR: [bool; 256] = {
    let mut all = [false; 256];
    let mut byte = 0_u8;
    loop {
        let delimits = matches!(
            byte,
            b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
        );
        #[expect(
            clippy::indexing_slicing,
            clippy::as_conversions,
            reason = "a byte is below 256, and this is computed when compiled"
        )]
        {
            all[byte as usize] = !is_space(byte) && !delimits;
        }
        if byte == u8::MAX {
            break;
        }
        byte = byte.wrapping_add(1);
    }
    all
};

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

fn pair(high: u8, low: u8) -> Option<u8> {
    Some(hex(high)? << 4 | hex(low)?)
}

fn reference(number: u64, generation: u64) -> Option<Reference> {
    Some(Reference {
        number: u32::try_from(number).ok().filter(|n| *n <= HIGHEST_NUMBER)?,
        generation: u16::try_from(generation).ok()?,
    })
}

/// ISO 32000-1 Annex C.2 has 8 388 607; files with higher ones exist. Own choice: what fits a table of
/// ten digits and leaves room to count on.
pub(crate) const HIGHEST_NUMBER: u32 = 1 << 30;

/// What keeping a value costs beside reading its bytes.
const VALUE: usize = 32;

/// Up to here, keys are looked up one by one.
const FEW: usize = 24;

#[cfg(test)]
mod tests;
