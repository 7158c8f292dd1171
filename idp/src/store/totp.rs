//! Seeds of one-time codes, sealed, and the last step of each that was spent.

use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    keys::Seal,
    rules::{
        ids::{AuthenticatorId, CitizenId},
        passkey::PasskeyName,
        time::Timestamp,
        totp::{Listed, MOST_APPS, Seed, Step},
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

/// Adds an app whose first code was right: that code is spent with it. False when the citizen has [`MOST_APPS`]; waits
/// for whoever else adds one.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn add(
    connection: &mut Connection,
    (seal, chance): (&Seal, &dyn Chance),
    (id, citizen): (&AuthenticatorId, &CitizenId),
    (seed, step, name): (&Seed, Step, &PasskeyName),
    now: Timestamp,
) -> Result<bool, Fault> {
    hold(connection, citizen).await?;
    let done = sqlx::query(
        "INSERT INTO totp (id, citizen, sealed, name, last_step, created_at) SELECT $1, $2, $3, $4, $5, $6 \
         WHERE (SELECT COUNT(*) FROM totp WHERE citizen = $2 AND removed_at IS NULL) < $7",
    )
    .bind(id.as_str())
    .bind(citizen.as_str())
    .bind(seal.seal(chance, &context(id), seed.expose())?)
    .bind(seal.seal(chance, &name_context(id), name.as_str().as_bytes())?)
    .bind(step.0)
    .bind(now.0)
    .bind(MOST_APPS)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The apps of a citizen, oldest first, without their seeds.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn listed(
    connection: &mut Connection,
    seal: &Seal,
    citizen: &CitizenId,
) -> Result<Vec<Listed>, Fault> {
    let rows = sqlx::query(
        "SELECT id, name, last_step, created_at FROM totp WHERE citizen = $1 AND removed_at IS NULL \
         ORDER BY created_at, id",
    )
    .bind(citizen.as_str())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let id = AuthenticatorId::known(row.try_get::<String, _>(0)?);
            let name = match row.try_get::<Option<Vec<u8>>, _>(1)? {
                Some(sealed) => {
                    let plain = seal.open(&name_context(&id), &sealed)?;
                    let text = std::str::from_utf8(plain.expose()).ok();
                    text.and_then(|text| PasskeyName::parse(text).ok())
                }
                None => None,
            };
            let step = Step(row.try_get(2)?);
            Ok(Listed {
                id,
                name,
                used_at: (step.0 >= 0).then(|| step.begins()),
                created_at: Timestamp(row.try_get(3)?),
            })
        })
        .collect()
}

/// Removes an app of this citizen: its seed is gone, that it was bound stays written (SP 800-63B-4 §4.1). False when it
/// is not theirs or was removed.
///
/// # Errors
/// A fault of the database.
pub async fn remove(
    connection: &mut Connection,
    citizen: &CitizenId,
    id: &AuthenticatorId,
    now: Timestamp,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE totp SET removed_at = $1, sealed = $2 WHERE id = $3 AND citizen = $4 AND removed_at IS NULL",
    )
    .bind(now.0)
    .bind(Vec::<u8>::new())
    .bind(id.as_str())
    .bind(citizen.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// One transaction at a time changes what opens a citizen's account: whoever counts what is left counts right.
///
/// # Errors
/// A fault of the database.
pub async fn hold(connection: &mut Connection, citizen: &CitizenId) -> Result<(), Fault> {
    sqlx::query("UPDATE citizens SET updated_at = updated_at WHERE id = $1")
        .bind(citizen.as_str())
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
    let rows = sqlx::query(
        "SELECT id, sealed FROM totp WHERE citizen = $1 AND removed_at IS NULL ORDER BY created_at",
    )
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
    let spent = sqlx::query(
        "UPDATE totp SET last_step = $1 WHERE id = $2 AND last_step < $1 AND removed_at IS NULL RETURNING id",
    )
    .bind(step.0)
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(spent.is_some())
}

/// Removes every app of a citizen but `kept`, as [`remove`] does, and names them.
///
/// # Errors
/// A fault of the database.
pub async fn remove_others(
    connection: &mut Connection,
    citizen: &CitizenId,
    kept: &AuthenticatorId,
    now: Timestamp,
) -> Result<Vec<AuthenticatorId>, Fault> {
    let rows = sqlx::query(
        "UPDATE totp SET removed_at = $1, sealed = $2 WHERE citizen = $3 AND id <> $4 AND removed_at IS NULL \
         RETURNING id",
    )
    .bind(now.0)
    .bind(Vec::<u8>::new())
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

fn name_context(id: &AuthenticatorId) -> String {
    format!("totp:name:{id}")
}
