//! Keys: their lives, their public halves, and the private ones sealed where they live here.

use sdk_jose::Jwk;
use sqlx::{Row as _, any::AnyRow};

use super::Connection;
use crate::{
    error::Fault,
    rules::{
        keys::{Home, KeyRecord, KeyUse},
        time::Timestamp,
    },
};

/// A key as it is kept.
#[derive(Debug)]
pub struct Kept {
    /// Its life.
    pub record: KeyRecord,
    /// Its public half; `None` for a key of a time when it was not kept apart.
    pub public: Option<Jwk>,
    /// Its private half.
    pub private: Private,
}

/// Where a private half is now.
#[derive(Debug, PartialEq, Eq)]
pub enum Private {
    /// Here, sealed.
    Sealed(Vec<u8>),
    /// On the PKCS#11 token.
    Pkcs11,
    /// Nowhere any more.
    Destroyed,
}

/// Writes a new key; false when another of its algorithm has its generation already.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    connection: &mut Connection,
    record: &KeyRecord,
    public: &Jwk,
    sealed: Option<&[u8]>,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "INSERT INTO signing_keys (kid, algorithm, generation, home, public, sealed, created_at, active_from) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (algorithm, generation) DO NOTHING",
    )
    .bind(record.kid.as_str())
    .bind(record.key_use.name())
    .bind(record.generation)
    .bind(record.home.name())
    .bind(json(public)?)
    .bind(sealed.unwrap_or_default())
    .bind(record.created_at.0)
    .bind(record.active_from.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Every key that ever was, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn all(connection: &mut Connection) -> Result<Vec<Kept>, Fault> {
    let rows = sqlx::query(
        "SELECT kid, algorithm, generation, home, public, sealed, created_at, active_from, revoked_at, \
         retired_at FROM signing_keys ORDER BY algorithm, generation",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(kept).collect()
}

/// Keeps the public half of a key that was kept without it.
///
/// # Errors
/// A fault of the database.
pub async fn set_public(connection: &mut Connection, kid: &str, public: &Jwk) -> Result<(), Fault> {
    sqlx::query("UPDATE signing_keys SET public = $2 WHERE kid = $1 AND public = ''")
        .bind(kid)
        .bind(json(public)?)
        .execute(connection)
        .await?;
    Ok(())
}

/// Lets a key that waits for its turn sign from `now`; false when its turn came before, or it was revoked.
///
/// # Errors
/// A fault of the database.
pub async fn advance(connection: &mut Connection, kid: &str, now: Timestamp) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE signing_keys SET active_from = $2 WHERE kid = $1 AND active_from > $2 AND revoked_at IS NULL",
    )
    .bind(kid)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Revokes a key and destroys its private half; false when that was done before.
///
/// # Errors
/// A fault of the database.
pub async fn revoke(connection: &mut Connection, kid: &str, now: Timestamp) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE signing_keys SET revoked_at = $2, retired_at = COALESCE(retired_at, $2), sealed = $3 \
         WHERE kid = $1 AND revoked_at IS NULL",
    )
    .bind(kid)
    .bind(now.0)
    .bind(DESTROYED)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Destroys the private half of a key that retired; false when that was done before.
///
/// # Errors
/// A fault of the database.
pub async fn destroy(connection: &mut Connection, kid: &str, now: Timestamp) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE signing_keys SET retired_at = $2, sealed = $3 WHERE kid = $1 AND retired_at IS NULL",
    )
    .bind(kid)
    .bind(now.0)
    .bind(DESTROYED)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The place for which a private half is sealed.
#[must_use]
pub fn context(kid: &str) -> String {
    format!("signing_keys:sealed:{kid}")
}

fn kept(row: &AnyRow) -> Result<Kept, Fault> {
    let unreadable = || Fault::plain("reading a signing key: not as we write it");
    let key_use: KeyUse = row
        .try_get::<String, _>(1)?
        .parse()
        .map_err(|source| Fault::of("reading a signing key", source))?;
    let public: String = row.try_get(4)?;
    let public = match public.as_str() {
        "" => None,
        text => {
            Some(Jwk::parse(text.as_bytes()).map_err(|source| Fault::of("reading a public key", source))?)
        }
    };
    let home = Home::named(&row.try_get::<String, _>(3)?).ok_or_else(unreadable)?;
    let private = match (home, row.try_get::<Option<i64>, _>(9)?) {
        (_, Some(_)) => Private::Destroyed,
        (Home::Pkcs11, None) => Private::Pkcs11,
        (Home::Sealed, None) => Private::Sealed(row.try_get(5)?),
    };
    Ok(Kept {
        record: KeyRecord {
            kid: row.try_get(0)?,
            key_use,
            generation: row.try_get(2)?,
            home,
            created_at: Timestamp(row.try_get(6)?),
            active_from: Timestamp(row.try_get(7)?),
            revoked_at: row.try_get::<Option<i64>, _>(8)?.map(Timestamp),
        },
        public,
        private,
    })
}

fn json(public: &Jwk) -> Result<String, Fault> {
    serde_json::to_string(public).map_err(|source| Fault::of("writing a public key", source))
}

/// What is left of a private half.
const DESTROYED: &[u8] = &[];
