//! Citizens: found by a keyed tag of their national id, personal data sealed.

use serde::{Deserialize, Serialize};
use sqlx::Row as _;

use super::Connection;
use crate::{
    error::Fault,
    keys::{DerivedKey, Seal},
    rules::{
        ids::CitizenId,
        language::Language,
        national_id::{NationalId, Scheme},
        person::{Address, Email, Name, Person, Phone},
        standing::Standing,
        time::Timestamp,
    },
    world::Chance,
};

/// The sealed part.
#[derive(Serialize, Deserialize)]
struct Sealed {
    scheme: String,
    national_id: String,
    given_name: String,
    family_name: String,
    email: String,
    #[serde(default)]
    email_confirmed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
}

/// Writes a new citizen; false when somebody with this national id exists.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    connection: &mut Connection,
    keys: (&Seal, &DerivedKey),
    chance: &dyn Chance,
    (id, person): (&CitizenId, &Person),
    now: Timestamp,
) -> Result<bool, Fault> {
    let (seal, index) = keys;
    let plain = Sealed {
        scheme: person.national_id.scheme().name().to_owned(),
        national_id: person.national_id.as_str().to_owned(),
        given_name: person.given_name.as_str().to_owned(),
        family_name: person.family_name.as_str().to_owned(),
        email: person.email.as_str().to_owned(),
        email_confirmed: person.email_confirmed,
        phone: person.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        address: person.address.clone(),
    };
    let plain = serde_json::to_vec(&plain).map_err(|source| Fault::of("writing a citizen", source))?;
    let done = sqlx::query(
        "INSERT INTO citizens (id, national_id_tag, sealed, created_at, updated_at) VALUES ($1, $2, $3, $4, $4) \
         ON CONFLICT (national_id_tag) DO NOTHING",
    )
    .bind(id.as_str())
    .bind(tag(index, &person.national_id))
    .bind(seal.seal(chance, &context(id), &plain)?)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Who has this national id, with their password's hash if they have one. One query for both, so that a stranger's
/// number takes the same way as a citizen's.
///
/// # Errors
/// A fault of the database.
pub async fn find(
    connection: &mut Connection,
    index: &DerivedKey,
    national_id: &NationalId,
) -> Result<Option<(CitizenId, Option<String>)>, Fault> {
    let row = sqlx::query(
        "SELECT citizens.id, passwords.hash FROM citizens LEFT JOIN passwords ON passwords.citizen = citizens.id \
         WHERE citizens.national_id_tag = $1",
    )
    .bind(tag(index, national_id))
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok((CitizenId::known(row.try_get::<String, _>(0)?), row.try_get(1)?)))
        .transpose()
}

