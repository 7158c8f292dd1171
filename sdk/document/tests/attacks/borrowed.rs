//! Changes that borrow the explanation of another: what is permitted for evidence, a form, a further signature or a mark,
//! used to show something that nobody signed. What is signed is valid; what follows is not.

use sdk_document::{Report, Verdict};

use super::later::page_with;
use super::workshop::{Official, append, append_compressed, base, find_last, stream};

type Objects = Vec<(usize, String)>;

fn words(text: &str) -> String {
    stream(&format!("BT /F1 24 Tf 72 720 Td ({text}) Tj ET"))
}

/// A form XObject with other text on white.
fn cover() -> String {
    let content = "1 1 1 rg 0 0 595 842 re f BT /F1 24 Tf 72 720 Td (Se deniega la obra.) Tj ET";
    format!(
        "<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Length {}>>\nstream\n{content}\nendstream",
        content.len()
    )
}

/// Signs a file, and sees that it is valid so far.
fn signed(official: &Official, prepared: &Objects) -> Vec<u8> {
    let signed = official.sign(&append(&base(), prepared));
    let report = official.judge(&signed);
    assert_eq!(report.verdict, Verdict::Valid, "before: {report:#?}");
    signed
}

fn refused(name: &str, report: &Report) {
    assert!(!report.is_valid(), "{name}: {report:#?}");
    assert_ne!(report.verdict, Verdict::Unsigned, "{name}");
}

/// Whether a change of this kind is told of the first signature.
fn tells(report: &Report, kind: &str) -> bool {
    report.signatures[0]
        .later_changes
        .items
        .iter()
        .any(|c| c.kind == kind)
}

#[test]
fn row_55_evidence_that_names_a_page_does_not_lend_it_its_permission() {
    let official = Official::new();
    let certificate = "<</X 3 0 R/Length 4>>\nstream\nnone\nendstream".to_owned();
    let stores: [(&str, Objects); 3] = [
        (
            "a certificate that refers to the page",
            vec![
                (
                    1,
                    "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS 40 0 R>>".to_owned(),
                ),
                (40, "<</Type/DSS/Certs[41 0 R]>>".to_owned()),
                (41, certificate),
            ],
        ),
        (
            "the page and its content as certificates",
            vec![
                (
                    1,
                    "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS 40 0 R>>".to_owned(),
                ),
                (40, "<</Type/DSS/Certs[4 0 R 3 0 R]>>".to_owned()),
            ],
        ),
        (
            "an extension that refers to the page",
            vec![(
                1,
                "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/Extensions<</AVAL<</X 3 0 R>>>>>>".to_owned(),
            )],
        ),
    ];
    for (name, prepared) in stores {
        let attacked = append(
            &signed(&official, &prepared),
            &[(4, words("Se deniega la obra."))],
        );
        refused(name, &official.judge(&attacked));
    }
}

/// The form asks readers to draw its fields anew.
fn drawn_anew(file: &[u8], objects: &[(usize, String)]) -> Vec<u8> {
    let edited: Objects = objects
        .iter()
        .map(|(number, body)| {
            (
                *number,
                body.replace("/SigFlags 3", "/SigFlags 3/NeedAppearances true"),
            )
        })
        .collect();
    append(file, &edited)
}

fn filled(shown: &str) -> Objects {
    let field = "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[72 600 300 620]/P 3 0 R/DA(/F1 12 Tf 0 g)/V(900)/AP<</N 41 0 R>>>>";
    let content = format!("BT /F1 12 Tf ({shown}) Tj ET");
    let looks = format!(
        "<</Type/XObject/Subtype/Form/BBox[0 0 228 20]/Length {}>>\nstream\n{content}\nendstream",
        content.len()
    );
    vec![(6, field.to_owned()), (41, looks), (42, "true".to_owned())]
}

#[test]
fn row_53_a_form_cannot_ask_by_a_reference_that_its_fields_be_drawn_anew() {
    let official = Official::new();
    let form = "<</Fields[6 0 R 20 0 R]/SigFlags 3/NeedAppearances 42 0 R/DR<</Font<</F1 7 0 R>>>>>>";
    let attacked = append(&signed(&official, &filled("100")), &[(5, form.to_owned())]);
    refused("by a reference", &official.judge(&attacked));
}

