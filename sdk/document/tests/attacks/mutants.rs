//! Mutants of the published attacks on signed PDFs, each made from several honestly signed files: none is believed.

use super::workshop::{GAP, Official, append, append_with, base, find_last, startxref, stream, table};
use sdk_document::{Integrity, Report};

/// Signed files of several kinds, all valid as they are.
fn bases(official: &Official) -> Vec<(&'static str, Vec<u8>)> {
    let certified = "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams\
        <</Type/TransformParams/V/1.2/P 2>>>>]";
    let all = vec![
        ("signed", official.sign(&base())),
        ("signed twice", official.sign(&official.sign(&base()))),
        ("certified", official.sign_with(&base(), certified)),
        (
            "saved before",
            official.sign(&append(&base(), &[(8, "(nada)".to_owned())])),
        ),
        (
            "with a store",
            official.sign(&append(&base(), &with_store("[30 0 R]", &[(30, stream("x"))]))),
        ),
    ];
    for (name, file) in &all {
        assert!(
            official.judge(file).is_valid(),
            "{name}: {:#?}",
            official.judge(file)
        );
    }
    all
}

/// A catalogue that names a store of evidence.
fn with_store(certificates: &str, more: &[(usize, String)]) -> Vec<(usize, String)> {
    let mut objects = vec![
        (
            1,
            "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS 31 0 R>>".to_owned(),
        ),
        (31, format!("<</Type/DSS/Certs{certificates}>>")),
    ];
    objects.extend_from_slice(more);
    objects
}

fn refused(official: &Official, name: &str, mutant: &str, file: &[u8]) -> Report {
    let report = official.judge(file);
    assert!(!report.is_valid(), "{mutant} of {name}: {report:#?}");
    report
}

/// Replaces what stands from a mark on, byte for byte.
fn overwritten(file: &[u8], mark: &[u8], with: &[u8]) -> Vec<u8> {
    let at = find_last(file, mark).unwrap();
    let mut out = file.to_vec();
    out[at..at + with.len()].copy_from_slice(with);
    out
}

fn changed() -> (usize, String) {
    (4, stream("BT /F1 24 Tf 72 720 Td (Se deniega la obra.) Tj ET"))
}

#[test]
fn row_50_a_signature_dictionary_that_is_edited_in_place_is_not_valid() {
    let official = Official::new();
    let edits: &[(&[u8], &[u8])] = &[
        (b"/ByteRange[", b"/ByteRangE["),
        (b"/ByteRange[", b"/ByteRange("),
        (b"/ByteRange[", b"/ByteRange<"),
        (b"/ByteRange[", b"/ByteRange "),
        (b"/ByteRange[0 ", b"/ByteRange[1 "),
        (b"/ByteRange[0 ", b"/ByteRange[-0"),
        (b"/ByteRange[0 ", b"/ByteRange[0."),
        (b"/ByteRange[0 ", b"/ByteRange[[ "),
        (b"/ByteRange[0 ", b"/ByteRange[% "),
        (b"/ByteRange[0 ", b"/ByteRange[] "),
        (b"/ByteRange[0 ", b"/ByteRange[/ "),
        (b"/ByteRange[0 ", b"/#42yteRan[0 "),
        (b"/Contents<", b"/Content#<"),
        (b"/Contents<", b"/contents<"),
        (b"/Contents<", b"/Contents("),
        (b"/Contents<", b"/Contents["),
        (b"/Contents<", b"/Contents>"),
        (b"/Contents<3", b"/Contents<>"),
        (b"/Contents<30", b"/Contents<<<"),
        (b"/Contents<30", b"/Contents<zz"),
        (b"/Contents<30", b"/Contents<00"),
        (b"/Contents<30", b"/Contents<31"),
        (b"/Contents<308", b"/Contents<309"),
        (b"/Contents<30", b"/Contents null"),
        (b"/Contents<30", b"/Contents%%%"),
        (b"/SubFilter/ETSI", b"/SubFilter/ETSX"),
        (b"/SubFilter/ETSI.CAdES", b"/SubFilter/ETSI.RFC31"),
        (b"/SubFilter/", b"/SubFilter("),
        (b"/Type/Sig/Filter", b"/Type/Sgi/Filter"),
        (b"/Type/Sig/Filter", b"/Type/Sig/Fliter"),
        (b"/FT/Sig/T(Firma", b"/FT/Tx /T(Firma"),
        (b"/FT/Sig/T(Firma", b"/FT/Sig/T(firma"),
        (b"/M(D:2026", b"/M(D:2016"),
        (b"<</Type/Sig", b"[</Type/Sig"),
        (b"%%EOF", b"%%EOX"),
        (b"startxref\n", b"startxRef\n"),
        (b"startxref\n", b"startxref\t9"),
        (b"trailer", b"trailor"),
        (b"xref\n0 1", b"xref\n0 2"),
        (b"65535 f", b"65535 n"),
    ];
    for (name, file) in bases(&official) {
        for (mark, with) in edits {
            let mutant = overwritten(&file, mark, with);
            refused(&official, name, &with.escape_ascii().to_string(), &mutant);
        }
    }
}

