//! pyHanko on the same file: what another good verifier costs on this machine.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use sdk_pki::Certificate;
use serde_json::{Value, json};

use crate::browser::Trouble;

/// How many times a second of processor time it verifies `file` against `root`, with nothing known of the authorities;
/// where it is not installed or does not believe the file, a sentence that says so.
///
/// # Errors
/// When the file cannot be written, or Python cannot be started.
pub fn rate(file: &[u8], root: &Certificate, lasting: Duration) -> Result<Value, Trouble> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = tests.join(".venv/bin/python");
    if !python.exists() {
        return Ok(json!("not installed here: tests/run --only python"));
    }
    let folder = std::env::temp_dir().join(format!("aval-bench-pyhanko-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (document, trusted) = (folder.join("document.pdf"), folder.join("root.der"));
    std::fs::write(&document, file)?;
    std::fs::write(&trusted, root.der())?;
    let done = Command::new(python)
        .arg(tests.join("bench/pyhanko_rate.py"))
        .args([&document, &trusted])
        .arg(lasting.as_secs().to_string())
        .stdin(Stdio::null())
        .output();
    std::fs::remove_dir_all(&folder)?;
    let done = done?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        return Ok(json!(said.lines().last().unwrap_or("it said nothing")));
    }
    let told = String::from_utf8_lossy(&done.stdout);
    Ok(json!(told.trim().parse::<f64>()?.round()))
}
