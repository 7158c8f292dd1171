//! Grants and their codes. A code is spent in the write; a family is revoked in the write.

use sqlx::{Row as _, any::AnyRow};

use super::Connection;
use crate::{
    error::Fault,
    rules::{
        authorize::AuthorizeRequest,
        grant::{CODE_LIFETIME, Grant, SpentCode},
        ids::{CitizenId, ClientId, GrantId, Sid},
        scope::Scopes,
        secret::Digest,
        time::Timestamp,
    },
};

/// What a code turned out to be.
#[derive(Debug)]
pub enum Redeemed {
    /// Unspent until this very write; it is spent now, whatever the caller finds wrong with it.
    Now(SpentCode, Grant),
    /// Spent before: somebody has a copy.
    Again(Grant),
    /// None of ours, or of a family that was revoked.
    Unknown,
}

/// Writes a grant with its code.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    connection: &mut Connection,
    grant: &Grant,
    request: &AuthorizeRequest,
    code: &Digest,
) -> Result<(), Fault> {
    write(connection, grant, Some((request, code))).await
}

/// Writes a grant that no code leads to.
///
/// # Errors
/// A fault of the database.
pub async fn insert_without_code(connection: &mut Connection, grant: &Grant) -> Result<(), Fault> {
    write(connection, grant, None).await
}

