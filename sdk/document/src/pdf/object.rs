//! The values of ISO 32000-2 §7.3, with the places they were read from.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// §7.3.9
    Null,
    /// §7.3.2
    Boolean(bool),
    /// §7.3.3
    Integer(i64),
    /// §7.3.3
    Real(f64),
    /// §7.3.4
    String(Box<PdfString>),
    /// §7.3.5
    Name(Name),
    /// §7.3.6
    Array(Vec<Object>),
    /// §7.3.7
    Dictionary(Dictionary),
    /// §7.3.8
    Stream(Box<Stream>),
    /// §7.3.10
    Reference(Reference),
}

impl Object {
    /// The integer, if it is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            #[expect(
                clippy::as_conversions,
                reason = "coordinates; rounding beyond 2^53 is harmless"
            )]
            Self::Integer(value) => Some(*value as f64),
            Self::Real(value) => Some(*value),
            _ => None,
        }
    }

    /// The bytes of the string, if it is one.
    pub fn as_string(&self) -> Option<&PdfString> {
        match self {
            Self::String(value) => Some(value),
            _ => None,
        }
    }

    /// The bytes of the name, if it is one.
    pub fn as_name(&self) -> Option<&[u8]> {
        match self {
            Self::Name(value) => Some(value.as_bytes()),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    pub fn as_array(&self) -> Option<&[Object]> {
        match self {
            Self::Array(value) => Some(value),
            _ => None,
        }
    }

    /// The dictionary, if it is one or a stream that has one.
    pub fn as_dictionary(&self) -> Option<&Dictionary> {
        match self {
            Self::Dictionary(value) => Some(value),
            Self::Stream(value) => Some(&value.dictionary),
            _ => None,
        }
    }

    /// The stream, if it is one.
    pub fn as_stream(&self) -> Option<&Stream> {
        match self {
            Self::Stream(value) => Some(value),
            _ => None,
        }
    }

    /// The reference, if it is one.
    pub fn as_reference(&self) -> Option<Reference> {
        match self {
            Self::Reference(value) => Some(*value),
            _ => None,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// A name without its slash, escapes resolved.
#[derive(Clone)]
pub struct Name(Letters);

/// Most names are short: these take no memory of their own.
#[derive(Clone)]
enum Letters {
    Few(u8, [u8; FEW]),
    Many(Box<[u8]>),
}

/// What a value of 32 bytes has room for.
const FEW: usize = 22;

impl Name {
    /// Takes the bytes.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        let mut few = [0; FEW];
        Self(match (few.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
            (Some(room), Ok(count)) => {
                room.copy_from_slice(bytes);
                Letters::Few(count, few)
            }
            _ => Letters::Many(bytes.into()),
        })
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Letters::Few(count, few) => few.get(..usize::from(*count)).unwrap_or_default(),
            Letters::Many(bytes) => bytes,
        }
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            // What is not used of the room is zero in both.
            (Letters::Few(count, few), Letters::Few(other, others)) => count == other && few == others,
            _ => self.as_bytes() == other.as_bytes(),
        }
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl std::hash::Hash for Name {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.as_bytes().escape_ascii())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_bytes().escape_ascii())
    }
}

/// A string's bytes, and the token they were written as. Equal when the bytes are.
#[derive(Clone)]
pub struct PdfString {
    /// The bytes, escapes resolved.
    pub bytes: Vec<u8>,
    /// Written as `<…>`.
    pub hexadecimal: bool,
    /// The token with its delimiters, in bytes from the start of the file; none inside an object stream.
    pub extent: Option<Range<u64>>,
}

impl PartialEq for PdfString {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl fmt::Debug for PdfString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes.get(..64) {
            Some(start) => write!(f, "({}… {} bytes)", start.escape_ascii(), self.bytes.len()),
            None => write!(f, "({})", self.bytes.escape_ascii()),
        }
    }
}

impl PdfString {
    /// As a text string (§7.9.2.2): UTF-16 or UTF-8 by its mark, else PDFDocEncoding. Safe to show: what
    /// would steer a terminal or turn the direction of writing is replaced.
    pub fn to_text(&self) -> String {
        let text = match self.bytes.as_slice() {
            [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
            [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
            bytes => bytes.iter().map(|b| pdf_doc_char(*b)).collect(),
        };
        text.chars()
            .map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c })
            .collect()
    }
}

/// Controls, and the bidirectional ones (Unicode TR 36 §2.5).
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).filter_map(|c| c.try_into().ok()).map(unit);
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// ISO 32000-2 Annex D.3: Latin-1, but for two ranges.
fn pdf_doc_char(byte: u8) -> char {
    const LOW: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
    const HIGH: [char; 33] = [
        '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ',
        'ﬂ', 'Ł', 'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{FFFD}', '€',
    ];
    let special = match byte {
        0x18..=0x1F => LOW.get(usize::from(byte.wrapping_sub(0x18))),
        0x80..=0xA0 => HIGH.get(usize::from(byte.wrapping_sub(0x80))),
        _ => None,
    };
    special.copied().unwrap_or(char::from(byte))
}

/// Keys and values in the order they were written. A key with the null value is absent (§7.3.7).
#[derive(Clone, Default)]
pub struct Dictionary(Vec<(Name, Object)>);

