//! What the operator's files say of whom to believe and of revocation, told by the real program: at its start, and when
//! they change while it runs.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod support;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use signer::clock::Clock;
use signer::rules::Moment;
use signer::rules::stamp::Stamp;
use support::lists::Supervisor;
use support::pdf::{self, Xref};
use support::running::Running;
use support::{House, configuration};

const DAY: i64 = 86_400;

/// A signed document, and a folder for evidence.
struct Desk {
    house: House,
    signed: Vec<u8>,
}

impl Desk {
    async fn new() -> Self {
        let house = House::new().await;
        let official = house.official().await;
        let signed = house
            .signed(&official, &pdf::simple(Xref::Table), Stamp::None)
            .await;
        std::fs::create_dir(house.folder.path().join("evidence")).unwrap();
        Self { house, signed }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.house.folder.path().join(name)
    }

    /// As an operator should do it: whole or not at all.
    fn put(&self, name: &str, content: &str) {
        let beside = self.path(&format!("{name}.part"));
        std::fs::write(&beside, content).unwrap();
        std::fs::rename(beside, self.path(name)).unwrap();
    }

    /// A revocation list of these serial numbers, which ends in so many seconds.
    fn list(&self, revoked: &[(Vec<u8>, Moment)], seconds: i64) -> String {
        self.house.ca.crl(revoked, seconds)
    }

    fn serial(&self) -> Vec<u8> {
        let signer = self
            .house
            .verify(&self.signed)
            .signatures
            .pop()
            .unwrap()
            .signer
            .unwrap();
        data_encoding::HEXLOWER_PERMISSIVE
            .decode(signer.serial.replace(':', "").as_bytes())
            .unwrap()
    }

    fn with_evidence(&self) -> String {
        let plain = configuration(self.house.folder.path(), &self.house.ca.pem);
        format!("evidence = [\"{}\"]\n{plain}", self.path("evidence").display())
    }

    /// Nobody is believed but by a list.
    fn with_list(&self) -> String {
        let plain = configuration(self.house.folder.path(), &self.house.ca.pem);
        let (root, list, signers) = (
            self.path("root.pem"),
            self.path("list.xml"),
            self.path("signers.pem"),
        );
        let nobody = plain.replace(&format!("\"{}\"", root.display()), "");
        format!(
            "{nobody}[trusted_lists]\nfiles = [\"{}\"]\nsigners = [\"{}\"]\n",
            list.display(),
            signers.display()
        )
    }

    fn serve(&self, configuration: &str) -> Running {
        Running::start(self.house.folder.path(), configuration)
    }

    /// What `check-config` complains of; `None` when it will do.
    fn complaint(&self, configuration: &str) -> Option<String> {
        std::fs::write(self.path("check.toml"), configuration).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_signer"))
            .args(["check-config", "--config"])
            .arg(self.path("check.toml"))
            .output()
            .unwrap();
        (!output.status.success()).then(|| String::from_utf8(output.stderr).unwrap())
    }
}

fn now() -> Moment {
    Clock::system().now()
}

fn days(n: i64) -> Moment {
    Moment(now().0 + n * DAY)
}

