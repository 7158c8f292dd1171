//! Why a page says no. The caller's doing, and safe to name; the words are the pages' (in the citizen's language).
//!
//! Protocol endpoints speak [`super::oauth::OauthError`] instead.

use super::time::Seconds;

/// A refusal that a person sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// `client_id` is missing or names nobody we know. Never answered by a redirect.
    ClientUnknown,
    /// The client is known, and forbidden for now. Never answered by a redirect.
    ClientDisabled,
    /// `redirect_uri` is missing or is not exactly a registered one. Never answered by a redirect.
    RedirectUnregistered,
    /// The request is malformed in a way that no redirect may report; the words name the parameter.
    RequestMalformed(&'static str),
    /// The pushed request expired, was answered, or is another client's.
    RequestExpired,
    /// The interaction expired, was answered, or belongs to another browser.
    InteractionLost,
    /// A step was skipped or repeated.
    OutOfTurn,
    /// Too many failures; try again after this long.
    Throttled {
        /// How long to wait.
        wait: Seconds,
    },
    /// Too many requests from one network, whoever is behind it.
    TooMany {
        /// How long to wait.
        wait: Seconds,
    },
    /// Too many at once; the whole service is busy, not this account.
    Busy {
        /// When to try again.
        wait: Seconds,
    },
    /// The form did not come from our page (no or wrong token, or another site sent it).
    Forged,
    /// There is no such page or thing, or it is not yours.
    NotFound,
    /// The thing exists but not for this method.
    MethodNotAllowed,
    /// Asked for without the presence it needs.
    NotAllowed,
    /// Larger than any honest request.
    TooLarge,
    /// For officials of another role, or for two of them.
    NotStaff,
    /// The factors are right and the account was closed by an operator.
    AccountClosed,
    /// The factors are right and the account was stopped until its citizen is made sure of.
    AccountFrozen,
}

impl Refusal {
    /// A stable name for logs, audit and pages' message keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientUnknown => "client-unknown",
            Self::ClientDisabled => "client-disabled",
            Self::RedirectUnregistered => "redirect-unregistered",
            Self::RequestMalformed(_) => "request-malformed",
            Self::RequestExpired => "request-expired",
            Self::InteractionLost => "interaction-lost",
            Self::OutOfTurn => "out-of-turn",
            Self::Throttled { .. } => "throttled",
            Self::TooMany { .. } => "too-many",
            Self::Busy { .. } => "busy",
            Self::Forged => "forged",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NotAllowed => "not-allowed",
            Self::TooLarge => "too-large",
            Self::NotStaff => "not-staff",
            Self::AccountClosed => "account-closed",
            Self::AccountFrozen => "account-frozen",
        }
    }
}
