//! A certificate that was revoked says nothing against what its holder signed before. When something was signed is what
//! a timestamp proves; told by the real program, with the authority's list in its folder of evidence.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod support;

use rcgen::{RevocationReason, RevokedCertParams, SerialNumber};
use serde_json::Value;
use signer::clock::Clock;
use signer::rules::Moment;
use signer::rules::official::Standing;
use signer::rules::stamp::Stamp;
use support::pdf::{self, Xref};
use support::running::Running;
use support::timestamp::Stamper;
use support::{House, configuration};

const DAY: i64 = 86_400;

/// A document that was signed 2000 seconds ago, and stamped 200 seconds later.
struct Archive {
    house: House,
    signed: Vec<u8>,
    stamped: Vec<u8>,
    serial: Vec<u8>,
    now: Moment,
}

impl Archive {
    async fn new() -> Self {
        let house = House::new().await;
        let now = Clock::system().now();
        let then = Clock::fixed(Moment(now.0 - 2000));
        let service = support::open(house.folder.path(), &house.ca.pem, then).await;
        let house = House { service, ..house };
        let official = house.official().await;
        let Standing::Certified(chain) = &official.standing else {
            panic!("no certificate");
        };
        let serial = chain.certificates().unwrap()[0].serial().to_vec();
        let signed = house
            .signed(&official, &pdf::simple(Xref::Table), Stamp::None)
            .await;
        let stamped = Stamper::new(&house.ca).stamp(&signed, Moment(now.0 - 1800));
        std::fs::create_dir(house.folder.path().join("evidence")).unwrap();
        Self {
            house,
            signed,
            stamped,
            serial,
            now,
        }
    }

    fn ago(&self, seconds: i64) -> Moment {
        Moment(self.now.0 - seconds)
    }

    /// Serves with a list on which the certificate is revoked, and was compromised so long ago.
    fn serve(&self, revoked: Option<Moment>, why: RevocationReason, invalid: Option<Moment>) -> Running {
        let entry = revoked.map(|at| RevokedCertParams {
            serial_number: SerialNumber::from_slice(&self.serial),
            revocation_time: at.utc(),
            reason_code: Some(why),
            invalidity_date: invalid.map(Moment::utc),
        });
        let list = self.house.ca.list(entry.into_iter().collect(), DAY);
        let folder = self.house.folder.path();
        std::fs::write(folder.join("evidence/ca.crl"), list).unwrap();
        let plain = configuration(folder, &self.house.ca.pem);
        let configuration = format!("evidence = [\"{}\"]\n{plain}", folder.join("evidence").display());
        Running::start(folder, &configuration)
    }
}

fn first<'r>(report: &'r Value, name: &str) -> &'r str {
    report["signatures"][0][name].as_str().unwrap_or_default()
}

#[tokio::test]
async fn row_63_what_was_signed_before_the_revocation_stays_valid() {
    let archive = Archive::new().await;
    let service = archive.serve(
        Some(archive.ago(600)),
        RevocationReason::CessationOfOperation,
        None,
    );
    let report = service.report(&archive.stamped);
    assert_eq!(report["verdict"], "valid", "{report:#}");
    assert_eq!(first(&report, "best_time"), archive.ago(1800).to_string());
    assert_eq!(
        (first(&report, "indication"), first(&report, "revocation")),
        ("TOTAL-PASSED", "good")
    );
    let page = service.page(&archive.stamped);
    let proven = page.matches("probada por un sello de tiempo").count();
    assert_eq!(proven, 2, "the signature's time and the timestamp's own: {page}");
    // Nothing proves when the same document was signed without its timestamp.
    let report = service.report(&archive.signed);
    assert_eq!(report["verdict"], "indeterminate");
    assert_eq!(first(&report, "sub_indication"), "REVOKED_NO_POE");
    assert_eq!(first(&report, "revoked_at"), archive.ago(600).to_string());
}

#[tokio::test]
async fn row_63_what_is_proven_for_after_the_revocation_only_is_not_valid() {
    let archive = Archive::new().await;
    let revoked = archive.ago(1900);
    let service = archive.serve(Some(revoked), RevocationReason::CessationOfOperation, None);
    let report = service.report(&archive.stamped);
    assert_eq!(report["verdict"], "indeterminate", "{report:#}");
    assert_eq!(first(&report, "revocation"), "revoked");
    assert_eq!(first(&report, "revoked_at"), revoked.to_string());
    assert_eq!(first(&report, "sub_indication"), "REVOKED_NO_POE");
    let page = service.page(&archive.stamped);
    assert!(page.contains("pero su certificado fue revocado el"), "{page}");
}

#[tokio::test]
async fn row_63_a_compromise_counts_from_when_it_happened() {
    let archive = Archive::new().await;
    let (compromised, revoked) = (archive.ago(1900), archive.ago(600));
    let service = archive.serve(Some(revoked), RevocationReason::KeyCompromise, Some(compromised));
    let report = service.report(&archive.stamped);
    assert_eq!(report["verdict"], "indeterminate", "{report:#}");
    assert_eq!(first(&report, "revoked_at"), compromised.to_string());
    // The very same list without the date of the compromise leaves it valid.
    drop(service);
    let service = archive.serve(Some(revoked), RevocationReason::KeyCompromise, None);
    assert_eq!(service.report(&archive.stamped)["verdict"], "valid");
}

#[tokio::test]
async fn row_63_without_a_revocation_both_are_valid() {
    let archive = Archive::new().await;
    let service = archive.serve(None, RevocationReason::Unspecified, None);
    for document in [&archive.signed, &archive.stamped] {
        let report = service.report(document);
        assert_eq!(report["verdict"], "valid", "{report:#}");
        assert_eq!(first(&report, "revocation"), "good");
    }
}
