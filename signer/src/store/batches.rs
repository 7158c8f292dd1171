//! Proposals, approvals and the state of each approved document. Each step that must happen once is one write with
//! the state before it in its condition.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, Work, bigint, parsed};
use crate::error::Fault;
use crate::rules::batch::{Failure, Proposal, SignedCopy};
use crate::rules::policy::Authorisation;
use crate::rules::stamp::Stamp;
use crate::rules::warrant::Warrant;
use crate::rules::{BatchId, Digest, DocumentId, KeyId, Moment, OfficialId};

/// An approved document whose turn it is.
#[derive(Clone, Debug)]
pub struct Approved {
    /// Its batch.
    pub batch: BatchId,
    /// Whose approval.
    pub official: OfficialId,
    /// With which key.
    pub key: KeyId,
    /// Which document.
    pub document: DocumentId,
    /// What was approved.
    pub digest: Digest,
    /// With which stamp.
    pub stamp: Stamp,
    /// No signature is begun after this.
    pub expires_at: Moment,
}

/// A document with an intent and no outcome, as found after a restart.
#[derive(Clone, Debug)]
pub struct Intended {
    /// The approval.
    pub approved: Approved,
    /// SHA-256 of the signed attributes that were intended.
    pub to_be_signed: Digest,
    /// The time that the signature claims.
    pub at: Moment,
}

impl Work {
    /// Stores what the approval page shows.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn propose(&mut self, proposal: &Proposal) -> Result<(), Fault> {
        sqlx::query(
            "INSERT INTO batches (id, official, key_id, stamp, nonce, binding, proposed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(proposal.batch.to_string())
        .bind(proposal.official.to_string())
        .bind(proposal.key.to_string())
        .bind(proposal.stamp.to_string())
        .bind(data_encoding::HEXLOWER.encode(&proposal.nonce))
        .bind(proposal.binding().to_string())
        .bind(proposal.proposed_at.0)
        .execute(&mut *self.transaction)
        .await?;
        for ((document, digest), ordinal) in proposal.documents.iter().zip(0_i64..) {
            sqlx::query(
                "INSERT INTO items (batch, document, ordinal, sha256, state, changed_at)
                 VALUES ($1, $2, $3, $4, 'proposed', $5)",
            )
            .bind(proposal.batch.to_string())
            .bind(document.to_string())
            .bind(ordinal)
            .bind(digest.to_string())
            .bind(proposal.proposed_at.0)
            .execute(&mut *self.transaction)
            .await?;
        }
        Ok(())
    }

    /// Consumes an authorisation: the proposal is spent and its documents are queued. `false`, and nothing may be
    /// committed, when the proposal was spent before or one of its documents is not on the desk any more.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn authorise(&mut self, authorisation: Authorisation, now: Moment) -> Result<bool, Fault> {
        let spent = sqlx::query(
            "UPDATE batches SET authorised_at = $3, expires_at = $4
             WHERE id = $1 AND official = $2 AND authorised_at IS NULL RETURNING id",
        )
        .bind(authorisation.batch().to_string())
        .bind(authorisation.official().to_string())
        .bind(now.0)
        .bind(authorisation.expires_at().0)
        .fetch_optional(&mut *self.transaction)
        .await?;
        if spent.is_none() {
            return Ok(false);
        }
        for (document, digest) in authorisation.documents() {
            let taken = sqlx::query(
                "UPDATE documents SET state = 'approved'
                 WHERE id = $1 AND official = $2 AND sha256 = $3 AND state = 'ready' RETURNING id",
            )
            .bind(document.to_string())
            .bind(authorisation.official().to_string())
            .bind(digest.to_string())
            .fetch_optional(&mut *self.transaction)
            .await?;
            if taken.is_none() {
                return Ok(false);
            }
        }
        let queued = sqlx::query(
            "UPDATE items SET state = 'queued', changed_at = $2 WHERE batch = $1 AND state = 'proposed'",
        )
        .bind(authorisation.batch().to_string())
        .bind(now.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(queued.rows_affected() == u64::try_from(authorisation.documents().len()).unwrap_or(u64::MAX))
    }

