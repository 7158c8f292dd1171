//! What may come onto the desk, and what each bad file is told. One reason a test.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod support;

use signer::rules::document::DocumentState;
use signer::rules::intake::Unfit;
use support::House;
use support::pdf::{self, Xref};

/// The refusal that a file gets; its bytes are not kept, and a good file beside it is.
async fn refused(bytes: &[u8]) -> Unfit {
    let house = House::new().await;
    let official = house.official().await;
    let document = house.receive(&official, "malo.pdf", bytes).await;
    let good = house
        .receive(&official, "bueno.pdf", &pdf::simple(Xref::Table))
        .await;
    assert!(matches!(good.state, DocumentState::Ready(_)));
    assert!(!house.service.files.source(document.id).exists());
    assert!(house.service.files.source(good.id).exists());
    assert_eq!(house.service.store.desk(official.id).await.unwrap().len(), 2);
    match document.state {
        DocumentState::Refused(unfit) => unfit,
        state => panic!("accepted: {state:?}"),
    }
}

#[tokio::test]
async fn an_empty_file() {
    assert_eq!(refused(b"").await, Unfit::Empty);
}

#[tokio::test]
async fn something_that_is_no_pdf() {
    assert_eq!(
        refused(b"PK\x03\x04 a word processor's file").await,
        Unfit::NotAPdf
    );
}

#[tokio::test]
async fn zeros_without_end_are_refused_at_the_first_of_them() {
    let house = House::new().await;
    let official = house.official().await;
    let read = std::sync::atomic::AtomicU64::new(0);
    let zeros = futures_util::stream::iter(std::iter::repeat_with(|| {
        read.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok::<_, std::io::Error>(bytes::Bytes::from_static(&[0; 4096]))
    }));
    let document = signer::flow::receive::receive(&house.service, official.id, "ceros.pdf", zeros)
        .await
        .unwrap();
    assert_eq!(document.state, DocumentState::Refused(Unfit::NotAPdf));
    assert_eq!(read.into_inner(), 1);
}

#[tokio::test]
async fn a_file_beyond_the_limit_is_cut_off_there() {
    let house = House::new().await;
    let official = house.official().await;
    let first = std::iter::once(Ok::<_, std::io::Error>(bytes::Bytes::from_static(b"%PDF-1.7\n")));
    let endless = std::iter::repeat_with(|| Ok(bytes::Bytes::from_static(&[b'x'; 65_536])));
    let stream = futures_util::stream::iter(first.chain(endless));
    let document = signer::flow::receive::receive(&house.service, official.id, "grande.pdf", stream)
        .await
        .unwrap();
    assert_eq!(document.state, DocumentState::Refused(Unfit::TooLarge));
    assert!(document.size < 5_200_000);
}

#[tokio::test]
async fn a_truncated_file() {
    let whole = pdf::simple(Xref::Table);
    assert_eq!(refused(&whole[..whole.len() / 2]).await, Unfit::Truncated);
}

#[tokio::test]
async fn an_encrypted_file() {
    let mut bytes = pdf::simple(Xref::Table);
    let trailer = bytes.windows(13).position(|w| w == b"/Root 1 0 R>>").unwrap();
    bytes.splice(
        trailer + 11..trailer + 11,
        *b"/Encrypt<</Filter/Standard/V 1/R 2/O()/U()/P -1>>",
    );
    assert_eq!(refused(&bytes).await, Unfit::Encrypted);
}

#[tokio::test]
async fn ten_thousand_arrays_deep() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let bytes = pdf::with_objects("1.7", "", "", &[&deep], Xref::Table);
    assert_eq!(refused(&bytes).await, Unfit::TooDeep);
}

#[tokio::test]
async fn a_cross_reference_that_leads_in_a_circle() {
    let mut bytes = pdf::simple(Xref::Table);
    let start = bytes.windows(6).rposition(|w| w == b"\nxref\n").unwrap() + 1;
    let at = bytes.windows(13).position(|w| w == b"/Root 1 0 R>>").unwrap() + 11;
    bytes.splice(at..at, format!("/Prev {start}").into_bytes());
    assert_eq!(refused(&bytes).await, Unfit::Damaged);
}

#[tokio::test]
async fn an_object_that_is_not_where_the_table_says() {
    let mut bytes = pdf::simple(Xref::Table);
    let at = bytes.windows(7).position(|w| w == b"2 0 obj").unwrap();
    bytes[at] = b'9';
    assert_eq!(refused(&bytes).await, Unfit::Damaged);
}

#[tokio::test]
async fn a_document_without_pages() {
    let bytes = pdf::file(
        "1.7",
        &["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"],
        Xref::Table,
    );
    assert_eq!(refused(&bytes).await, Unfit::NoPages);
}

#[tokio::test]
async fn a_document_that_its_author_certified_as_final() {
    let more = ["<</Type/Sig/Reference[<</TransformMethod/DocMDP/TransformParams<</P 1>>>>]>>"];
    let bytes = pdf::with_objects("1.7", "/Perms<</DocMDP 6 0 R>>", "", &more, Xref::Table);
    assert_eq!(refused(&bytes).await, Unfit::CertifiedFinal);
}

#[tokio::test]
async fn a_dynamic_form() {
    let bytes = pdf::with("1.7", "/AcroForm<</Fields[]/XFA[]>>", "", Xref::Table);
    assert_eq!(refused(&bytes).await, Unfit::DynamicForm);
}

#[tokio::test]
async fn a_sender_that_breaks_off_leaves_nothing() {
    let house = House::new().await;
    let official = house.official().await;
    let chunks = vec![
        Ok(bytes::Bytes::from_static(b"%PDF-1.7\n")),
        Err(std::io::Error::other("gone")),
    ];
    let stream = futures_util::stream::iter(chunks);
    assert!(
        signer::flow::receive::receive(&house.service, official.id, "a.pdf", stream)
            .await
            .is_err()
    );
    assert!(house.service.store.desk(official.id).await.unwrap().is_empty());
    assert_eq!(
        std::fs::read_dir(house.folder.path().join("documents/work"))
            .unwrap()
            .count(),
        0
    );
}
