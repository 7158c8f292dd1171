//! Why bytes could not be read, and what is irregular in those that could.

use std::fmt;

/// A document, or one object of it, cannot be read as ISO 32000-2 says. Nothing is ever repaired.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code} at byte {offset}")]
pub struct ReadError {
    /// What is wrong.
    pub code: Code,
    /// Where, in bytes from the start of the file (of the decoded data, inside an object stream).
    pub offset: u64,
}

impl ReadError {
    pub(crate) fn new(code: Code, offset: u64) -> Self {
        Self { code, offset }
    }

    /// The medium failed, not the document.
    pub fn is_fault(&self) -> bool {
        matches!(self.code, Code::Unreadable(_))
    }
}

impl ReadError {
    /// Nothing more can be read, whichever object is asked for.
    pub(crate) fn is_final(&self) -> bool {
        matches!(
            self.code,
            Code::Unreadable(_) | Code::TooMuchWork | Code::Encrypted
        )
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// Reasons, each with a stable name in reports ([`Code::as_str`]).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            /// Reading failed below us.
            Unreadable(std::io::ErrorKind),
            $($(#[$doc])* $variant,)*
        }
        impl Code {
            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self {
                    Self::Unreadable(_) => "unreadable",
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

codes! {
    /// There are no bytes.
    Empty = "empty",
    /// No `%PDF-` within the first kilobyte (ISO 32000-2 §7.5.2).
    NotPdf = "not_a_pdf",
    /// No `startxref` at the end (§7.5.5): cut off, or something was appended.
    NoStartxref = "no_startxref",
    /// The file ends inside a value.
    Truncated = "truncated",
    /// Bytes that begin no value.
    Syntax = "syntax",
    /// A number that is none (§7.3.3).
    Number = "number",
    /// A string without end or with impossible digits (§7.3.4).
    String = "string",
    /// A name with a broken escape (§7.3.5).
    Name = "name",
    /// A dictionary whose keys are no names, or say two things of one key (§7.3.7).
    Dictionary = "dictionary",
    /// A stream whose length does not lead to `endstream` (§7.3.8).
    Stream = "stream",
    /// No `N G obj` where the cross-reference says (§7.3.10).
    ObjectHeader = "object_header",
    /// A value where another type is required.
    Type = "type",
    /// A cross-reference section that is none (§7.5.4, §7.5.8).
    Xref = "xref",
    /// `/Prev` leads in a circle.
    XrefLoop = "xref_loop",
    /// An object stream that contradicts itself or the cross-reference (§7.5.7).
    ObjectStream = "object_stream",
    /// Data that its filter cannot decode (§7.4).
    Filter = "filter",
    /// No catalogue (§7.7.2).
    Catalog = "catalog",
    /// A page tree with loops or wrong nodes (§7.7.3).
    Pages = "pages",
    /// A field tree with loops or wrong nodes (§12.7).
    Form = "form",
    /// Nested deeper than [`crate::Limits::depth`].
    TooDeep = "too_deep",
    /// Larger than [`crate::Limits`] allows.
    TooLarge = "too_large",
    /// More work than [`crate::Limits::work`].
    TooMuchWork = "too_much_work",
    /// Strings and streams are encrypted, and no key is at hand (§7.6).
    Encrypted = "encrypted",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that strict readers and lenient ones may understand differently, though it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Irregularity {
    /// What.
    pub kind: Irregular,
    /// Where, in bytes from the start of the file.
    pub offset: u64,
    /// In which revision, oldest = 0, if it belongs to one.
    pub revision: Option<usize>,
}

/// Kinds of irregularity, each with a stable name in reports ([`Irregular::as_str`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Irregular {
    /// Bytes before `%PDF-`.
    LeadingBytes,
    /// More than an end of line after the last `%%EOF`.
    TrailingBytes,
    /// Cross-reference table entries that are not 20 bytes long (§7.5.4).
    EntryWidth,
    /// One object number twice in one section.
    EntryTwice,
    /// A hybrid section where table and stream both define an object (§7.5.8.4).
    HybridConflict,
    /// An object number that `/Size` does not cover (§7.5.5).
    Size,
    /// A section that is not followed by its own `startxref` and `%%EOF` (§7.5.5).
    RevisionEnd,
    /// `/Prev` leads forward, in a file that is not linearised.
    PrevForward,
    /// Object 0 is not the head of the free list (§7.5.4).
    FreeHead,
}

impl Irregular {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeadingBytes => "leading_bytes",
            Self::TrailingBytes => "trailing_bytes",
            Self::EntryWidth => "xref_entry_width",
            Self::EntryTwice => "xref_entry_twice",
            Self::HybridConflict => "hybrid_conflict",
            Self::Size => "trailer_size",
            Self::RevisionEnd => "revision_end",
            Self::PrevForward => "prev_forward",
            Self::FreeHead => "free_head",
        }
    }
}
