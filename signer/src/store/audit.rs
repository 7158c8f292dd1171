//! The audit chain's rows. Appending locks the head, so that the chain has one order.

use sqlx::Row;

use super::{Store, Work};
use crate::error::Fault;
use crate::rules::Moment;
use crate::rules::audit::{Event, Head, Record};

impl Work {
    /// Appends one record. The transaction holds the chain's end from here to its commit.
    ///
    /// # Errors
    /// A fault when the database does not answer: then nothing of this transaction counts.
    pub async fn audit(&mut self, at: Moment, event: &Event) -> Result<(), Fault> {
        let body = serde_json::to_string(event).map_err(Fault::when("writing an audit record"))?;
        let head = sqlx::query("UPDATE audit_head SET seq = seq WHERE id = 1 RETURNING seq, hash")
            .fetch_one(&mut *self.transaction)
            .await?;
        let head = Head {
            seq: head.try_get("seq")?,
            hash: head.try_get("hash")?,
        };
        let record = Record::following(&head, at, body);
        sqlx::query(
            "INSERT INTO audit (seq, at, event, body, previous, hash) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(record.seq)
        .bind(record.at.0)
        .bind(name(&record.body))
        .bind(&record.body)
        .bind(&record.previous)
        .bind(&record.hash)
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query("UPDATE audit_head SET seq = $1, hash = $2 WHERE id = 1")
            .bind(record.seq)
            .bind(&record.hash)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

impl Store {
    /// Reads the whole chain, oldest first, a page at a time, giving each record to `visit`.
    ///
    /// # Errors
    /// A fault when the database does not answer.
    pub async fn audit_records(&self, mut visit: impl FnMut(Record)) -> Result<(), Fault> {
        let mut after = 0_i64;
        loop {
            let rows = sqlx::query(
                "SELECT seq, at, body, previous, hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT 1000",
            )
            .bind(after)
            .fetch_all(&self.pool)
            .await?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in rows {
                after = row.try_get("seq")?;
                visit(Record {
                    seq: after,
                    at: Moment(row.try_get("at")?),
                    body: row.try_get("body")?,
                    previous: row.try_get("previous")?,
                    hash: row.try_get("hash")?,
                });
            }
        }
    }
}

/// The event's name, for a reader of the table.
fn name(body: &str) -> String {
    serde_json::from_str::<serde_json::Value>(body)
        .ok()
        .and_then(|value| {
            value
                .get("event")
                .and_then(|event| event.as_str().map(str::to_owned))
        })
        .unwrap_or_default()
}