/// A citizen's identity data and when it last changed.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn person(
    connection: &mut Connection,
    seal: &Seal,
    id: &CitizenId,
) -> Result<Option<(Person, Timestamp)>, Fault> {
    let row = sqlx::query("SELECT sealed, updated_at FROM citizens WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let plain = seal.open(&context(id), &row.try_get::<Vec<u8>, _>(0)?)?;
    let plain: Sealed =
        serde_json::from_slice(plain.expose()).map_err(|source| Fault::of("reading a citizen", source))?;
    Ok(Some((
        checked(&plain).ok_or(Fault::plain("reading a citizen: data that we did not write"))?,
        Timestamp(row.try_get(1)?),
    )))
}

/// In which language a citizen is written to, if they chose one.
///
/// # Errors
/// A fault of the database.
pub async fn language(connection: &mut Connection, id: &CitizenId) -> Result<Option<Language>, Fault> {
    let row = sqlx::query("SELECT language FROM citizens WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let tag: Option<String> = row.try_get(0)?;
    Ok(tag.as_deref().and_then(Language::named))
}

/// Keeps the language that a citizen chose.
///
/// # Errors
/// A fault of the database.
pub async fn set_language(
    connection: &mut Connection,
    id: &CitizenId,
    language: Language,
) -> Result<(), Fault> {
    sqlx::query("UPDATE citizens SET language = $1 WHERE id = $2")
        .bind(language.tag())
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives a citizen another first address, confirmed or not; or the same, once it is. False when their data changed
/// meanwhile.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn set_email(
    connection: &mut Connection,
    (seal, chance): (&Seal, &dyn Chance),
    id: &CitizenId,
    (address, confirmed): (&Email, bool),
    now: Timestamp,
) -> Result<bool, Fault> {
    let row = sqlx::query("SELECT sealed FROM citizens WHERE id = $1")
        .bind(id.as_str())
        .fetch_one(&mut *connection)
        .await?;
    let before: Vec<u8> = row.try_get(0)?;
    let plain = seal.open(&context(id), &before)?;
    let mut plain: Sealed =
        serde_json::from_slice(plain.expose()).map_err(|source| Fault::of("reading a citizen", source))?;
    address.as_str().clone_into(&mut plain.email);
    plain.email_confirmed = confirmed;
    let plain = serde_json::to_vec(&plain).map_err(|source| Fault::of("writing a citizen", source))?;
    let done = sqlx::query("UPDATE citizens SET sealed = $1, updated_at = $2 WHERE id = $3 AND sealed = $4")
        .bind(seal.seal(chance, &context(id), &plain)?)
        .bind(now.0)
        .bind(id.as_str())
        .bind(before)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Closes an account; false when it was.
///
/// # Errors
/// A fault of the database.
pub async fn close(connection: &mut Connection, id: &CitizenId, now: Timestamp) -> Result<bool, Fault> {
    let done = sqlx::query("UPDATE citizens SET closed_at = $1 WHERE id = $2 AND closed_at IS NULL")
        .bind(now.0)
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Opens a closed account; false when it was open.
///
/// # Errors
/// A fault of the database.
pub async fn reopen(connection: &mut Connection, id: &CitizenId) -> Result<bool, Fault> {
    let done = sqlx::query("UPDATE citizens SET closed_at = NULL WHERE id = $1 AND closed_at IS NOT NULL")
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Stops an account until its citizen is made sure of; false when it was.
///
/// # Errors
/// A fault of the database.
pub async fn freeze(connection: &mut Connection, id: &CitizenId, now: Timestamp) -> Result<bool, Fault> {
    let done = sqlx::query("UPDATE citizens SET frozen_at = $1 WHERE id = $2 AND frozen_at IS NULL")
        .bind(now.0)
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Opens a stopped account; false when it was not stopped.
///
/// # Errors
/// A fault of the database.
pub async fn unfreeze(connection: &mut Connection, id: &CitizenId) -> Result<bool, Fault> {
    let done = sqlx::query("UPDATE citizens SET frozen_at = NULL WHERE id = $1 AND frozen_at IS NOT NULL")
        .bind(id.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// How the account stands. An open one stays so until this transaction ends: no session of it begins beside its closing.
/// An account that is nobody's is closed.
///
/// # Errors
/// A fault of the database.
pub async fn hold(connection: &mut Connection, id: &CitizenId) -> Result<Standing, Fault> {
    let held = sqlx::query(
        "UPDATE citizens SET closed_at = NULL WHERE id = $1 AND closed_at IS NULL AND frozen_at IS NULL",
    )
    .bind(id.as_str())
    .execute(&mut *connection)
    .await?;
    if held.rows_affected() == 1 {
        return Ok(Standing::Open);
    }
    standing(connection, id).await
}

/// How the account stands at this moment. An account that is nobody's is closed.
///
/// # Errors
/// A fault of the database.
pub async fn standing(connection: &mut Connection, id: &CitizenId) -> Result<Standing, Fault> {
    let row = sqlx::query("SELECT frozen_at, closed_at FROM citizens WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else {
        return Ok(Standing::Closed);
    };
    let (frozen, closed): (Option<i64>, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    Ok(Standing::of(frozen.is_some(), closed.is_some()))
}

fn checked(plain: &Sealed) -> Option<Person> {
    Some(Person {
        national_id: NationalId::parse(&plain.national_id, &[Scheme::named(&plain.scheme)?]).ok()?,
        given_name: Name::parse(&plain.given_name).ok()?,
        family_name: Name::parse(&plain.family_name).ok()?,
        email: Email::parse(&plain.email).ok()?,
        email_confirmed: plain.email_confirmed,
        phone: plain.phone.as_deref().map(Phone::parse).transpose().ok()?,
        address: plain.address.clone(),
    })
}

fn tag(index: &DerivedKey, national_id: &NationalId) -> String {
    index.tag_text(&[
        b"national id",
        national_id.scheme().name().as_bytes(),
        national_id.as_str().as_bytes(),
    ])
}

fn context(id: &CitizenId) -> String {
    format!("citizens:sealed:{id}")
}
