//! The worst hostile file: families of ten megabytes, each verified by a process of its own, its time and its memory as
//! the kernel counts them.

mod draft;
mod families;
mod forged;
mod packed;
mod signatures;
mod streams;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::browser::Trouble;
pub(super) use forged::renumbered;

/// Every family, and the worst of them, as JSON.
///
/// # Errors
/// When a file cannot be written, or a process gives no answer.
pub fn bench(only: &str) -> Result<Value, Trouble> {
    let folder = std::env::temp_dir().join(format!("aval-hostile-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let all = families::FAMILIES
        .iter()
        .chain(&streams::FAMILIES)
        .chain(&signatures::FAMILIES);
    let roots = folder.join("roots");
    std::fs::create_dir_all(&roots)?;
    for (name, root) in signatures::roots()? {
        std::fs::write(roots.join(name), root)?;
    }
    let told = all
        .filter(|(name, _)| name.contains(only))
        .map(|(name, make)| one(&folder, name, &make()?, &roots))
        .collect::<Result<Vec<_>, _>>();
    let _ = std::fs::remove_dir_all(&folder);
    let told = told?;
    let worst = |what: &str| {
        let most = told
            .iter()
            .max_by(|one, two| figure(one, what).total_cmp(&figure(two, what)));
        most.map(|family| json!({ "family": family["family"], what: family[what] }))
    };
    let (slowest, largest) = (worst("cpu_seconds"), worst("peak_memory_kb"));
    Ok(json!({ "slowest": slowest, "largest": largest, "families": told }))
}

fn one(folder: &Path, name: &str, bytes: &[u8], roots: &Path) -> Result<Value, Trouble> {
    let file = folder.join(format!("{name}.pdf"));
    std::fs::write(&file, bytes)?;
    let mut told = alone(&file, roots)?;
    std::fs::remove_file(&file)?;
    if let Some(map) = told.as_object_mut() {
        map.insert("family".to_owned(), json!(name));
    }
    Ok(told)
}

/// Verified in a process of its own, which nothing was measured in before.
fn alone(file: &Path, roots: &Path) -> Result<Value, Trouble> {
    let done = Command::new(std::env::current_exe()?)
        .arg("verify-alone")
        .arg(file)
        .arg(roots)
        .output()?;
    serde_json::from_slice(&done.stdout)
        .map_err(|_| format!("{}: {}", file.display(), String::from_utf8_lossy(&done.stderr)).into())
}

fn figure(told: &Value, what: &str) -> f64 {
    told[what].as_f64().unwrap_or(f64::MAX)
}
