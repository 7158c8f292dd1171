//! The one connection that writes, and commits that are shared.
//!
//! Making a commit durable waits for the disk, and takes a hundred times as long as the statements before it. So
//! requests that write at the same time share one: each has its turn, one after another, all but the first inside a
//! savepoint, and a thread of its own commits for all whose turn is over. Nobody is told of success before that commit is on the disk,
//! so what was acknowledged survives a crash, exactly as if each had committed alone; and a request that fails takes
//! back its own savepoint and nothing else.
//!
//! Turns are given in the order of asking. The committing thread asks for one like everybody else, as soon as there is
//! something to commit; while it has company, it first waits [`GATHER`] for more: turns take a fraction of a
//! millisecond, the commit that they then share takes more. So nobody waits much longer than for the commit before and
//! their own, and the busier the service is, the more share one.
//!
//! A request that is refused may have seen what a neighbour in the same commit wrote (a code that was spent a
//! millisecond ago). It was told no more than "refused", and would have been told the same a moment later.

use std::{
    path::Path,
    sync::{Arc, mpsc},
    time::Duration,
};

use rusqlite::ErrorCode;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::open;
use crate::{error::Fault, rules::checkpoint::Head, store::audit};

/// The writing connection.
#[derive(Clone)]
pub struct Writer {
    journal: Arc<Mutex<Journal>>,
    bell: mpsc::SyncSender<()>,
}

/// The connection, and who waits for the next commit.
struct Journal {
    /// `None` once the database is closed.
    connection: Option<rusqlite::Connection>,
    waiting: Vec<oneshot::Sender<Result<(), Lost>>>,
    /// Where the turns of this transaction have left the end of the audit chain: written once, with the commit. Nobody
    /// else can move it meanwhile, since this transaction holds the lock for writing.
    end_of_chain: Option<Head>,
}

/// One request's turn to write. Dropped without [`Turn::commit`], nothing of it happened.
pub struct Turn {
    journal: OwnedMutexGuard<Journal>,
    bell: mpsc::SyncSender<()>,
    place: Place,
    /// The end of the audit chain when the turn began: it is there again if the turn is taken back.
    found: Option<Head>,
    over: bool,
}

/// Where a turn stands in its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It began the transaction, and nobody has written in it before: to take it back is to take the whole back. A
    /// savepoint would cost a copy of every page that changes.
    First,
    /// Inside a savepoint: others' turns before it stay.
    Later,
}

/// The shared commit failed, and why.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the commit failed: {0}")]
struct Lost(Arc<str>);

impl Writer {
    /// Opens the connection and starts the thread that commits.
    pub fn open(file: &Path) -> Result<Self, Fault> {
        // No patience in SQLite itself: it would sleep on a thread that serves. [`Writer::turn`] has it.
        let journal = Arc::new(Mutex::new(Journal {
            connection: Some(open(file, Duration::ZERO, CACHE)?),
            waiting: Vec::new(),
            end_of_chain: None,
        }));
        // One ring is as good as many: the thread commits for everybody who waits by then.
        let (bell, rung) = mpsc::sync_channel(1);
        let shared = Arc::clone(&journal);
        std::thread::Builder::new()
            .name("idp-commit".to_owned())
            .spawn(move || {
                let mut together = 0;
                while rung.recv().is_ok() {
                    // Whoever is alone is not kept waiting for company.
                    if together > 1 {
                        std::thread::sleep(GATHER);
                    }
                    together = shared.blocking_lock().commit();
                }
            })
            .map_err(|source| Fault::of("starting the thread that commits", source))?;
        Ok(Self { journal, bell })
    }

    /// The next turn: waits for whoever asked before, and for other processes that write.
    pub async fn turn(&self) -> Result<Turn, Fault> {
        let taken = tokio::time::timeout(PATIENCE, Arc::clone(&self.journal).lock_owned()).await;
        let mut journal = taken.map_err(|_| Fault::passing("the database: no turn to write came"))?;
        let place = journal.begin().await?;
        Ok(Turn {
            found: journal.end_of_chain,
            journal,
            bell: self.bell.clone(),
            place,
            over: false,
        })
    }

    /// Commits what waits and closes the connection; the last one to go folds the write-ahead log into the file.
    pub async fn close(&self) {
        let mut journal = self.journal.lock().await;
        journal.commit();
        journal.connection = None;
    }
}

