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
        // Signatures are some ten thousand digits in a row, most of them zeros: room that was not needed.
        let (chunks, _) = self.rest().as_chunks::<CHUNK>();
        let mut bytes = Vec::new();
        for chunk in chunks {
            if chunk == ZEROS {
                bytes.extend_from_slice(&[0; CHUNK / 2]);
                continue;
            }
            let Some(chunk) = pairs(chunk) else {
                break;
            };
            bytes.extend_from_slice(&chunk);
        }
        self.skip(bytes.len().saturating_mul(2));
        one_by_one(self.take_while(|b| digit(b) != NEITHER)?, &mut bytes);
        match self.peek() {
            Some(b'>') => self.skip(1),
            None => return Err(self.error(Code::Truncated)),
            Some(_) => return Err(self.error(Code::String)),
        }
        Ok(self.string(bytes, true, start))
    }
}

/// The bytes of these digits, between which may be white space.
fn one_by_one(digits: &[u8], bytes: &mut Vec<u8>) {
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

/// The bytes of these digits, if they are nothing else: without a branch, so that the compiler looks at many at once.
fn pairs(digits: &[u8; CHUNK]) -> Option<[u8; CHUNK / 2]> {
    let values = digits.map(value);
    let (both, _) = values.as_chunks::<2>();
    let mut bytes = [0; CHUNK / 2];
    for (byte, [high, low]) in bytes.iter_mut().zip(both) {
        *byte = high << 4 | low;
    }
    (values.iter().fold(0, |all, value| all | value) < SPACE).then_some(bytes)
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

const ZEROS: &[u8; CHUNK] = &[b'0'; CHUNK];

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
    use super::{CHUNK, NEITHER, SPACE, digit, one_by_one, pairs, value};

    #[test]
    fn digits_are_paired_across_white_space() {
        let decoded = |digits: &[u8]| {
            let mut bytes = Vec::new();
            one_by_one(digits, &mut bytes);
            bytes
        };
        assert_eq!(decoded(b"48656C6c6f"), b"Hello");
        assert_eq!(decoded(b"4 8\n65 6C6c6 f "), b"Hello");
        assert_eq!(decoded(b"487"), b"Hp");
        assert_eq!(decoded(b" "), b"");
    }

    #[test]
    fn digits_in_a_row_are_read_together_and_nothing_else_is() {
        let digits = *b"00ff1234567890abcdefABCDEF000102";
        let bytes = [
            0x00, 0xff, 0x12, 0x34, 0x56, 0x78, 0x90, 0xab, 0xcd, 0xef, 0xab, 0xcd, 0xef, 0x00, 0x01, 0x02,
        ];
        assert_eq!(pairs(&digits), Some(bytes));
        for at in 0..CHUNK {
            for other in [b' ', b'>', b'g', b'G', b'/', b':', b'@', b'`', 0, 0xff] {
                let mut wrong = digits;
                wrong[at] = other;
                assert_eq!(pairs(&wrong), None, "{other} at {at}");
            }
        }
    }

    #[test]
    fn every_byte_has_the_value_that_the_table_gives_a_digit() {
        for byte in 0..=u8::MAX {
            let told = digit(byte);
            assert_eq!(value(byte), if told < SPACE { told } else { NEITHER }, "{byte}");
        }
    }
}
