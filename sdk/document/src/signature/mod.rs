//! Signatures in a document: where they are and what bytes they cover (ISO 32000-2 §12.8).

pub(crate) mod byte_range;
pub(crate) mod find;
pub(crate) mod permissions;
