//! What a password may be: SP 800-63B-4 §3.1.1, ASVS 5.0 6.2.
//!
//! Long enough, not on the list of common ones, not the person's own data, and nothing else: no composition
//! rules, no expiry, no hints. Comparison is always with the whole password: `contraseña` inside a long phrase
//! does no harm.

use std::{collections::HashSet, fmt};

use ring::digest;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::person::Person;

/// A password as typed, bounded and in NFKC, so that `ñ` typed on a phone and on a keyboard is the same.
/// Never printed, wiped when dropped.
#[derive(Clone)]
pub struct Typed(Zeroizing<String>);

/// A new password that this person may use.
pub struct Acceptable(Typed);

/// What the password must not be: the person's own data, as whole words.
pub struct OwnData<'a> {
    /// Canonical national identifier.
    pub national_id: &'a str,
    /// Given names.
    pub given_name: &'a str,
    /// Family names.
    pub family_name: &'a str,
    /// Address, if known.
    pub email: &'a str,
}

impl<'a> OwnData<'a> {
    /// All that we know of them.
    #[must_use]
    pub fn of(person: &'a Person) -> Self {
        Self {
            national_id: person.national_id.as_str(),
            given_name: person.given_name.as_str(),
            family_name: person.family_name.as_str(),
            email: person.email.as_str(),
        }
    }
}

/// Whether a second factor stands beside the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Password only.
    Nothing,
    /// A one-time code, too.
    SecondFactor,
}

/// Whether a password is on a list of those that everybody tries. Told by [`crate::blocklist`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Common {
    /// It is, whole.
    Listed,
    /// It is not.
    Unlisted,
}

/// What a password is looked up by: the first eight bytes of its SHA-1, since that is what the large public lists hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Prefix(pub u64);

/// Why a new password was refused; each is told to the person with its reason (ASVS 6.2.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Fewer code points than `least`.
    TooShort {
        /// How many it takes.
        least: usize,
    },
    /// More than [`MOST`] code points.
    TooLong,
    /// On the list of passwords that everybody tries.
    Common,
    /// The person's own name, number or address.
    OwnData,
}

/// More than [`MOST`] code points: refused before any hash is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl Typed {
    /// Bounds and normalises what was typed. Spaces count and stay, also at the ends.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn read(text: &str) -> Result<Self, TooLong> {
        // The first bound keeps normalisation cheap: one letter is four code points at most before it is composed
        // (Unicode annex 15). The second keeps its expansion small, which is up to eighteenfold.
        let bound = MOST.saturating_mul(4);
        if text.chars().nth(bound).is_some() {
            return Err(TooLong);
        }
        let normal: Zeroizing<String> = Zeroizing::new(text.nfkc().take(bound).collect());
        if normal.chars().nth(MOST).is_some() {
            Err(TooLong)
        } else {
            Ok(Self(normal))
        }
    }

    /// The bytes to hash.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What it is looked up by: as typed, in lower case, and as word lists are folded. Lists of digests hold passwords as
    /// they leaked.
    #[must_use]
    pub fn looked_up(&self) -> [Prefix; 3] {
        let lower = Zeroizing::new(self.0.to_lowercase());
        [
            Prefix::of_word(&self.0),
            Prefix::of(self.0.as_bytes()),
            Prefix::of(lower.as_bytes()),
        ]
    }

    /// Judges a new password, of which `common` says whether everybody tries it.
    ///
    /// # Errors
    /// The first [`Refusal`] that applies.
    pub fn judge(self, own: &OwnData<'_>, beside: Beside, common: Common) -> Result<Acceptable, Refusal> {
        let least = match beside {
            Beside::Nothing => LEAST_ALONE,
            Beside::SecondFactor => LEAST_WITH_SECOND_FACTOR,
        };
        if self.0.chars().count() < least {
            return Err(Refusal::TooShort { least });
        }
        let folded = fold(&self.0);
        if common == Common::Listed || one_character(&folded) {
            return Err(Refusal::Common);
        }
        if own.words().contains(&folded) {
            return Err(Refusal::OwnData);
        }
        Ok(Acceptable(self))
    }
}

impl Acceptable {
    /// The password to hash.
    #[must_use]
    pub fn typed(&self) -> &Typed {
        &self.0
    }
}

impl Prefix {
    /// Of a word, folded as the passwords are that are looked up.
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        Self::of(Zeroizing::new(fold(word)).as_bytes())
    }

    fn of(bytes: &[u8]) -> Self {
        let whole = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
        Self(
            whole
                .as_ref()
                .first_chunk()
                .copied()
                .map_or(0, u64::from_be_bytes),
        )
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prefix(…)")
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(…)")
    }
}

impl fmt::Debug for Acceptable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acceptable(…)")
    }
}

