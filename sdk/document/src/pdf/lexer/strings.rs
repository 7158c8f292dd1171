//! Strings (ISO 32000-2 §7.3.4).

use super::super::error::{Code, ReadError};
use super::super::object::{Object, PdfString};
use super::{Lexer, is_space};

impl Lexer<'_> {
    fn string(&self, bytes: Vec<u8>, hexadecimal: bool, start: u64) -> Object {
        let extent = self.located.then(|| start..self.offset());
        Object::String(Box::new(PdfString {
            bytes,
            hexadecimal,
            extent,
        }))
    }

    pub fn literal_string(&mut self) -> Result<Object, ReadError> {
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

    pub fn hexadecimal_string(&mut self) -> Result<Object, ReadError> {
        let start = self.offset();
        self.skip(1);
        let all = self.rest();
        let (chunks, _) = all.as_chunks::<CHUNK>();
        let in_a_row = chunks.iter().take_while(|chunk| are_digits(chunk)).count();
        let in_a_row = in_a_row.saturating_mul(CHUNK);
        self.skip(in_a_row);
        let more = self.take_while(|b| digit(b) != NEITHER)?;
        let digits = all.get(..in_a_row.saturating_add(more.len())).unwrap_or(more);
        match self.peek() {
            Some(b'>') => self.skip(1),
            None => return Err(self.error(Code::Truncated)),
            Some(_) => return Err(self.error(Code::String)),
        }
        let bytes = decoded(digits);
        Ok(self.string(bytes, true, start))
    }
}

/// Signatures are some ten thousand digits in a row: pairs first, and one by one where white space is between.
fn decoded(digits: &[u8]) -> Vec<u8> {
    let (pairs, odd) = digits.as_chunks::<2>();
    let mut others = 0;
    let mut bytes: Vec<u8> = pairs
        .iter()
        .map(|[high, low]| {
            let (high, low) = (value(*high), value(*low));
            others |= high | low;
            high << 4 | low
        })
        .collect();
    if others >= SPACE || !odd.is_empty() {
        bytes.clear();
        let mut high = None;
        for digit in digits.iter().map(|b| digit(*b)).filter(|d| *d < SPACE) {
            match high.take() {
                None => high = Some(digit),
                Some(first) => bytes.push(first << 4 | digit),
            }
        }
        // §7.3.4.3: a missing last digit is 0.
        bytes.extend(high.map(|digit| digit << 4));
    }
    bytes
}

/// Whether all are digits: without a branch, so that the compiler looks at many at once.
fn are_digits(chunk: &[u8; CHUNK]) -> bool {
    chunk.iter().fold(0, |all, byte| all | value(*byte)) < SPACE
}

/// A digit's value, or [`NEITHER`]; without a table, for the same reason.
fn value(byte: u8) -> u8 {
    let number = byte.wrapping_sub(b'0');
    let letter = (byte | 0x20).wrapping_sub(b'a');
    if number < 10 {
        number
    } else if letter < 6 {
        letter.wrapping_add(10)
    } else {
        NEITHER
    }
}

/// A digit's value, [`SPACE`] or [`NEITHER`].
fn digit(byte: u8) -> u8 {
    DIGITS.get(usize::from(byte)).copied().unwrap_or(NEITHER)
}

/// Two registers of the processor.
const CHUNK: usize = 32;

const SPACE: u8 = 16;
const NEITHER: u8 = 255;

const DIGITS: [u8; 256] = {
    let mut all = [NEITHER; 256];
    let mut byte = 0_u8;
    loop {
        let value = match byte {
            b'0'..=b'9' => byte.wrapping_sub(b'0'),
            b'a'..=b'f' => byte.wrapping_sub(b'a').wrapping_add(10),
            b'A'..=b'F' => byte.wrapping_sub(b'A').wrapping_add(10),
            _ if is_space(byte) => SPACE,
            _ => NEITHER,
        };
        #[expect(
            clippy::indexing_slicing,
            clippy::as_conversions,
            reason = "computed when compiled; a byte is an index of 256"
        )]
        {
            all[byte as usize] = value;
        }
        if byte == u8::MAX {
            break all;
        }
        byte = byte.wrapping_add(1);
    }
};

#[cfg(test)]
mod tests {
    use super::{NEITHER, SPACE, decoded, digit, value};

    #[test]
    fn digits_are_paired_across_white_space() {
        assert_eq!(decoded(b"48656C6c6f"), b"Hello");
        assert_eq!(decoded(b"4 8\n65 6C6c6 f "), b"Hello");
        assert_eq!(decoded(b"487"), b"Hp");
        assert_eq!(decoded(b" "), b"");
    }

    #[test]
    fn every_byte_has_the_value_that_the_table_gives_a_digit() {
        for byte in 0..=u8::MAX {
            let told = digit(byte);
            assert_eq!(value(byte), if told < SPACE { told } else { NEITHER }, "{byte}");
        }
    }
}
