//! National identity numbers as the signer meets them: canonical already, from the identity provider or from an
//! operator's record. Check digits are the identity provider's concern; here only the form is held.

use std::fmt;
use std::str::FromStr;

use super::refusal::Refusal;

/// A national id in canonical form, such as `11111111-1`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NationalId(String);

impl NationalId {
    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The semantics identifier of a natural person's certificate subject (EN 319 412-1 §5.1.3):
    /// `PNOCL-11111111-1`.
    #[must_use]
    pub fn subject_serial_number(&self, country: &str) -> String {
        format!("PNO{country}-{}", self.0)
    }
}

impl FromStr for NationalId {
    type Err = Refusal;

    /// Accepts what people type (`11.111.111-1`); the result has no dots or spaces and upper-case letters.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let canonical: String = text
            .trim()
            .chars()
            .filter(|c| *c != '.' && *c != ' ')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let good = (LEAST..=MOST).contains(&canonical.len())
            && canonical
                .chars()
                .all(|c| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '-')
            && canonical.starts_with(|c: char| c.is_ascii_alphanumeric())
            && canonical.ends_with(|c: char| c.is_ascii_alphanumeric());
        if good {
            Ok(Self(canonical))
        } else {
            Err(Refusal::NotANationalId)
        }
    }
}

impl fmt::Debug for NationalId {
    /// Personal data does not print by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NationalId(…)")
    }
}

/// The shortest national id in use in the region has five characters; the longest stays far under twenty.
const LEAST: usize = 5;
const MOST: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_spaces_and_case_do_not_matter() {
        assert_eq!(
            "11.111.111-k ".parse::<NationalId>().unwrap().as_str(),
            "11111111-K"
        );
    }

    #[test]
    fn a_path_is_not_a_national_id() {
        assert!("../../etc".parse::<NationalId>().is_err());
    }

    #[test]
    fn debug_output_hides_the_number() {
        assert!(!format!("{:?}", "11111111-1".parse::<NationalId>().unwrap()).contains("1111"));
    }
}
