//! The audit chain: each record carries a hash over itself and the record before.

use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    rules::{
        audit::{Entry, Record},
        checkpoint::{Broken, Head},
        ids::CitizenId,
        secret::Digest,
        time::Timestamp,
    },
};

/// Puts `record` into the caller's transaction: it exists exactly if what it tells of does. It is written when the
/// transaction commits, after everything else: records of all transactions queue at the end of the chain, and whoever
/// stands in that queue must not wait for anything another one in it holds.
///
/// # Errors
/// None here; [`super::Write::commit`] fails when it cannot be written, and then nothing of the transaction happened.
#[expect(
    clippy::unused_async,
    reason = "whoever writes waits for it, like for every other write of the store"
)]
pub async fn append(connection: &mut Connection, record: &Record, now: Timestamp) -> Result<(), Fault> {
    connection.records.push((record.clone(), now));
    Ok(())
}

/// Writes what [`append`] was given, right before the commit.
///
/// # Errors
/// A fault when it cannot be written.
pub(super) async fn write_down(connection: &mut Connection) -> Result<(), Fault> {
    let records = std::mem::take(&mut connection.records);
    if records.is_empty() {
        return Ok(());
    }
    let mut end = match connection.end_of_chain() {
        Some(end) => end,
        None => hold(connection).await?,
    };
    for (record, now) in records {
        end = chain(
            connection,
            &Entry::of(&record, end.seq.saturating_add(1), now),
            &end,
        )
        .await?;
    }
    if connection.leave_end_of_chain(end) {
        return Ok(());
    }
    sqlx::query(END)
        .bind(end.seq)
        .bind(end.hash.text())
        .execute(connection)
        .await?;
    Ok(())
}

/// The end of the chain, and its row's lock, also when there was none: records queue here, so `seq` has no gaps and the
/// chain no forks.
async fn hold(connection: &mut Connection) -> Result<Head, Fault> {
    let begun = Head::empty();
    let row = sqlx::query(
        "INSERT INTO audit_head (id, seq, hash) VALUES (1, $1, $2) \
         ON CONFLICT (id) DO UPDATE SET seq = audit_head.seq RETURNING seq, hash",
    )
    .bind(begun.seq)
    .bind(begun.hash.text())
    .fetch_one(connection)
    .await?;
    Ok(Head {
        seq: row.try_get(0)?,
        hash: digest(row.try_get(1)?)?,
    })
}

/// Writes `entry` behind `end`; the new end.
async fn chain(connection: &mut Connection, entry: &Entry, end: &Head) -> Result<Head, Fault> {
    let hash = entry.hash(&end.hash);
    sqlx::query(
        "INSERT INTO audit (seq, at, event, outcome, reason, citizen, client, session, detail, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(entry.seq)
    .bind(entry.at.0)
    .bind(entry.event.as_str())
    .bind(entry.outcome.as_str())
    .bind(entry.reason.as_str())
    .bind(entry.citizen.as_str())
    .bind(entry.client.as_str())
    .bind(entry.session.as_str())
    .bind(entry.detail.as_str())
    .bind(hash.text())
    .execute(connection)
    .await?;
    Ok(Head { seq: entry.seq, hash })
}

/// Writes the end of the chain.
pub(super) const END: &str = "UPDATE audit_head SET seq = $1, hash = $2 WHERE id = 1";

/// The latest records of one citizen, newest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_citizen(
    connection: &mut Connection,
    citizen: &CitizenId,
    limit: i64,
) -> Result<Vec<Entry>, Fault> {
    let rows = sqlx::query(
        "SELECT seq, at, event, outcome, reason, citizen, client, session, detail, hash FROM audit \
         WHERE citizen = $1 ORDER BY seq DESC LIMIT $2",
    )
    .bind(citizen.as_str())
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(entry(row)?.0)).collect()
}

/// The latest records of one citizen that tell of one of two events, newest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_events(
    connection: &mut Connection,
    citizen: &CitizenId,
    [one, other]: [&str; 2],
    limit: i64,
) -> Result<Vec<Entry>, Fault> {
    let rows = sqlx::query(
        "SELECT seq, at, event, outcome, reason, citizen, client, session, detail, hash FROM audit \
         WHERE citizen = $1 AND event IN ($2, $3) ORDER BY seq DESC LIMIT $4",
    )
    .bind(citizen.as_str())
    .bind(one)
    .bind(other)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(entry(row)?.0)).collect()
}

/// The latest records of one citizen before the one at `seq`, newest first.
///
/// # Errors
/// A fault of the database.
pub async fn before(
    connection: &mut Connection,
    citizen: &CitizenId,
    seq: i64,
    limit: i64,
) -> Result<Vec<Entry>, Fault> {
    let rows = sqlx::query(
        "SELECT seq, at, event, outcome, reason, citizen, client, session, detail, hash FROM audit \
         WHERE citizen = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
    )
    .bind(citizen.as_str())
    .bind(seq)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(entry(row)?.0)).collect()
}

/// What an auditor asks for. Empty fields ask for everything.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Whose.
    pub citizen: Option<CitizenId>,
    /// The exact name of an event.
    pub event: String,
    /// From this moment on.
    pub since: Timestamp,
    /// Before this moment.
    pub until: Timestamp,
}

