//! Rows 53 to 55: files prepared before they were signed (shadow: hide, replace, hide and replace), certified files
//! (evil annotations, sneaky signatures), evidence written over content, signature objects used again. Each class from
//! several files; what is signed is valid, what follows is not.

use sdk_document::Verdict;

use super::later::page_with;
use super::workshop::{Official, append, append_compressed, append_with, base, startxref, stream, table};

type Objects = Vec<(usize, String)>;

/// Written by classic tables, and with object and cross-reference streams behind.
fn bases(prepared: &Objects) -> [Vec<u8>; 2] {
    let filler = (58, "<</Type/Metadata>>".to_owned());
    let classic = append(&base(), prepared);
    [classic.clone(), append_compressed(&classic, &[filler])]
}

/// Signs each file, sees that it is valid, and that no update leaves it so.
fn refused(class: &str, prepared: &Objects, updates: &[(&str, Objects)]) {
    let official = Official::new();
    for (kind, file) in bases(prepared).iter().enumerate() {
        let signed = official.sign(file);
        let before = official.judge(&signed);
        assert_eq!(before.verdict, Verdict::Valid, "{class} {kind}: {before:#?}");
        for (name, objects) in updates {
            for attacked in [append(&signed, objects), with_streams(&signed, objects)] {
                let report = official.judge(&attacked);
                assert!(!report.is_valid(), "{class} {kind}, {name}: {report:#?}");
                assert_ne!(report.verdict, Verdict::Unsigned, "{class} {kind}, {name}");
            }
        }
    }
}

/// The same update with what is no stream in an object stream.
fn with_streams(signed: &[u8], objects: &Objects) -> Vec<u8> {
    let (streams, others): (Objects, Objects) = objects
        .iter()
        .cloned()
        .partition(|(_, body)| body.contains("\nstream\n"));
    let signed = if streams.is_empty() {
        signed.to_vec()
    } else {
        append(signed, &streams)
    };
    if others.is_empty() {
        signed
    } else {
        append_compressed(&signed, &others)
    }
}

/// With the signature's field, as the workshop adds it.
fn signed_page(more: &str) -> String {
    page_with(&format!("/Annots[6 0 R 20 0 R]{more}"))
}

fn white_box() -> String {
    let content = "1 1 1 rg 0 0 500 100 re f";
    format!(
        "<</Type/XObject/Subtype/Form/BBox[0 0 500 100]/Length {}>>\nstream\n{content}\nendstream",
        content.len()
    )
}

fn words(text: &str) -> String {
    stream(&format!("BT /F1 24 Tf 72 720 Td ({text}) Tj ET"))
}

#[test]
fn row_53_shadow_hide_what_covered_the_text_is_taken_away() {
    let covered = page_with("/Annots[6 0 R]")
        .replace("/Contents 4 0 R", "/Contents[4 0 R 40 0 R]")
        .replace("/Resources<<", "/Resources<</XObject<</X 41 0 R>>");
    let prepared = vec![
        (3, covered.clone()),
        (40, stream("q 1 0 0 1 50 700 cm /X Do Q")),
        (41, white_box()),
    ];
    let bare = "<</Type/XObject/Subtype/Form/BBox[0 0 0 0]/Length 0>>\nstream\n\nendstream".to_owned();
    let shown = covered.replace("/Annots[6 0 R]", "/Annots[6 0 R 20 0 R]");
    refused(
        "hide",
        &prepared,
        &[
            ("the cover is emptied", vec![(41, bare)]),
            ("the cover is no longer drawn", vec![(40, stream("q Q"))]),
            ("the cover is no dictionary", vec![(41, "null".to_owned())]),
            (
                "the page forgets its second content",
                vec![(3, shown.replace(" 40 0 R", ""))],
            ),
            (
                "the page forgets the cover's name",
                vec![(3, shown.replace("/X 41 0 R", ""))],
            ),
        ],
    );
}

#[test]
fn row_53_shadow_hide_an_annotation_that_covered_the_text_is_taken_away() {
    let stamp = "<</Type/Annot/Subtype/Stamp/F 4/Rect[50 700 550 800]/P 3 0 R/AP<</N 41 0 R>>>>";
    let prepared = vec![
        (3, page_with("/Annots[6 0 R 40 0 R]")),
        (40, stamp.to_owned()),
        (41, white_box()),
    ];
    refused(
        "hide under an annotation",
        &prepared,
        &[
            ("it is hidden", vec![(40, stamp.replace("/F 4", "/F 2"))]),
            (
                "it is moved",
                vec![(40, stamp.replace("[50 700 550 800]", "[0 0 1 1]"))],
            ),
            ("it is null", vec![(40, "null".to_owned())]),
            ("the page forgets it", vec![(3, signed_page(""))]),
            ("it shows something else", vec![(41, words("No"))]),
        ],
    );
}

