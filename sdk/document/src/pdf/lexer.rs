//! Bytes → values (ISO 32000-2 §7.2, §7.3). Reads exactly what is written: no repair, bounded depth,
//! bounded number of values.

use std::collections::HashMap;

use super::error::{Code, ReadError};
use super::limits::Limits;
use super::object::{Dictionary, Name, Object, PdfString, Reference};

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

    /// How many bytes were taken.
    pub fn taken(&self) -> usize {
        self.position
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
    fn take_while(&mut self, condition: impl Fn(u8) -> bool) -> Result<&'a [u8], ReadError> {
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
        self.values = self.values.saturating_add(1);
        if self.values > self.limits.object_values {
            return Err(self.error(Code::TooLarge));
        }
        match self.peek() {
            None => Err(self.error(Code::Truncated)),
            Some(b'/') => Ok(Object::Name(self.name()?)),
            Some(b'(') => self.literal_string(),
            Some(b'<') => match self.peek_at(1) {
                Some(b'<') => self.dictionary(depth).map(Object::Dictionary),
                None if !self.last => Err(self.error(Code::Truncated)),
                _ => self.hexadecimal_string(),
            },
            Some(b'[') => self.array(depth),
            Some(b'+' | b'-' | b'.') => self.number(),
            Some(b'0'..=b'9') => self.number_or_reference(),
            Some(_) => self.word(),
        }
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
        let mut known: HashMap<Name, usize> = HashMap::new();
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
                known.extend(
                    entries
                        .iter()
                        .enumerate()
                        .map(|(at, (name, _))| (name.clone(), at)),
                );
            }
            let before = if entries.len() < FEW {
                entries.get(key.as_bytes())
            } else {
                known.get(&key).and_then(|at| entries.at(*at))
            };
            match before {
                None => {
                    if entries.len() >= FEW {
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
        let raw = self.take_while(is_regular)?;
        if !raw.contains(&b'#') {
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

    fn number_or_reference(&mut self) -> Result<Object, ReadError> {
        let start = self.position;
        if let Some(number) = self.unsigned()? {
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
        }
        self.position = start;
        self.number()
    }

    fn number(&mut self) -> Result<Object, ReadError> {
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

    fn string(&self, bytes: Vec<u8>, hexadecimal: bool, start: u64) -> Object {
        let extent = self.located.then(|| start..self.offset());
        Object::String(Box::new(PdfString {
            bytes,
            hexadecimal,
            extent,
        }))
    }

    fn literal_string(&mut self) -> Result<Object, ReadError> {
        let start = self.offset();
        self.skip(1);
        let (mut bytes, mut open) = (Vec::new(), 1_usize);
        loop {
            let run = self.take_while(|b| !matches!(b, b'(' | b')' | b'\\' | b'\r'))?;
            bytes.extend_from_slice(run);
            let Some(byte) = self.peek() else {
                return Err(self.error(Code::Truncated));
            };
            self.skip(1);
            match byte {
                b'(' => open = open.saturating_add(1),
                b')' => {
                    open = open.saturating_sub(1);
                    if open == 0 {
                        return Ok(self.string(bytes, false, start));
                    }
                }
                b'\r' => {
                    // §7.3.4.2: an end of line within a string reads as a line feed.
                    self.exactly(b"\n")?;
                    bytes.push(b'\n');
                    continue;
                }
                _ => {
                    self.escape(&mut bytes)?;
                    continue;
                }
            }
            bytes.push(byte);
        }
    }

    /// §7.3.4.2 table 3; the backslash is taken already.
    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), ReadError> {
        let Some(byte) = self.peek() else {
            return Err(self.error(Code::Truncated));
        };
        if matches!(byte, b'0'..=b'7') {
            let mut value = 0_u16;
            for _ in 0..3 {
                match self.peek() {
                    Some(digit @ b'0'..=b'7') => {
                        value = value.wrapping_mul(8).wrapping_add(u16::from(digit & 7));
                        self.skip(1);
                    }
                    None if !self.last => return Err(self.error(Code::Truncated)),
                    _ => break,
                }
            }
            // Overflow beyond a byte is ignored, as the clause says.
            bytes.push(value.to_le_bytes()[0]);
            return Ok(());
        }
        self.skip(1);
        match byte {
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'b' => bytes.push(8),
            b'f' => bytes.push(12),
            b'\n' => {}
            b'\r' => {
                self.exactly(b"\n")?;
            }
            other => bytes.push(other),
        }
        Ok(())
    }

    fn hexadecimal_string(&mut self) -> Result<Object, ReadError> {
        let start = self.offset();
        self.skip(1);
        let digits = self.take_while(|b| b.is_ascii_hexdigit() || is_space(b))?;
        match self.peek() {
            Some(b'>') => self.skip(1),
            None => return Err(self.error(Code::Truncated)),
            Some(_) => return Err(self.error(Code::String)),
        }
        let mut bytes = Vec::with_capacity(digits.len() / 2);
        let mut high = None;
        for digit in digits.iter().filter_map(|b| hex(*b)) {
            match high.take() {
                None => high = Some(digit),
                Some(first) => bytes.push(first << 4 | digit),
            }
        }
        // §7.3.4.3: a missing last digit is 0.
        bytes.extend(high.map(|digit| digit << 4));
        Ok(self.string(bytes, true, start))
    }
}

/// Table 1.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte)
        && !matches!(
            byte,
            b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
        )
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

fn pair(high: u8, low: u8) -> Option<u8> {
    Some(hex(high)? << 4 | hex(low)?)
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

fn reference(number: u64, generation: u64) -> Option<Reference> {
    Some(Reference {
        number: u32::try_from(number).ok().filter(|n| *n <= HIGHEST_NUMBER)?,
        generation: u16::try_from(generation).ok()?,
    })
}

/// ISO 32000-1 Annex C.2 has 8 388 607; files with higher ones exist. Own choice: what fits a table of
/// ten digits and leaves room to count on.
pub(crate) const HIGHEST_NUMBER: u32 = 1 << 30;

/// Up to here, keys are looked up one by one.
const FEW: usize = 24;

/// Own choice: no reader keeps more than 20 digits.
const LONGEST_REAL: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &[u8]) -> Result<Object, Code> {
        Lexer::in_file(text, 0, true, &Limits::default())
            .object()
            .map_err(|e| e.code)
    }

    fn text(value: Result<Object, Code>) -> Vec<u8> {
        match value {
            Ok(Object::String(s)) => s.bytes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers() {
        assert_eq!(read(b"17"), Ok(Object::Integer(17)));
        assert_eq!(read(b"-17 0 R"), Ok(Object::Integer(-17)));
        assert_eq!(read(b"+.5"), Ok(Object::Real(0.5)));
        assert_eq!(read(b"4."), Ok(Object::Real(4.0)));
        assert_eq!(read(b"12 0 R"), Ok(Object::Reference(Reference::new(12))));
        assert_eq!(read(b"12 0 Rx"), Ok(Object::Integer(12)));
        for wrong in [
            &b"--1"[..],
            b"1.2.3",
            b".",
            b"-",
            b"1e5",
            b"99999999999999999999",
            b"4294967296 0 R",
        ] {
            assert_eq!(read(wrong), Err(Code::Number), "{}", wrong.escape_ascii());
        }
    }

    #[test]
    fn strings() {
        assert_eq!(text(read(b"(a(b)c\\)\\n\\101\\\r\nd\re)")), b"a(b)c)\nAd\ne");
        assert_eq!(text(read(b"<48 65 6C6>")), b"Hel`");
        assert_eq!(read(b"(a"), Err(Code::Truncated));
        assert_eq!(read(b"<4x>"), Err(Code::String));
    }

    #[test]
    fn names() {
        assert_eq!(read(b"/A#20B"), Ok(Object::Name(Name::new(*b"A B"))));
        assert_eq!(read(b"/"), Ok(Object::Name(Name::new(*b""))));
        assert_eq!(read(b"/A#2"), Err(Code::Name));
        assert_eq!(read(b"/A#00"), Err(Code::Name));
    }

    #[test]
    fn a_key_that_says_two_things_is_refused() {
        assert_eq!(read(b"<</A 1/A 2>>"), Err(Code::Dictionary));
        assert!(read(b"<</A 1/A 1>>").is_ok());
        assert_eq!(
            read(b"<</A null>>"),
            Ok(Object::Dictionary(Dictionary::default()))
        );
    }

    #[test]
    fn nesting_ends_at_the_limit_not_at_the_stack() {
        assert_eq!(read(&[b'['; 100_000]), Err(Code::TooDeep));
        let mut fits = vec![b'['; 64];
        fits.extend([b']'; 64]);
        assert!(read(&fits).is_ok());
    }

    #[test]
    fn a_window_that_ends_inside_a_token_asks_for_more() {
        let whole = b"<</A(x\\)y)/B[1 0 R 2 3.5]/C<4142>/D true/E/F#41>> ";
        let limits = Limits::default();
        for cut in 0..whole.len() - 1 {
            let window = whole.get(..cut).unwrap();
            let error = Lexer::in_file(window, 0, false, &limits)
                .object()
                .map_err(|e| e.code);
            assert_eq!(error, Err(Code::Truncated), "cut at {cut}");
        }
        assert!(Lexer::in_file(whole, 0, false, &limits).object().is_ok());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn no_tokens_make_it_panic(tokens in "[\\[\\]<>()/#%R0-9. \\\\a-f-]{0,120}") {
            let _ = read(tokens.as_bytes());
        }
    }
}
