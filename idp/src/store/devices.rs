//! Devices that wait for a citizen (RFC 8628): decided once, redeemed once, the pace kept here.

use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    keys::Seal,
    rules::{
        device::{DeviceRequest, POLL_INTERVAL, Polled, SLOWER_BY, SLOWEST},
        ids::{ClientId, GrantId},
        resource::ScopeTokens,
        scope::Scopes,
        secret::Digest,
        time::Timestamp,
    },
    world::Chance,
};

/// Writes a request under the digest of its device code and the tag of its user code; false when the user code is
/// taken.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    connection: &mut Connection,
    (seal, chance): (&Seal, &dyn Chance),
    (device_code, user_code): (&Digest, &str),
    request: &DeviceRequest,
) -> Result<bool, Fault> {
    let origin =
        serde_json::to_vec(&request.origin).map_err(|source| Fault::of("writing a device", source))?;
    let done = sqlx::query(
        "INSERT INTO device_codes (digest, user_code, client, scopes, resources, resource_scopes, origin, created_at, \
         expires_at, poll_interval, poll_after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $8) \
         ON CONFLICT (user_code) DO NOTHING",
    )
    .bind(device_code.text())
    .bind(user_code)
    .bind(request.client.as_str())
    .bind(request.scopes.to_string())
    .bind(request.resources.join(" "))
    .bind(request.resource_scopes.to_string())
    .bind(seal.seal(chance, &context(user_code), &origin)?)
    .bind(request.created_at.0)
    .bind(request.expires_at.0)
    .bind(POLL_INTERVAL.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The request that waits under this user code, while it can be decided.
///
/// # Errors
/// A fault of the database.
pub async fn waiting(
    connection: &mut Connection,
    seal: &Seal,
    user_code: &str,
    now: Timestamp,
) -> Result<Option<DeviceRequest>, Fault> {
    let row = sqlx::query(
        "SELECT client, scopes, resources, resource_scopes, origin, created_at, expires_at FROM device_codes \
         WHERE user_code = $1 AND expires_at > $2 AND grant_id IS NULL AND denied_at IS NULL",
    )
    .bind(user_code)
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let origin = seal.open(&context(user_code), &row.try_get::<Vec<u8>, _>(4)?)?;
    Ok(Some(DeviceRequest {
        client: ClientId::known(row.try_get::<String, _>(0)?),
        scopes: Scopes::parse(&row.try_get::<String, _>(1)?),
        resources: row
            .try_get::<String, _>(2)?
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        resource_scopes: ScopeTokens::parse(&row.try_get::<String, _>(3)?),
        origin: serde_json::from_slice(origin.expose())
            .map_err(|source| Fault::of("reading a device", source))?,
        created_at: Timestamp(row.try_get(5)?),
        expires_at: Timestamp(row.try_get(6)?),
    }))
}

/// The citizen allows it: `grant` is what comes of it. False when it was decided or expired meanwhile.
///
/// # Errors
/// A fault of the database.
pub async fn allow(
    connection: &mut Connection,
    user_code: &str,
    grant: &GrantId,
    now: Timestamp,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE device_codes SET grant_id = $1 \
         WHERE user_code = $2 AND expires_at > $3 AND grant_id IS NULL AND denied_at IS NULL",
    )
    .bind(grant.as_str())
    .bind(user_code)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The citizen says no. False when it was decided or expired meanwhile.
///
/// # Errors
/// A fault of the database.
pub async fn deny(connection: &mut Connection, user_code: &str, now: Timestamp) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE device_codes SET denied_at = $1 \
         WHERE user_code = $2 AND expires_at > $1 AND grant_id IS NULL AND denied_at IS NULL",
    )
    .bind(now.0)
    .bind(user_code)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A device asks: one write decides whether it may at this moment, the next whether it is the one that redeems.
///
/// # Errors
/// A fault of the database.
pub async fn poll(
    connection: &mut Connection,
    device_code: &Digest,
    client: &ClientId,
    now: Timestamp,
) -> Result<Polled, Fault> {
    let row = sqlx::query(
        "UPDATE device_codes SET poll_after = $1 + poll_interval \
         WHERE digest = $2 AND client = $3 AND poll_after <= $1 \
         RETURNING grant_id, denied_at, expires_at, redeemed_at",
    )
    .bind(now.0)
    .bind(device_code.text())
    .bind(client.as_str())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return slow_down(connection, device_code, client, now).await;
    };
    let grant = row.try_get::<Option<String>, _>(0)?.map(GrantId::known);
    let denied = row.try_get::<Option<i64>, _>(1)?.is_some();
    let expired = Timestamp(row.try_get(2)?).reached(now);
    let redeemed = row.try_get::<Option<i64>, _>(3)?.is_some();
    Ok(match grant {
        Some(grant) if redeemed => Polled::Again(grant),
        _ if expired => Polled::Expired,
        Some(grant) => redeem(connection, device_code, grant, now).await?,
        None if denied => Polled::Denied,
        None => Polled::Pending,
    })
}

async fn redeem(
    connection: &mut Connection,
    device_code: &Digest,
    grant: GrantId,
    now: Timestamp,
) -> Result<Polled, Fault> {
    let done =
        sqlx::query("UPDATE device_codes SET redeemed_at = $1 WHERE digest = $2 AND redeemed_at IS NULL")
            .bind(now.0)
            .bind(device_code.text())
            .execute(connection)
            .await?;
    Ok(if done.rows_affected() == 1 {
        Polled::Allowed(grant)
    } else {
        Polled::Again(grant)
    })
}

async fn slow_down(
    connection: &mut Connection,
    device_code: &Digest,
    client: &ClientId,
    now: Timestamp,
) -> Result<Polled, Fault> {
    let done = sqlx::query(
        "UPDATE device_codes SET \
         poll_interval = CASE WHEN poll_interval < $1 THEN poll_interval + $2 ELSE poll_interval END, \
         poll_after = $3 + poll_interval + $2 WHERE digest = $4 AND client = $5",
    )
    .bind(SLOWEST.0)
    .bind(SLOWER_BY.0)
    .bind(now.0)
    .bind(device_code.text())
    .bind(client.as_str())
    .execute(connection)
    .await?;
    Ok(if done.rows_affected() == 1 {
        Polled::TooFast
    } else {
        Polled::Unknown
    })
}

/// Forgets requests whose time is over and whose family, if one came of them, is gone or can no longer be asked about.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let done = sqlx::query("DELETE FROM device_codes WHERE expires_at <= $1")
        .bind(now.before(KEPT).0)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// A device that asks late still hears that its code expired, and a copy of a spent code is still noticed.
const KEPT: crate::rules::time::Seconds = crate::rules::time::Seconds(86_400);

fn context(user_code: &str) -> String {
    format!("device_codes:origin:{user_code}")
}
