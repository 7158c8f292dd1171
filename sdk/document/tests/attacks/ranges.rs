//! Rows 50 and 52: signature dictionaries that lie about what they cover (universal forgery, wrapping).

use super::workshop::{GAP, Official, RANGE, append, base, find_last};

/// A file that is signed honestly, and the hexadecimal value of its signature.
fn honest(official: &Official) -> (Vec<u8>, String) {
    let file = official.sign(&base());
    let start = find_last(&file, b"/Contents<").unwrap() + 10;
    let value = String::from_utf8(file[start..start + GAP].to_vec()).unwrap();
    (file, value)
}

#[test]
fn row_50_no_forged_dictionary_is_valid() {
    let official = Official::new();
    let (_, value) = honest(&official);
    let zeros = "0".repeat(GAP);
    let contents = [
        "",
        "/Contents null",
        "/Contents<>",
        "/Contents<00>",
        "/Contents()",
        "/Contents 0",
        "/Contents[<00>]",
        "/Contents/Sig",
        "/Contents true",
        "/Contents 4 0 R",
        "/Contents<<>>",
        "/Contents(\\060\\202)",
        &format!("/Contents<{value}>"),
        &format!("/Contents<{zeros}>"),
        &format!("/Contents({value})"),
        &format!("/Contents[<{value}>]"),
    ]
    .map(str::to_owned);
    let ranges = [
        "",
        "/ByteRange null",
        "/ByteRange[]",
        "/ByteRange[0]",
        "/ByteRange[0 0 0 0]",
        "/ByteRange[0 10]",
        "/ByteRange[0 10 20 10 30 10]",
        "/ByteRange[-1 10 20 10]",
        "/ByteRange[0 -10 20 10]",
        "/ByteRange 0",
        "/ByteRange(0)",
        "/ByteRange[0 1.0 2.0 3]",
        "/ByteRange[0 99999999999 0 99999999999]",
        "/ByteRange[0 9223372036854775807 9223372036854775807 9223372036854775807]",
        "/ByteRange[4 0 R]",
        "/ByteRange/All",
        "/ByteRange<<>>",
        "/ByteRange[null null null null]",
        "/ByteRange[0 4294967296 1 1]",
    ];
    for contents in &contents {
        for range in ranges {
            let file = official.sign_as(&base(), &format!("{range}{contents}"));
            let report = official.judge(&file);
            assert!(!report.is_valid(), "{range} {:.40}: {report:#?}", contents);
        }
    }
}

/// Edits the ranges of an honest signature in place.
fn with_range(file: &[u8], edit: impl Fn([usize; 4]) -> String) -> Vec<u8> {
    let at = find_last(file, b"/ByteRange[").unwrap() + 11;
    let text = std::str::from_utf8(&file[at..at + RANGE.len()]).unwrap();
    let numbers: Vec<usize> = text.split_whitespace().map(|n| n.parse().unwrap()).collect();
    let range = edit(numbers.try_into().unwrap());
    let mut out = file.to_vec();
    let padded = format!("{range:<width$}", width = RANGE.len());
    out[at..at + RANGE.len()].copy_from_slice(&padded.as_bytes()[..RANGE.len()]);
    out
}

#[test]
fn row_52_no_moved_range_is_valid() {
    let official = Official::new();
    let (file, _) = honest(&official);
    for (name, moved) in [
        (
            "one byte less",
            with_range(&file, |[a, b, c, d]| format!("{a} {b} {c} {}", d - 1)),
        ),
        (
            "one byte more",
            with_range(&file, |[a, b, c, d]| format!("{a} {b} {c} {}", d + 1)),
        ),
        (
            "gap larger behind",
            with_range(&file, |[a, b, c, d]| format!("{a} {b} {} {}", c + 10, d - 10)),
        ),
        (
            "gap larger before",
            with_range(&file, |[a, b, c, d]| format!("{a} {} {c} {d}", b - 10)),
        ),
        (
            "gap smaller",
            with_range(&file, |[a, b, c, d]| format!("{a} {} {c} {d}", b + 1)),
        ),
        (
            "not from the start",
            with_range(&file, |[_, b, c, d]| format!("1 {} {c} {d}", b - 1)),
        ),
        (
            "overlapping",
            with_range(&file, |[a, b, _, d]| format!("{a} {b} {} {d}", b - 5)),
        ),
        (
            "swapped",
            with_range(&file, |[a, b, c, d]| format!("{c} {d} {a} {b}")),
        ),
        (
            "three ranges",
            with_range(&file, |[a, b, c, d]| format!("{a} {b} {c} {d} 0 1")),
        ),
        (
            "only the first",
            with_range(&file, |[a, b, ..]| format!("{a} {b}")),
        ),
        (
            "an empty second",
            with_range(&file, |[a, b, c, _]| format!("{a} {b} {c} 0")),
        ),
    ] {
        assert!(!official.judge(&moved).is_valid(), "{name}");
    }
}

#[test]
fn row_52_what_is_injected_into_the_gap_is_not_valid() {
    let official = Official::new();
    let (file, _) = honest(&official);
    let end = find_last(&file, b"/Contents<").unwrap() + 9 + GAP + 2;
    for injected in [&b"/Fake 1"[..], b" ", b"%x\n", b"00"] {
        let mut wrapped = file.clone();
        wrapped.splice(end..end, injected.iter().copied());
        let shifted = with_range(&wrapped, |[a, b, c, d]| {
            format!("{a} {b} {} {d}", c + injected.len())
        });
        assert!(
            !official.judge(&shifted).is_valid(),
            "{}",
            injected.escape_ascii()
        );
        assert!(
            !official.judge(&wrapped).is_valid(),
            "{}",
            injected.escape_ascii()
        );
    }
}

#[test]
fn row_52_bytes_hidden_in_the_padding_are_not_valid() {
    let official = Official::new();
    let (file, _) = honest(&official);
    let end = find_last(&file, b"/Contents<").unwrap() + 9 + GAP;
    let mut hidden = file;
    hidden[end - 3..end].copy_from_slice(b"fff");
    assert!(!official.judge(&hidden).is_valid());
}

#[test]
fn row_55_a_signature_object_used_again_is_not_valid() {
    let official = Official::new();
    let (file, _) = honest(&official);
    let again = append(
        &file,
        &[
            (3, super::later::page_with("/Annots[6 0 R 20 0 R 22 0 R]")),
            (
                5,
                "<</Fields[6 0 R 20 0 R 22 0 R]/SigFlags 3/DR<</Font<</F1 7 0 R>>>>>>".to_owned(),
            ),
            (
                22,
                "<</FT/Sig/T(Otra)/Type/Annot/Subtype/Widget/F 132/Rect[0 0 0 0]/P 3 0 R/V 21 0 R>>"
                    .to_owned(),
            ),
        ],
    );
    assert!(!official.judge(&again).is_valid());
}
