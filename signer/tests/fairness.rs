//! One address sends more than its share to the real program; the others do not notice.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use support::pdf::{self, Xref};
use support::running::Running;
use support::{House, configuration};

/// Many numbers in one array: a cell has to do for a while.
fn slow() -> Vec<u8> {
    let array = format!("[{}]", "4 ".repeat(2_000_000));
    pdf::with_objects("1.7", "/AcroForm 6 0 R", "", &[&array], Xref::Table)
}

#[tokio::test]
async fn row_68_a_greedy_address_waits_for_itself_and_nobody_else_does() {
    let house = House::new().await;
    let signed = house.one_signed().await;
    let plain = configuration(house.folder.path(), &house.ca.pem);
    let few = format!("{plain}at_once = 2\n[proxy]\ntrusted = [\"127.0.0.1\"]\n");
    let service = Arc::new(Running::start(house.folder.path(), &few));
    let slow = Arc::new(slow());
    let greedy: Vec<_> = (0..30)
        .map(|_| {
            let (service, slow) = (Arc::clone(&service), Arc::clone(&slow));
            std::thread::spawn(move || {
                let headers = "X-Forwarded-For: 192.0.2.1\r\n";
                service.ask("POST", "/api/verify", headers, &slow)
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    for n in 2..6 {
        let headers = format!("X-Forwarded-For: 192.0.2.{n}\r\n");
        let answer = service.ask("POST", "/api/verify", &headers, &signed);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.body.contains("\"verdict\":\"valid\""));
    }
    // Whatever the machine's speed: the greedy one is not done yet.
    assert!(greedy.iter().any(|one| !one.is_finished()));
    let answers: Vec<_> = greedy.into_iter().map(|one| one.join().unwrap()).collect();
    let busy: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(busy.len() >= 30 - 8, "{} were told to come back", busy.len());
    for answer in busy.iter().filter(|answer| !answer.body.is_empty()) {
        assert!(answer.head.contains("retry-after: 5"), "{answer:?}");
        assert!(answer.body.contains("\"busy\""));
    }
    assert!(answers.iter().any(|answer| answer.status == 200));
}
