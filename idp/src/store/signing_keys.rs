//! Signing keys, sealed.

use sdk_jose::Algorithm;
use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    keys::{Seal, SigningKey},
    rules::time::Timestamp,
    world::Chance,
};

/// Writes a new key, sealed for its place.
///
/// # Errors
/// A fault of the database or the seal.
pub async fn insert(
    connection: &mut Connection,
    seal: &Seal,
    chance: &dyn Chance,
    (kid, algorithm, private): (&str, Algorithm, &[u8]),
    now: Timestamp,
) -> Result<(), Fault> {
    let sealed = seal.seal(chance, &context(kid), private)?;
    sqlx::query("INSERT INTO signing_keys (kid, algorithm, sealed, created_at) VALUES ($1, $2, $3, $4)")
        .bind(kid)
        .bind(algorithm.as_str())
        .bind(sealed)
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Every key that was not retired, oldest first.
///
/// # Errors
/// A fault of the database or the seal.
pub async fn all(connection: &mut Connection, seal: &Seal) -> Result<Vec<SigningKey>, Fault> {
    let rows = sqlx::query(
        "SELECT kid, algorithm, sealed FROM signing_keys WHERE retired_at IS NULL ORDER BY created_at, kid",
    )
    .fetch_all(connection)
    .await?;
    let mut keys = Vec::new();
    for row in &rows {
        let algorithm: Algorithm = row
            .try_get::<String, _>(1)?
            .parse()
            .map_err(|source| Fault::of("reading a signing key", source))?;
        let private = seal.open(
            &context(&row.try_get::<String, _>(0)?),
            &row.try_get::<Vec<u8>, _>(2)?,
        )?;
        keys.push(SigningKey::open(algorithm, private.expose())?);
    }
    Ok(keys)
}

fn context(kid: &str) -> String {
    format!("signing_keys:sealed:{kid}")
}
