//! Activation codes: a keyed tag each, opened once in the write, then held by one browser until an account is open.

use sqlx::{Row as _, any::AnyRow};

use super::Connection;
use crate::{
    error::Fault,
    rules::{
        activation::{Kind, Opened, Proofing},
        ids::{ActivationId, CitizenId},
        secret::Digest,
        time::Timestamp,
    },
};

/// A code to be kept.
#[derive(Debug)]
pub struct New<'a> {
    /// Its name.
    pub id: &'a ActivationId,
    /// Whose.
    pub citizen: &'a CitizenId,
    /// What it opens.
    pub kind: Kind,
    /// How the person was proven.
    pub proofing: Proofing,
    /// The keyed tag of national id and code.
    pub code_tag: &'a str,
    /// Which official gave it; nobody for the command line.
    pub issued_by: Option<&'a CitizenId>,
    /// When.
    pub issued_at: Timestamp,
    /// Not good any more from this moment on.
    pub expires_at: Timestamp,
}

/// Who opens it.
#[derive(Debug)]
pub struct Holder<'a> {
    /// What the pages carry, as its digest.
    pub ticket: &'a Digest,
    /// The browser's cookie, as its digest.
    pub browser: &'a Digest,
    /// How long it is held.
    pub until: Timestamp,
}

