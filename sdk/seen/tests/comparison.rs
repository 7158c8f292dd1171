//! Pages of two revisions: which are drawn, what is found, what is said of those that cannot be compared.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "makes files for tests; a surprise shall stop the test"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use sdk_seen::{Comparison, Doubt, Finding, Incomparable, Limits};

/// Three pages of text.
fn base() -> Vec<u8> {
    let mut objects = vec![
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]/Count 3>>".to_owned()),
        (9, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned()),
    ];
    for (page, content) in [(3, 6), (4, 7), (5, 8)] {
        objects.push((page, page_of(content, "")));
        objects.push((content, text(&format!("Considerando {content}"))));
    }
    let mut out = b"%PDF-1.7\n".to_vec();
    save(&mut out, &objects, None);
    out
}

fn page_of(content: u32, more: &str) -> String {
    format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {content} 0 R/Resources<</Font<</F1 9 0 R>>>>{more}>>"
    )
}

fn text(words: &str) -> String {
    stream("", &format!("BT /F1 24 Tf 72 720 Td ({words}) Tj ET"))
}

fn stream(entries: &str, content: &str) -> String {
    format!(
        "<<{entries}/Length {}>>\nstream\n{content}\nendstream",
        content.len()
    )
}

fn save(out: &mut Vec<u8>, objects: &[(u32, String)], previous: Option<usize>) {
    let mut offsets = BTreeMap::new();
    for (number, body) in objects {
        offsets.insert(*number, out.len());
        out.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let at = out.len();
    let mut table = "xref\n0 1\n0000000000 65535 f\r\n".to_owned();
    for (number, offset) in offsets {
        write!(table, "{number} 1\n{offset:010} 00000 n\r\n").unwrap();
    }
    let previous = previous.map_or(String::new(), |p| format!("/Prev {p}"));
    write!(
        table,
        "trailer\n<</Size 40/Root 1 0 R{previous}>>\nstartxref\n{at}\n%%EOF\n"
    )
    .unwrap();
    out.extend(table.bytes());
}

fn later(objects: &[(u32, String)]) -> Comparison {
    compare(objects, &Limits::default()).unwrap()
}

fn compare(objects: &[(u32, String)], limits: &Limits) -> Result<Comparison, Incomparable> {
    let mut out = base();
    let tail = String::from_utf8_lossy(&out).into_owned();
    let (_, startxref) = tail.rsplit_once("startxref\n").unwrap();
    let previous = startxref.lines().next().unwrap().parse().unwrap();
    save(&mut out, objects, Some(previous));
    Comparison::new(out.into(), 0, limits)
}

/// The only finding, with its page before and now.
fn only(comparison: &Comparison) -> (Option<usize>, Option<usize>, Finding) {
    let [pair] = comparison.pairs() else {
        panic!("{comparison:?}")
    };
    (pair.before, pair.now, comparison.look(pair))
}

#[test]
fn other_words_on_a_page_are_shown_and_the_others_are_not_drawn() {
    let comparison = later(&[(7, text("Se deniega"))]);
    assert_eq!(comparison.untouched(), 2);
    let (before, now, finding) = only(&comparison);
    assert_eq!((before, now), (Some(2), Some(2)));
    let Finding::Different(pictures) = finding else {
        panic!("{finding:?}")
    };
    assert_eq!(pictures.areas, 1);
    for side in [pictures.before, pictures.now] {
        assert!(side.unwrap().starts_with(b"\x89PNG"));
    }
}

#[test]
fn the_same_words_written_anew_look_alike() {
    let comparison = later(&[(7, text("Considerando 7"))]);
    assert_eq!(only(&comparison).2, Finding::Alike);
}

#[test]
fn findings_are_the_same_each_time() {
    let finding = || only(&later(&[(7, text("Se deniega"))])).2;
    assert_eq!(finding(), finding());
}

#[test]
fn another_font_is_seen_on_every_page() {
    let comparison = later(&[(9, "<</Type/Font/Subtype/Type1/BaseFont/Courier>>".to_owned())]);
    assert_eq!((comparison.pairs().len(), comparison.untouched()), (3, 0));
    for pair in comparison.pairs() {
        assert!(matches!(comparison.look(pair), Finding::Different(_)));
    }
}

#[test]
fn a_page_that_was_added_has_no_before() {
    let comparison = later(&[
        (
            2,
            "<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R 20 0 R]/Count 4>>".to_owned(),
        ),
        (20, page_of(21, "")),
        (21, text("Otro anexo")),
    ]);
    let (before, now, finding) = only(&comparison);
    assert_eq!((before, now), (None, Some(4)));
    assert!(matches!(finding, Finding::Different(p) if p.before.is_none() && p.now.is_some()));
}

#[test]
fn a_page_that_was_removed_has_no_now() {
    let comparison = later(&[(2, "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>".to_owned())]);
    let (before, now, finding) = only(&comparison);
    assert_eq!((before, now), (Some(3), None));
    assert!(matches!(finding, Finding::Different(p) if p.before.is_some() && p.now.is_none()));
}

#[test]
fn a_page_exchanged_for_another_stands_beside_it() {
    let comparison = later(&[
        (2, "<</Type/Pages/Kids[3 0 R 20 0 R 5 0 R]/Count 3>>".to_owned()),
        (20, page_of(21, "")),
        (21, text("Otra cosa")),
    ]);
    let (before, now, finding) = only(&comparison);
    assert_eq!((before, now), (Some(2), Some(2)));
    assert!(matches!(finding, Finding::Different(p) if p.areas == 1));
}

#[test]
fn pages_in_another_order_are_told_of() {
    let comparison = later(&[(2, "<</Type/Pages/Kids[4 0 R 3 0 R 5 0 R]/Count 3>>".to_owned())]);
    let sides: Vec<_> = comparison.pairs().iter().map(|p| (p.before, p.now)).collect();
    assert_eq!(sides, [(Some(2), Some(1)), (Some(1), Some(2))]);
    for pair in comparison.pairs() {
        assert!(matches!(comparison.look(pair), Finding::Different(p) if p.areas == 0));
    }
}

#[test]
fn a_page_of_another_size_differs_as_a_whole() {
    let comparison = later(&[(4, page_of(7, "/CropBox[0 0 300 842]"))]);
    assert!(matches!(only(&comparison).2, Finding::Different(p) if p.areas == 0));
}

#[test]
fn an_annotation_with_an_appearance_is_seen() {
    let comparison = later(&[
        (4, page_of(7, "/Annots[20 0 R]")),
        (
            20,
            "<</Type/Annot/Subtype/Stamp/F 4/Rect[72 700 300 760]/AP<</N 21 0 R>>>>".to_owned(),
        ),
        (
            21,
            stream(
                "/Type/XObject/Subtype/Form/BBox[0 0 228 60]",
                "1 1 1 rg 0 0 228 60 re f",
            ),
        ),
    ]);
    assert!(matches!(only(&comparison).2, Finding::Different(p) if p.areas == 1));
}

#[test]
fn an_annotation_that_leaves_its_looks_to_the_reader_is_in_doubt() {
    let comparison = later(&[
        (4, page_of(7, "/Annots[20 0 R]")),
        (
            20,
            "<</Type/Annot/Subtype/FreeText/F 4/Rect[72 700 300 760]/Contents(Se deniega)/DA(/F1 24 Tf)>>"
                .to_owned(),
        ),
    ]);
    assert_eq!(only(&comparison).2, Finding::Unknown(Doubt::NoAppearance));
}

#[test]
fn an_image_that_cannot_be_drawn_is_in_doubt() {
    let comparison = later(&[
        (
            4,
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 7 0 R/Resources<</Font<</F1 9 0 R>>/XObject<</I 20 0 R>>>>>>"
                .to_owned(),
        ),
        (
            7,
            stream("", "BT /F1 24 Tf 72 720 Td (Considerando 7) Tj ET 200 0 0 200 72 72 cm /I Do"),
        ),
        (
            20,
            stream(
                "/Type/XObject/Subtype/Image/Width 9/Height 9/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/DCTDecode",
                "no JPEG",
            ),
        ),
    ]);
    assert_eq!(only(&comparison).2, Finding::Unknown(Doubt::DrawnInPart));
}

#[test]
fn layers_that_change_make_every_page_worth_drawing() {
    let comparison = later(&[(
        1,
        "<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[]/D<<>>>>>>".to_owned(),
    )]);
    assert_eq!(comparison.pairs().len(), 3);
    for pair in comparison.pairs() {
        assert_eq!(comparison.look(pair), Finding::Alike);
    }
}

#[test]
fn pages_beyond_the_limit_are_named() {
    let limits = Limits {
        pairs: 1,
        ..Limits::default()
    };
    let font = (9, "<</Type/Font/Subtype/Type1/BaseFont/Courier>>".to_owned());
    let comparison = compare(&[font], &limits).unwrap();
    assert_eq!((comparison.pairs().len(), comparison.beyond()), (1, &[2, 3][..]));
}

#[test]
fn pages_that_take_too_long_to_tell_are_drawn() {
    let limits = Limits {
        objects: 0,
        ..Limits::default()
    };
    let comparison = compare(&[(7, text("Considerando 7"))], &limits).unwrap();
    assert_eq!(comparison.pairs().len(), 3);
}

#[test]
fn an_encrypted_document_is_incomparable() {
    let mut out = base();
    let text = String::from_utf8_lossy(&out).replace("/Root 1 0 R", "/Root 1 0 R/Encrypt<<>>");
    out = text.into_bytes();
    let refused = Comparison::new(out.into(), 0, &Limits::default()).unwrap_err();
    assert_eq!(refused, Incomparable::Encrypted);
}

#[test]
fn what_is_no_pdf_is_incomparable() {
    let refused = Comparison::new(Arc::from(&b"x"[..]), 0, &Limits::default()).unwrap_err();
    assert_eq!(refused, Incomparable::Unreadable);
}

#[test]
fn a_revision_that_is_not_there_is_incomparable() {
    let refused = Comparison::new(base().into(), 7, &Limits::default()).unwrap_err();
    assert_eq!(refused, Incomparable::Unreadable);
}

#[test]
fn row_25_a_field_over_words_is_found_and_one_beside_them_is_not() {
    let with = |appearance: &str, place: &str| {
        let objects = [
            (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
            (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
            (3, page_of(6, "/Annots[20 0 R]")),
            (6, text("Se deniega la obra")),
            (9, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned()),
            (
                20,
                format!("<</Type/Annot/Subtype/Widget/FT/Tx/T(x)/F 4/Rect[{place}]/AP<</N 21 0 R>>>>"),
            ),
            (
                21,
                stream("/Type/XObject/Subtype/Form/BBox[0 0 228 60]", appearance),
            ),
        ];
        let mut bytes = b"%PDF-1.7\n".to_vec();
        save(&mut bytes, &objects, None);
        sdk_seen::covered(bytes.into(), &Limits::default())
    };
    let white = "1 1 1 rg 0 0 228 60 re f";
    assert_eq!(with(white, "72 700 300 760"), [1]);
    assert_eq!(with(white, "72 100 300 160"), [0; 0]);
    assert_eq!(
        with("0 0 228 60 re S", "72 700 300 760"),
        [0; 0],
        "a frame hides nothing"
    );
}

#[test]
fn a_first_page_is_a_picture_of_at_most_this_size() {
    let picture = sdk_seen::first_page(base(), 300).unwrap();
    assert!(picture.starts_with(b"\x89PNG"));
    assert_eq!(u32::from_be_bytes(picture[20..24].try_into().unwrap()), 300);
    assert_eq!(sdk_seen::first_page(b"no".to_vec(), 300), None);
}
