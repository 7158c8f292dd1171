//! Every file of the corpora that other validators have judged, judged here; where we differ, we must be
//! the stricter, or the difference is listed with its reason.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sdk_document::{Bytes, Options, Report, SignatureReport, verify};
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

#[test]
fn debug() {
    let Some(corpora) = corpora() else { return };
    let root = corpora.join("pyhanko-tests");
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(root.join("manifest.json")).unwrap()).unwrap();
    let mut anchors = TrustAnchors::new();
    for entry in std::fs::read_dir(root.join("certs")).unwrap() {
        match Certificate::from_der(&std::fs::read(entry.unwrap().path()).unwrap()) {
            Ok(c) => anchors.add(c),
            Err(e) => println!("anchor {e}"),
        }
    }
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for file in manifest["files"].as_array().unwrap() {
        let name = file["file"].as_str().unwrap();
        let bytes = Bytes::new(std::fs::read(root.join(name)).unwrap());
        let mut reports: BTreeMap<String, Report> = BTreeMap::new();
        for outcome in file["outcomes"].as_array().unwrap() {
            let Some(field) = outcome["field"].as_str() else {
                continue;
            };
            let status = &outcome["status"];
            if status["bottom_line"].is_null() {
                continue;
            }
            let when = outcome["now"]
                .as_str()
                .or(outcome["moment"].as_str())
                .unwrap_or("2020-11-01T00:00:00+00:00");
            let at = OffsetDateTime::parse(when, &Rfc3339).unwrap();
            let report = reports
                .entry(when.to_owned())
                .or_insert_with(|| verify(bytes.clone(), &Options::new(anchors.clone(), at)));
            let theirs = format!("{}", status["bottom_line"]);
            let test = outcome["test"].as_str().unwrap();
            let Some(ours) = report.signatures.iter().find(|s| s.field == field) else {
                println!("{name} {field} NOT FOUND {theirs} {test}");
                continue;
            };
            *counts
                .entry((theirs.clone(), ours.indication.to_owned()))
                .or_default() += 1;
            if theirs == "false" && ours.indication == "TOTAL-PASSED"
                || theirs == "true" && ours.indication != "TOTAL-PASSED"
            {
                let s: &SignatureReport = ours;
                println!(
                    "{name} {field} {} {theirs} skip={} custom={} | ours {} {:?} {:?} {:?} {:?} {:?} problems {:?} | {}",
                    when,
                    outcome["skip_diff"],
                    outcome["custom_diff_policy"],
                    s.indication,
                    s.sub_indication,
                    s.integrity,
                    s.coverage,
                    s.later_changes.level,
                    s.trust,
                    report.problems.iter().map(|p| p.code).collect::<Vec<_>>(),
                    test
                );
                println!("      theirs {}", status);
            }
        }
    }
    println!("{counts:?}");
}
