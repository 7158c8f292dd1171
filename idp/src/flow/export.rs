//! Everything that is kept about a citizen, for themselves: what can be read again, as JSON. Secrets are not in it: they
//! are kept as digests, or would open the account for whoever finds the file.

use serde_json::{Map, Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Entry, Event, Outcome, Record},
        ids::CitizenId,
        passkey::Listed,
        person::Person,
        refusal::Refusal,
        session::Session,
        time::Timestamp,
    },
    service::Idp,
    store,
};

use super::methods;

/// Everything but the history. That it was asked for is written down first.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; a fault of the database.
pub async fn head(idp: &Idp, here: &Session) -> Result<Map<String, Value>, Error> {
    let now = idp.now();
    if !methods::proven(idp, here).await? {
        return Err(Refusal::NotAllowed.into());
    }
    let citizen = &here.citizen;
    let mut write = idp.store.write().await?;
    let record = Record::new(Event::DataExported, Outcome::Done)
        .citizen(citizen)
        .session(&here.sid);
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await?;
    let mut read = idp.store.read().await?;
    let (person, updated_at) = store::citizens::person(&mut read, &idp.seal, citizen)
        .await?
        .ok_or(Refusal::NotFound)?;
    let language = store::citizens::language(&mut read, citizen).await?;
    let contacts = store::contacts::of_citizen(&mut read, &idp.seal, citizen).await?;
    let passkeys = store::passkeys::of_citizen(&mut read, &idp.seal, citizen).await?;
    let apps = store::totp::of_citizen(&mut read, &idp.seal, citizen).await?;
    let password = store::passwords::changed_at(&mut read, citizen).await?;
    let codes = store::recovery_codes::left(&mut read, citizen).await?;
    let sessions = store::sessions::of_citizen(&mut read, &idp.seal, citizen, now).await?;
    let consents = store::consents::of_citizen(&mut read, citizen).await?;
    let mut head = Map::new();
    let mut put = |name: &str, value: Value| head.insert(name.to_owned(), value);
    put("exported_at", moment(now));
    put("person", of_person(&person, updated_at));
    put("language", json!(language.map(|language| language.tag())));
    let contact = |one: &crate::rules::contact::Contact| json!({ "address": one.address.as_str(), "counts": one.counts() });
    put("contacts", contacts.iter().map(contact).collect());
    let passkeys: Vec<Value> = passkeys
        .iter()
        .map(|stored| of_passkey(&methods::listed(idp, stored)))
        .collect();
    put(
        "authenticators",
        json!({ "password": { "changed_at": password.map(moment) }, "apps": apps.len(), "passkeys": passkeys,
            "recovery_codes_left": codes }),
    );
    let session = |one: &Session| json!({ "device": one.device, "started_at": moment(one.started_at), "seen_at": moment(one.seen_at) });
    put("sessions", sessions.iter().map(session).collect());
    let consent = |one: &store::consents::Consent| json!({ "client": one.client.as_str(), "scope": one.scopes.to_string(), "given_at": moment(one.given_at) });
    put("consents", consents.iter().map(consent).collect());
    Ok(head)
}

/// A page of the history, the latest first, and where the next one begins; nothing after the last.
///
/// # Errors
/// A fault of the database.
pub async fn history(
    idp: &Idp,
    citizen: &CitizenId,
    before: i64,
) -> Result<Option<(Vec<Value>, i64)>, Fault> {
    let mut read = idp.store.read().await?;
    let entries = store::audit::before(&mut read, citizen, before, PAGE).await?;
    let next = entries.last().map(|entry| entry.seq);
    Ok(next.map(|next| (entries.iter().map(of_entry).collect(), next)))
}

/// Before this begins the latest record.
pub const LATEST: i64 = i64::MAX;

fn of_person(person: &Person, updated_at: Timestamp) -> Value {
    json!({
        "national_id": person.national_id.as_str(),
        "national_id_scheme": person.national_id.scheme().name(),
        "given_name": person.given_name.as_str(),
        "family_name": person.family_name.as_str(),
        "email": person.email.as_str(),
        "phone": person.phone.as_ref().map(|phone| phone.as_str().to_owned()),
        "address": person.address.as_ref().map(|address| address.lines()),
        "updated_at": moment(updated_at),
    })
}

fn of_passkey(key: &Listed) -> Value {
    json!({
        "name": key.name.as_str(),
        "synced": key.synced,
        "created_at": moment(key.created_at),
        "used_at": key.used_at.map(moment),
    })
}

fn of_entry(entry: &Entry) -> Value {
    let detail: Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    json!({
        "seq": entry.seq, "at": moment(entry.at), "event": entry.event, "outcome": entry.outcome,
        "reason": entry.reason, "client": entry.client, "session": entry.session, "detail": detail,
    })
}

/// RFC 3339, as every program and most people read it.
fn moment(at: Timestamp) -> Value {
    let at = OffsetDateTime::from_unix_timestamp(at.0).ok();
    json!(at.and_then(|at| at.format(&Rfc3339).ok()))
}

/// Records held in memory at a time.
const PAGE: i64 = 500;
