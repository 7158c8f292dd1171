//! What an official is told of a document before signing it. It never stands in the way.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod support;

use signer::rules::batch::ItemState;
use signer::rules::stamp::Stamp;
use support::House;
use support::pdf::{self, Xref};

async fn told(bytes: &[u8]) -> Vec<(String, Option<usize>)> {
    let house = House::new().await;
    let official = house.official().await;
    let document = house.receive(&official, "documento.pdf", bytes).await;
    let facts = document.state.facts().unwrap().clone();
    facts.warnings.into_iter().map(|w| (w.code, w.page)).collect()
}

#[tokio::test]
async fn row_25_a_script_is_told_when_the_document_arrives() {
    let script = pdf::with("1.7", "/OpenAction<</S/JavaScript/JS(x)>>", "", Xref::Table);
    assert_eq!(told(&script).await, [("script".to_owned(), None)]);
}

#[tokio::test]
async fn row_25_words_under_a_field_are_told_with_their_page() {
    let field = "<</Type/Annot/Subtype/Widget/FT/Tx/T(x)/F 4/Rect[60 690 400 740]/AP<</N 7 0 R>>>>";
    let white = "<</Type/XObject/Subtype/Form/BBox[0 0 340 50]/Length 22>>\nstream\n1 1 1 rg 0 0 340 50 re\nendstream";
    let white = white
        .replace("/Length 22", "/Length 24")
        .replace("re\n", "re f\n");
    let bytes = pdf::with_objects("1.7", "", "/Annots[6 0 R]", &[field, &white], Xref::Table);
    assert_eq!(told(&bytes).await, [("covered_content".to_owned(), Some(1))]);
}

#[tokio::test]
async fn of_a_plain_document_nothing_is_told() {
    assert_eq!(told(&pdf::simple(Xref::Table)).await, []);
}

#[tokio::test]
async fn a_document_with_a_warning_is_signed_like_any_other() {
    let house = House::new().await;
    let official = house.official().await;
    let script = pdf::with("1.7", "/OpenAction<</S/JavaScript/JS(x)>>", "", Xref::Table);
    let document = house.receive(&official, "documento.pdf", &script).await;
    let batch = house
        .approve(&official, &[document.id], Stamp::None)
        .await
        .unwrap();
    let states = house.work_until_done(&official, batch).await;
    assert!(matches!(states.as_slice(), [ItemState::Signed(_)]), "{states:?}");
}