#[test]
fn row_53_fields_that_were_drawn_anew_cannot_show_again_what_lay_under() {
    let mut official = Official::new();
    official.writer = drawn_anew;
    let signed = signed(&official, &filled("100"));
    let form = "<</Fields[6 0 R 20 0 R]/SigFlags 3/DR<</Font<</F1 7 0 R>>>>>>";
    refused(
        "taken back",
        &official.judge(&append(&signed, &[(5, form.to_owned())])),
    );
}

#[test]
fn row_53_a_form_whose_fields_are_drawn_anew_gets_no_other_looks() {
    let mut official = Official::new();
    official.writer = drawn_anew;
    let mut prepared = filled("100");
    prepared[0].1 = prepared[0].1.replace("/DA(/F1 12 Tf 0 g)", "");
    let signed = signed(&official, &prepared);
    let form = "<</Fields[6 0 R 20 0 R]/SigFlags 3/NeedAppearances true/DA(/F1 12 Tf 1 g)/DR<</Font<</F1 7 0 R>>>>>>";
    refused(
        "white",
        &official.judge(&append(&signed, &[(5, form.to_owned())])),
    );
}

#[test]
fn row_55_an_object_stream_is_no_appearance_that_may_be_exchanged() {
    let official = Official::new();
    // The looks of an empty field carry the font of the page.
    let font = |name: &str| format!("<</Type/Font/Subtype/Type1/BaseFont/{name}>> ");
    let file = append_compressed(&base(), &[(7, font("Helvetica"))]);
    let field = "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[72 600 300 620]/P 3 0 R/DA(/F1 12 Tf 0 g)/AP<</N 50 0 R>>>>";
    let file = official.sign(&append(&file, &[(6, field.to_owned())]));
    let before = official.judge(&file);
    assert_eq!(before.verdict, Verdict::Valid, "{before:#?}");
    let inside = format!("7 0 {}", font("Symbol"));
    let other = format!(
        "<</Type/ObjStm/N 1/First 4/Length {}>>\nstream\n{inside}\nendstream",
        inside.len()
    );
    let filled = field.replace("/AP", "/V(Ana)/AP");
    refused(
        "the font",
        &official.judge(&append(&file, &[(6, filled), (50, other)])),
    );
}

/// Signs with a field that is seen: what the second signature's widget says, instead of its own rectangle.
fn second(official: &mut Official, file: &[u8], writer: super::workshop::Writer) -> Report {
    official.writer = writer;
    let attacked = official.sign(file);
    let report = official.judge(&attacked);
    assert_eq!(report.signatures.len(), 2);
    assert_eq!(report.signatures[1].indication, "TOTAL-PASSED", "{report:#?}");
    report
}

fn showing(objects: &[(usize, String)], looks: &str) -> Objects {
    let mut edited: Objects = objects
        .iter()
        .map(|(number, body)| (*number, body.replace("/Rect[0 0 0 0]", looks)))
        .collect();
    edited.push((60, cover()));
    edited
}

#[test]
fn row_53_a_widget_whose_rectangle_readers_understand_differently_covers_the_page() {
    let mut official = Official::new();
    let file = signed(&official, &Vec::new());
    let report = second(&mut official, &file, |file, objects| {
        append(file, &showing(objects, "/Rect[0 0 595 842 0]/AP<</N 60 0 R>>"))
    });
    assert!(tells(&report, "covering_widget"), "{report:#?}");
}

#[test]
fn row_53_a_widget_that_the_pointer_makes_seen_covers_the_page() {
    let mut official = Official::new();
    let file = signed(&official, &Vec::new());
    let report = second(&mut official, &file, |file, objects| {
        let objects = showing(objects, "/Rect[0 0 595 842]/AP<</N 60 0 R>>");
        let objects: Objects = objects
            .into_iter()
            .map(|(n, body)| (n, body.replace("/F 132", "/F 288")))
            .collect();
        append(file, &objects)
    });
    assert!(tells(&report, "covering_widget"), "{report:#?}");
}

#[test]
fn row_53_a_widget_that_covers_what_is_seen_of_a_page_covers_it() {
    let mut official = Official::new();
    let cropped =
        page_with("/Annots[6 0 R]").replace("[0 0 595 842]", "[0 0 5950 8420]/CropBox[0 0 595 842]");
    let file = signed(&official, &vec![(3, cropped)]);
    let report = second(&mut official, &file, |file, objects| {
        append(file, &showing(objects, "/Rect[0 0 595 842]/AP<</N 60 0 R>>"))
    });
    assert!(tells(&report, "covering_widget"), "{report:#?}");
}