#[test]
fn row_53_shadow_hide_a_layer_is_switched() {
    let catalog = |usual: &str| {
        format!("<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/OCProperties<</OCGs[40 0 R]/D{usual}>>>>")
    };
    let layer = "<</Type/OCG/Name(Anexo)>>".to_owned();
    let page = page_with("/Annots[6 0 R]").replace("/Resources<<", "/Resources<</Properties<</L 40 0 R>>");
    let content = stream("/OC /L BDC BT /F1 24 Tf 72 720 Td (Se deniega) Tj ET EMC");
    let prepared = vec![
        (1, catalog("<</OFF[40 0 R]>>")),
        (3, page),
        (4, content),
        (40, layer.clone()),
    ];
    refused(
        "layers",
        &prepared,
        &[
            ("it is shown", vec![(1, catalog("<<>>"))]),
            (
                "it is shown by its base state",
                vec![(1, catalog("<</BaseState/ON>>"))],
            ),
            (
                "it is a reference",
                vec![(1, catalog(" 41 0 R")), (41, "<<>>".to_owned())],
            ),
            (
                "it is another layer",
                vec![(40, "<</Type/OCG/Name(x)/Usage<<>>>>".to_owned())],
            ),
        ],
    );
}

#[test]
fn row_53_shadow_replace_what_a_field_or_a_font_shows() {
    let field = |value: &str| {
        format!(
            "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[72 600 300 620]/P 3 0 R/DA(/F1 12 Tf 0 g)/V({value})/AP<</N 40 0 R>>>>"
        )
    };
    let looks = |text: &str| {
        let content = format!("BT /F1 12 Tf ({text}) Tj ET");
        format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 228 20]/Length {}>>\nstream\n{content}\nendstream",
            content.len()
        )
    };
    let font = "<</Type/Font/Subtype/TrueType/BaseFont/A/FontDescriptor 42 0 R>>".to_owned();
    let descriptor = "<</Type/FontDescriptor/FontName/A/Flags 4/FontFile2 43 0 R>>".to_owned();
    let prepared = vec![
        (6, field("1000")),
        (7, font),
        (40, looks("1000")),
        (42, descriptor.clone()),
        (43, stream("the glyphs")),
    ];
    refused(
        "replace",
        &prepared,
        &[
            ("other looks of the same value", vec![(40, looks("9000"))]),
            (
                "another value and its looks",
                vec![(6, field("9000")), (40, looks("9000"))],
            ),
            (
                "looks elsewhere",
                vec![
                    (6, field("1000").replace("40 0 R", "41 0 R")),
                    (41, looks("9000")),
                ],
            ),
            ("other glyphs", vec![(43, stream("other glyphs"))]),
            (
                "another descriptor",
                vec![(42, descriptor.replace("/Flags 4", "/Flags 6"))],
            ),
        ],
    );
}

#[test]
fn row_53_shadow_hide_and_replace_a_second_document_waits_inside() {
    let prepared = vec![
        (40, "<</Type/Catalog/Pages 41 0 R/AcroForm 5 0 R>>".to_owned()),
        (41, "<</Type/Pages/Kids[42 0 R]/Count 1>>".to_owned()),
        (
            42,
            page_with("/Annots[6 0 R]").replace("/Contents 4 0 R", "/Contents 43 0 R"),
        ),
        (43, words("Se deniega la obra.")),
    ];
    let catalog = |pages: usize| format!("<</Type/Catalog/Pages {pages} 0 R/AcroForm 5 0 R>>");
    refused(
        "hide and replace",
        &prepared,
        &[
            ("the other pages", vec![(1, catalog(41))]),
            (
                "the other page",
                vec![(2, "<</Type/Pages/Kids[42 0 R]/Count 1>>".to_owned())],
            ),
            (
                "both pages",
                vec![(2, "<</Type/Pages/Kids[3 0 R 42 0 R]/Count 2>>".to_owned())],
            ),
            (
                "the other content",
                vec![(3, signed_page("").replace("4 0 R/Res", "43 0 R/Res"))],
            ),
        ],
    );
    let official = Official::new();
    for file in bases(&prepared) {
        let signed = official.sign(&file);
        let exchanged = append_with(&signed, &[(58, "<<>>".to_owned())], "/Root 40 0 R");
        assert!(!official.judge(&exchanged).is_valid(), "the other catalogue");
        for (number, waiting) in [(4, "43 0 obj"), (3, "42 0 obj"), (2, "41 0 obj")] {
            let at = signed
                .windows(waiting.len())
                .position(|w| w == waiting.as_bytes())
                .unwrap();
            let update = format!(
                "{}trailer\n<</Size 60/Root 1 0 R/Prev {}>>\nstartxref\n{}\n%%EOF\n",
                table(&[(number, at)]),
                startxref(&signed),
                signed.len()
            );
            let attacked = [signed.as_slice(), update.as_bytes()].concat();
            assert!(
                !official.judge(&attacked).is_valid(),
                "object {number} taken from {waiting}"
            );
        }
    }
}

fn certified(official: &Official, level: u8) -> Vec<u8> {
    let reference = format!(
        "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P {level}>>>>]"
    );
    official.sign_with(&base(), &reference)
}

