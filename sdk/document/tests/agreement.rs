//! Files that other validators have judged (pyHanko's own test suite), judged here. Where we differ we are
//! the stricter, or the difference is listed in `agreement.txt` with its reason.

#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "reads a manifest of known shape; a surprise shall stop the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use sdk_document::{Bytes, Coverage, Integrity, Level, Options, Report, Revocation, SignatureReport, verify};
use sdk_pki::{Certificate, TrustAnchors};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The folder of corpora, if it is there.
fn corpora() -> Option<PathBuf> {
    let shared = std::env::var_os("AVAL_SHARED").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let found = [shared, Some(beside)]
        .into_iter()
        .flatten()
        .map(|p| p.join("corpora"))
        .find(|p| p.is_dir());
    if found.is_none() {
        eprintln!("skipped: no corpora; set AVAL_SHARED to the folder that holds them");
    }
    found
}

/// Tests of the peer (their names, or the start of them) where we say more than it does, and why.
fn explained() -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("agreement.txt").lines();
    lines
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| l.split_once(": "))
        .collect()
}

struct Corpus {
    root: PathBuf,
    all: TrustAnchors,
}

impl Corpus {
    fn anchors(&self, outcome: &Value) -> TrustAnchors {
        let Some(named) = outcome["trust_roots"].as_array() else {
            return self.all.clone();
        };
        let load = |name: &Value| {
            Certificate::from_der(&std::fs::read(self.root.join(name.as_str().unwrap())).unwrap())
        };
        named.iter().filter_map(|name| load(name).ok()).collect()
    }
}

#[derive(Default)]
struct Tally {
    agree: BTreeMap<&'static str, usize>,
    stricter: BTreeMap<&'static str, usize>,
    laxer: BTreeSet<String>,
}

impl Tally {
    /// Compares one property: whether each finds it good.
    fn property(&mut self, name: &'static str, ours: bool, theirs: bool, test: &str, detail: &str) {
        match (ours, theirs) {
            (false, true) => *self.stricter.entry(name).or_default() += 1,
            (true, false) => {
                self.laxer.insert(format!("{test}: {name} {detail}"));
            }
            _ => *self.agree.entry(name).or_default() += 1,
        }
    }
}

#[test]
fn row_56_nothing_is_believed_here_that_the_peer_refuses() {
    let Some(corpora) = corpora() else { return };
    let root = corpora.join("pyhanko-tests");
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(root.join("manifest.json")).unwrap()).unwrap();
    let certificates = std::fs::read_dir(root.join("certs")).unwrap();
    let all =
        certificates.filter_map(|e| Certificate::from_der(&std::fs::read(e.unwrap().path()).unwrap()).ok());
    let corpus = Corpus {
        all: all.collect(),
        root,
    };
    let mut tally = Tally::default();
    for file in manifest["files"].as_array().unwrap() {
        let bytes = Bytes::new(std::fs::read(corpus.root.join(file["file"].as_str().unwrap())).unwrap());
        // Several tests of the peer ask the same of a file.
        let mut asked = BTreeMap::new();
        for outcome in file["outcomes"].as_array().unwrap() {
            compare(&corpus, &bytes, outcome, &mut asked, &mut tally);
        }
    }
    let explained = explained();
    let known = |line: &String| explained.iter().any(|(test, _)| line.contains(test));
    let surprises: Vec<&String> = tally.laxer.iter().filter(|line| !known(line)).collect();
    eprintln!(
        "agree {:?}\nstricter {:?}\nlaxer, explained {}",
        tally.agree,
        tally.stricter,
        tally.laxer.len()
    );
    assert!(surprises.is_empty(), "we say more than the peer:\n{surprises:#?}");
    assert!(
        tally.agree.values().sum::<usize>() > 1_000,
        "the corpus is not all there"
    );
}

