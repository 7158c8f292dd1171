//! One conversation with one browser: from "an agency asks" (or "I want my account") to "done".
//!
//! ```text
//!            password            TOTP or passkey
//!  Identify ─────────▶ SecondFactor ─────────┐
//!     │  ▲  passkey with user verification   ▼
//!     ├──┼──────────────────────────────▶ signed in ──▶ Consent ──▶ Done
//!     │  │ "another person"                  ▲
//!     └─ Reauthenticate ─────────────────────┘
//!            passkey, else TOTP (known person, live session)
//! ```
//!
//! A client that was registered as content with one factor (AAL1) is signed in to with the password alone; a client
//! that asks more later finds the session at `Reauthenticate`, which asks what is missing.
//!
//! A login flow verifies a factor, gets a [`Verified`], and hands it to [`crate::flow::interaction::factor_verified`],
//! which asks [`accept`] here what it means, writes the new stage once (optimistic version in the write) and says what
//! comes next. No stage can be skipped: each holds only what is true in it, and nothing but `accept` leaves it.

use serde::{Deserialize, Serialize};

use super::{
    assurance::{Aal, Factor, Verified},
    authorize::AuthorizeRequest,
    ids::{CitizenId, Sid},
    secret::{Digest, Opaque},
    time::{Seconds, Timestamp},
};

/// One conversation as read from the store.
#[derive(Debug)]
pub struct Interaction {
    /// What the URL carries (`?interaction=`); useless without the browser's cookie.
    pub id: Opaque,
    /// Digest of the browser cookie that began it: no other browser may continue it.
    pub browser: Digest,
    /// What it is for.
    pub purpose: Purpose,
    /// Where it stands.
    pub stage: Stage,
    /// Counts the stages written; a write names the version it read.
    pub version: i64,
    /// After this it is gone.
    pub expires_at: Timestamp,
}

/// What an interaction is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// An agency asked; the request was checked and is kept whole.
    Authorize(Box<AuthorizeRequest>),
    /// The citizen wants an own page here: a path that begins with `/account`.
    Account {
        /// Where to go when signed in.
        return_to: String,
    },
}

impl Purpose {
    /// The level that it needs. Own pages show personal data and change authenticators: two factors.
    #[must_use]
    pub fn required(&self) -> Aal {
        match self {
            Self::Authorize(request) => request.required,
            Self::Account { .. } => Aal::Two,
        }
    }
}

/// Where an interaction stands. Each stage holds what is true in it and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody is known yet. Page: login.
    Identify,
    /// A password was verified. This is *not* a session. Page: second factor.
    SecondFactor {
        /// Whose password it was.
        citizen: CitizenId,
        /// The factor verified first.
        first: Factor,
    },
    /// A session is alive and its citizen must prove presence again. Page: re-authentication.
    Reauthenticate {
        /// Who must be there.
        citizen: CitizenId,
        /// Their live session.
        session: Sid,
    },
    /// Signed in; the citizen decides what the agency gets. Page: consent.
    Consent {
        /// Who decides.
        citizen: CitizenId,
        /// In which session.
        session: Sid,
    },
    /// Answered; nothing more may happen.
    Done,
}

/// What a verified factor means at a stage.
#[derive(Debug, PartialEq, Eq)]
pub enum Accepted {
    /// One more factor is needed; this is the stage to write.
    NeedsSecond(Stage),
    /// Enough factors for a new session.
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

/// What `verified` means at `stage` of a conversation that needs `required`.
///
/// # Errors
/// [`OutOfTurn`] for every factor that the drawing above does not show.
pub fn accept(stage: &Stage, required: Aal, verified: Verified) -> Result<Accepted, OutOfTurn> {
    let (citizen, factor, at) = (verified.citizen().clone(), verified.factor(), verified.at());
    match stage {
        Stage::Identify => match factor {
            Factor::Password if required == Aal::One => Ok(Accepted::SignedIn {
                citizen,
                factors: vec![factor],
                at,
            }),
            Factor::Password => Ok(Accepted::NeedsSecond(Stage::SecondFactor {
                citizen,
                first: factor,
            })),
            Factor::Passkey {
                user_verified: true, ..
            } => Ok(Accepted::SignedIn {
                citizen,
                factors: vec![factor],
                at,
            }),
            Factor::Passkey {
                user_verified: false, ..
            }
            | Factor::Totp => Err(OutOfTurn),
        },
        Stage::SecondFactor {
            citizen: known,
            first,
        } => match factor {
            Factor::Totp | Factor::Passkey { .. } if *known == citizen => Ok(Accepted::SignedIn {
                citizen,
                factors: vec![*first, factor],
                at,
            }),
            Factor::Totp | Factor::Passkey { .. } | Factor::Password => Err(OutOfTurn),
        },
        Stage::Reauthenticate {
            citizen: known,
            session,
        } => match factor {
            Factor::Totp
            | Factor::Passkey {
                user_verified: true, ..
            } if *known == citizen => Ok(Accepted::Present {
                citizen,
                session: session.clone(),
                factor,
                at,
            }),
            Factor::Totp | Factor::Passkey { .. } | Factor::Password => Err(OutOfTurn),
        },
        Stage::Consent { .. } | Stage::Done => Err(OutOfTurn),
    }
}

/// Time to find the phone and type twice; after it the page offers to begin again (ASVS 7.3: bounded).
pub const LIFETIME: Seconds = Seconds(1_800);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::assurance::attained;

    const PASSKEY: Factor = Factor::Passkey {
        user_verified: true,
        device_bound: false,
    };
    const BARE: Factor = Factor::Passkey {
        user_verified: false,
        device_bound: false,
    };

    fn ana(factor: Factor) -> Verified {
        Verified::new(CitizenId::known("ana"), factor, Timestamp(9))
    }