impl OwnData<'_> {
    fn words(&self) -> HashSet<String> {
        let local = self.email.split('@').next().unwrap_or_default();
        let number = self.national_id.split('-').next().unwrap_or_default();
        let both = format!("{}{}", self.given_name, self.family_name);
        let turned = format!("{}{}", self.family_name, self.given_name);
        let whole = [
            self.national_id,
            number,
            self.given_name,
            self.family_name,
            self.email,
            local,
            &both,
            &turned,
        ];
        let parts = self
            .given_name
            .split_whitespace()
            .chain(self.family_name.split_whitespace());
        whole
            .into_iter()
            .chain(parts)
            .map(fold)
            .filter(|word| !word.is_empty())
            .collect()
    }
}

/// Lower case without separators: how the list is written and how people disguise their own name.
fn fold(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '_'))
        .collect()
}

fn one_character(folded: &str) -> bool {
    let mut characters = folded.chars();
    characters
        .next()
        .is_some_and(|first| characters.all(|c| c == first))
}

/// SP 800-63B-4 §3.1.1.2: fifteen when the password is the only factor.
pub const LEAST_ALONE: usize = 15;
/// SP 800-63B-4 §3.1.1.2: eight when it is one of two.
pub const LEAST_WITH_SECOND_FACTOR: usize = 8;
/// SP 800-63B-4 asks for at least 64; this is four times that, and a kilobyte of UTF-8 at most.
pub const MOST: usize = 256;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OWN: OwnData<'static> = OwnData {
        national_id: "11111111-1",
        given_name: "María José",
        family_name: "Muñoz del Río",
        email: "mjmunozdelrio@correo.example",
    };

    fn judge(text: &str, beside: Beside) -> Result<(), Refusal> {
        let typed = Typed::read(text).unwrap();
        typed.judge(&OWN, beside, Common::Unlisted).map(|_| ())
    }

    #[test]
    fn row_43_alone_it_takes_fifteen_and_beside_a_second_factor_eight() {
        assert_eq!(
            judge("catorce letras", Beside::Nothing),
            Err(Refusal::TooShort { least: 15 })
        );
        assert_eq!(judge("quince caracter", Beside::Nothing), Ok(()));
        assert_eq!(
            judge("siete 7", Beside::SecondFactor),
            Err(Refusal::TooShort { least: 8 })
        );
        assert_eq!(judge("ocho och", Beside::SecondFactor), Ok(()));
    }

    #[test]
    fn row_45_length_counts_code_points_and_not_bytes() {
        assert_eq!(judge("ñandúñan", Beside::SecondFactor), Ok(()));
        assert_eq!(
            judge("🦙🦙🦙🦙🦙🦙🦩", Beside::SecondFactor),
            Err(Refusal::TooShort { least: 8 })
        );
        assert!(Typed::read(&"ñ".repeat(256)).is_ok());
        assert!(Typed::read(&"n\u{303}".repeat(256)).is_ok());
        assert!(Typed::read(&"n\u{303}".repeat(257)).is_err());
        assert!(Typed::read(&"ñ".repeat(257)).is_err());
        assert!(
            Typed::read(&"\u{fdfa}".repeat(256)).is_err(),
            "expands eighteenfold"
        );
    }

    #[test]
    fn row_45_both_ways_of_typing_an_accent_are_the_same() {
        assert_eq!(
            Typed::read("contrase\u{f1}a larga").unwrap().expose(),
            Typed::read("contrasen\u{303}a larga").unwrap().expose()
        );
    }

    #[test]
    fn row_47_a_common_password_is_refused_with_its_reason() {
        let listed = Typed::read("una frase cualquiera").unwrap();
        let refused = listed.judge(&OWN, Beside::Nothing, Common::Listed);
        assert_eq!(refused.map(|_| ()), Err(Refusal::Common));
        assert_eq!(judge("zzzzzzzzzzzzzzzz", Beside::Nothing), Err(Refusal::Common));
    }

    #[test]
    fn row_47_ones_own_data_is_refused_however_it_is_spaced() {
        for own in [
            "11.111.111-1",
            "11111111",
            "Maria José".replace("ia", "ía").as_str(),
            "MUÑOZ DEL RÍO",
            "mjmunozdelrio",
            "mjmunozdelrio@correo.example",
        ] {
            assert!(
                // A number of one digit alone is refused for that.
                matches!(
                    judge(own, Beside::SecondFactor),
                    Err(Refusal::OwnData | Refusal::Common)
                ),
                "{own}"
            );
        }
    }

    #[test]
    fn row_44_no_composition_is_asked_for() {
        for phrase in [
            "todas minusculas aqui",
            "TODAS MAYUSCULAS AQUI",
            "394857203948572",
            "!?!?¡¿!?!?¡¿!?!?",
            "la luna y el mar de noche",
        ] {
            assert_eq!(judge(phrase, Beside::Nothing), Ok(()), "{phrase}");
        }
    }

    #[test]
    fn it_does_not_print() {
        assert_eq!(
            format!("{:?}", Typed::read("secreto secreto").unwrap()),
            "Typed(…)"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,300}") {
            if let Ok(typed) = Typed::read(&text) {
                let _ = typed.looked_up();
                let _ = typed.judge(&OWN, Beside::Nothing, Common::Unlisted);
            }
        }
    }
}
