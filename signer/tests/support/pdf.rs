//! PDFs made byte by byte: exactly the structure that a test is about.

/// How the cross-reference section is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Xref {
    Table,
    Stream,
}

/// Objects by number from 1; the first is the catalogue.
pub fn file(version: &str, objects: &[&str], xref: Xref) -> Vec<u8> {
    let mut out = format!("%PDF-{version}\n%\u{e2}\u{e3}\u{cf}\u{d3}\n").into_bytes();
    let mut offsets = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        offsets.push(out.len());
        out.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
    }
    let start = out.len();
    match xref {
        Xref::Table => {
            out.extend_from_slice(
                format!("xref\n0 {}\n0000000000 65535 f\r\n", offsets.len() + 1).as_bytes(),
            );
            for offset in &offsets {
                out.extend_from_slice(format!("{offset:010} 00000 n\r\n").as_bytes());
            }
            out.extend_from_slice(
                format!("trailer\n<</Size {}/Root 1 0 R>>\n", offsets.len() + 1).as_bytes(),
            );
        }
        Xref::Stream => {
            offsets.push(start);
            let mut rows = vec![0, 0, 0, 0, 0, 255, 255];
            for offset in &offsets {
                rows.push(1);
                rows.extend_from_slice(&u32::try_from(*offset).unwrap().to_be_bytes());
                rows.extend_from_slice(&[0, 0]);
            }
            let size = offsets.len() + 1;
            out.extend_from_slice(
                format!(
                    "{} 0 obj\n<</Type/XRef/Size {size}/Root 1 0 R/W[1 4 2]/Length {}>>\nstream\n",
                    offsets.len(),
                    rows.len()
                )
                .as_bytes(),
            );
            out.extend_from_slice(&rows);
            out.extend_from_slice(b"\nendstream\nendobj\n");
        }
    }
    out.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
    out
}

/// One more save behind a file with classic tables: this object is written anew.
pub fn append(file: &[u8], number: u32, object: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(file);
    let (_, tail) = text.rsplit_once("startxref").unwrap();
    let previous: usize = tail.trim_start().lines().next().unwrap().trim().parse().unwrap();
    let mut out = file.to_vec();
    let at = out.len();
    out.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
    let xref = out.len();
    out.extend_from_slice(
        format!(
            "xref\n{number} 1\n{at:010} 00000 n\r\ntrailer\n<</Size 60/Root 1 0 R/Prev {previous}>>\nstartxref\n{xref}\n%%EOF\n"
        )
        .as_bytes(),
    );
    out
}

const CONTENT: &str = "<</Length 46>>\nstream\nBT /F1 24 Tf 72 700 Td (Oficio 204-2026) Tj ET\nendstream";
const FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";

pub fn page(extra: &str) -> String {
    format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>{extra}>>"
    )
}

/// One page, no form.
pub fn simple(xref: Xref) -> Vec<u8> {
    with("1.7", "", "", xref)
}

/// One page, with further entries in the catalogue and the page, and further objects from number 6.
pub fn with(version: &str, catalog: &str, in_page: &str, xref: Xref) -> Vec<u8> {
    with_objects(version, catalog, in_page, &[], xref)
}

pub fn with_objects(version: &str, catalog: &str, in_page: &str, more: &[&str], xref: Xref) -> Vec<u8> {
    let catalog = format!("<</Type/Catalog/Pages 2 0 R{catalog}>>");
    let page = page(in_page);
    let mut objects = vec![
        catalog.as_str(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        &page,
        CONTENT,
        FONT,
    ];
    objects.extend(more);
    file(version, &objects, xref)
}
