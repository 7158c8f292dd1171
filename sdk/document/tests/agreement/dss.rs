//! The European Commission's validator, DSS: what its own tests expect of the files they keep.

use sdk_document::cms::{Content, Doubt, Integrity as Cryptography, SignedData};
use sdk_document::{Bytes, Coverage, Integrity, Kind, Level, Options, Report, SignatureReport, verify};
use sdk_pki::TrustAnchors;
use serde_json::Value;
use time::OffsetDateTime;

use crate::corpus;
use crate::differences::Differences;

/// Nobody is trusted, as in the peer's tests, so that trust and time differ nowhere.
#[test]
fn row_56_dss_agrees_about_signatures_found_coverage_changes_cryptography_and_level_of_pdfs() {
    let Some((root, manifest)) = corpus("dss") else {
        return;
    };
    let mut differences = Differences::default();
    for (file, expected) in outcomes(&manifest, "dss-pades/") {
        let bytes = Bytes::new(std::fs::read(root.join("dss-pades").join(file)).unwrap());
        let options = Options::new(TrustAnchors::new(), OffsetDateTime::UNIX_EPOCH);
        compare(file, &verify(bytes, &options), expected, &mut differences);
    }
    let least = [
        ("changes", 42),
        ("coverage", 3),
        ("cryptography", 48),
        ("format", 2),
        ("found", 51),
        ("level", 21),
    ];
    differences.are_those_of(include_str!("dss.txt"), &least);
}

/// By short names: the file, and what one test expects of it.
fn outcomes<'m>(manifest: &'m Value, folder: &str) -> Vec<(&'m str, &'m Value)> {
    let files = manifest["files"].as_array().unwrap().iter();
    let named = files.filter_map(|file| Some((file["file"].as_str()?.strip_prefix(folder)?, file)));
    let all = named.flat_map(|(name, file)| {
        let outcomes = file["outcomes"].as_array().unwrap().iter();
        outcomes.map(move |outcome| (name, &outcome["expected"]))
    });
    all.collect()
}

fn compare(file: &str, report: &Report, expected: &Value, differences: &mut Differences) {
    let short = file.trim_start_matches("validation__");
    let codes: Vec<_> = report.problems.iter().map(|p| p.code).collect();
    let detail = format!("{:?} {codes:?}", report.verdict);
    let mut compare = |property, ours, theirs| differences.compare(property, short, ours, theirs, &detail);
    let signatures = || report.signatures.iter().filter(|s| s.kind == Kind::Signature);
    let every = |test: fn(&SignatureReport) -> bool| signatures().all(test);
    // One that cannot be decoded is told of here, and not counted there.
    let any = signatures().any(|s| s.digest_algorithm.is_some());
    let says = |key: &str, wanted: &str| {
        expected[key]
            .as_array()
            .is_some_and(|all| all.iter().any(|v| v == wanted))
    };
    compare("found", any, expected["no_signature"] != true);
    if let Some(valid) = expected["b_level_technically_valid"].as_bool() {
        let sound = any && every(|s| s.integrity == Integrity::Intact);
        compare("cryptography", sound, valid);
    }
    let covers = any && every(|s| matches!(s.coverage, Coverage::WholeFile | Coverage::WholeRevision));
    if let Some(valid) = expected["byte_range_valid"][0].as_bool() {
        compare("coverage", covers, valid);
    }
    if says("sub_indication", "FORMAT_FAILURE") {
        compare("format", report.is_valid(), false);
    }
    if let Some(found) = expected["pdf_modifications_detected"][0].as_bool() {
        let unchanged =
            every(|s| s.later_changes.level < Level::Other) && !codes.iter().any(|c| FORBIDDEN.contains(c));
        compare("changes", unchanged, !found);
    }
    if let Some(levels) = expected["signature_level"].as_array() {
        let theirs = levels.iter().any(|l| l.as_str().unwrap().starts_with("PAdES"));
        compare("level", any && every(|s| s.level.starts_with("PAdES")), theirs);
    }
}

/// What nobody permitted.
const FORBIDDEN: [&str; 5] = [
    "changed_after_signing",
    "docmdp_violated",
    "field_locked",
    "form_overwritten",
    "changes_unknown",
];

/// Some are about content that the corpus does not hold: of these nothing is compared.
#[test]
fn row_56_dss_agrees_about_the_cryptography_of_cades_signatures() {
    let Some((root, manifest)) = corpus("dss") else {
        return;
    };
    let mut differences = Differences::default();
    for (file, expected) in outcomes(&manifest, "dss-cades/") {
        let Some(valid) = expected["b_level_technically_valid"].as_bool() else {
            continue;
        };
        let signature = std::fs::read(root.join("dss-cades").join(file)).unwrap();
        let found = match SignedData::parse_padded(&signature) {
            Ok(signed) => signed.verify(Content::Embedded, &[]).integrity,
            Err(error) => {
                differences.compare("cryptography", short(file), false, valid, error.code());
                continue;
            }
        };
        if found != Cryptography::Unknown(Doubt::NoContent) {
            let intact = found == Cryptography::Intact;
            differences.compare("cryptography", short(file), intact, valid, found.code());
        }
    }
    differences.are_those_of(include_str!("cades.txt"), &[("cryptography", 32)]);
}

fn short(file: &str) -> &str {
    file.trim_start_matches("validation__")
}
