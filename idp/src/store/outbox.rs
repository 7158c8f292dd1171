//! Logout notices that agencies must still get. A notice is claimed before it is carried, and claimed only when it is
//! due, so that several nodes do not carry the same one; a claim that its node did not live to end runs out by itself.

use sqlx::{Row as _, any::AnyRow};

use super::Connection;
use crate::{
    error::Fault,
    rules::{
        ids::{CitizenId, ClientId, Sid},
        time::Timestamp,
    },
};

/// A notice in the hands of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whom to tell.
    pub client: ClientId,
    /// Which session ended.
    pub sid: Sid,
    /// Whose it was.
    pub citizen: CitizenId,
    /// When it ended.
    pub created_at: Timestamp,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// Puts a notice into the outbox, due at once. A session ends once, so does the notice of it.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    connection: &mut Connection,
    client: &ClientId,
    (citizen, sid): (&CitizenId, &Sid),
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO logout_notices (client, sid, citizen, created_at, attempts, next_at) \
         VALUES ($1, $2, $3, $4, 0, $4) ON CONFLICT (client, sid) DO NOTHING",
    )
    .bind(client.as_str())
    .bind(sid.as_str())
    .bind(citizen.as_str())
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Clients for whom something is due, no more than `most`.
///
/// # Errors
/// A fault of the database.
pub async fn due(connection: &mut Connection, now: Timestamp, most: i64) -> Result<Vec<ClientId>, Fault> {
    let rows = sqlx::query("SELECT DISTINCT client FROM logout_notices WHERE next_at <= $1 LIMIT $2")
        .bind(now.0)
        .bind(most)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok(ClientId::known(row.try_get::<String, _>(0)?)))
        .collect()
}

/// Takes up to `most` due notices of a client; nobody else gets them before `until`.
///
/// # Errors
/// A fault of the database.
pub async fn claim(
    connection: &mut Connection,
    client: &ClientId,
    (now, until): (Timestamp, Timestamp),
    most: i64,
) -> Result<Vec<Notice>, Fault> {
    // `next_at` is asked outside, too: of two nodes that chose the same rows the second finds them claimed.
    let rows = sqlx::query(
        "UPDATE logout_notices SET attempts = attempts + 1, next_at = $1 WHERE client = $2 AND next_at <= $3 AND sid IN \
         (SELECT sid FROM logout_notices WHERE client = $2 AND next_at <= $3 ORDER BY next_at, sid LIMIT $4) \
         RETURNING client, sid, citizen, created_at, attempts",
    )
    .bind(until.0)
    .bind(client.as_str())
    .bind(now.0)
    .bind(most)
    .fetch_all(connection)
    .await?;
    rows.iter().map(notice).collect()
}

/// Takes a notice out for good; false when somebody did before.
///
/// # Errors
/// A fault of the database.
pub async fn remove(connection: &mut Connection, notice: &Notice) -> Result<bool, Fault> {
    let done = sqlx::query("DELETE FROM logout_notices WHERE client = $1 AND sid = $2")
        .bind(notice.client.as_str())
        .bind(notice.sid.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts a claimed notice back until `next`. Nothing happens when the claim had run out and another node has it.
///
/// # Errors
/// A fault of the database.
pub async fn put_back(connection: &mut Connection, notice: &Notice, next: Timestamp) -> Result<(), Fault> {
    sqlx::query("UPDATE logout_notices SET next_at = $1 WHERE client = $2 AND sid = $3 AND attempts = $4")
        .bind(next.0)
        .bind(notice.client.as_str())
        .bind(notice.sid.as_str())
        .bind(notice.attempts)
        .execute(connection)
        .await?;
    Ok(())
}

/// How many notices wait.
///
/// # Errors
/// A fault of the database.
pub async fn waiting(connection: &mut Connection) -> Result<i64, Fault> {
    let row = sqlx::query("SELECT COUNT(*) FROM logout_notices")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get(0)?)
}

/// Forgets the notices of a client that is no more.
///
/// # Errors
/// A fault of the database.
pub async fn forget(connection: &mut Connection, client: &ClientId) -> Result<u64, Fault> {
    let done = sqlx::query("DELETE FROM logout_notices WHERE client = $1")
        .bind(client.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

fn notice(row: &AnyRow) -> Result<Notice, Fault> {
    Ok(Notice {
        client: ClientId::known(row.try_get::<String, _>(0)?),
        sid: Sid::known(row.try_get::<String, _>(1)?),
        citizen: CitizenId::known(row.try_get::<String, _>(2)?),
        created_at: Timestamp(row.try_get(3)?),
        attempts: row.try_get(4)?,
    })
}
