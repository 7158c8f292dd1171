//! Access and refresh tokens, as digests. A refresh token is spent in the write.

use sqlx::{Row as _, any::AnyRow};

use super::{Connection, grants};
use crate::{
    error::Fault,
    rules::{
        access_token::{AccessToken, Holder},
        binding::Binding,
        details::Details,
        grant::{Grant, REFRESH_GRACE, Refreshed},
        ids::{ClientId, GrantId},
        resource::{Audience, ScopeTokens},
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

/// Writes an access token: a citizen's into its family, a client's own beside.
///
/// # Errors
/// A fault of the database.
pub async fn insert_access(
    connection: &mut Connection,
    digest: &Digest,
    token: &AccessToken,
) -> Result<(), Fault> {
    let details = token.details.as_ref().map(Details::text).transpose();
    let details = details.map_err(|source| Fault::of("writing authorization details", source))?;
    let query = match &token.holder {
        Holder::Citizen { grant, actors } => {
            let actors: Vec<&str> = actors.iter().map(ClientId::as_str).collect();
            sqlx::query(
                "INSERT INTO access_tokens (digest, client, scopes, resource, details, issued_at, expires_at, grant_id, \
                 actors, binding) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            )
            .bind(digest.text())
            .bind(token.client.as_str())
            .bind(token.scope.to_string())
            .bind(token.audience.resource())
            .bind(details)
            .bind(token.issued_at.0)
            .bind(token.expires_at.0)
            .bind(grant.id.as_str())
            .bind(actors.join(" "))
            .bind(token.binding.text())
        }
        Holder::Client => sqlx::query(
            "INSERT INTO client_tokens (digest, client, scopes, resource, details, issued_at, expires_at, binding) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(digest.text())
        .bind(token.client.as_str())
        .bind(token.scope.to_string())
        .bind(token.audience.resource())
        .bind(details)
        .bind(token.issued_at.0)
        .bind(token.expires_at.0)
        .bind(token.binding.text()),
    };
    query.execute(connection).await?;
    Ok(())
}

/// A citizen's living access token: not expired, not revoked, its family not revoked, and its session not ended unless
/// the family outlives it.
///
/// # Errors
/// A fault of the database.
pub async fn find_access(
    connection: &mut Connection,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<AccessToken>, Fault> {
    // One statement: this is the look-up behind every use of a token.
    let row = sqlx::query(
        "SELECT g.id, g.client, g.citizen, g.session, g.scopes, g.assurance, g.auth_time, g.created_at, g.expires_at, \
         g.asked, t.client, t.actors, t.resource, t.scopes, t.details, t.issued_at, t.expires_at, s.started_at, \
         t.binding FROM access_tokens t JOIN grants g ON g.id = t.grant_id \
         LEFT JOIN sessions s ON s.sid = g.session AND s.ended_at IS NULL AND s.ends_by > $2 \
         WHERE t.digest = $1 AND t.expires_at > $2 AND t.revoked_at IS NULL AND g.revoked_at IS NULL",
    )
    .bind(digest.text())
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let grant = grants::grant(&row)?;
    let in_session = row.try_get::<Option<i64>, _>(17)?.is_some();
    if !in_session && !grant.outlives_session() {
        return Ok(None);
    }
    let actors = row.try_get::<String, _>(11)?;
    Ok(Some(AccessToken {
        client: ClientId::known(row.try_get::<String, _>(10)?),
        holder: Holder::Citizen {
            grant: Box::new(grant),
            actors: actors.split_whitespace().map(ClientId::known).collect(),
        },
        binding: binding(&row, 18)?,
        audience: audience(&row, 12)?,
        scope: ScopeTokens::parse(&row.try_get::<String, _>(13)?),
        details: details(row.try_get(14)?)?,
        issued_at: Timestamp(row.try_get(15)?),
        expires_at: Timestamp(row.try_get(16)?),
    }))
}

/// A living opaque access token that a client got for itself.
///
/// # Errors
/// A fault of the database.
pub async fn find_clients_own(
    connection: &mut Connection,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<AccessToken>, Fault> {
    let row = sqlx::query(
        "SELECT client, scopes, resource, details, issued_at, expires_at, binding FROM client_tokens \
         WHERE digest = $1 AND expires_at > $2 AND revoked_at IS NULL AND NOT EXISTS (SELECT 1 FROM clients \
         WHERE clients.id = client_tokens.client AND clients.tokens_from > client_tokens.issued_at)",
    )
    .bind(digest.text())
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(AccessToken {
        client: ClientId::known(row.try_get::<String, _>(0)?),
        holder: Holder::Client,
        binding: binding(&row, 6)?,
        audience: audience(&row, 2)?,
        scope: ScopeTokens::parse(&row.try_get::<String, _>(1)?),
        details: details(row.try_get(3)?)?,
        issued_at: Timestamp(row.try_get(4)?),
        expires_at: Timestamp(row.try_get(5)?),
    }))
}

/// A token that has no row was revoked, alone or with everything that its client got until it was disabled.
///
/// # Errors
/// A fault of the database.
pub async fn is_revoked(
    connection: &mut Connection,
    digest: &Digest,
    (client, issued_at): (&ClientId, Timestamp),
) -> Result<bool, Fault> {
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM revoked_tokens WHERE digest = $1) \
         + (SELECT COUNT(*) FROM clients WHERE id = $2 AND tokens_from > $3)",
    )
    .bind(digest.text())
    .bind(client.as_str())
    .bind(issued_at.0)
    .fetch_one(connection)
    .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}

/// Revokes a token that has no row; false when it was.
///
/// # Errors
/// A fault of the database.
pub async fn revoke_rowless(
    connection: &mut Connection,
    digest: &Digest,
    expires_at: Timestamp,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "INSERT INTO revoked_tokens (digest, expires_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
    )
    .bind(digest.text())
    .bind(expires_at.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes an opaque token that `client` got for itself; false when there is none alive.
///
/// # Errors
/// A fault of the database.
pub async fn revoke_clients_own(
    connection: &mut Connection,
    digest: &Digest,
    client: &ClientId,
    now: Timestamp,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE client_tokens SET revoked_at = $1 WHERE digest = $2 AND client = $3 AND revoked_at IS NULL",
    )
    .bind(now.0)
    .bind(digest.text())
    .bind(client.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The family of a citizen's access token and the client that it was issued to, whatever its state.
///
/// # Errors
/// A fault of the database.
pub async fn family_of_access(
    connection: &mut Connection,
    token: &Digest,
) -> Result<Option<(GrantId, ClientId)>, Fault> {
    let row = sqlx::query("SELECT grant_id, client FROM access_tokens WHERE digest = $1")
        .bind(token.text())
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        Ok((
            GrantId::known(row.try_get::<String, _>(0)?),
            ClientId::known(row.try_get::<String, _>(1)?),
        ))
    })
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

/// What a refresh token is bound to (RFC 9449 §5: a public client's; others are bound by their authentication).
///
/// # Errors
/// A fault of the database.
pub async fn refresh_binding(connection: &mut Connection, token: &Digest) -> Result<Binding, Fault> {
    let row = sqlx::query("SELECT binding FROM refresh_tokens WHERE digest = $1")
        .bind(token.text())
        .fetch_optional(connection)
        .await?;
    row.map_or(Ok(Binding::None), |row| binding(&row, 0))
}

/// Writes a refresh token; `parent` is the one it replaces.
///
/// # Errors
/// A fault of the database.
pub async fn insert_refresh(
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
        sqlx::query("SELECT COUNT(*) FROM sessions WHERE sid = $1 AND ended_at IS NULL AND ends_by > $2")
            .bind(grant.session.as_str())
            .bind(now.0)
            .fetch_one(connection)
            .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}

/// Forgets tokens that have been dead long enough for nobody to ask why.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let mut gone = 0_u64;
    for statement in [
        "DELETE FROM access_tokens WHERE expires_at <= $1",
        "DELETE FROM client_tokens WHERE expires_at <= $1",
        "DELETE FROM revoked_tokens WHERE expires_at <= $1",
    ] {
        let done = sqlx::query(statement)
            .bind(now.before(OVERALL).0)
            .execute(&mut *connection)
            .await?;
        gone = gone.saturating_add(done.rows_affected());
    }
    Ok(gone)
}

fn binding(row: &AnyRow, column: usize) -> Result<Binding, Fault> {
    let text = row.try_get::<Option<String>, _>(column)?;
    Binding::stored(text.as_deref()).map_err(|problem| Fault::of("reading a token", problem))
}

fn audience(row: &AnyRow, column: usize) -> Result<Audience, Fault> {
    Ok(row
        .try_get::<Option<String>, _>(column)?
        .map_or(Audience::Userinfo, Audience::Resource))
}

fn details(text: Option<String>) -> Result<Option<Details>, Fault> {
    text.map(|text| Details::stored(&text))
        .transpose()
        .map_err(|source| Fault::of("reading authorization details", source))
}
