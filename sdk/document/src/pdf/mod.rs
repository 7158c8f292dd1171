//! PDF as ISO 32000-2 writes it: a strict reader with byte offsets, revision by revision.

pub(crate) mod container;
pub(crate) mod document;
pub(crate) mod encryption;
pub(crate) mod error;
pub(crate) mod filter;
pub(crate) mod form;
pub(crate) mod index;
pub(crate) mod indirect;
pub(crate) mod lexer;
pub(crate) mod limits;
pub(crate) mod object;
pub(crate) mod pages;
pub(crate) mod remembered;
pub(crate) mod revision;
pub(crate) mod unlock;
pub(crate) mod window;
pub(crate) mod xref;
pub(crate) mod xref_stream;
