//! Pushed authorization requests: sealed, found by the digest of their reference, answered once.

use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    keys::Seal,
    rules::{
        authorize::AuthorizeRequest, ids::ClientId, interaction::LIFETIME, secret::Digest, time::Timestamp,
    },
    world::Chance,
};

/// Writes a request that was checked; it is entered by `reference` until `expires_at`.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn insert(
    connection: &mut Connection,
    (seal, chance): (&Seal, &dyn Chance),
    reference: &Digest,
    request: &AuthorizeRequest,
    expires_at: Timestamp,
) -> Result<(), Fault> {
    let plain =
        serde_json::to_vec(request).map_err(|source| Fault::of("writing a pushed request", source))?;
    let digest = reference.text();
    let sealed = seal.seal(chance, &context(&digest), &plain)?;
    sqlx::query("INSERT INTO pushed_requests (digest, client, sealed, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(digest)
        .bind(request.client.as_str())
        .bind(sealed)
        .bind(expires_at.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// The request of `client` with this reference, unless it expired or was answered.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn find(
    connection: &mut Connection,
    seal: &Seal,
    reference: &Digest,
    client: &ClientId,
    now: Timestamp,
) -> Result<Option<AuthorizeRequest>, Fault> {
    let digest = reference.text();
    let row = sqlx::query(
        "SELECT sealed FROM pushed_requests \
         WHERE digest = $1 AND client = $2 AND expires_at > $3 AND answered_at IS NULL",
    )
    .bind(&digest)
    .bind(client.as_str())
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let plain = seal.open(&context(&digest), &row.try_get::<Vec<u8>, _>(0)?)?;
    serde_json::from_slice(plain.expose())
        .map(Some)
        .map_err(|source| Fault::of("reading a pushed request", source))
}

/// Answers a request: of any number of tabs and nodes exactly one is told true.
///
/// # Errors
/// A fault of the database.
pub async fn answer(connection: &mut Connection, reference: &Digest, now: Timestamp) -> Result<bool, Fault> {
    let done =
        sqlx::query("UPDATE pushed_requests SET answered_at = $1 WHERE digest = $2 AND answered_at IS NULL")
            .bind(now.0)
            .bind(reference.text())
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets the oldest requests of `client`, all but the newest `most`; how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget_beyond(connection: &mut Connection, client: &ClientId, most: i64) -> Result<u64, Fault> {
    let done = sqlx::query(
        "DELETE FROM pushed_requests WHERE client = $1 AND expires_at < \
         (SELECT expires_at FROM pushed_requests WHERE client = $1 ORDER BY expires_at DESC LIMIT 1 OFFSET $2)",
    )
    .bind(client.as_str())
    .bind(most.saturating_sub(1))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Forgets what nobody can be answering any more: a conversation that entered in time may last its whole life.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let done = sqlx::query("DELETE FROM pushed_requests WHERE expires_at <= $1")
        .bind(now.before(LIFETIME).0)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

fn context(digest: &str) -> String {
    format!("pushed_requests:sealed:{digest}")
}
