//! Seeds of one-time codes, sealed, and the last step of each that was spent.

use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    keys::Seal,
    rules::{
        ids::{AuthenticatorId, CitizenId},
        time::Timestamp,
        totp::{Seed, Step},
    },
    world::Chance,
};

/// Adds a one-time-code seed.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn insert(
    connection: &mut Connection,
    (seal, chance): (&Seal, &dyn Chance),
    (id, citizen): (&AuthenticatorId, &CitizenId),
    seed: &Seed,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query("INSERT INTO totp (id, citizen, sealed, last_step, created_at) VALUES ($1, $2, $3, -1, $4)")
        .bind(id.as_str())
        .bind(citizen.as_str())
        .bind(seal.seal(chance, &context(id), seed.expose())?)
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// The seeds of a citizen.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn of_citizen(
    connection: &mut Connection,
    seal: &Seal,
    citizen: &CitizenId,
) -> Result<Vec<(AuthenticatorId, Seed)>, Fault> {
    let rows = sqlx::query("SELECT id, sealed FROM totp WHERE citizen = $1 ORDER BY created_at")
        .bind(citizen.as_str())
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let id = AuthenticatorId::known(row.try_get::<String, _>(0)?);
            let plain = seal.open(&context(&id), &row.try_get::<Vec<u8>, _>(1)?)?;
            let seed = Seed::from_bytes(plain.expose().clone());
            Ok((
                id,
                seed.map_err(|_| Fault::plain("reading a seed of an impossible length"))?,
            ))
        })
        .collect()
}

/// Spends a step of a seed: true exactly once, and never for a step before one that was spent (RFC 6238 §5.2).
///
/// # Errors
/// A fault of the database.
pub async fn spend_step(
    connection: &mut Connection,
    id: &AuthenticatorId,
    step: Step,
) -> Result<bool, Fault> {
    let spent = sqlx::query("UPDATE totp SET last_step = $1 WHERE id = $2 AND last_step < $1 RETURNING id")
        .bind(step.0)
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(spent.is_some())
}

/// Takes every seed of a citizen away but `kept`, and names them.
///
/// # Errors
/// A fault of the database.
pub async fn remove_others(
    connection: &mut Connection,
    citizen: &CitizenId,
    kept: &AuthenticatorId,
) -> Result<Vec<AuthenticatorId>, Fault> {
    let rows = sqlx::query("DELETE FROM totp WHERE citizen = $1 AND id <> $2 RETURNING id")
        .bind(citizen.as_str())
        .bind(kept.as_str())
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok(AuthenticatorId::known(row.try_get::<String, _>(0)?)))
        .collect()
}

fn context(id: &AuthenticatorId) -> String {
    format!("totp:sealed:{id}")
}