/// Keeps a code in place of every other that the citizen has.
///
/// # Errors
/// A fault of the database.
pub async fn replace(connection: &mut Connection, new: &New<'_>) -> Result<(), Fault> {
    sqlx::query("UPDATE activations SET ended_at = $1 WHERE citizen = $2 AND ended_at IS NULL")
        .bind(new.issued_at.0)
        .bind(new.citizen.as_str())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO activations (id, citizen, kind, proofing, code_tag, issued_by, issued_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(new.id.as_str())
    .bind(new.citizen.as_str())
    .bind(new.kind.name())
    .bind(new.proofing.name())
    .bind(new.code_tag)
    .bind(new.issued_by.map(CitizenId::as_str))
    .bind(new.issued_at.0)
    .bind(new.expires_at.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Opens the activation under this tag: for exactly one of many who try. The browser that opened it before and let it
/// lapse may open it again while the code is good.
///
/// # Errors
/// A fault of the database.
pub async fn open(
    connection: &mut Connection,
    code_tag: &str,
    holder: &Holder<'_>,
    now: Timestamp,
) -> Result<Option<Opened>, Fault> {
    let row = sqlx::query(
        "UPDATE activations SET opened_at = $1, ticket_digest = $2, browser_digest = $3, held_until = $4 \
         WHERE code_tag = $5 AND expires_at > $1 AND ended_at IS NULL \
         AND (opened_at IS NULL OR (browser_digest = $3 AND held_until <= $1)) \
         RETURNING id, citizen, kind, proofing, held_until",
    )
    .bind(now.0)
    .bind(holder.ticket.text())
    .bind(holder.browser.text())
    .bind(holder.until.0)
    .bind(code_tag)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(opened).transpose()
}

/// The activation that this browser holds under this ticket.
///
/// # Errors
/// A fault of the database.
pub async fn held(
    connection: &mut Connection,
    ticket: &Digest,
    browser: &Digest,
    now: Timestamp,
) -> Result<Option<Opened>, Fault> {
    let row = sqlx::query(
        "SELECT id, citizen, kind, proofing, held_until FROM activations \
         WHERE ticket_digest = $1 AND browser_digest = $2 AND held_until > $3 AND ended_at IS NULL",
    )
    .bind(ticket.text())
    .bind(browser.text())
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(opened).transpose()
}

/// The account is open: true exactly once, and only while it is held. How the person was proven is kept with them.
///
/// # Errors
/// A fault of the database.
pub async fn finish(connection: &mut Connection, opened: &Opened, now: Timestamp) -> Result<bool, Fault> {
    let row = sqlx::query(
        "UPDATE activations SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL AND held_until > $1 RETURNING id",
    )
    .bind(now.0)
    .bind(opened.id.as_str())
    .fetch_optional(&mut *connection)
    .await?;
    if row.is_none() {
        return Ok(false);
    }
    sqlx::query("UPDATE citizens SET proofing = $1 WHERE id = $2")
        .bind(opened.proofing.name())
        .bind(opened.citizen.as_str())
        .execute(connection)
        .await?;
    Ok(true)
}

/// How a citizen was proven.
///
/// # Errors
/// A fault of the database.
pub async fn proofing(connection: &mut Connection, citizen: &CitizenId) -> Result<Option<Proofing>, Fault> {
    let row = sqlx::query("SELECT proofing FROM citizens WHERE id = $1")
        .bind(citizen.as_str())
        .fetch_optional(connection)
        .await?;
    let name: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
    Ok(name.as_deref().and_then(Proofing::named))
}

/// Says how a citizen was proven, where it is not an activation that says so.
///
/// # Errors
/// A fault of the database.
pub async fn set_proofing(
    connection: &mut Connection,
    citizen: &CitizenId,
    proofing: Proofing,
) -> Result<(), Fault> {
    sqlx::query("UPDATE citizens SET proofing = $1 WHERE id = $2")
        .bind(proofing.name())
        .bind(citizen.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// The citizen can log in with two factors: a passkey, or a password beside a seed.
///
/// # Errors
/// A fault of the database.
pub async fn is_active(connection: &mut Connection, citizen: &CitizenId) -> Result<bool, Fault> {
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM passkeys WHERE citizen = $1 AND removed_at IS NULL) \
         + (SELECT COUNT(*) FROM passwords JOIN totp ON totp.citizen = passwords.citizen AND totp.removed_at IS NULL \
            WHERE passwords.citizen = $1)",
    )
    .bind(citizen.as_str())
    .fetch_one(connection)
    .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}

/// Counts one try in this slot of time and returns how many it has; the row stays locked until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn count_try(connection: &mut Connection, slot: i64) -> Result<i64, Fault> {
    let row = sqlx::query(
        "INSERT INTO activation_tries (slot, wrong) VALUES ($1, 1) \
         ON CONFLICT (slot) DO UPDATE SET wrong = activation_tries.wrong + 1 RETURNING wrong",
    )
    .bind(slot)
    .fetch_one(connection)
    .await?;
    Ok(row.try_get(0)?)
}

/// That try was right.
///
/// # Errors
/// A fault of the database.
pub async fn forgive_try(connection: &mut Connection, slot: i64) -> Result<(), Fault> {
    sqlx::query("UPDATE activation_tries SET wrong = wrong - 1 WHERE slot = $1")
        .bind(slot)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets what ended or expired before `before`, and slots of time before `slot`.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, before: Timestamp, slot: i64) -> Result<u64, Fault> {
    sqlx::query("DELETE FROM activation_tries WHERE slot < $1")
        .bind(slot)
        .execute(&mut *connection)
        .await?;
    let done = sqlx::query(
        "DELETE FROM activations WHERE (ended_at IS NOT NULL AND ended_at <= $1) \
         OR (expires_at <= $1 AND (held_until IS NULL OR held_until <= $1))",
    )
    .bind(before.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

fn opened(row: &AnyRow) -> Result<Opened, Fault> {
    let (kind, proofing): (String, String) = (row.try_get(2)?, row.try_get(3)?);
    let unknown = Fault::plain("reading an activation: names that we did not write");
    let (Some(kind), Some(proofing)) = (Kind::named(&kind), Proofing::named(&proofing)) else {
        return Err(unknown);
    };
    Ok(Opened {
        id: ActivationId::known(row.try_get::<String, _>(0)?),
        citizen: CitizenId::known(row.try_get::<String, _>(1)?),
        kind,
        proofing,
        held_until: Timestamp(row.try_get(4)?),
    })
}
