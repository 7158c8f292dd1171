//! Passkeys: sealed, found by the digest of the credential id, kept after removal as the record of what was ever bound.

use serde::{Deserialize, Serialize};
use sqlx::{Row as _, any::AnyRow};
use uuid::Uuid;
use webauthn_rs_core::proto::Credential;

use super::Connection;
use crate::{
    error::Fault,
    keys::Seal,
    rules::{
        assurance::Factor,
        ids::{AuthenticatorId, CitizenId},
        passkey::{KeyKind, Listed, PasskeyName, factor},
        secret::Digest,
        time::Timestamp,
    },
    world::Chance,
};

/// A passkey as it is stored.
#[derive(Clone, Debug)]
pub struct StoredPasskey {
    /// Its id in this service.
    pub id: AuthenticatorId,
    /// Whose it is.
    pub citizen: CitizenId,
    /// What they call it.
    pub name: PasskeyName,
    /// How it was added.
    pub kind: KeyKind,
    /// Public key and what the ceremony needs, counter included.
    pub credential: Credential,
    /// It may be copied to other devices of the citizen (flag BE).
    pub backup_eligible: bool,
    /// Its AAGUID, proven by an attestation when it was added.
    pub model: Option<Uuid>,
    /// When its counter was first seen to go backwards.
    pub suspect_at: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last logged in.
    pub used_at: Option<Timestamp>,
}

impl StoredPasskey {
    /// What its owner sees of it, where these models reach the highest level.
    #[must_use]
    pub fn listed(&self, allows: impl Fn(Uuid) -> bool) -> Listed {
        Listed {
            id: self.id.clone(),
            name: self.name.clone(),
            kind: self.kind,
            synced: self.backup_eligible,
            attested: !self.backup_eligible && self.model.is_some_and(allows),
            suspect: self.suspect_at.is_some(),
            created_at: self.created_at,
            used_at: self.used_at,
        }
    }
}

/// The sealed part of a passkey.
#[derive(Serialize, Deserialize)]
struct SealedPasskey {
    name: String,
    passkey: Held,
}

#[derive(Serialize, Deserialize)]
struct Held {
    cred: Credential,
}

/// Adds a passkey; false when its credential id is known, whoever's it is (WebAuthn §7.1 step 26).
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn insert(
    connection: &mut Connection,
    (seal, chance): (&Seal, &dyn Chance),
    stored: &StoredPasskey,
) -> Result<bool, Fault> {
    let credential = &stored.credential;
    let done = sqlx::query(
        "INSERT INTO passkeys (id, credential_digest, citizen, sealed, counter, backup_eligible, backed_up, \
         created_at, kind, user_verified, model) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (credential_digest) DO NOTHING",
    )
    .bind(stored.id.as_str())
    .bind(Digest::of(&credential.cred_id).text())
    .bind(stored.citizen.as_str())
    .bind(sealed(seal, chance, stored)?)
    .bind(i64::from(credential.counter))
    .bind(i64::from(credential.backup_eligible))
    .bind(i64::from(credential.backup_state))
    .bind(stored.created_at.0)
    .bind(stored.kind.name())
    .bind(i64::from(credential.user_verified))
    .bind(stored.model.map(|model| model.to_string()))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The passkeys of a citizen, oldest first.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn of_citizen(
    connection: &mut Connection,
    seal: &Seal,
    citizen: &CitizenId,
) -> Result<Vec<StoredPasskey>, Fault> {
    let rows = sqlx::query(
        "SELECT id, citizen, sealed, backup_eligible, created_at, used_at, kind, model, suspect_at FROM passkeys \
         WHERE citizen = $1 AND removed_at IS NULL ORDER BY created_at, id",
    )
    .bind(citizen.as_str())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| passkey(seal, row)).collect()
}

/// The passkey with this credential id.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn by_credential(
    connection: &mut Connection,
    seal: &Seal,
    credential_id: &[u8],
) -> Result<Option<StoredPasskey>, Fault> {
    let row = sqlx::query(
        "SELECT id, citizen, sealed, backup_eligible, created_at, used_at, kind, model, suspect_at FROM passkeys \
         WHERE credential_digest = $1 AND removed_at IS NULL",
    )
    .bind(Digest::of(credential_id).text())
    .fetch_optional(connection)
    .await?;
    row.map(|row| passkey(seal, &row)).transpose()
}

