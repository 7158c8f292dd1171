//! Access and refresh tokens, as digests. A refresh token is spent in the write.

use sqlx::Row as _;

use super::{Connection, grants};
use crate::{
    error::Fault,
    rules::{
        grant::{Grant, REFRESH_GRACE, Refreshed},
        ids::GrantId,
        scope::Scopes,
        secret::Digest,
        session::OVERALL,
        time::Timestamp,
    },
};

/// What a refresh token turned out to be.
#[derive(Debug)]
pub enum Spent {
    /// Good, and spent by this very write.
    Now(Refreshed, Grant),
    /// Spent before, too late or too often for a lost answer: somebody has a copy.
    Again(Grant),
    /// None of ours, or of a family that was revoked.
    Unknown,
}

/// Writes an access token.
///
/// # Errors
/// A fault of the database.
pub async fn insert_access(
    connection: &mut Connection,
    token: &Digest,
    grant: &GrantId,
    scopes: &Scopes,
    (issued_at, expires_at): (Timestamp, Timestamp),
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO access_tokens (digest, grant_id, scopes, issued_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(token.text())
    .bind(grant.as_str())
    .bind(scopes.to_string())
    .bind(issued_at.0)
    .bind(expires_at.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// The grant and scopes of a living access token: not expired, not revoked, its family not revoked, and its session
/// not ended unless the family outlives it.
///
/// # Errors
/// A fault of the database.
pub async fn find_access(
    connection: &mut Connection,
    token: &Digest,
    now: Timestamp,
) -> Result<Option<(Grant, Scopes)>, Fault> {
    let row = sqlx::query(
        "SELECT grant_id, scopes FROM access_tokens WHERE digest = $1 AND expires_at > $2 AND revoked_at IS NULL",
    )
    .bind(token.text())
    .bind(now.0)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let scopes = Scopes::parse(&row.try_get::<String, _>(1)?);
    let grant = grants::find(connection, &GrantId::known(row.try_get::<String, _>(0)?)).await?;
    match grant {
        Some(grant) if lives(connection, &grant, now).await? => Ok(Some((grant, scopes))),
        Some(_) | None => Ok(None),
    }
}

/// The family of an access token, whatever its state.
///
/// # Errors
/// A fault of the database.
pub async fn family_of_access(connection: &mut Connection, token: &Digest) -> Result<Option<GrantId>, Fault> {
    let row = sqlx::query("SELECT grant_id FROM access_tokens WHERE digest = $1")
        .bind(token.text())
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(GrantId::known(row.try_get::<String, _>(0)?)))
        .transpose()
}

/// The family of a refresh token, whatever its state.
///
/// # Errors
/// A fault of the database.
pub async fn family_of_refresh(
    connection: &mut Connection,
    token: &Digest,
) -> Result<Option<GrantId>, Fault> {
    let row = sqlx::query("SELECT grant_id FROM refresh_tokens WHERE digest = $1")
        .bind(token.text())
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(GrantId::known(row.try_get::<String, _>(0)?)))
        .transpose()
}

/// Revokes one access token.
///
/// # Errors
/// A fault of the database.
pub async fn revoke_access(connection: &mut Connection, token: &Digest, now: Timestamp) -> Result<(), Fault> {
    sqlx::query("UPDATE access_tokens SET revoked_at = $1 WHERE digest = $2 AND revoked_at IS NULL")
        .bind(now.0)
        .bind(token.text())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes a refresh token; `parent` is the one it replaces.
///
/// # Errors
/// A fault of the database.
pub async fn insert_refresh(
    connection: &mut Connection,
    token: &Digest,
    grant: &GrantId,
    parent: Option<&Digest>,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query("INSERT INTO refresh_tokens (digest, grant_id, parent, issued_at) VALUES ($1, $2, $3, $4)")
        .bind(token.text())
        .bind(grant.as_str())
        .bind(parent.map(Digest::text))
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Spends a refresh token: the first use wins; a second one within [`REFRESH_GRACE`] wins once more if the first's
/// successor was never used, which is then void (its holder never got it, or is a thief and will be noticed).
///
/// # Errors
/// A fault of the database.
pub async fn spend_refresh(
    connection: &mut Connection,
    token: &Digest,
    now: Timestamp,
) -> Result<Spent, Fault> {
    let first = sqlx::query(
        "UPDATE refresh_tokens SET spent_at = $1 WHERE digest = $2 AND spent_at IS NULL RETURNING grant_id",
    )
    .bind(now.0)
    .bind(token.text())
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(row) = first {
        return spent(connection, row.try_get(0)?, Refreshed::First, now).await;
    }
    let retried = sqlx::query(
        "UPDATE refresh_tokens SET retried_at = $1 WHERE digest = $2 AND retried_at IS NULL AND spent_at >= $3 \
         RETURNING grant_id",
    )
    .bind(now.0)
    .bind(token.text())
    .bind(now.before(REFRESH_GRACE).0)
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(row) = retried {
        // A void token counts as spent and retried: whoever brings it is a second holder.
        let voided = sqlx::query(
            "UPDATE refresh_tokens SET spent_at = $1, retried_at = $1 WHERE parent = $2 AND spent_at IS NULL",
        )
        .bind(now.0)
        .bind(token.text())
        .execute(&mut *connection)
        .await?;
        if voided.rows_affected() == 1 {
            return spent(connection, row.try_get(0)?, Refreshed::Retried, now).await;
        }
    }
    let Some(family) = family_of_refresh(connection, token).await? else {
        return Ok(Spent::Unknown);
    };
    Ok(grants::find(connection, &family)
        .await?
        .map_or(Spent::Unknown, Spent::Again))
}

async fn spent(
    connection: &mut Connection,
    family: String,
    how: Refreshed,
    now: Timestamp,
) -> Result<Spent, Fault> {
    match grants::find(connection, &GrantId::known(family)).await? {
        Some(grant) if lives(connection, &grant, now).await? => Ok(Spent::Now(how, grant)),
        Some(_) | None => Ok(Spent::Unknown),
    }
}

/// The family's session goes on, or the family does not need it. Idleness does not count here: the citizen may be busy
/// at the agency; the end of the day and a logout do.
async fn lives(connection: &mut Connection, grant: &Grant, now: Timestamp) -> Result<bool, Fault> {
    if grant.outlives_session() {
        return Ok(true);
    }
    let row =
        sqlx::query("SELECT COUNT(*) FROM sessions WHERE sid = $1 AND ended_at IS NULL AND started_at > $2")
            .bind(grant.session.as_str())
            .bind(now.before(OVERALL).0)
            .fetch_one(connection)
            .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}

/// Forgets tokens that have been dead long enough for nobody to ask why.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let done = sqlx::query("DELETE FROM access_tokens WHERE expires_at <= $1")
        .bind(now.before(OVERALL).0)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}