impl Turn {
    /// Ends the turn and waits until what was written in it is durable.
    pub async fn commit(mut self) -> Result<(), Fault> {
        let (tell, told) = oneshot::channel();
        if self.place == Place::Later {
            self.journal
                .execute("RELEASE turn")
                .map_err(|source| Fault::of("ending a turn", source))?;
        }
        self.over = true;
        self.journal.waiting.push(tell);
        // Full: it rings already.
        let _rings = self.bell.try_send(());
        drop(self);
        match told.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(lost)) => Err(Fault::of("the database", lost)),
            Err(_) => Err(Fault::plain("the database: nobody committed")),
        }
    }

    /// Where the turns before this one left the end of the audit chain; `None` when none of them wrote a record.
    pub fn end_of_chain(&self) -> Option<Head> {
        self.journal.end_of_chain
    }

    /// Where this turn leaves it.
    pub fn leave_end_of_chain(&mut self, end: Head) {
        self.journal.end_of_chain = Some(end);
    }

    /// The connection, for the statements of this turn.
    pub fn connection(&self) -> Option<&rusqlite::Connection> {
        self.journal.connection.as_ref()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        self.journal.end_of_chain = self.found.take();
        let undone = match self.place {
            Place::First => false,
            Place::Later => {
                let undone = self.journal.execute("ROLLBACK TO turn");
                undone.and_then(|()| self.journal.execute("RELEASE turn")).is_ok()
            }
        };
        if !undone || self.journal.waiting.is_empty() {
            // With nobody waiting there is nothing to keep: other processes may write again at once.
            self.journal.give_up();
        }
    }
}

impl Journal {
    /// Opens a transaction, or a savepoint in the one that others share.
    async fn begin(&mut self) -> Result<Place, Fault> {
        let told = |source| Fault::of("beginning to write", source);
        let connection = self
            .connection
            .as_ref()
            .ok_or(Fault::passing("the database is closed"))?;
        if connection.is_autocommit() {
            // SQLite ends a transaction by itself when the disk is full or fails.
            self.end_of_chain = None;
            self.tell(Err(Lost("the transaction was lost".into())));
            let mut waited = Duration::ZERO;
            // At once the write lock, so that what is read first cannot change before it is written.
            while let Some(problem) = self.execute("BEGIN IMMEDIATE").err() {
                if problem.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) {
                    return Err(told(problem));
                }
                if waited >= PATIENCE {
                    return Err(Fault::passing("the database: another process writes"));
                }
                tokio::time::sleep(PAUSE).await;
                waited = waited.saturating_add(PAUSE);
            }
            return Ok(Place::First);
        }
        self.execute("SAVEPOINT turn").map_err(told)?;
        Ok(Place::Later)
    }

    /// Makes durable what every ended turn wrote, and tells those who wait: so many.
    fn commit(&mut self) -> usize {
        let told = self.waiting.len();
        if told == 0 {
            return 0;
        }
        let chained = self.write_end_of_chain();
        match chained.and_then(|()| self.execute("COMMIT")) {
            Ok(()) => self.tell(Ok(())),
            Err(problem) => {
                tracing::error!(%problem, "a commit failed");
                self.tell(Err(Lost(problem.to_string().into())));
                self.give_up();
            }
        }
        told
    }

    fn write_end_of_chain(&mut self) -> Result<(), rusqlite::Error> {
        let Some(Head { seq, hash }) = self.end_of_chain.take() else {
            return Ok(());
        };
        let mut statement = self.connection()?.prepare_cached(audit::END)?;
        statement.execute((seq, hash.text()))?;
        Ok(())
    }

    fn tell(&mut self, how: Result<(), Lost>) {
        for waiting in self.waiting.drain(..) {
            // Whoever does not listen any more has left; what they wrote stays.
            let _left = waiting.send(how.clone());
        }
    }

    /// Takes the whole transaction back, with everybody's turn in it.
    fn give_up(&mut self) {
        self.tell(Err(Lost("the transaction was taken back".into())));
        self.end_of_chain = None;
        if self
            .connection()
            .is_ok_and(|connection| !connection.is_autocommit())
        {
            let _none_left = self.execute("ROLLBACK");
        }
    }

    /// One of the few statements that surround a turn; they are prepared once.
    fn execute(&self, sql: &str) -> Result<(), rusqlite::Error> {
        self.connection()?.prepare_cached(sql)?.execute(())?;
        Ok(())
    }

    fn connection(&self) -> Result<&rusqlite::Connection, rusqlite::Error> {
        self.connection.as_ref().ok_or(rusqlite::Error::InvalidQuery)
    }
}

