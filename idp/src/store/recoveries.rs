//! Recoveries: found by the digest of a cookie or of a code on paper; every step that counts once is decided in its write.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sqlx::{Row as _, any::AnyRow};

use super::Connection;
use crate::{
    error::Fault,
    keys::Seal,
    rules::{
        ids::{ActivationId, CitizenId, RecoveryId},
        national_id::{NationalId, Scheme},
        recovery::{COLLECTING, Evidence, ISSUED_LIFETIME, LONGEST, READY, RESEND, Recovery, Stage},
        secret::Digest,
        time::{Seconds, Timestamp},
    },
    world::Chance,
};

/// What a recovery is found by.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// The digest of the cookie.
    pub secret: Digest,
    /// The digest of the code that stands for it.
    pub resume: Digest,
}

/// The sealed part.
#[derive(Serialize, Deserialize)]
struct Sealed {
    scheme: String,
    national_id: String,
}

/// Begins one, for a citizen or for nobody.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn insert(
    connection: &mut Connection,
    (seal, chance): (&Seal, &dyn Chance),
    (id, names): (&RecoveryId, Names),
    (citizen, national_id): (Option<&CitizenId>, &NationalId),
    now: Timestamp,
) -> Result<(), Fault> {
    let plain = Sealed {
        scheme: national_id.scheme().name().to_owned(),
        national_id: national_id.as_str().to_owned(),
    };
    let plain = serde_json::to_vec(&plain).map_err(|source| Fault::of("writing a recovery", source))?;
    sqlx::query(
        "INSERT INTO recoveries (id, secret_digest, resume_digest, citizen, sealed, begun_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id.as_str())
    .bind(names.secret.text())
    .bind(names.resume.text())
    .bind(citizen.map(CitizenId::as_str))
    .bind(seal.seal(chance, &context(id), &plain)?)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// The recovery that this cookie names, while it goes on.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn find(
    connection: &mut Connection,
    seal: &Seal,
    secret: &Digest,
    now: Timestamp,
) -> Result<Option<Recovery>, Fault> {
    let row = sqlx::query(
        "SELECT id, citizen, sealed, begun_at, ready_at, resumed FROM recoveries \
         WHERE secret_digest = $1 AND ended_at IS NULL",
    )
    .bind(secret.text())
    .fetch_optional(&mut *connection)
    .await?;
    match row {
        Some(row) => recovery(connection, seal, &row, now).await,
        None => Ok(None),
    }
}

/// The recovery that this code on paper names, while it goes on.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn find_by_code(
    connection: &mut Connection,
    seal: &Seal,
    resume: &Digest,
    now: Timestamp,
) -> Result<Option<Recovery>, Fault> {
    let row = sqlx::query(
        "SELECT id, citizen, sealed, begun_at, ready_at, resumed FROM recoveries \
         WHERE resume_digest = $1 AND ended_at IS NULL",
    )
    .bind(resume.text())
    .fetch_optional(&mut *connection)
    .await?;
    match row {
        Some(row) => recovery(connection, seal, &row, now).await,
        None => Ok(None),
    }
}

/// Goes on in another browser, under other names: true for exactly one of many who bring the code.
///
/// # Errors
/// A fault of the database.
pub async fn resume(
    connection: &mut Connection,
    (id, code): (&RecoveryId, &Digest),
    names: Names,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE recoveries SET secret_digest = $1, resume_digest = $2, resumed = resumed + 1 \
         WHERE id = $3 AND resume_digest = $4 AND ended_at IS NULL",
    )
    .bind(names.secret.text())
    .bind(names.resume.text())
    .bind(id.as_str())
    .bind(code.text())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Somebody asks for a code by mail: true unless they did just now, or nothing more has to be shown.
