//! One conversation with one browser: from "an agency asks" (or "I want my account") to "done".
//!
//! ```text
//!              a factor           one more
//!  Identify ─────────▶ SecondFactor ─────────┐
//!     │  ▲     enough at once                ▼
//!     ├──┼──────────────────────────────▶ signed in ──▶ Consent ──▶ Done
//!     │  │ "another person"                ▲  │            ▲
//!     └─ Reauthenticate ───────────────────┘  └▶ Unmet ────┘
//!            presence again (known person, live session)
//! ```
//!
//! Which factor counts where, and what is enough, is one table: [`super::mfa`]. A client that was registered as content
//! with one factor (AAL1) is signed in to with the password alone; a client that asks more later finds the session at
//! `Reauthenticate`, which asks what is missing, or at `Unmet`, when the citizen has nothing that would be enough.
//!
//! A login flow verifies a factor, gets a [`super::assurance::Verified`], and hands it to
//! [`crate::flow::interaction::factor_verified`], which asks [`super::mfa::next`] what it means, writes the new stage once
//! (optimistic version in the write) and says what comes next. No stage can be skipped: each holds only what is true in
//! it, and nothing but `next` leaves those where factors are shown.

use serde::{Deserialize, Serialize};

use super::{
    assurance::{Aal, Factor},
    authorize::AuthorizeRequest,
    ids::{CitizenId, ClientId, Sid},
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

    /// The client of the agency that asked.
    #[must_use]
    pub fn client(&self) -> Option<&ClientId> {
        match self {
            Self::Authorize(request) => Some(&request.client),
            Self::Account { .. } => None,
        }
    }
}

/// Where an interaction stands. Each stage holds what is true in it and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody is known yet. Page: login.
    Identify,
    /// A factor was verified, and it is not enough. This is *not* a session. Page: second factor.
    SecondFactor {
        /// Whose factors they were.
        citizen: CitizenId,
        /// The factors verified so far, in order.
        shown: Vec<Factor>,
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
    /// Signed in, below the level that the agency asked: nothing that this citizen has reaches it. They decide whether
    /// to add what is missing or to go back. Page: level not met.
    Unmet {
        /// Who decides.
        citizen: CitizenId,
        /// In which session.
        session: Sid,
    },
    /// Answered; nothing more may happen.
    Done,
}

/// Time to find the phone and type twice; after it the page offers to begin again (ASVS 7.3: bounded).
pub const LIFETIME: Seconds = Seconds(1_800);
