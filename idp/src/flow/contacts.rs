//! A citizen's addresses for notices: added with presence proven just now and a code that was sent there, taken away with
//! presence. Every address from before is told.

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        contact::{CODE_LIFETIME, Contact, MOST_CONTACTS, MailedCode, masked},
        ids::{CitizenId, ContactId},
        notice::Notice,
        person::Email,
        refusal::Refusal,
        session::Session,
    },
    service::Idp,
    store::{self, Write, contacts::Asked},
    world::bytes,
};

use super::{methods, notify};

/// What a citizen has.
#[derive(Debug)]
pub struct Addresses {
    /// Part of their identity data: notices go there, and agencies that may know it get it.
    pub first: Email,
    /// Whether they have shown that they read it.
    pub first_confirmed: bool,
    /// The others, those that wait for their code among them. The first one is among them, too, while its code is out.
    pub others: Vec<Contact>,
}

impl Addresses {
    /// This is the first one.
    #[must_use]
    pub fn is_first(&self, address: &Email) -> bool {
        folded(address) == folded(&self.first)
    }

    /// The further ones.
    pub fn further(&self) -> impl Iterator<Item = &Contact> {
        self.others
            .iter()
            .filter(|contact| !self.is_first(&contact.address))
    }

    /// Those that notices go to.
    #[must_use]
    pub fn counting(&self) -> usize {
        let others = self.others.iter().filter(|contact| contact.counts()).count();
        others.saturating_add(1)
    }
}

/// What came of asking for an address.
#[derive(Debug)]
pub enum Added {
    /// A code is on its way.
    Asked(ContactId),
    /// It is theirs already.
    Known,
    /// They have as many as one can have.
    TooMany,
    /// It got too many letters lately.
    TooManyLetters,
}

/// The addresses of a citizen.
///
/// # Errors
/// [`Refusal::NotFound`] when there is nobody; a fault of the database.
pub async fn all(idp: &Idp, citizen: &CitizenId) -> Result<Addresses, Error> {
    let mut read = idp.store.read().await?;
    let (person, _) = store::citizens::person(&mut read, &idp.seal, citizen)
        .await?
        .ok_or(Refusal::NotFound)?;
    let others = store::contacts::of_citizen(&mut read, &idp.seal, citizen).await?;
    Ok(Addresses {
        first: person.email,
        first_confirmed: person.email_confirmed,
        others,
    })
}

/// Sends a code to a new address, where nothing else goes until it is typed; or to the first one, which counts already,
/// so that agencies may learn that its owner reads it.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; a fault of the database.
pub async fn add(idp: &Idp, session: &Session, address: &Email) -> Result<Added, Error> {
    proven(idp, session).await?;
    let citizen = &session.citizen;
    let has = all(idp, citizen).await?;
    let tag = tag(idp, citizen, address);
    let first = has.is_first(address);
    // As the registry writes it, however it was typed.
    let address = if first { &has.first } else { address };
    let found = |contact: &&Contact| folded(&contact.address) == folded(address);
    let waiting = has.others.iter().find(found);
    if (first && has.first_confirmed) || waiting.is_some_and(Contact::counts) {
        return Ok(Added::Known);
    }
    if !first && waiting.is_none() && has.further().count() >= MOST_CONTACTS {
        return Ok(Added::TooMany);
    }
    let now = idp.now();
    let code = MailedCode::new(bytes(idp.chance.as_ref()));
    let asked = Asked {
        id: ContactId::new(idp.id()),
        address,
        tag,
        code: &|id| code_tag(idp, id, &code),
        expires_at: now.after(CODE_LIFETIME),
    };
    let mut write = idp.store.write().await?;
    let keys = (&idp.seal, idp.chance.as_ref());
    let Some(id) = store::contacts::ask(&mut write, keys, citizen, &asked, now).await? else {
        return Ok(Added::TooManyLetters);
    };
    notify::tell_only(
        idp,
        &mut write,
        (citizen, address),
        Notice::ContactAsked { code: code.clone() },
    )
    .await?;
    let record = changed(Event::ContactAsked, Outcome::Done, session, &id);
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await?;
    Ok(Added::Asked(id))
}

/// Somebody types the code of an address; true when it is right. Every address is told, the new one, too. That the first
/// one is read is no news to it.
///
/// # Errors
/// A fault of the database.
pub async fn confirm(idp: &Idp, session: &Session, id: &ContactId, typed: &str) -> Result<bool, Error> {
    let (citizen, now) = (&session.citizen, idp.now());
    let code = MailedCode::parse(typed).map(|code| code_tag(idp, id, &code));
    let mut write = idp.store.write().await?;
    // Counted before it is looked at, in the same transaction: of many guesses at once, each is one.
    if !store::contacts::charge(&mut write, citizen, id, now).await? {
        return Ok(false);
    }
    let right = match &code {
        Some(code) => store::contacts::confirm(&mut write, citizen, (id, code), now).await?,
        None => false,
    };
    let outcome = if right {
        Outcome::Done
    } else {
        Outcome::Refused("wrong-code")
    };
    let event = if right {
        count(idp, &mut write, citizen, id).await?
    } else {
        Event::ContactAdded
    };
    let record = changed(event, outcome, session, id);
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await?;
    Ok(right)
}

