//! A reader of DER, and of BER where a format allows it, that keeps the raw bytes.
//!
//! Every element remembers where it began, so a signature is checked over the bytes that were
//! received and never over a re-encoding. Work is linear in the input, nesting is bounded, and
//! no input makes it panic.

use std::borrow::Cow;
use std::ops::Range;

use crate::Time;
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

    /// The elements inside a SEQUENCE OF or SET OF.
    pub fn elements(&self) -> Result<Vec<Tlv<'a>>> {
        let mut reader = self.reader()?;
        let mut elements = Vec::new();
        while !reader.is_empty() {
            elements.push(reader.read()?);
        }
        Ok(elements)
    }

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

    fn is_indefinite(&self) -> bool {
        self.raw.get(1) == Some(&INDEFINITE)
    }
}

/// The contents with a definite, minimal length in front, as DER writes it.
pub fn encode(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len().saturating_add(6));
    out.push(tag);
    let length = value.len().to_be_bytes();
    let significant: Vec<u8> = length.iter().copied().skip_while(|byte| *byte == 0).collect();
    match significant.as_slice() {
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
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_length_in_too_many_octets_is_refused_in_der_and_read_in_ber() {
        let bytes = [0x04, 0x81, 0x01, 0xaa];
        assert_eq!(Reader::new(&bytes, Rules::Der).read(), Err(DerError::NotDer));
        assert_eq!(Reader::new(&bytes, Rules::Ber).read().unwrap().value(), [0xaa]);
    }

    #[test]
    fn an_indefinite_length_ends_at_its_own_end_of_contents() {
        let bytes = [
            0x30, 0x80, 0x30, 0x80, 0x02, 0x01, 0x05, 0, 0, 0x02, 0x01, 0x06, 0, 0, 0xff,
        ];
        let mut reader = Reader::new(&bytes, Rules::Ber);
        let outer = reader.read().unwrap();
        assert_eq!(outer.raw().len(), 14);
        let mut inside = outer.reader().unwrap();
        assert_eq!(inside.read().unwrap().value(), [0x02, 0x01, 0x05]);
        let six = inside.read().unwrap();
        assert_eq!((six.small().unwrap(), six.span()), (6, 9..12));
        assert_eq!(reader.rest(), [0xff]);
    }

    #[test]
    fn pieces_of_a_ber_octet_string_are_joined() {
        let bytes = [0x24, 0x80, 0x04, 0x01, 0xaa, 0x04, 0x01, 0xbb, 0, 0];
        assert_eq!(*Reader::new(&bytes, Rules::Ber).octets().unwrap(), [0xaa, 0xbb]);
        assert!(Reader::new(&bytes, Rules::Der).octets().is_err());
    }

    #[test]
    fn ten_thousand_levels_are_refused_without_recursion() {
        let deep = [0x30_u8, 0x80].repeat(10_000);
        assert_eq!(Reader::new(&deep, Rules::Ber).read(), Err(DerError::Depth));
    }

    #[test]
    fn lengths_beyond_the_input_or_four_octets_are_refused() {
        for bytes in [
            &[0x04, 0x05, 0x00][..],
            &[0x04, 0x85, 1, 0, 0, 0, 0],
            &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(Reader::new(bytes, Rules::Der).read().is_err());
        }
    }

    #[test]
    fn times_are_read_in_zulu_with_seconds_only() {
        let read = |tag, text: &str| whole(&encode(tag, text.as_bytes()), tag).unwrap().time();
        assert_eq!(
            read(UTC_TIME, "491231235959Z"),
            Ok(datetime!(2049-12-31 23:59:59 UTC))
        );
        assert_eq!(
            read(UTC_TIME, "500101000000Z"),
            Ok(datetime!(1950-01-01 0:00 UTC))
        );
        assert_eq!(
            read(GENERALIZED_TIME, "20500101000000Z"),
            Ok(datetime!(2050-01-01 0:00 UTC))
        );
        for bad in [
            "4912312359Z",
            "491231235959",
            "491231235959+0000",
            "491331235959Z",
            "4912312359-1Z",
        ] {
            assert!(read(UTC_TIME, bad).is_err(), "{bad}");
        }
        assert!(read(GENERALIZED_TIME, "20500101000000.5Z").is_err());
    }

    #[test]
    fn a_fraction_of_a_second_is_read_where_it_is_allowed() {
        let read = |text: &str| {
            whole(&encode(GENERALIZED_TIME, text.as_bytes()), GENERALIZED_TIME)
                .unwrap()
                .time_with_fraction()
        };
        assert_eq!(
            read("20261121120000.25Z"),
            Ok(datetime!(2026-11-21 12:00:00.25 UTC))
        );
        assert!(read("20261121120000.250Z").is_err());
        assert!(read("20261121120000.Z").is_err());
    }

    #[test]
    fn padded_and_empty_integers_are_refused() {
        for bad in [&[][..], &[0x00, 0x01], &[0xff, 0x80]] {
            assert!(whole(&encode(INTEGER, bad), INTEGER).unwrap().integer().is_err());
        }
        assert_eq!(
            whole(&encode(INTEGER, &[0x00, 0x80]), INTEGER).unwrap().small(),
            Ok(128)
        );
    }

    #[test]
    fn named_bits_count_from_the_left() {
        let bits = |value: &[u8]| {
            whole(&encode(BIT_STRING, value), BIT_STRING)
                .unwrap()
                .named_bits()
        };
        assert_eq!(bits(&[1, 0x06]), Ok(0b0110_0000));
        assert_eq!(bits(&[7, 0x00, 0x80]), Ok(1 << 8));
        assert!(bits(&[1, 0x07]).is_err());
    }

    #[test]
    fn what_is_encoded_is_read_back() {
        for size in [0, 1, 127, 128, 255, 256, 70_000] {
            let value = vec![7_u8; size];
            assert_eq!(
                whole(&encode(OCTET_STRING, &value), OCTET_STRING)
                    .unwrap()
                    .value(),
                value
            );
        }
    }
}
