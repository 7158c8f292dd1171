//! Every reason for which the service refuses, in one list.

use super::certificate::CertificateRefusal;

/// Why a request is refused. Safe to name to whoever asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such thing, or it is somebody else's: the two look the same.
    #[error("there is nothing here")]
    NotFound,
    /// The way is known, the method is not.
    #[error("this address does not take that method")]
    MethodNotAllowed,
    /// Whoever logged in is not registered as an official.
    #[error("you are not registered as an official of this service")]
    NotAnOfficial,
    /// The official's key has no certificate yet.
    #[error("your signing certificate has not been issued yet")]
    NotCertified,
    /// The official's certificate cannot be used now.
    #[error("your signing certificate cannot be used: {0}")]
    Certificate(#[from] CertificateRefusal),
    /// Nothing was chosen.
    #[error("choose at least one document")]
    NothingChosen,
    /// More documents than one approval may hold.
    #[error("at most {0} documents can be approved at once")]
    TooManyChosen(u32),
    /// The desk is full.
    #[error("at most {0} documents fit on the desk: remove some first")]
    DeskFull(u32),
    /// A chosen document is not on the desk any more, or is being signed.
    #[error("one of these documents cannot be signed any more")]
    NotReady,
    /// The proposal was already used, or its time is over.
    #[error("this approval was already used or has expired")]
    ProposalSpent,
    /// Presence was proven for something else.
    #[error("your presence was not proven for exactly these documents")]
    PresenceMismatch,
    /// Presence was proven too long ago.
    #[error("your presence was proven too long ago")]
    PresenceStale,
    /// The login was weaker than signing needs.
    #[error("signing needs two factors or a passkey")]
    AssuranceTooLow,
    /// Someone else proved presence.
    #[error("another person proved presence")]
    AnotherPerson,
    /// The form came from somewhere else.
    #[error("this form was not sent from our page")]
    ForgedForm,
    /// The form misses something or has something unexpected.
    #[error("the form is incomplete")]
    BadForm,
    /// What an address of ours was asked beside the document is not what it answers.
    #[error("the question is not one that this address answers")]
    BadQuestion,
    /// The body is larger than allowed, in bytes.
    #[error("larger than the {0} bytes that are accepted")]
    TooLarge(u64),
    /// The body is not what the address takes.
    #[error("this address takes the bytes of one PDF")]
    NotAPdf,
    /// Too much at once; try again shortly.
    #[error("too much at once: try again in a few seconds")]
    Busy,
    /// The client took too long to send what it announced.
    #[error("the upload broke off")]
    UploadBroken,
    /// The official is already registered.
    #[error("an official with this national id is already registered")]
    OfficialExists,
    /// No official has this national id.
    #[error("no official has this national id")]
    OfficialUnknown,
    /// Text that is not a national id.
    #[error("not a national id")]
    NotANationalId,
    /// A field of an official's record is missing or unusable.
    #[error("{0} is empty or too long")]
    BadField(&'static str),
}