/// The address whose code was right counts from now on; what that is in the audit.
async fn count(idp: &Idp, write: &mut Write, citizen: &CitizenId, id: &ContactId) -> Result<Event, Error> {
    let (person, _) = store::citizens::person(write, &idp.seal, citizen)
        .await?
        .ok_or(Refusal::NotFound)?;
    let others = store::contacts::of_citizen(write, &idp.seal, citizen).await?;
    let added = others.iter().find(|contact| contact.id == *id);
    let address = &added.ok_or(Refusal::NotFound)?.address;
    if folded(address) != folded(&person.email) {
        let address = masked(address);
        notify::tell(idp, write, citizen, Notice::ContactAdded { address }).await?;
        return Ok(Event::ContactAdded);
    }
    // It stands in the identity data already, in its own letters.
    store::contacts::remove(write, citizen, id).await?;
    let keys = (&idp.seal, idp.chance.as_ref());
    let confirmed = (&person.email, true);
    if store::citizens::set_email(write, keys, citizen, confirmed, idp.now()).await? {
        Ok(Event::ContactConfirmed)
    } else {
        Err(Fault::passing("two changes of one citizen's address met").into())
    }
}

/// Takes a further address away. Every address is told, that one too.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; [`Refusal::NotFound`] when it is not theirs.
pub async fn remove(idp: &Idp, session: &Session, id: &ContactId) -> Result<(), Error> {
    proven(idp, session).await?;
    let citizen = &session.citizen;
    let mut write = idp.store.write().await?;
    let others = store::contacts::of_citizen(&mut write, &idp.seal, citizen).await?;
    let gone = others
        .iter()
        .find(|contact| contact.id == *id && contact.counts());
    let gone = gone.ok_or(Refusal::NotFound)?;
    let address = masked(&gone.address);
    notify::tell(idp, &mut write, citizen, Notice::ContactRemoved { address }).await?;
    if !store::contacts::remove(&mut write, citizen, id).await? {
        return Err(Refusal::NotFound.into());
    }
    let record = changed(Event::ContactRemoved, Outcome::Done, session, id);
    store::audit::append(&mut write, &record, idp.now()).await?;
    Ok(write.commit().await?)
}

/// Makes a further address the first one: agencies that may know the citizen's address get it from now on. The one that
/// was first stays for notices.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; [`Refusal::NotFound`] when it is not theirs; a fault
/// when another change was faster.
pub async fn prefer(idp: &Idp, session: &Session, id: &ContactId) -> Result<(), Error> {
    proven(idp, session).await?;
    let (citizen, now) = (&session.citizen, idp.now());
    let keys = (&idp.seal, idp.chance.as_ref());
    let mut write = idp.store.write().await?;
    let (person, _) = store::citizens::person(&mut write, &idp.seal, citizen)
        .await?
        .ok_or(Refusal::NotFound)?;
    let others = store::contacts::of_citizen(&mut write, &idp.seal, citizen).await?;
    let chosen = others
        .iter()
        .find(|contact| contact.id == *id && contact.counts());
    let chosen = chosen.ok_or(Refusal::NotFound)?;
    let address = masked(&chosen.address);
    notify::tell(idp, &mut write, citizen, Notice::ContactPreferred { address }).await?;
    // The two change places. Taking the row first decides between two that try at once.
    if !store::contacts::remove(&mut write, citizen, id).await? {
        return Err(Refusal::NotFound.into());
    }
    let before = tag(idp, citizen, &person.email);
    let kept = (
        ContactId::new(idp.id()),
        before,
        &person.email,
        person.email_confirmed,
    );
    store::contacts::keep(&mut write, keys, citizen, kept, now).await?;
    let first = (&chosen.address, chosen.confirmed());
    if !store::citizens::set_email(&mut write, keys, citizen, first, now).await? {
        return Err(Fault::passing("two changes of one citizen's address met").into());
    }
    let record = changed(Event::ContactPreferred, Outcome::Done, session, id);
    store::audit::append(&mut write, &record, now).await?;
    Ok(write.commit().await?)
}

async fn proven(idp: &Idp, session: &Session) -> Result<(), Error> {
    if methods::proven(idp, session).await? {
        Ok(())
    } else {
        Err(Refusal::NotAllowed.into())
    }
}

fn changed(event: Event, outcome: Outcome, session: &Session, id: &ContactId) -> Record {
    Record::new(event, outcome)
        .citizen(&session.citizen)
        .session(&session.sid)
        .with("contact", id.as_str())
}

/// Two addresses that are one. Domains have no case (RFC 5321 §2.3.11), and no mail server that people use tells local
/// parts apart by it.
fn folded(address: &Email) -> String {
    address.as_str().to_lowercase()
}

/// Finds an address of a citizen again without reading it.
fn tag(idp: &Idp, citizen: &CitizenId, address: &Email) -> String {
    let address = folded(address);
    let parts = [
        b"contact".as_slice(),
        citizen.as_str().as_bytes(),
        address.as_bytes(),
    ];
    idp.derived.index.tag_text(&parts)
}

/// Six digits are found from a plain digest at once; not from a keyed one.
fn code_tag(idp: &Idp, id: &ContactId, code: &MailedCode) -> String {
    let parts = [
        b"contact code".as_slice(),
        id.as_str().as_bytes(),
        code.expose().as_bytes(),
    ];
    idp.derived.index.tag_text(&parts)
}
