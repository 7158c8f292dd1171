//! Distinguished names: reading, showing and comparing them.
//!
//! Two names are the same when RFC 5280 §7.1 says so: strings are prepared by RFC 4518 (mapped,
//! normalised, case folded, white space collapsed), so `PrintableString "ACME  Corp"` and
//! `UTF8String "acme corp"` are one name.

use std::borrow::Cow;
use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::der::{self, DerError, Tlv};
use crate::oid::{self, Oid};

/// A distinguished name. `==` compares as RFC 5280 §7.1 does, not byte by byte.
#[derive(Clone)]
pub struct Name {
    raw: Box<[u8]>,
    attributes: Vec<Attribute>,
    /// One comparable form per relative distinguished name.
    prepared: Vec<Vec<u8>>,
}

/// One type and value of a name.
#[derive(Debug, Clone)]
pub struct Attribute {
    oid: Oid,
    text: Option<String>,
}

impl Name {
    /// Reads the SEQUENCE of relative distinguished names.
    pub fn parse(tlv: &Tlv<'_>) -> Result<Self, DerError> {
        let mut name = Self {
            raw: tlv.raw().into(),
            attributes: Vec::new(),
            prepared: Vec::new(),
        };
        let mut reader = tlv.reader()?;
        while !reader.is_empty() {
            name.push(&reader.expect(der::SET)?)?;
        }
        Ok(name)
    }

    /// A name made of the relative one that a distribution point adds to its issuer's name
    /// (RFC 5280 §4.2.1.13).
    pub(crate) fn with_relative(&self, relative: &Tlv<'_>) -> Result<Self, DerError> {
        let mut name = self.clone();
        name.push(relative)?;
        let inside = der::whole(&self.raw, der::SEQUENCE)?.value();
        let added = der::encode(der::SET, relative.value());
        name.raw = der::encode(der::SEQUENCE, &[inside, &added].concat()).into();
        Ok(name)
    }

    fn push(&mut self, relative: &Tlv<'_>) -> Result<(), DerError> {
        let mut prepared = Vec::new();
        for pair in relative.sequences()? {
            let mut reader = pair.reader()?;
            let oid = reader.oid()?;
            let value = reader.read()?;
            reader.finish()?;
            let text = text(&value);
            prepared.push(comparable(&oid, &value, text.as_deref()));
            self.attributes.push(Attribute {
                oid,
                text: text.map(|text| presentable(&text).into_owned()),
            });
        }
        if prepared.is_empty() {
            return Err(DerError::Value("a relative distinguished name is empty"));
        }
        prepared.sort();
        self.prepared.push(prepared.concat());
        Ok(())
    }

    /// The name as received.
    pub fn der(&self) -> &[u8] {
        &self.raw
    }

    /// A name without any attribute.
    pub fn is_empty(&self) -> bool {
        self.prepared.is_empty()
    }

    /// All attributes in their order.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The text of the last attribute of a type, one of the constants in [`oid`]: the most
    /// specific comes last.
    pub fn attribute(&self, oid: &[u8]) -> Option<&str> {
        self.attributes
            .iter()
            .rev()
            .find(|attribute| attribute.oid.is(oid))?
            .text()
    }

    /// commonName.
    pub fn common_name(&self) -> Option<&str> {
        self.attribute(oid::COMMON_NAME)
    }

    /// Does this name lie below (or is it) `ancestor`? RFC 5280 §4.2.1.10, directoryName.
    pub fn is_within(&self, ancestor: &Self) -> bool {
        self.prepared.starts_with(&ancestor.prepared)
    }
}

impl Attribute {
    /// Which attribute, see [`oid`].
    pub fn oid(&self) -> &Oid {
        &self.oid
    }