///
/// # Errors
/// A fault of the database.
pub async fn ask(connection: &mut Connection, id: &RecoveryId, now: Timestamp) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE recoveries SET asked_at = $1 WHERE id = $2 AND ended_at IS NULL AND ready_at IS NULL \
         AND (asked_at IS NULL OR asked_at <= $3)",
    )
    .bind(now.0)
    .bind(id.as_str())
    .bind(now.before(RESEND).0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many letters a citizen was sent in recoveries that began after `since`.
///
/// # Errors
/// A fault of the database.
pub async fn sent(connection: &mut Connection, citizen: &CitizenId, since: Timestamp) -> Result<i64, Fault> {
    let row = sqlx::query(
        "SELECT COALESCE(CAST(SUM(sent) AS BIGINT), 0) FROM recoveries WHERE citizen = $1 AND begun_at > $2",
    )
    .bind(citizen.as_str())
    .bind(since.0)
    .fetch_one(connection)
    .await?;
    Ok(row.try_get(0)?)
}

/// A code was sent; the one before is void.
///
/// # Errors
/// A fault of the database.
pub async fn issue(
    connection: &mut Connection,
    id: &RecoveryId,
    tag: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    sqlx::query("UPDATE recoveries SET issued_tag = $1, issued_at = $2, sent = sent + 1 WHERE id = $3")
        .bind(tag)
        .bind(now.0)
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Spends the code that was sent: true exactly once.
///
/// # Errors
/// A fault of the database.
pub async fn spend_issued(
    connection: &mut Connection,
    id: &RecoveryId,
    tag: &str,
    now: Timestamp,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE recoveries SET issued_tag = NULL WHERE id = $1 AND issued_tag = $2 AND issued_at > $3 \
         AND ended_at IS NULL AND ready_at IS NULL",
    )
    .bind(id.as_str())
    .bind(tag)
    .bind(now.before(ISSUED_LIFETIME).0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes that something was shown, and says all that was.
///
/// # Errors
/// A fault of the database.
pub async fn show(
    connection: &mut Connection,
    id: &RecoveryId,
    kind: Evidence,
    now: Timestamp,
) -> Result<BTreeSet<Evidence>, Fault> {
    sqlx::query(
        "INSERT INTO recovery_evidence (recovery, kind, at) VALUES ($1, $2, $3) \
         ON CONFLICT (recovery, kind) DO NOTHING",
    )
    .bind(id.as_str())
    .bind(kind.name())
    .bind(now.0)
    .execute(&mut *connection)
    .await?;
    shown(connection, id).await
}

/// Enough was shown: the wait begins. False when it had, or the recovery is over.
///
/// # Errors
/// A fault of the database.
pub async fn wait(connection: &mut Connection, id: &RecoveryId, ready_at: Timestamp) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE recoveries SET ready_at = $1, issued_tag = NULL \
         WHERE id = $2 AND ready_at IS NULL AND ended_at IS NULL",
    )
    .bind(ready_at.0)
    .bind(id.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The end of the wait of the citizen's recovery that comes first, if one waits or is ready.
///
/// # Errors
/// A fault of the database.
pub async fn waiting(
    connection: &mut Connection,
    citizen: &CitizenId,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let row = sqlx::query(
        "SELECT MIN(ready_at) FROM recoveries WHERE citizen = $1 AND ended_at IS NULL AND ready_at > $2",
    )
    .bind(citizen.as_str())
    .bind(now.before(READY).0)
    .fetch_one(connection)
    .await?;
    Ok(row.try_get::<Option<i64>, _>(0)?.map(Timestamp))
}

/// The recoveries whose wait is over and whose citizens were not told so yet; each is named once.
///
/// # Errors
/// A fault of the database.
pub async fn announce(
    connection: &mut Connection,
    now: Timestamp,
) -> Result<Vec<(RecoveryId, CitizenId)>, Fault> {
    let rows = sqlx::query(
        "UPDATE recoveries SET announced_at = $1 WHERE ready_at <= $1 AND ready_at > $2 AND announced_at IS NULL \
         AND ended_at IS NULL AND citizen IS NOT NULL RETURNING id, citizen",
    )
    .bind(now.0)
    .bind(now.before(READY).0)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok((
                RecoveryId::known(row.try_get::<String, _>(0)?),
                CitizenId::known(row.try_get::<String, _>(1)?),
            ))
        })
        .collect()
}

/// New factors are being made under this activation: true while the recovery is ready.
///
/// # Errors
/// A fault of the database.
pub async fn open(
    connection: &mut Connection,
    (id, activation): (&RecoveryId, &ActivationId),
    now: Timestamp,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE recoveries SET activation = $1 WHERE id = $2 AND ended_at IS NULL AND ready_at <= $3 AND ready_at > $4",
    )
    .bind(activation.as_str())
    .bind(id.as_str())
    .bind(now.0)
    .bind(now.before(READY).0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What became of the recovery that made an activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completed {
    /// It is completed by this very call.
    Now,
    /// No recovery made it: the citizen was seen.
    Another,
    /// It was cancelled meanwhile, is over by its age, or was completed before.
    Over,
}

/// New factors stand: exactly one of many completes the recovery that `activation` came of.
///
/// # Errors
/// A fault of the database.
pub async fn complete(
    connection: &mut Connection,
    activation: &ActivationId,
    now: Timestamp,
) -> Result<Completed, Fault> {
    let done = sqlx::query(
        "UPDATE recoveries SET ended_at = $1, outcome = 'completed' \
         WHERE activation = $2 AND ended_at IS NULL AND ready_at <= $1 AND ready_at > $3",
    )
    .bind(now.0)
    .bind(activation.as_str())
    .bind(now.before(READY).0)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(Completed::Now);
    }
    let row = sqlx::query("SELECT COUNT(*) FROM recoveries WHERE activation = $1")
        .bind(activation.as_str())
        .fetch_one(connection)
        .await?;
    Ok(if row.try_get::<i64, _>(0)? > 0 {
        Completed::Over
    } else {
        Completed::Another
    })
}

/// Cancels one; false when it was over.
///
/// # Errors
/// A fault of the database.
pub async fn cancel(connection: &mut Connection, id: &RecoveryId, now: Timestamp) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE recoveries SET ended_at = $1, outcome = 'cancelled' WHERE id = $2 AND ended_at IS NULL",
    )
    .bind(now.0)
    .bind(id.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Cancels every recovery of a citizen, and names them.
///
/// # Errors
/// A fault of the database.
pub async fn cancel_of(
    connection: &mut Connection,
    citizen: &CitizenId,
    now: Timestamp,
) -> Result<Vec<RecoveryId>, Fault> {
    let rows = sqlx::query(
        "UPDATE recoveries SET ended_at = $1, outcome = 'cancelled' WHERE citizen = $2 AND ended_at IS NULL \
         RETURNING id",
    )
    .bind(now.0)
    .bind(citizen.as_str())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok(RecoveryId::known(row.try_get::<String, _>(0)?)))
        .collect()
}

