//! A document that many sign, one after the other, each in a revision of its own: every signature is judged, and what
//! each permits of all that followed. Whatever is remembered from one revision to the next, nothing is overlooked.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use sdk_document::{Report, Verdict};

use super::later;
use super::workshop::{Official, append, append_compressed, base, stream};

/// An official who signed often, and where each signed revision ends.
fn often() -> &'static (Official, Vec<u8>, Vec<usize>) {
    static SIGNED: OnceLock<(Official, Vec<u8>, Vec<usize>)> = OnceLock::new();
    SIGNED.get_or_init(|| {
        let official = Official::new();
        let (mut file, mut ends) = (base(), Vec::new());
        for _ in 0..210 {
            file = official.sign(&file);
            ends.push(file.len());
        }
        (official, file, ends)
    })
}

/// The first so many signatures.
fn signed(count: usize) -> (&'static Official, Vec<u8>) {
    let (official, file, ends) = often();
    (official, file[..ends[count - 1]].to_vec())
}

fn codes(report: &Report) -> BTreeSet<&str> {
    report.problems.iter().map(|p| p.code).collect()
}

fn passed(report: &Report) -> Vec<bool> {
    let all = report.signatures.iter();
    all.map(|s| s.indication == "TOTAL-PASSED").collect()
}

#[test]
fn row_26_two_hundred_signatures_in_as_many_revisions_are_judged() {
    let (official, file) = signed(200);
    let report = official.judge(&file);
    assert_eq!(report.verdict, Verdict::Valid, "{:?}", codes(&report));
    assert_eq!(report.signatures.len(), 200);
    let first = &report.signatures[0].later_changes.items;
    assert!(first.iter().all(|change| change.kind == "signature"), "{first:?}");
}

#[test]
fn row_51_a_field_filled_in_among_two_hundred_signatures_is_told() {
    let (official, file) = signed(205);
    let filled = append(&file, &[(6, field("/V(Ana)"))]);
    let report = official.judge(&official.sign(&filled));
    assert_eq!(report.verdict, Verdict::ValidWithLaterChanges);
    let items = &report.signatures[0].later_changes.items;
    assert!(items.len() < 200, "a share of what a report tells");
    assert_eq!(items[0].kind, "form_fill");
}

#[test]
fn row_51_a_change_among_many_signatures_speaks_against_those_before_it() {
    let (official, file) = signed(12);
    let mut file = append(
        &file,
        &[(4, stream("BT /F1 24 Tf 72 720 Td (Se deniega la obra.) Tj ET"))],
    );
    for _ in 0..6 {
        file = official.sign(&file);
    }
    let report = official.judge(&file);
    assert_eq!(report.verdict, Verdict::Invalid);
    let expected = [vec![false; 12], vec![true; 6]].concat();
    assert_eq!(passed(&report), expected);
}

#[test]
fn row_51_what_is_done_to_one_of_many_signatures_is_not_valid() {
    let (official, file) = signed(12);
    let widget = |number: usize, rectangle: &str, value: usize| {
        format!(
            "<</FT/Sig/T(Firma{number})/Type/Annot/Subtype/Widget/F 132/Rect[{rectangle}]/P 3 0 R/V {value} 0 R>>"
        )
    };
    for (name, objects) in [
        ("shown elsewhere", (26, widget(3, "0 0 595 842", 27))),
        ("of another name", (26, widget(4, "0 0 0 0", 27))),
        ("with another's value", (26, widget(3, "0 0 0 0", 21))),
        (
            "without a value",
            (26, widget(3, "0 0 0 0", 27).replace("/V 27 0 R", "")),
        ),
        (
            "with its value replaced",
            (27, "<</Type/Sig/Filter/X>>".to_owned()),
        ),
    ] {
        let mut attacked = append(&file, &[objects]);
        let alone = official.judge(&attacked);
        assert!(!alone.is_valid(), "{name}");
        for _ in 0..2 {
            attacked = official.sign(&attacked);
        }
        let report = official.judge(&attacked);
        assert!(!report.is_valid(), "{name}, signed again");
        let before = report
            .signatures
            .iter()
            .filter(|s| s.revision.is_none_or(|covered| covered <= 12));
        assert!(before.clone().count() >= 12);
        assert!(
            before.into_iter().all(|s| s.indication != "TOTAL-PASSED"),
            "{name}: {:?}",
            codes(&report)
        );
    }
}

/// So many saves that change nothing: documents of many revisions are read with a memory.
fn quiet(file: &[u8], saves: usize) -> Vec<u8> {
    let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
    (0..saves).fold(file.to_vec(), |file, _| append(&file, &[(7, font.to_owned())]))
}

/// What is told of an attack, whichever revisions it stands between.
fn told(report: &Report) -> (Verdict, BTreeSet<&str>, BTreeSet<&str>) {
    let kinds = report.signatures.iter().flat_map(|s| &s.later_changes.items);
    (
        report.verdict,
        codes(report),
        kinds.map(|change| change.kind).collect(),
    )
}

