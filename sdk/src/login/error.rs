//! What can go wrong with a login, and whose fault it is.

use sdk_jose::id_token::IdTokenRefusal;

use super::outgoing::OutgoingFault;
use super::store::StoreFault;

/// A login that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The person, the browser or the idp said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something is broken or away. The text is for a log.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a login is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody is logged in, and the request is not one that can be sent to the idp and back.
    #[error("nobody is logged in")]
    LoginRequired,
    /// The person said no at the idp (`access_denied`).
    #[error("the person did not agree")]
    Denied,
    /// The answer belongs to no login that this browser has under way: too late, twice, elsewhere, or forged.
    #[error("no login under way in this browser fits the answer's state")]
    NotUnderWay,
    /// The answer is not one (RFC 6749 §4.1.2): a parameter is missing or there twice.
    #[error("the answer is malformed: {0}")]
    Malformed(&'static str),
    /// The answer comes from another issuer, or does not say from which (RFC 9207 §2.4).
    #[error("the answer's iss is not the issuer that was asked")]
    OtherIssuer,
    /// The code is not accepted any more (`invalid_grant`).
    #[error("the idp does not accept the code (invalid_grant)")]
    CodeRefused,
    /// The idp's answer does not hold.
    #[error(transparent)]
    IdToken(#[from] IdTokenRefusal),
    /// The idp cannot reach the assurance that is needed, or did not.
    #[error("the assurance that is needed was not reached")]
    AssuranceNotReached,
    /// Presence was proved by another person than the one who is logged in.
    #[error("another person proved presence")]
    OtherPerson,
    /// The session that asked for a proof of presence is over.
    #[error("the session that asked for the proof of presence is over")]
    SessionOver,
}

/// What is broken.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The idp could not be reached, or its answer could not be used.
    #[error(transparent)]
    Outgoing(#[from] OutgoingFault),
    /// The idp says that it cannot now (`server_error`, `temporarily_unavailable`).
    #[error("the idp says {0}")]
    Unavailable(&'static str),
    /// The idp does not accept our request: look at the registration of this client.
    #[error("the idp refuses this client's request: {0}")]
    Registration(String),
    /// The idp's answers contradict each other or the specification.
    #[error("the idp's answer cannot be right: {0}")]
    Provider(&'static str),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The operating system gives no randomness.
    #[error("no randomness")]
    Chance,
    /// A record could not be written or sealed.
    #[error("a record cannot be sealed")]
    Record,
    /// An extractor was used in a route without the layer.
    #[error("the router has no login layer: add .layer(login) after its routes")]
    NoLayer,
}
