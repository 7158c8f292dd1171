//! What a password may be: SP 800-63B-4 §3.1.1, ASVS 5.0 6.2.
//!
//! Long enough, not on the list of common ones, not the person's own data, and nothing else: no composition
//! rules, no expiry, no hints. Comparison is always with the whole password: `contraseña` inside a long phrase
//! does no harm.

use std::{collections::HashSet, fmt, sync::LazyLock};

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

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

/// Whether a second factor stands beside the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Password only.
    Nothing,
    /// A one-time code, too.
    SecondFactor,
}

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
        // The first bound keeps normalisation cheap, the second its expansion small (up to eighteenfold).
        if text.chars().nth(MOST).is_some() {
            return Err(TooLong);
        }
        let normal: Zeroizing<String> = Zeroizing::new(text.nfkc().take(MOST.saturating_mul(4)).collect());
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

    /// Judges a new password.
    ///
    /// # Errors
    /// The first [`Refusal`] that applies.
    pub fn judge(self, own: &OwnData<'_>, beside: Beside) -> Result<Acceptable, Refusal> {
        let least = match beside {
            Beside::Nothing => LEAST_ALONE,
            Beside::SecondFactor => LEAST_WITH_SECOND_FACTOR,
        };
        if self.0.chars().count() < least {
            return Err(Refusal::TooShort { least });
        }
        let folded = fold(&self.0);
        if COMMON.contains(folded.as_str()) || one_character(&folded) {
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

static COMMON: LazyLock<HashSet<String>> = LazyLock::new(|| {
    include_str!("../../assets/common-passwords.txt")
        .lines()
        .map(fold)
        .filter(|line| !line.is_empty())
        .collect()
});

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
        Typed::read(text).unwrap().judge(&OWN, beside).map(|_| ())
    }

    #[test]
    fn alone_it_takes_fifteen_and_beside_a_second_factor_eight() {
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
    fn length_counts_code_points_and_not_bytes() {
        assert_eq!(judge("ñandúñan", Beside::SecondFactor), Ok(()));
        assert_eq!(
            judge("🦙🦙🦙🦙🦙🦙🦩", Beside::SecondFactor),
            Err(Refusal::TooShort { least: 8 })
        );
        assert!(Typed::read(&"ñ".repeat(256)).is_ok());
        assert!(Typed::read(&"ñ".repeat(257)).is_err());
        assert!(
            Typed::read(&"\u{fdfa}".repeat(256)).is_err(),
            "expands eighteenfold"
        );
    }

    #[test]
    fn both_ways_of_typing_an_accent_are_the_same() {
        assert_eq!(
            Typed::read("contrase\u{f1}a larga").unwrap().expose(),
            Typed::read("contrasen\u{303}a larga").unwrap().expose()
        );
    }

    #[test]
    fn a_common_password_is_refused_whole_and_accepted_as_a_part() {
        assert_eq!(judge("Contraseña", Beside::SecondFactor), Err(Refusal::Common));
        assert_eq!(judge("12345678", Beside::SecondFactor), Err(Refusal::Common));
        assert_eq!(judge("zzzzzzzzzzzzzzzz", Beside::Nothing), Err(Refusal::Common));
        assert_eq!(judge("mi contraseña de verano", Beside::Nothing), Ok(()));
    }

    #[test]
    fn ones_own_data_is_refused_however_it_is_spaced() {
        for own in [
            "11.111.111-1",
            "11111111",
            "Maria José".replace("ia", "ía").as_str(),
            "MUÑOZ DEL RÍO",
            "mjmunozdelrio",
            "mjmunozdelrio@correo.example",
        ] {
            assert!(
                matches!(
                    judge(own, Beside::SecondFactor),
                    Err(Refusal::OwnData | Refusal::Common)
                ),
                "{own}"
            );
        }
    }

    #[test]
    fn no_composition_is_asked_for() {
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
                let _ = typed.judge(&OWN, Beside::Nothing);
            }
        }
    }
}