#[test]
fn row_50_a_forged_signature_over_a_changed_document_is_not_valid() {
    let official = Official::new();
    for (name, file) in bases(&official) {
        let start = find_last(&file, b"/Contents<").unwrap() + 9;
        let value = String::from_utf8(file[start..start + GAP + 2].to_vec()).unwrap();
        for contents in ["null", "<>", "<00>", "()", "0", value.as_str()] {
            for range in ["null", "[]", "[0 0 0 0]", "[0 1 2 3]", "[0 9 9 9]", "[0 -1 0 1]"] {
                let forged = format!(
                    "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange{range}/Contents{contents}>>"
                );
                let mutant = append(&file, &[(21, forged), changed()]);
                refused(&official, name, &format!("{range} {contents:.8}"), &mutant);
            }
        }
    }
}

/// What an attacker appends: a changed object, and all, some or none of what should follow it.
fn updates(file: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let (number, body) = changed();
    let object = format!("{number} 0 obj\n{body}\nendobj\n");
    let (at, prev) = (file.len(), startxref(file));
    let xref = at + object.len();
    let section = table(&[(number, at)]);
    let ends = |tail: String| [file, object.as_bytes(), tail.as_bytes()].concat();
    let trailer = |entries: &str| format!("trailer\n<<{entries}>>\n");
    let usual = format!("/Size 60/Root 1 0 R/Prev {prev}");
    let end = |to: usize| format!("startxref\n{to}\n%%EOF\n");
    let entry = |offset: usize, kind: &str| format!("xref\n{number} 1\n{offset:010} 00000 {kind} \n");
    vec![
        ("the object alone", ends(String::new())),
        ("with a table", ends(section.clone())),
        ("with a trailer", ends(trailer(&usual))),
        ("with an end", ends(end(xref))),
        ("with the old end", ends(end(prev))),
        ("with a table and an end", ends(format!("{section}{}", end(xref)))),
        (
            "with a trailer and an end",
            ends(format!("{}{}", trailer(&usual), end(xref))),
        ),
        (
            "whole",
            ends(format!("{section}{}{}", trailer(&usual), end(xref))),
        ),
        (
            "whole without its last line",
            ends(format!("{section}{}startxref\n{xref}\n", trailer(&usual))),
        ),
        (
            "whole and ended twice",
            ends(format!("{section}{}{}{}", trailer(&usual), end(xref), end(xref))),
        ),
        (
            "without what was before",
            ends(format!(
                "{section}{}{}",
                trailer("/Size 60/Root 1 0 R"),
                end(xref)
            )),
        ),
        (
            "its own past",
            ends(format!(
                "{section}{}{}",
                trailer(&format!("/Size 60/Root 1 0 R/Prev {xref}")),
                end(xref)
            )),
        ),
        (
            "a past of nothing",
            ends(format!(
                "{section}{}{}",
                trailer("/Size 60/Root 1 0 R/Prev 0"),
                end(xref)
            )),
        ),
        (
            "without a root",
            ends(format!(
                "{section}{}{}",
                trailer(&format!("/Size 60/Prev {prev}")),
                end(xref)
            )),
        ),
        (
            "with a small size",
            ends(format!(
                "{section}{}{}",
                trailer(&format!("/Size 4/Root 1 0 R/Prev {prev}")),
                end(xref)
            )),
        ),
        (
            "encrypted",
            ends(format!(
                "{section}{}{}",
                trailer(&format!("{usual}/Encrypt<</Filter/Standard>>")),
                end(xref)
            )),
        ),
        (
            "a start of nothing",
            ends(format!("{section}{}{}", trailer(&usual), end(0))),
        ),
        (
            "a start beyond",
            ends(format!("{section}{}{}", trailer(&usual), end(99_999_999))),
        ),
        (
            "freed",
            ends(format!("{}{}{}", entry(0, "f"), trailer(&usual), end(xref))),
        ),
        (
            "listed beside itself",
            ends(format!("{}{}{}", entry(at + 1, "n"), trailer(&usual), end(xref))),
        ),
        (
            "listed twice",
            ends(format!(
                "{}{}{}{}",
                entry(at, "n"),
                &entry(at, "n")[5..],
                trailer(&usual),
                end(xref)
            )),
        ),
        (
            "with something before it",
            ends(format!("(x)\n{section}{}{}", trailer(&usual), end(xref + 4))),
        ),
    ]
}

