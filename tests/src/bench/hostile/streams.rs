//! Object streams, cross-reference streams, hybrid chains, and encryption, made to take time or memory.

use std::fmt::Write as _;

use super::draft::Draft;
use super::families::{Family, SIZE, filled, named_often, references};
use super::packed::{before_zeros, stored, zeros};
use crate::browser::Trouble;

/// In the order in which a reader meets what they abuse.
pub const FAMILIES: [Family; 9] = [
    ("xref_stream_without_widths", || {
        xref("/W[0 0 0]/Index[0 4000000000]", b"")
    }),
    ("xref_stream_of_one_byte_each", || {
        xref(
            "/W[1 0 0]/Index[0 40000000]/Filter/FlateDecode",
            &zeros(40_000_000),
        )
    }),
    ("xref_stream_of_all_entries", || {
        xref("/W[1 1 0]/Index[0 1900000]/Filter/FlateDecode", &zeros(3_800_000))
    }),
    ("xref_streams_of_zeros_in_a_chain", xref_chain),
    ("hybrid_sections_in_a_chain", hybrid_chain),
    ("object_streams_of_zeros", object_streams),
    ("object_stream_of_many_objects", many_objects),
    ("encrypted_short_strings", encrypted_strings),
    ("encrypted_stream_named_often", encrypted_stream),
];

fn xref(about: &str, data: &[u8]) -> Result<Vec<u8>, Trouble> {
    let mut draft = Draft::signed("");
    draft.save_as_stream(9, &[]);
    let left = SIZE.saturating_sub(draft.len()).saturating_sub(data.len());
    draft.stream(12, "", &vec![b' '; left]);
    draft.section(8, about, data);
    Ok(draft.into_bytes())
}

/// Each says nothing, in ten megabytes.
fn xref_chain() -> Result<Vec<u8>, Trouble> {
    let mut draft = Draft::signed("");
    draft.save_as_stream(9, &[]);
    let nothing = zeros(BOMB);
    while draft.len() < SIZE {
        draft.section(8, "/W[1 1 0]/Index[0 0]/Filter/FlateDecode", &nothing);
    }
    Ok(draft.into_bytes())
}

/// Nine hundred tables, each with the same stream beside it.
fn hybrid_chain() -> Result<Vec<u8>, Trouble> {
    let mut draft = Draft::signed("");
    draft.save("");
    let beside = draft.len();
    draft.stream(
        9,
        "/Type/XRef/Size 10/W[1 1 0]/Index[0 0]/Filter/FlateDecode",
        &zeros(BOMB),
    );
    for section in 0..900 {
        draft.object(10, &format!("{section}"));
        draft.save(&format!("/XRefStm {beside}"));
    }
    let left = SIZE.saturating_sub(draft.len());
    draft.stream(12, "", &vec![b' '; left]);
    draft.save(&format!("/XRefStm {beside}"));
    Ok(draft.into_bytes())
}

/// Each holds one field, and ten megabytes of nothing.
fn object_streams() -> Result<Vec<u8>, Trouble> {
    let mut draft = Draft::signed("");
    let (mut contained, count) = (Vec::new(), SIZE / 64_000);
    draft.object(
        4,
        &format!("<</Fields[{}]>>", references(1_000..count.saturating_add(1_000))),
    );
    for one in 0..count {
        let (field, stream) = (one.saturating_add(1_000), one.saturating_add(10_000));
        let text = format!("{field} 0 <</FT/Tx/T({one})>>");
        let first = text.find('<').unwrap_or(0);
        draft.stream(
            stream,
            &format!("/Type/ObjStm/N 1/First {first}/Filter/FlateDecode"),
            &before_zeros(text.as_bytes(), BOMB),
        );
        contained.push((field, stream, 0));
    }
    draft.save_as_stream(9, &contained);
    Ok(draft.into_bytes())
}

/// Two hundred thousand in one.
fn many_objects() -> Result<Vec<u8>, Trouble> {
    let mut draft = Draft::signed("");
    let numbers = 1_000..200_000_usize;
    draft.object(4, &format!("<</Fields[{}]>>", references(1_000..91_000)));
    let (mut directory, mut objects) = (String::new(), String::new());
    for number in numbers.clone() {
        write!(directory, "{number} {} ", objects.len())?;
        objects.push_str("<</FT/Tx>> ");
    }
    let count = numbers.len();
    let text = format!("{directory}{objects}");
    draft.stream(
        10,
        &format!(
            "/Type/ObjStm/N {count}/First {}/Filter/FlateDecode",
            directory.len()
        ),
        &stored(text.as_bytes()),
    );
    let contained: Vec<_> = numbers
        .enumerate()
        .map(|(place, number)| (number, 10, place))
        .collect();
    draft.save_as_stream(9, &contained);
    Ok(draft.into_bytes())
}

/// Opened by no password: by algorithm 2 of ISO 32000-1 §7.6.3.3, with an owner's entry of zeros and the identifier 00.
const ENCRYPTION: &str = "<</Filter/Standard/V 1/R 2/P -4/O<0000000000000000000000000000000000000000000000000000000000000000>\
/U<a2131391556101128e64737bb2f0fb1452b6beed66a7e0dbcc3276f389ab335f>>>";

fn encrypted(mut draft: Draft) -> Result<Vec<u8>, Trouble> {
    draft.object(7, ENCRYPTION);
    draft.save("/Encrypt 7 0 R/ID[<00><00>]");
    Ok(draft.into_bytes())
}

/// Three objects that are read in turn, each with hundreds of thousands of strings: a key is scheduled for each.
fn encrypted_strings() -> Result<Vec<u8>, Trouble> {
    let many = format!("/X[{}]", "(a)".repeat(240_000));
    let mut draft = Draft::signed(&many);
    draft.object(2, &format!("<</Type/Pages/Count 1/Kids[3 0 R]{many}>>"));
    draft.object(4, &format!("<</Fields[5 0 R]/SigFlags 3{many}>>"));
    draft.object(5, &format!("<</FT/Sig/T(a)/V 6 0 R/Rect[0 0 0 0]{many}>>"));
    encrypted(filled(draft))
}

fn encrypted_stream() -> Result<Vec<u8>, Trouble> {
    encrypted(named_often("", &vec![b'a'; SIZE]))
}

/// As much as forty kilobytes may unpack to, by the ratio that is read.
const BOMB: usize = 10_000_000;
