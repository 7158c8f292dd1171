//! National identifiers: the number a person knows by heart, checked digit by digit.
//!
//! A deployment lists the [`Scheme`]s it accepts; [`NationalId::parse`] takes what people type (dots, spaces,
//! any dash, lower case, full-width digits) and returns the canonical form, or says kindly what is wrong.
//! A wrong check digit is never answered with the right one: that would turn the page into an oracle for
//! completing numbers.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// A national numbering scheme, named by country (ISO 3166-1) and document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// Chile, Rol Único Nacional: up to eight digits and a check digit modulo 11 (0–9 or K).
    ClRun,
    /// Peru, Documento Nacional de Identidad: eight digits; the check character printed after the dash on the
    /// card (a digit, or a letter on older cards) is accepted and checked when typed.
    PeDni,
    /// Uruguay, Cédula de Identidad: up to seven digits and a check digit modulo 10.
    UyCi,
}

/// A national identifier whose shape and check digit are right, in canonical form.
///
/// `Debug` hides the number: it is personal data and has no place in a log.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NationalId {
    scheme: Scheme,
    canonical: String,
}

/// Why a typed identifier was refused. Safe to show to the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing but spaces and punctuation.
    Empty,
    /// Not the shape of any accepted scheme.
    Shape,
    /// The shape is right and the check digit is not: most likely a typing slip.
    CheckDigit,
}

impl NationalId {
    /// Reads what a person typed. The first scheme that accepts it wins, so the order in the configuration
    /// decides when a number could belong to two countries.
    ///
    /// # Errors
    /// [`Refusal::Empty`]; [`Refusal::CheckDigit`] when some scheme recognises the shape; else [`Refusal::Shape`].
    pub fn parse(typed: &str, schemes: &[Scheme]) -> Result<Self, Refusal> {
        let characters = tidy(typed)?;
        let mut refusal = Refusal::Shape;
        for scheme in schemes {
            match scheme.check(&characters) {
                Ok(canonical) => {
                    return Ok(Self {
                        scheme: *scheme,
                        canonical,
                    });
                }
                Err(Refusal::CheckDigit) => refusal = Refusal::CheckDigit,
                Err(_) => {}
            }
        }
        Err(refusal)
    }

    /// The scheme it belongs to.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Canonical form, as stored, hashed and released in the `national_id` claim: `11111111-1`, `10117410`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.canonical
    }

    /// As the country prints it: `11.111.111-1`, `10117410`, `1.234.567-2`.
    #[must_use]
    pub fn display(&self) -> String {
        match (self.scheme, self.canonical.split_once('-')) {
            (Scheme::ClRun | Scheme::UyCi, Some((body, check))) => format!("{}-{check}", grouped(body)),
            _ => self.canonical.clone(),
        }
    }
}

impl fmt::Debug for NationalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NationalId({}, …)", self.scheme)
    }
}

impl Scheme {
    /// Every scheme this build knows.
    pub const ALL: [Self; 3] = [Self::ClRun, Self::PeDni, Self::UyCi];