/// A passkey logged in: its counter grew from what was read, or it does not count. False when another assertion with
/// the same or a later counter was faster, or the passkey is gone.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn used(
    connection: &mut Connection,
    (seal, chance): (&Seal, &dyn Chance),
    stored: &StoredPasskey,
    now: Timestamp,
) -> Result<bool, Fault> {
    let credential = &stored.credential;
    let done = sqlx::query(
        "UPDATE passkeys SET sealed = $1, counter = $2, backup_eligible = $3, backed_up = $4, used_at = $5 \
         WHERE id = $6 AND removed_at IS NULL AND (counter < $2 OR (counter = 0 AND $2 = 0))",
    )
    .bind(sealed(seal, chance, stored)?)
    .bind(i64::from(credential.counter))
    .bind(i64::from(credential.backup_eligible))
    .bind(i64::from(credential.backup_state))
    .bind(now.0)
    .bind(stored.id.as_str())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A counter went backwards. Whether this is news: false when it was known, or the passkey is gone.
///
/// # Errors
/// A fault of the database.
pub async fn suspect(
    connection: &mut Connection,
    id: &AuthenticatorId,
    now: Timestamp,
) -> Result<bool, Fault> {
    let marked = sqlx::query(
        "UPDATE passkeys SET suspect_at = $1 WHERE id = $2 AND suspect_at IS NULL AND removed_at IS NULL RETURNING id",
    )
    .bind(now.0)
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(marked.is_some())
}

/// Everything that a citizen could show in a login, where `allows` says which models reach the highest level.
///
/// # Errors
/// A fault of the database.
pub async fn factors(
    connection: &mut Connection,
    citizen: &CitizenId,
    allows: impl Fn(Uuid) -> bool,
) -> Result<Vec<Factor>, Fault> {
    let rows = sqlx::query(
        "SELECT 'password', 0, 0, NULL FROM passwords WHERE citizen = $1 \
         UNION ALL SELECT 'totp', 0, 0, NULL FROM totp WHERE citizen = $1 AND removed_at IS NULL \
         UNION ALL SELECT 'key', user_verified, backup_eligible, model FROM passkeys \
         WHERE citizen = $1 AND removed_at IS NULL",
    )
    .bind(citizen.as_str())
    .fetch_all(connection)
    .await?;
    let factors = rows.iter().map(|row| {
        Ok(match row.try_get::<String, _>(0)?.as_str() {
            "password" => Factor::Password,
            "totp" => Factor::Totp,
            _ => factor(
                row.try_get::<i64, _>(1)? != 0,
                row.try_get::<i64, _>(2)? != 0,
                model(row, 3)?.is_some_and(&allows),
            ),
        })
    });
    factors.collect()
}

/// Gives a passkey another name.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn rename(
    connection: &mut Connection,
    (seal, chance): (&Seal, &dyn Chance),
    stored: &StoredPasskey,
) -> Result<(), Fault> {
    sqlx::query("UPDATE passkeys SET sealed = $1 WHERE id = $2 AND removed_at IS NULL")
        .bind(sealed(seal, chance, stored)?)
        .bind(stored.id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes a passkey of this citizen; false when there is none.
///
/// # Errors
/// A fault of the database.
pub async fn remove(
    connection: &mut Connection,
    citizen: &CitizenId,
    id: &AuthenticatorId,
    now: Timestamp,
) -> Result<bool, Fault> {
    let removed = sqlx::query(
        "UPDATE passkeys SET removed_at = $1 WHERE id = $2 AND citizen = $3 AND removed_at IS NULL RETURNING id",
    )
    .bind(now.0)
    .bind(id.as_str())
    .bind(citizen.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(removed.is_some())
}

/// Removes every passkey of a citizen but `kept`, and names them.
///
/// # Errors
/// A fault of the database.
pub async fn remove_others(
    connection: &mut Connection,
    citizen: &CitizenId,
    kept: &AuthenticatorId,
    now: Timestamp,
) -> Result<Vec<AuthenticatorId>, Fault> {
    let rows = sqlx::query(
        "UPDATE passkeys SET removed_at = $1 WHERE citizen = $2 AND id <> $3 AND removed_at IS NULL RETURNING id",
    )
    .bind(now.0)
    .bind(citizen.as_str())
    .bind(kept.as_str())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok(AuthenticatorId::known(row.try_get::<String, _>(0)?)))
        .collect()
}

fn passkey(seal: &Seal, row: &AnyRow) -> Result<StoredPasskey, Fault> {
    let id = AuthenticatorId::known(row.try_get::<String, _>(0)?);
    let plain = seal.open(&context(&id), &row.try_get::<Vec<u8>, _>(2)?)?;
    let plain: SealedPasskey =
        serde_json::from_slice(plain.expose()).map_err(|source| Fault::of("reading a passkey", source))?;
    Ok(StoredPasskey {
        citizen: CitizenId::known(row.try_get::<String, _>(1)?),
        name: PasskeyName::parse(&plain.name).map_err(|_| Fault::plain("reading a passkey's name"))?,
        kind: KeyKind::named(&row.try_get::<String, _>(6)?)
            .ok_or(Fault::plain("reading a passkey's kind"))?,
        credential: plain.passkey.cred,
        backup_eligible: row.try_get::<i64, _>(3)? != 0,
        model: model(row, 7)?,
        suspect_at: row.try_get::<Option<i64>, _>(8)?.map(Timestamp),
        created_at: Timestamp(row.try_get(4)?),
        used_at: row.try_get::<Option<i64>, _>(5)?.map(Timestamp),
        id,
    })
}

fn model(row: &AnyRow, column: usize) -> Result<Option<Uuid>, Fault> {
    let text = row.try_get::<Option<String>, _>(column)?;
    text.map(|text| Uuid::parse_str(&text).map_err(|source| Fault::of("reading a passkey's model", source)))
        .transpose()
}

fn sealed(seal: &Seal, chance: &dyn Chance, stored: &StoredPasskey) -> Result<Vec<u8>, Fault> {
    let plain = SealedPasskey {
        name: stored.name.as_str().to_owned(),
        passkey: Held {
            cred: stored.credential.clone(),
        },
    };
    let plain = serde_json::to_vec(&plain).map_err(|source| Fault::of("writing a passkey", source))?;
    seal.seal(chance, &context(&stored.id), &plain)
}

fn context(id: &AuthenticatorId) -> String {
    format!("passkeys:sealed:{id}")
}
