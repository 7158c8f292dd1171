//! SQLite in this very process: statements run where they are asked, a commit is shared by whoever writes at the same
//! time.
//!
//! A statement here takes a few millionths of a second, less than handing it to a thread and waiting for its answer
//! would. What takes long is making a commit durable, so that happens on a thread of its own and for everybody who
//! waits: [`writer`] tells how. Reading needs pages that the operating system almost always has in memory; a
//! deployment whose database does not fit there, or that has several nodes, runs on PostgreSQL.

mod readers;
mod statement;
mod writer;

use std::{path::Path, time::Duration};

pub use readers::{Lease, Readers};
pub use statement::{Rows, run};
pub use writer::{Turn, Writer};

use crate::error::Fault;

/// The file that a `sqlite:` URL names; `None` for a URL of another engine.
pub fn file(url: &str) -> Option<&Path> {
    let path = url.strip_prefix("sqlite:")?.trim_start_matches("//");
    Some(Path::new(path.split_once('?').map_or(path, |(path, _)| path)))
}

/// Opens the file, durable at every commit, with a cache of so many kilobytes; other processes (the command line) may
/// hold it for up to `patience`.
pub fn open(file: &Path, patience: Duration, cache: u16) -> Result<rusqlite::Connection, Fault> {
    let opened = || -> Result<rusqlite::Connection, rusqlite::Error> {
        let connection = rusqlite::Connection::open(file)?;
        connection.busy_timeout(OPENING)?;
        connection.execute_batch(PRAGMAS)?;
        connection.pragma_update(None, "cache_size", i64::from(cache).saturating_neg())?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.busy_timeout(patience)?;
        Ok(connection)
    };
    opened().map_err(|source| Fault::of("opening the database", source))
}

/// `synchronous = FULL`: a commit is on the disk before it returns. `temp_store`: a savepoint's old pages stay in memory.
/// `wal_autocheckpoint`: a page that changes a hundred times on the way to sixteen megabytes is written back once.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
    PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000;";
/// Another process may be closing the database, which takes its journal away.
const OPENING: Duration = Duration::from_secs(10);
/// More than there are statements in this crate.
const STATEMENTS: usize = 256;