    fn second() -> Stage {
        Stage::SecondFactor {
            citizen: CitizenId::known("ana"),
            first: Factor::Password,
        }
    }

    fn again() -> Stage {
        Stage::Reauthenticate {
            citizen: CitizenId::known("ana"),
            session: Sid::known("s"),
        }
    }

    #[test]
    fn a_password_asks_for_a_second_factor() {
        assert_eq!(
            accept(&Stage::Identify, Aal::Two, ana(Factor::Password)),
            Ok(Accepted::NeedsSecond(second()))
        );
    }

    #[test]
    fn a_passkey_with_user_verification_signs_in_at_once() {
        assert!(matches!(
            accept(&Stage::Identify, Aal::Two, ana(PASSKEY)),
            Ok(Accepted::SignedIn { .. })
        ));
    }

    #[test]
    fn a_passkey_without_user_verification_does_not() {
        assert_eq!(accept(&Stage::Identify, Aal::Two, ana(BARE)), Err(OutOfTurn));
    }

    #[test]
    fn a_code_cannot_come_first() {
        assert_eq!(
            accept(&Stage::Identify, Aal::Two, ana(Factor::Totp)),
            Err(OutOfTurn)
        );
    }

    #[test]
    fn a_code_completes_a_password() {
        let Ok(Accepted::SignedIn { factors, .. }) = accept(&second(), Aal::Two, ana(Factor::Totp)) else {
            panic!()
        };
        assert_eq!(factors, [Factor::Password, Factor::Totp]);
    }

    #[test]
    fn a_second_password_does_not() {
        assert_eq!(accept(&second(), Aal::Two, ana(Factor::Password)), Err(OutOfTurn));
    }

    #[test]
    fn the_second_factor_must_be_of_the_same_citizen() {
        let other = Verified::new(CitizenId::known("eva"), Factor::Totp, Timestamp(9));
        assert_eq!(accept(&second(), Aal::Two, other), Err(OutOfTurn));
    }

    #[test]
    fn presence_is_proven_by_a_code_or_a_passkey() {
        assert!(matches!(
            accept(&again(), Aal::Two, ana(Factor::Totp)),
            Ok(Accepted::Present { .. })
        ));
        assert!(matches!(
            accept(&again(), Aal::Two, ana(PASSKEY)),
            Ok(Accepted::Present { .. })
        ));
    }

    #[test]
    fn presence_is_not_proven_by_a_password_or_by_another() {
        assert_eq!(accept(&again(), Aal::Two, ana(Factor::Password)), Err(OutOfTurn));
        let other = Verified::new(CitizenId::known("eva"), PASSKEY, Timestamp(9));
        assert_eq!(accept(&again(), Aal::Two, other), Err(OutOfTurn));
    }

    #[test]
    fn nothing_is_accepted_once_done() {
        assert_eq!(accept(&Stage::Done, Aal::Two, ana(PASSKEY)), Err(OutOfTurn));
    }

    /// Different kinds among these factors.
    fn distinct(factors: &[Factor]) -> usize {
        let kinds: std::collections::HashSet<_> = factors.iter().map(std::mem::discriminant).collect();
        kinds.len()
    }

    #[test]
    fn a_password_alone_is_enough_where_one_factor_is_asked() {
        let Ok(Accepted::SignedIn { factors, .. }) =
            accept(&Stage::Identify, Aal::One, ana(Factor::Password))
        else {
            panic!()
        };
        assert_eq!(attained(&factors).unwrap().aal, Aal::One);
    }

    #[test]
    fn a_code_alone_or_a_bare_passkey_is_not_even_one() {
        assert_eq!(
            accept(&Stage::Identify, Aal::One, ana(Factor::Totp)),
            Err(OutOfTurn)
        );
        assert_eq!(accept(&Stage::Identify, Aal::One, ana(BARE)), Err(OutOfTurn));
    }

    /// Factors of two people in any order, the stage moving as the drawing says.
    fn steps() -> impl Strategy<Value = Vec<(bool, Factor)>> {
        let factor = prop_oneof![
            Just(Factor::Password),
            Just(Factor::Totp),
            Just(PASSKEY),
            Just(BARE),
            Just(Factor::Passkey {
                user_verified: true,
                device_bound: true
            }),
        ];
        proptest::collection::vec((any::<bool>(), factor), 0..12)
    }

    proptest! {
        /// Whatever is tried in whatever order by whomever: who is signed in has shown two factors of their own, or
        /// one that holds both, since the conversation began; one is enough only where one was asked.
        #[test]
        fn no_order_of_steps_signs_in_with_less_than_two_factors(content in any::<bool>(), steps in steps()) {
            let required = if content { Aal::One } else { Aal::Two };
            let (mut stage, mut shown) = (Stage::Identify, Vec::new());
            for (eva, factor) in steps {
                let who = CitizenId::known(if eva { "eva" } else { "ana" });
                let Ok(accepted) = accept(&stage, required, Verified::new(who.clone(), factor, Timestamp(9))) else { continue };
                shown.push((who, factor));
                match accepted {
                    Accepted::NeedsSecond(next) => stage = next,
                    Accepted::SignedIn { citizen, factors, .. } => {
                        let reached = attained(&factors).map(|reached| reached.aal);
                        prop_assert!(reached >= Some(required));
                        let whole = factors.iter().any(|used| matches!(used, Factor::Passkey { user_verified: true, .. }));
                        prop_assert_eq!(reached == Some(Aal::Two), whole || distinct(&factors) >= 2);
                        for used in factors {
                            prop_assert!(shown.contains(&(citizen.clone(), used)));
                        }
                        stage = Stage::Done;
                    }
                    Accepted::Present { .. } => prop_assert!(false, "nobody had a session"),
                }
            }
        }
    }
}
