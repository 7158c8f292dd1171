//! How far batches are: what progress pages, results and the history show.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, bigint, documents, natural, parsed};
use crate::error::Fault;
use crate::rules::batch::{Item, ItemState, SignedCopy};
use crate::rules::stamp::Stamp;
use crate::rules::{BatchId, Moment, OfficialId};

/// A batch in a list.
#[derive(Clone, Debug)]
pub struct BatchSummary {
    /// Which.
    pub batch: BatchId,
    /// When it was approved.
    pub authorised_at: Moment,
    /// With which stamp.
    pub stamp: Stamp,
    /// How many documents it has.
    pub documents: u32,
    /// How many of them are signed.
    pub signed: u32,
    /// How many failed.
    pub failed: u32,
}

impl BatchSummary {
    /// Whether something is still to be done.
    #[must_use]
    pub fn running(&self) -> bool {
        self.done() < self.documents
    }

    /// How many documents have an outcome.
    #[must_use]
    pub fn done(&self) -> u32 {
        self.signed.saturating_add(self.failed)
    }
}

impl Store {
    /// This official's batches that were approved, newest first.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn batches(&self, official: OfficialId, most: u32) -> Result<Vec<BatchSummary>, Fault> {
        let rows = sqlx::query(
            "SELECT b.id, b.authorised_at, b.stamp, COUNT(*) AS documents,
                    SUM(CASE WHEN i.state = 'signed' THEN 1 ELSE 0 END) AS signed,
                    SUM(CASE WHEN i.state = 'failed' THEN 1 ELSE 0 END) AS failed
             FROM batches b JOIN items i ON i.batch = b.id
             WHERE b.official = $1 AND b.authorised_at IS NOT NULL
             GROUP BY b.id, b.authorised_at, b.stamp ORDER BY b.authorised_at DESC, b.id LIMIT $2",
        )
        .bind(official.to_string())
        .bind(bigint(most))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(summary).collect()
    }

    /// One approved batch of this official, with its documents in the order of the approval.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn batch(
        &self,
        official: OfficialId,
        batch: BatchId,
    ) -> Result<Option<(BatchSummary, Vec<Item>)>, Fault> {
        let row = sqlx::query(
            "SELECT b.id, b.authorised_at, b.stamp, COUNT(*) AS documents,
                    SUM(CASE WHEN i.state = 'signed' THEN 1 ELSE 0 END) AS signed,
                    SUM(CASE WHEN i.state = 'failed' THEN 1 ELSE 0 END) AS failed
             FROM batches b JOIN items i ON i.batch = b.id
             WHERE b.id = $1 AND b.official = $2 AND b.authorised_at IS NOT NULL
             GROUP BY b.id, b.authorised_at, b.stamp",
        )
        .bind(batch.to_string())
        .bind(official.to_string())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let items = sqlx::query(
            "SELECT i.document, i.sha256, i.state, i.reason, i.signed_sha256, i.signed_size, d.facts
             FROM items i JOIN documents d ON d.id = i.document WHERE i.batch = $1 ORDER BY i.ordinal",
        )
        .bind(batch.to_string())
        .fetch_all(&self.pool)
        .await?;
        let items = items
            .iter()
            .map(|item| {
                Ok(Item {
                    document: parsed(item, "document")?,
                    name: documents::name_of(item, &self.sealing)?,
                    digest: parsed(item, "sha256")?,
                    state: item_state(item)?,
                })
            })
            .collect::<Result<Vec<_>, Fault>>()?;
        Ok(Some((summary(&row)?, items)))
    }
}

fn summary(row: &AnyRow) -> Result<BatchSummary, Fault> {
    Ok(BatchSummary {
        batch: parsed(row, "id")?,
        authorised_at: Moment(row.try_get("authorised_at")?),
        stamp: parsed(row, "stamp")?,
        documents: natural(row, "documents")?,
        signed: natural(row, "signed")?,
        failed: natural(row, "failed")?,
    })
}

fn item_state(row: &AnyRow) -> Result<ItemState, Fault> {
    let state: String = row.try_get("state")?;
    match state.as_str() {
        "queued" => Ok(ItemState::Queued),
        "signing" => Ok(ItemState::Signing),
        "failed" => Ok(ItemState::Failed(parsed(row, "reason")?)),
        "signed" => Ok(ItemState::Signed(SignedCopy {
            digest: parsed(row, "signed_sha256")?,
            size: natural(row, "signed_size")?,
        })),
        _ => Err(Fault::new("an approved document in an unknown state")),
    }
}