async fn write(
    connection: &mut Connection,
    grant: &Grant,
    code: Option<(&AuthorizeRequest, &Digest)>,
) -> Result<(), Fault> {
    let assurance =
        serde_json::to_string(&grant.assurance).map_err(|source| Fault::of("writing a grant", source))?;
    let asked = serde_json::to_string(&grant.asked).map_err(|source| Fault::of("writing a grant", source))?;
    let (request, code) = code.unzip();
    sqlx::query(
        "INSERT INTO grants \
         (id, client, citizen, session, scopes, assurance, auth_time, created_at, expires_at, asked, \
         code, code_expires_at, redirect_uri, challenge, nonce, state_digest, dpop_jkt) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    )
    .bind(grant.id.as_str())
    .bind(grant.client.as_str())
    .bind(grant.citizen.as_str())
    .bind(grant.session.as_str())
    .bind(grant.scopes.to_string())
    .bind(assurance)
    .bind(grant.auth_time.0)
    .bind(grant.created_at.0)
    .bind(grant.expires_at.0)
    .bind(asked)
    .bind(code.map(Digest::text))
    .bind(code.map(|_| grant.created_at.after(CODE_LIFETIME).0))
    .bind(request.map(|request| request.redirect_uri.as_str()))
    .bind(request.and_then(|request| request.challenge.as_deref()))
    .bind(request.and_then(|request| request.nonce.as_deref()))
    .bind(
        request
            .and_then(|request| request.state_to_come_back())
            .map(|state| state.text()),
    )
    .bind(
        request
            .and_then(|request| request.dpop_jkt.as_ref())
            .map(Digest::text),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Spends a code: of any number of writers exactly one gets [`Redeemed::Now`].
///
/// # Errors
/// A fault of the database.
pub async fn redeem(connection: &mut Connection, code: &Digest, now: Timestamp) -> Result<Redeemed, Fault> {
    let row = sqlx::query(
        "UPDATE grants SET redeemed_at = $1 WHERE code = $2 AND redeemed_at IS NULL \
         RETURNING id, client, citizen, session, scopes, assurance, auth_time, created_at, expires_at, asked, \
         redirect_uri, challenge, nonce, code_expires_at, state_digest, dpop_jkt, revoked_at",
    )
    .bind(now.0)
    .bind(code.text())
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(row) = row {
        if row.try_get::<Option<i64>, _>(16)?.is_some() {
            return Ok(Redeemed::Unknown);
        }
        let spent = SpentCode {
            redirect_uri: row.try_get(10)?,
            challenge: row.try_get(11)?,
            nonce: row.try_get(12)?,
            expires_at: Timestamp(row.try_get(13)?),
            state: digest(&row, 14)?,
            dpop_jkt: digest(&row, 15)?,
        };
        return Ok(Redeemed::Now(spent, grant(&row)?));
    }
    let row = sqlx::query(
        "SELECT id, client, citizen, session, scopes, assurance, auth_time, created_at, expires_at, asked \
         FROM grants \
         WHERE code = $1",
    )
    .bind(code.text())
    .fetch_optional(connection)
    .await?;
    row.map_or(Ok(Redeemed::Unknown), |row| Ok(Redeemed::Again(grant(&row)?)))
}

/// A grant that was not revoked.
///
/// # Errors
/// A fault of the database.
pub async fn find(connection: &mut Connection, id: &GrantId) -> Result<Option<Grant>, Fault> {
    let row = sqlx::query(
        "SELECT id, client, citizen, session, scopes, assurance, auth_time, created_at, expires_at, asked \
         FROM grants \
         WHERE id = $1 AND revoked_at IS NULL",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(|row| grant(&row)).transpose()
}

/// A grant, revoked or not.
///
/// # Errors
/// A fault of the database.
pub async fn any(connection: &mut Connection, id: &GrantId) -> Result<Option<Grant>, Fault> {
    let row = sqlx::query(
        "SELECT id, client, citizen, session, scopes, assurance, auth_time, created_at, expires_at, asked \
         FROM grants \
         WHERE id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(|row| grant(&row)).transpose()
}

/// Revokes a family; false when it was.
///
/// # Errors
/// A fault of the database.
pub async fn revoke(connection: &mut Connection, id: &GrantId, now: Timestamp) -> Result<bool, Fault> {
    let done = sqlx::query("UPDATE grants SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL")
        .bind(now.0)
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes every family that a citizen gave a client; how many there were.
///
/// # Errors
/// A fault of the database.
pub async fn revoke_all(
    connection: &mut Connection,
    citizen: &CitizenId,
    client: &ClientId,
    now: Timestamp,
) -> Result<u64, Fault> {
    let done = sqlx::query(
        "UPDATE grants SET revoked_at = $1 WHERE citizen = $2 AND client = $3 AND revoked_at IS NULL",
    )
    .bind(now.0)
    .bind(citizen.as_str())
    .bind(client.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Revokes every family of a client, whoever gave it; how many there were.
///
/// # Errors
/// A fault of the database.
pub async fn revoke_of_client(
    connection: &mut Connection,
    client: &ClientId,
    now: Timestamp,
) -> Result<u64, Fault> {
    let done = sqlx::query("UPDATE grants SET revoked_at = $1 WHERE client = $2 AND revoked_at IS NULL")
        .bind(now.0)
        .bind(client.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Revokes every family that a citizen gave to anybody; how many there were.
///
/// # Errors
/// A fault of the database.
pub async fn revoke_of_citizen(
    connection: &mut Connection,
    citizen: &CitizenId,
    now: Timestamp,
) -> Result<u64, Fault> {
    let done = sqlx::query("UPDATE grants SET revoked_at = $1 WHERE citizen = $2 AND revoked_at IS NULL")
        .bind(now.0)
        .bind(citizen.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Every client that got a code in this session, whatever became of it.
///
/// # Errors
/// A fault of the database.
pub async fn clients_of_session(connection: &mut Connection, session: &Sid) -> Result<Vec<ClientId>, Fault> {
    let rows = sqlx::query("SELECT DISTINCT client FROM grants WHERE session = $1")
        .bind(session.as_str())
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok(ClientId::known(row.try_get::<String, _>(0)?)))
        .collect()
}

/// Forgets families that have ended, with everything of theirs. Spent codes and refresh tokens stay until then: a copy
/// that comes back must still be known as one.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    for statement in [
        "DELETE FROM access_tokens WHERE grant_id IN (SELECT id FROM grants WHERE expires_at <= $1)",
        "DELETE FROM refresh_tokens WHERE grant_id IN (SELECT id FROM grants WHERE expires_at <= $1)",
    ] {
        sqlx::query(statement)
            .bind(now.0)
            .execute(&mut *connection)
            .await?;
    }
    let done = sqlx::query("DELETE FROM grants WHERE expires_at <= $1")
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// A grant from a row of its ten columns in the order of [`find`].
pub(super) fn grant(row: &AnyRow) -> Result<Grant, Fault> {
    Ok(Grant {
        id: GrantId::known(row.try_get::<String, _>(0)?),
        client: ClientId::known(row.try_get::<String, _>(1)?),
        citizen: CitizenId::known(row.try_get::<String, _>(2)?),
        session: Sid::known(row.try_get::<String, _>(3)?),
        scopes: Scopes::parse(&row.try_get::<String, _>(4)?),
        assurance: serde_json::from_str(&row.try_get::<String, _>(5)?)
            .map_err(|source| Fault::of("reading a grant", source))?,
        auth_time: Timestamp(row.try_get(6)?),
        created_at: Timestamp(row.try_get(7)?),
        expires_at: Timestamp(row.try_get(8)?),
        asked: serde_json::from_str(&row.try_get::<String, _>(9)?)
            .map_err(|source| Fault::of("reading a grant", source))?,
    })
}

fn digest(row: &AnyRow, column: usize) -> Result<Option<Digest>, Fault> {
    row.try_get::<Option<String>, _>(column)?
        .map(Digest::try_from)
        .transpose()
        .map_err(|problem| Fault::of("reading a code", problem))
}
