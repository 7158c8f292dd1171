//! Browsers that citizens have logged in with, by a keyed tag of their cookie.

use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    rules::{ids::CitizenId, time::Timestamp, visitor::Met},
};

/// Remembers that a citizen logs in with this browser, and says whether they have before, after `known_since`. The
/// caller holds the citizen ([`super::citizens::hold`]), so that two logins at once are told one after the other.
///
/// # Errors
/// A fault of the database.
pub async fn meet(
    connection: &mut Connection,
    (citizen, browser): (&CitizenId, &str),
    (now, known_since): (Timestamp, Timestamp),
) -> Result<Met, Fault> {
    let row = sqlx::query(
        "SELECT COUNT(*), SUM(CASE WHEN browser = $2 AND seen_at > $3 THEN 1 ELSE 0 END) FROM browsers WHERE citizen = $1",
    )
    .bind(citizen.as_str())
    .bind(browser)
    .bind(known_since.0)
    .fetch_one(&mut *connection)
    .await?;
    let (all, known): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    sqlx::query(
        "INSERT INTO browsers (citizen, browser, seen_at) VALUES ($1, $2, $3) \
         ON CONFLICT (citizen, browser) DO UPDATE SET seen_at = excluded.seen_at",
    )
    .bind(citizen.as_str())
    .bind(browser)
    .bind(now.0)
    .execute(&mut *connection)
    .await?;
    if all >= MOST {
        sqlx::query(
            "DELETE FROM browsers WHERE citizen = $1 AND browser NOT IN \
             (SELECT browser FROM browsers WHERE citizen = $1 ORDER BY seen_at DESC, browser LIMIT $2)",
        )
        .bind(citizen.as_str())
        .bind(MOST)
        .execute(connection)
        .await?;
    }
    Ok(match (all, known.unwrap_or(0)) {
        (0, _) => Met::First,
        (_, 0) => Met::New,
        (_, _) => Met::Known,
    })
}

/// Forgets every browser of a citizen: after a recovery none of before is theirs for certain.
///
/// # Errors
/// A fault of the database.
pub async fn forget(connection: &mut Connection, citizen: &CitizenId) -> Result<(), Fault> {
    sqlx::query("DELETE FROM browsers WHERE citizen = $1")
        .bind(citizen.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// More than a household has; a citizen who clears cookies makes a row with each login.
const MOST: i64 = 20;
