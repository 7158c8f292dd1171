//! Who is an official: the first by an invitation from the command line, others when two operators agree. There is no
//! account that comes with the service (identity row 75).

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        ids::CitizenId,
        national_id::NationalId,
        refusal::Refusal,
        secret::Opaque,
        session::Session,
        staff::{Action, INVITATION, Official, Permit, Role},
        time::Timestamp,
    },
    service::Idp,
    store::{self, Write},
};

/// Makes an invitation, to be handed to whoever shall hold `role`.
///
/// # Errors
/// A fault of the database.
pub async fn invite(idp: &Idp, role: Role) -> Result<Opaque, Fault> {
    let (now, token) = (idp.now(), idp.opaque());
    let mut write = idp.store.write().await?;
    let until = now.after(INVITATION);
    store::staff::invite(&mut write, (&token.digest(), role), (now, until)).await?;
    let record = Record::new(Event::StaffInvited, Outcome::Done).with("role", role.name());
    store::audit::append(&mut write, &record.with("by", "command-line"), now).await?;
    write.commit().await?;
    Ok(token)
}

/// Somebody who is signed in takes an invitation up.
///
/// # Errors
/// [`Refusal::NotFound`] when it is none, was used, or is too old; the same for all.
pub async fn join(idp: &Idp, session: &Session, token: &str) -> Result<Role, Error> {
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let role = match Opaque::parse(token.trim()) {
        Some(token) => store::staff::accept(&mut write, &token.digest(), now).await?,
        None => None,
    };
    let Some(role) = role else {
        let record = Record::new(Event::RoleGiven, Outcome::Refused("invitation"));
        let record = record.citizen(&session.citizen).session(&session.sid);
        store::audit::append(&mut write, &record, now).await?;
        write.commit().await?;
        return Err(Refusal::NotFound.into());
    };
    give_within(idp, &mut write, (&session.citizen, role), None).await?;
    write.commit().await?;
    Ok(role)
}

/// The official that this session is of.
///
/// # Errors
/// [`Refusal::NotStaff`] for everybody else.
pub async fn official(idp: &Idp, session: &Session) -> Result<Official, Error> {
    let mut read = idp.store.read().await?;
    let roles = store::staff::roles(&mut read, &session.citizen).await?;
    let official = Official::new(session.citizen.clone(), session.sid.clone(), roles);
    Ok(official.ok_or(Refusal::NotStaff)?)
}

/// Somebody who holds a role, by name.
#[derive(Debug)]
pub struct Holder {
    /// Who.
    pub citizen: CitizenId,
    /// As colleagues know them.
    pub name: String,
    /// What.
    pub role: Role,
    /// Since when.
    pub since: Timestamp,
}

/// Everybody who holds a role, for those who decide about it.
///
/// # Errors
/// [`Refusal::NotStaff`]; a fault of the database.
pub async fn all(idp: &Idp, official: &Official) -> Result<Vec<Holder>, Error> {
    official.permit(Action::EndRole)?;
    Ok(holders(idp).await?)
}

/// The same from the command line.
///
/// # Errors
/// A fault of the database.
pub async fn holders(idp: &Idp) -> Result<Vec<Holder>, Fault> {
    let mut read = idp.store.read().await?;
    let mut holders = Vec::new();
    for (citizen, role, since) in store::staff::all(&mut read).await? {
        let person = store::citizens::person(&mut read, &idp.seal, &citizen).await?;
        holders.push(Holder {
            name: person.map_or_else(String::new, |(person, _)| person.full_name()),
            citizen,
            role,
            since,
        });
    }
    Ok(holders)
}

/// Takes a role away at once: their next page is refused.
///
/// # Errors
/// [`Refusal::NotFound`] when they do not hold it; [`Refusal::NotStaff`].
pub async fn end(idp: &Idp, official: &Official, (citizen, role): (&CitizenId, Role)) -> Result<(), Error> {
    let permit = official.permit(Action::EndRole)?;
    let mut write = idp.store.write().await?;
    if !store::staff::end(&mut write, citizen, role, idp.now()).await? {
        return Err(Refusal::NotFound.into());
    }
    let record = Record::new(Event::RoleEnded, Outcome::Done)
        .citizen(citizen)
        .with("role", role.name())
        .with("by", permit.official().as_str());
    store::audit::append(&mut write, &record, idp.now()).await?;
    Ok(write.commit().await?)
}

/// The same from the command line, for whom nobody else can.
///
/// # Errors
/// [`Refusal::NotFound`] when nobody has this number, or they do not hold it.
pub async fn end_by_number(idp: &Idp, national_id: &NationalId, role: Role) -> Result<(), Error> {
    let mut write = idp.store.write().await?;
    let found = store::citizens::find(&mut write, &idp.derived.index, national_id).await?;
    let (citizen, _) = found.ok_or(Refusal::NotFound)?;
    if !store::staff::end(&mut write, &citizen, role, idp.now()).await? {
        return Err(Refusal::NotFound.into());
    }
    let record = Record::new(Event::RoleEnded, Outcome::Done)
        .citizen(&citizen)
        .with("role", role.name())
        .with("by", "command-line");
    store::audit::append(&mut write, &record, idp.now()).await?;
    Ok(write.commit().await?)
}

/// Gives a role inside the caller's transaction; held already, it stays.
pub(super) async fn give_within(
    idp: &Idp,
    write: &mut Write,
    (citizen, role): (&CitizenId, Role),
    by: Option<&CitizenId>,
) -> Result<(), Fault> {
    let id = data_encoding::HEXLOWER.encode(&idp.id());
    if store::staff::give(write, &id, (citizen, role), by, idp.now()).await? {
        let record = Record::new(Event::RoleGiven, Outcome::Done)
            .citizen(citizen)
            .with("role", role.name())
            .with("by", by.map_or("invitation", CitizenId::as_str));
        store::audit::append(write, &record, idp.now()).await?;
    }
    Ok(())
}

/// A record of what an official did, about nobody yet.
pub(super) fn done(event: Event, permit: &Permit) -> Record {
    Record::new(event, Outcome::Done)
        .with("by", permit.official().as_str())
        .with("role", permit.role().name())
}
