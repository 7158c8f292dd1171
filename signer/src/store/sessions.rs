//! Login sessions: found by a hash of the cookie's value, content sealed.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::Store;
use crate::error::Fault;
use crate::keys::Sealed;
use crate::rules::Moment;

impl Store {
    /// Stores a session under the hash of its identifier; replaces an older one.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn put_session(&self, id: &str, content: &[u8], expires_at: Moment) -> Result<(), Fault> {
        let sealed = self.sealing.seal(&place(id), content, &self.chance)?;
        sqlx::query(
            "INSERT INTO sessions (id, content, expires_at) VALUES ($1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET content = excluded.content, expires_at = excluded.expires_at",
        )
        .bind(id)
        .bind(sealed.as_str())
        .bind(expires_at.0)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Reads a session that is not over.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn session(&self, id: &str, now: Moment) -> Result<Option<(Vec<u8>, Moment)>, Fault> {
        let row = sqlx::query("SELECT content, expires_at FROM sessions WHERE id = $1 AND expires_at > $2")
            .bind(id)
            .bind(now.0)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| self.open_session(id, &row)).transpose()
    }

    /// Takes a session away and returns it: of many that try at once, one gets it.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn take_session(&self, id: &str, now: Moment) -> Result<Option<(Vec<u8>, Moment)>, Fault> {
        let row = sqlx::query(
            "DELETE FROM sessions WHERE id = $1 AND expires_at > $2 RETURNING content, expires_at",
        )
        .bind(id)
        .bind(now.0)
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| self.open_session(id, &row)).transpose()
    }

    /// Moves the end of a session that is not over.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn extend_session(&self, id: &str, expires_at: Moment, now: Moment) -> Result<(), Fault> {
        sqlx::query("UPDATE sessions SET expires_at = $2 WHERE id = $1 AND expires_at > $3")
            .bind(id)
            .bind(expires_at.0)
            .bind(now.0)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets a session.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn remove_session(&self, id: &str) -> Result<(), Fault> {
        sqlx::query("DELETE FROM sessions WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets every session that is over.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn sweep_sessions(&self, now: Moment) -> Result<u64, Fault> {
        let swept = sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
            .bind(now.0)
            .execute(&self.pool)
            .await?;
        Ok(swept.rows_affected())
    }

    fn open_session(&self, id: &str, row: &AnyRow) -> Result<(Vec<u8>, Moment), Fault> {
        let sealed = Sealed::from_stored(row.try_get("content")?);
        let content = self.sealing.open(&place(id), &sealed)?.expose().clone();
        Ok((content, Moment(row.try_get("expires_at")?)))
    }
}

fn place(id: &str) -> String {
    format!("sessions.content:{id}")
}
