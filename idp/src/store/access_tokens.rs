//! Access tokens, as digests: citizens' in their families, and those that a client got for itself.

use sqlx::{Row as _, any::AnyRow};

use super::{Connection, grants};
use crate::{
    error::Fault,
    rules::{
        access_token::{AccessToken, Holder},
        binding::Binding,
        details::Details,
        ids::{ClientId, GrantId},
        resource::{Audience, ScopeTokens},
        secret::Digest,
        session::OVERALL,
        time::Timestamp,
    },
};

/// Writes an access token: a citizen's into its family, a client's own beside.
///
/// # Errors
/// A fault of the database.
pub async fn insert(connection: &mut Connection, digest: &Digest, token: &AccessToken) -> Result<(), Fault> {
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
pub async fn find(
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
pub async fn family(
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

/// Revokes one access token.
///
/// # Errors
/// A fault of the database.
pub async fn revoke(connection: &mut Connection, token: &Digest, now: Timestamp) -> Result<(), Fault> {
    sqlx::query("UPDATE access_tokens SET revoked_at = $1 WHERE digest = $2 AND revoked_at IS NULL")
        .bind(now.0)
        .bind(token.text())
        .execute(connection)
        .await?;
    Ok(())
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

pub(super) fn binding(row: &AnyRow, column: usize) -> Result<Binding, Fault> {
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
