//! How an account is opened: with a code that is good together with one national id, for a while, once.
//!
//! | how the person was proven | level (SP 800-63A) | who says so |
//! |---|---|---|
//! | `imported` | IAL1 | another register, taken over |
//! | `existing_credential` | IAL1 | a credential that the person had before |
//! | `proven_elsewhere` | IAL2 | another provider, whose proofing the operator takes for as much |
//! | `in_person` | IAL2 | a registrar who saw the person and the document |
//! | `in_person_biometric` | IAL3 | a registrar who also compared a biometric with the register |

use super::{
    crockford::{self, ALPHABET},
    ids::{ActivationId, CitizenId},
    secret::Secret,
    time::{Seconds, Timestamp},
};

/// Twelve characters of Crockford's base32, 60 bits; printed `4-4-4`.
///
/// SP 800-63B-4 §4.1.2 asks at least 40 bits of a binding code that comes with an identifier. It is not a password and
/// is never accepted as one.
#[derive(Debug, Clone)]
pub struct ActivationCode(Secret<String>);

impl ActivationCode {
    /// A new code from chance, of which the last four bits are not needed.
    #[must_use]
    pub fn new(chance: [u8; 8]) -> Self {
        let mut rest = u64::from_le_bytes(chance);
        let mut code = String::with_capacity(LENGTH);
        for _ in 0..LENGTH {
            let place = usize::try_from(rest & 0x1f).unwrap_or_default();
            code.extend(ALPHABET.chars().nth(place));
            rest >>= 5;
        }
        Self(Secret::new(code))
    }

    /// A code as somebody typed it from paper, however they did (see [`crockford`]). `None` when it cannot be a code.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let code = crockford::tidy(typed);
        let shaped = code.len() == LENGTH && code.chars().all(|c| ALPHABET.contains(c));
        shaped.then(|| Self(Secret::new(code.as_str().to_owned())))
    }

    /// As it is printed.
    #[must_use]
    pub fn shown(&self) -> Secret<String> {
        let code = self.0.expose();
        let groups = [code.get(..4), code.get(4..8), code.get(8..)];
        Secret::new(groups.map(Option::unwrap_or_default).join("-"))
    }

    /// The characters, for the keyed tag that stands for the code in the store.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// What a code opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An account that nobody can log in to yet.
    Enrol,
    /// An account whose owner came in person because nothing else opens it any more.
    Recover,
}

/// How the person was proven to be who the register says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proofing {
    /// Taken over from another register, as it stood there.
    Imported,
    /// The person showed a credential that they had before.
    ExistingCredential,
    /// Another provider saw evidence that belongs to the person, and the operator relies on it.
    ProvenElsewhere,
    /// A registrar saw the person and their document.
    InPerson,
    /// A registrar also compared a biometric with the register.
    InPersonBiometric,
}

/// An identity assurance level of SP 800-63A.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ial {
    /// Claimed, checked against a record at most.
    One,
    /// Evidence was seen and belongs to the person.
    Two,
    /// In person, with a biometric comparison.
    Three,
}

/// How the code reaches the person, which says how long it may live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    /// Shown on a screen to somebody who types it at once.
    OnScreen,
    /// Printed and handed over.
    OnPaper,
}

/// An activation that was opened with its code and goes on in one browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Which.
    pub id: ActivationId,
    /// Whose account.
    pub citizen: CitizenId,
    /// What for.
    pub kind: Kind,
    /// What it says of the person.
    pub proofing: Proofing,
    /// When it is lost unless it was finished.
    pub held_until: Timestamp,
}

impl Kind {
    /// Its name in the store and in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Enrol => "enrol",
            Self::Recover => "recover",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Enrol, Self::Recover]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

impl Proofing {
    /// Every way, the weakest first.
    pub const ALL: [Self; 5] = [
        Self::Imported,
        Self::ExistingCredential,
        Self::ProvenElsewhere,
        Self::InPerson,
        Self::InPersonBiometric,
    ];

    /// Its name in the store and in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::ExistingCredential => "existing_credential",
            Self::ProvenElsewhere => "proven_elsewhere",
            Self::InPerson => "in_person",
            Self::InPersonBiometric => "in_person_biometric",
        }
    }

    /// The way of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|proofing| proofing.name() == name)
    }

    /// What it amounts to.
    #[must_use]
    pub fn ial(self) -> Ial {
        match self {
            Self::Imported | Self::ExistingCredential => Ial::One,
            Self::ProvenElsewhere | Self::InPerson => Ial::Two,
            Self::InPersonBiometric => Ial::Three,
        }
    }
}

