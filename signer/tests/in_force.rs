//! Nobody signs with a certificate that is not in force: asked by the real program, right before each signature.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use rcgen::RevocationReason;
use signer::clock::Clock;
use signer::error::{Error, Refusal};
use signer::flow::officials;
use signer::rules::batch::{Failure, ItemState};
use signer::rules::certificate::CertificateRefusal;
use signer::rules::official::{Official, Standing};
use signer::rules::stamp::Stamp;
use signer::rules::{BatchId, Moment};
use support::pdf::{self, Xref};
use support::running::Running;
use support::{House, configuration, profile};

const DAY: i64 = 86_400;

/// An official's batches are approved in this process, whose service knows nothing of revocation, and signed by the
/// real program, which does.
struct Desk {
    house: House,
    official: Official,
}

impl Desk {
    async fn new() -> Self {
        let house = House::new().await;
        let official = house.official().await;
        std::fs::create_dir(house.folder.path().join("evidence")).unwrap();
        Self { house, official }
    }

    /// As an operator should do it: whole or not at all.
    fn publish(&self, revoked: &[Moment], seconds: i64, why: RevocationReason) {
        let Standing::Certified(chain) = &self.official.standing else {
            panic!("no certificate");
        };
        let serial = chain.certificates().unwrap()[0].serial().to_vec();
        let revoked: Vec<_> = revoked.iter().map(|at| (serial.clone(), *at)).collect();
        let list = self.house.ca.crl_because(&revoked, seconds, why);
        let folder = self.house.folder.path().join("evidence");
        std::fs::write(folder.join("ca.part"), list).unwrap();
        std::fs::rename(folder.join("ca.part"), folder.join("ca.crl")).unwrap();
    }

    /// Strict, as it is by default.
    fn configuration(&self) -> String {
        let folder = self.house.folder.path();
        let plain = configuration(folder, &self.house.ca.pem);
        let strict = plain.replace("[signing]\nunknown_revocation = \"sign\"\n", "");
        assert_ne!(plain, strict);
        format!("evidence = [\"{}\"]\n{strict}", folder.join("evidence").display())
    }

    fn lenient(&self) -> String {
        format!(
            "{}[signing]\nunknown_revocation = \"sign\"\n",
            self.configuration()
        )
    }

    fn serve(&self, configuration: &str) -> Running {
        Running::start(self.house.folder.path(), configuration)
    }

    async fn approved(&self) -> BatchId {
        let document = self
            .house
            .receive(&self.official, "a.pdf", &pdf::simple(Xref::Table))
            .await;
        let chosen = [document.id];
        let approved = self.house.approve(&self.official, &chosen, Stamp::None);
        approved.await.unwrap()
    }

