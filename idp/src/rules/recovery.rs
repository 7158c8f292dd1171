//! What it takes to get an account back whose factors were lost: never less than what it takes to log in.
//!
//! SP 800-63B-4 §4.2 (AAL2): two recovery codes by different methods, or one recovery code and a factor that is still
//! there, or being seen again. Being seen is another door: a registrar hands out an activation code for it.
//!
//! ```text
//!              a code            another code, or a factor         the wait is over
//!  Collecting ────────▶ Collecting ────────────────────▶ Waiting ──────────────────▶ Ready ──▶ new factors
//!                                                           │                          │
//!                                                           └──────────────────────────┴─▶ cancelled, from any
//!                                                                        address, session, or this browser
//! ```
//!
//! A code comes first: whoever knows only a number cannot try passwords here, or use up somebody's guesses. A passkey is
//! not among the factors: it opens the account by itself, so whoever still has one logs in and needs no recovery.
//!
//! **A recovery replaces every factor.** What was not shown is taken for lost, and what was shown was typed on a machine
//! that nobody knows.

use std::collections::BTreeSet;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    crockford,
    ids::{CitizenId, RecoveryId},
    national_id::NationalId,
    recovery_code::RecoveryCode,
    standing::Standing,
    time::{Seconds, Timestamp},
};

/// `[recovery]` in the configuration.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How many hours pass between showing enough and getting the account back. The citizen hears of it at every
    /// address and can stop it meanwhile. 0 is for development.
    pub cooling_off_hours: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cooling_off_hours: COOLING_OFF_HOURS,
        }
    }
}

impl Settings {
    /// What is wrong with it; `development` is a service on one developer's machine.
    #[must_use]
    pub fn problem(&self, development: bool) -> Option<String> {
        let none = self.cooling_off_hours == 0 && !development;
        none.then(|| {
            "recovery.cooling_off_hours: 0 is for development (an issuer on localhost); write at least 1"
                .to_owned()
        })
    }

    /// How long a recovery waits.
    #[must_use]
    pub fn cooling_off(&self) -> Seconds {
        Seconds(i64::from(self.cooling_off_hours).saturating_mul(3_600))
    }
}

/// Something that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// One of the codes that the citizen printed.
    SavedCode,
    /// A code that this recovery sent to the citizen's addresses.
    IssuedCode,
    /// The password.
    Password,
    /// A one-time code.
    Totp,
}

impl Evidence {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::SavedCode, Self::IssuedCode, Self::Password, Self::Totp];

    /// Its name in the store and the audit.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SavedCode => "saved-code",
            Self::IssuedCode => "issued-code",
            Self::Password => "password",
            Self::Totp => "totp",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What the evidence amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sufficiency {
    /// A code comes first.
    NeedsCode,
    /// A code is there; something by another method must follow.
    NeedsSecond,
    /// Enough, after the wait.
    Enough,
}

/// What `shown` amounts to for an account that stands so. In a frozen one a factor counts for nothing: somebody said that
/// they are in other hands.
#[must_use]
pub fn judge(shown: &BTreeSet<Evidence>, standing: Standing) -> Sufficiency {
    let has = |kind| shown.contains(&kind);
    let factor = standing == Standing::Open && (has(Evidence::Password) || has(Evidence::Totp));
    match (has(Evidence::SavedCode), has(Evidence::IssuedCode)) {
        (true, true) => Sufficiency::Enough,
        (true, false) | (false, true) if factor => Sufficiency::Enough,
        (true, false) | (false, true) => Sufficiency::NeedsSecond,
        (false, false) => Sufficiency::NeedsCode,
    }
}

/// A recovery as it was read.
#[derive(Debug)]
pub struct Recovery {
    /// Its name.
    pub id: RecoveryId,
    /// Whose number was typed. `None` when it is nobody's: such a recovery looks like any other and never gets anywhere.
    pub citizen: Option<CitizenId>,
    /// The number that was typed.
    pub national_id: NationalId,
    /// What was shown so far.
    pub shown: BTreeSet<Evidence>,
    /// Where it stands.
    pub stage: Stage,
    /// How often it was taken up again by its code: each time the code is another.
    pub resumed: i64,
}

