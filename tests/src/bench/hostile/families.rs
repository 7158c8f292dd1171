//! Files made to take time or memory: each ten megabytes of one idea.

use std::fmt::Write as _;

use super::draft::Draft;
use super::packed::{stored, zeros};
use crate::browser::Trouble;

/// A name, and how to make the file.
pub type Family = (&'static str, fn() -> Result<Vec<u8>, Trouble>);

/// In the order in which a reader meets what they abuse.
pub const FAMILIES: [Family; 19] = [
    ("one_table_of_all_entries", table),
    ("a_thousand_sections", sections),
    ("open_brackets", || catalogue(&format!("/X {}", "[".repeat(SIZE)))),
    ("arrays_as_deep_as_allowed", || deep("[", "]")),
    ("dictionaries_as_deep_as_allowed", || deep("<</A", ">>")),
    ("catalogue_of_many_keys", keys),
    ("a_huge_name", || {
        catalogue(&format!("/X/{}", "#41".repeat(SIZE / 3)))
    }),
    ("hexadecimal_string", || {
        catalogue(&format!("/X<{}>", "4 ".repeat(SIZE / 2)))
    }),
    ("literal_string", || {
        catalogue(&format!("/X({})", "(\\)\r\n)".repeat(SIZE / 6)))
    }),
    ("pages", pages),
    ("page_nodes_in_a_chain", page_chain),
    ("resources_handed_down", resources),
    ("fields", fields),
    ("one_bomb_named_often", || {
        evidence("/Filter/FlateDecode", &zeros(200 << 20))
    }),
    ("filters_in_a_chain", filters),
    ("predictor_rows_of_one_byte", predictor),
    ("revisions_that_rewrite_the_form", revisions),
    ("annotations_rewritten", annotations),
    ("signatures_over_parts", partial),
];

/// What each file fills.
pub const SIZE: usize = 10_000_000;

fn table() -> Result<Vec<u8>, Trouble> {
    let mut draft = Draft::signed("");
    for number in 10..SIZE / 42 {
        draft.object(number, "1");
    }
    Ok(draft.finish())
}

/// Each section speaks of numbers that none before has spoken of, and rewrites the field.
fn sections() -> Result<Vec<u8>, Trouble> {
    let mut draft = Draft::signed("");
    draft.save("");
    for section in 0_usize..998 {
        let first = section.saturating_mul(220).saturating_add(10);
        for number in first..first.saturating_add(220) {
            draft.object(number, "1");
        }
        draft.object(5, &format!("<</FT/Sig/T(a{section})/V 6 0 R/Rect[0 0 0 0]>>"));
        draft.save("");
    }
    Ok(draft.finish())
}

fn deep(open: &str, close: &str) -> Result<Vec<u8>, Trouble> {
    let one = format!("{}{}", open.repeat(60), close.repeat(60)).replace("A>", "A 1>");
    catalogue(&format!(
        "/X[{}]",
        one.repeat(SIZE.checked_div(one.len()).unwrap_or(1))
    ))
}

fn keys() -> Result<Vec<u8>, Trouble> {
    let mut text = String::new();
    for key in 0..440_000 {
        write!(text, "/Schluesselwort{key:06} 1")?;
    }
    catalogue(&text)
}

fn catalogue(more: &str) -> Result<Vec<u8>, Trouble> {
    Ok(Draft::signed(more).finish())
}

fn pages() -> Result<Vec<u8>, Trouble> {
    Ok(page_tree(SIZE / 100, "").finish())
}

fn page_chain() -> Result<Vec<u8>, Trouble> {
    let mut draft = Draft::signed("");
    let last = SIZE / 90;
    draft.object(2, "<</Type/Pages/Count 1/Kids[10 0 R]>>");
    for number in 10..last {
        let next = number.saturating_add(1);
        draft.object(number, &format!("<</Type/Pages/Count 1/Kids[{next} 0 R]>>"));
    }
    draft.object(last, "<</Type/Page/MediaBox[0 0 9 9]>>");
    Ok(draft.finish())
}

/// Copied for each page, these would take terabytes.
fn resources() -> Result<Vec<u8>, Trouble> {
    let handed = (0..300_000).fold(String::new(), |mut text, key| {
        let _ = write!(text, "/K{key} 1");
        text
    });
    Ok(page_tree(60_000, &format!("/Resources<<{handed}>>")).finish())
}

fn page_tree(count: usize, node: &str) -> Draft {
    let mut draft = Draft::signed("");
    let numbers = 10..count.saturating_add(10);
    let kids = references(numbers.clone());
    draft.object(2, &format!("<</Type/Pages/Count {count}{node}/Kids[{kids}]>>"));
    for number in numbers {
        draft.object(number, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>");
    }
    draft
}

fn fields() -> Result<Vec<u8>, Trouble> {
    let mut draft = Draft::signed("");
    let last = SIZE / 104;
    draft.object(4, &format!("<</Fields[{}]>>", references(10..last)));
    for number in 10..last {
        draft.object(number, &format!("<</FT/Tx/T({number})/V 6 0 R/Rect[0 0 9 9]>>"));
    }
    Ok(draft.finish())
}

/// In the security store: looked at once for each time it is named.
fn evidence(about: &str, data: &[u8]) -> Result<Vec<u8>, Trouble> {
    fill(named_often(about, data))
}

/// The same, without a table yet.
pub fn named_often(about: &str, data: &[u8]) -> Draft {
    let mut draft = Draft::signed("/DSS<</Certs 11 0 R/CRLs 11 0 R/OCSPs 11 0 R>>");
    draft.stream(10, about, data);
    draft.object(11, &format!("[{}]", "10 0 R ".repeat(1_000)));
    draft
}

/// Seven times packed without loss of length; the eighth is a bomb.
fn filters() -> Result<Vec<u8>, Trouble> {
    let mut data = zeros(40_000_000);
    for _ in 0..7 {
        data.resize(data.len().max(1_000_000), 0);
        data = stored(&data);
    }
    evidence(&format!("/Filter[{}]", "/FlateDecode".repeat(8)), &data)
}

fn predictor() -> Result<Vec<u8>, Trouble> {
    evidence(
        "/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 1>>",
        &zeros(40_000_000),
    )
}

fn revisions() -> Result<Vec<u8>, Trouble> {
    let mut draft = Draft::signed("");
    for number in 10..310 {
        draft.object(number, "<</FT/Tx/T(a)/V(b)>>");
    }
    draft.save("");
    for _ in 0..900 {
        draft.object(4, &format!("<</Fields[5 0 R {}]>>", references(10..310)));
        for number in 10..150 {
            draft.object(number, "<</FT/Tx/T(a)/V(c)>>");
        }
        draft.save("");
    }
    Ok(draft.finish())
}

fn annotations() -> Result<Vec<u8>, Trouble> {
    let mut draft = Draft::signed("");
    let numbers = 10..50_000;
    for turn in 0..2 {
        let all = references(numbers.clone());
        draft.object(
            3,
            &format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Annots[{all}]>>"),
        );
        for number in numbers.clone() {
            draft.object(
                number,
                &format!("<</Type/Annot/Subtype/Text/Rect[{turn} 0 9 9]>>"),
            );
        }
        draft.save("");
    }
    Ok(draft.finish())
}

/// Each would make a verifier digest the file once more.
fn partial() -> Result<Vec<u8>, Trouble> {
    let mut draft = Draft::signed("");
    draft.object(4, &format!("<</Fields[{}]>>", references(1_000..1_499)));
    for one in 0_usize..499 {
        let (field, value) = (one.saturating_add(1_000), one.saturating_add(2_000));
        draft.object(
            field,
            &format!("<</FT/Sig/T({one})/V {value} 0 R/Rect[0 0 0 0]>>"),
        );
        draft.object(
            value,
            &format!(
                "<</Type/Sig/Filter/X/SubFilter/adbe.pkcs7.sha1/ByteRange[0 {field} {value} 9000000]/Contents<3000>>>"
            ),
        );
    }
    fill(draft)
}

/// The rest of the ten megabytes, in a stream that nothing names.
pub fn fill(draft: Draft) -> Result<Vec<u8>, Trouble> {
    Ok(filled(draft).finish())
}

/// The same, without a table yet.
pub fn filled(mut draft: Draft) -> Draft {
    let left = SIZE.saturating_sub(draft.len());
    draft.stream(12, "", &vec![b' '; left]);
    draft
}

pub fn references(numbers: std::ops::Range<usize>) -> String {
    numbers.fold(String::new(), |mut text, number| {
        let _ = write!(text, "{number} 0 R ");
        text
    })
}
