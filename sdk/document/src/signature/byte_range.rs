//! `/ByteRange` (ISO 32000-2 §12.8.1 table 255): all bytes of a revision but the `/Contents` token.

use std::ops::Range;

use crate::pdf::document::Document;
use crate::pdf::object::{Dictionary, PdfString};

/// What of the file a signature covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Covered {
    /// All of a revision.
    Revision {
        /// Its number.
        revision: usize,
        /// And nothing follows it in the file.
        whole_file: bool,
        ranges: [Range<u64>; 2],
    },
    /// From the start on, with the gap it should have, but not up to the end of any revision.
    Partial {
        ranges: [Range<u64>; 2],
        why: &'static str,
    },
    /// No two ranges from the start with exactly the `/Contents` token between them.
    Malformed { why: &'static str },
}

impl Covered {
    pub fn ranges(&self) -> Option<&[Range<u64>; 2]> {
        match self {
            Self::Revision { ranges, .. } | Self::Partial { ranges, .. } => Some(ranges),
            Self::Malformed { .. } => None,
        }
    }

    pub fn revision(&self) -> Option<usize> {
        match self {
            Self::Revision { revision, .. } => Some(*revision),
            _ => None,
        }
    }
}

/// Judges the byte range of a signature dictionary. Every number is checked against where things are in
/// the file, none is believed.
pub(crate) fn covered(document: &Document, signature: &Dictionary) -> Covered {
    match ranges(document, signature) {
        Err(why) => Covered::Malformed { why },
        Ok(ranges) => {
            let [_, second] = &ranges;
            let ends = |r: &&crate::Revision| second.end == r.end || second.end == r.end_with_eol;
            let inside = |r: &&crate::Revision| second.start < r.end && second.start > r.start;
            match document.revisions().iter().find(ends) {
                Some(revision) if inside(&revision) => Covered::Revision {
                    revision: revision.number,
                    whole_file: second.end == document.window.len,
                    ranges,
                },
                Some(_) => Covered::Partial {
                    ranges,
                    why: "the signature is not in the revision it covers",
                },
                None => Covered::Partial {
                    ranges,
                    why: "the signed bytes do not end with a revision",
                },
            }
        }
    }
}

fn ranges(document: &Document, signature: &Dictionary) -> Result<[Range<u64>; 2], &'static str> {
    let numbers = signature.get(b"ByteRange").ok_or("there is no byte range")?;
    let numbers = numbers.as_array().ok_or("the byte range is no array")?;
    let numbers: Vec<u64> = numbers
        .iter()
        .map(|n| n.as_integer().and_then(|n| u64::try_from(n).ok()))
        .collect::<Option<_>>()
        .ok_or("the byte range holds something else than positive integers")?;
    let [first, first_length, second, second_length] = numbers
        .try_into()
        .map_err(|_| "the byte range is not two ranges")?;
    let gap = contents(signature)?
        .extent
        .clone()
        .ok_or("the signature is inside an object stream")?;
    if first != 0 {
        return Err("the byte range does not start with the file");
    }
    if first_length != gap.start || second != gap.end {
        return Err("what is not signed is not exactly the signature");
    }
    let end = second
        .checked_add(second_length)
        .filter(|end| *end <= document.window.len);
    let end = end.ok_or("the byte range reaches beyond the file")?;
    if second_length == 0 {
        return Err("the second range is empty");
    }
    Ok([0..first_length, second..end])
}

/// The `/Contents` token: hexadecimal, with something in it.
pub(crate) fn contents(signature: &Dictionary) -> Result<&PdfString, &'static str> {
    let contents = signature.get(b"Contents").and_then(|c| c.as_string());
    let contents = contents.ok_or("there is no signature value")?;
    if !contents.hexadecimal {
        return Err("the signature value is not hexadecimal");
    }
    if contents.bytes.iter().all(|b| *b == 0) {
        return Err("the signature value is empty");
    }
    Ok(contents)
}
