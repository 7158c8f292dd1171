//! Failure counters: charged before the attempt, forgiven after a success.

use sqlx::Row as _;

use super::Connection;
use crate::{error::Fault, rules::time::Timestamp};

/// A counter as it stands after being charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charged {
    /// Attempts since the last success, this one included.
    pub failures: i64,
    /// Attempts before this moment are refused (as it stood *before* this charge).
    pub blocked_until: Timestamp,
}

/// Counts one attempt and returns the counter; the row stays locked until the transaction ends, so parallel attempts
/// are counted one after the other.
///
/// # Errors
/// A fault of the database.
pub async fn charge(connection: &mut Connection, counter: &str) -> Result<Charged, Fault> {
    let row = sqlx::query(
        "INSERT INTO throttles (counter, failures, blocked_until) VALUES ($1, 1, 0) \
         ON CONFLICT (counter) DO UPDATE SET failures = throttles.failures + 1 \
         RETURNING failures, blocked_until",
    )
    .bind(counter)
    .fetch_one(connection)
    .await?;
    Ok(Charged {
        failures: row.try_get(0)?,
        blocked_until: Timestamp(row.try_get(1)?),
    })
}

/// The failures of a counter that is not charged now; its row stays locked until the transaction ends, so that what is
/// summed up with it is summed up once.
///
/// # Errors
/// A fault of the database.
pub async fn hold(connection: &mut Connection, counter: &str) -> Result<i64, Fault> {
    let row = sqlx::query("UPDATE throttles SET failures = failures WHERE counter = $1 RETURNING failures")
        .bind(counter)
        .fetch_optional(connection)
        .await?;
    row.map_or(Ok(0), |row| Ok(row.try_get(0)?))
}

/// Refuses attempts until `until`.
///
/// # Errors
/// A fault of the database.
pub async fn block(connection: &mut Connection, counter: &str, until: Timestamp) -> Result<(), Fault> {
    sqlx::query("UPDATE throttles SET blocked_until = $1 WHERE counter = $2")
        .bind(until.0)
        .bind(counter)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgives every failure; with `trusted`, remembers that a login succeeded here (and makes the counter if need be).
///
/// # Errors
/// A fault of the database.
pub async fn forgive(
    connection: &mut Connection,
    counter: &str,
    trusted: Option<Timestamp>,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO throttles (counter, failures, blocked_until, trusted_at) VALUES ($2, 0, 0, $1) \
         ON CONFLICT (counter) DO UPDATE SET failures = 0, blocked_until = 0, \
         trusted_at = COALESCE(excluded.trusted_at, throttles.trusted_at)",
    )
    .bind(trusted.map(|at| at.0))
    .bind(counter)
    .execute(connection)
    .await?;
    Ok(())
}

/// The pause of this counter is written down once: true for the first attempt that runs into it.
///
/// # Errors
/// A fault of the database.
pub async fn note(connection: &mut Connection, counter: &str) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE throttles SET noted_until = blocked_until WHERE counter = $1 AND noted_until <> blocked_until",
    )
    .bind(counter)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets counters of `few` failures at most that nobody touched since `quiet_since`: numbers that somebody made up, for
/// the most part. More failures than that only a success or recovery forgives.
///
/// # Errors
/// A fault of the database.
pub async fn sweep_failures(
    connection: &mut Connection,
    few: i64,
    quiet_since: Timestamp,
) -> Result<u64, Fault> {
    let done = sqlx::query(
        "DELETE FROM throttles WHERE failures > 0 AND failures <= $1 AND blocked_until <= $2 \
         AND (trusted_at IS NULL OR trusted_at <= $2)",
    )
    .bind(few)
    .bind(quiet_since.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Forgets counters without failures, and browsers whose last success is older than `known_since`.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, known_since: Timestamp) -> Result<u64, Fault> {
    let done =
        sqlx::query("DELETE FROM throttles WHERE failures = 0 AND (trusted_at IS NULL OR trusted_at <= $1)")
            .bind(known_since.0)
            .execute(connection)
            .await?;
    Ok(done.rows_affected())
}

/// A login once succeeded here.
///
/// # Errors
/// A fault of the database.
pub async fn is_trusted(connection: &mut Connection, counter: &str) -> Result<bool, Fault> {
    let row = sqlx::query("SELECT COUNT(*) FROM throttles WHERE counter = $1 AND trusted_at IS NOT NULL")
        .bind(counter)
        .fetch_one(connection)
        .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}