/// Where a recovery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Not enough was shown yet.
    Collecting,
    /// Enough was shown; the citizen can still say that it was not they.
    Waiting {
        /// Until then.
        until: Timestamp,
    },
    /// New factors can be made.
    Ready {
        /// Not after this.
        until: Timestamp,
    },
}

impl Stage {
    /// The stage that the moments of a row amount to; `None` when it is over by its age.
    #[must_use]
    pub fn of(begun_at: Timestamp, ready_at: Option<Timestamp>, now: Timestamp) -> Option<Self> {
        match ready_at {
            None => (!begun_at.after(COLLECTING).reached(now)).then_some(Self::Collecting),
            Some(at) if !at.reached(now) => Some(Self::Waiting { until: at }),
            Some(at) => {
                let until = at.after(READY);
                (!until.reached(now)).then_some(Self::Ready { until })
            }
        }
    }
}

/// A code that a recovery sends by mail: forty bits, good for that recovery alone.
#[derive(Clone)]
pub struct IssuedCode(Zeroizing<[u8; ISSUED_BYTES]>);

impl IssuedCode {
    /// A code from chance.
    #[must_use]
    pub fn new(chance: [u8; ISSUED_BYTES]) -> Self {
        Self(Zeroizing::new(chance))
    }

    /// What the letter says: two groups of four.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        crockford::write(self.0.as_slice())
    }

    /// The bytes, for the tag.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl std::fmt::Debug for IssuedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IssuedCode(…)")
    }
}

/// What stands for the cookie of a recovery in another browser: shown on the page of the wait, never sent by mail, since
/// whoever reads the mail must not finish what somebody else has proven.
#[derive(Clone)]
pub struct ResumeCode(Zeroizing<[u8; RESUME_BYTES]>);

impl ResumeCode {
    /// The code whose bytes begin a keyed tag.
    #[must_use]
    pub fn of_tag(tag: &[u8; 32]) -> Self {
        let mut bytes = Zeroizing::new([0; RESUME_BYTES]);
        bytes.copy_from_slice(tag.split_at(RESUME_BYTES).0);
        Self(bytes)
    }

    /// A code as somebody typed it; `None` when it cannot be one.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        crockford::read(typed).map(Self)
    }

    /// What is shown: six groups of four.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        crockford::write(self.0.as_slice())
    }

    /// The bytes, for the digest.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl std::fmt::Debug for ResumeCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ResumeCode(…)")
    }
}

/// A recovery code as somebody typed it: its length tells which of the two it is.
#[derive(Debug, Clone)]
pub enum Typed {
    /// From a letter.
    Issued(IssuedCode),
    /// From paper.
    Saved(RecoveryCode),
}

impl Typed {
    /// `None` when it can be neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let saved = RecoveryCode::parse(text).map(Self::Saved);
        saved.or_else(|| crockford::read(text).map(|bytes| Self::Issued(IssuedCode(bytes))))
    }

    /// What it shows, if it is right.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        match self {
            Self::Issued(_) => Evidence::IssuedCode,
            Self::Saved(_) => Evidence::SavedCode,
        }
    }
}

