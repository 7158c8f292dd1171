//! Files that other validators have judged, judged here: property by property, in the corpora beside the repository
//! (`AVAL_SHARED`, else `../shared`). Every difference stands in a list beside this file with its reason, those where we
//! are the stricter too; a line that no longer counts what it says fails, so that no list grows stale.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "reads manifests of known shape; a surprise shall stop the test"
)]

mod differences;
mod dss;
mod pyhanko;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A corpus and its manifest, or `None` with a line that says so.
fn corpus(name: &str) -> Option<(PathBuf, Value)> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("AVAL_SHARED").map_or(beside, PathBuf::from);
    let folder = shared.join("corpora").join(name);
    let Ok(manifest) = std::fs::read(folder.join("manifest.json")) else {
        eprintln!(
            "SKIPPED: {} is not there; set AVAL_SHARED to the folder that holds corpora/",
            folder.display()
        );
        return None;
    };
    let manifest = serde_json::from_slice(&manifest).unwrap();
    Some((folder, manifest))
}
