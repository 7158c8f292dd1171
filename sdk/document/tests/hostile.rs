//! Files made to take time or memory: each is answered soon, whatever the answer.

#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test fails loudly, and counts its cases"
)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use sdk_document::{Bytes, Options, TrustAnchors, Verdict, verify};

const FORM: &str = "<</Fields[5 0 R]>>";
const FIELD: &str = "<</FT/Sig/T(a)/V 6 0 R/Rect[0 0 0 0]>>";
const VALUE: &str = "<</Type/Sig/Filter/X/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<00ff>>>";

/// Objects from 1 on, then one table.
fn file(objects: &[String]) -> Vec<u8> {
    let (mut out, mut table) = ("%PDF-1.7\n".to_owned(), String::new());
    for (number, body) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", out.len()).unwrap();
        write!(out, "{} 0 obj\n{body}\nendobj\n", number + 1).unwrap();
    }
    let (at, size) = (out.len(), objects.len() + 1);
    write!(
        out,
        "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n"
    )
    .unwrap();
    out.into_bytes()
}

fn page() -> [String; 2] {
    [
        "<</Type/Pages/Count 1/Kids[3 0 R]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>".to_owned(),
    ]
}

/// Optimised, each takes a tenth of this: two seconds on one core are what the service allows.
fn soon(what: &str, bytes: Vec<u8>) {
    let begin = Instant::now();
    let options = Options::new(TrustAnchors::new(), time::macros::datetime!(2026-11-21 12:00 UTC));
    let report = verify(Bytes::new(bytes), &options);
    assert_ne!(report.verdict, Verdict::Valid, "{what}");
    let bound = if cfg!(debug_assertions) { 60 } else { 15 };
    assert!(
        begin.elapsed() < Duration::from_secs(bound),
        "{what}: {:?}",
        begin.elapsed()
    );
}

#[test]
fn row_68_a_catalogue_of_four_hundred_thousand_keys() {
    let mut catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R".to_owned();
    for key in 0..400_000 {
        write!(catalog, "/K{key} {key}").unwrap();
    }
    catalog.push_str(">>");
    let [pages, page] = page();
    soon(
        "catalogue",
        file(&[catalog, pages, page, FORM.into(), FIELD.into(), VALUE.into()]),
    );
}

#[test]
fn row_68_an_array_without_an_end() {
    let [pages, page] = page();
    soon("array", file(&["[".repeat(2_000_000), pages, page]));
}

#[test]
fn row_68_a_form_of_ninety_thousand_fields() {
    let [pages, page] = page();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>".to_owned(),
        pages,
        page,
    ];
    let kids = (5..90_005).fold(String::new(), |mut kids, number| {
        write!(kids, "{number} 0 R ").unwrap();
        kids
    });
    objects.push(format!("<</Fields[{kids}]>>"));
    objects.extend((5..90_005).map(|_| "<</FT/Tx/T(a)>>".to_owned()));
    soon("fields", file(&objects));
}

#[test]
fn row_68_a_string_of_nine_megabytes() {
    let [pages, page] = page();
    let catalog = format!("<</Type/Catalog/Pages 2 0 R/X<{}>>>", "4 ".repeat(4_500_000));
    soon("string", file(&[catalog, pages, page]));
}
