//! What may come onto the desk, and why a file may not.

use std::fmt;
use std::str::FromStr;

/// Why a file is not taken for signing. The code is stored and shown in words by the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// No bytes at all.
    Empty,
    /// Does not begin as a PDF.
    NotAPdf,
    /// More bytes than the service takes.
    TooLarge,
    /// Begins as a PDF but its end is missing.
    Truncated,
    /// Cannot be read by the letter of ISO 32000.
    Damaged,
    /// Needs a password.
    Encrypted,
    /// Nested, or large when unpacked, beyond any honest document.
    TooDeep,
    /// Has no page.
    NoPages,
    /// Certified by its author as final (DocMDP P=1, ISO 32000-2 table 257).
    CertifiedFinal,
    /// A dynamic form (XFA): what it shows is computed by a program.
    DynamicForm,
}

/// Every reason with its code.
const CODES: [(Unfit, &str); 10] = [
    (Unfit::Empty, "empty"),
    (Unfit::NotAPdf, "not_a_pdf"),
    (Unfit::TooLarge, "too_large"),
    (Unfit::Truncated, "truncated"),
    (Unfit::Damaged, "damaged"),
    (Unfit::Encrypted, "encrypted"),
    (Unfit::TooDeep, "too_deep"),
    (Unfit::NoPages, "no_pages"),
    (Unfit::CertifiedFinal, "certified_final"),
    (Unfit::DynamicForm, "dynamic_form"),
];

impl Unfit {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        CODES
            .iter()
            .find(|(reason, _)| *reason == self)
            .map_or("damaged", |(_, code)| code)
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Unfit {
    type Err = super::ids::NotAnId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        CODES
            .iter()
            .find(|(_, code)| *code == text)
            .map(|(reason, _)| *reason)
            .ok_or(super::ids::NotAnId)
    }
}

/// What the first bytes tell, once [`ENOUGH`] of them or the whole file have been seen.
///
/// # Errors
/// [`Unfit::Empty`] or [`Unfit::NotAPdf`].
pub fn first_bytes(head: &[u8]) -> Result<(), Unfit> {
    if head.is_empty() {
        Err(Unfit::Empty)
    } else if head.starts_with(SIGNATURE) {
        Ok(())
    } else {
        Err(Unfit::NotAPdf)
    }
}

/// ISO 32000-2 §7.5.2: the file begins with `%PDF-`. We do not take files with something before it: byte offsets
/// would be ambiguous.
pub const SIGNATURE: &[u8] = b"%PDF-";
/// As many bytes as [`first_bytes`] needs.
pub const ENOUGH: usize = SIGNATURE.len();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back() {
        for (reason, code) in CODES {
            assert_eq!(code.parse::<Unfit>(), Ok(reason));
            assert_eq!(reason.code(), code);
        }
    }

    #[test]
    fn zeros_are_refused_at_the_first_bytes() {
        assert_eq!(first_bytes(&[0; ENOUGH]), Err(Unfit::NotAPdf));
    }

    #[test]
    fn nothing_is_refused_as_empty() {
        assert_eq!(first_bytes(b""), Err(Unfit::Empty));
    }

    #[test]
    fn junk_before_the_header_is_refused() {
        assert_eq!(first_bytes(b"\n%PDF-1.7"), Err(Unfit::NotAPdf));
    }
}
