//! CMS and PDF: strict reader, revisions, what changed after signing, validation, report.
//!
//! [`Document`] reads a PDF without ever repairing it and shows each of its revisions separately.

mod pdf;
mod source;

pub use pdf::document::Document;
pub use pdf::error::{Code, Irregular, Irregularity, ReadError};
pub use pdf::filter::Decoded;
pub use pdf::limits::Limits;
pub use pdf::object::{Dictionary, Indirect, Name, Object, PdfString, Reference, Stream};
pub use pdf::pages::Page;
pub use pdf::revision::Revision;
pub use pdf::xref::{Entry, XrefKind};
pub use source::{Bytes, File, Source};
