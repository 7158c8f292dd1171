//! What a citizen allowed which client; asked again only when it grows.

use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    rules::{
        ids::{CitizenId, ClientId},
        scope::Scopes,
        time::Timestamp,
    },
};

/// A remembered consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// To whom.
    pub client: ClientId,
    /// What.
    pub scopes: Scopes,
    /// Since when.
    pub given_at: Timestamp,
}

/// Remembers a consent; the scopes are all that are allowed from now on.
///
/// # Errors
/// A fault of the database.
pub async fn give(
    connection: &mut Connection,
    citizen: &CitizenId,
    client: &ClientId,
    scopes: &Scopes,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO consents (citizen, client, scopes, given_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (citizen, client) DO UPDATE SET scopes = $3, given_at = $4",
    )
    .bind(citizen.as_str())
    .bind(client.as_str())
    .bind(scopes.to_string())
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// What is allowed; empty when nothing is.
///
/// # Errors
/// A fault of the database.
pub async fn find(
    connection: &mut Connection,
    citizen: &CitizenId,
    client: &ClientId,
) -> Result<Scopes, Fault> {
    let row = sqlx::query("SELECT scopes FROM consents WHERE citizen = $1 AND client = $2")
        .bind(citizen.as_str())
        .bind(client.as_str())
        .fetch_optional(connection)
        .await?;
    row.map_or(Ok(Scopes::default()), |row| {
        Ok(Scopes::parse(&row.try_get::<String, _>(0)?))
    })
}

/// Everything a citizen allows, the latest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_citizen(connection: &mut Connection, citizen: &CitizenId) -> Result<Vec<Consent>, Fault> {
    let rows = sqlx::query(
        "SELECT client, scopes, given_at FROM consents WHERE citizen = $1 ORDER BY given_at DESC",
    )
    .bind(citizen.as_str())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Consent {
                client: ClientId::known(row.try_get::<String, _>(0)?),
                scopes: Scopes::parse(&row.try_get::<String, _>(1)?),
                given_at: Timestamp(row.try_get(2)?),
            })
        })
        .collect()
}

/// Takes a consent back; false when there was none.
///
/// # Errors
/// A fault of the database.
pub async fn withdraw(
    connection: &mut Connection,
    citizen: &CitizenId,
    client: &ClientId,
) -> Result<bool, Fault> {
    let done = sqlx::query("DELETE FROM consents WHERE citizen = $1 AND client = $2")
        .bind(citizen.as_str())
        .bind(client.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}
