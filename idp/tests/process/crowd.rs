//! Many at once against the real binary: the memory that hashing takes is bounded, whoever finds no place is told when to
//! come back, and health answers all the while; what counts once counts once.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Barrier;

use crate::{
    binary::{Browser, Service, ask, fields_of},
    run,
};

/// A password beside a number that is nobody's: it costs the same hash as anybody's.
fn guess(nth: usize) -> String {
    let body = 5_000_000 + nth;
    let digits = body.to_string();
    let weights = (2..8).cycle();
    let sum: u32 = digits
        .chars()
        .rev()
        .zip(weights)
        .map(|(digit, weight)| digit.to_digit(10).unwrap() * weight)
        .sum();
    match 11 - sum % 11 {
        11 => format!("{digits}-0"),
        10 => format!("{digits}-K"),
        check => format!("{digits}-{check}"),
    }
}

#[test]
fn row_52_of_500_who_log_in_at_once_the_excess_is_told_to_come_back_and_health_stays_quick() {
    run(async {
        let mut service = Service::new();
        service.start();
        let service = Arc::new(service);
        let mut conversations = Vec::new();
        for nth in 0..500 {
            let mut browser = Browser::new(&service);
            let login = browser.get(&service.request()).await;
            let (action, mut fields) = fields_of(&login, "/login?");
            fields.push(("national_id".to_owned(), guess(nth)));
            fields.push(("password".to_owned(), "una frase que nadie sabe".to_owned()));
            conversations.push((browser.cookie(), action, fields));
        }
        let before = service.memory_kb();
        let start = Arc::new(Barrier::new(conversations.len() + 1));
        let answering: Vec<_> = conversations
            .into_iter()
            .map(|(cookie, action, fields)| {
                let (service, start) = (Arc::clone(&service), Arc::clone(&start));
                tokio::spawn(async move {
                    start.wait().await;
                    ask(&service, &action, &cookie, &fields).await
                })
            })
            .collect();
        start.wait().await;
        let (mut slowest, mut most) = (Duration::ZERO, before);
        while answering.iter().any(|one| !one.is_finished()) {
            let begun = Instant::now();
            assert!(service.health().await.starts_with("HTTP/1.1 200"));
            slowest = slowest.max(begun.elapsed());
            most = most.max(service.memory_kb());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut served = 0;
        let mut sent_back = 0;
        for one in answering {
            let head = one.await.unwrap();
            match head.split(' ').nth(1).unwrap() {
                "503" => {
                    sent_back += 1;
                    assert!(head.to_lowercase().contains("\r\nretry-after: "), "{head}");
                }
                // Wrong, or owing a puzzle since so many were wrong here.
                "200" | "422" | "429" => served += 1,
                _ => panic!("{head}"),
            }
        }
        assert_eq!(served + sent_back, 500);
        assert!(served > 0 && sent_back > 0, "{served} {sent_back}");
        // 19 MiB for each core's hash, and what five hundred conversations weigh.
        let cores = std::thread::available_parallelism().unwrap().get() as u64;
        let grown = most.saturating_sub(before) / 1_024;
        assert!(grown < 19 * cores + 120, "{grown} MiB more");
        // A hundred milliseconds on a machine of its own; tests share theirs.
        assert!(slowest < Duration::from_secs(2), "{slowest:?}");
        eprintln!("{served} served, {sent_back} sent back, {grown} MiB more, health within {slowest:?}");
    });
}

#[test]
fn row_55_one_code_in_200_requests_at_once_opens_one_door() {
    run(async {
        let mut service = Service::new();
        service.start();
        let service = Arc::new(service);
        let mut doors = Vec::new();
        for _ in 0..20 {
            let mut browser = Browser::new(&service);
            let login = browser.get(&service.request()).await;
            let typed = [("national_id", "11111111-1"), ("password", service.password())];
            let second = browser.submit(&login, "/login?", &typed).await;
            let (action, fields) = fields_of(&second, "/login/code");
            doors.push((browser.cookie(), action, fields));
        }
        let code = service.code();
        let start = Arc::new(Barrier::new(200));
        let knocking: Vec<_> = (0..200)
            .map(|nth| {
                let (cookie, action, mut fields) = doors[nth % doors.len()].clone();
                fields.push(("code".to_owned(), code.clone()));
                let (service, start) = (Arc::clone(&service), Arc::clone(&start));
                tokio::spawn(async move {
                    start.wait().await;
                    (nth % 20, ask(&service, &action, &cookie, &fields).await)
                })
            })
            .collect();
        let mut opened = 0;
        let mut through = std::collections::BTreeSet::new();
        for one in knocking {
            let (door, head) = one.await.unwrap();
            let head = head.to_lowercase();
            if head.starts_with("http/1.1 303") && head.contains("/consent") {
                // Whoever knocks again at the door that is open already is shown in, and gets no key of their own.
                through.insert(door);
                opened += i32::from(head.contains("\r\nset-cookie: "));
            }
        }
        assert_eq!(through.len(), 1, "{through:?}");
        assert_eq!(opened, 1);
        assert!(service.command(&["audit", "verify"]).contains("unbroken"));
    });
}

#[test]
fn row_61_one_recovery_code_in_200_requests_at_once_counts_once_and_the_recovery_survives_a_restart() {
    run(async {
        let mut service = Service::new();
        service.start();
        let mut own = Browser::new(&service);
        let login = own.get("/account").await;
        let typed = [("national_id", "11111111-1"), ("password", service.password())];
        let second = own.submit(&login, "/login?", &typed).await;
        own.submit(&second, "/login/code", &[("code", &service.code())])
            .await;
        let page = own.get("/account/recovery-codes").await;
        let told = own.submit(&page, "/account/recovery-codes", &[]).await;
        let code = told.body.split("<samp>").nth(1).unwrap();
        let code = code.split('<').next().unwrap().to_owned();

        let mut browser = Browser::new(&service);
        let asked = browser.get("/recover/begin").await;
        let proof = browser
            .submit(&asked, "/recover/begin", &[("national_id", "11.111.111-1")])
            .await;
        assert_eq!(proof.path, "/recover/proof", "{}", proof.body);
        service.kill();
        service.start();
        let service = Arc::new(service);
        let (action, mut fields) = fields_of(&proof, "/recover/proof/code");
        fields.push(("code".to_owned(), code));
        let (cookie, start) = (browser.cookie(), Arc::new(Barrier::new(200)));
        let showing: Vec<_> = (0..200)
            .map(|_| {
                let (service, start) = (Arc::clone(&service), Arc::clone(&start));
                let (cookie, action, fields) = (cookie.clone(), action.clone(), fields.clone());
                tokio::spawn(async move {
                    start.wait().await;
                    ask(&service, &action, &cookie, &fields).await
                })
            })
            .collect();
        let mut right = 0;
        for one in showing {
            right += usize::from(one.await.unwrap().contains("done=right"));
        }
        assert_eq!(right, 1);
        let mut service = Arc::into_inner(service).unwrap();
        // What was shown is still shown after the next restart, and the wait that it led to goes on.
        service.kill();
        service.start();
        let page = browser.get("/recover/proof").await;
        let typed = [("password", service.password())];
        let waits = browser.submit(&page, "/recover/proof/password", &typed).await;
        assert_eq!(waits.path, "/recover/wait", "{}", waits.body);
        service.kill();
        service.start();
        let still = browser.get("/recover/wait").await;
        assert_eq!(still.path, "/recover/wait", "{}", still.body);
        assert!(service.command(&["audit", "verify"]).contains("unbroken"));
    });
}
