//! The command line, as an operator and `keys-dev` use it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use support::Ca;

const OFFICIAL: &str = r#"{"national_id":"11.111.111-1","given_name":"María José","family_name":"Muñoz del Río",
    "institution":"Municipalidad de Temuco","position":"Directora de Obras"}"#;

struct Desk {
    folder: tempfile::TempDir,
    ca: Ca,
}

impl Desk {
    fn new() -> Self {
        let (folder, ca) = (tempfile::tempdir().unwrap(), Ca::new());
        std::fs::write(
            folder.path().join("signer.toml"),
            support::configuration(folder.path(), &ca.pem),
        )
        .unwrap();
        std::fs::write(folder.path().join("official.json"), OFFICIAL).unwrap();
        Self { folder, ca }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_signer"))
            .args(arguments)
            .current_dir(self.path())
            .env("SIGNER_CONFIG", "signer.toml")
            .output()
            .unwrap()
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success() && output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    }

    fn create(&self) -> serde_json::Value {
        self.json(&[
            "official",
            "create",
            "--from",
            "official.json",
            "--csr-dir",
            "csr",
            "--if-absent",
            "--json",
        ])
    }

    fn certify(&self, chain: &str) -> Vec<String> {
        std::fs::write(self.path().join("chain.pem"), chain).unwrap();
        [
            "official",
            "certify",
            "--national-id",
            "11111111-1",
            "--certificate",
            "chain.pem",
            "--json",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    fn request(&self) -> String {
        std::fs::read_to_string(self.path().join("csr/11111111-1.csr")).unwrap()
    }
}

fn borrowed(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[test]
fn an_official_is_created_certified_and_listed() {
    let desk = Desk::new();
    let created = desk.create();
    assert_eq!(created[0]["created"], true);
    assert_eq!(created[0]["certified"], false);
    let certify = desk.certify(&desk.ca.certify(&desk.request()));
    assert_eq!(desk.json(&borrowed(&certify))["certified"], true);
    let listed = desk.json(&["official", "list", "--json"]);
    assert_eq!(listed[0]["national_id"], "11111111-1");
    assert_eq!(listed[0]["certified"], true);
    let audit = desk.run(&["audit", "verify"]);
    assert!(audit.status.success() && String::from_utf8_lossy(&audit.stdout).starts_with("2 records"));
}

#[test]
fn creating_again_changes_nothing_and_writes_a_lost_request_once_more() {
    let desk = Desk::new();
    let key = desk.create()[0]["key_id"].clone();
    std::fs::remove_file(desk.path().join("csr/11111111-1.csr")).unwrap();
    let again = desk.create();
    assert_eq!(
        (again[0]["created"].as_bool(), &again[0]["key_id"]),
        (Some(false), &key)
    );
    let certify = desk.certify(&desk.ca.certify(&desk.request()));
    assert_eq!(desk.json(&borrowed(&certify))["certified"], true);
}

#[test]
fn creating_again_is_refused_unless_asked_for() {
    let desk = Desk::new();
    desk.create();
    let refused = desk.refused(&[
        "official",
        "create",
        "--from",
        "official.json",
        "--csr-dir",
        "csr",
    ]);
    assert!(refused.contains("already registered"), "{refused}");
}

#[test]
fn a_certificate_for_another_key_is_refused() {
    let desk = Desk::new();
    desk.create();
    let other = Desk::new();
    other.create();
    let certify = desk.certify(&desk.ca.certify(&other.request()));
    assert!(desk.refused(&borrowed(&certify)).contains("for another key"));
}

#[test]
fn a_certificate_for_another_person_is_refused() {
    let desk = Desk::new();
    desk.create();
    let certify = desk.certify(&desk.ca.certify_with(&desk.request(), |params| {
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "María José Muñoz del Río");
    }));
    assert!(desk.refused(&borrowed(&certify)).contains("for another person"));
}

#[test]
fn a_certificate_that_is_not_for_signing_is_refused() {
    let desk = Desk::new();
    desk.create();
    let certify = desk.certify(&desk.ca.certify_with(&desk.request(), |params| {
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyAgreement];
    }));
    assert!(desk.refused(&borrowed(&certify)).contains("key usage"));
}

#[test]
fn an_expired_certificate_is_refused() {
    let desk = Desk::new();
    desk.create();
    let certify = desk.certify(&desk.ca.certify_with(&desk.request(), |params| {
        params.not_before = signer::rules::Moment(0).utc();
        params.not_after = signer::rules::Moment(1000).utc();
    }));
    assert!(desk.refused(&borrowed(&certify)).contains("expired"));
}

#[test]
fn a_chain_in_the_wrong_order_is_refused() {
    let desk = Desk::new();
    desk.create();
    let good = desk.ca.certify(&desk.request());
    let leaf = good.strip_suffix(&desk.ca.pem).unwrap();
    let certify = desk.certify(&format!("{}{leaf}", desk.ca.pem));
    assert!(desk.refused(&borrowed(&certify)).contains("for another key"));
    let certify = desk.certify(&format!("{leaf}{}", Ca::new().pem));
    assert!(
        desk.refused(&borrowed(&certify))
            .contains("do not follow from each other")
    );
}

#[test]
fn a_sealing_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let key = desk.path().join("signer.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(desk.refused(&["check-config"]).contains("chmod 600"));
}

#[test]
fn a_time_zone_that_nobody_knows_is_refused_at_the_start() {
    let desk = Desk::new();
    let file = desk.path().join("signer.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(file, format!("time_zone = \"America/Temuco\"\n{text}")).unwrap();
    for command in ["check-config", "serve"] {
        let refused = desk.refused(&[command]);
        assert!(
            refused.contains("\"America/Temuco\" is no time zone"),
            "{refused}"
        );
    }
}

#[test]
fn a_sound_configuration_will_do() {
    assert!(Desk::new().run(&["check-config"]).status.success());
}