    /// What the program that serves made of it.
    async fn outcome(&self, batch: BatchId) -> ItemState {
        let begun = Instant::now();
        loop {
            let store = &self.house.service.store;
            let (summary, mut items) = store.batch(self.official.id, batch).await.unwrap().unwrap();
            if !summary.running() {
                return items.pop().unwrap().state;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{items:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Approved now, and made of it: nothing was signed, and the record says why.
    async fn refused(&self, why: Failure) {
        let outcome = self.outcome(self.approved().await).await;
        assert_eq!(outcome, ItemState::Failed(why));
        let mut reasons = Vec::new();
        let mut intended = 0;
        let read = self.house.service.store.audit_records(|record| {
            let body: serde_json::Value = serde_json::from_str(&record.body).unwrap();
            match body["event"].as_str() {
                Some("signature_failed") => reasons.push(body["reason"].as_str().unwrap().to_owned()),
                Some("signature_intended") => intended += 1,
                _ => {}
            }
        });
        read.await.unwrap();
        assert_eq!(reasons.last().unwrap(), why.code());
        let signed = self
            .house
            .service
            .store
            .batches(self.official.id, 100)
            .await
            .unwrap();
        let signed: u32 = signed.iter().map(|batch| batch.signed).sum();
        assert_eq!(intended, signed, "a key was to be used");
    }

    async fn signs(&self) {
        let outcome = self.outcome(self.approved().await).await;
        assert!(matches!(outcome, ItemState::Signed(_)), "{outcome:?}");
    }
}

fn now() -> Moment {
    Clock::system().now()
}

#[tokio::test]
async fn row_39_a_revoked_certificate_signs_nothing() {
    let desk = Desk::new().await;
    desk.publish(&[now()], DAY, RevocationReason::AffiliationChanged);
    let _service = desk.serve(&desk.configuration());
    desk.refused(Failure::CertificateRevoked).await;
}

#[tokio::test]
async fn row_39_a_certificate_on_hold_signs_nothing_until_the_hold_ends() {
    let desk = Desk::new().await;
    desk.publish(&[now()], DAY, RevocationReason::CertificateHold);
    let service = desk.serve(&desk.configuration());
    desk.refused(Failure::CertificateOnHold).await;
    desk.publish(&[], DAY, RevocationReason::Unspecified);
    let begun = Instant::now();
    while matches!(desk.outcome(desk.approved().await).await, ItemState::Failed(_)) {
        assert!(begun.elapsed() < Duration::from_secs(20), "the hold does not end");
    }
    drop(service);
}

#[tokio::test]
async fn row_39_a_certificate_that_expires_after_the_approval_signs_nothing() {
    let house = House::new().await;
    std::fs::create_dir(house.folder.path().join("evidence")).unwrap();
    // Approved two minutes ago, with a certificate that was valid until a minute ago.
    let then = Clock::fixed(Moment(now().0 - 120));
    let service = support::open(house.folder.path(), &house.ca.pem, then).await;
    let house = House { service, ..house };
    let person = profile().national_id;
    let registered = officials::register(&house.service, profile()).await.unwrap();
    let chain = house.ca.certify_with(&registered.request, |params| {
        params.not_after = Moment(now().0 - 60).utc();
    });
    officials::certify(&house.service, &person, chain.as_bytes())
        .await
        .unwrap();
    let official = house.service.store.official_by_person(&person).await;
    let official = official.unwrap().unwrap();
    let desk = Desk { house, official };
    desk.publish(&[], DAY, RevocationReason::Unspecified);
    let batch = desk.approved().await;
    let _service = desk.serve(&desk.configuration());
    let outcome = desk.outcome(batch).await;
    assert_eq!(outcome, ItemState::Failed(Failure::CertificateUnusable));
}

#[tokio::test]
async fn row_39_without_current_news_nobody_signs_unless_the_operator_says_so() {
    let desk = Desk::new().await;
    let service = desk.serve(&desk.configuration());
    desk.refused(Failure::RevocationUnknown).await;
    drop(service);
    desk.publish(&[], -1, RevocationReason::Unspecified);
    let service = desk.serve(&desk.configuration());
    desk.refused(Failure::RevocationUnknown).await;
    drop(service);
    let _service = desk.serve(&desk.lenient());
    desk.signs().await;
}

/// The row asks for five minutes between publication and refusal; the folder is looked at every two seconds.
#[tokio::test]
async fn row_39_a_revocation_that_is_published_while_the_service_runs_counts_within_seconds() {
    let desk = Desk::new().await;
    desk.publish(&[], DAY, RevocationReason::Unspecified);
    let _service = desk.serve(&desk.configuration());
    desk.signs().await;
    desk.publish(&[now()], DAY, RevocationReason::KeyCompromise);
    let published = Instant::now();
    while let ItemState::Signed(_) = desk.outcome(desk.approved().await).await {
        assert!(
            published.elapsed() < Duration::from_secs(20),
            "the list is not heard"
        );
    }
    desk.refused(Failure::CertificateRevoked).await;
}

#[tokio::test]
async fn row_39_a_revoked_official_is_refused_before_approving_and_it_is_written_down() {
    let desk = Desk::new().await;
    let since = Moment(now().0 - 60);
    desk.publish(&[since], DAY, RevocationReason::KeyCompromise);
    let document = desk
        .house
        .receive(&desk.official, "a.pdf", &pdf::simple(Xref::Table))
        .await;
    let config = signer::config::Config::parse(&desk.configuration(), std::iter::empty()).unwrap();
    let knowing = signer::service::Service::with(config, Clock::system(), &support::cell())
        .await
        .unwrap();
    let house = House {
        service: knowing,
        ..desk.house
    };
    let refused = house
        .approve(&desk.official, &[document.id], Stamp::None)
        .await
        .unwrap_err();
    let expected = Refusal::Certificate(CertificateRefusal::Revoked { since });
    assert!(matches!(refused, Error::Refused(refusal) if refusal == expected));
    let events = support::audit(&house.service).await;
    assert_eq!(events.last().unwrap(), "signing_refused");
    assert!(!events.contains(&"approval_proposed".to_owned()));
}

#[tokio::test]
async fn row_39_the_operator_sees_who_cannot_sign_and_why() {
    let desk = Desk::new().await;
    desk.publish(&[now()], DAY, RevocationReason::CertificateHold);
    let file = desk.house.folder.path().join("list.toml");
    std::fs::write(&file, desk.configuration()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_signer"))
        .args(["official", "list", "--json", "--config"])
        .arg(file)
        .output()
        .unwrap();
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(listed[0]["certificate_problem"], "on_hold", "{listed}");
}