    /// The name used in the configuration and in the `national_id_scheme` claim.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ClRun => "CL-RUN",
            Self::PeDni => "PE-DNI",
            Self::UyCi => "UY-CI",
        }
    }

    /// The scheme of that name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.name() == name)
    }

    /// What people call the number: `RUN`, `DNI`, `Cédula`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ClRun => "RUN",
            Self::PeDni => "DNI",
            Self::UyCi => "Cédula",
        }
    }

    /// A well-formed example to print beside the field.
    #[must_use]
    pub fn example(self) -> &'static str {
        match self {
            Self::ClRun => "12.345.678-5",
            Self::PeDni => "10117410",
            Self::UyCi => "1.234.567-2",
        }
    }

    /// One rule per scheme; `characters` is [`tidy`]'s output.
    fn check(self, characters: &[char]) -> Result<String, Refusal> {
        match self {
            Self::ClRun => chilean_run(characters),
            Self::PeDni => peruvian_dni(characters),
            Self::UyCi => uruguayan_ci(characters),
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Registro Civil de Chile: the digits from the right times 2, 3, 4, 5, 6, 7, 2, 3 …; the check digit is
/// 11 minus the sum modulo 11, where 11 is written 0 and 10 is written K.
fn chilean_run(characters: &[char]) -> Result<String, Refusal> {
    let (check, body) = characters.split_last().ok_or(Refusal::Shape)?;
    let body = significant(&digits(body)?);
    if body.is_empty() || body.len() > 8 || !(check.is_ascii_digit() || *check == 'K') {
        return Err(Refusal::Shape);
    }
    let sum = weighted(body.iter().rev(), [2, 3, 4, 5, 6, 7].iter().cycle());
    let expected = match 11_u32.saturating_sub(sum % 11) {
        11 => '0',
        10 => 'K',
        digit => char::from_digit(digit, 10).ok_or(Refusal::Shape)?,
    };
    accept(*check == expected, || format!("{}-{check}", text(&body)))
}

/// RENIEC: the eight digits times 3, 2, 7, 6, 5, 4, 3, 2; the sum modulo 11 picks the check character from
/// `65432110987` (cards today) or `KJIHGFEDCBA` (older cards). It identifies the card rather than the person,
/// so it is checked when typed and left out of the canonical form.
fn peruvian_dni(characters: &[char]) -> Result<String, Refusal> {
    let (body, check) = characters.split_at_checked(8).ok_or(Refusal::Shape)?;
    let body = digits(body)?;
    let sum = weighted(body.iter(), [3, 2, 7, 6, 5, 4, 3, 2].iter());
    let place = usize::try_from(sum % 11).map_err(|_| Refusal::Shape)?;
    let is = |table: &str, typed: char| table.chars().nth(place) == Some(typed);
    match check {
        [] => Ok(text(&body)),
        [typed] => accept(is("65432110987", *typed) || is("KJIHGFEDCBA", *typed), || {
            text(&body)
        }),
        _ => Err(Refusal::Shape),
    }
}

/// Dirección Nacional de Identificación Civil: seven digits (older numbers padded with zeros) times
/// 2, 9, 8, 7, 6, 3, 4; the check digit completes the sum to a multiple of ten.
fn uruguayan_ci(characters: &[char]) -> Result<String, Refusal> {
    let (check, body) = characters.split_last().ok_or(Refusal::Shape)?;
    let check = check.to_digit(10).ok_or(Refusal::Shape)?;
    let body = significant(&digits(body)?);
    if body.len() < 5 || body.len() > 7 {
        return Err(Refusal::Shape);
    }
    // From the right, so that a number of six digits needs no padding.
    let sum = weighted(body.iter().rev(), [4, 3, 6, 7, 8, 9, 2].iter());
    let expected = 10_u32.saturating_sub(sum % 10) % 10;
    accept(check == expected, || format!("{}-{check}", text(&body)))
}

fn accept(right: bool, canonical: impl FnOnce() -> String) -> Result<String, Refusal> {
    if right {
        Ok(canonical())
    } else {
        Err(Refusal::CheckDigit)
    }
}

/// NFKC (full-width digits and dashes become plain), upper case, separators removed.
fn tidy(typed: &str) -> Result<Vec<char>, Refusal> {
    let mut kept = Vec::new();
    for character in typed.nfkc().take(MAX_TYPED) {
        match character {
            '.' | ',' | '\u{b7}' => {}
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}' => {}
            c if c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}') => {}
            c if c.is_ascii_alphanumeric() => kept.push(c.to_ascii_uppercase()),
            _ => return Err(Refusal::Shape),
        }
    }
    if kept.is_empty() {
        Err(Refusal::Empty)
    } else {
        Ok(kept)
    }
}

fn digits(characters: &[char]) -> Result<Vec<u32>, Refusal> {
    characters
        .iter()
        .map(|c| c.to_digit(10).ok_or(Refusal::Shape))
        .collect()
}

fn significant(digits: &[u32]) -> Vec<u32> {
    digits.iter().copied().skip_while(|digit| *digit == 0).collect()
}

fn weighted<'a>(digits: impl Iterator<Item = &'a u32>, weights: impl Iterator<Item = &'a u32>) -> u32 {
    digits.zip(weights).fold(0, |sum, (digit, weight)| {
        sum.saturating_add(digit.saturating_mul(*weight))
    })
}

fn text(digits: &[u32]) -> String {
    digits
        .iter()
        .filter_map(|digit| char::from_digit(*digit, 10))
        .collect()
}