#[test]
fn row_51_what_is_appended_after_signing_is_not_valid() {
    let official = Official::new();
    for (name, file) in bases(&official) {
        for (mutant, bytes) in updates(&file) {
            refused(&official, name, mutant, &bytes);
        }
    }
}

#[test]
fn row_51_objects_that_decide_what_is_seen_are_not_replaced() {
    let official = Official::new();
    let other = || stream("BT /F1 24 Tf 72 720 Td (No) Tj ET");
    for (name, file) in bases(&official) {
        for object in [1, 2, 3, 4, 5, 6, 7, 20, 21] {
            for body in [
                other(),
                "null".to_owned(),
                "<<>>".to_owned(),
                "[4 0 R]".to_owned(),
            ] {
                let mutant = append(&file, &[(object, body)]);
                refused(&official, name, &format!("object {object}"), &mutant);
            }
        }
    }
}

#[test]
fn row_52_a_signed_part_that_was_moved_is_not_valid() {
    let official = Official::new();
    for (name, file) in bases(&official) {
        let start = find_last(&file, b"/Contents<").unwrap() + 9;
        let end = start + GAP + 2;
        let (first, gap, second) = (&file[..start], &file[start..end], &file[end..]);
        let (number, body) = changed();
        let evil = format!("{number} 0 obj\n{body}\nendobj\n").into_bytes();
        let moved = |parts: &[&[u8]]| {
            let out = parts.concat();
            let at = out.len() - second.len();
            let range = find_last(&out, b"/ByteRange[").unwrap() + 11;
            let text = format!("{:<34}", format!("0 {start} {at} {}", second.len()));
            let mut out = out;
            out[range..range + 34].copy_from_slice(&text.as_bytes()[..34]);
            out
        };
        let padded = [gap, &b" ".repeat(evil.len())[..]].concat();
        for (mutant, bytes) in [
            ("an object between", moved(&[first, gap, &evil, second])),
            (
                "a second end between",
                moved(&[first, gap, second, &evil, second]),
            ),
            ("the gap twice", moved(&[first, gap, gap, second])),
            ("blanks in the gap", moved(&[first, &padded, second])),
            (
                "a comment in the gap",
                moved(&[first, gap, b"%", &evil[..40], b"\n", second]),
            ),
            (
                "another dictionary in the gap",
                moved(&[first, gap, b"/X<<", b">>", second]),
            ),
            (
                "the gap closed early",
                moved(&[first, &gap[..GAP], b">/Y<", &gap[GAP..], second]),
            ),
            ("the second part before the first", [second, gap, first].concat()),
            ("the second part twice", [first, gap, second, second].concat()),
            ("the whole file twice", [&file[..], &file[..]].concat()),
        ] {
            refused(&official, name, mutant, &bytes);
        }
    }
}

