//! How sure we are of who this is: one pure function over the factors verified in one transaction.
//!
//! | verified in this transaction | acr | amr |
//! |---|---|---|
//! | password | `urn:aval:aal1` | `pwd` |
//! | password, then TOTP | `urn:aval:aal2` | `pwd` `otp` `mfa` |
//! | password, then passkey | `urn:aval:aal2` | `pwd` `swk` or `hwk` `pop` `mfa` (and `user`) |
//! | passkey with user verification | `urn:aval:aal2` | `swk` or `hwk` `pop` `user` `mfa` |
//! | the same in hardware known by attestation | `urn:aval:aal3` | `hwk` `pop` `user` `mfa` |
//! | passkey without user verification, or TOTP alone | none | |
//!
//! Levels are NIST SP 800-63B's (the table is in [`super::mfa`]); method names RFC 8176's. A synced passkey never yields
//! AAL3.

use serde::{Deserialize, Serialize};

use super::{
    ids::CitizenId,
    mfa::{Kind, level},
    time::Timestamp,
};

/// Proof that one factor of one citizen was verified just now. Made by the flow that verified it, consumed by
/// [`crate::flow::interaction::factor_verified`]; it cannot be kept (not `Clone`) or stored.
#[derive(Debug)]
pub struct Verified {
    citizen: CitizenId,
    factor: Factor,
    at: Timestamp,
}

impl Verified {
    /// To be called only by a flow, after the factor was verified and its single use was written.
    pub(crate) fn new(citizen: CitizenId, factor: Factor, at: Timestamp) -> Self {
        Self { citizen, factor, at }
    }

    /// Whose factor it was.
    #[must_use]
    pub fn citizen(&self) -> &CitizenId {
        &self.citizen
    }

    /// Which factor it was.
    #[must_use]
    pub fn factor(&self) -> Factor {
        self.factor
    }

    /// When it was verified.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

/// One way of proving who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// Something known.
    Password,
    /// A time-based one-time code (RFC 6238).
    Totp,
    /// A WebAuthn credential.
    Passkey {
        /// The authenticator checked a PIN or a biometric (flag UV).
        user_verified: bool,
        /// Not eligible for backup (flag BE is 0): the key cannot leave its device.
        device_bound: bool,
        /// Its model is one that the operator allowed today, known by its attestation.
        #[serde(default)]
        attested: bool,
    },
}

impl Factor {
    /// What the log calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::Passkey { .. } => "passkey",
        }
    }
}

/// An authenticator assurance level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Aal {
    /// One factor.
    One,
    /// Two different factors, or one that holds both.
    Two,
    /// Hardware-bound and phishing-resistant.
    Three,
}

impl Aal {
    /// Every level, lowest first.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// The name of this level in our own records, and to clients unless [`Levels`] says otherwise.
    #[must_use]
    pub fn acr(self) -> &'static str {
        match self {
            Self::One => "urn:aval:aal1",
            Self::Two => "urn:aval:aal2",
            Self::Three => "urn:aval:aal3",
        }
    }
}

/// The names under which clients know the levels (OpenID Connect Core §2 `acr`): the first of each is ours to tell, the
/// others are understood and told to who asks by them (ISO/IEC 29115, eIDAS, a country's own).
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Levels {
    aal1: Vec<String>,
    aal2: Vec<String>,
    aal3: Vec<String>,
    /// What factors here can reach: AAL3 where an operator allowed models of hardware keys.
    #[serde(skip)]
    highest: Aal,
}

impl Default for Levels {
    fn default() -> Self {
        let only = |level: Aal| vec![level.acr().to_owned()];
        Self {
            aal1: only(Aal::One),
            aal2: only(Aal::Two),
            aal3: only(Aal::Three),
            highest: Aal::Two,
        }
    }
}

impl Levels {
    /// The same names, where factors can reach `highest`.
    #[must_use]
    pub fn up_to(self, highest: Aal) -> Self {
        Self { highest, ..self }
    }

    /// What the factors of this provider can reach.
    #[must_use]
    pub fn highest(&self) -> Aal {
        self.highest
    }

    /// The level that an `acr` value names, if it is one of ours.
    #[must_use]
    pub fn named(&self, acr: &str) -> Option<Aal> {
        Aal::ALL
            .into_iter()
            .find(|level| self.names(*level).iter().any(|name| name == acr))
    }

    /// Every name of a level.
    #[must_use]
    pub fn names(&self, level: Aal) -> &[String] {
        match level {
            Aal::One => &self.aal1,
            Aal::Two => &self.aal2,
            Aal::Three => &self.aal3,
        }
    }

    /// What a client is told of `level`: the name it asked by, if it is a name of exactly this level, else our own.
    #[must_use]
    pub fn told<'a>(&'a self, level: Aal, asked: &'a [String]) -> &'a str {
        let own = self.names(level).first().map_or(level.acr(), String::as_str);
        asked
            .iter()
            .find(|name| self.named(name) == Some(level))
            .map_or(own, String::as_str)
    }

    /// Every name that can be reached here, for the metadata.
    pub fn within_reach(&self) -> impl Iterator<Item = &str> {
        let reached = Aal::ALL.into_iter().filter(|level| *level <= self.highest);
        reached.flat_map(|level| self.names(level)).map(String::as_str)
    }

