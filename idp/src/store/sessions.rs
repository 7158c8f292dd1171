//! Sessions: found by the digest of their cookie, renewed and ended in the write.

use sqlx::{Row as _, any::AnyRow};

use super::Connection;
use crate::{
    error::Fault,
    keys::Seal,
    rules::{
        assurance::attained,
        grant::FAMILY_LIFETIME,
        ids::{CitizenId, Sid},
        secret::Digest,
        session::{IDLE, OVERALL, Session},
        time::Timestamp,
    },
    world::Chance,
};

/// Writes a new session under the digest of its cookie.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    connection: &mut Connection,
    seal: &Seal,
    chance: &dyn Chance,
    session: &Session,
    cookie: &Digest,
) -> Result<(), Fault> {
    let device = seal.seal(chance, &context(&session.sid), session.device.as_bytes())?;
    sqlx::query(
        "INSERT INTO sessions (sid, token_digest, citizen, factors, auth_time, started_at, seen_at, device, ends_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(session.sid.as_str())
    .bind(cookie.text())
    .bind(session.citizen.as_str())
    .bind(factors(session)?)
    .bind(session.auth_time.0)
    .bind(session.started_at.0)
    .bind(session.seen_at.0)
    .bind(device)
    .bind(session.ends_by().0)
    .execute(connection)
    .await?;
    Ok(())
}

/// The session with this cookie, if it is alive.
///
/// # Errors
/// A fault of the database.
pub async fn find(
    connection: &mut Connection,
    seal: &Seal,
    cookie: &Digest,
    now: Timestamp,
) -> Result<Option<Session>, Fault> {
    let row = sqlx::query(
        "SELECT sid, citizen, factors, auth_time, started_at, seen_at, device FROM sessions \
         WHERE token_digest = $1 AND ended_at IS NULL",
    )
    .bind(cookie.text())
    .fetch_optional(connection)
    .await?;
    let session = row.map(|row| session(seal, &row)).transpose()?;
    Ok(session.filter(|session| session.alive(now)))
}

/// The live session with this public name.
///
/// # Errors
/// A fault of the database.
pub async fn find_by_sid(
    connection: &mut Connection,
    seal: &Seal,
    sid: &Sid,
    now: Timestamp,
) -> Result<Option<Session>, Fault> {
    let row = sqlx::query(
        "SELECT sid, citizen, factors, auth_time, started_at, seen_at, device FROM sessions \
         WHERE sid = $1 AND ended_at IS NULL",
    )
    .bind(sid.as_str())
    .fetch_optional(connection)
    .await?;
    let session = row.map(|row| session(seal, &row)).transpose()?;
    Ok(session.filter(|session| session.alive(now)))
}

/// Every live session of a citizen, the latest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_citizen(
    connection: &mut Connection,
    seal: &Seal,
    citizen: &CitizenId,
    now: Timestamp,
) -> Result<Vec<Session>, Fault> {
    let rows = sqlx::query(
        "SELECT sid, citizen, factors, auth_time, started_at, seen_at, device FROM sessions \
         WHERE citizen = $1 AND ended_at IS NULL ORDER BY seen_at DESC",
    )
    .bind(citizen.as_str())
    .fetch_all(connection)
    .await?;
    let sessions: Result<Vec<Session>, Fault> = rows.iter().map(|row| session(seal, row)).collect();
    Ok(sessions?
        .into_iter()
        .filter(|session| session.alive(now))
        .collect())
}