fn compare(
    corpus: &Corpus,
    bytes: &Bytes,
    outcome: &Value,
    asked: &mut BTreeMap<String, Report>,
    tally: &mut Tally,
) {
    let Some(field) = outcome["field"].as_str() else {
        return;
    };
    let test = outcome["test"].as_str().unwrap();
    let when = ["moment", "now"].iter().find_map(|key| outcome[*key].as_str());
    let at = when.and_then(|w| OffsetDateTime::parse(w, &Rfc3339).ok());
    let mut options = Options::new(corpus.anchors(outcome), at.unwrap_or(OffsetDateTime::UNIX_EPOCH));
    let evidence = outcome["kind"].as_str().is_some_and(|k| k.starts_with("ades"));
    if evidence {
        options.revocation = Revocation::Required;
    }
    let question = format!("{at:?} {evidence} {}", outcome["trust_roots"]);
    let report = &*asked
        .entry(question)
        .or_insert_with(|| verify(bytes.clone(), &options));
    let Some(ours) = report.signatures.iter().find(|s| s.field == field) else {
        // Not found is not believed, as long as nothing else in the file is.
        return tally.property("found", report.is_valid(), true, test, "");
    };
    let detail = format!(
        "{:?} {} {:?}",
        ours.later_changes.level, ours.indication, report.verdict
    );
    if let Some(coverage) = outcome["coverage"].as_str() {
        let theirs = coverage.ends_with("ENTIRE_FILE") || coverage.ends_with("ENTIRE_REVISION");
        let whole = matches!(ours.coverage, Coverage::WholeFile | Coverage::WholeRevision);
        tally.property("coverage", whole, theirs, test, &detail);
    }
    if let Some(changes) = outcome["diff_result"].as_str() {
        tally.property(
            "changes",
            permitted(ours, report),
            changes == "DiffResult",
            test,
            &detail,
        );
    }
    let status = &outcome["status"];
    if let (Some(intact), Some(valid)) = (status["intact"].as_bool(), status["valid"].as_bool()) {
        tally.property(
            "cryptography",
            ours.integrity == Integrity::Intact,
            intact && valid,
            test,
            &detail,
        );
    }
    if let Some(bottom_line) = status["bottom_line"].as_bool() {
        tally.property(
            "verdict",
            ours.indication == "TOTAL-PASSED",
            bottom_line,
            test,
            &detail,
        );
    }
    if let Some(indication) = outcome["ades_status"].as_str() {
        let theirs = indication.ends_with("PASSED");
        tally.property(
            "indication",
            ours.indication == "TOTAL-PASSED",
            theirs,
            test,
            &detail,
        );
    }
}

fn permitted(ours: &SignatureReport, report: &Report) -> bool {
    let forbidden = [
        "changed_after_signing",
        "docmdp_violated",
        "field_locked",
        "form_overwritten",
        "changes_unknown",
    ];
    let about =
        |p: &sdk_document::Problem| p.field.as_deref() == Some(&ours.field) && forbidden.contains(&p.code);
    ours.revision.is_some() && ours.later_changes.level < Level::Other && !report.problems.iter().any(about)
}

/// Files of the European Commission's validator: where it finds a signature broken, so do we.
#[test]
fn row_56_what_dss_finds_broken_is_broken() {
    let Some(corpora) = corpora() else { return };
    let root = corpora.join("dss");
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(root.join("manifest.json")).unwrap()).unwrap();
    let (mut broken, mut sound) = (0_usize, 0_usize);
    for file in manifest["files"].as_array().unwrap() {
        let name = file["file"].as_str().unwrap();
        let expected = &file["outcomes"][0]["expected"];
        if !name.starts_with("dss-pades") {
            continue;
        }
        let bytes = Bytes::new(std::fs::read(root.join(name)).unwrap());
        let report = verify(
            bytes,
            &Options::new(TrustAnchors::new(), OffsetDateTime::UNIX_EPOCH),
        );
        let all_sound = report.signatures.iter().all(|s| {
            s.integrity == Integrity::Intact && s.indication != "TOTAL-FAILED" && s.revision.is_some()
        });
        match expected["b_level_technically_valid"].as_bool() {
            Some(false) => assert!(!all_sound, "{name}: {report:#?}"),
            Some(true) if all_sound => sound = sound.saturating_add(1),
            _ => broken = broken.saturating_add(1),
        }
    }
    eprintln!("sound here and there {sound}, broken here or not asked there {broken}");
}