#[test]
fn row_53_several_widgets_of_one_signature_cover_the_page_together() {
    let mut official = Official::new();
    let file = signed(&official, &Vec::new());
    let report = second(&mut official, &file, |file, objects| {
        let mut edited: Objects = Vec::new();
        for (number, body) in objects {
            let body = match number {
                22 => "<</FT/Sig/T(Firma1)/V 23 0 R/Kids[61 0 R 62 0 R 63 0 R 64 0 R]>>".to_owned(),
                3 => body.replace("22 0 R", "61 0 R 62 0 R 63 0 R 64 0 R"),
                _ => body.clone(),
            };
            edited.push((*number, body));
        }
        for (number, bottom) in [(61, 0), (62, 210), (63, 420), (64, 630)] {
            let top = bottom + 210;
            let widget = format!(
                "<</Type/Annot/Subtype/Widget/Parent 22 0 R/F 132/Rect[0 {bottom} 595 {top}]/P 3 0 R/AP<</N 60 0 R>>>>"
            );
            edited.push((number, widget));
        }
        edited.push((60, cover()));
        append(file, &edited)
    });
    assert!(tells(&report, "covering_widget"), "{report:#?}");
}

/// The form keeps field 40, which waits to be signed.
fn beside_a_prepared_field(file: &[u8], objects: &[(usize, String)]) -> Vec<u8> {
    let objects: Objects = objects
        .iter()
        .map(|(n, body)| (*n, body.replace("/Fields[6 0 R", "/Fields[6 0 R 40 0 R")))
        .collect();
    append(file, &objects)
}

#[test]
fn row_53_a_field_prepared_over_the_page_hides_it_when_it_is_signed() {
    const WAITING: &str = "<</FT /Sig/T(Otra)/Type/Annot/Subtype/Widget/F 132/Rect[0 0 595 842]/P 3 0 R";
    let mut official = Official::new();
    official.writer = beside_a_prepared_field;
    let prepared = vec![
        (3, page_with("/Annots[6 0 R 40 0 R]")),
        (40, format!("{WAITING}>>")),
    ];
    let file = signed(&official, &prepared);
    let report = second(&mut official, &file, |file, objects| {
        let mut edited = vec![
            (40, format!("{WAITING}/V 23 0 R/AP<</N 60 0 R>>>>")),
            (60, cover()),
        ];
        edited.extend(objects.iter().filter(|(n, _)| *n == 23).cloned());
        append(file, &edited)
    });
    assert!(tells(&report, "covering_widget"), "{report:#?}");
}

#[test]
fn row_53_an_empty_field_over_the_page_hides_it_when_it_is_filled_in() {
    let official = Official::new();
    let field =
        "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[0 0 595 842]/P 3 0 R/DA(/F1 12 Tf 0 g)";
    let file = signed(&official, &vec![(6, format!("{field}>>"))]);
    let filled = format!("{field}/V(Se deniega la obra.)/AP<</N 60 0 R>>>>");
    refused(
        "filled in",
        &official.judge(&append(&file, &[(6, filled), (60, cover())])),
    );
}

#[test]
fn row_53_what_a_button_showed_is_not_exchanged() {
    let official = Official::new();
    let looks = |text: &str| {
        let content = format!("BT /F1 12 Tf ({text}) Tj ET");
        format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 228 20]/Length {}>>\nstream\n{content}\nendstream",
            content.len()
        )
    };
    let button = |more: &str| {
        format!("<</FT/Btn/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[72 600 300 620]/P 3 0 R{more}>>")
    };
    for (name, was, is) in [
        (
            "a caption",
            "/Ff 65536/AP<</N 41 0 R>>",
            "/Ff 65536/AP<</N 42 0 R>>",
        ),
        (
            "a state that says something",
            "/AS/Off/AP<</N<</Off 41 0 R/Si 42 0 R>>>>",
            "/AS/Si/V/Si/AP<</N<</Off 41 0 R/Si 42 0 R>>>>",
        ),
    ] {
        let prepared = vec![(6, button(was)), (41, looks("100")), (42, looks("900"))];
        let attacked = append(&signed(&official, &prepared), &[(6, button(is))]);
        refused(name, &official.judge(&attacked));
    }
    let text = |state: &str| {
        format!(
            "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[72 600 300 620]/P 3 0 R/AS/{state}/AP<</N<</A 41 0 R/B 42 0 R>>>>>>"
        )
    };
    let prepared = vec![(6, text("A")), (41, looks("100")), (42, looks("900"))];
    let attacked = append(&signed(&official, &prepared), &[(6, text("B"))]);
    refused("a state of a text field", &official.judge(&attacked));
}

