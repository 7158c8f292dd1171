//! Evidence that a document lacks, fetched by the service for a cell that has no network.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod support;

use std::io::Write;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use sdk_document::{Fetch, Report, Revoked, Unfetched, Wanted};
use signer::cells::Cells;
use signer::flow::officials;
use signer::rules::stamp::Stamp;
use support::pdf::{self, Xref};
use support::running::Running;
use support::{House, configuration, profile};

/// A document whose signer's certificate names this place for its authority's list.
async fn signed(house: &House, place: &str) -> Vec<u8> {
    let person = profile().national_id;
    let registered = officials::register(&house.service, profile()).await.unwrap();
    let chain = house.ca.certify_with(&registered.request, |params| {
        params.crl_distribution_points = vec![rcgen::CrlDistributionPoint {
            uris: vec![place.to_owned()],
        }];
    });
    officials::certify(&house.service, &person, chain.as_bytes())
        .await
        .unwrap();
    let official = house.service.store.official_by_person(&person).await;
    let official = official.unwrap().unwrap();
    house
        .signed(&official, &pdf::simple(Xref::Table), Stamp::None)
        .await
}

/// Gives this to whoever asks, and keeps the addresses.
struct Gives {
    answer: Result<Vec<u8>, Unfetched>,
    asked: Mutex<Vec<String>>,
}

impl Gives {
    fn new(answer: Result<Vec<u8>, Unfetched>) -> Arc<Self> {
        Arc::new(Self {
            answer,
            asked: Mutex::default(),
        })
    }
}

impl Fetch for Gives {
    fn fetch(&self, wanted: &Wanted<'_>) -> Result<Vec<u8>, Unfetched> {
        let asked = format!("{wanted:?}");
        self.asked.lock().unwrap().push(asked);
        self.answer.clone()
    }
}

async fn judged(house: &House, document: &[u8], fetch: Option<Arc<dyn Fetch>>) -> Report {
    let cells = Cells::new(&support::cell(), &house.service.basis(), 1);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(document).unwrap();
    let now = house.service.clock.now();
    cells.judge(&file, now, None, fetch).await.unwrap()
}

fn list(house: &House) -> Vec<u8> {
    let pem = house.ca.crl(&[], 86_400);
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    data_encoding::BASE64.decode(body.as_bytes()).unwrap()
}

#[tokio::test]
async fn a_list_that_is_fetched_for_a_cell_counts() {
    let house = House::new().await;
    let document = signed(&house, "http://ca.example/list.crl").await;
    let fetch = Gives::new(Ok(list(&house)));
    let report = judged(&house, &document, Some(fetch.clone())).await;
    assert_eq!(report.signatures[0].revocation, Revoked::Good, "{report:#?}");
    let asked = fetch.asked.lock().unwrap().clone();
    assert_eq!(asked, ["List { address: \"http://ca.example/list.crl\" }"]);
}

#[tokio::test]
async fn nothing_is_asked_for_by_default() {
    let house = House::new().await;
    let document = signed(&house, "http://ca.example/list.crl").await;
    let report = judged(&house, &document, None).await;
    assert_eq!(report.signatures[0].revocation, Revoked::Unknown);
    assert!(!report.problems.iter().any(|p| p.code == "evidence_not_fetched"));
    assert!(house.service.calls.is_none());
}

#[tokio::test]
async fn what_cannot_be_fetched_or_is_something_else_is_told() {
    let house = House::new().await;
    let document = signed(&house, "http://ca.example/list.crl").await;
    for answer in [Err(Unfetched::TooSlow), Ok(b"no list".to_vec()), Ok(Vec::new())] {
        let report = judged(&house, &document, Some(Gives::new(answer))).await;
        assert_eq!(report.signatures[0].revocation, Revoked::Unknown);
        assert!(report.problems.iter().any(|p| p.code == "evidence_not_fetched"));
    }
}

/// The real program with `[verify] fetch = true`, and a document that sends it to this machine.
#[tokio::test]
async fn row_61_no_document_makes_the_service_call_a_private_address() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
        let house = House::new().await;
        let document = signed(&house, &format!("http://{host}:{port}/list.crl")).await;
        let plain = configuration(house.folder.path(), &house.ca.pem);
        let service = Running::start(house.folder.path(), &format!("{plain}[verify]\nfetch = true\n"));
        let report = service.report(&document);
        let codes = report["problems"].to_string();
        assert!(codes.contains("evidence_not_fetched"), "{host}: {codes}");
    }
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}
