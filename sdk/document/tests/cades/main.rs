//! CMS signatures by the European Commission's DSS and by others whose bugs it keeps: our integrity
//! against theirs. Read from the corpora beside the repository (`AVAL_SHARED`, else `../shared`).

#![expect(
    clippy::unwrap_used,
    reason = "a corpus of known shape; a surprise shall stop the test"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sdk_document::cms::{Content, Doubt, Integrity, SignedData};
use serde_json::Value;

/// `None` with a line that says so when the corpora are not there.
fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("AVAL_SHARED").map_or(beside, PathBuf::from);
    let folder = shared.join("corpora/dss");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: {} is not there; set AVAL_SHARED to the folder that holds corpora/",
        folder.display()
    );
    None
}

/// `None` for a detached signature: the corpus does not hold what it is about.
fn judge(path: &Path) -> Option<String> {
    let signed = match SignedData::parse_padded(&std::fs::read(path).unwrap()) {
        Ok(signed) => signed,
        Err(error) => return Some(error.code().to_owned()),
    };
    let verdict = signed.verify(Content::Embedded, &[]);
    let about_nothing = verdict.integrity == Integrity::Unknown(Doubt::NoContent);
    (!about_nothing).then(|| verdict.integrity.code().to_owned())
}

#[test]
fn row_56_dss_agrees_about_the_integrity_of_cades_signatures() {
    let Some(folder) = corpus() else { return };
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let mut differing = BTreeMap::new();
    let mut cases = 0_u32;
    for file in manifest["files"].as_array().unwrap() {
        let name = file["file"].as_str().unwrap();
        let Some(short) = name.strip_prefix("dss-cades/") else {
            continue;
        };
        let outcomes = file["outcomes"].as_array().unwrap().iter();
        let mut said =
            outcomes.filter_map(|outcome| outcome["expected"]["b_level_technically_valid"].as_bool());
        let Some(valid) = said.next_back() else { continue };
        let Some(found) = judge(&folder.join(name)) else {
            continue;
        };
        cases = cases.saturating_add(1);
        if (found == "intact") != valid {
            differing.insert(short.to_owned(), found);
        }
    }
    let listed: BTreeMap<String, String> = include_str!("differences.txt")
        .lines()
        .filter_map(|line| line.split_once(": ["))
        .filter_map(|(name, why)| Some((name.to_owned(), why.split_once(']')?.0.to_owned())))
        .collect();
    assert!(cases >= 30, "only {cases} cases");
    assert_eq!(differing, listed);
}