/// The latest `limit` records that were asked for, newest first.
///
/// # Errors
/// A fault of the database.
pub async fn search(connection: &mut Connection, asked: &Asked, limit: i64) -> Result<Vec<Entry>, Fault> {
    let citizen = asked.citizen.as_ref().map_or("", CitizenId::as_str);
    // Two texts, so that one citizen's records are found by their index.
    let statement = if citizen.is_empty() {
        "SELECT seq, at, event, outcome, reason, citizen, client, session, detail, hash FROM audit \
         WHERE citizen >= $1 AND ($2 = '' OR event = $2) AND at >= $3 AND at < $4 ORDER BY seq DESC LIMIT $5"
    } else {
        "SELECT seq, at, event, outcome, reason, citizen, client, session, detail, hash FROM audit \
         WHERE citizen = $1 AND ($2 = '' OR event = $2) AND at >= $3 AND at < $4 ORDER BY seq DESC LIMIT $5"
    };
    let rows = sqlx::query(statement)
        .bind(citizen)
        .bind(asked.event.as_str())
        .bind(asked.since.0)
        .bind(asked.until.0)
        .bind(limit)
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok(entry(row)?.0)).collect()
}

/// The next records after `after` between two moments, oldest first, with their hashes.
///
/// # Errors
/// A fault of the database.
pub async fn page(
    connection: &mut Connection,
    (since, until): (Timestamp, Timestamp),
    after: i64,
) -> Result<Vec<(Entry, String)>, Fault> {
    let rows = sqlx::query(
        "SELECT seq, at, event, outcome, reason, citizen, client, session, detail, hash FROM audit \
         WHERE seq > $1 AND at >= $2 AND at < $3 ORDER BY seq LIMIT 1000",
    )
    .bind(after)
    .bind(since.0)
    .bind(until.0)
    .fetch_all(connection)
    .await?;
    rows.iter().map(entry).collect()
}

/// The end of the chain as it says itself.
///
/// # Errors
/// A fault of the database.
pub async fn head(connection: &mut Connection) -> Result<Head, Fault> {
    let head = sqlx::query("SELECT seq, hash FROM audit_head WHERE id = 1")
        .fetch_optional(connection)
        .await?;
    head.map_or(Ok(Head::empty()), |row| {
        Ok(Head {
            seq: row.try_get(0)?,
            hash: digest(row.try_get(1)?)?,
        })
    })
}

/// The hash of one record, if there is one.
///
/// # Errors
/// A fault of the database.
pub async fn hash_of(connection: &mut Connection, seq: i64) -> Result<Option<Digest>, Fault> {
    let row = sqlx::query("SELECT hash FROM audit WHERE seq = $1")
        .bind(seq)
        .fetch_optional(connection)
        .await?;
    row.map(|row| digest(row.try_get(0)?)).transpose()
}

/// Walks the chain from its beginning: its end, or the first record that does not fit.
///
/// # Errors
/// A fault of the database.
pub async fn walk(connection: &mut Connection) -> Result<Result<Head, Broken>, Fault> {
    let mut walked = Head::empty();
    loop {
        let rows = page(connection, (Timestamp(i64::MIN), Timestamp(i64::MAX)), walked.seq).await?;
        if rows.is_empty() {
            break;
        }
        for (entry, hash) in rows {
            let expected = walked.seq.saturating_add(1);
            if entry.seq != expected || entry.hash(&walked.hash).text() != hash {
                return Ok(Err(Broken::At(expected)));
            }
            walked = Head {
                seq: entry.seq,
                hash: digest(hash)?,
            };
        }
    }
    // The log grows while it is walked: what it says of its end may be ahead of us, never behind.
    let said = head(connection).await?;
    let shorter = said.seq < walked.seq || (said.seq == walked.seq && said.hash != walked.hash);
    let longer = said.seq > walked.seq && hash_of(connection, said.seq).await?.is_none();
    Ok(if shorter || longer {
        Err(Broken::At(walked.seq.saturating_add(1)))
    } else {
        Ok(walked)
    })
}

/// Walks the chain; the number of records, or the first `seq` that does not fit.
///
/// # Errors
/// A fault of the database.
pub async fn verify(connection: &mut Connection) -> Result<Result<i64, i64>, Fault> {
    let walked = walk(connection).await?;
    Ok(walked.map(|head| head.seq).map_err(|broken| match broken {
        Broken::At(seq) | Broken::CutBefore(seq) | Broken::NotAsSeen(seq) => seq,
    }))
}

fn entry(row: &sqlx::any::AnyRow) -> Result<(Entry, String), Fault> {
    Ok((
        Entry {
            seq: row.try_get(0)?,
            at: Timestamp(row.try_get(1)?),
            event: row.try_get(2)?,
            outcome: row.try_get(3)?,
            reason: row.try_get(4)?,
            citizen: row.try_get(5)?,
            client: row.try_get(6)?,
            session: row.try_get(7)?,
            detail: row.try_get(8)?,
        },
        row.try_get(9)?,
    ))
}

fn digest(text: String) -> Result<Digest, Fault> {
    Digest::try_from(text).map_err(|problem| Fault::of("reading the audit chain", problem))
}
