//! Other people's test suites are the judges: NIST PKITS, OpenSSL's OCSP cases, Wycheproof and
//! x509-limbo. They are read from the corpora beside the repository (`AVAL_SHARED`, else
//! `../shared`); without them each test says that it was skipped.
//!
//! Where we judge otherwise on purpose, `differences.txt` names the case and the reason; a case
//! listed there that agrees after all fails too, so the list cannot grow stale.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "a test fails loudly, and counts its cases"
)]

mod limbo;
mod ocsp;
mod pkits;
mod wycheproof;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// A folder of the corpora, or `None` with a line that says so.
fn corpus(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("AVAL_SHARED").map_or(beside, PathBuf::from);
    let folder = shared.join("corpora").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: {} is not there; set AVAL_SHARED to the folder that holds corpora/",
        folder.display()
    );
    None
}

fn json<T: DeserializeOwned>(path: PathBuf) -> T {
    serde_json::from_slice(&read(path)).unwrap()
}

fn read(path: PathBuf) -> Vec<u8> {
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Compares what was found with what a suite expects, case by case, but for the listed differences.
#[derive(Default)]
struct Tally {
    cases: usize,
    differing: BTreeMap<String, String>,
}

impl Tally {
    fn case(&mut self, name: &str, expected: bool, found: Result<(), String>) {
        self.cases += 1;
        if found.is_ok() != expected {
            let found = found.err().unwrap_or_else(|| "accepted".to_owned());
            self.differing.insert(name.to_owned(), found);
        }
    }

    fn finish(self, suite: &str, at_least: usize) {
        assert!(self.cases >= at_least, "{suite}: only {} cases", self.cases);
        let listed: BTreeMap<&str, &str> = include_str!("differences.txt")
            .lines()
            .filter_map(|line| line.strip_prefix(suite)?.strip_prefix(' ')?.split_once(": "))
            .collect();
        let unexplained: Vec<_> = self
            .differing
            .iter()
            .filter(|(name, _)| !listed.contains_key(name.as_str()))
            .collect();
        let stale: Vec<_> = listed
            .keys()
            .filter(|name| !self.differing.contains_key(**name))
            .collect();
        println!(
            "{suite}: {} cases, {} differ on purpose",
            self.cases,
            listed.len()
        );
        assert!(unexplained.is_empty(), "{suite} differs: {unexplained:#?}");
        assert!(stale.is_empty(), "{suite} agrees after all: {stale:#?}");
        let bare: Vec<_> = listed
            .iter()
            .filter(|(_, reason)| !reason.contains('§'))
            .collect();
        assert!(
            bare.is_empty(),
            "{suite}: these reasons name no clause: {bare:#?}"
        );
    }
}
