//! Verification of signed documents, offline: `sdk-document` under one roof with the login.
//!
//! Who signed, in what position, when, and whether anything changed since:
//!
//! ```no_run
//! use sdk::document::{File, Language, Options, Time, TrustAnchors, verify};
//!
//! fn accept(path: &str, now: Time) -> Result<String, Box<dyn std::error::Error>> {
//!     let anchors = TrustAnchors::load("/etc/agency/roots")?;
//!     let report = verify(File::open(path)?, &Options::new(anchors, now));
//!     if !report.is_valid() {
//!         return Err(report.sentence(Language::En).into());
//!     }
//!     let signer = report.signatures.last().and_then(|s| s.signer.as_ref()).ok_or("a timestamp alone")?;
//!     println!("{:?} of {:?}", signer.position, signer.institution);
//!     Ok(report.sentence(Language::Es))
//! }
//! ```

pub use sdk_document::*;
