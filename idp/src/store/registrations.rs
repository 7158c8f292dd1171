//! Who may register a client (initial access tokens, RFC 7591 §3), and who may change one (registration access tokens,
//! RFC 7592 §2). Both are kept as digests; a use is counted in the write.

use sqlx::{Row as _, any::AnyRow};

use super::Connection;
use crate::{
    error::Fault,
    rules::{
        dynamic::{InitialToken, Policy},
        ids::{ClientId, InitialTokenId},
        secret::Digest,
        time::Timestamp,
    },
};

/// Writes an initial access token.
///
/// # Errors
/// A fault of the database.
pub async fn insert_initial(
    connection: &mut Connection,
    token: &InitialToken,
    digest: &Digest,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO initial_access_tokens (id, digest, policy, uses_left, expires_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(token.id.as_str())
    .bind(digest.text())
    .bind(policy_text(&token.policy)?)
    .bind(token.uses_left)
    .bind(token.expires_at.0)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// An initial access token that is still good, without using it.
///
/// # Errors
/// A fault of the database.
pub async fn find_initial(
    connection: &mut Connection,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<InitialToken>, Fault> {
    let row = sqlx::query(
        "SELECT id, policy, uses_left, expires_at FROM initial_access_tokens \
         WHERE digest = $1 AND uses_left > 0 AND expires_at > $2",
    )
    .bind(digest.text())
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    row.map(|row| initial(&row)).transpose()
}

/// Uses an initial access token once; false when it was used up or ran out meanwhile.
///
/// # Errors
/// A fault of the database.
pub async fn spend_initial(
    connection: &mut Connection,
    digest: &Digest,
    now: Timestamp,
) -> Result<bool, Fault> {
    let row = sqlx::query(
        "UPDATE initial_access_tokens SET uses_left = uses_left - 1 \
         WHERE digest = $1 AND uses_left > 0 AND expires_at > $2 RETURNING id",
    )
    .bind(digest.text())
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

/// Every initial access token that is still good, the one that runs out first on top.
///
/// # Errors
/// A fault of the database.
pub async fn initials(connection: &mut Connection, now: Timestamp) -> Result<Vec<InitialToken>, Fault> {
    let rows = sqlx::query(
        "SELECT id, policy, uses_left, expires_at FROM initial_access_tokens \
         WHERE uses_left > 0 AND expires_at > $1 ORDER BY expires_at, id",
    )
    .bind(now.0)
    .fetch_all(connection)
    .await?;
    rows.iter().map(initial).collect()
}

/// Takes an initial access token back; false when there is none of this name.
///
/// # Errors
/// A fault of the database.
pub async fn remove_initial(connection: &mut Connection, id: &InitialTokenId) -> Result<bool, Fault> {
    let done = sqlx::query("DELETE FROM initial_access_tokens WHERE id = $1")
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes who may change a client that registered itself, and within what.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    connection: &mut Connection,
    client: &ClientId,
    token: &Digest,
    initial: &InitialToken,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO registrations (client, token_digest, policy, initial_token) VALUES ($1, $2, $3, $4)",
    )
    .bind(client.as_str())
    .bind(token.text())
    .bind(policy_text(&initial.policy)?)
    .bind(initial.id.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// The digest of a client's registration access token, and what it may register.
///
/// # Errors
/// A fault of the database.
pub async fn find(connection: &mut Connection, client: &ClientId) -> Result<Option<(Digest, Policy)>, Fault> {
    let row = sqlx::query("SELECT token_digest, policy FROM registrations WHERE client = $1")
        .bind(client.as_str())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let digest = Digest::try_from(row.try_get::<String, _>(0)?)
        .map_err(|problem| Fault::of("reading a registration", problem))?;
    Ok(Some((digest, policy(&row.try_get::<String, _>(1)?)?)))
}

/// Forgets initial access tokens that are used up or ran out.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let done = sqlx::query("DELETE FROM initial_access_tokens WHERE uses_left <= 0 OR expires_at <= $1")
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

fn initial(row: &AnyRow) -> Result<InitialToken, Fault> {
    Ok(InitialToken {
        id: InitialTokenId::known(row.try_get::<String, _>(0)?),
        policy: policy(&row.try_get::<String, _>(1)?)?,
        uses_left: row.try_get(2)?,
        expires_at: Timestamp(row.try_get(3)?),
    })
}

fn policy(text: &str) -> Result<Policy, Fault> {
    serde_json::from_str(text).map_err(|source| Fault::of("reading a registration policy", source))
}

fn policy_text(policy: &Policy) -> Result<String, Fault> {
    serde_json::to_string(policy).map_err(|source| Fault::of("writing a registration policy", source))
}
