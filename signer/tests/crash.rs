//! kill -9 in the middle of a batch: after the restart every document has one outcome, and none was released twice.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod support;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use signer::rules::batch::{Failure, ItemState};
use signer::rules::stamp::Stamp;
use support::House;
use support::pdf::{self, Xref};

fn serve(house: &House) -> Child {
    let file = house.folder.path().join("signer.toml");
    std::fs::write(&file, support::configuration(house.folder.path(), &house.ca.pem)).unwrap();
    Command::new(env!("CARGO_BIN_EXE_signer"))
        .args(["serve", "--config"])
        .arg(file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_survives_kill_9() {
    const DOCUMENTS: usize = 60;
    let house = House::new().await;
    let official = house.official().await;
    let mut documents = Vec::new();
    for n in 0..DOCUMENTS {
        documents.push(
            house
                .receive(&official, &format!("{n}.pdf"), &pdf::simple(Xref::Table))
                .await
                .id,
        );
    }
    let batch = house.approve(&official, &documents, Stamp::None).await.unwrap();
    let begun = Instant::now();
    let mut kills = 0;
    let states = loop {
        let mut child = serve(&house);
        // Somewhere in the middle: a few documents further than the last time, whatever the machine's speed.
        let (summary, items) = loop {
            let (summary, items) = house
                .service
                .store
                .batch(official.id, batch)
                .await
                .unwrap()
                .unwrap();
            if !summary.running() || summary.done() >= kills * 7 + 3 {
                break (summary, items);
            }
            assert!(
                begun.elapsed() < Duration::from_secs(120),
                "the batch does not move: {summary:?}"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        child.kill().unwrap();
        child.wait().unwrap();
        if !summary.running() {
            break items;
        }
        kills += 1;
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "the batch does not finish: {summary:?}"
        );
    };
    assert!(kills > 0, "the batch was done before the first kill");

    let mut released = 0;
    for item in &states {
        match item.state {
            ItemState::Signed(copy) => {
                released += 1;
                let bytes = std::fs::read(house.service.files.signed(batch, item.document)).unwrap();
                assert_eq!(
                    signer::rules::Digest::of(&bytes),
                    copy.digest,
                    "another copy than the one released"
                );
                assert!(house.verify(&bytes).is_valid());
            }
            ItemState::Failed(Failure::Interrupted) => {}
            ref state => panic!("{state:?}"),
        }
    }
    assert_eq!(
        released, DOCUMENTS,
        "an interrupted document was not taken up again"
    );
    let events = support::audit(&house.service).await;
    let count = |name: &str| events.iter().filter(|e| *e == name).count();
    assert_eq!(count("signature_released"), released);
    assert_eq!(
        count("signature_intended"),
        DOCUMENTS,
        "an intent was written twice"
    );
}

#[tokio::test]
async fn a_source_that_changed_on_disk_is_not_signed() {
    let house = House::new().await;
    let official = house.official().await;
    let document = house.receive(&official, "a.pdf", &pdf::simple(Xref::Table)).await;
    let batch = house
        .approve(&official, &[document.id], Stamp::None)
        .await
        .unwrap();
    std::fs::write(
        house.service.files.source(document.id),
        pdf::with("1.7", "/Lang(es)", "", Xref::Table),
    )
    .unwrap();
    let states = house.work_until_done(&official, batch).await;
    assert_eq!(states, [ItemState::Failed(Failure::SourceChanged)]);
    assert!(
        !support::audit(&house.service)
            .await
            .contains(&"signature_intended".to_owned())
    );
}

#[tokio::test]
async fn a_copy_that_cannot_be_read_back_in_a_cell_is_not_released() {
    let house = House::new().await;
    let official = house.official().await;
    let document = house.receive(&official, "a.pdf", &pdf::simple(Xref::Table)).await;
    let text = support::configuration(house.folder.path(), &house.ca.pem);
    let config = signer::config::Config::parse(&text, std::iter::empty()).unwrap();
    let ends_at_once = signer::cells::Program::at("/bin/false");
    let clock = signer::clock::Clock::system();
    let service = signer::service::Service::with(config, clock, &ends_at_once);
    let house = House {
        service: service.await.unwrap(),
        ..house
    };
    let batch = house
        .approve(&official, &[document.id], Stamp::None)
        .await
        .unwrap();
    let states = house.work_until_done(&official, batch).await;
    assert!(matches!(states.as_slice(), [ItemState::Failed(_)]), "{states:?}");
    assert!(!house.service.files.signed(batch, document.id).exists());
}

#[tokio::test]
async fn a_batch_whose_time_is_over_is_not_signed() {
    let house = House::new().await;
    let official = house.official().await;
    let document = house.receive(&official, "a.pdf", &pdf::simple(Xref::Table)).await;
    let batch = house
        .approve(&official, &[document.id], Stamp::None)
        .await
        .unwrap();
    let later = signer::clock::Clock::fixed(house.service.clock.now().plus(signer::rules::Seconds(301)));
    let service = support::open(house.folder.path(), &house.ca.pem, later).await;
    let house = House { service, ..house };
    let states = house.work_until_done(&official, batch).await;
    assert_eq!(states, [ItemState::Failed(Failure::ApprovalExpired)]);
}

#[tokio::test]
async fn one_bad_document_does_not_hold_up_the_others() {
    let house = House::new().await;
    let official = house.official().await;
    let bytes = pdf::simple(Xref::Stream);
    let (one, two) = (
        house.receive(&official, "a.pdf", &bytes).await,
        house.receive(&official, "b.pdf", &bytes).await,
    );
    let batch = house
        .approve(&official, &[one.id, two.id], Stamp::None)
        .await
        .unwrap();
    std::fs::write(house.service.files.source(one.id), b"").unwrap();
    let states = house.work_until_done(&official, batch).await;
    assert!(
        matches!(states.as_slice(), [ItemState::Failed(_), ItemState::Signed(_)]),
        "{states:?}"
    );
    // The failed one is back on the desk and can be approved again once it is whole.
    std::fs::write(house.service.files.source(one.id), bytes).unwrap();
    let again = house.approve(&official, &[one.id], Stamp::None).await.unwrap();
    assert!(matches!(
        house.work_until_done(&official, again).await.as_slice(),
        [ItemState::Signed(_)]
    ));
}