#[test]
fn row_54_of_two_certifications_in_one_signature_the_stricter_counts() {
    let official = Official::new();
    let one = |level: u8| {
        format!(
            "<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P {level}>>>>"
        )
    };
    for (first, then) in [(1, 3), (3, 1)] {
        let file = official.sign_with(&base(), &format!("/Reference[{}{}]", one(first), one(then)));
        assert_eq!(official.judge(&file).verdict, Verdict::Valid);
        let field = "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[72 600 300 620]/P 3 0 R/DA(/F1 12 Tf 0 g)/V(Ana)>>";
        refused(
            "filled in",
            &official.judge(&append(&file, &[(6, field.to_owned())])),
        );
    }
}

#[test]
fn row_54_what_the_signed_field_locks_is_locked() {
    for lock in [
        "/Lock<</Type/SigFieldLock/Action/All>>",
        "/Lock<</Type/SigFieldLock/Action/Include/Fields[(Nombre)]>>",
        "/Lock<</Type/SigFieldLock/Action/Include/Fields[(Otro)]/P 1>>",
    ] {
        LOCK.set(lock);
        let mut official = Official::new();
        official.writer = |file, objects| {
            let objects: Objects = objects
                .iter()
                .map(|(n, body)| {
                    (
                        *n,
                        body.replace("/Rect[0 0 0 0]", &format!("/Rect[0 0 0 0]{}", LOCK.get())),
                    )
                })
                .collect();
            append(file, &objects)
        };
        let file = signed(&official, &Vec::new());
        let field = "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[72 600 300 620]/P 3 0 R/DA(/F1 12 Tf 0 g)/V(Ana)>>";
        refused(lock, &official.judge(&append(&file, &[(6, field.to_owned())])));
    }
}

thread_local! {
    static LOCK: std::cell::Cell<&'static str> = const { std::cell::Cell::new("") };
}

#[test]
fn row_54_a_mark_does_not_write_over_the_page() {
    let official = Official::new();
    let reference = "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P 3>>>>]";
    let file = official.sign_with(&base(), reference);
    assert_eq!(official.judge(&file).verdict, Verdict::Valid);
    for subtype in ["Highlight", "Underline", "Squiggly", "StrikeOut", "Text", "Popup"] {
        for rectangle in ["[0 0 595 842]", "[72 700 372 750]"] {
            let mark =
                format!("<</Type/Annot/Subtype/{subtype}/F 4/Rect{rectangle}/P 3 0 R/AP<</N 60 0 R>>>>");
            let page = page_with("/Annots[6 0 R 20 0 R 40 0 R]");
            let attacked = append(&file, &[(3, page), (40, mark), (60, cover())]);
            refused(&format!("{subtype} {rectangle}"), &official.judge(&attacked));
        }
    }
}

#[test]
fn row_51_a_signature_may_still_be_seen_and_an_empty_field_filled_in() {
    let mut official = Official::new();
    let file = signed(&official, &Vec::new());
    let field = "<</FT/Tx/T(Nombre)/Type/Annot/Subtype/Widget/F 4/Rect[72 600 300 620]/P 3 0 R/DA(/F1 12 Tf 0 g)/V(Ana)/AP<</N 60 0 R>>>>";
    let clear = cover().replace("1 1 1 rg 0 0 595 842 re f", "0.5 w 0 0 594 841 re S   ");
    let filled = append(&file, &[(6, field.to_owned()), (60, clear)]);
    assert_eq!(official.judge(&filled).verdict, Verdict::ValidWithLaterChanges);
    let report = second(&mut official, &file, |file, objects| {
        append(file, &showing(objects, "/Rect[72 100 272 150]/AP<</N 60 0 R>>"))
    });
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    assert!(find_last(&filled, b"/V(Ana)").is_some());
}