impl Ial {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::One => "ial1",
            Self::Two => "ial2",
            Self::Three => "ial3",
        }
    }
}

impl Handed {
    /// How long a code lives that is handed over so; `paper` is what the operator configured.
    #[must_use]
    pub fn lifetime(self, paper: Seconds) -> Seconds {
        match self {
            Self::OnScreen => ON_SCREEN,
            Self::OnPaper => paper.min(LONGEST_ON_PAPER),
        }
    }
}

/// The wrong codes of everybody together that are answered in one slot; then nobody is, until the next begins. With a
/// million codes waiting, this many guesses in every slot of a century find none with near certainty; the bound is here
/// so that a flood is seen and stopped, whoever it aims at.
pub const MOST_WRONG: i64 = 3_000;
/// A slot of time for [`MOST_WRONG`].
pub const SLOT: Seconds = Seconds(600);
/// How long an opened activation waits in its browser for its first authenticator. Somebody may have to find a charger
/// or install an app. Left on a shared computer it is lost soon.
pub const HELD: Seconds = Seconds(1_800);
/// SP 800-63B-4 §4.1.2: a binding code that goes over a wire lives for ten minutes.
pub const ON_SCREEN: Seconds = Seconds(600);
/// SP 800-63B-4 §4.2.1.2 gives 21 days to what goes by post; paper that is handed over needs no more.
pub const LONGEST_ON_PAPER: Seconds = Seconds(21 * 86_400);
/// Unless the operator says otherwise: a week with its weekend.
pub const ON_PAPER_DAYS: u32 = 7;

const LENGTH: usize = 12;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn row_74_it_has_sixty_bits_in_groups_of_four() {
        assert_eq!(ActivationCode::new([0; 8]).shown().expose(), "0000-0000-0000");
        assert_eq!(ActivationCode::new([0xff; 8]).shown().expose(), "ZZZZ-ZZZZ-ZZZZ");
        let lowest = ActivationCode::new(1_u64.to_le_bytes());
        let highest = ActivationCode::new((1_u64 << 59).to_le_bytes());
        assert_eq!(lowest.expose(), "100000000000");
        assert_eq!(highest.expose(), "00000000000G");
    }

    #[test]
    fn it_is_read_as_people_type_it() {
        for typed in [
            "10AB-CDEF-GH1J",
            "10abcdefgh1j",
            " lO ab – cdef\tghIj ",
            "１０AB cdef gh1j",
        ] {
            let code = ActivationCode::parse(typed).unwrap();
            assert_eq!(code.expose(), "10ABCDEFGH1J", "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        for typed in [
            "",
            "10AB-CDEF-GH1",
            "10AB-CDEF-GH1JK",
            "10AB-CDEF-GHUJ",
            "10AB-CDEF-GHñJ",
        ] {
            assert!(ActivationCode::parse(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn it_does_not_print() {
        assert!(!format!("{:?}", ActivationCode::new([0xff; 8])).contains('Z'));
    }

    #[test]
    fn paper_lives_no_longer_than_what_goes_by_post_and_a_screen_ten_minutes() {
        let years = Seconds(900 * 86_400);
        assert_eq!(Handed::OnPaper.lifetime(years), LONGEST_ON_PAPER);
        assert_eq!(Handed::OnPaper.lifetime(Seconds(86_400)), Seconds(86_400));
        assert_eq!(Handed::OnScreen.lifetime(years), Seconds(600));
    }

    #[test]
    fn each_proofing_has_its_own_name_and_none_but_a_biometric_is_of_the_third_level() {
        for proofing in Proofing::ALL {
            assert_eq!(Proofing::named(proofing.name()), Some(proofing));
        }
        let third = Proofing::ALL.map(|proofing| proofing.ial() == Ial::Three);
        assert_eq!(third, [false, false, false, false, true]);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_again(chance: [u8; 8]) {
            let code = ActivationCode::new(chance);
            let again = ActivationCode::parse(&code.shown().expose().to_lowercase()).unwrap();
            prop_assert_eq!(code.expose(), again.expose());
        }

        #[test]
        fn nothing_that_is_typed_panics(typed in ".*") {
            let _code = ActivationCode::parse(&typed);
        }
    }
}
