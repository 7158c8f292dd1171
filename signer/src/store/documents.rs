//! Documents on officials' desks. Every read and write names the official: another's document does not exist.

use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, Work, bigint, natural, parsed};
use crate::error::Fault;
use crate::keys::{Sealed, Sealing};
use crate::rules::document::{Document, DocumentState, Facts};
use crate::rules::filename::FileName;
use crate::rules::intake::Unfit;
use crate::rules::{DocumentId, Moment, OfficialId};

/// What is sealed of a document.
#[derive(Serialize, Deserialize)]
struct Stored {
    name: String,
    facts: Option<Facts>,
}

impl Work {
    /// Puts a document on the desk. `ordinal` (how many were there before) orders documents that arrived in the same second.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn put_document(&mut self, document: &Document, ordinal: u32) -> Result<(), Fault> {
        let (state, reason) = match &document.state {
            DocumentState::Ready(_) => ("ready", None),
            DocumentState::Approved(_) => ("approved", None),
            DocumentState::Refused(unfit) => ("refused", Some(unfit.code())),
            DocumentState::Signed(_) => ("signed", None),
        };
        let stored = Stored {
            name: document.name.as_str().to_owned(),
            facts: document.state.facts().cloned(),
        };
        let plain = serde_json::to_vec(&stored).map_err(Fault::when("writing a document's facts"))?;
        let sealed = self.seal(&place(document.id), &plain)?;
        sqlx::query(
            "INSERT INTO documents (id, official, received_at, ordinal, state, reason, size, sha256, facts)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(document.id.to_string())
        .bind(document.official.to_string())
        .bind(document.received_at.0)
        .bind(bigint(ordinal))
        .bind(state)
        .bind(reason)
        .bind(bigint(document.size))
        .bind(document.digest.to_string())
        .bind(sealed.as_str())
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Takes a document off the desk: one that is ready and was never in a batch that still needs it, or a refusal
    /// that was read. `false` when there is none such.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn remove_document(&mut self, official: OfficialId, id: DocumentId) -> Result<bool, Fault> {
        sqlx::query(
            "DELETE FROM items WHERE document = $2
               AND EXISTS (SELECT 1 FROM documents d WHERE d.id = $2 AND d.official = $1 AND d.state IN ('ready', 'refused'))",
        )
        .bind(official.to_string())
        .bind(id.to_string())
        .execute(&mut *self.transaction)
        .await?;
        let removed = sqlx::query(
            "DELETE FROM documents WHERE id = $2 AND official = $1 AND state IN ('ready', 'refused')",
        )
        .bind(official.to_string())
        .bind(id.to_string())
        .execute(&mut *self.transaction)
        .await?;
        Ok(removed.rows_affected() == 1)
    }
}

impl Store {
    /// What lies on an official's desk: ready, approved and refused documents, in the order of arrival.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn desk(&self, official: OfficialId) -> Result<Vec<Document>, Fault> {
        let rows = sqlx::query(
            "SELECT id, official, received_at, state, reason, size, sha256, facts FROM documents
             WHERE official = $1 AND state <> 'signed' ORDER BY received_at, ordinal, id",
        )
        .bind(official.to_string())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| read(row, &self.sealing)).collect()
    }

    /// One document of this official.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn document(&self, official: OfficialId, id: DocumentId) -> Result<Option<Document>, Fault> {
        let row = sqlx::query(
            "SELECT id, official, received_at, state, reason, size, sha256, facts FROM documents
             WHERE official = $1 AND id = $2",
        )
        .bind(official.to_string())
        .bind(id.to_string())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| read(&row, &self.sealing)).transpose()
    }

    /// How many documents lie on the desk.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn desk_count(&self, official: OfficialId) -> Result<u32, Fault> {
        let row =
            sqlx::query("SELECT COUNT(*) AS n FROM documents WHERE official = $1 AND state <> 'signed'")
                .bind(official.to_string())
                .fetch_one(&self.pool)
                .await?;
        natural(&row, "n")
    }

    /// Whether a document is known at all: files without one are left over and may go.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn document_known(&self, id: DocumentId) -> Result<bool, Fault> {
        let row = sqlx::query("SELECT id FROM documents WHERE id = $1 AND state <> 'refused'")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }
}

fn read(row: &AnyRow, sealing: &Sealing) -> Result<Document, Fault> {
    let id: DocumentId = parsed(row, "id")?;
    let plain = sealing.open(&place(id), &Sealed::from_stored(row.try_get("facts")?))?;
    let stored: Stored =
        serde_json::from_slice(plain.expose()).map_err(Fault::when("reading a document's facts"))?;
    let state: String = row.try_get("state")?;
    let facts = || {
        stored
            .facts
            .clone()
            .ok_or_else(|| Fault::new("a document without facts"))
    };
    let state = match state.as_str() {
        "ready" => DocumentState::Ready(facts()?),
        "approved" => DocumentState::Approved(facts()?),
        "signed" => DocumentState::Signed(facts()?),
        "refused" => DocumentState::Refused(parsed::<Unfit>(row, "reason")?),
        _ => return Err(Fault::new("a document in an unknown state")),
    };
    Ok(Document {
        id,
        official: parsed(row, "official")?,
        received_at: Moment(row.try_get("received_at")?),
        name: FileName::clean(&stored.name),
        size: natural(row, "size")?,
        digest: parsed(row, "sha256")?,
        state,
    })
}

/// The name of a document, for lists that join it.
pub(super) fn name_of(row: &AnyRow, sealing: &Sealing) -> Result<FileName, Fault> {
    let id: DocumentId = parsed(row, "document")?;
    let plain = sealing.open(&place(id), &Sealed::from_stored(row.try_get("facts")?))?;
    let stored: Stored =
        serde_json::from_slice(plain.expose()).map_err(Fault::when("reading a document's facts"))?;
    Ok(FileName::clean(&stored.name))
}

fn place(id: DocumentId) -> String {
    format!("documents.facts:{id}")
}
