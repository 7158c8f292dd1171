//! How much work a document may cause. Every parser of outside bytes stops at one of these.

use sdk_pki::{Budget, Effort};

/// Bounds on one document. [`Limits::default`] is what the service and the command use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Arrays and dictionaries inside each other. Own choice: honest files stay under 20, and reading at
    /// this depth keeps the stack under 64 kB (RUSTSEC-2026-0187 is what happens without a bound).
    pub depth: usize,
    /// Bytes of one object without its stream data. Own choice: signatures with long-term evidence reserve
    /// up to some hundred kB; page trees and tables of destinations reach some MB.
    pub object_bytes: usize,
    /// Values in one object, strings twice. Own choice: 32 bytes each, so 16 MB.
    pub object_values: usize,
    /// Cross-reference entries in all revisions together. ISO 32000-1 Annex C allows 8 388 607 objects;
    /// own choice: what is kept of them stays under 64 MB.
    pub entries: usize,
    /// Cross-reference sections. Own choice: the most-signed forms seen have some dozens.
    pub sections: usize,
    /// Pages. Own choice; a shared page tree node may repeat a small subtree without end otherwise.
    pub pages: usize,
    /// Bytes that one stream may decode to. Own choice: structure streams stay under some MB.
    pub decoded_bytes: usize,
    /// How many times longer than its raw data a decoded stream may be, beyond the first megabyte.
    /// Deflate reaches 1032; own choice: structure streams stay under 100.
    pub decoded_ratio: usize,
    /// Bytes parsed and decoded in all, counted again each time, with some hundred for each value. Own
    /// choice: about a second.
    pub work: u64,
    /// So much more for each byte of the file. Own choice: a large file with many revisions is read some
    /// times over.
    pub work_per_byte: u64,
    /// Signatures of all kinds that are checked: the document's, those on certificates, time-stamps, lists and responses,
    /// each weighed by its key.
    pub checks: Effort,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 64,
            object_bytes: 16 << 20,
            object_values: 500_000,
            entries: 2_000_000,
            sections: 1_000,
            pages: 200_000,
            decoded_bytes: 48 << 20,
            decoded_ratio: 250,
            work: 256 << 20,
            work_per_byte: 8,
            checks: Budget::DOCUMENT,
        }
    }
}
