//! A telephone number in the one form that every country reads (ITU-T E.164).

use std::fmt;

use super::Refusal;

/// A telephone number: `+`, the country's code, the number, no spaces. Checked for shape only; whether somebody answers
/// there, a call must show.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Tidies and checks a number. People write spaces, hyphens, dots and brackets; the `+` they must write: without it
    /// nobody knows the country.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(Refusal::Empty);
        }
        if trimmed.len() > MOST_TYPED {
            return Err(Refusal::TooLong);
        }
        let digits = trimmed.strip_prefix('+').ok_or(Refusal::NotANumber)?;
        let digits: String = digits.chars().filter(|c| !BETWEEN.contains(c)).collect();
        let shaped = digits.bytes().all(|c| c.is_ascii_digit())
            && (LEAST..=MOST).contains(&digits.len())
            && !digits.starts_with('0');
        if shaped {
            Ok(Self(format!("+{digits}")))
        } else {
            Err(Refusal::NotANumber)
        }
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

/// What people put between digits.
const BETWEEN: [char; 5] = [' ', '-', '.', '(', ')'];
/// E.164 §6.2.1: fifteen digits with the country's code.
const MOST: usize = 15;
/// The shortest numbers with a country's code have seven digits (Niue, Saint Helena).
const LEAST: usize = 7;
/// Fifteen digits with something between any two.
const MOST_TYPED: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_without_what_people_put_between() {
        for typed in ["+56 2 2690 4000", "+56-2-2690-4000", " +56 (2) 2690.4000 "] {
            assert_eq!(Phone::parse(typed).unwrap().as_str(), "+56226904000");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for bad in [
            "226904000",
            "+0226904000",
            "+56 2 ABC 4000",
            "+56226",
            "+1234567890123456",
            "++56226904000",
        ] {
            assert_eq!(Phone::parse(bad).unwrap_err(), Refusal::NotANumber, "{bad}");
        }
        assert_eq!(Phone::parse("  ").unwrap_err(), Refusal::Empty);
        assert_eq!(Phone::parse(&"+".repeat(33)).unwrap_err(), Refusal::TooLong);
    }
}
