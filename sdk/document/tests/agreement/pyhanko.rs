//! pyHanko's own test suite: what it said of each file that its tests made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sdk_document::{
    Bytes, Coverage, Integrity, Level, Options, Report, Revocation, Revoked, SignatureReport, TimeSource,
    Trust, verify,
};
use sdk_pki::{Certificate, TrustAnchors};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::corpus;
use crate::differences::Differences;

/// What every outcome of one file needs.
struct Judged<'c> {
    corpus: &'c Corpus,
    bytes: Bytes,
    /// Several tests of the peer ask the same of a file.
    asked: BTreeMap<String, Report>,
}

struct Corpus {
    root: PathBuf,
    all: TrustAnchors,
}

impl Corpus {
    fn open(root: PathBuf) -> Self {
        let certificates = std::fs::read_dir(root.join("certs")).unwrap();
        let all = certificates
            .filter_map(|e| certificate(&e.unwrap().path()))
            .collect();
        Self { root, all }
    }

    fn anchors(&self, outcome: &Value) -> TrustAnchors {
        match outcome["trust_roots"].as_array() {
            Some(named) => named
                .iter()
                .filter_map(|name| certificate(&self.root.join(name.as_str().unwrap())))
                .collect(),
            None => self.all.clone(),
        }
    }
}

fn certificate(path: &Path) -> Option<Certificate> {
    Certificate::from_der(&std::fs::read(path).unwrap()).ok()
}

#[test]
fn row_56_pyhanko_agrees_about_coverage_changes_cryptography_trust_time_and_verdict() {
    let Some((root, manifest)) = corpus("pyhanko-tests") else {
        return;
    };
    let corpus = Corpus::open(root);
    let mut differences = Differences::default();
    let mut named = BTreeSet::new();
    for file in manifest["files"].as_array().unwrap() {
        let bytes = Bytes::new(std::fs::read(corpus.root.join(file["file"].as_str().unwrap())).unwrap());
        let mut judged = Judged {
            corpus: &corpus,
            bytes,
            asked: BTreeMap::new(),
        };
        for outcome in file["outcomes"].as_array().unwrap() {
            named.extend(outcome["test"].as_str());
            judged.compare(outcome, file["file"].as_str().unwrap(), &mut differences);
        }
    }
    let stale = ASKED
        .iter()
        .find(|(test, _)| !named.contains(format!("tests/{test}").as_str()));
    assert_eq!(stale, None, "the corpus has no such test");
    differences.are_those_of(include_str!("pyhanko.txt"), &LEAST);
}

