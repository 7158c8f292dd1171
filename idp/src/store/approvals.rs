//! Proposals that wait for a second official. Each step is decided in its write.

use sqlx::{Row as _, any::AnyRow};

use super::Connection;
use crate::{
    error::Fault,
    rules::{
        approval::{Approval, Proposal, Stage},
        ids::{ApprovalId, CitizenId},
        time::Timestamp,
    },
};

/// Writes a proposal down.
///
/// # Errors
/// A fault of the database.
pub async fn propose(
    connection: &mut Connection,
    approval: &Approval,
    expires_at: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO approvals (id, kind, citizen, role, proposed_by, proposed_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(approval.id.as_str())
    .bind(approval.proposal.name())
    .bind(approval.proposal.citizen().map(CitizenId::as_str))
    .bind(approval.proposal.subject())
    .bind(approval.proposed_by.as_str())
    .bind(approval.proposed_at.0)
    .bind(expires_at.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Somebody other than the proposer, and other than the citizen whom it is about, agrees: once.
///
/// # Errors
/// A fault of the database.
pub async fn approve(
    connection: &mut Connection,
    id: &ApprovalId,
    by: &CitizenId,
    now: Timestamp,
) -> Result<Option<Approval>, Fault> {
    let row = sqlx::query(
        "UPDATE approvals SET approved_by = $1, approved_at = $2 \
         WHERE id = $3 AND approved_by IS NULL AND ended_at IS NULL AND expires_at > $2 \
         AND proposed_by <> $1 AND (citizen IS NULL OR citizen <> $1) \
         RETURNING id, kind, citizen, role, proposed_by, proposed_at, approved_by",
    )
    .bind(by.as_str())
    .bind(now.0)
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(approval).transpose()
}

/// It is carried out by somebody other than the one who agreed: once.
///
/// # Errors
/// A fault of the database.
pub async fn carry_out(
    connection: &mut Connection,
    id: &ApprovalId,
    by: &CitizenId,
    now: Timestamp,
) -> Result<Option<Approval>, Fault> {
    let row = sqlx::query(
        "UPDATE approvals SET ended_at = $1 \
         WHERE id = $2 AND approved_by IS NOT NULL AND ended_at IS NULL AND expires_at > $1 \
         AND approved_by <> $3 AND (citizen IS NULL OR citizen <> $3) \
         RETURNING id, kind, citizen, role, proposed_by, proposed_at, approved_by",
    )
    .bind(now.0)
    .bind(id.as_str())
    .bind(by.as_str())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(approval).transpose()
}

/// It is over without having been carried out, or with the approval itself; false when it was.
///
/// # Errors
/// A fault of the database.
pub async fn end(
    connection: &mut Connection,
    id: &ApprovalId,
    now: Timestamp,
) -> Result<Option<Approval>, Fault> {
    let row = sqlx::query(
        "UPDATE approvals SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL \
         RETURNING id, kind, citizen, role, proposed_by, proposed_at, approved_by",
    )
    .bind(now.0)
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(approval).transpose()
}

/// What waits, the oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn waiting(connection: &mut Connection, now: Timestamp) -> Result<Vec<Approval>, Fault> {
    let rows = sqlx::query(
        "SELECT id, kind, citizen, role, proposed_by, proposed_at, approved_by FROM approvals \
         WHERE ended_at IS NULL AND expires_at > $1 ORDER BY proposed_at LIMIT 100",
    )
    .bind(now.0)
    .fetch_all(connection)
    .await?;
    rows.iter().map(approval).collect()
}

fn approval(row: &AnyRow) -> Result<Approval, Fault> {
    let (kind, subject): (String, String) = (row.try_get(1)?, row.try_get(3)?);
    let citizen: Option<String> = row.try_get(2)?;
    let proposal = Proposal::named(&kind, citizen.map(CitizenId::known), &subject);
    let approved_by: Option<String> = row.try_get(6)?;
    Ok(Approval {
        id: ApprovalId::known(row.try_get::<String, _>(0)?),
        proposal: proposal.ok_or(Fault::plain("reading a proposal that we did not write"))?,
        proposed_by: CitizenId::known(row.try_get::<String, _>(4)?),
        proposed_at: Timestamp(row.try_get(5)?),
        stage: approved_by.map_or(Stage::Proposed, |by| Stage::Approved {
            by: CitizenId::known(by),
        }),
    })
}
