//! What comes next in a login: one pure function over two tables. The tables are printed in [`crate::manual::factors`],
//! and a test walks every way through them.
//!
//! [`TURNS`] says which factor counts at which stage, [`LEVELS`] what factors amount to together, and [`next`] puts a
//! verified factor through both. Nothing else leaves a stage of [`super::interaction`].

mod print;
#[cfg(test)]
mod tests;

pub use print::print;

use super::{
    assurance::{Aal, Factor, Verified},
    ids::{CitizenId, Sid},
    interaction::Stage,
    time::Timestamp,
};

/// A factor as the tables see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Something known.
    Password,
    /// A one-time code of an app.
    Code,
    /// A key that shows presence and nothing of who touched it.
    Key,
    /// A key that also checked a PIN or a biometric.
    Passkey,
    /// A [`Kind::Key`] in hardware of a model that an operator allowed, known by its attestation.
    HardwareKey,
    /// A [`Kind::Passkey`] in such hardware.
    HardwarePasskey,
}

impl Kind {
    /// Every kind, in the order of the tables' columns.
    pub const ALL: [Self; 6] = [
        Self::Password,
        Self::Code,
        Self::Key,
        Self::Passkey,
        Self::HardwareKey,
        Self::HardwarePasskey,
    ];

    /// The kind of a factor. A key that may be copied to other devices is never hardware, whatever its maker attests.
    #[must_use]
    pub fn of(factor: Factor) -> Self {
        match factor {
            Factor::Password => Self::Password,
            Factor::Totp => Self::Code,
            Factor::Passkey {
                user_verified,
                device_bound,
                attested,
            } => match (user_verified, device_bound && attested) {
                (false, false) => Self::Key,
                (true, false) => Self::Passkey,
                (false, true) => Self::HardwareKey,
                (true, true) => Self::HardwarePasskey,
            },
        }
    }

    /// Whoever shows this has shown `asked`, too.
    #[must_use]
    pub fn serves_as(self, asked: Self) -> bool {
        match asked {
            Self::Password | Self::Code | Self::HardwarePasskey => self == asked,
            Self::Key => !matches!(self, Self::Password | Self::Code),
            Self::Passkey => matches!(self, Self::Passkey | Self::HardwarePasskey),
            Self::HardwareKey => self.is_hardware(),
        }
    }

    fn is_hardware(self) -> bool {
        matches!(self, Self::HardwareKey | Self::HardwarePasskey)
    }
}

/// Factors that reach a level together: each of `kinds` must have been shown.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// What must be shown.
    pub kinds: &'static [Kind],
    /// What it amounts to.
    pub aal: Aal,
}

/// SP 800-63B-4 §2.2 and §2.3: two different factors, or one that holds both, make AAL2; AAL3 wants a key in hardware
/// that cannot be exported, with a second factor in it or beside it.
pub const LEVELS: [Level; 6] = [
    Level {
        kinds: &[Kind::Password],
        aal: Aal::One,
    },
    Level {
        kinds: &[Kind::Password, Kind::Code],
        aal: Aal::Two,
    },
    Level {
        kinds: &[Kind::Password, Kind::Key],
        aal: Aal::Two,
    },
    Level {
        kinds: &[Kind::Passkey],
        aal: Aal::Two,
    },
    Level {
        kinds: &[Kind::Password, Kind::HardwareKey],
        aal: Aal::Three,
    },
    Level {
        kinds: &[Kind::HardwarePasskey],
        aal: Aal::Three,
    },
];

/// The level that these factors of one citizen reach together; `None` when they prove nothing.
#[must_use]
pub fn level(factors: &[Factor]) -> Option<Aal> {
    let shown = |asked: &Kind| factors.iter().any(|factor| Kind::of(*factor).serves_as(*asked));
    let reached = LEVELS.iter().filter(|level| level.kinds.iter().all(shown));
    reached.map(|level| level.aal).max()
}

/// A stage as the tables see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// [`Stage::Identify`].
    Identify,
    /// [`Stage::SecondFactor`].
    SecondFactor,
    /// [`Stage::Reauthenticate`].
    Reauthenticate,
    /// [`Stage::Consent`], [`Stage::Unmet`] and [`Stage::Done`]: whoever is there is signed in.
    Signed,
}

impl Place {
    fn of(stage: &Stage) -> Self {
        match stage {
            Stage::Identify => Self::Identify,
            Stage::SecondFactor { .. } => Self::SecondFactor,
            Stage::Reauthenticate { .. } => Self::Reauthenticate,
            Stage::Consent { .. } | Stage::Unmet { .. } | Stage::Done => Self::Signed,
        }
    }
}

/// Which kinds count where. A code or a bare key never comes first: both would tell a stranger whose they are. A
/// password comes first or not at all: presence is proven by something that one has.
pub const TURNS: [(Place, &[Kind]); 4] = [
    (
        Place::Identify,
        &[Kind::Password, Kind::Passkey, Kind::HardwarePasskey],
    ),
    (
        Place::SecondFactor,
        &[
            Kind::Code,
            Kind::Key,
            Kind::Passkey,
            Kind::HardwareKey,
            Kind::HardwarePasskey,
        ],
    ),
    (
        Place::Reauthenticate,
        &[
            Kind::Code,
            Kind::Key,
            Kind::Passkey,
            Kind::HardwareKey,
            Kind::HardwarePasskey,
        ],
    ),
    (Place::Signed, &[]),
];

