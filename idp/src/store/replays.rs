//! What counts once: decided in the write, remembered over restarts and on every node.

use super::Connection;
use crate::{
    error::Fault,
    rules::{replay::Once, time::Timestamp},
};

/// Spends `once`: of any number of writers exactly one gets true.
///
/// # Errors
/// A fault of the database.
pub async fn spend(connection: &mut Connection, once: &Once) -> Result<bool, Fault> {
    let done =
        sqlx::query("INSERT INTO replays (digest, until) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING")
            .bind(once.digest.text())
            .bind(once.until.0)
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets what is refused for its age by now; how many rows went.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let done = sqlx::query("DELETE FROM replays WHERE until <= $1")
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}
