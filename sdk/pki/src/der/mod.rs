//! A reader of DER, and of BER where a format allows it, that keeps the raw bytes.
//!
//! Every element remembers where it began, so a signature is checked over the bytes that were
//! received and never over a re-encoding. Work is linear in the input, nesting is bounded, and
//! no input makes it panic.

mod values;

use std::borrow::Cow;
use std::ops::Range;

use crate::oid::Oid;

/// Which rules lengths have to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// X.690 §10: definite lengths in the fewest octets. Certificates, lists, responses, tokens.
    Der,
    /// X.690 §8: indefinite and long-winded lengths too. RFC 5652 §2 allows them in CMS.
    Ber,
}

/// Why bytes could not be read. All are the sender's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DerError {
    /// An element says it is longer than the bytes that hold it.
    #[error("an element ends after its container")]
    Truncated,
    /// A length that is not written in the fewest octets, or is indefinite, where DER is required.
    #[error("a length is not encoded by DER")]
    NotDer,
    /// A length of more than four octets.
    #[error("a length is out of bounds")]
    Length,
    /// A tag number above 30: none of the formats read here has one.
    #[error("a tag number is out of bounds")]
    HighTag,
    /// Another element than the format requires.
    #[error("found tag {found:#04x} where {expected:#04x} was expected")]
    Tag {
        /// The identifier octet that the format requires.
        expected: u8,
        /// The identifier octet that was there.
        found: u8,
    },
    /// Bytes after the last element of a structure.
    #[error("bytes follow the end of a structure")]
    Trailing,
    /// Deeper than [`MAX_DEPTH`].
    #[error("elements are nested too deeply")]
    Depth,
    /// The contents do not fit the type.
    #[error("a value is malformed: {0}")]
    Value(&'static str),
}

type Result<T> = std::result::Result<T, DerError>;

/// One element: identifier, length, contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    tag: u8,
    raw: &'a [u8],
    value: &'a [u8],
    start: usize,
    depth: u8,
    rules: Rules,
}

/// A cursor over the elements of one container.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
    depth: u8,
    rules: Rules,
}

/// Reads `bytes` as exactly one DER element with this tag.
pub fn whole(bytes: &[u8], tag: u8) -> Result<Tlv<'_>> {
    let mut reader = Reader::new(bytes, Rules::Der);
    let tlv = reader.expect(tag)?;
    reader.finish()?;
    Ok(tlv)
}

impl<'a> Reader<'a> {
    /// Starts at the first byte of `bytes`.
    pub fn new(bytes: &'a [u8], rules: Rules) -> Self {
        Self {
            rest: bytes,
            offset: 0,
            depth: 0,
            rules,
        }
    }

    /// No element is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The identifier octet of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, whatever it is.
    pub fn read(&mut self) -> Result<Tlv<'a>> {
        let header = Header::read(self.rest, self.rules)?;
        let (value_end, total) = match header.length {
            Some(length) => {
                let end = header.size.checked_add(length).ok_or(DerError::Length)?;
                (end, end)
            }
            None => {
                let inner = self.rest.get(header.size..).ok_or(DerError::Truncated)?;
                let end = header
                    .size
                    .checked_add(indefinite(inner)?)
                    .ok_or(DerError::Length)?;
                (end, end.checked_add(2).ok_or(DerError::Length)?)
            }
        };
        let value = self.rest.get(header.size..value_end).ok_or(DerError::Truncated)?;
        let (raw, rest) = self.rest.split_at_checked(total).ok_or(DerError::Truncated)?;
        let tlv = Tlv {
            tag: header.tag,
            raw,
            value,
            start: self.offset,
            depth: self.depth,
            rules: self.rules,
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(total);
        Ok(tlv)
    }

