//! Small documents around the input, so that it reaches one reader at once.

use sdk_document::{Bytes, Document, Language, Limits, Options, TrustAnchors, verify, warnings};
use time::macros::datetime;

use crate::{DOCUMENT, within};

/// Reads everything that the document has, twice: for its verdict, in every shape, and for what is told before
/// signing.
pub fn judge(file: &[u8]) {
    within(DOCUMENT, || {
        let report = verify(Bytes::new(file), &nobody());
        assert!(!report.is_valid(), "nobody is trusted");
        (report.to_xml(), report.sentence(Language::Es))
    });
    within(DOCUMENT, || {
        Document::open(Bytes::new(file), &Limits::default()).map(|document| warnings(&document))
    })
    .ok();
}

/// To trust nobody, on one day.
pub fn nobody() -> Options {
    Options::new(TrustAnchors::new(), datetime!(2026-11-21 12:00 UTC))
}

const CATALOG: &[u8] = b"<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R>>";
const PAGES: &[u8] = b"<</Type/Pages/Kids[3 0 R]/Count 1>>";
const PAGE: &[u8] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[6 0 R]>>";

fn paper(objects: &[(usize, &[u8])]) -> (Vec<u8>, Vec<(usize, usize)>) {
    let (mut out, mut places) = (b"%PDF-1.7\n".to_vec(), Vec::new());
    for (number, body) in [(1, CATALOG), (2, PAGES), (3, PAGE)].iter().chain(objects) {
        places.push((*number, out.len()));
        out.extend(format!("{number} 0 obj\n").bytes());
        out.extend(*body);
        out.extend(b"\nendobj\n");
    }
    (out, places)
}

fn with_table((mut out, places): (Vec<u8>, Vec<(usize, usize)>)) -> Vec<u8> {
    let at = out.len();
    let mut table = "xref\n0 1\n0000000000 65535 f \n".to_owned();
    for (number, offset) in places {
        table += &format!("{number} 1\n{offset:010} 00000 n \n");
    }
    out.extend(format!("{table}trailer\n<</Size 60/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n").bytes());
    out
}

/// The input is the page's content, the form and a field.
pub fn with_object(input: &[u8]) -> Vec<u8> {
    with_table(paper(&[(4, input), (5, b"<</Fields[6 0 R]>>"), (6, input)]))
}

/// The input begins with a section.
pub fn with_section(input: &[u8]) -> Vec<u8> {
    let (mut out, _) = paper(&[]);
    let at = out.len();
    out.extend(input);
    out.extend(format!("\nstartxref\n{at}\n%%EOF\n").bytes());
    out
}

/// The input is the content of object stream 7, said to hold the form, a field and its value.
pub fn with_object_stream(input: &[u8]) -> Vec<u8> {
    let first = input.first().copied().unwrap_or(0);
    let head = format!(
        "<</Type/ObjStm/N 3/First {first}/Length {}>>\nstream\n",
        input.len()
    );
    let body = [head.as_bytes(), input, b"\nendstream"].concat();
    let (mut out, places) = paper(&[(7, &body)]);
    let at = out.len();
    let row = |kind: u8, value: usize, index: u8| {
        let value = u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes();
        [kind, value[0], value[1], value[2], value[3], index]
    };
    let mut rows = Vec::new();
    let index: String = places.iter().map(|(number, _)| format!("{number} 1 ")).collect();
    places
        .iter()
        .for_each(|(_, offset)| rows.extend(row(1, *offset, 0)));
    (0..3).for_each(|inside| rows.extend(row(2, 7, inside)));
    let head = format!(
        "8 0 obj\n<</Type/XRef/Size 60/Root 1 0 R/W[1 4 1]/Index[{index}4 3]/Length {}>>\nstream\n",
        rows.len()
    );
    out.extend(head.bytes());
    out.extend(rows);
    out.extend(format!("\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n").bytes());
    out
}

/// The input is encoded; the first octet says how.
pub fn with_filters(input: &[u8]) -> Vec<u8> {
    const FILTERS: [&str; 8] = [
        "/Filter/FlateDecode",
        "/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 5>>",
        "/Filter/FlateDecode/DecodeParms<</Predictor 2/Columns 3/Colors 3>>",
        "/Filter/LZWDecode",
        "/Filter/ASCIIHexDecode",
        "/Filter/ASCII85Decode",
        "/Filter/RunLengthDecode",
        "/Filter[/ASCIIHexDecode/FlateDecode/FlateDecode]",
    ];
    let Some((choice, rest)) = input.split_first() else {
        return Vec::new();
    };
    let filter = FILTERS[usize::from(*choice) % FILTERS.len()];
    let head = format!("<<{filter}/Length {}>>\nstream\n", rest.len());
    let body = [head.as_bytes(), rest, b"\nendstream"].concat();
    with_table(paper(&[(4, &body)]))
}
