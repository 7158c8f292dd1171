//! What a verification says: one shape for the command, the API and the page. Names are stable; more may
//! be added beside them.

use sdk_pki::Time;
use serde::{Deserialize, Serialize};

use crate::changes::{Change, Level};
use crate::names::{Stable, stable, stable_if_any};
use crate::sentence::{self, Language};
use crate::verify::{problem::problem, rfc3339};

/// The report on one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// All signatures together.
    pub verdict: Verdict,
    /// The time for which the question was answered, RFC 3339.
    pub at: String,
    /// The file itself.
    pub file: FileFacts,
    /// In the order in which they were made.
    pub signatures: Vec<SignatureReport>,
    /// What stands in the way of a better verdict, and what is worth knowing.
    pub problems: Vec<Problem>,
}

impl Report {
    /// What the JSON of a report looks like: a JSON Schema (draft 2020-12) that lists every field and every stable
    /// name with its meaning.
    pub const SCHEMA: &'static str = include_str!("../report.schema.json");

    /// One plain sentence.
    pub fn sentence(&self, language: Language) -> String {
        sentence::of(self, language)
    }

    /// The report on a file whose reading was ended from outside, so that nothing is known of it.
    pub fn not_judged(at: Time, size: u64, why: NotJudged) -> Self {
        Self {
            verdict: Verdict::Indeterminate,
            at: rfc3339(at),
            file: FileFacts {
                size,
                ..FileFacts::default()
            },
            signatures: Vec::new(),
            problems: vec![problem(why.code(), None)],
        }
    }

    /// Nothing stands against the document: every signature passed and whatever followed was permitted.
    pub fn is_valid(&self) -> bool {
        matches!(self.verdict, Verdict::Valid | Verdict::ValidWithLaterChanges)
    }
}

/// Why whoever reads files in processes of their own had to end one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotJudged {
    /// The file ended the process that read it: by its memory, its stack, or a mistake of ours.
    Crashed,
    /// It took longer than is allowed.
    OutOfTime,
}

impl NotJudged {
    /// The stable name of the problem.
    pub fn code(self) -> Stable {
        match self {
            Self::Crashed => "reading_crashed",
            Self::OutOfTime => "reading_out_of_time",
        }
    }
}

/// The verdict on a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every signature passed over a whole revision; at most signatures and evidence followed.
    Valid,
    /// So too, and permitted changes followed: forms filled in, annotations.
    ValidWithLaterChanges,
    /// Something cannot be decided.
    Indeterminate,
    /// A signature is broken, or something nobody signed followed.
    Invalid,
    /// There is no signature.
    Unsigned,
}

/// Facts about the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Bytes.
    pub size: u64,
    /// SHA-256 of all bytes, hexadecimal; none for what is no PDF, or could not be read.
    pub sha256: Option<String>,
    /// Pages; none when the page tree cannot be read.
    pub pages: Option<usize>,
    /// Revisions.
    pub revisions: usize,
    /// Strings and streams are encrypted.
    pub encrypted: bool,
}