    /// The next element, which must have this tag.
    pub fn expect(&mut self, tag: u8) -> Result<Tlv<'a>> {
        match self.peek() {
            Some(found) if found == tag => self.read(),
            Some(found) => Err(DerError::Tag { expected: tag, found }),
            None => Err(DerError::Truncated),
        }
    }

    /// The next element if it has this tag.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>> {
        if self.peek() == Some(tag) {
            self.read().map(Some)
        } else {
            Ok(None)
        }
    }

    /// Refuses bytes after the last element.
    pub fn finish(&self) -> Result<()> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DerError::Trailing)
        }
    }

    /// An OBJECT IDENTIFIER.
    pub fn oid(&mut self) -> Result<Oid> {
        self.expect(OID)?.oid()
    }

    /// An OCTET STRING; in BER it may come in pieces.
    pub fn octets(&mut self) -> Result<Cow<'a, [u8]>> {
        match self.peek() {
            Some(OCTET_STRING) => self.read().map(|tlv| Cow::Borrowed(tlv.value)),
            Some(CONSTRUCTED_OCTET_STRING) if self.rules == Rules::Ber => self.read()?.octets(),
            _ => self.expect(OCTET_STRING).map(|tlv| Cow::Borrowed(tlv.value)),
        }
    }
}

impl<'a> Tlv<'a> {
    /// The identifier octet.
    pub fn tag(&self) -> u8 {
        self.tag
    }

    /// Identifier, length and contents as received.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The contents as received.
    pub fn value(&self) -> &'a [u8] {
        self.value
    }

    /// Where [`raw`](Self::raw) lies in the bytes that the outermost reader was given.
    pub fn span(&self) -> Range<usize> {
        self.start..self.start.saturating_add(self.raw.len())
    }

    /// A cursor over the elements inside.
    pub fn reader(&self) -> Result<Reader<'a>> {
        if self.tag & CONSTRUCTED == 0 {
            return Err(DerError::Value(
                "a primitive element where a structure was expected",
            ));
        }
        let depth = self.depth.saturating_add(1);
        if depth > MAX_DEPTH {
            return Err(DerError::Depth);
        }
        let trailer = if self.value.len() < self.raw.len() && self.is_indefinite() {
            2
        } else {
            0
        };
        let header = self
            .raw
            .len()
            .saturating_sub(self.value.len())
            .saturating_sub(trailer);
        Ok(Reader {
            rest: self.value,
            offset: self.start.saturating_add(header),
            depth,
            rules: self.rules,
        })
    }

    /// The one element inside an EXPLICIT tag.
    pub fn inner(&self, tag: u8) -> Result<Tlv<'a>> {
        let mut reader = self.reader()?;
        let inner = reader.expect(tag)?;
        reader.finish()?;
        Ok(inner)
    }

    /// The elements inside a SEQUENCE OF SEQUENCE or SET OF SEQUENCE: most lists.
    pub fn sequences(&self) -> Result<Vec<Tlv<'a>>> {
        let mut reader = self.reader()?;
        let mut elements = Vec::new();
        while !reader.is_empty() {
            elements.push(reader.expect(SEQUENCE)?);
        }
        Ok(elements)
    }

    /// The elements inside a SEQUENCE OF or SET OF, of whatever kind.
    pub fn elements(&self) -> Result<Vec<Tlv<'a>>> {
        let mut reader = self.reader()?;
        let mut elements = Vec::new();
        while !reader.is_empty() {
            elements.push(reader.read()?);
        }
        Ok(elements)
    }

    fn is_indefinite(&self) -> bool {
        self.raw.get(1) == Some(&INDEFINITE)
    }
}