fn codes(report: &serde_json::Value) -> Vec<&str> {
    let problems = report["problems"].as_array().unwrap();
    problems.iter().map(|p| p["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_certificate_that_its_authoritys_list_does_not_name_is_good() {
    let desk = Desk::new().await;
    desk.put("evidence/ca.crl", &desk.list(&[], DAY));
    let service = desk.serve(&desk.with_evidence());
    let report = service.report(&desk.signed);
    let signature = &report["signatures"][0];
    assert_eq!(
        (&signature["revocation"], &report["verdict"]),
        (&"good".into(), &"valid".into())
    );
    assert!(signature["revocation_as_of"].is_string() && signature["revoked_at"].is_null());
    assert!(!codes(&report).contains(&"revocation_unknown"));
    let page = service.page(&desk.signed);
    assert!(page.contains("No revocado") && page.contains("según lo que su autoridad publicó"));
    assert!(page.contains("emitido por Test CA</dd>") && page.contains("CN=Test CA</dd>"));
    assert!(!page.contains("Falta saber"));
}

#[tokio::test]
async fn the_page_shows_the_places_clocks_and_the_report_stays_in_utc() {
    let desk = Desk::new().await;
    // Without summer time: the same offset all the year.
    let configuration = format!("time_zone = \"America/Lima\"\n{}", desk.with_evidence());
    let service = desk.serve(&configuration);
    let report = service.report(&desk.signed);
    let claimed = report["signatures"][0]["claimed_time"].as_str().unwrap();
    assert!(claimed.ends_with('Z'), "{claimed}");
    let hour: u32 = claimed[11..13].parse().unwrap();
    let (there, minute) = ((hour + 19) % 24, &claimed[14..16]);
    let page = service.page(&desk.signed);
    assert!(
        page.contains(&format!("{there}:{minute} UTC-5 (hora declarada)")),
        "{page}"
    );
    assert!(page.contains(&format!("{there:02}:{minute} UTC-5 <span")));
    assert!(!page.contains(" UTC "));
}

#[tokio::test]
async fn row_45_a_list_dropped_while_the_service_runs_revokes() {
    let desk = Desk::new().await;
    let service = desk.serve(&desk.with_evidence());
    let before = service.report(&desk.signed);
    assert_eq!(before["signatures"][0]["revocation"], "unknown");
    assert!(codes(&before).contains(&"revocation_unknown"));
    let page = service.page(&desk.signed);
    assert!(page.contains("no tenemos noticias de su autoridad") && page.contains("Falta saber"));
    let since = Moment(now().0 - 60);
    desk.put("evidence/ca.crl", &desk.list(&[(desk.serial(), since)], DAY));
    let after = service.until(&desk.signed, "revocation", "revoked");
    assert_eq!(after["signatures"][0]["revoked_at"], since.to_string());
    assert_eq!(after["verdict"], "indeterminate");
    let page = service.page(&desk.signed);
    assert!(page.contains("No podemos confirmarlo") && page.contains("pero su certificado fue revocado el"));
    assert!(page.contains("desde el"));
}

#[tokio::test]
async fn a_list_that_has_ended_leaves_revocation_unknown_and_the_reader_told_why() {
    let desk = Desk::new().await;
    desk.put("evidence/ca.crl", &desk.list(&[], -1));
    let service = desk.serve(&desk.with_evidence());
    let report = service.report(&desk.signed);
    assert_eq!(report["signatures"][0]["revocation"], "unknown");
    assert!(codes(&report).contains(&"revocation_outdated"));
    assert!(service.page(&desk.signed).contains("ya venció"));
}

#[tokio::test]
async fn a_list_that_is_broken_changes_nothing_until_the_next_one() {
    let desk = Desk::new().await;
    desk.put("evidence/ca.crl", &desk.list(&[], DAY));
    let service = desk.serve(&desk.with_evidence());
    desk.put("evidence/ca.crl", "cut off in the mid");
    tokio::time::sleep(Duration::from_secs(5)).await; // two looks
    assert_eq!(
        service.report(&desk.signed)["signatures"][0]["revocation"],
        "good"
    );
    assert!(desk.complaint(&desk.with_evidence()).unwrap().contains("ca.crl"));
    desk.put("evidence/ca.crl", &desk.list(&[(desk.serial(), now())], DAY));
    service.until(&desk.signed, "revocation", "revoked");
}

#[tokio::test]
async fn a_list_that_is_taken_away_is_forgotten() {
    let desk = Desk::new().await;
    desk.put("evidence/ca.crl", &desk.list(&[], DAY));
    let service = desk.serve(&desk.with_evidence());
    std::fs::remove_file(desk.path("evidence/ca.crl")).unwrap();
    service.until(&desk.signed, "revocation", "unknown");
}

#[tokio::test]
async fn row_61_an_authority_is_believed_by_a_trusted_list() {
    let (desk, supervisor) = (Desk::new().await, Supervisor::new());
    desk.put("signers.pem", &supervisor.pem);
    desk.put(
        "list.xml",
        &supervisor.list(&desk.house.ca.pem, &[("granted", days(-30))], days(30)),
    );
    let service = desk.serve(&desk.with_list());
    let report = service.report(&desk.signed);
    assert_eq!(report["signatures"][0]["trust"], "trusted", "{report}");
    // Withdrawn from yesterday on, while the service runs.
    desk.put(
        "list.xml",
        &supervisor.list(
            &desk.house.ca.pem,
            &[("withdrawn", days(-1)), ("granted", days(-30))],
            days(30),
        ),
    );
    let report = service.until(&desk.signed, "trust", "unknown");
    assert!(codes(&report).contains(&"authority_not_granted"), "{report}");
    assert_eq!(report["verdict"], "indeterminate");
}

#[tokio::test]
async fn row_61_an_authority_that_will_be_granted_tomorrow_is_not_believed_today() {
    let (desk, supervisor) = (Desk::new().await, Supervisor::new());
    desk.put("signers.pem", &supervisor.pem);
    desk.put(
        "list.xml",
        &supervisor.list(&desk.house.ca.pem, &[("granted", days(1))], days(30)),
    );
    let report = desk.serve(&desk.with_list()).report(&desk.signed);
    assert!(codes(&report).contains(&"authority_not_granted"), "{report}");
}

#[tokio::test]
async fn a_trusted_list_past_its_next_update_says_nothing_of_today() {
    let (desk, supervisor) = (Desk::new().await, Supervisor::new());
    desk.put("signers.pem", &supervisor.pem);
    desk.put(
        "list.xml",
        &supervisor.list(&desk.house.ca.pem, &[("granted", days(-30))], days(-1)),
    );
    let report = desk.serve(&desk.with_list()).report(&desk.signed);
    assert_eq!(report["signatures"][0]["trust"], "unknown");
    assert!(codes(&report).contains(&"trusted_list_outdated"), "{report}");
}

#[tokio::test]
async fn row_61_a_trusted_list_that_somebody_else_signed_is_refused_at_the_start_and_ignored_later() {
    let (desk, supervisor) = (Desk::new().await, Supervisor::new());
    let list = |by: &Supervisor| by.list(&desk.house.ca.pem, &[("granted", days(-30))], days(30));
    desk.put("signers.pem", &supervisor.pem);
    desk.put("list.xml", &list(&Supervisor::new()));
    let complaint = desk.complaint(&desk.with_list()).unwrap();
    assert!(
        complaint.contains("list.xml") && complaint.contains("none of the certificates given"),
        "{complaint}"
    );
    desk.put("list.xml", &list(&supervisor));
    let service = desk.serve(&desk.with_list());
    desk.put("list.xml", &list(&Supervisor::new()));
    tokio::time::sleep(Duration::from_secs(5)).await; // two looks
    assert_eq!(service.report(&desk.signed)["signatures"][0]["trust"], "trusted");
}