/// `12345678` → `12.345.678`.
fn grouped(body: &str) -> String {
    let mut out = String::new();
    for (left, digit) in body
        .chars()
        .enumerate()
        .map(|(i, c)| (body.len().saturating_sub(i), c))
    {
        if left % 3 == 0 && !out.is_empty() {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

/// The longest form in use is twelve characters; the rest is room for stray spaces. What lies beyond is not
/// read, so a megabyte pasted into the field costs nothing.
const MAX_TYPED: usize = 40;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(typed: &str) -> Result<String, Refusal> {
        NationalId::parse(typed, &[Scheme::ClRun]).map(|id| id.as_str().to_owned())
    }

    #[test]
    fn a_run_is_accepted_as_people_type_it() {
        for typed in [
            "11.111.111-1",
            "111111111",
            "11111111-1",
            " 11 111 111 1 ",
            "11,111,111–1",
            "11.111.111−1",
            "１１１１１１１１－１",
            "011111111-1",
        ] {
            assert_eq!(run(typed).as_deref(), Ok("11111111-1"), "{typed}");
        }
    }

    #[test]
    fn a_run_may_end_in_k_of_either_case() {
        assert_eq!(run("10.000.013-k").as_deref(), Ok("10000013-K"));
        assert_eq!(run("10000013K").as_deref(), Ok("10000013-K"));
    }

    #[test]
    fn a_wrong_check_digit_is_named_as_such() {
        assert_eq!(run("11.111.111-2"), Err(Refusal::CheckDigit));
        assert_eq!(run("11.111.111-K"), Err(Refusal::CheckDigit));
    }

    #[test]
    fn a_remainder_of_zero_is_written_zero() {
        assert_eq!(run("12345613-0").as_deref(), Ok("12345613-0"));
    }

    #[test]
    fn nothing_typed_is_empty_and_words_have_no_shape() {
        assert_eq!(run(" .-  "), Err(Refusal::Empty));
        assert_eq!(run("maría"), Err(Refusal::Shape));
        assert_eq!(run("1234567890-1"), Err(Refusal::Shape));
        assert_eq!(run("'; DROP TABLE"), Err(Refusal::Shape));
        assert_eq!(run(&"9".repeat(1 << 20)), Err(Refusal::Shape));
    }

    #[test]
    fn a_dni_is_eight_digits_and_its_check_character_is_checked_when_typed() {
        let dni = |typed| NationalId::parse(typed, &[Scheme::PeDni]).map(|id| id.as_str().to_owned());
        assert_eq!(dni("10117410").as_deref(), Ok("10117410"));
        assert_eq!(dni("10117410-2").as_deref(), Ok("10117410"));
        assert_eq!(dni("10117410-g").as_deref(), Ok("10117410"));
        assert_eq!(dni("10117410-3"), Err(Refusal::CheckDigit));
        assert_eq!(dni("1011741"), Err(Refusal::Shape));
    }

    #[test]
    fn a_cedula_is_checked_modulo_ten() {
        let ci = |typed| NationalId::parse(typed, &[Scheme::UyCi]).map(|id| id.as_str().to_owned());
        assert_eq!(ci("1.234.567-2").as_deref(), Ok("1234567-2"));
        assert_eq!(ci("01234567-2"), Ok("1234567-2".to_owned()));
        assert_eq!(ci("1.234.567-3"), Err(Refusal::CheckDigit));
    }

    #[test]
    fn the_first_scheme_that_accepts_wins() {
        let id = NationalId::parse("1.234.567-2", &[Scheme::ClRun, Scheme::UyCi]).unwrap();
        assert_eq!(id.scheme(), Scheme::UyCi);
    }

    #[test]
    fn it_is_shown_as_the_country_prints_it_and_never_by_debug() {
        let id = NationalId::parse("111111111", &[Scheme::ClRun]).unwrap();
        assert_eq!(id.display(), "11.111.111-1");
        assert!(!format!("{id:?}").contains("1111"));
        for scheme in Scheme::ALL {
            let example = NationalId::parse(scheme.example(), &[scheme]).unwrap();
            assert_eq!(example.display(), scheme.example());
        }
    }

    proptest! {
        #[test]
        fn every_body_has_exactly_one_check_digit(body in 1_000_000_u32..99_999_999) {
            let accepted = "0123456789K".chars().filter(|c| run(&format!("{body}-{c}")).is_ok()).count();
            prop_assert_eq!(accepted, 1);
        }

        /// What modulo 11 is for: one mistyped digit is always noticed.
        #[test]
        fn one_wrong_digit_in_a_run_is_noticed(body in 10_000_000_u32..99_999_999, place in 1_usize..8, by in 1_u32..10) {
            let good = "0123456789K".chars().find_map(|c| run(&format!("{body}-{c}")).ok()).unwrap();
            let mut typed: Vec<char> = good.chars().collect();
            let digit = typed[place].to_digit(10).unwrap();
            typed[place] = char::from_digit(digit.wrapping_add(by) % 10, 10).unwrap();
            prop_assert!(run(&typed.iter().collect::<String>()).is_err());
        }

        #[test]
        fn parsing_the_canonical_and_the_printed_form_gives_the_same(body in 1_000_000_u32..99_999_999) {
            let good = "0123456789K".chars().find_map(|c| NationalId::parse(&format!("{body}{c}"), &[Scheme::ClRun]).ok()).unwrap();
            prop_assert_eq!(&NationalId::parse(good.as_str(), &[Scheme::ClRun]).unwrap(), &good);
            prop_assert_eq!(&NationalId::parse(&good.display(), &[Scheme::ClRun]).unwrap(), &good);
        }

        #[test]
        fn any_text_is_read_without_panic(typed in "\\PC{0,60}") {
            let _ = NationalId::parse(&typed, &Scheme::ALL);
        }
    }
}
