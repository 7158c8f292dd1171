//! WebAuthn ceremonies in progress: each state is taken away once, before it is judged.

use sqlx::Row as _;

use super::Connection;
use crate::{error::Fault, keys::Seal, rules::time::Timestamp, world::Chance};

/// Keeps the state of a ceremony, in place of the one that was bound to the same before.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn put(
    connection: &mut Connection,
    (seal, chance): (&Seal, &dyn Chance),
    bound_to: &str,
    state: &[u8],
    expires_at: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO ceremonies (bound_to, sealed, expires_at) VALUES ($1, $2, $3) \
         ON CONFLICT (bound_to) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at",
    )
    .bind(bound_to)
    .bind(seal.seal(chance, &context(bound_to), state)?)
    .bind(expires_at.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the state of a ceremony away: it is there once, whatever comes of it.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn take(
    connection: &mut Connection,
    seal: &Seal,
    bound_to: &str,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, Fault> {
    let row = sqlx::query("DELETE FROM ceremonies WHERE bound_to = $1 RETURNING sealed, expires_at")
        .bind(bound_to)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    if Timestamp(row.try_get(1)?).reached(now) {
        return Ok(None);
    }
    let plain = seal.open(&context(bound_to), &row.try_get::<Vec<u8>, _>(0)?)?;
    Ok(Some(plain.expose().clone()))
}

/// Forgets the oldest challenges, all but the newest `most`; how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget_beyond(connection: &mut Connection, most: i64) -> Result<u64, Fault> {
    let done = sqlx::query(
        "DELETE FROM ceremonies WHERE expires_at < \
         (SELECT expires_at FROM ceremonies ORDER BY expires_at DESC LIMIT 1 OFFSET $1)",
    )
    .bind(most.saturating_sub(1))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Forgets the ceremonies that nobody finished.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let done = sqlx::query("DELETE FROM ceremonies WHERE expires_at <= $1")
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

fn context(bound_to: &str) -> String {
    format!("ceremonies:sealed:{bound_to}")
}