#[test]
fn row_54_evil_annotations_on_certified_documents_are_not_valid() {
    let official = Official::new();
    for level in 1..=3 {
        let signed = certified(&official, level);
        assert_eq!(official.judge(&signed).verdict, Verdict::Valid, "P {level}");
        for subtype in [
            "FreeText",
            "Stamp",
            "Redact",
            "Ink",
            "Square",
            "Circle",
            "Polygon",
            "PolyLine",
            "Line",
            "Caret",
            "Watermark",
            "FileAttachment",
            "Widget",
            "Screen",
            "Movie",
            "3D",
            "RichMedia",
            "Link",
            "Projection",
        ] {
            let page = page_with("/Annots[6 0 R 20 0 R 40 0 R]");
            let evil =
                format!("<</Type/Annot/Subtype/{subtype}/F 4/Rect[0 0 595 842]/P 3 0 R/AP<</N 41 0 R>>>>");
            let attacked = append(&signed, &[(3, page), (40, evil), (41, white_box())]);
            let report = official.judge(&attacked);
            assert!(!report.is_valid(), "P {level}, {subtype}: {report:#?}");
        }
    }
}

#[test]
fn row_54_sneaky_signatures_on_certified_documents_are_not_valid() {
    let official = Official::new();
    let form = "<</Fields[6 0 R 20 0 R 40 0 R]/SigFlags 3/DR<</Font<</F1 7 0 R>>>>>>";
    for level in 1..=3 {
        let signed = certified(&official, level);
        for (name, value) in [
            ("unsigned", ""),
            ("with the first one's value", "/V 21 0 R"),
            ("with a value that is none", "/V 42 0 R"),
        ] {
            for rectangle in ["[0 0 595 842]", "[72 700 300 760]"] {
                let field = format!(
                    "<</FT/Sig/T(x)/Type/Annot/Subtype/Widget/F 132/Rect{rectangle}/P 3 0 R/AP<</N 41 0 R>>{value}>>"
                );
                let none = "<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<3000>>>";
                let attacked = append(
                    &signed,
                    &[
                        (3, page_with("/Annots[6 0 R 20 0 R 40 0 R]")),
                        (5, form.to_owned()),
                        (40, field),
                        (41, white_box()),
                        (42, none.to_owned()),
                    ],
                );
                let report = official.judge(&attacked);
                assert!(!report.is_valid(), "P {level}, {name}, {rectangle}: {report:#?}");
            }
        }
    }
}

#[test]
fn row_54_a_certification_cannot_be_loosened_afterwards() {
    let official = Official::new();
    let signed = certified(&official, 1);
    let looser = "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/Perms<</DocMDP 40 0 R>>>>";
    let parameters =
        "<</Type/Sig/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</P 3>>>>]>>";
    let attacked = append(&signed, &[(1, looser.to_owned()), (40, parameters.to_owned())]);
    assert!(!official.judge(&attacked).is_valid());
}

#[test]
fn row_55_evidence_written_over_content_is_not_valid() {
    let catalog = |place: usize| format!("<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS {place} 0 R>>");
    let evidence = "<</Type/DSS/Certs[41 0 R]>>".to_owned();
    let harmless = stream("not a certificate");
    let mut updates: Vec<(String, Objects)> = Vec::new();
    for place in [2, 3, 4, 5, 6, 7, 20, 21] {
        let over = vec![
            (1, catalog(place)),
            (place, evidence.clone()),
            (41, harmless.clone()),
        ];
        updates.push((format!("the store over object {place}"), over));
        let listed = format!("<</Type/DSS/Certs[{place} 0 R]>>");
        let inside = vec![(1, catalog(40)), (40, listed), (place, harmless.clone())];
        updates.push((format!("a certificate over object {place}"), inside));
    }
    let updates: Vec<(&str, Objects)> = updates.iter().map(|(n, o)| (n.as_str(), o.clone())).collect();
    refused("clobbering", &Vec::new(), &updates);
}

#[test]
fn row_55_a_signature_object_in_another_place_is_not_valid() {
    let field = |name: &str, value: usize| {
        format!("<</FT/Sig/T({name})/Type/Annot/Subtype/Widget/F 132/Rect[0 0 0 0]/P 3 0 R/V {value} 0 R>>")
    };
    let form = |fields: &str| format!("<</Fields[6 0 R {fields}]/SigFlags 3/DR<</Font<</F1 7 0 R>>>>>>");
    let both = page_with("/Annots[6 0 R 20 0 R 40 0 R]");
    let other = page_with("/Annots[6 0 R 40 0 R]");
    refused(
        "used again",
        &Vec::new(),
        &[
            (
                "in a second field",
                vec![
                    (3, both.clone()),
                    (5, form("20 0 R 40 0 R")),
                    (40, field("Otra", 21)),
                ],
            ),
            (
                "in a field of the same name",
                vec![(3, both), (5, form("20 0 R 40 0 R")), (40, field("Firma0", 21))],
            ),
            (
                "in another field instead",
                vec![(3, other), (5, form("40 0 R")), (40, field("Otra", 21))],
            ),
            ("in a field with another name", vec![(20, field("Otra", 21))]),
            (
                "with another object as its value",
                vec![(20, field("Firma0", 41)), (41, "<</Type/Sig>>".to_owned())],
            ),
        ],
    );
}
