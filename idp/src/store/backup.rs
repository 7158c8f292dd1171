//! A copy of a SQLite database while it is used: whole, of one moment, in one file.

use std::{
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

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
/// what is committed before this began is in the copy, and nothing after it. The file appears when it is whole: what went
/// wrong leaves none.
///
/// # Errors
/// A fault when the file exists, cannot be written, or would not be sound.
pub fn copy(url: &str, to: &Path) -> Result<Copied, Fault> {
    let Some(database) = sqlite::file(url) else {
        return Ok(Copied::Elsewhere);
    };
    let written = |source: io::Error| Fault::of("writing the copy", source);
    if !database.exists() {
        return Err(Fault::plain("copying the database: there is none"));
    }
    if to.exists() {
        return Err(Fault::plain("writing the copy: there is a file of that name"));
    }
    let begun = Begun::beside(to).map_err(written)?;
    vacuum(database, &begun)?;
    begun.finish(to).map_err(written)?;
    Ok(Copied::Whole)
}

/// A copy that is not whole yet, under a name of its own. Whatever goes wrong, nothing of it stays.
struct Begun {
    path: PathBuf,
    file: File,
}

impl Begun {
    fn beside(to: &Path) -> io::Result<Self> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut name = to.file_name().unwrap_or_default().to_owned();
        // Two that copy at once are in nobody's way; one that was killed leaves this behind.
        name.push(format!(".{}.part", std::process::id()));
        let path = to.with_file_name(name);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Self { path, file })
    }

    /// On the disk, under the name that was asked for, unless somebody took it meanwhile.
    fn finish(self, to: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        std::fs::hard_link(&self.path, to)?;
        match to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => File::open(folder)?.sync_all(),
            None => File::open(".")?.sync_all(),
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, file = %self.path.display(), "what was copied so far stays behind");
        }
    }
}

/// <https://sqlite.org/lang_vacuum.html#vacuum_into>: a reader's snapshot; the file may exist when it is empty.
fn vacuum(database: &Path, begun: &Begun) -> Result<(), Fault> {
    let fault = |source: rusqlite::Error| Fault::of("copying the database", source);
    let target = begun
        .path
        .to_str()
        .ok_or_else(|| Fault::plain("copying the database: the name of the file is not UTF-8"))?;
    let from = sqlite::open(database, PATIENCE, CACHE)?;
    from.execute("VACUUM INTO ?1", [target]).map_err(fault)?;
    let copy = rusqlite::Connection::open(&begun.path).map_err(fault)?;
    let sound: String = copy
        .query_row("PRAGMA quick_check", [], |row| row.get(0))
        .map_err(fault)?;
    if sound == "ok" {
        Ok(())
    } else {
        Err(Fault::of("checking the copy", sound))
    }
}

/// Reading waits for nobody; only whoever closes the database may be in the way for a moment.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// Kilobytes: every page is read once.
const CACHE: u16 = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// A database of some hundred pages.
    fn database(folder: &Path) -> PathBuf {
        let path = folder.join("idp.db");
        let made = rusqlite::Connection::open(&path).unwrap();
        made.execute_batch(
            "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) \
             INSERT INTO t SELECT randomblob(900) FROM n;",
        )
        .unwrap();
        path
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn copied(folder: &Path) -> Result<Copied, Fault> {
        let url = format!("sqlite://{}", folder.join("idp.db").display());
        copy(&url, &folder.join("copy.db"))
    }

    #[test]
    fn a_whole_copy_is_the_only_file_that_appears() {
        let folder = tempfile::tempdir().unwrap();
        database(folder.path());
        assert_eq!(copied(folder.path()).unwrap(), Copied::Whole);
        assert_eq!(names(folder.path()), ["copy.db", "idp.db"]);
    }

    #[test]
    fn a_copy_that_fails_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = database(folder.path());
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.get_mut(40_000..200_000).unwrap().fill(0xff);
        std::fs::write(&path, bytes).unwrap();
        copied(folder.path()).unwrap_err();
        assert_eq!(names(folder.path()), ["idp.db"]);
    }

    #[test]
    fn a_file_that_is_there_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        database(folder.path());
        std::fs::write(folder.path().join("copy.db"), b"yesterday").unwrap();
        copied(folder.path()).unwrap_err();
        assert_eq!(
            std::fs::read(folder.path().join("copy.db")).unwrap(),
            b"yesterday"
        );
        assert_eq!(names(folder.path()), ["copy.db", "idp.db"]);
    }
}
