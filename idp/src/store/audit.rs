//! The audit chain: each record carries a hash over itself and the record before.

use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    rules::{
        audit::{Entry, Record, genesis},
        ids::CitizenId,
        secret::Digest,
        time::Timestamp,
    },
};

/// Appends `record` inside the caller's transaction: it exists exactly if what it tells of does.
///
/// # Errors
/// A fault when it cannot be written; then the caller must not act either.
pub async fn append(connection: &mut Connection, record: &Record, now: Timestamp) -> Result<(), Fault> {
    // The write takes the head's row lock, also when it makes the head: records queue here, so `seq` has no gaps and the
    // chain no forks.
    let head = sqlx::query(
        "INSERT INTO audit_head (id, seq, hash) VALUES (1, 1, $1) \
         ON CONFLICT (id) DO UPDATE SET seq = audit_head.seq + 1 RETURNING seq, hash",
    )
    .bind(genesis().text())
    .fetch_one(&mut *connection)
    .await?;
    let (seq, previous) = (head.try_get::<i64, _>(0)?, digest(head.try_get(1)?)?);
    let entry = Entry::of(record, seq, now);
    let hash = entry.hash(&previous).text();
    sqlx::query(
        "INSERT INTO audit (seq, at, event, outcome, reason, citizen, client, session, detail, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(entry.seq)
    .bind(entry.at.0)
    .bind(entry.event)
    .bind(entry.outcome)
    .bind(entry.reason)
    .bind(entry.citizen)
    .bind(entry.client)
    .bind(entry.session)
    .bind(entry.detail)
    .bind(&hash)
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE audit_head SET hash = $1 WHERE id = 1")
        .bind(&hash)
        .execute(connection)
        .await?;
    Ok(())
}

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

/// Walks the chain from its beginning; the number of records, or the first `seq` that does not fit.
///
/// # Errors
/// A fault of the database.
pub async fn verify(connection: &mut Connection) -> Result<Result<i64, i64>, Fault> {
    let mut previous = genesis();
    let mut seq = 0_i64;
    loop {
        let rows = sqlx::query(
            "SELECT seq, at, event, outcome, reason, citizen, client, session, detail, hash FROM audit \
             WHERE seq > $1 ORDER BY seq LIMIT 1000",
        )
        .bind(seq)
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let (entry, hash) = entry(row)?;
            let expected = seq.saturating_add(1);
            if entry.seq != expected || entry.hash(&previous).text() != hash {
                return Ok(Err(expected));
            }
            (seq, previous) = (entry.seq, digest(hash)?);
        }
    }
    let head = sqlx::query("SELECT seq, hash FROM audit_head WHERE id = 1")
        .fetch_optional(connection)
        .await?;
    let head = head
        .map(|row| Ok::<_, Fault>((row.try_get::<i64, _>(0)?, row.try_get::<String, _>(1)?)))
        .transpose()?;
    Ok(match head {
        Some((head, hash)) if head != seq || hash != previous.text() => Err(seq.saturating_add(1)),
        None if seq != 0 => Err(1),
        Some(_) | None => Ok(seq),
    })
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