/// The contents with a definite, minimal length in front, as DER writes it.
pub fn encode(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len().saturating_add(6));
    out.push(tag);
    let length = value.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    match length.get(zeros..).unwrap_or_default() {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        long => {
            out.push(0x80 | u8::try_from(long.len()).unwrap_or(8));
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(value);
    out
}

struct Header {
    tag: u8,
    size: usize,
    length: Option<usize>,
}

impl Header {
    fn read(bytes: &[u8], rules: Rules) -> Result<Self> {
        let (tag, first) = match bytes {
            [tag, first, ..] => (*tag, *first),
            _ => return Err(DerError::Truncated),
        };
        if tag & 0x1f == 0x1f {
            return Err(DerError::HighTag);
        }
        if first < 0x80 {
            return Ok(Self {
                tag,
                size: 2,
                length: Some(usize::from(first)),
            });
        }
        if first == INDEFINITE {
            return match rules {
                Rules::Ber if tag & CONSTRUCTED != 0 => Ok(Self {
                    tag,
                    size: 2,
                    length: None,
                }),
                _ => Err(DerError::NotDer),
            };
        }
        let count = usize::from(first & 0x7f);
        let size = count.saturating_add(2);
        let octets = bytes.get(2..size).ok_or(DerError::Truncated)?;
        let minimal = octets.first() != Some(&0) && !matches!(octets, [short] if *short < 0x80);
        if !minimal && rules == Rules::Der {
            return Err(DerError::NotDer);
        }
        let significant = octets
            .iter()
            .position(|byte| *byte != 0)
            .and_then(|at| octets.get(at..))
            .unwrap_or_default();
        if significant.len() > 4 {
            return Err(DerError::Length);
        }
        let length = significant
            .iter()
            .fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
        let length = usize::try_from(length).map_err(|_| DerError::Length)?;
        Ok(Self {
            tag,
            size,
            length: Some(length),
        })
    }
}

/// The length of the contents of an indefinite element: up to its own end-of-contents.
fn indefinite(bytes: &[u8]) -> Result<usize> {
    let mut open = 1_u8;
    let mut at = 0_usize;
    loop {
        let rest = bytes.get(at..).ok_or(DerError::Truncated)?;
        let header = Header::read(rest, Rules::Ber)?;
        if header.tag == 0 {
            if header.length != Some(0) || header.size != 2 {
                return Err(DerError::Value("an end-of-contents has contents"));
            }
            open = open.saturating_sub(1);
            if open == 0 {
                return Ok(at);
            }
        } else if header.length.is_none() {
            open = open.saturating_add(1);
            if open > MAX_DEPTH {
                return Err(DerError::Depth);
            }
        }
        let step = header
            .size
            .checked_add(header.length.unwrap_or(0))
            .ok_or(DerError::Length)?;
        at = at.checked_add(step).ok_or(DerError::Length)?;
    }
}

/// The formats read here nest about twelve deep; pathological files go to ten thousand.
pub const MAX_DEPTH: u8 = 48;

/// BOOLEAN.
pub const BOOLEAN: u8 = 0x01;
/// INTEGER.
pub const INTEGER: u8 = 0x02;
/// BIT STRING.
pub const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
pub const OCTET_STRING: u8 = 0x04;
/// NULL.
pub const NULL: u8 = 0x05;
/// OBJECT IDENTIFIER.
pub const OID: u8 = 0x06;
/// ENUMERATED.
pub const ENUMERATED: u8 = 0x0a;
/// UTF8String.
pub const UTF8_STRING: u8 = 0x0c;
/// PrintableString.
pub const PRINTABLE_STRING: u8 = 0x13;
/// TeletexString.
pub const TELETEX_STRING: u8 = 0x14;
/// IA5String.
pub const IA5_STRING: u8 = 0x16;
/// UTCTime.
pub const UTC_TIME: u8 = 0x17;
/// GeneralizedTime.
pub const GENERALIZED_TIME: u8 = 0x18;
/// UniversalString.
pub const UNIVERSAL_STRING: u8 = 0x1c;
/// BMPString.
pub const BMP_STRING: u8 = 0x1e;
/// SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// SET.
pub const SET: u8 = 0x31;

const CONSTRUCTED: u8 = 0x20;
const CONSTRUCTED_OCTET_STRING: u8 = OCTET_STRING | CONSTRUCTED;
const INDEFINITE: u8 = 0x80;

/// The identifier octet of a constructed context-specific tag: an EXPLICIT one, or a structure.
pub const fn context(number: u8) -> u8 {
    0xa0 | (number & 0x1f)
}

/// The identifier octet of a primitive context-specific tag.
pub const fn context_primitive(number: u8) -> u8 {
    0x80 | (number & 0x1f)
}

#[cfg(test)]
mod tests;
