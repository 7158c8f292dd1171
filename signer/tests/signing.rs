//! What is signed, in which kinds of files, and that every copy says what it must.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod support;

use sdk_document::{Coverage, Integrity, Level, Trust, Verdict};
use signer::rules::batch::ItemState;
use signer::rules::stamp::{Place, Stamp, StampPage};
use support::House;
use support::pdf::{self, Xref};

fn visible(n: usize) -> Stamp {
    Stamp::Visible {
        page: StampPage::Last,
        place: Place::all()[n],
    }
}

/// Signs and checks: valid, ours over the whole file, the source untouched at the beginning.
async fn signs(source: &[u8], stamp: Stamp) -> Vec<u8> {
    let house = House::new().await;
    let official = house.official().await;
    let signed = house.signed(&official, source, stamp).await;
    assert!(signed.starts_with(source), "earlier bytes were changed");
    let report = house.verify(&signed);
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    let ours = report.signatures.last().unwrap();
    assert_eq!(ours.integrity, Integrity::Intact);
    assert_eq!(ours.coverage, Coverage::WholeFile);
    assert_eq!(ours.trust, Trust::Trusted);
    assert_eq!(ours.later_changes.level, Level::None);
    assert_eq!(ours.level, "PAdES-B-B");
    let signer = ours.signer.as_ref().unwrap();
    assert_eq!(signer.common_name.as_deref(), Some("María José Muñoz del Río"));
    assert_eq!(signer.position.as_deref(), Some("Directora de Obras"));
    if let Some(folder) = std::env::var_os("AVAL_OUTPUT") {
        let name = format!(
            "signed-{}.pdf",
            std::thread::current().name().unwrap_or("one").replace(':', "_")
        );
        std::fs::write(std::path::Path::new(&folder).join(name), &signed).unwrap();
    }
    signed
}

#[tokio::test]
async fn a_file_with_a_classic_table_is_signed() {
    let signed = signs(&pdf::simple(Xref::Table), Stamp::None).await;
    assert_eq!(String::from_utf8_lossy(&signed).matches("\nxref\n").count(), 2);
}

#[tokio::test]
async fn a_file_with_a_cross_reference_stream_gets_another_stream() {
    let signed = signs(&pdf::simple(Xref::Stream), Stamp::None).await;
    assert_eq!(String::from_utf8_lossy(&signed).matches("/XRef").count(), 2);
}

#[tokio::test]
async fn a_pdf_2_file_is_signed() {
    signs(&pdf::with("2.0", "", "", Xref::Stream), visible(0)).await;
}

#[tokio::test]
async fn a_visible_stamp_is_drawn_in_each_of_nine_places() {
    for n in 0..9 {
        signs(&pdf::simple(Xref::Table), visible(n)).await;
    }
}

#[tokio::test]
async fn a_rotated_page_with_a_crop_box_is_stamped() {
    for rotate in [90, 180, 270, -90] {
        let in_page = format!("/Rotate {rotate}/CropBox[20 20 575 822]");
        signs(&pdf::with("1.7", "", &in_page, Xref::Table), visible(8)).await;
    }
}

#[tokio::test]
async fn a_form_in_the_catalogue_keeps_its_entries() {
    let source = pdf::with(
        "1.7",
        "/AcroForm<</Fields[]/DA(/Helv 0 Tf)/SigFlags 1>>",
        "",
        Xref::Table,
    );
    let signed = signs(&source, Stamp::None).await;
    assert!(String::from_utf8_lossy(&signed).contains("/SigFlags 3"));
}

#[tokio::test]
async fn a_form_of_its_own_with_an_array_of_its_own_is_extended_there() {
    let more = ["<</Fields 7 0 R/SigFlags 3>>", "[]"];
    let source = pdf::with_objects("1.7", "/AcroForm 6 0 R", "", &more, Xref::Stream);
    signs(&source, Stamp::None).await;
}

#[tokio::test]
async fn annotations_in_an_array_of_their_own_are_extended_there() {
    let more = [
        "[8 0 R]",
        "<<>>",
        "<</Type/Annot/Subtype/Text/Rect[0 0 10 10]/Contents(nota)>>",
    ];
    let source = pdf::with_objects("1.7", "", "/Annots 6 0 R", &more, Xref::Table);
    signs(&source, visible(4)).await;
}

#[tokio::test]
async fn a_second_signature_leaves_the_first_intact() {
    let house = House::new().await;
    let official = house.official().await;
    let once = house
        .signed(&official, &pdf::simple(Xref::Table), visible(6))
        .await;
    let twice = house.signed(&official, &once, visible(8)).await;
    assert!(twice.starts_with(&once));
    let report = house.verify(&twice);
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    let fields: Vec<_> = report
        .signatures
        .iter()
        .map(|s| (s.field.as_str(), s.coverage))
        .collect();
    assert_eq!(
        fields,
        [("Aval1", Coverage::WholeRevision), ("Aval2", Coverage::WholeFile)]
    );
    assert!(report.signatures.iter().all(|s| s.integrity == Integrity::Intact));
}

#[tokio::test]
async fn a_changed_byte_is_noticed_by_the_verifier() {
    let house = House::new().await;
    let mut signed = house.one_signed().await;
    let at = signed.windows(6).position(|w| w == b"Oficio").unwrap();
    signed[at] = b'o';
    assert_eq!(house.verify(&signed).verdict, Verdict::Invalid);
}

#[tokio::test]
async fn a_document_whose_earlier_signature_no_longer_holds_is_shown_as_such_and_can_be_signed() {
    let house = House::new().await;
    let official = house.official().await;
    let mut disturbed = house
        .signed(&official, &pdf::simple(Xref::Table), Stamp::None)
        .await;
    let at = disturbed.windows(6).position(|w| w == b"Oficio").unwrap();
    disturbed[at] = b'o';
    let document = house.receive(&official, "a.pdf", &disturbed).await;
    let earlier = &document.state.facts().unwrap().signatures;
    assert!(earlier.len() == 1 && !earlier[0].sound && earlier[0].name == "María José Muñoz del Río");
    let batch = house
        .approve(&official, &[document.id], Stamp::None)
        .await
        .unwrap();
    let states = house.work_until_done(&official, batch).await;
    assert!(matches!(states.as_slice(), [ItemState::Signed(_)]), "{states:?}");
}

#[tokio::test]
async fn a_sound_earlier_signature_is_shown_as_such() {
    let house = House::new().await;
    let official = house.official().await;
    let signed = house
        .signed(&official, &pdf::simple(Xref::Table), Stamp::None)
        .await;
    let document = house.receive(&official, "a.pdf", &signed).await;
    let earlier = &document.state.facts().unwrap().signatures;
    assert!(earlier.len() == 1 && earlier[0].sound);
}
