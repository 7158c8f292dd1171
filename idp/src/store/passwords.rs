//! Password hashes, one a citizen.

use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    rules::{ids::CitizenId, time::Timestamp},
};

/// Sets a citizen's password.
///
/// # Errors
/// A fault of the database.
pub async fn set(
    connection: &mut Connection,
    citizen: &CitizenId,
    hash: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO passwords (citizen, hash, changed_at) VALUES ($1, $2, $3) \
         ON CONFLICT (citizen) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at",
    )
    .bind(citizen.as_str())
    .bind(hash)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// A citizen has a password.
///
/// # Errors
/// A fault of the database.
pub async fn exists(connection: &mut Connection, citizen: &CitizenId) -> Result<bool, Fault> {
    let row = sqlx::query("SELECT COUNT(*) FROM passwords WHERE citizen = $1")
        .bind(citizen.as_str())
        .fetch_one(connection)
        .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}

/// Hashes the same password again under newer parameters, unless it was changed since it was read.
///
/// # Errors
/// A fault of the database.
pub async fn rehash(
    connection: &mut Connection,
    citizen: &CitizenId,
    (old, new): (&str, &str),
) -> Result<(), Fault> {
    sqlx::query("UPDATE passwords SET hash = $1 WHERE citizen = $2 AND hash = $3")
        .bind(new)
        .bind(citizen.as_str())
        .bind(old)
        .execute(connection)
        .await?;
    Ok(())
}

/// How many stored texts begin so. It reads them all.
///
/// # Errors
/// A fault of the database.
pub async fn beginning(connection: &mut Connection, mark: &str) -> Result<u64, Fault> {
    let row = sqlx::query("SELECT COUNT(*) FROM passwords WHERE substr(hash, 1, length($1)) = $1")
        .bind(mark)
        .fetch_one(connection)
        .await?;
    Ok(u64::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default())
}

/// Takes a citizen's password away; false when they have none.
///
/// # Errors
/// A fault of the database.
pub async fn remove(connection: &mut Connection, citizen: &CitizenId) -> Result<bool, Fault> {
    let done = sqlx::query("DELETE FROM passwords WHERE citizen = $1")
        .bind(citizen.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// When a citizen's password was set last, if they have one.
///
/// # Errors
/// A fault of the database.
pub async fn changed_at(
    connection: &mut Connection,
    citizen: &CitizenId,
) -> Result<Option<Timestamp>, Fault> {
    let row = sqlx::query("SELECT changed_at FROM passwords WHERE citizen = $1")
        .bind(citizen.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(Timestamp(sqlx::Row::try_get(&row, 0)?)))
        .transpose()
}
