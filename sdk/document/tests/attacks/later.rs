//! Row 51: what is saved after signing (incremental saving) and was prepared before (shadow).

use sdk_document::Verdict;

use super::workshop::{
    Official, append, append_compressed, append_with, base, find_last, startxref, stream, table,
};

/// The page with other entries behind its own.
pub fn page_with(entries: &str) -> String {
    format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 7 0 R>>>>{entries}>>"
    )
}

const SIGNED: &str = "/Annots[6 0 R 20 0 R]";

fn text(words: &str) -> String {
    stream(&format!("BT /F1 24 Tf 72 720 Td ({words}) Tj ET"))
}

/// What a later save may do to the workshop's page once it is signed, each with the objects it writes.
pub fn attacks() -> Vec<(&'static str, Vec<(usize, String)>)> {
    let other = text("Se deniega la obra.");
    let page = |entries: &str| page_with(&format!("{SIGNED}{entries}"));
    vec![
        ("content replaced", vec![(4, other.clone())]),
        ("content pointed elsewhere", vec![(3, page("").replace("4 0 R", "40 0 R")), (40, other.clone())]),
        ("content added", vec![(3, page("").replace("/Contents 4 0 R", "/Contents[4 0 R 40 0 R]")), (40, other.clone())]),
        ("page added", vec![(2, "<</Type/Pages/Kids[3 0 R 40 0 R]/Count 2>>".into()), (40, page(""))]),
        ("page exchanged", vec![(2, "<</Type/Pages/Kids[40 0 R]/Count 1>>".into()), (40, page(""))]),
        ("page turned", vec![(3, page("/Rotate 180"))]),
        ("page cropped", vec![(3, page("/CropBox[0 0 1 1]"))]),
        ("another page tree", vec![(1, "<</Type/Catalog/Pages 40 0 R/AcroForm 5 0 R>>".into()), (40, "<</Type/Pages/Kids[3 0 R]/Count 1>>".into())]),
        ("font replaced", vec![(7, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>".into())]),
        ("font by the form's resources", vec![(5, "<</Fields[6 0 R 20 0 R]/SigFlags 3/DR<</Font<</F1 40 0 R>>>>>>".into()), (40, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>".into())]),
        ("an annotation over it", vec![(3, page_with("/Annots[6 0 R 20 0 R 40 0 R]")), (40, "<</Type/Annot/Subtype/FreeText/Rect[0 0 595 842]/P 3 0 R/Contents(No)>>".into())]),
        ("a stamp over it", vec![(3, page_with("/Annots[6 0 R 20 0 R 40 0 R]")), (40, "<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/P 3 0 R>>".into())]),
        ("a field over it", vec![(3, page_with("/Annots[6 0 R 20 0 R 40 0 R]")), (5, "<</Fields[6 0 R 20 0 R 40 0 R]/SigFlags 3/DR<</Font<</F1 7 0 R>>>>>>".into()), (40, "<</FT/Tx/T(x)/Type/Annot/Subtype/Widget/Rect[0 0 595 842]/P 3 0 R/V(No)>>".into())]),
        ("an unsigned stamp", vec![(3, page_with("/Annots[6 0 R 20 0 R 40 0 R]")), (5, "<</Fields[6 0 R 20 0 R 40 0 R]/SigFlags 3/DR<</Font<</F1 7 0 R>>>>>>".into()), (40, "<</FT/Sig/T(x)/Type/Annot/Subtype/Widget/Rect[10 10 90 90]/P 3 0 R/AP<</N 41 0 R>>>>".into()), (41, "<</Type/XObject/Subtype/Form/BBox[0 0 80 80]/Length 0>>\nstream\n\nendstream".into())]),
        ("fields removed", vec![(5, "<</Fields[]/SigFlags 3/DR<</Font<</F1 7 0 R>>>>>>".into())]),
        ("the form removed", vec![(1, "<</Type/Catalog/Pages 2 0 R>>".into())]),
        ("flags taken back", vec![(5, "<</Fields[6 0 R 20 0 R]/SigFlags 0/DR<</Font<</F1 7 0 R>>>>>>".into())]),
        ("appearances asked anew", vec![(5, "<</Fields[6 0 R 20 0 R]/SigFlags 3/NeedAppearances true/DR<</Font<</F1 7 0 R>>>>>>".into())]),
        ("a form of another kind", vec![(5, "<</Fields[6 0 R 20 0 R]/SigFlags 3/XFA 40 0 R/DR<</Font<</F1 7 0 R>>>>>>".into()), (40, stream("<x/>"))]),
        ("the signature replaced", vec![(21, "<</Type/Sig/Filter/X>>".into())]),
        ("the signature's field emptied", vec![(20, "<</FT/Sig/T(Firma0)/Type/Annot/Subtype/Widget/F 132/Rect[0 0 0 0]/P 3 0 R>>".into())]),
        ("the signature's field made visible", vec![(20, "<</FT/Sig/T(Firma0)/Type/Annot/Subtype/Widget/F 132/Rect[0 0 595 842]/P 3 0 R/V 21 0 R>>".into())]),
        ("an action on opening", vec![(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/OpenAction<</S/JavaScript/JS(x)>>>>".into())]),
        ("an action on a field", vec![(6, "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[72 600 300 620]/P 3 0 R/DA(/F1 12 Tf 0 g)/AA<</F<</S/JavaScript/JS(x)>>>>>>".into())]),
        ("a field moved", vec![(6, "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[0 0 595 842]/P 3 0 R/DA(/F1 12 Tf 0 g)/V(x)>>".into())]),
        ("layers", vec![(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/OCProperties<</OCGs[]/D<<>>>>>>".into())]),
        ("names", vec![(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/Names<<>>>>".into())]),
        ("evidence written over a page", vec![(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS 3 0 R>>".into()), (3, "<</Type/DSS>>".into())]),
        ("metadata written over content", vec![(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/Metadata 4 0 R>>".into()), (4, "<</Type/Metadata/Subtype/XML/Length 4>>\nstream\n<x/>\nendstream".into())]),
    ]
}

#[test]
fn row_51_no_later_save_that_changes_what_is_seen_is_valid() {
    let official = Official::new();
    let signed = official.sign(&base());
    for (name, objects) in attacks() {
        let report = official.judge(&append(&signed, &objects));
        assert!(!report.is_valid(), "{name}: {report:#?}");
        assert_ne!(
            report.verdict,
            Verdict::Unsigned,
            "{name}: the signature is still told of"
        );
    }
}

#[test]
fn row_51_a_catalogue_exchanged_in_the_trailer_is_not_valid() {
    let official = Official::new();
    let signed = official.sign(&base());
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R>>".to_owned();
    let exchanged = append_with(&signed, &[(40, catalog)], "/Root 40 0 R");
    assert!(!official.judge(&exchanged).is_valid());
}

#[test]
fn row_51_bytes_appended_without_a_cross_reference_are_not_valid() {
    let official = Official::new();
    let signed = official.sign(&base());
    let body = format!("4 0 obj\n{}\nendobj\n", text("No"));
    let trailer = format!("trailer\n<</Size 60/Root 1 0 R/Prev {}>>\n", startxref(&signed));
    for appended in [
        body.clone(),
        "x".to_owned(),
        format!("{body}%%EOF\n"),
        format!("{body}{trailer}%%EOF\n"),
        format!("{body}{trailer}startxref\n{}\n%%EOF\n", startxref(&signed)),
        format!("{body}{trailer}startxref\n0\n%%EOF\n"),
        format!(
            "{body}xref\n0 0\n{trailer}startxref\n{}\n%%EOF\n",
            signed.len() + body.len()
        ),
    ] {
        let attacked = [signed.as_slice(), appended.as_bytes()].concat();
        let report = official.judge(&attacked);
        assert!(!report.is_valid(), "{appended}: {report:#?}");
    }
}

#[test]
fn row_51_an_object_deleted_is_not_valid() {
    let official = Official::new();
    let signed = official.sign(&base());
    let xref = signed.len();
    let update = format!(
        "xref\n0 1\n0000000000 65535 f \n4 1\n0000000000 00001 f \ntrailer\n<</Size 60/Root 1 0 R/Prev {}>>\nstartxref\n{xref}\n%%EOF\n",
        startxref(&signed)
    );
    assert!(
        !official
            .judge(&[signed.as_slice(), update.as_bytes()].concat())
            .is_valid()
    );
}

#[test]
fn row_53_an_entry_that_points_back_to_bytes_prepared_before_signing_is_not_valid() {
    let official = Official::new();
    // Hidden in the file before signing: another content stream, listed nowhere.
    let hidden = format!("4 0 obj\n{}\nendobj\n", text("Se deniega la obra."));
    let mut prepared = base();
    let at = prepared.len();
    prepared.extend(hidden.bytes());
    let signed = official.sign(&prepared);
    let update = format!(
        "{}trailer\n<</Size 60/Root 1 0 R/Prev {}>>\nstartxref\n{}\n%%EOF\n",
        table(&[(4, at)]),
        startxref(&signed),
        signed.len()
    );
    assert!(
        !official
            .judge(&[signed.as_slice(), update.as_bytes()].concat())
            .is_valid()
    );
}

#[test]
fn row_53_an_object_that_was_awaited_is_not_valid() {
    let official = Official::new();
    // The signed catalogue refers to labels that do not exist yet.
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/PageLabels 40 0 R>>".to_owned();
    let signed = official.sign(&append(&base(), &[(1, catalog)]));
    assert_eq!(official.judge(&signed).verdict, Verdict::Valid);
    assert!(!official.judge(&append(&signed, &[(40, text("No"))])).is_valid());
}

#[test]
fn row_55_a_hybrid_update_is_not_valid() {
    let official = Official::new();
    let signed = official.sign(&base());
    let body = format!("4 0 obj\n{}\nendobj\n", text("No"));
    let place = signed.len();
    let row = [&[1_u8][..], &u32::try_from(place).unwrap().to_be_bytes(), &[0]].concat();
    let stream_at = place + body.len();
    let beside = [
        format!(
            "41 0 obj\n<</Type/XRef/Size 60/W[1 4 1]/Index[4 1]/Length {}>>\nstream\n",
            row.len()
        )
        .into_bytes(),
        row,
        b"\nendstream\nendobj\n".to_vec(),
    ]
    .concat();
    let xref = stream_at + beside.len();
    let tail = format!(
        "xref\n0 0\ntrailer\n<</Size 60/Root 1 0 R/Prev {}/XRefStm {stream_at}>>\nstartxref\n{xref}\n%%EOF\n",
        startxref(&signed)
    );
    let attacked = [signed.as_slice(), body.as_bytes(), &beside, tail.as_bytes()].concat();
    let report = official.judge(&attacked);
    assert!(!report.is_valid(), "{report:#?}");
}

#[test]
fn row_51_evidence_added_later_leaves_it_valid() {
    let official = Official::new();
    let signed = official.sign(&base());
    let with = append(
        &signed,
        &[
            (
                1,
                "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS 40 0 R>>".into(),
            ),
            (40, "<</Type/DSS/Certs[41 0 R]>>".into()),
            (41, stream("not a certificate, which harms nobody")),
        ],
    );
    let report = official.judge(&with);
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
}

#[test]
fn row_50_a_signature_in_no_field_is_not_valid() {
    let official = Official::new();
    let signed = official.sign(&base());
    let value = find_last(&signed, b"/Contents<").unwrap();
    assert!(value > 0);
    let orphan = append(
        &base(),
        &[(40, "<</Type/Sig/ByteRange[0 1 2 3]/Contents<3000>>>".into())],
    );
    assert_eq!(official.judge(&orphan).verdict, Verdict::Indeterminate);
}

#[test]
fn row_51_updates_in_streams_are_compared_like_any_others() {
    let official = Official::new();
    let signed = official.sign(&base());
    let form = "<</Fields[6 0 R 20 0 R]/SigFlags 3/DR<</Font<</F1 7 0 R>>>>>>".to_owned();
    assert_eq!(
        official.judge(&append_compressed(&signed, &[(5, form)])).verdict,
        Verdict::Valid
    );
    for (number, body) in [
        (7, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>".to_owned()),
        (3, page_with("/Annots[6 0 R 20 0 R]/Rotate 90")),
        (2, "<</Type/Pages/Kids[]/Count 0>>".to_owned()),
    ] {
        let report = official.judge(&append_compressed(&signed, &[(number, body)]));
        assert_eq!(report.verdict, Verdict::Invalid, "{report:#?}");
    }
}

#[test]
fn row_27_a_file_with_streams_is_signed_and_judged_like_any_other() {
    let official = Official::new();
    let compressed = append_compressed(
        &base(),
        &[(7, "<</Type/Font/Subtype/Type1/BaseFont/Courier>>".to_owned())],
    );
    let signed = official.sign(&compressed);
    assert_eq!(official.judge(&signed).verdict, Verdict::Valid);
    // The object stream that holds a signed font is exchanged: every object in it would change.
    let directory = "7 0 ";
    let other = format!("{directory}<</Type/Font/Subtype/Type1/BaseFont/Symbol>>");
    let body = format!(
        "<</Type/ObjStm/N 1/First {}/Length {}>>\nstream\n{other}\nendstream",
        directory.len(),
        other.len()
    );
    assert!(!official.judge(&append(&signed, &[(50, body)])).is_valid());
}

#[test]
fn an_empty_signature_field_is_no_signature() {
    let official = Official::new();
    let prepared = append(
        &base(),
        &[
            (3, page_with("/Annots[6 0 R 40 0 R]")),
            (
                5,
                "<</Fields[6 0 R 40 0 R]/SigFlags 1/DR<</Font<</F1 7 0 R>>>>>>".to_owned(),
            ),
            (
                40,
                "<</FT/Sig/T(Alcalde)/Type/Annot/Subtype/Widget/F 4/Rect[72 100 272 150]/P 3 0 R>>"
                    .to_owned(),
            ),
        ],
    );
    let report = official.judge(&prepared);
    assert_eq!(
        report.verdict,
        Verdict::Unsigned,
        "an empty field is no signature"
    );
}

#[test]
fn row_53_a_further_signature_that_hides_the_page_is_named() {
    let official = Official::new();
    let signed = official.sign(&base());
    for (rectangle, hides) in [("[0 0 500 800]", true), ("[72 100 272 150]", false)] {
        let field = format!("<</FT/Sig/T(x)/Type/Annot/Subtype/Widget/F 4/Rect{rectangle}/V 41 0 R>>");
        let covered = append(
            &signed,
            &[
                (3, page_with("/Annots[6 0 R 20 0 R 40 0 R]")),
                (
                    5,
                    "<</Fields[6 0 R 20 0 R 40 0 R]/SigFlags 3/DR<</Font<</F1 7 0 R>>>>>>".to_owned(),
                ),
                (40, field),
                (
                    41,
                    "<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<3000>>>"
                        .to_owned(),
                ),
            ],
        );
        let report = official.judge(&covered);
        assert!(!report.is_valid(), "the second signature is none");
        let items = &report.signatures[0].later_changes.items;
        assert_eq!(
            items
                .iter()
                .any(|c| c.kind == "covering_widget" && c.page == Some(1)),
            hides,
            "{items:#?}"
        );
    }
}