#[test]
fn row_51_attacks_are_told_alike_however_many_revisions_there_are() {
    let official = Official::new();
    let (few, many) = (
        official.sign(&base()),
        quiet(&official.sign(&quiet(&base(), 4)), 4),
    );
    assert_eq!(official.judge(&many).verdict, Verdict::Valid);
    for (name, objects) in later::attacks() {
        let (few, many) = (append(&few, &objects), append(&many, &objects));
        let (few, many) = (official.judge(&few), official.judge(&many));
        assert_eq!(told(&few), told(&many), "{name}");
    }
}

#[test]
fn row_51_attacks_in_object_streams_are_told_alike_however_many_revisions_there_are() {
    let official = Official::new();
    let (few, many) = (
        official.sign(&base()),
        quiet(&official.sign(&quiet(&base(), 4)), 4),
    );
    let in_streams = |objects: &[(usize, String)]| objects.iter().all(|(_, body)| !body.contains("stream\n"));
    for (name, objects) in later::attacks()
        .into_iter()
        .filter(|(_, objects)| in_streams(objects))
    {
        let (few, many) = (
            append_compressed(&few, &objects),
            append_compressed(&many, &objects),
        );
        let (few, many) = (official.judge(&few), official.judge(&many));
        assert!(!many.is_valid(), "{name}");
        assert_eq!(told(&few), told(&many), "{name}");
    }
}

fn field(entries: &str) -> String {
    format!(
        "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[72 600 300 620]/P 3 0 R/DA(/F1 12 Tf 0 g){entries}>>"
    )
}

#[test]
fn row_53_an_appearance_exchanged_after_many_signatures_is_not_valid() {
    let official = Official::new();
    let drawn = |words: &str| {
        let content = format!("BT /F1 12 Tf ({words}) Tj ET");
        let length = content.len();
        format!("<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length {length}>>\nstream\n{content}\nendstream")
    };
    // The appearance in the field itself, and behind a dictionary of its own.
    for (appearance, normal) in [("/AP<</N 8 0 R>>", None), ("/AP 9 0 R", Some("<</N 8 0 R>>"))] {
        let mut objects = vec![(6, field(&format!("/V(Ana){appearance}"))), (8, drawn("Ana"))];
        objects.extend(normal.map(|body| (9, body.to_owned())));
        let mut file = append(&base(), &objects);
        for _ in 0..8 {
            file = official.sign(&file);
        }
        assert_eq!(official.judge(&file).verdict, Verdict::Valid);
        let exchanged = append(&file, &[(8, drawn("Luis"))]);
        let report = official.judge(&official.sign(&exchanged));
        assert_eq!(report.verdict, Verdict::Indeterminate, "{:?}", told(&report));
        assert!(codes(&report).contains("form_overwritten"));
    }
}

#[test]
fn row_27_an_object_stream_exchanged_after_many_signatures_is_not_valid() {
    let official = Official::new();
    let mut file = append_compressed(&base(), &[(6, field(""))]);
    for _ in 0..8 {
        file = official.sign(&file);
    }
    assert_eq!(official.judge(&file).verdict, Verdict::Valid);
    let moved = format!("6 0 {}", field("").replace("72 600", "0 0"));
    let body = format!(
        "<</Type/ObjStm/N 1/First 4/Length {}>>\nstream\n{moved}\nendstream",
        moved.len()
    );
    let report = official.judge(&append(&file, &[(50, body)]));
    assert_eq!(report.verdict, Verdict::Invalid, "{:?}", told(&report));
}

/// A hundred signatures, each followed by a save that adds its evidence to the store.
#[test]
fn row_56_evidence_for_each_of_many_signatures_is_permitted_until_some_is_taken_away() {
    let official = Official::new();
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS 900 0 R>>";
    let store = |pieces: std::ops::Range<usize>| {
        let pieces: String = pieces.map(|number| format!(" {number} 0 R")).collect();
        format!("<</Type/DSS/Certs[{pieces}]>>")
    };
    let mut file = base();
    for one in 0..100 {
        let number = 1_000 + one;
        let mut objects = vec![(900, store(1_000..number + 1)), (number, stream("evidence"))];
        if one == 0 {
            objects.push((1, catalog.to_owned()));
        }
        file = append(&official.sign(&file), &objects);
    }
    let report = official.judge(&file);
    assert_eq!(report.verdict, Verdict::Valid, "{:?}", told(&report));
    assert_eq!(report.file.revisions, 201);
    let report = official.judge(&append(&file, &[(900, store(1_001..1_100))]));
    assert!(!report.is_valid());
    // The first signature was there before any evidence was.
    let lost = |at: usize| {
        report.signatures[at]
            .later_changes
            .items
            .iter()
            .any(|c| c.kind == "evidence_removed")
    };
    assert_eq!((lost(0), lost(1), lost(99)), (false, true, true));
}
