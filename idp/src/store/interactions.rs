//! Interactions: sealed, found by the digest of their id, moved forward once per version.

use serde::{Deserialize, Serialize};
use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    keys::Seal,
    rules::{
        interaction::{Interaction, Purpose, Stage},
        secret::{Digest, Opaque},
        time::Timestamp,
    },
    world::Chance,
};

/// The sealed part: requests carry personal data (`login_hint`) and stages name citizens.
#[derive(Serialize, Deserialize)]
struct Sealed {
    browser: Digest,
    purpose: Purpose,
    stage: Stage,
}

/// Writes a new interaction.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    connection: &mut Connection,
    seal: &Seal,
    chance: &dyn Chance,
    interaction: &Interaction,
) -> Result<(), Fault> {
    let (id, sealed) = sealed(seal, chance, interaction)?;
    sqlx::query("INSERT INTO interactions (id_digest, version, sealed, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(interaction.version)
        .bind(sealed)
        .bind(interaction.expires_at.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes the stage and purpose of `interaction` if nobody did since it was read, and counts its version up; false
/// when somebody did.
///
/// # Errors
/// A fault of the database.
pub async fn advance(
    connection: &mut Connection,
    seal: &Seal,
    chance: &dyn Chance,
    interaction: &mut Interaction,
) -> Result<bool, Fault> {
    let (id, sealed) = sealed(seal, chance, interaction)?;
    let moved = sqlx::query(
        "UPDATE interactions SET version = version + 1, sealed = $1 WHERE id_digest = $2 AND version = $3 \
         RETURNING version",
    )
    .bind(sealed)
    .bind(id)
    .bind(interaction.version)
    .fetch_optional(connection)
    .await?;
    if let Some(row) = &moved {
        interaction.version = row.try_get(0)?;
    }
    Ok(moved.is_some())
}

/// The interaction with this id, unless it expired.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn find(
    connection: &mut Connection,
    seal: &Seal,
    id: &Opaque,
    now: Timestamp,
) -> Result<Option<Interaction>, Fault> {
    let digest = id.digest().text();
    let row = sqlx::query("SELECT version, sealed, expires_at FROM interactions WHERE id_digest = $1")
        .bind(&digest)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let expires_at = Timestamp(row.try_get(2)?);
    if expires_at.reached(now) {
        return Ok(None);
    }
    let plain = seal.open(&context(&digest), &row.try_get::<Vec<u8>, _>(1)?)?;
    let Sealed {
        browser,
        purpose,
        stage,
    } = serde_json::from_slice(plain.expose())
        .map_err(|source| Fault::of("reading an interaction", source))?;
    Ok(Some(Interaction {
        id: id.clone(),
        browser,
        purpose,
        stage,
        version: row.try_get(0)?,
        expires_at,
    }))
}

/// Forgets the oldest conversations in which nobody has shown a factor yet, all but the newest `most`; how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget_beyond(connection: &mut Connection, most: i64) -> Result<u64, Fault> {
    let done = sqlx::query(
        "DELETE FROM interactions WHERE version = 0 AND expires_at < \
         (SELECT expires_at FROM interactions WHERE version = 0 ORDER BY expires_at DESC LIMIT 1 OFFSET $1)",
    )
    .bind(most.saturating_sub(1))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Forgets what expired.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let done = sqlx::query("DELETE FROM interactions WHERE expires_at <= $1")
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

fn sealed(seal: &Seal, chance: &dyn Chance, interaction: &Interaction) -> Result<(String, Vec<u8>), Fault> {
    let id = interaction.id.digest().text();
    let plain = Sealed {
        browser: interaction.browser,
        purpose: interaction.purpose.clone(),
        stage: interaction.stage.clone(),
    };
    let plain = serde_json::to_vec(&plain).map_err(|source| Fault::of("writing an interaction", source))?;
    let sealed = seal.seal(chance, &context(&id), &plain)?;
    Ok((id, sealed))
}

fn context(id: &str) -> String {
    format!("interactions:sealed:{id}")
}