#[test]
fn row_55_a_store_of_evidence_that_takes_the_place_of_something_is_not_valid() {
    let official = Official::new();
    for (name, file) in bases(&official) {
        for taken in [2, 3, 4, 5, 6, 7, 20, 21] {
            let evidence = (taken, stream("x"));
            let as_piece = with_store(&format!("[{taken} 0 R]"), &[evidence]);
            refused(
                &official,
                name,
                &format!("a certificate as object {taken}"),
                &append(&file, &as_piece),
            );
            let as_store = vec![
                (
                    1,
                    format!("<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS {taken} 0 R>>"),
                ),
                (taken, "<</Type/DSS/Certs[]>>".to_owned()),
            ];
            refused(
                &official,
                name,
                &format!("a store as object {taken}"),
                &append(&file, &as_store),
            );
            let as_entry = vec![
                (
                    1,
                    "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS 31 0 R>>".to_owned(),
                ),
                (31, format!("<</Type/DSS/VRI<</A {taken} 0 R>>>>")),
                (taken, "<</Type/VRI>>".to_owned()),
            ];
            refused(
                &official,
                name,
                &format!("an entry as object {taken}"),
                &append(&file, &as_entry),
            );
        }
    }
}

#[test]
fn row_55_another_catalogue_beside_the_evidence_is_not_valid() {
    let official = Official::new();
    for (name, file) in bases(&official) {
        let mut objects = with_store("[30 0 R]", &[(30, stream("x"))]);
        objects[0].0 = 45;
        let mutant = append_with(&file, &objects, "/Root 45 0 R");
        refused(&official, name, "another catalogue", &mutant);
    }
}

/// A few hundred of these over a large file would otherwise be hours of work.
#[test]
fn row_68_signatures_over_a_part_do_not_make_us_digest_the_file_again_and_again() {
    const SIGNATURES: usize = 12;
    let official = Official::new();
    let honest = official.sign(&base());
    let start = find_last(&honest, b"/Contents<").unwrap() + 10;
    let value = String::from_utf8(honest[start..start + GAP].to_vec()).unwrap();
    let mut objects = vec![(
        5,
        (0..SIGNATURES).fold("<</SigFlags 3/Fields[6 0 R".to_owned(), |all, n| {
            format!("{all} {} 0 R", 20 + 2 * n)
        }) + "]>>",
    )];
    for n in 0..SIGNATURES {
        objects.push((
            20 + 2 * n,
            format!("<</FT/Sig/T(F{n})/Rect[0 0 0 0]/V {} 0 R>>", 21 + 2 * n),
        ));
        objects.push((
            21 + 2 * n,
            format!(
                "<</Type/Sig/SubFilter/ETSI.CAdES.detached/N {n:02}/ByteRange[{:<34}]/Contents<{value}>>>",
                " "
            ),
        ));
    }
    let mut file = append(&base(), &objects);
    for n in 0..SIGNATURES {
        let at = find_last(&file, format!("/N {n:02}/ByteRange[").as_bytes()).unwrap() + 16;
        let gap = at + 34 + 1 + 9;
        let end = gap + GAP + 2;
        let range = format!("{:<34}", format!("0 {gap} {end} {}", file.len() - end - 3));
        file[at..at + 34].copy_from_slice(range.as_bytes());
    }
    let report = refused(&official, "unsigned", "parts", &file);
    assert_eq!(report.signatures.len(), SIGNATURES, "{report:#?}");
    let digested = report
        .signatures
        .iter()
        .filter(|s| s.integrity != Integrity::Unknown)
        .count();
    assert!((1..=4).contains(&digested), "{digested} were digested");
}
