//! CMS and PDF: strict reader, revisions, what changed after signing, validation, report.
//!
//! [`verify()`] judges every signature of a document and always gives a [`Report`]. [`Document`] reads a
//! PDF without ever repairing it and shows each of its revisions separately. [`verify_cms`] judges
//! a signature that stands alone, with what it signs inside or in another file.
//!
//! ```no_run
//! use sdk_document::{File, Language, Options, Time, TrustAnchors, verify};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let anchors = TrustAnchors::load("roots.pem")?;
//! let mut options = Options::new(anchors, Time::now_utc());
//! options.evidence.load("crls/")?; // what is known of revocation; what is missing stays unknown
//!
//! let report = verify(File::open("permiso.pdf")?, &options);
//! println!("{}. {}", report.headline(Language::Es), report.sentence(Language::Es));
//! for signature in &report.signatures {
//!     println!("{}: {}, {:?}", signature.field, signature.indication, signature.trust);
//!     for change in &signature.later_changes.items {
//!         println!("  {} ({:?})", change.sentence(Language::Es), change.level);
//!     }
//! }
//! for problem in &report.problems {
//!     println!("{} [{}]", problem.sentence(Language::Es), problem.code);
//! }
//! # Ok(()) }
//! ```
//!
//! [`Report`] is also what the command and the service tell, as JSON by [`Report::SCHEMA`]; [`Report::to_xml`] writes
//! it as ETSI TS 119 102-2 does.

pub mod cms;

/// Where we depart from a specification, where specifications are silent, what we defend against.
pub mod manual {
    #[doc = include_str!("manual/divergences.md")]
    pub mod divergences {}
    #[doc = include_str!("manual/choices.md")]
    pub mod choices {}
    #[doc = include_str!("manual/threats.md")]
    pub mod threats {}
}

pub mod months;

mod changes;
mod intake;
mod names;
mod pdf;
mod report;
mod sentence;
mod signature;
mod source;
mod verify;
mod words;
mod xml;

pub use changes::{Change, Level};
pub use intake::{Warning, warning_sentence, warnings};
pub use names::change_kinds;
pub use pdf::document::Document;
pub use pdf::error::{Code, Irregular, Irregularity, ReadError};
pub use pdf::filter::Decoded;
pub use pdf::form::{Field, FieldKind};
pub use pdf::limits::Limits;
pub use pdf::object::{Dictionary, Indirect, Name, Object, PdfString, Reference, Stream};
pub use pdf::pages::Page;
pub use pdf::revision::Revision;
pub use pdf::xref::{Entry, XrefKind};
pub use report::{
    Coverage, FileFacts, Integrity, Kind, LaterChanges, NotJudged, Problem, Report, Revoked, SignatureReport,
    Signer, TimeSource, TimestampReport, Trust, Verdict,
};
pub use sdk_pki::{
    AnchorError, Certificate, Evidence, EvidenceError, Fetch, Revocation, Time, TrustAnchors, TrustedList,
    TrustedListError, Unfetched, Wanted,
};
pub use sentence::{Language, offset_name};
pub use source::{Bytes, File, Source};
pub use verify::{Options, Progress, verify, verify_cms};