    /// What keeps the names from being told apart; none when they are good.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for level in Aal::ALL {
            if self.names(level).is_empty() {
                problems.push(format!("assurance: {} needs at least one name", level.acr()));
            }
            for name in self.names(level) {
                if name.is_empty()
                    || name.contains(|c: char| !c.is_ascii_graphic() || matches!(c, '"' | '\\'))
                {
                    problems.push(format!(
                        "assurance: {name:?} must be one word of ASCII without quotes (acr_values are split at spaces)"
                    ));
                }
                if seen.contains(&name.as_str()) {
                    problems.push(format!("assurance: {name} names two levels"));
                }
                seen.push(name);
            }
        }
        problems
    }
}

/// What a set of factors amounts to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assurance {
    /// The level reached.
    pub aal: Aal,
    /// Method names of RFC 8176, sorted as in the table of this module.
    pub amr: Vec<String>,
}

/// What these factors, verified in one transaction for one citizen, amount to; `None` when they prove nothing alone.
#[must_use]
pub fn attained(factors: &[Factor]) -> Option<Assurance> {
    let aal = level(factors)?;
    let shown = |asked: Kind| factors.iter().any(|factor| Kind::of(*factor).serves_as(asked));
    let bound = |factor: &Factor| {
        matches!(
            factor,
            Factor::Passkey {
                device_bound: true,
                ..
            }
        )
    };
    let (key, hardware) = (shown(Kind::Key), factors.iter().any(bound));
    let amr = [
        (shown(Kind::Password), "pwd"),
        (shown(Kind::Code), "otp"),
        (key && !hardware, "swk"),
        (hardware, "hwk"),
        (key, "pop"),
        (shown(Kind::Passkey), "user"),
        (aal >= Aal::Two, "mfa"),
    ];
    Some(Assurance {
        aal,
        amr: amr
            .into_iter()
            .filter(|(used, _)| *used)
            .map(|(_, name)| name.to_owned())
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYNCED: Factor = Factor::Passkey {
        user_verified: true,
        device_bound: false,
        attested: false,
    };
    const HARDWARE: Factor = Factor::Passkey {
        user_verified: true,
        device_bound: true,
        attested: true,
    };
    const BARE: Factor = Factor::Passkey {
        user_verified: false,
        device_bound: true,
        attested: false,
    };

    fn amr(factors: &[Factor]) -> Vec<String> {
        attained(factors).unwrap().amr
    }

    fn levels() -> Levels {
        toml::from_str("aal2 = [\"urn:aval:aal2\", \"http://eidas.europa.eu/LoA/substantial\"]").unwrap()
    }

    #[test]
    fn a_client_is_told_the_level_in_its_own_words() {
        let levels = levels();
        let asked = [
            "urn:aval:aal1".to_owned(),
            "http://eidas.europa.eu/LoA/substantial".to_owned(),
        ];
        assert_eq!(
            levels.told(Aal::Two, &asked),
            "http://eidas.europa.eu/LoA/substantial"
        );
        assert_eq!(levels.told(Aal::Two, &asked[..1]), "urn:aval:aal2");
        assert_eq!(levels.told(Aal::One, &asked[1..]), "urn:aval:aal1");
        assert!(levels.within_reach().all(|name| name != "urn:aval:aal3"));
    }

    #[test]
    fn a_name_is_one_word_of_one_level() {
        assert!(levels().problems().is_empty());
        let wrong = |text: &str| !toml::from_str::<Levels>(text).unwrap().problems().is_empty();
        assert!(wrong("aal1 = [\"urn:aval:aal2\"]"));
        assert!(wrong("aal1 = []"));
        assert!(wrong("aal1 = [\"two words\"]"));
    }

    #[test]
    fn a_password_alone_is_one_factor() {
        assert_eq!(attained(&[Factor::Password]).unwrap().aal, Aal::One);
        assert_eq!(amr(&[Factor::Password]), ["pwd"]);
    }

    #[test]
    fn password_and_totp_are_two() {
        assert_eq!(attained(&[Factor::Password, Factor::Totp]).unwrap().aal, Aal::Two);
        assert_eq!(amr(&[Factor::Password, Factor::Totp]), ["pwd", "otp", "mfa"]);
    }

    #[test]
    fn the_same_factor_twice_is_still_one() {
        assert_eq!(
            attained(&[Factor::Password, Factor::Password]).unwrap().aal,
            Aal::One
        );
    }

    #[test]
    fn a_verified_passkey_is_two_and_never_three() {
        assert_eq!(attained(&[SYNCED]).unwrap().aal, Aal::Two);
        assert_eq!(amr(&[SYNCED]), ["swk", "pop", "user", "mfa"]);
    }

    #[test]
    fn hardware_known_by_attestation_is_three() {
        assert_eq!(attained(&[HARDWARE]).unwrap().aal, Aal::Three);
        assert_eq!(amr(&[HARDWARE]), ["hwk", "pop", "user", "mfa"]);
        assert!(
            Levels::default()
                .up_to(Aal::Three)
                .within_reach()
                .any(|name| name == "urn:aval:aal3")
        );
    }

    #[test]
    fn a_passkey_without_user_verification_needs_a_password() {
        assert_eq!(attained(&[BARE]), None);
        assert_eq!(amr(&[Factor::Password, BARE]), ["pwd", "hwk", "pop", "mfa"]);
    }

    #[test]
    fn a_code_alone_proves_nothing() {
        assert_eq!(attained(&[Factor::Totp]), None);
        assert_eq!(attained(&[]), None);
    }
}
