//! Notices that citizens must still get, one row an address, and the links of those that they got. A notice is claimed
//! before it is carried and only when it is due; a claim that its node did not live to end runs out by itself.

use serde::{Deserialize, Serialize};
use sqlx::{Row as _, any::AnyRow};

use super::Connection;
use crate::{
    error::Fault,
    keys::Seal,
    rules::{
        ids::{CitizenId, NoticeId},
        language::Language,
        notice::{Notice, Posted},
        person::Email,
        secret::{Digest, Secret},
        time::Timestamp,
    },
    world::Chance,
};

/// The sealed part.
#[derive(Serialize, Deserialize)]
struct Sealed {
    to: String,
    given_name: String,
    language: Language,
    notice: Notice,
    not_me: Option<String>,
}

/// Puts a notice into the outbox, due at once.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    connection: &mut Connection,
    (seal, chance): (&Seal, &dyn Chance),
    posted: &Posted,
) -> Result<(), Fault> {
    let plain = Sealed {
        to: posted.to.as_str().to_owned(),
        given_name: posted.given_name.clone(),
        language: posted.language,
        notice: posted.notice.clone(),
        not_me: posted.not_me.as_ref().map(|token| token.expose().clone()),
    };
    let plain = serde_json::to_vec(&plain)
        .map(Secret::new)
        .map_err(|source| Fault::of("writing a notice", source))?;
    sqlx::query(
        "INSERT INTO notices (id, citizen, kind, sealed, created_at, attempts, next_at) \
         VALUES ($1, $2, $3, $4, $5, 0, $5) ON CONFLICT (id) DO NOTHING",
    )
    .bind(posted.id.as_str())
    .bind(posted.citizen.as_str())
    .bind(posted.notice.kind())
    .bind(seal.seal(chance, &context(&posted.id), plain.expose())?)
    .bind(posted.at.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Something is due.
///
/// # Errors
/// A fault of the database.
pub async fn due(connection: &mut Connection, now: Timestamp) -> Result<bool, Fault> {
    let row = sqlx::query("SELECT id FROM notices WHERE next_at <= $1 LIMIT 1")
        .bind(now.0)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Takes up to `most` due notices; nobody else gets them before `until`.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn claim(
    connection: &mut Connection,
    seal: &Seal,
    (now, until): (Timestamp, Timestamp),
    most: i64,
) -> Result<Vec<Posted>, Fault> {
    // `next_at` is asked outside, too: of two nodes that chose the same rows the second finds them claimed.
    let rows = sqlx::query(
        "UPDATE notices SET attempts = attempts + 1, next_at = $1 WHERE next_at <= $2 AND id IN \
         (SELECT id FROM notices WHERE next_at <= $2 ORDER BY next_at, id LIMIT $3) \
         RETURNING id, citizen, sealed, created_at, attempts",
    )
    .bind(until.0)
    .bind(now.0)
    .bind(most)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| posted(seal, row)).collect()
}

/// Takes a notice out for good; false when somebody did before.
///
/// # Errors
/// A fault of the database.
pub async fn remove(connection: &mut Connection, id: &NoticeId) -> Result<bool, Fault> {
    let done = sqlx::query("DELETE FROM notices WHERE id = $1")
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts a claimed notice back until `next`. Nothing happens when the claim had run out and another node has it.
///
/// # Errors
/// A fault of the database.
pub async fn put_back(connection: &mut Connection, posted: &Posted, next: Timestamp) -> Result<(), Fault> {
    sqlx::query("UPDATE notices SET next_at = $1 WHERE id = $2 AND attempts = $3")
        .bind(next.0)
        .bind(posted.id.as_str())
        .bind(posted.attempts)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes that `digest` is the link of a notice about this citizen.
///
/// # Errors
/// A fault of the database.
pub async fn insert_not_me(
    connection: &mut Connection,
    digest: &Digest,
    (citizen, kind): (&CitizenId, &str),
    expires_at: Timestamp,
) -> Result<(), Fault> {
    sqlx::query("INSERT INTO not_me (digest, citizen, kind, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(digest.text())
        .bind(citizen.as_str())
        .bind(kind)
        .bind(expires_at.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Whose link this is, and of which kind of notice, while it is good. Looking takes nothing: mail servers open links.
///
/// # Errors
/// A fault of the database.
pub async fn find_not_me(
    connection: &mut Connection,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<(CitizenId, String)>, Fault> {
    let row = sqlx::query(
        "SELECT citizen, kind FROM not_me WHERE digest = $1 AND taken_at IS NULL AND expires_at > $2",
    )
    .bind(digest.text())
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(objection).transpose()
}

/// Takes a link, once: whose it is, and of which kind of notice.
///
/// # Errors
/// A fault of the database.
pub async fn take_not_me(
    connection: &mut Connection,
    digest: &Digest,
    now: Timestamp,
) -> Result<Option<(CitizenId, String)>, Fault> {
    let row = sqlx::query(
        "UPDATE not_me SET taken_at = $1 WHERE digest = $2 AND taken_at IS NULL AND expires_at > $1 \
         RETURNING citizen, kind",
    )
    .bind(now.0)
    .bind(digest.text())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(objection).transpose()
}

/// How many notices wait.
///
/// # Errors
/// A fault of the database.
pub async fn waiting(connection: &mut Connection) -> Result<i64, Fault> {
    let row = sqlx::query("SELECT COUNT(*) FROM notices")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get(0)?)
}

/// Forgets links past their end, and notices from before `outdated`, which nobody carries.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp, outdated: Timestamp) -> Result<u64, Fault> {
    let links = sqlx::query("DELETE FROM not_me WHERE expires_at <= $1")
        .bind(now.0)
        .execute(&mut *connection)
        .await?;
    let notices = sqlx::query("DELETE FROM notices WHERE created_at <= $1")
        .bind(outdated.0)
        .execute(connection)
        .await?;
    Ok(links.rows_affected().saturating_add(notices.rows_affected()))
}

fn objection(row: &AnyRow) -> Result<(CitizenId, String), Fault> {
    Ok((CitizenId::known(row.try_get::<String, _>(0)?), row.try_get(1)?))
}

fn posted(seal: &Seal, row: &AnyRow) -> Result<Posted, Fault> {
    let id = NoticeId::known(row.try_get::<String, _>(0)?);
    let plain = seal.open(&context(&id), &row.try_get::<Vec<u8>, _>(2)?)?;
    let plain: Sealed =
        serde_json::from_slice(plain.expose()).map_err(|source| Fault::of("reading a notice", source))?;
    Ok(Posted {
        citizen: CitizenId::known(row.try_get::<String, _>(1)?),
        at: Timestamp(row.try_get(3)?),
        attempts: row.try_get(4)?,
        to: Email::parse(&plain.to)
            .map_err(|_| Fault::plain("reading a notice: an address that we did not write"))?,
        given_name: plain.given_name,
        language: plain.language,
        notice: plain.notice,
        not_me: plain.not_me.map(Secret::new),
        id,
    })
}

fn context(id: &NoticeId) -> String {
    format!("notices:sealed:{id}")
}