/// What is known of a citizen's factors beside the one that was just verified.
#[derive(Clone, Debug, Default)]
pub struct Means {
    /// Everything that they could show.
    pub has: Vec<Factor>,
    /// What their live session rests on; empty where there is none.
    pub session: Vec<Factor>,
}

impl Means {
    /// The highest level that this citizen can reach; `None` when they cannot log in.
    #[must_use]
    pub fn reach(&self) -> Option<Aal> {
        level(&self.has)
    }
}

/// What a verified factor means at a stage.
#[derive(Debug, PartialEq, Eq)]
pub enum Accepted {
    /// One more factor is needed; this is the stage to write.
    NeedsSecond(Stage),
    /// Enough for a new session: what was asked, or the most that this citizen has. Who asked for more is told so.
    SignedIn {
        /// Who.
        citizen: CitizenId,
        /// Every factor verified in this transaction.
        factors: Vec<Factor>,
        /// When the last one was verified.
        at: Timestamp,
    },
    /// The known citizen is present again; the session goes on with a new cookie and a new `auth_time`.
    Present {
        /// Who.
        citizen: CitizenId,
        /// The session that goes on.
        session: Sid,
        /// The factor that proved presence.
        factor: Factor,
        /// When.
        at: Timestamp,
    },
}

/// The factor does not belong to this stage, or is another citizen's: somebody skips steps or mixes tabs.
#[derive(Debug, PartialEq, Eq)]
pub struct OutOfTurn;

/// What `verified` means at `stage` of a conversation that needs `required`, for a citizen of these `means`.
///
/// # Errors
/// [`OutOfTurn`] for every factor that [`TURNS`] does not show, for another citizen's, and for one that adds nothing.
pub fn next(stage: &Stage, required: Aal, means: &Means, verified: Verified) -> Result<Accepted, OutOfTurn> {
    let (citizen, factor, at) = (verified.citizen().clone(), verified.factor(), verified.at());
    in_turn(stage, factor)?;
    match stage {
        Stage::Identify => Ok(counted(citizen, vec![factor], (required, means), at)),
        Stage::SecondFactor {
            citizen: known,
            shown,
        } => {
            same(known, &citizen)?;
            let shown = with(shown, factor).ok_or(OutOfTurn)?;
            Ok(counted(citizen, shown, (required, means), at))
        }
        Stage::Reauthenticate {
            citizen: known,
            session,
        } => {
            same(known, &citizen)?;
            present(factor, required, means)?;
            Ok(Accepted::Present {
                citizen,
                session: session.clone(),
                factor,
                at,
            })
        }
        Stage::Consent { .. } | Stage::Unmet { .. } | Stage::Done => Err(OutOfTurn),
    }
}

/// What is aimed at: what was asked, or the most that can be had.
#[must_use]
pub fn goal(required: Aal, means: &Means) -> Aal {
    means.reach().map_or(required, |reach| required.min(reach))
}

fn in_turn(stage: &Stage, factor: Factor) -> Result<(), OutOfTurn> {
    let place = Place::of(stage);
    let counts = TURNS
        .iter()
        .any(|(at, kinds)| *at == place && kinds.contains(&Kind::of(factor)));
    counts.then_some(()).ok_or(OutOfTurn)
}

fn same(known: &CitizenId, shown: &CitizenId) -> Result<(), OutOfTurn> {
    (known == shown).then_some(()).ok_or(OutOfTurn)
}

/// `shown` and one more; none when the same was shown before.
fn with(shown: &[Factor], factor: Factor) -> Option<Vec<Factor>> {
    (!shown.contains(&factor)).then(|| shown.iter().copied().chain([factor]).collect())
}

fn counted(
    citizen: CitizenId,
    factors: Vec<Factor>,
    (required, means): (Aal, &Means),
    at: Timestamp,
) -> Accepted {
    if level(&factors) >= Some(goal(required, means)) {
        Accepted::SignedIn { citizen, factors, at }
    } else {
        Accepted::NeedsSecond(Stage::SecondFactor {
            citizen,
            shown: factors,
        })
    }
}

/// A factor proves presence when the session reaches the goal with it. At AAL3 it is the hardware itself that must be
/// there (SP 800-63B-4 §2.3.3: reauthentication with both factors, one of them the key).
fn present(factor: Factor, required: Aal, means: &Means) -> Result<(), OutOfTurn> {
    let goal = goal(required, means);
    let together: Vec<Factor> = means.session.iter().copied().chain([factor]).collect();
    let here = goal < Aal::Three || Kind::of(factor).is_hardware();
    (here && level(&together) >= Some(goal))
        .then_some(())
        .ok_or(OutOfTurn)
}