    /// Its value, safe to show: characters that steer a display (controls, bidirectional
    /// overrides) are replaced. `None` when the value is not a string.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.prepared == other.prepared
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    /// RFC 4514 in the order of the certificate, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, attribute) in self.attributes.iter().enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            let text = attribute.text().unwrap_or("?");
            match short_name(&attribute.oid) {
                Some(short) => write!(f, "{separator}{short}={text}")?,
                None => write!(f, "{separator}{}={text}", attribute.oid)?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

fn short_name(oid: &Oid) -> Option<&'static str> {
    Some(match oid.contents() {
        oid::COMMON_NAME => "CN",
        oid::SURNAME => "SN",
        oid::SERIAL_NUMBER => "serialNumber",
        oid::COUNTRY => "C",
        oid::LOCALITY => "L",
        oid::STATE => "ST",
        oid::ORGANIZATION => "O",
        oid::ORGANIZATIONAL_UNIT => "OU",
        oid::TITLE => "title",
        oid::GIVEN_NAME => "GN",
        oid::PSEUDONYM => "pseudonym",
        oid::ORGANIZATION_IDENTIFIER => "organizationIdentifier",
        oid::EMAIL_ADDRESS => "email",
        oid::DOMAIN_COMPONENT => "DC",
        _ => return None,
    })
}

/// The characters of a DirectoryString or IA5String; `None` for other types and broken encodings.
fn text(value: &Tlv<'_>) -> Option<String> {
    let octets = value.value();
    match value.tag() {
        der::UTF8_STRING => String::from_utf8(octets.to_vec()).ok(),
        der::PRINTABLE_STRING | der::IA5_STRING | NUMERIC_STRING | VISIBLE_STRING => octets
            .is_ascii()
            .then(|| octets.iter().map(|octet| char::from(*octet)).collect()),
        // T.61 in the standard, Latin-1 in every certificate seen.
        der::TELETEX_STRING => Some(octets.iter().map(|octet| char::from(*octet)).collect()),
        der::BMP_STRING => {
            let (pairs, odd) = octets.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            if odd.is_empty() {
                String::from_utf16(&units).ok()
            } else {
                None
            }
        }
        der::UNIVERSAL_STRING => {
            let (quads, odd) = octets.as_chunks::<4>();
            let text = quads
                .iter()
                .map(|quad| char::from_u32(u32::from_be_bytes(*quad)))
                .collect();
            if odd.is_empty() { text } else { None }
        }
        _ => None,
    }
}

fn comparable(oid: &Oid, value: &Tlv<'_>, text: Option<&str>) -> Vec<u8> {
    let (kind, value) = match text {
        Some(text) => (0, Cow::Owned(prepare(text).into_bytes())),
        None => (value.tag(), Cow::Borrowed(value.value())),
    };
    [der::encode(der::OID, oid.contents()), der::encode(kind, &value)].concat()
}

/// RFC 4518 §2: map, normalise, fold case, collapse white space.
pub(crate) fn prepare(text: &str) -> String {
    if text.is_ascii() {
        return prepare_ascii(text);
    }
    let mapped = text
        .chars()
        .filter(|c| !mapped_to_nothing(*c))
        .map(|c| if is_space(c) { ' ' } else { c });
    let folded: String = mapped.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// The same for most names, in one pass.
fn prepare_ascii(text: &str) -> String {
    let mut prepared = String::with_capacity(text.len());
    let mut space = false;
    for c in text.chars() {
        if is_space(c) {
            space = !prepared.is_empty();
        } else if !c.is_control() {
            if space {
                prepared.push(' ');
            }
            space = false;
            prepared.push(c.to_ascii_lowercase());
        }
    }
    prepared
}

/// RFC 4518 §2.2, first list: soft hyphens, joiners, controls that are not spaces.
fn mapped_to_nothing(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{1806}' | '\u{34f}' | '\u{180b}'..='\u{180d}' | '\u{fe00}'..='\u{fe0f}' | '\u{fffc}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2063}' | '\u{206a}'..='\u{206f}'
        | '\u{feff}')
        || (c.is_control() && !is_space(c))
}

/// RFC 4518 §2.2, second list: what is mapped to SPACE.
fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}') || (c.is_whitespace() && c != '\u{200b}')
}

/// Replaces what would steer the display instead of being shown (Unicode TR 36 §2.5).
fn presentable(text: &str) -> Cow<'_, str> {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if text.contains(steers) {
        Cow::Owned(text.replace(steers, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

const NUMERIC_STRING: u8 = 0x12;
const VISIBLE_STRING: u8 = 0x1a;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::encode;

    fn name(values: &[(&[u8], u8, &str)]) -> Name {
        let relative = |(oid, tag, text): &(&[u8], u8, &str)| {
            let pair = [encode(der::OID, oid), encode(*tag, text.as_bytes())].concat();
            encode(der::SET, &encode(der::SEQUENCE, &pair))
        };
        let all: Vec<u8> = values.iter().flat_map(relative).collect();
        Name::parse(&der::whole(&encode(der::SEQUENCE, &all), der::SEQUENCE).unwrap()).unwrap()
    }

    fn organization(tag: u8, text: &str) -> Name {
        name(&[(oid::ORGANIZATION, tag, text)])
    }

    #[test]
    fn case_encoding_and_white_space_do_not_matter() {
        let plain = organization(der::PRINTABLE_STRING, "ACME  Corp ");
        assert_eq!(plain, organization(der::UTF8_STRING, " acme corp"));
        assert_ne!(plain, organization(der::UTF8_STRING, "acmecorp"));
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same() {
        let composed = organization(der::UTF8_STRING, "Ñuñoa");
        assert_eq!(composed, organization(der::UTF8_STRING, "n\u{303}un\u{303}OA"));
        assert_ne!(composed, organization(der::UTF8_STRING, "Nunoa"));
    }

    #[test]
    fn the_type_and_the_order_matter() {
        let one = name(&[
            (oid::COUNTRY, der::PRINTABLE_STRING, "CL"),
            (oid::ORGANIZATION, der::UTF8_STRING, "A"),
        ]);
        let two = name(&[
            (oid::ORGANIZATION, der::UTF8_STRING, "A"),
            (oid::COUNTRY, der::PRINTABLE_STRING, "CL"),
        ]);
        assert_ne!(one, two);
        assert!(one.is_within(&name(&[(oid::COUNTRY, der::UTF8_STRING, "cl")])));
        assert!(!two.is_within(&name(&[(oid::COUNTRY, der::UTF8_STRING, "cl")])));
    }

    #[test]
    fn row_64_a_name_cannot_steer_the_display() {
        let evil = organization(der::UTF8_STRING, "Ana\u{202e}fdp\n");
        assert_eq!(evil.attribute(oid::ORGANIZATION), Some("Ana\u{fffd}fdp\u{fffd}"));
    }

    #[test]
    fn a_name_is_shown_in_its_order() {
        let name = name(&[
            (oid::COUNTRY, der::PRINTABLE_STRING, "CL"),
            (oid::COMMON_NAME, der::UTF8_STRING, "María"),
        ]);
        assert_eq!(name.to_string(), "C=CL, CN=María");
        assert_eq!(name.common_name(), Some("María"));
    }
}
