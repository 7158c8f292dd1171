//! Cryptographic Message Syntax (RFC 5652) as PAdES and CAdES use it: reading a SignedData and
//! judging its integrity. Whether its signer is to be *believed* is another question, for
//! [`sdk_pki::validate`].
//!
//! ```no_run
//! use sdk_document::cms::{Content, Integrity, SignedData};
//! use sdk_pki::{Question, TrustAnchors};
//! # fn hash_of_the_byte_range(_: sdk_pki::DigestAlgorithm) -> sdk_pki::Digest { unimplemented!() }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (contents, anchors, at) = (Vec::new(), TrustAnchors::new(), time::macros::datetime!(2026-11-21 12:00 UTC));
//! let signed = SignedData::parse_padded(&contents)?;
//! let algorithm = signed.digest_algorithm().ok_or("a digest this program does not know")?;
//! let digest = hash_of_the_byte_range(algorithm);
//!
//! let verdict = signed.verify(Content::Detached(&digest), &[]);
//! if verdict.integrity == Integrity::Intact {
//!     let signer = verdict.signer.ok_or("intact, so there is one")?;
//!     let evidence = signed.evidence();
//!     let question = Question::new(&anchors, at).intermediates(signed.certificates()).evidence(&evidence);
//!     println!("{} {:?}", signer.subject(), sdk_pki::validate(&signer, &question));
//! }
//! # Ok(()) }
//! ```

mod attributes;
mod countersignature;
mod error;
mod ess;
mod signed_data;
mod signer_info;
mod token;
mod verify;

pub use attributes::{Attribute, Attributes};
pub use error::{CmsError, Irregularity};
pub use ess::Binding;
pub use signed_data::SignedData;
pub use signer_info::{SignerId, SignerInfo};
pub use token::{Token, TokenVerdict};
pub use verify::{Breakage, CmsVerdict, Content, Doubt, Integrity};

#[cfg(test)]
mod tests;
