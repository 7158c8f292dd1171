//! Who a citizen is: a checked national id, names as the civil registry writes them, where they can be reached.

mod address;
mod phone;

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::national_id::NationalId;

pub use address::{Address, Written};
pub use phone::Phone;

/// A citizen's identity data, checked. Sealed in the store; `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The number they log in with.
    pub national_id: NationalId,
    /// Given names, at least one.
    pub given_name: Name,
    /// Family names; one or two, in the order of the registry.
    pub family_name: Name,
    /// Address for notices.
    pub email: Email,
    /// Its owner has shown that they read it; before, it is what the registry says.
    pub email_confirmed: bool,
    /// A telephone number, where the registry knows one.
    pub phone: Option<Phone>,
    /// Where they live, where the registry knows it.
    pub address: Option<Address>,
}

/// A personal name: 1 to 120 code points, NFC, single spaces, no control characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Name(String);

/// An e-mail address, checked for shape only; whether it is theirs, a message must show.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// Why a datum was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing in it.
    Empty,
    /// Longer than the limit.
    TooLong,
    /// A character that no name or address has.
    Character,
    /// Not `something@domain`.
    NotAnAddress,
    /// Not `+` and seven to fifteen digits.
    NotANumber,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::TooLong => "is too long",
            Self::Character => "has a character that none has",
            Self::NotAnAddress => "is not an address",
            Self::NotANumber => "is not + and a number of seven to fifteen digits",
        })
    }
}

impl Person {
    /// Given and family names, as shown to the person.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name.0, self.family_name.0)
    }
}

impl Name {
    /// Tidies and checks a name.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > MOST_NAME.saturating_mul(4) {
            return Err(Refusal::TooLong);
        }
        let tidy = text
            .nfc()
            .collect::<String>()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        match tidy.chars().count() {
            0 => Err(Refusal::Empty),
            n if n > MOST_NAME => Err(Refusal::TooLong),
            _ if tidy
                .chars()
                .any(|c| c.is_control() || invisible(c) || matches!(c, '<' | '>')) =>
            {
                Err(Refusal::Character)
            }
            _ => Ok(Self(tidy)),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Email {
    /// Checks an address.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let tidy = text.trim();
        if tidy.is_empty() {
            return Err(Refusal::Empty);
        }
        if tidy.len() > MOST_EMAIL {
            return Err(Refusal::TooLong);
        }
        if tidy.chars().any(|c| {
            c.is_control() || c.is_whitespace() || invisible(c) || matches!(c, '<' | '>' | ',' | ';')
        }) {
            return Err(Refusal::Character);
        }
        match tidy.split_once('@') {
            Some((local, domain))
                if !local.is_empty()
                    && domain.contains('.')
                    && !domain.contains('@')
                    && !domain.starts_with('.')
                    && !domain.ends_with('.') =>
            {
                Ok(Self(tidy.to_owned()))
            }
            _ => Err(Refusal::NotAnAddress),
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(…)")
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(…)")
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

/// Zero-width and direction-changing characters: they make one name look like another.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Room for the longest names of a civil registry; a bound, not a judgement.
const MOST_NAME: usize = 120;
/// RFC 5321 §4.5.3.1.3: a path of 256 octets with its angle brackets.
const MOST_EMAIL: usize = 254;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_accents_and_apostrophes_and_loses_stray_spaces() {
        assert_eq!(Name::parse("  María   José ").unwrap().as_str(), "María José");
        assert_eq!(Name::parse("Mun\u{303}oz").unwrap().as_str(), "Muñoz");
        assert!(Name::parse("O'Higgins-Ñancupil").is_ok());
    }

    #[test]
    fn a_name_is_refused_when_empty_too_long_or_disguised() {
        assert_eq!(Name::parse(" \t").unwrap_err(), Refusal::Empty);
        assert_eq!(Name::parse(&"a".repeat(121)).unwrap_err(), Refusal::TooLong);
        assert_eq!(Name::parse("Ana\u{202e}anA").unwrap_err(), Refusal::Character);
        assert_eq!(Name::parse("Ana\0").unwrap_err(), Refusal::Character);
    }

    #[test]
    fn an_address_needs_a_local_part_and_a_domain() {
        assert!(Email::parse("ana@correo.example").is_ok());
        for bad in [
            "ana",
            "@correo.example",
            "ana@",
            "ana@correo",
            "ana@a@b.example",
            "ana@.example.",
        ] {
            assert_eq!(Email::parse(bad).unwrap_err(), Refusal::NotAnAddress, "{bad}");
        }
        assert_eq!(
            Email::parse("ana@correo.example\r\nBcc: x@y.z").unwrap_err(),
            Refusal::Character
        );
    }
}