/// SP 800-63B-4 §4.2 asks for six digits of an issued code; this is twice that.
pub const ISSUED_BYTES: usize = 5;
/// 120 bits: it stands for a cookie (ASVS 7.2.3 asks 128 of what a machine keeps, and for less of what is throttled).
pub const RESUME_BYTES: usize = 15;
/// SP 800-63B-4 §4.2: a code sent by e-mail is good for 24 hours.
pub const ISSUED_LIFETIME: Seconds = Seconds(86_400);
/// A code may be asked for again after half a minute: time to look into the mailbox.
pub const RESEND: Seconds = Seconds(30);
/// More letters than this to one citizen, in recoveries that go on or ended within [`COLLECTING`], are a nuisance that
/// somebody makes.
pub const MOST_SENT: i64 = 8;
/// Recoveries that got nowhere, kept at most; a stranger can begin as many as they like.
pub const MOST_IDLE: i64 = 50_000;
/// As long as a code that is sent on the first day is good.
pub const COLLECTING: Seconds = Seconds(2 * 86_400);
/// A week to come back.
pub const READY: Seconds = Seconds(7 * 86_400);
/// After this a recovery is over however long it waited, and forgotten.
pub const LONGEST: Seconds = Seconds(60 * 86_400);
/// A day: long enough to see a letter, short enough to wait for.
const COOLING_OFF_HOURS: u32 = 24;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STANDINGS: [Standing; 2] = [Standing::Open, Standing::Frozen];

    /// Every set of evidence.
    fn all_sets() -> Vec<BTreeSet<Evidence>> {
        (0_u32..16)
            .map(|bits| {
                let kinds = Evidence::ALL.into_iter().enumerate();
                kinds
                    .filter(|(at, _)| bits >> at & 1 == 1)
                    .map(|(_, kind)| kind)
                    .collect()
            })
            .collect()
    }

    #[test]
    fn row_62_every_single_method_ends_refused() {
        for standing in STANDINGS {
            assert_ne!(judge(&BTreeSet::new(), standing), Sufficiency::Enough);
            for kind in Evidence::ALL {
                assert_ne!(
                    judge(&BTreeSet::from([kind]), standing),
                    Sufficiency::Enough,
                    "{kind:?}"
                );
            }
        }
    }

    #[test]
    fn row_62_enough_is_two_codes_or_a_code_and_a_factor_and_nothing_else() {
        let mut enough = Vec::new();
        for shown in all_sets() {
            let of = |kinds: [Evidence; 2]| kinds.into_iter().filter(|kind| shown.contains(kind)).count();
            let codes = of([Evidence::SavedCode, Evidence::IssuedCode]);
            let factors = of([Evidence::Password, Evidence::Totp]);
            let open = judge(&shown, Standing::Open) == Sufficiency::Enough;
            assert_eq!(open, codes == 2 || (codes == 1 && factors > 0), "{shown:?}");
            let frozen = judge(&shown, Standing::Frozen) == Sufficiency::Enough;
            assert_eq!(frozen, codes == 2, "{shown:?}");
            enough.extend(open.then_some(shown));
        }
        assert_eq!(enough.len(), 4 + 6);
    }

    #[test]
    fn factors_without_a_code_are_a_login_and_no_recovery() {
        let both = BTreeSet::from([Evidence::Password, Evidence::Totp]);
        assert_eq!(judge(&both, Standing::Open), Sufficiency::NeedsCode);
    }

    #[test]
    fn a_stage_follows_from_the_clock() {
        let at = |ready, now| Stage::of(Timestamp(0), ready, Timestamp(now));
        assert_eq!(at(None, COLLECTING.0 - 1), Some(Stage::Collecting));
        assert_eq!(at(None, COLLECTING.0), None);
        let ready = Some(Timestamp(100));
        let until = Timestamp(100);
        assert_eq!(at(ready, 99), Some(Stage::Waiting { until }));
        let until = Timestamp(100 + READY.0);
        assert_eq!(at(ready, 100), Some(Stage::Ready { until }));
        assert_eq!(at(ready, until.0), None);
    }

    #[test]
    fn no_wait_is_for_development_only() {
        let none = Settings { cooling_off_hours: 0 };
        assert!(none.problem(false).is_some() && none.problem(true).is_none());
        assert!(Settings::default().problem(false).is_none());
        assert_eq!(Settings::default().cooling_off(), Seconds(86_400));
    }

    #[test]
    fn a_typed_code_is_known_by_its_length() {
        let issued = IssuedCode::new([7; ISSUED_BYTES]);
        let typed = Typed::parse(&issued.text().to_lowercase()).unwrap();
        assert_eq!(typed.evidence(), Evidence::IssuedCode);
        let saved = RecoveryCode::new([7; 15]);
        let typed = Typed::parse(&saved.text()).unwrap();
        assert_eq!(typed.evidence(), Evidence::SavedCode);
        assert!(Typed::parse("123456").is_none() && Typed::parse("").is_none());
    }

    #[test]
    fn row_58_a_sent_code_has_eight_characters() {
        let code = IssuedCode::new([0xff; ISSUED_BYTES]);
        assert_eq!(code.text().as_str(), "ZZZZ-ZZZZ");
        assert_eq!(format!("{code:?}"), "IssuedCode(…)");
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,200}") {
            let _ = (Typed::parse(&text), ResumeCode::parse(&text));
        }

        #[test]
        fn a_resume_code_is_read_as_it_was_written(tag: [u8; 32]) {
            let code = ResumeCode::of_tag(&tag);
            let again = ResumeCode::parse(&code.text()).unwrap();
            prop_assert_eq!(again.expose(), code.expose());
        }
    }
}