impl Judged<'_> {
    fn compare(&mut self, outcome: &Value, file: &str, differences: &mut Differences) {
        let text = |key: &str| outcome[key].as_str();
        let Some(field) = text("field") else { return };
        let test = text("test").unwrap().trim_start_matches("tests/");
        let asked = ASKED
            .iter()
            .find(|(name, _)| *name == test)
            .map(|(_, asked)| *asked);
        let report = self.report(outcome, asked);
        let Some(ours) = report.signatures.iter().find(|s| s.field == field) else {
            // Not found is not believed, as long as nothing else in the file is.
            return differences.compare("found", test, report.is_valid(), true, file);
        };
        let detail = format!("{file} {} {:?}", ours.indication, ours.sub_indication);
        let mut compare = |property, ours, theirs| differences.compare(property, test, ours, theirs, &detail);
        if let Some(coverage) = text("coverage") {
            let theirs = coverage.ends_with("ENTIRE_FILE") || coverage.ends_with("ENTIRE_REVISION");
            let whole = matches!(ours.coverage, Coverage::WholeFile | Coverage::WholeRevision);
            compare("coverage", whole, theirs);
        }
        let unchanged = permitted(ours, report, asked);
        if let Some(changes) = text("diff_result") {
            compare("changes", unchanged, changes == "DiffResult");
        }
        let status = &outcome["status"];
        let said = |key: &str| status[key].as_bool();
        if let (Some(intact), Some(valid)) = (said("intact"), said("valid")) {
            let sound = ours.integrity == Integrity::Intact;
            compare("cryptography", sound, intact && valid);
            if let Some(indication) = text("ades_status") {
                // EN 319 102-1 §5.6: of an archived signature. The rest of the status is that of its first step.
                let proven = ours.time_source != TimeSource::Verification;
                let passed = ours.indication == "TOTAL-PASSED" && proven;
                return compare("archived", passed, indication.ends_with("PASSED"));
            }
            let trusted = sound && ours.trust == Trust::Trusted;
            compare("trust", trusted, intact && valid && said("trusted").unwrap());
        }
        if said("revoked") == Some(true) {
            compare("revocation", ours.revocation == Revoked::Good, false);
        }
        let stamp = &status["timestamp_validity"];
        if stamp.is_object() {
            let theirs = ["intact", "valid", "trusted"]
                .iter()
                .all(|key| stamp[*key].as_bool().unwrap());
            compare("time", ours.timestamps.iter().any(|t| t.verified), theirs);
        }
        if let Some(bottom_line) = said("bottom_line") {
            let passed = ours.indication == "TOTAL-PASSED" && unchanged;
            compare("verdict", passed, bottom_line);
        }
    }

    fn report(&mut self, outcome: &Value, asked: Option<Asked>) -> &Report {
        let when = ["moment", "now"].iter().find_map(|key| outcome[*key].as_str());
        let at = when.and_then(|w| OffsetDateTime::parse(w, &Rfc3339).ok());
        let mut options = Options::new(
            self.corpus.anchors(outcome),
            at.unwrap_or(OffsetDateTime::UNIX_EPOCH),
        );
        let archived = outcome["kind"].as_str().unwrap().starts_with("ades");
        if archived || asked == Some(Asked::Evidence) {
            options.revocation = Revocation::Required;
        }
        if asked == Some(Asked::TrustNobody) {
            options.anchors = TrustAnchors::new();
        }
        if asked == Some(Asked::ForbidRsa2048) {
            options.algorithms.rsa_below_3000_until = OffsetDateTime::UNIX_EPOCH;
        }
        let question = format!("{at:?} {archived} {asked:?} {}", outcome["trust_roots"]);
        let bytes = &self.bytes;
        self.asked
            .entry(question)
            .or_insert_with(|| verify(bytes.clone(), &options))
    }
}

/// What the corpus holds of each property.
const LEAST: [(&str, usize); 8] = [
    ("archived", 66),
    ("changes", 380),
    ("coverage", 497),
    ("cryptography", 425),
    ("revocation", 2),
    ("time", 108),
    ("trust", 349),
    ("verdict", 310),
];

/// What a test of the peer asks for and its record does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Asked {
    /// There are no trust anchors.
    TrustNobody,
    /// The algorithm of the signature is forbidden.
    ForbidRsa2048,
    /// Of revocation; the peer's came over a network.
    Evidence,
    /// No change at all is permitted.
    NoChanges,
    /// No object that nothing refers to.
    NoOrphans,
}

const ASKED: [(&str, Asked); 6] = [
    (
        "test_signing.py::test_default_validation_context_deprecated",
        Asked::TrustNobody,
    ),
    (
        "test_cms.py::test_forbidden_signature_algorithm",
        Asked::ForbidRsa2048,
    ),
    ("test_signing.py::test_sign_with_revoked", Asked::Evidence),
    (
        "test_signing.py::test_sign_with_later_revoked_nots",
        Asked::Evidence,
    ),
    ("test_diff_analysis.py::test_no_changes_policy", Asked::NoChanges),
    ("test_diff_analysis.py::test_orphan[False]", Asked::NoOrphans),
];

fn permitted(ours: &SignatureReport, report: &Report, asked: Option<Asked>) -> bool {
    let forbidden = [
        "changed_after_signing",
        "docmdp_violated",
        "field_locked",
        "form_overwritten",
        "changes_unknown",
    ];
    let about =
        |p: &sdk_document::Problem| p.field.as_deref() == Some(&ours.field) && forbidden.contains(&p.code);
    let later = &ours.later_changes;
    let farthest = match asked {
        Some(Asked::NoChanges | Asked::NoOrphans) => Level::None,
        _ => Level::Annotate,
    };
    ours.revision.is_some() && later.level <= farthest && !report.problems.iter().any(about)
}