/// Presence was proven again: a new cookie, a new `auth_time`, the factors so far. False when it ended meanwhile.
///
/// # Errors
/// A fault of the database.
pub async fn renew(connection: &mut Connection, session: &Session, cookie: &Digest) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE sessions SET token_digest = $1, auth_time = $2, seen_at = $3, factors = $4, ends_by = $5 \
         WHERE sid = $6 AND ended_at IS NULL",
    )
    .bind(cookie.text())
    .bind(session.auth_time.0)
    .bind(session.seen_at.0)
    .bind(factors(session)?)
    .bind(session.ends_by().0)
    .bind(session.sid.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The session was used.
///
/// # Errors
/// A fault of the database.
pub async fn touch(connection: &mut Connection, sid: &Sid, now: Timestamp) -> Result<(), Fault> {
    sqlx::query("UPDATE sessions SET seen_at = $1 WHERE sid = $2 AND ended_at IS NULL AND seen_at < $1")
        .bind(now.0)
        .bind(sid.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// The session is alive and stays so until this transaction ends: what is issued in it cannot outrun its end. Counts as
/// use. False when it had ended.
///
/// # Errors
/// A fault of the database.
pub async fn hold(connection: &mut Connection, sid: &Sid, now: Timestamp) -> Result<bool, Fault> {
    let held = sqlx::query(
        "UPDATE sessions SET seen_at = CASE WHEN seen_at < $1 THEN $1 ELSE seen_at END \
         WHERE sid = $2 AND ended_at IS NULL AND ends_by > $1",
    )
    .bind(now.0)
    .bind(sid.as_str())
    .execute(connection)
    .await?;
    Ok(held.rows_affected() == 1)
}

/// Ends every live session of a citizen in one write, and names them.
///
/// # Errors
/// A fault of the database.
pub async fn end_all(
    connection: &mut Connection,
    citizen: &CitizenId,
    now: Timestamp,
) -> Result<Vec<Sid>, Fault> {
    let rows = sqlx::query(
        "UPDATE sessions SET ended_at = $1 WHERE citizen = $2 AND ended_at IS NULL AND ends_by > $1 \
         AND seen_at > $3 RETURNING sid",
    )
    .bind(now.0)
    .bind(citizen.as_str())
    .bind(now.before(IDLE).0)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok(Sid::known(row.try_get::<String, _>(0)?)))
        .collect()
}

/// Ends sessions that reached the end of the day, at most so many, and names them with their citizens. Those that did a
/// day ago were missed for good: whoever is told so late has forgotten it.
///
/// # Errors
/// A fault of the database.
pub async fn end_aged(
    connection: &mut Connection,
    now: Timestamp,
    most: i64,
) -> Result<Vec<(Sid, CitizenId)>, Fault> {
    let rows = sqlx::query(
        "UPDATE sessions SET ended_at = $1 WHERE ended_at IS NULL AND sid IN (SELECT sid FROM sessions \
         WHERE ended_at IS NULL AND ends_by <= $1 AND ends_by > $2 ORDER BY ends_by LIMIT $3) \
         RETURNING sid, citizen",
    )
    .bind(now.0)
    .bind(now.before(OVERALL).0)
    .bind(most)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let (sid, citizen): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            Ok((Sid::known(sid), CitizenId::known(citizen)))
        })
        .collect()
}

/// Ends a session; false when it had ended. `citizen` guards against ending another's.
///
/// # Errors
/// A fault of the database.
pub async fn end(
    connection: &mut Connection,
    citizen: &CitizenId,
    sid: &Sid,
    now: Timestamp,
) -> Result<bool, Fault> {
    let done =
        sqlx::query("UPDATE sessions SET ended_at = $1 WHERE sid = $2 AND citizen = $3 AND ended_at IS NULL")
            .bind(now.0)
            .bind(sid.as_str())
            .bind(citizen.as_str())
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets sessions that no living family can refer to.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let done = sqlx::query("DELETE FROM sessions WHERE started_at <= $1")
        .bind(now.before(FAMILY_LIFETIME).0)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

fn session(seal: &Seal, row: &AnyRow) -> Result<Session, Fault> {
    let sid = Sid::known(row.try_get::<String, _>(0)?);
    let factors: Vec<_> = serde_json::from_str(&row.try_get::<String, _>(2)?)
        .map_err(|source| Fault::of("reading a session", source))?;
    let device = seal.open(&context(&sid), &row.try_get::<Vec<u8>, _>(6)?)?;
    Ok(Session {
        citizen: CitizenId::known(row.try_get::<String, _>(1)?),
        assurance: attained(&factors).ok_or(Fault::plain("reading a session without factors"))?,
        factors,
        auth_time: Timestamp(row.try_get(3)?),
        started_at: Timestamp(row.try_get(4)?),
        seen_at: Timestamp(row.try_get(5)?),
        device: String::from_utf8_lossy(device.expose()).into_owned(),
        sid,
    })
}

fn factors(session: &Session) -> Result<String, Fault> {
    serde_json::to_string(&session.factors).map_err(|source| Fault::of("writing a session", source))
}

fn context(sid: &Sid) -> String {
    format!("sessions:device:{sid}")
}