/// Forgets the oldest recoveries in which nothing was shown, all but the newest `most`; how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget_beyond(connection: &mut Connection, most: i64) -> Result<u64, Fault> {
    let done = sqlx::query(
        "DELETE FROM recoveries WHERE begun_at < \
         (SELECT begun_at FROM recoveries ORDER BY begun_at DESC LIMIT 1 OFFSET $1) \
         AND NOT EXISTS (SELECT 1 FROM recovery_evidence WHERE recovery = recoveries.id)",
    )
    .bind(most.saturating_sub(1))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Forgets what nobody can go on with.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let done = sqlx::query(
        "DELETE FROM recoveries WHERE (ready_at IS NULL AND begun_at <= $1) OR begun_at <= $2 OR ended_at <= $3",
    )
    .bind(now.before(COLLECTING).0)
    .bind(now.before(LONGEST).0)
    .bind(now.before(REMEMBERED).0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

async fn recovery(
    connection: &mut Connection,
    seal: &Seal,
    row: &AnyRow,
    now: Timestamp,
) -> Result<Option<Recovery>, Fault> {
    let id = RecoveryId::known(row.try_get::<String, _>(0)?);
    let ready_at = row.try_get::<Option<i64>, _>(4)?.map(Timestamp);
    let Some(stage) = Stage::of(Timestamp(row.try_get(3)?), ready_at, now) else {
        return Ok(None);
    };
    let plain = seal.open(&context(&id), &row.try_get::<Vec<u8>, _>(2)?)?;
    let plain: Sealed =
        serde_json::from_slice(plain.expose()).map_err(|source| Fault::of("reading a recovery", source))?;
    let scheme = Scheme::named(&plain.scheme);
    let national_id = scheme.and_then(|scheme| NationalId::parse(&plain.national_id, &[scheme]).ok());
    Ok(Some(Recovery {
        citizen: row.try_get::<Option<String>, _>(1)?.map(CitizenId::known),
        national_id: national_id.ok_or(Fault::plain("reading a recovery: data that we did not write"))?,
        shown: shown(connection, &id).await?,
        stage,
        resumed: row.try_get(5)?,
        id,
    }))
}

async fn shown(connection: &mut Connection, id: &RecoveryId) -> Result<BTreeSet<Evidence>, Fault> {
    let rows = sqlx::query("SELECT kind FROM recovery_evidence WHERE recovery = $1")
        .bind(id.as_str())
        .fetch_all(connection)
        .await?;
    let kinds: Result<Vec<String>, sqlx::Error> = rows.iter().map(|row| row.try_get(0)).collect();
    Ok(kinds?.iter().filter_map(|kind| Evidence::named(kind)).collect())
}

fn context(id: &RecoveryId) -> String {
    format!("recoveries:sealed:{id}")
}

/// Letters of a day are counted over recoveries that ended, too.
const REMEMBERED: Seconds = Seconds(2 * 86_400);