/// As long as a request may wait for the database (ten seconds).
const PATIENCE: Duration = Duration::from_secs(10);
/// Kilobytes. It alone writes, so what it has read stays true, and the pages of the indexes are asked for all the time.
const CACHE: u16 = 8 * 1024;
/// How long a commit waits for others to join it, after one that was shared: about what it costs itself. With eight who
/// write at the same time a full code flow made 0.4 commits instead of 1.3, and three quarters of the writes to the disk.
const GATHER: Duration = Duration::from_millis(1);
/// Another process (the command line) writes for a few milliseconds.
const PAUSE: Duration = Duration::from_millis(2);

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> (tempfile::TempDir, Writer) {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::open(&folder.path().join("t.db")).unwrap();
        (folder, writer)
    }

    async fn write(writer: &Writer, sql: &str) -> Turn {
        let turn = writer.turn().await.unwrap();
        turn.connection().unwrap().execute_batch(sql).unwrap();
        turn
    }

    fn count(folder: &tempfile::TempDir) -> i64 {
        let connection = rusqlite::Connection::open(folder.path().join("t.db")).unwrap();
        connection
            .query_row("SELECT COUNT(*) FROM t", [], |row| row.get(0))
            .unwrap()
    }

    #[tokio::test]
    async fn what_is_acknowledged_is_there_for_others() {
        let (folder, writer) = opened();
        write(&writer, "CREATE TABLE t (a)").await.commit().await.unwrap();
        let many: Vec<_> = (0..50)
            .map(|_| {
                let writer = writer.clone();
                tokio::spawn(async move { write(&writer, "INSERT INTO t VALUES (1)").await.commit().await })
            })
            .collect();
        for one in many {
            one.await.unwrap().unwrap();
        }
        assert_eq!(count(&folder), 50);
    }

    #[tokio::test]
    async fn whoever_gives_up_takes_nothing_of_their_neighbours_along() {
        let (folder, writer) = opened();
        write(&writer, "CREATE TABLE t (a)").await.commit().await.unwrap();
        let before = write(&writer, "INSERT INTO t VALUES (1)").await;
        let failing = tokio::spawn({
            let writer = writer.clone();
            async move { drop(write(&writer, "INSERT INTO t VALUES (2)").await) }
        });
        let after = tokio::spawn({
            let writer = writer.clone();
            async move { write(&writer, "INSERT INTO t VALUES (3)").await.commit().await }
        });
        tokio::task::yield_now().await;
        before.commit().await.unwrap();
        failing.await.unwrap();
        after.await.unwrap().unwrap();
        assert_eq!(count(&folder), 2);
    }

    #[tokio::test]
    async fn after_a_turn_that_is_dropped_other_processes_may_write() {
        let (folder, writer) = opened();
        write(&writer, "CREATE TABLE t (a)").await.commit().await.unwrap();
        drop(write(&writer, "INSERT INTO t VALUES (1)").await);
        let other = rusqlite::Connection::open(folder.path().join("t.db")).unwrap();
        other.execute_batch("INSERT INTO t VALUES (3)").unwrap();
        assert_eq!(count(&folder), 1);
    }

    #[tokio::test]
    async fn another_process_that_writes_is_waited_for() {
        let (folder, writer) = opened();
        write(&writer, "CREATE TABLE t (a)").await.commit().await.unwrap();
        let other = rusqlite::Connection::open(folder.path().join("t.db")).unwrap();
        other
            .execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)")
            .unwrap();
        let asked = writer.clone();
        let ours =
            tokio::spawn(async move { write(&asked, "INSERT INTO t VALUES (2)").await.commit().await });
        tokio::time::sleep(Duration::from_millis(20)).await;
        other.execute_batch("COMMIT").unwrap();
        ours.await.unwrap().unwrap();
        assert_eq!(count(&folder), 2);
    }

    #[tokio::test]
    async fn when_the_shared_commit_fails_everybody_in_it_is_told() {
        let (folder, writer) = opened();
        write(&writer, "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)")
            .await
            .commit()
            .await
            .unwrap();
        let orphan = write(&writer, "INSERT INTO t VALUES (1)").await;
        let asked = writer.clone();
        let neighbour =
            tokio::spawn(async move { write(&asked, "INSERT INTO p VALUES (2)").await.commit().await });
        tokio::task::yield_now().await;
        assert!(orphan.commit().await.is_err());
        assert!(neighbour.await.unwrap().is_err());
        assert_eq!(count(&folder), 0);
    }

    #[tokio::test]
    async fn the_end_of_the_chain_is_written_once_with_the_commit_and_a_turn_that_is_taken_back_did_not_move_it()
     {
        let (folder, writer) = opened();
        let chain = "CREATE TABLE audit_head (id, seq, hash); INSERT INTO audit_head VALUES (1, 0, '')";
        write(&writer, chain).await.commit().await.unwrap();
        let mut kept = writer.turn().await.unwrap();
        kept.leave_end_of_chain(Head {
            seq: 1,
            ..Head::empty()
        });
        let asked = writer.clone();
        let taken_back = tokio::spawn(async move {
            let mut turn = asked.turn().await.unwrap();
            let found = turn.end_of_chain();
            turn.leave_end_of_chain(Head {
                seq: 2,
                ..Head::empty()
            });
            found
        });
        tokio::task::yield_now().await;
        kept.commit().await.unwrap();
        assert_eq!(taken_back.await.unwrap().unwrap().seq, 1);
        assert_eq!(writer.turn().await.unwrap().end_of_chain(), None);
        let there = rusqlite::Connection::open(folder.path().join("t.db")).unwrap();
        let seq = there.query_row("SELECT seq FROM audit_head", [], |row| row.get::<_, i64>(0));
        assert_eq!(seq.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_closed_database_is_not_written() {
        let (_folder, writer) = opened();
        writer.close().await;
        assert!(writer.turn().await.is_err());
    }
}
