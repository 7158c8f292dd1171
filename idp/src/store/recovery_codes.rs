//! Saved recovery codes: keyed tags, one set a citizen, each spent once.

use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    keys::DerivedKey,
    rules::{
        ids::{CitizenId, RecoverySetId},
        recovery_code::{RecoveryCode, Saved},
        time::Timestamp,
    },
};

/// Writes a whole new set in place of the one before, unless that is not `expected` any more: true when it was written.
/// Waits for whoever else changes the citizen's account.
///
/// # Errors
/// A fault of the database.
pub async fn replace(
    connection: &mut Connection,
    index: &DerivedKey,
    (citizen, expected): (&CitizenId, Option<&RecoverySetId>),
    (set, codes): (&RecoverySetId, &[RecoveryCode]),
    now: Timestamp,
) -> Result<bool, Fault> {
    super::totp::hold(connection, citizen).await?;
    let standing = saved(connection, citizen).await?.map(|saved| saved.set);
    if standing.as_ref() != expected {
        return Ok(false);
    }
    sqlx::query("DELETE FROM recovery_codes WHERE citizen = $1")
        .bind(citizen.as_str())
        .execute(&mut *connection)
        .await?;
    for code in codes {
        insert(connection, index, (citizen, code), (set, now), now).await?;
    }
    Ok(true)
}

/// Spends a code of this citizen: true exactly once.
///
/// # Errors
/// A fault of the database.
pub async fn spend(
    connection: &mut Connection,
    index: &DerivedKey,
    (citizen, code): (&CitizenId, &RecoveryCode),
    now: Timestamp,
) -> Result<bool, Fault> {
    let spent = sqlx::query(
        "UPDATE recovery_codes SET spent_at = $1 WHERE tag = $2 AND citizen = $3 AND spent_at IS NULL RETURNING tag",
    )
    .bind(now.0)
    .bind(tag(index, citizen, code))
    .bind(citizen.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(spent.is_some())
}

/// Adds a code to the citizen's set, in place of one that was spent.
///
/// # Errors
/// A fault of the database.
pub async fn add(
    connection: &mut Connection,
    index: &DerivedKey,
    (citizen, code): (&CitizenId, &RecoveryCode),
    set: (&RecoverySetId, Timestamp),
    now: Timestamp,
) -> Result<(), Fault> {
    insert(connection, index, (citizen, code), set, now).await
}

/// How many codes a citizen has that are not spent.
///
/// # Errors
/// A fault of the database.
pub async fn left(connection: &mut Connection, citizen: &CitizenId) -> Result<i64, Fault> {
    Ok(saved(connection, citizen).await?.map_or(0, |saved| saved.left))
}

/// The citizen's set, if there is one.
///
/// # Errors
/// A fault of the database.
pub async fn saved(connection: &mut Connection, citizen: &CitizenId) -> Result<Option<Saved>, Fault> {
    let row = sqlx::query(
        "SELECT batch, batch_made_at, COUNT(*) - COUNT(spent_at) FROM recovery_codes WHERE citizen = $1 \
         GROUP BY batch, batch_made_at",
    )
    .bind(citizen.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Saved {
            set: RecoverySetId::known(row.try_get::<String, _>(0)?),
            made_at: Timestamp(row.try_get(1)?),
            left: row.try_get(2)?,
        })
    })
    .transpose()
}

async fn insert(
    connection: &mut Connection,
    index: &DerivedKey,
    (citizen, code): (&CitizenId, &RecoveryCode),
    (set, made_at): (&RecoverySetId, Timestamp),
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO recovery_codes (tag, citizen, batch, batch_made_at, created_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(tag(index, citizen, code))
    .bind(citizen.as_str())
    .bind(set.as_str())
    .bind(made_at.0)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(())
}

fn tag(index: &DerivedKey, citizen: &CitizenId, code: &RecoveryCode) -> String {
    index.tag_text(&[b"recovery code", citizen.as_str().as_bytes(), code.expose()])
}