impl Dictionary {
    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Option<&Object> {
        self.0
            .iter()
            .find(|(name, _)| name.as_bytes() == key)
            .map(|(_, value)| value)
    }

    /// The value of a key that was read.
    pub(crate) fn of_name(&self, key: &Name) -> Option<&Object> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// Whether the key is there.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.get(key).is_some()
    }

    /// The keys and values in the order they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Object)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// How many keys.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name that a key has as its value.
    pub fn name(&self, key: &[u8]) -> Option<&[u8]> {
        self.get(key)?.as_name()
    }

    /// The integer that a key has as its value.
    pub fn integer(&self, key: &[u8]) -> Option<i64> {
        self.get(key)?.as_integer()
    }

    /// The reference that a key has as its value.
    pub fn reference(&self, key: &[u8]) -> Option<Reference> {
        self.get(key)?.as_reference()
    }

    /// Whether `/Type` is this, or is not said.
    pub fn is_or_may_be(&self, kind: &[u8]) -> bool {
        self.get(b"Type").is_none_or(|t| t.as_name() == Some(kind))
    }

    /// The keys and values themselves.
    pub(crate) fn into_entries(self) -> impl Iterator<Item = (Name, Object)> {
        self.0.into_iter()
    }

    /// The key is new and the value not null.
    pub(crate) fn push(&mut self, key: Name, value: Object) {
        self.0.push((key, value));
    }

    pub(crate) fn at(&self, position: usize) -> Option<&Object> {
        self.0.get(position).map(|(_, value)| value)
    }

    /// Every key of either, with both values, sorted.
    pub(crate) fn beside<'a>(
        &'a self,
        other: &'a Self,
    ) -> Vec<(&'a [u8], Option<&'a Object>, Option<&'a Object>)> {
        let mut all: BTreeMap<&[u8], (Option<&Object>, Option<&Object>)> = BTreeMap::new();
        for (name, value) in self.iter() {
            all.entry(name.as_bytes()).or_default().0 = Some(value);
        }
        for (name, value) in other.iter() {
            all.entry(name.as_bytes()).or_default().1 = Some(value);
        }
        all.into_iter()
            .map(|(key, (mine, theirs))| (key, mine, theirs))
            .collect()
    }

    /// Without these keys.
    pub(crate) fn without(&self, keys: &[&[u8]]) -> Self {
        Self(
            self.0
                .iter()
                .filter(|(name, _)| !keys.contains(&name.as_bytes()))
                .cloned()
                .collect(),
        )
    }
}

/// Order does not matter (§7.3.7).
impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && (self.0 == other.0
                || self
                    .beside(other)
                    .into_iter()
                    .all(|(_, mine, theirs)| mine == theirs))
    }
}

impl fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(name, value)| (name, value)))
            .finish()
    }
}

/// An object number and a generation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// From 1.
    pub number: u32,
    /// Mostly 0.
    pub generation: u16,
}

impl Reference {
    /// An object of generation 0.
    pub fn new(number: u32) -> Self {
        Self {
            number,
            generation: 0,
        }
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} R", self.number, self.generation)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} R", self.number, self.generation)
    }
}

/// A stream: what it says of itself, and where its raw bytes are. The bytes are read on demand
/// ([`crate::Document::raw`], [`crate::Document::decode`]). Equal when written at the same place.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// Its dictionary.
    pub dictionary: Dictionary,
    /// Its raw bytes, from the start of the file.
    pub extent: Range<u64>,
    /// The object it is: its key depends on it, if the file is encrypted.
    pub(crate) owner: Reference,
}

/// An indirect object with the place it was read from.
#[derive(Clone, Debug)]
pub struct Indirect {
    /// Its number and generation as written before `obj`.
    pub reference: Reference,
    /// Its value.
    pub object: Object,
    /// From its number to behind `endobj`; for one inside an object stream: that stream's extent.
    pub extent: Range<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_takes_32_bytes() {
        assert_eq!(size_of::<Object>(), 32);
    }

    #[test]
    fn a_name_is_the_same_however_it_is_kept() {
        for length in [0, 1, FEW - 1, FEW, FEW + 1, 1_000] {
            let bytes = vec![b'a'; length];
            assert_eq!(Name::new(&bytes).as_bytes(), bytes);
            assert_eq!(Name::new(&bytes), Name::new(bytes.clone()));
            assert_ne!(Name::new(&bytes), Name::new([&bytes[..], b"b"].concat()));
        }
    }

    #[test]
    fn text_strings_are_decoded_by_their_mark() {
        let text = |bytes: &[u8]| {
            PdfString {
                bytes: bytes.to_vec(),
                hexadecimal: false,
                extent: None,
            }
            .to_text()
        };
        assert_eq!(text(b"Mu\xF1oz"), "Muñoz");
        assert_eq!(text(b"\xFE\xFF\x00M\x00\xF1"), "Mñ");
        assert_eq!(text(b"\xEF\xBB\xBFM\xC3\xB1"), "Mñ");
        assert_eq!(text(b"\xA0 5"), "€ 5");
        assert_eq!(text(b"\xFE\xFF\xD8"), "");
        assert_eq!(text(b"\xFE\xFF\x00\x1B\x00["), "\u{FFFD}[");
        assert_eq!(text(b"\xFE\xFF\x20\x2Ea"), "\u{FFFD}");
    }
}
