//! A copy of a SQLite database while it is used: whole, of one moment, in one file.

use std::path::Path;

use super::sqlite;
use crate::error::Fault;

/// Whether a copy was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// It is on the disk and sound.
    Whole,
    /// The database is a PostgreSQL, which has tools of its own.
    Elsewhere,
}

/// Copies the database at `url` into the new file `to`, which is its owner's alone. Whoever serves meanwhile goes on:
/// what is committed before this began is in the copy, and nothing after it.
///
/// # Errors
/// A fault when the file exists, cannot be written, or would not be sound.
pub fn copy(url: &str, to: &Path) -> Result<Copied, Fault> {
    let Some(database) = sqlite::file(url) else {
        return Ok(Copied::Elsewhere);
    };
    let fault = |source: rusqlite::Error| Fault::of("copying the database", source);
    let written = |source: std::io::Error| Fault::of("writing the copy", source);
    let target = to
        .to_str()
        .ok_or_else(|| Fault::plain("copying the database: the name of the file is not UTF-8"))?;
    if !database.exists() {
        return Err(Fault::plain("copying the database: there is none"));
    }
    let from = sqlite::open(database, PATIENCE, CACHE)?;
    let kept = private(to).map_err(written)?;
    // <https://sqlite.org/lang_vacuum.html#vacuum_into>: a reader's snapshot; the file may exist when it is empty.
    from.execute("VACUUM INTO ?1", [target]).map_err(fault)?;
    kept.sync_all().map_err(written)?;
    let copy = rusqlite::Connection::open(to).map_err(fault)?;
    let sound: String = copy
        .query_row("PRAGMA quick_check", [], |row| row.get(0))
        .map_err(fault)?;
    if sound == "ok" {
        Ok(Copied::Whole)
    } else {
        Err(Fault::of("checking the copy", sound))
    }
}

fn private(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Reading waits for nobody; only whoever closes the database may be in the way for a moment.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// Kilobytes: every page is read once.
const CACHE: u16 = 2_000;
