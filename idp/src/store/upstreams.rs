//! Questions to other providers that wait for their answer: one for each browser, taken once.

use super::Connection;
use crate::{
    error::Fault,
    rules::{secret::Digest, time::Timestamp},
};

/// A question under way: to whom, under which state, from which browser.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<'a> {
    /// The provider's name.
    pub provider: &'a str,
    /// The state, as its digest.
    pub state: &'a Digest,
    /// The browser's cookie, as its digest.
    pub browser: &'a Digest,
}

/// Keeps a question until `until`, in place of another that this browser had.
///
/// # Errors
/// A fault of the database.
pub async fn put(connection: &mut Connection, waiting: Waiting<'_>, until: Timestamp) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO upstream_questions (browser_digest, state_digest, provider, expires_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (browser_digest) DO UPDATE \
         SET state_digest = $2, provider = $3, expires_at = $4",
    )
    .bind(waiting.browser.text())
    .bind(waiting.state.text())
    .bind(waiting.provider)
    .bind(until.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a question away: true for exactly one of many who bring its answer, and only in time, from the browser that
/// asked, for the provider that was asked.
///
/// # Errors
/// A fault of the database.
pub async fn take(connection: &mut Connection, waiting: Waiting<'_>, now: Timestamp) -> Result<bool, Fault> {
    let done = sqlx::query(
        "DELETE FROM upstream_questions \
         WHERE browser_digest = $1 AND state_digest = $2 AND provider = $3 AND expires_at > $4",
    )
    .bind(waiting.browser.text())
    .bind(waiting.state.text())
    .bind(waiting.provider)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets questions that nobody answered.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let done = sqlx::query("DELETE FROM upstream_questions WHERE expires_at <= $1")
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}
