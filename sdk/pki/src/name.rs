//! Distinguished names: reading, showing and comparing them.
//!
//! Two names are the same when RFC 5280 §7.1 says so: strings are prepared by RFC 4518 (mapped,
//! normalised, case folded, white space collapsed), so `PrintableString "ACME  Corp"` and
//! `UTF8String "acme corp"` are one name.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::der::{self, DerError, Tlv};
use crate::oid::{self, Oid};

/// A distinguished name. `==` compares as RFC 5280 §7.1 does, not byte by byte.
#[derive(Clone)]
pub struct Name {
    raw: Box<[u8]>,
    attributes: Vec<Attribute>,
    /// The comparable forms of the relative distinguished names, one behind the other. Each says how long it is, so a
    /// name lies below another if it begins with all of it.
    prepared: Vec<u8>,
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
            attributes: Vec::with_capacity(USUAL),
            prepared: Vec::with_capacity(tlv.raw().len()),
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
        let mut pairs = relative.reader()?;
        if pairs.is_empty() {
            return Err(DerError::Value("a relative distinguished name is empty"));
        }
        let mut others: Vec<Vec<u8>> = Vec::new();
        let length = self.prepared.len();
        counted(&mut self.prepared, |prepared| {
            self.attributes
                .push(attribute(&pairs.expect(der::SEQUENCE)?, prepared)?);
            // Nearly all have one attribute.
            if pairs.is_empty() {
                return Ok(());
            }
            others.push(prepared.split_off(length.saturating_add(COUNT)));
            while !pairs.is_empty() {
                let mut other = Vec::new();
                self.attributes
                    .push(attribute(&pairs.expect(der::SEQUENCE)?, &mut other)?);
                others.push(other);
            }
            others.sort();
            prepared.extend(others.concat());
            Ok(())
        })
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
        der::PRINTABLE_STRING | der::IA5_STRING | NUMERIC_STRING | VISIBLE_STRING if octets.is_ascii() => {
            String::from_utf8(octets.to_vec()).ok()
        }
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

/// AttributeTypeAndValue (RFC 5280 §4.1.2.4). What makes two of them the same goes to `prepared`.
fn attribute(pair: &Tlv<'_>, prepared: &mut Vec<u8>) -> Result<Attribute, DerError> {
    let mut reader = pair.reader()?;
    let oid = reader.oid()?;
    let value = reader.read()?;
    reader.finish()?;
    let text = text(&value);
    counted(prepared, |prepared| {
        prepared.extend_from_slice(oid.contents());
        Ok(())
    })?;
    counted(prepared, |prepared| {
        match &text {
            Some(text) => {
                prepared.push(0);
                prepare_into(text, prepared);
            }
            None => {
                prepared.push(value.tag());
                prepared.extend_from_slice(value.value());
            }
        }
        Ok(())
    })?;
    Ok(Attribute {
        oid,
        text: text.map(presentable),
    })
}

/// What `write` adds, with its length in front.
fn counted(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), DerError>,
) -> Result<(), DerError> {
    let start = out.len();
    out.extend_from_slice(&[0; COUNT]);
    write(out)?;
    let length = out.len().saturating_sub(start).saturating_sub(COUNT);
    let length = u32::try_from(length).map_err(|_| DerError::Value("a name is too long"))?;
    if let Some(place) = out.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
        *place = length.to_be_bytes();
    }
    Ok(())
}

/// RFC 4518 §2: map, normalise, fold case, collapse white space.
fn prepare_into(text: &str, prepared: &mut Vec<u8>) {
    if text.chars().all(is_plain) {
        return prepare_plain(text, prepared);
    }
    prepared.extend_from_slice(prepare_any(text).as_bytes());
}

fn prepare_any(text: &str) -> String {
    let mapped = text
        .chars()
        .filter(|c| !mapped_to_nothing(*c))
        .map(|c| if is_space(c) { ' ' } else { c });
    let folded: String = mapped.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Of what is printed in ASCII alone, no two spaces in a row, and none at either end.
fn has_single_spaces(text: &str) -> bool {
    let mut space = true;
    let printed = text.bytes().all(|byte| {
        let both = space && byte == b' ';
        space = byte == b' ';
        !both && matches!(byte, b' '..=b'~')
    });
    printed && !space
}

/// Nothing is composed, decomposed or mapped to several here but case: ASCII, and the letters of Latin-1.
fn is_plain(c: char) -> bool {
    matches!(c, '\0'..='\u{7f}' | '\u{c0}'..='\u{ff}')
}

/// The same for most names, in one pass.
fn prepare_plain(text: &str, prepared: &mut Vec<u8>) {
    let start = prepared.len();
    if has_single_spaces(text) {
        prepared.extend_from_slice(text.as_bytes());
        return prepared
            .get_mut(start..)
            .unwrap_or_default()
            .make_ascii_lowercase();
    }
    let mut space = false;
    for c in text.chars() {
        if matches!(c, '\t'..='\r' | ' ') {
            space = prepared.len() > start;
        } else if !c.is_ascii_control() {
            if space {
                prepared.push(b' ');
            }
            space = false;
            let c = match c {
                'À'..='Þ' if c != '×' => char::from(u8::try_from(c).unwrap_or_default() | 0x20),
                c => c.to_ascii_lowercase(),
            };
            prepared.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
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
fn presentable(text: String) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.contains(steers) {
        text
    } else {
        text.replace(steers, "\u{fffd}")
    }
}

/// What a length takes in a comparable form.
const COUNT: usize = 4;

/// Country, organisation, a number, a name.
const USUAL: usize = 4;

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
    fn most_names_are_prepared_at_once_as_all_others_are() {
        let plain: Vec<char> = ('\0'..='\u{ff}').filter(|c| is_plain(*c)).collect();
        for a in &plain {
            for b in &plain {
                let text: String = [' ', *a, *b, ' ', *a].iter().collect();
                let mut prepared = Vec::new();
                prepare_plain(&text, &mut prepared);
                assert_eq!(prepared, prepare_any(&text).as_bytes(), "{text:?}");
            }
        }
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
    fn several_attributes_of_one_relative_name_have_no_order() {
        let relative = |pairs: &[(&[u8], &str)]| {
            let pair = |(oid, text): &(&[u8], &str)| {
                let both = [encode(der::OID, oid), encode(der::UTF8_STRING, text.as_bytes())].concat();
                encode(der::SEQUENCE, &both)
            };
            let set = encode(der::SET, &pairs.iter().flat_map(pair).collect::<Vec<u8>>());
            let whole = encode(der::SEQUENCE, &set);
            Name::parse(&der::whole(&whole, der::SEQUENCE).unwrap())
        };
        let (a, b) = ((oid::COUNTRY, "CL"), (oid::ORGANIZATION, "A"));
        let one = relative(&[a, b]).unwrap();
        assert_eq!(one, relative(&[b, a]).unwrap());
        assert_eq!(one.attributes().len(), 2);
        assert_ne!(one, relative(&[a]).unwrap());
        assert!(!one.is_within(&relative(&[a]).unwrap()));
        assert_ne!(
            one,
            name(&[
                (oid::COUNTRY, der::UTF8_STRING, "CL"),
                (oid::ORGANIZATION, der::UTF8_STRING, "A")
            ])
        );
        assert!(relative(&[]).is_err());
    }

    #[test]
    fn a_name_lies_below_whole_relative_names_only() {
        let below = organization(der::UTF8_STRING, "Aval Chile");
        assert!(!below.is_within(&organization(der::UTF8_STRING, "Aval")));
        assert!(below.is_within(&below));
        assert!(below.is_within(&name(&[])));
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
