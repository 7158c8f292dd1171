//! Refresh tokens, as digests; one is spent in the write.

use sqlx::Row as _;

use super::{Connection, access_tokens::binding, grants};
use crate::{
    error::Fault,
    rules::{
        binding::Binding,
        grant::{Grant, REFRESH_GRACE, Refreshed},
        ids::GrantId,
        secret::Digest,
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

/// Writes a refresh token; `parent` is the one it replaces.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    connection: &mut Connection,
    token: &Digest,
    grant: &GrantId,
    (parent, binding): (Option<&Digest>, Binding),
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO refresh_tokens (digest, grant_id, parent, issued_at, binding) VALUES ($1, $2, $3, $4, $5)",
    )
        .bind(token.text())
        .bind(grant.as_str())
        .bind(parent.map(Digest::text))
        .bind(now.0)
        .bind(binding.text())
        .execute(connection)
        .await?;
    Ok(())
}

/// What a refresh token is bound to (RFC 9449 §5: a public client's; others are bound by their authentication).
///
/// # Errors
/// A fault of the database.
pub async fn binding_of(connection: &mut Connection, token: &Digest) -> Result<Binding, Fault> {
    let row = sqlx::query("SELECT binding FROM refresh_tokens WHERE digest = $1")
        .bind(token.text())
        .fetch_optional(connection)
        .await?;
    row.map_or(Ok(Binding::None), |row| binding(&row, 0))
}

/// The family of a refresh token, whatever its state.
///
/// # Errors
/// A fault of the database.
pub async fn family(connection: &mut Connection, token: &Digest) -> Result<Option<GrantId>, Fault> {
    let row = sqlx::query("SELECT grant_id FROM refresh_tokens WHERE digest = $1")
        .bind(token.text())
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(GrantId::known(row.try_get::<String, _>(0)?)))
        .transpose()
}

/// Spends a refresh token: the first use wins; a second one within [`REFRESH_GRACE`] wins once more if the first's
/// successor was never used, which is then void (its holder never got it, or is a thief and will be noticed).
///
/// # Errors
/// A fault of the database.
pub async fn spend(connection: &mut Connection, token: &Digest, now: Timestamp) -> Result<Spent, Fault> {
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
    let Some(family) = family(connection, token).await? else {
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
        sqlx::query("SELECT COUNT(*) FROM sessions WHERE sid = $1 AND ended_at IS NULL AND ends_by > $2")
            .bind(grant.session.as_str())
            .bind(now.0)
            .fetch_one(connection)
            .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}
