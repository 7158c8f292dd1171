//! Further addresses of citizens: sealed, known by a keyed tag, confirmed by a code of which only a keyed tag is kept.

use sqlx::{Row as _, any::AnyRow};

use super::Connection;
use crate::{
    error::Fault,
    keys::Seal,
    rules::{
        contact::{COUNTED_FOR, Contact, MOST_LETTERS, MOST_TRIES, Standing},
        ids::{CitizenId, ContactId},
        person::Email,
        time::Timestamp,
    },
    world::Chance,
};

/// An address that waits for its code.
pub struct Asked<'a> {
    /// Which one, if it is new.
    pub id: ContactId,
    /// The address.
    pub address: &'a Email,
    /// Its keyed tag.
    pub tag: String,
    /// The code's keyed tag, by the row's id.
    pub code: &'a (dyn Fn(&ContactId) -> String + Sync),
    /// Until when the code is good.
    pub expires_at: Timestamp,
}

/// Every further address of a citizen, the oldest first.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn of_citizen(
    connection: &mut Connection,
    seal: &Seal,
    citizen: &CitizenId,
) -> Result<Vec<Contact>, Fault> {
    let rows = sqlx::query(
        "SELECT id, sealed, confirmed_at, registered FROM contacts WHERE citizen = $1 ORDER BY confirmed_at, asked_at, id",
    )
    .bind(citizen.as_str())
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| contact(seal, row)).collect()
}

/// Writes that a code was sent to an address, in place of the code before; `None` when the address is confirmed, or got
/// too many letters lately. A new letter does not forgive wrong guesses.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn ask(
    connection: &mut Connection,
    (seal, chance): (&Seal, &dyn Chance),
    citizen: &CitizenId,
    asked: &Asked<'_>,
    now: Timestamp,
) -> Result<Option<ContactId>, Fault> {
    let sealed = seal.seal(chance, &context(&asked.id), asked.address.as_str().as_bytes())?;
    let row = sqlx::query(
        "INSERT INTO contacts (id, citizen, tag, sealed, asked_at, letters, code_expires_at, tries) \
         VALUES ($1, $2, $3, $4, $5, 1, $6, 0) ON CONFLICT (citizen, tag) DO UPDATE SET \
         letters = CASE WHEN contacts.asked_at <= $7 THEN 1 ELSE contacts.letters + 1 END, \
         tries = CASE WHEN contacts.asked_at <= $7 THEN 0 ELSE contacts.tries END, \
         asked_at = CASE WHEN contacts.asked_at <= $7 THEN $5 ELSE contacts.asked_at END, \
         code_expires_at = $6 \
         WHERE contacts.confirmed_at IS NULL AND (contacts.asked_at <= $7 OR contacts.letters < $8) RETURNING id",
    )
    .bind(asked.id.as_str())
    .bind(citizen.as_str())
    .bind(&asked.tag)
    .bind(sealed)
    .bind(now.0)
    .bind(asked.expires_at.0)
    .bind(now.before(COUNTED_FOR).0)
    .bind(MOST_LETTERS)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let id = ContactId::known(row.try_get::<String, _>(0)?);
    sqlx::query("UPDATE contacts SET code_digest = $1 WHERE id = $2")
        .bind((asked.code)(&id))
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(Some(id))
}

/// Spends one guess at an address that waits; false when it does not wait, its code is too old, or there were too many.
///
/// # Errors
/// A fault of the database.
pub async fn charge(
    connection: &mut Connection,
    citizen: &CitizenId,
    id: &ContactId,
    now: Timestamp,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE contacts SET tries = tries + 1 WHERE id = $1 AND citizen = $2 AND confirmed_at IS NULL \
         AND code_digest IS NOT NULL AND code_expires_at > $3 AND tries < $4",
    )
    .bind(id.as_str())
    .bind(citizen.as_str())
    .bind(now.0)
    .bind(MOST_TRIES)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Confirms an address whose code has this tag; false when it has not.
///
/// # Errors
/// A fault of the database.
pub async fn confirm(
    connection: &mut Connection,
    citizen: &CitizenId,
    (id, code): (&ContactId, &str),
    now: Timestamp,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "UPDATE contacts SET confirmed_at = $1, code_digest = NULL \
         WHERE id = $2 AND citizen = $3 AND confirmed_at IS NULL AND code_digest = $4",
    )
    .bind(now.0)
    .bind(id.as_str())
    .bind(citizen.as_str())
    .bind(code)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps an address that counted already in another place, as it stood there. A code that was sent to it is void.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn keep(
    connection: &mut Connection,
    (seal, chance): (&Seal, &dyn Chance),
    citizen: &CitizenId,
    (id, tag, address, confirmed): (ContactId, String, &Email, bool),
    now: Timestamp,
) -> Result<(), Fault> {
    let sealed = seal.seal(chance, &context(&id), address.as_str().as_bytes())?;
    sqlx::query(
        "INSERT INTO contacts (id, citizen, tag, sealed, asked_at, letters, code_expires_at, tries, confirmed_at, registered) \
         VALUES ($1, $2, $3, $4, $5, 0, 0, 0, $5, $6) ON CONFLICT (citizen, tag) DO UPDATE SET \
         code_digest = NULL, confirmed_at = $5, registered = $6",
    )
    .bind(id.as_str())
    .bind(citizen.as_str())
    .bind(tag)
    .bind(sealed)
    .bind(now.0)
    .bind(i64::from(!confirmed))
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a confirmed address away; false when there is none. One that waits stays until it is swept: its letters are
/// counted in it.
///
/// # Errors
/// A fault of the database.
pub async fn remove(connection: &mut Connection, citizen: &CitizenId, id: &ContactId) -> Result<bool, Fault> {
    let done =
        sqlx::query("DELETE FROM contacts WHERE id = $1 AND citizen = $2 AND confirmed_at IS NOT NULL")
            .bind(id.as_str())
            .bind(citizen.as_str())
            .execute(connection)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets addresses that were never confirmed, once their letters do not count any more.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(connection: &mut Connection, now: Timestamp) -> Result<u64, Fault> {
    let done = sqlx::query("DELETE FROM contacts WHERE confirmed_at IS NULL AND asked_at <= $1")
        .bind(now.before(COUNTED_FOR).0)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

fn contact(seal: &Seal, row: &AnyRow) -> Result<Contact, Fault> {
    let id = ContactId::known(row.try_get::<String, _>(0)?);
    let plain = seal.open(&context(&id), &row.try_get::<Vec<u8>, _>(1)?)?;
    let address = std::str::from_utf8(plain.expose()).ok();
    let address = address.and_then(|text| Email::parse(text).ok());
    let (confirmed, registered): (Option<i64>, i64) = (row.try_get(2)?, row.try_get(3)?);
    Ok(Contact {
        address: address.ok_or(Fault::plain("reading an address that we did not write"))?,
        standing: match confirmed {
            None => Standing::Waiting,
            Some(_) if registered != 0 => Standing::Registered,
            Some(at) => Standing::Confirmed { at: Timestamp(at) },
        },
        id,
    })
}

fn context(id: &ContactId) -> String {
    format!("contacts:sealed:{id}")
}