#[test]
fn row_55_a_cross_reference_stream_that_a_page_shows_is_not_exchanged() {
    let official = Official::new();
    // Rows of an unknown type are free entries, so their bytes may say anything.
    let section = |file: &[u8], text: &str| {
        let at = file.len();
        let content = format!("BT /F1 24 Tf 72 720 Td ({text}) Tj ET");
        let place = u32::try_from(at).unwrap().to_be_bytes();
        let mut rows = vec![1, 0, 0, 0, 0, place[0], place[1], place[2], place[3], 0];
        for piece in content.as_bytes().chunks(9) {
            rows.push(b' ');
            rows.extend(piece);
            rows.resize(rows.len().next_multiple_of(10), b' ');
        }
        let mut out = file.to_vec();
        out.extend(
            format!(
                "51 0 obj\n<</Type/XRef/Size 90/Root 1 0 R/Prev {}/W[1 8 1]/Index[51 1 60 {}]/Length {}>>\nstream\n",
                super::workshop::startxref(file),
                rows.len() / 10 - 1,
                rows.len()
            )
            .bytes(),
        );
        out.extend(rows);
        out.extend(format!("\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n").bytes());
        out
    };
    let page = page_with("/Annots[6 0 R]").replace("/Contents 4 0 R", "/Contents[4 0 R 51 0 R]");
    let file = official.sign(&append(&section(&base(), "100"), &[(3, page)]));
    let before = official.judge(&file);
    assert_eq!(before.verdict, Verdict::Valid, "{before:#?}");
    refused("another section", &official.judge(&section(&file, "900")));
    let plain = section(&official.sign(&section(&base(), "100")), "900");
    assert!(
        official.judge(&plain).is_valid(),
        "one that nothing shows may take the number"
    );
}

#[test]
fn row_54_a_timestamp_shows_nothing() {
    let official = Official::new();
    let reference = "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P 1>>>>]";
    let waiting = "<</FT /Sig/T(Otra)/Type/Annot/Subtype/Widget/F 132/Rect[72 700 372 750]/P 3 0 R";
    let stamped = |rectangle: &str| {
        format!(
            "{}/V 41 0 R/AP<</N 60 0 R>>>>",
            waiting.replace("[72 700 372 750]", rectangle)
        )
    };
    let value = "<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161/ByteRange[0 1 2 3]/Contents<3000>>>".to_owned();
    let file = official.sign_with(&base(), reference);
    for (rectangle, shows) in [("[72 700 372 750]", true), ("[0 0 0 0]", false)] {
        let update = [
            (3, page_with("/Annots[6 0 R 20 0 R 40 0 R]")),
            (
                5,
                "<</Fields[6 0 R 20 0 R 40 0 R]/SigFlags 3/DR<</Font<</F1 7 0 R>>>>>>".to_owned(),
            ),
            (40, stamped(rectangle)),
            (41, value.clone()),
            (60, cover()),
        ];
        let report = official.judge(&append(&file, &update));
        assert_eq!(tells(&report, "unsigned_appearance"), shows, "{report:#?}");
    }
    let mut official = official;
    official.writer = beside_a_prepared_field;
    let prepared = vec![
        (3, page_with("/Annots[6 0 R 40 0 R]")),
        (40, format!("{waiting}>>")),
    ];
    let file = signed(&official, &prepared);
    let update = [(40, stamped("[72 700 372 750]")), (41, value), (60, cover())];
    assert!(tells(
        &official.judge(&append(&file, &update)),
        "unsigned_appearance"
    ));
}

#[test]
fn row_54_a_mark_in_the_list_itself_does_not_stand_for_another_annotation() {
    let official = Official::new();
    let reference = "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P 3>>>>]";
    // Without a list of its own, behind which the workshop would add the field.
    let mark = "<</Type/Annot/Subtype/Highlight/Contents(bien)>>";
    let evil = "<</Type/Annot/Subtype/FreeText/F 4/Rect[0 0 595 842]/AP<</N 60 0 R>>>>";
    let prepared = vec![(3, page_with(&format!("/Annots[6 0 R {mark}]"))), (60, cover())];
    let file = official.sign_with(&append(&base(), &prepared), reference);
    assert_eq!(official.judge(&file).verdict, Verdict::Valid);
    for (list, valid) in [
        (format!("{evil} {mark}"), false),
        (format!("{mark} {evil}"), false),
        (format!("{mark} {mark}"), true),
    ] {
        let page = page_with(&format!("/Annots[6 0 R {list} 20 0 R]"));
        let report = official.judge(&append(&file, &[(3, page)]));
        assert_eq!(report.is_valid(), valid, "{list}: {report:#?}");
    }
}
