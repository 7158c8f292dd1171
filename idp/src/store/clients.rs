//! Registered clients. A secret is kept as its SHA-256 only.

use sqlx::{Row as _, any::AnyRow};

use super::Connection;
use crate::{
    error::Fault,
    rules::{
        claveunica::leaves_to,
        client::{Client, Profile},
        ids::ClientId,
        secret::Digest,
        time::Timestamp,
    },
};

/// Writes a new client; false when the id is taken.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    connection: &mut Connection,
    client: &Client,
    secret: Option<&Digest>,
    now: Timestamp,
) -> Result<bool, Fault> {
    let metadata = serde_json::to_string(client).map_err(|source| Fault::of("writing a client", source))?;
    let done = sqlx::query(
        "INSERT INTO clients (id, metadata, secret_digest, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(client.id.as_str())
    .bind(metadata)
    .bind(secret.map(Digest::text))
    .bind(now.0)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    insert_origins(connection, client).await?;
    name_logout_origins(connection, client).await?;
    Ok(true)
}

/// Writes anew where a browser may be sent after leaving by an authority alone; nothing for a client whose addresses are
/// compared byte for byte. For a client that is new or has changed.
///
/// # Errors
/// A fault of the database.
pub async fn name_logout_origins(connection: &mut Connection, client: &Client) -> Result<(), Fault> {
    sqlx::query("DELETE FROM client_logout_origins WHERE client = $1")
        .bind(client.id.as_str())
        .execute(&mut *connection)
        .await?;
    if client.profile != Profile::ClaveUnica {
        return Ok(());
    }
    for uri in &client.post_logout_redirect_uris {
        if let Some((origin, _)) = leaves_to(uri) {
            sqlx::query(
                "INSERT INTO client_logout_origins (client, uri, origin) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            )
            .bind(client.id.as_str())
            .bind(uri)
            .bind(origin)
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}

/// The address that was registered at `origin` for leaving, the shortest if there are several; `None` when nobody did.
///
/// # Errors
/// A fault of the database.
pub async fn logout_uri_at(connection: &mut Connection, origin: &str) -> Result<Option<String>, Fault> {
    let row = sqlx::query(
        "SELECT uri FROM client_logout_origins WHERE origin = $1 ORDER BY LENGTH(uri), uri LIMIT 1",
    )
    .bind(origin)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// A client as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// As registered.
    pub client: Client,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Since when it may do nothing, if so.
    pub disabled_at: Option<Timestamp>,
}

/// A client that may act, and the digest of its secret.
///
/// # Errors
/// A fault of the database.
pub async fn find(
    connection: &mut Connection,
    id: &ClientId,
) -> Result<Option<(Client, Option<Digest>)>, Fault> {
    let row =
        sqlx::query("SELECT metadata, secret_digest FROM clients WHERE id = $1 AND disabled_at IS NULL")
            .bind(id.as_str())
            .fetch_optional(&mut *connection)
            .await?;
    let Some(row) = row else { return Ok(None) };
    let secret = row
        .try_get::<Option<String>, _>(1)?
        .map(Digest::try_from)
        .transpose();
    let secret = secret.map_err(|problem| Fault::of("reading a client", problem))?;
    let client = connection.parsed().client(id, row.try_get(0)?)?;
    Ok(Some((client, secret)))
}

/// The sealed secrets that a client may sign with at `now`: its own, and the one before while that is still good.
///
/// # Errors
/// A fault of the database.
pub async fn sealed_secrets(
    connection: &mut Connection,
    id: &ClientId,
    now: Timestamp,
) -> Result<Vec<Vec<u8>>, Fault> {
    let row = sqlx::query(
        "SELECT secret_sealed, CASE WHEN previous_until > $2 THEN previous_sealed END FROM clients WHERE id = $1",
    )
    .bind(id.as_str())
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(Vec::new()) };
    let both: [Option<Vec<u8>>; 2] = [row.try_get(0)?, row.try_get(1)?];
    Ok(both.into_iter().flatten().collect())
}

/// Forgets the secrets that are good no more.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let done = sqlx::query(
        "UPDATE clients SET previous_digest = NULL, previous_sealed = NULL \
         WHERE previous_until <= $1 AND (previous_digest IS NOT NULL OR previous_sealed IS NOT NULL)",
    )
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Keeps the sealed secret of a client that signs with it, in place of the one before.
///
/// # Errors
/// A fault of the database.
pub async fn keep_sealed_secret(
    connection: &mut Connection,
    id: &ClientId,
    sealed: &[u8],
) -> Result<(), Fault> {
    sqlx::query("UPDATE clients SET secret_sealed = $1 WHERE id = $2")
        .bind(sealed)
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// The digest of the secret that a client had before, while it is still good.
///
/// # Errors
/// A fault of the database.
pub async fn previous_secret(
    connection: &mut Connection,
    id: &ClientId,
    now: Timestamp,
) -> Result<Option<Digest>, Fault> {
    let row = sqlx::query(
        "SELECT previous_digest FROM clients WHERE id = $1 AND disabled_at IS NULL AND previous_until > $2",
    )
    .bind(id.as_str())
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    row.try_get::<Option<String>, _>(0)?
        .map(Digest::try_from)
        .transpose()
        .map_err(|problem| Fault::of("reading a client", problem))
}

/// A client, whether it may act or not.
///
/// # Errors
/// A fault of the database.
pub async fn listed(connection: &mut Connection, id: &ClientId) -> Result<Option<Listed>, Fault> {
    let row = sqlx::query("SELECT metadata, created_at, disabled_at FROM clients WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|row| one_listed(&row)).transpose()
}

/// Every client, by id.
///
/// # Errors
/// A fault of the database.
pub async fn all(connection: &mut Connection) -> Result<Vec<Listed>, Fault> {
    let rows = sqlx::query("SELECT metadata, created_at, disabled_at FROM clients ORDER BY id")
        .fetch_all(connection)
        .await?;
    rows.iter().map(one_listed).collect()
}

/// Replaces what a client registered; false when it is not there.
///
/// # Errors
/// A fault of the database.
pub async fn update(connection: &mut Connection, client: &Client) -> Result<bool, Fault> {
    let metadata = serde_json::to_string(client).map_err(|source| Fault::of("writing a client", source))?;
    let done = sqlx::query("UPDATE clients SET metadata = $1 WHERE id = $2")
        .bind(metadata)
        .bind(client.id.as_str())
        .execute(&mut *connection)
        .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    remove_origins(connection, &client.id).await?;
    insert_origins(connection, client).await?;
    name_logout_origins(connection, client).await?;
    Ok(true)
}

/// Gives a client another secret, or none. The one before stays good until `overlap`; whatever was before that is dead.
///
/// # Errors
/// A fault of the database.
pub async fn replace_secret(
    connection: &mut Connection,
    id: &ClientId,
    secret: Option<&Digest>,
    overlap: Timestamp,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE clients SET previous_digest = secret_digest, previous_until = $1, secret_digest = $2, \
         previous_sealed = secret_sealed, secret_sealed = NULL WHERE id = $3",
    )
    .bind(overlap.0)
    .bind(secret.map(Digest::text))
    .bind(id.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forbids a client everything, and everything that it got for itself until the end of this second for good; false when
/// it is not there or was forbidden before.
///
/// # Errors
/// A fault of the database.
pub async fn disable(connection: &mut Connection, id: &ClientId, now: Timestamp) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE clients SET disabled_at = $1, tokens_from = $1 + 1 WHERE id = $2 AND disabled_at IS NULL",
    )
    .bind(now.0)
    .bind(id.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Allows it again; false when it is not there or was not forbidden.
///
/// # Errors
/// A fault of the database.
pub async fn enable(connection: &mut Connection, id: &ClientId) -> Result<bool, Fault> {
    let done = sqlx::query("UPDATE clients SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL")
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes a client for good (RFC 7592 §2.3); false when it was not there.
///
/// # Errors
/// A fault of the database.
pub async fn remove(connection: &mut Connection, id: &ClientId) -> Result<bool, Fault> {
    remove_origins(connection, id).await?;
    sqlx::query("DELETE FROM client_logout_origins WHERE client = $1")
        .bind(id.as_str())
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM registrations WHERE client = $1")
        .bind(id.as_str())
        .execute(&mut *connection)
        .await?;
    let done = sqlx::query("DELETE FROM clients WHERE id = $1")
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Some client has a redirect URI of this origin.
///
/// # Errors
/// A fault of the database.
pub async fn has_origin(connection: &mut Connection, origin: &str) -> Result<bool, Fault> {
    let row = sqlx::query("SELECT COUNT(*) FROM client_origins WHERE origin = $1")
        .bind(origin)
        .fetch_one(connection)
        .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}

async fn insert_origins(connection: &mut Connection, client: &Client) -> Result<(), Fault> {
    for origin in client.origins() {
        sqlx::query("INSERT INTO client_origins (origin, client) VALUES ($1, $2)")
            .bind(origin)
            .bind(client.id.as_str())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn remove_origins(connection: &mut Connection, id: &ClientId) -> Result<(), Fault> {
    sqlx::query("DELETE FROM client_origins WHERE client = $1")
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

fn one_listed(row: &AnyRow) -> Result<Listed, Fault> {
    Ok(Listed {
        client: client(&row.try_get::<String, _>(0)?)?,
        created_at: Timestamp(row.try_get(1)?),
        disabled_at: row.try_get::<Option<i64>, _>(2)?.map(Timestamp),
    })
}

fn client(metadata: &str) -> Result<Client, Fault> {
    serde_json::from_str(metadata).map_err(|source| Fault::of("reading a client", source))
}
