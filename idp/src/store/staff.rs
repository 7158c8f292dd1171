//! Who holds which role, invitations to hold one, and the records that officials opened.

use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    rules::{
        ids::{CaseId, CitizenId},
        secret::Digest,
        staff::{Reason, Reference, Role},
        time::Timestamp,
    },
};

/// Gives a role; false when they hold it.
///
/// # Errors
/// A fault of the database.
pub async fn give(
    connection: &mut Connection,
    id: &str,
    (citizen, role): (&CitizenId, Role),
    by: Option<&CitizenId>,
    now: Timestamp,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "INSERT INTO staff (id, citizen, role, given_by, given_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (citizen, role) WHERE ended_at IS NULL DO NOTHING",
    )
    .bind(id)
    .bind(citizen.as_str())
    .bind(role.name())
    .bind(by.map(CitizenId::as_str))
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a role away; false when they did not hold it.
///
/// # Errors
/// A fault of the database.
pub async fn end(
    connection: &mut Connection,
    citizen: &CitizenId,
    role: Role,
    now: Timestamp,
) -> Result<bool, Fault> {
    let done =
        sqlx::query("UPDATE staff SET ended_at = $1 WHERE citizen = $2 AND role = $3 AND ended_at IS NULL")
            .bind(now.0)
            .bind(citizen.as_str())
            .bind(role.name())
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// The roles that somebody holds.
///
/// # Errors
/// A fault of the database.
pub async fn roles(connection: &mut Connection, citizen: &CitizenId) -> Result<Vec<Role>, Fault> {
    let rows = sqlx::query("SELECT role FROM staff WHERE citizen = $1 AND ended_at IS NULL ORDER BY role")
        .bind(citizen.as_str())
        .fetch_all(connection)
        .await?;
    let named = rows.iter().map(|row| {
        let name: String = row.try_get(0)?;
        Role::named(&name).ok_or(Fault::plain("reading a role that we did not write"))
    });
    named.collect()
}

/// Everybody who holds a role, by role.
///
/// # Errors
/// A fault of the database.
pub async fn all(connection: &mut Connection) -> Result<Vec<(CitizenId, Role, Timestamp)>, Fault> {
    let rows = sqlx::query(
        "SELECT citizen, role, given_at FROM staff WHERE ended_at IS NULL ORDER BY role, given_at LIMIT 500",
    )
    .fetch_all(connection)
    .await?;
    let read = rows.iter().map(|row| {
        let name: String = row.try_get(1)?;
        let role = Role::named(&name).ok_or(Fault::plain("reading a role that we did not write"))?;
        Ok((
            CitizenId::known(row.try_get::<String, _>(0)?),
            role,
            Timestamp(row.try_get(2)?),
        ))
    });
    read.collect()
}

/// Keeps an invitation.
///
/// # Errors
/// A fault of the database.
pub async fn invite(
    connection: &mut Connection,
    (token, role): (&Digest, Role),
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO staff_invitations (token_digest, role, made_at, expires_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(token.text())
    .bind(role.name())
    .bind(now.0)
    .bind(expires_at.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Uses an invitation: for exactly one of many.
///
/// # Errors
/// A fault of the database.
pub async fn accept(
    connection: &mut Connection,
    token: &Digest,
    now: Timestamp,
) -> Result<Option<Role>, Fault> {
    let row = sqlx::query(
        "UPDATE staff_invitations SET used_at = $1 \
         WHERE token_digest = $2 AND used_at IS NULL AND expires_at > $1 RETURNING role",
    )
    .bind(now.0)
    .bind(token.text())
    .fetch_optional(connection)
    .await?;
    let name: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
    Ok(name.as_deref().and_then(Role::named))
}

/// A record that is open on an official's desk.
#[derive(Debug, Clone)]
pub struct Case {
    /// Which.
    pub id: CaseId,
    /// Whose record.
    pub citizen: CitizenId,
    /// Why.
    pub reason: Reason,
    /// For which ticket.
    pub reference: Reference,
}

/// Opens a record.
///
/// # Errors
/// A fault of the database.
pub async fn open_case(
    connection: &mut Connection,
    official: &CitizenId,
    case: &Case,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO cases (id, official, citizen, reason, reference, opened_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(case.id.as_str())
    .bind(official.as_str())
    .bind(case.citizen.as_str())
    .bind(case.reason.name())
    .bind(case.reference.as_str())
    .bind(now.0)
    .bind(expires_at.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// A record that this very official opened and that is still open.
///
/// # Errors
/// A fault of the database.
pub async fn case(
    connection: &mut Connection,
    official: &CitizenId,
    id: &CaseId,
    now: Timestamp,
) -> Result<Option<Case>, Fault> {
    let row = sqlx::query(
        "SELECT citizen, reason, reference FROM cases WHERE id = $1 AND official = $2 AND expires_at > $3",
    )
    .bind(id.as_str())
    .bind(official.as_str())
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (reason, reference): (String, String) = (row.try_get(1)?, row.try_get(2)?);
    let unknown = Fault::plain("reading a case: words that we did not write");
    let (Some(reason), Some(reference)) = (Reason::named(&reason), Reference::parse(&reference)) else {
        return Err(unknown);
    };
    Ok(Some(Case {
        id: id.clone(),
        citizen: CitizenId::known(row.try_get::<String, _>(0)?),
        reason,
        reference,
    }))
}

/// Forgets closed records and invitations that nobody can use.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let cases = sqlx::query("DELETE FROM cases WHERE expires_at <= $1")
        .bind(now.0)
        .execute(&mut *connection)
        .await?;
    let invitations =
        sqlx::query("DELETE FROM staff_invitations WHERE expires_at <= $1 OR used_at IS NOT NULL")
            .bind(now.0)
            .execute(connection)
            .await?;
    Ok(cases.rows_affected().saturating_add(invitations.rows_affected()))
}