    /// Consumes the approval of one document for one value to be signed at `now`, the time that the signature will
    /// claim. `None` when it is not queued any more or its time is over.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn intend(
        &mut self,
        approved: &Approved,
        to_be_signed: Digest,
        now: Moment,
    ) -> Result<Option<Warrant>, Fault> {
        let row = sqlx::query(
            "UPDATE items SET state = 'signing', to_be_signed = $3, changed_at = $4
             WHERE batch = $1 AND document = $2 AND state = 'queued' AND sha256 = $5
               AND EXISTS (SELECT 1 FROM batches b WHERE b.id = $1 AND b.official = $6 AND b.key_id = $7 AND b.expires_at >= $4)
             RETURNING document",
        )
        .bind(approved.batch.to_string())
        .bind(approved.document.to_string())
        .bind(to_be_signed.to_string())
        .bind(now.0)
        .bind(approved.digest.to_string())
        .bind(approved.official.to_string())
        .bind(approved.key.to_string())
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(row.map(|_| Warrant::consumed(approved.official, approved.key, approved.document, to_be_signed)))
    }

    /// Takes up an intent that a restart found without outcome, for the very value it was for. `None` when it is
    /// not so any more, or its time is over.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn resume(
        &mut self,
        approved: &Approved,
        to_be_signed: Digest,
        now: Moment,
    ) -> Result<Option<Warrant>, Fault> {
        let row = sqlx::query(
            "UPDATE items SET state = 'signing'
             WHERE batch = $1 AND document = $2 AND state = 'signing' AND to_be_signed = $3
               AND EXISTS (SELECT 1 FROM batches b WHERE b.id = $1 AND b.expires_at >= $4)
             RETURNING document",
        )
        .bind(approved.batch.to_string())
        .bind(approved.document.to_string())
        .bind(to_be_signed.to_string())
        .bind(now.0)
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(row.map(|_| Warrant::consumed(approved.official, approved.key, approved.document, to_be_signed)))
    }

    /// The outcome: released. `false` when there already was one.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn release(&mut self, approved: &Approved, copy: &SignedCopy) -> Result<bool, Fault> {
        let row = sqlx::query(
            "UPDATE items SET state = 'signed', signed_sha256 = $3, signed_size = $4
             WHERE batch = $1 AND document = $2 AND state = 'signing' RETURNING document",
        )
        .bind(approved.batch.to_string())
        .bind(approved.document.to_string())
        .bind(copy.digest.to_string())
        .bind(bigint(copy.size))
        .fetch_optional(&mut *self.transaction)
        .await?;
        self.document_becomes(approved, "signed").await?;
        Ok(row.is_some())
    }

    /// The outcome: not signed; the document goes back to the desk. `false` when there already was an outcome.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn fail(&mut self, approved: &Approved, failure: Failure, now: Moment) -> Result<bool, Fault> {
        let row = sqlx::query(
            "UPDATE items SET state = 'failed', reason = $3, changed_at = $4
             WHERE batch = $1 AND document = $2 AND state IN ('queued', 'signing') RETURNING document",
        )
        .bind(approved.batch.to_string())
        .bind(approved.document.to_string())
        .bind(failure.code())
        .bind(now.0)
        .fetch_optional(&mut *self.transaction)
        .await?;
        self.document_becomes(approved, "ready").await?;
        Ok(row.is_some())
    }

    async fn document_becomes(&mut self, approved: &Approved, state: &str) -> Result<(), Fault> {
        sqlx::query("UPDATE documents SET state = $2 WHERE id = $1 AND state = 'approved'")
            .bind(approved.document.to_string())
            .bind(state)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

impl Store {
    /// A proposal of this official that was not spent.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn proposal(&self, official: OfficialId, batch: BatchId) -> Result<Option<Proposal>, Fault> {
        let row = sqlx::query(
            "SELECT key_id, stamp, nonce, proposed_at FROM batches
             WHERE id = $1 AND official = $2 AND authorised_at IS NULL",
        )
        .bind(batch.to_string())
        .bind(official.to_string())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let items = sqlx::query("SELECT document, sha256 FROM items WHERE batch = $1 ORDER BY ordinal")
            .bind(batch.to_string())
            .fetch_all(&self.pool)
            .await?;
        let documents = items
            .iter()
            .map(|item| Ok((parsed(item, "document")?, parsed(item, "sha256")?)))
            .collect::<Result<Vec<_>, Fault>>()?;
        let nonce: String = row.try_get("nonce")?;
        let nonce = data_encoding::HEXLOWER
            .decode(nonce.as_bytes())
            .ok()
            .and_then(|bytes| <[u8; 16]>::try_from(bytes).ok())
            .ok_or_else(|| Fault::new("a proposal without its nonce"))?;
        Ok(Some(Proposal {
            batch,
            official,
            key: parsed(&row, "key_id")?,
            documents,
            stamp: parsed(&row, "stamp")?,
            nonce,
            proposed_at: Moment(row.try_get("proposed_at")?),
        }))
    }

    /// The next approved document that waits for its signature.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn next_approved(&self) -> Result<Option<Approved>, Fault> {
        let row = sqlx::query(
            "SELECT i.batch, i.document, i.sha256, b.official, b.key_id, b.stamp, b.expires_at
             FROM items i JOIN batches b ON b.id = i.batch
             WHERE i.state = 'queued' ORDER BY b.authorised_at, i.batch, i.ordinal LIMIT 1",
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| approved(&row)).transpose()
    }

    /// Every document with an intent and no outcome.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn intended(&self) -> Result<Vec<Intended>, Fault> {
        let rows = sqlx::query(
            "SELECT i.batch, i.document, i.sha256, i.to_be_signed, i.changed_at, b.official, b.key_id, b.stamp, b.expires_at
             FROM items i JOIN batches b ON b.id = i.batch
             WHERE i.state = 'signing' ORDER BY i.batch, i.ordinal",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Intended {
                    approved: approved(row)?,
                    to_be_signed: parsed(row, "to_be_signed")?,
                    at: Moment(row.try_get("changed_at")?),
                })
            })
            .collect()
    }
}

fn approved(row: &AnyRow) -> Result<Approved, Fault> {
    Ok(Approved {
        batch: parsed(row, "batch")?,
        official: parsed(row, "official")?,
        key: parsed(row, "key_id")?,
        document: parsed(row, "document")?,
        digest: parsed(row, "sha256")?,
        stamp: parsed(row, "stamp")?,
        expires_at: Moment(row.try_get("expires_at")?),
    })
}