/// One signature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignatureReport {
    /// The field's full name.
    pub field: String,
    /// A person's or seal's signature, or a timestamp over the document.
    pub kind: Kind,
    /// EN 319 102-1: `TOTAL-PASSED`, `INDETERMINATE`, `TOTAL-FAILED`.
    #[serde(deserialize_with = "stable")]
    pub indication: Stable,
    /// EN 319 102-1: why, if not passed.
    #[serde(deserialize_with = "stable_if_any")]
    pub sub_indication: Option<Stable>,
    /// Are the covered bytes those that were signed?
    pub integrity: Integrity,
    /// Which bytes are covered?
    pub coverage: Coverage,
    /// What followed.
    pub later_changes: LaterChanges,
    /// Does the certificate lead to somebody who is trusted?
    pub trust: Trust,
    /// Was it withdrawn?
    pub revocation: Revoked,
    /// Since when, RFC 3339; for what is `revoked` alone.
    #[serde(default)]
    pub revoked_at: Option<String>,
    /// When the oldest of the words was given that say it is not, RFC 3339; for what is `good` alone.
    #[serde(default)]
    pub revocation_as_of: Option<String>,
    /// `PAdES-B-B`, `-B-T`, `-B-LT`, `-B-LTA`, `PAdES-DTS`, or `PKCS7` for signatures before PAdES.
    #[serde(deserialize_with = "stable")]
    pub level: Stable,
    /// The earliest time at which the signature is proven to have existed, RFC 3339; without a verified
    /// timestamp there is none, and this is the time of verification.
    pub best_time: String,
    /// What `best_time` rests on.
    pub time_source: TimeSource,
    /// When the signer says to have signed, RFC 3339. Nobody but the signer vouches for it.
    pub claimed_time: Option<String>,
    /// The certificate's holder; none when no certificate was found.
    pub signer: Option<Signer>,
    /// `ETSI.CAdES.detached` and the like.
    pub sub_filter: Option<String>,
    /// The digest over the covered bytes.
    pub digest_algorithm: Option<String>,
    /// How the signature was made.
    pub signature_algorithm: Option<String>,
    /// The revision it covers, oldest = 0.
    pub revision: Option<usize>,
    /// The covered bytes: two ranges of start and end.
    pub byte_ranges: Vec<[u64; 2]>,
    /// The page its field is on, from 1.
    pub page: Option<usize>,
    /// `/P` of a certification.
    pub certification: Option<u8>,
    /// Timestamps on this signature.
    pub timestamps: Vec<TimestampReport>,
    /// What the signer gives as a reason; free text.
    pub reason: Option<String>,
    /// What the signer gives as a place; free text.
    pub location: Option<String>,
}

/// What a signature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Of a person or a seal.
    Signature,
    /// Of a time-stamping authority, over the whole document.
    DocumentTimestamp,
}

/// Whether the covered bytes are those that were signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Integrity {
    /// Every byte.
    Intact,
    /// Not.
    Broken,
    /// It could not be computed.
    Unknown,
}

/// Which bytes a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// All of the file but the signature value.
    WholeFile,
    /// All of a revision; later ones followed.
    WholeRevision,
    /// Less than a revision.
    Partial,
    /// Not what the format demands.
    Malformed,
}

/// What followed a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterChanges {
    /// The farthest of them.
    pub level: Level,
    /// Each of them.
    pub items: Vec<Change>,
}

/// Whether a certificate leads to a trust anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// It does, and every certificate was valid at the best time.
    Trusted,
    /// It does not.
    Untrusted,
    /// No anchors were given, or the answer depends on a time that is not proven.
    Unknown,
}

/// Whether a certificate was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revoked {
    /// Evidence says no, for every certificate of the path.
    Good,
    /// Evidence says yes.
    Revoked,
    /// There is no usable evidence.
    Unknown,
}

/// What a time rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// A verified timestamp on the signature.
    SignatureTimestamp,
    /// A verified timestamp over the document.
    DocumentTimestamp,
    /// The time of verification: nothing older is proven.
    Verification,
}

/// The holder of a certificate, in the certificate's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// CN
    pub common_name: Option<String>,
    /// The certificate's serial number, hexadecimal.
    pub serial: String,
    /// The issuer's whole name.
    pub issuer: String,
    /// What people call the issuer: its CN, or its O.
    pub issuer_name: Option<String>,
    /// GN
    pub given_name: Option<String>,
    /// SN
    pub surname: Option<String>,
    /// serialNumber of the subject: who the person is, for a state (EN 319 412-1).
    pub serial_number: Option<String>,
    /// O
    pub institution: Option<String>,
    /// title
    pub position: Option<String>,
    /// C
    pub country: Option<String>,
    /// RFC 3339
    pub not_before: String,
    /// RFC 3339
    pub not_after: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub sha256: String,
}

/// A timestamp on a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimestampReport {
    /// RFC 3339
    pub time: String,
    /// Over exactly this signature, by an authority that is trusted.
    pub verified: bool,
    /// The authority's name.
    pub authority: Option<String>,
    /// Why not, if not.
    #[serde(deserialize_with = "stable_if_any")]
    pub problem: Option<Stable>,
}

/// Something that stands in the way, or is worth knowing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable name.
    #[serde(deserialize_with = "stable")]
    pub code: Stable,
    /// From 1.
    pub page: Option<usize>,
    /// The signature field it is about.
    pub field: Option<String>,
    /// One sentence.
    pub text: String,
}
