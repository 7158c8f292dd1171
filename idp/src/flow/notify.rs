//! Telling citizens by mail: a notice is written in the transaction of the act that it tells, so that none is forgotten
//! when the machine goes down and none tells what did not happen. [`crate::mail`] carries it.

use crate::{
    error::Fault,
    rules::{
        audit::{Event, Outcome, Record},
        contact::Contact,
        ids::{CitizenId, NoticeId},
        notice::{Fate, NOT_ME_LIFETIME, Notice, Posted},
        person::Email,
        time::Seconds,
    },
    service::Idp,
    store::{self, Write},
};

/// Tells a citizen at every address, as soon as this transaction is committed. All letters of a notice have the same
/// link "it wasn't me": whoever reads first may object.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn tell(idp: &Idp, write: &mut Write, citizen: &CitizenId, notice: Notice) -> Result<(), Fault> {
    let not_me = idp.opaque();
    let until = idp.now().after(NOT_ME_LIFETIME);
    store::notices::insert_not_me(write, &not_me.digest(), (citizen, notice.kind()), until).await?;
    let mut posted = posted(idp, write, citizen, notice).await?;
    posted.not_me = Some(not_me.text());
    let others = store::contacts::of_citizen(write, &idp.seal, citizen).await?;
    let keys = (&idp.seal, idp.chance.as_ref());
    store::notices::insert(write, keys, &posted).await?;
    for contact in others.into_iter().filter(Contact::counts) {
        posted.id = NoticeId::new(idp.id());
        posted.to = contact.address;
        store::notices::insert(write, keys, &posted).await?;
    }
    Ok(())
}

/// Writes to one address alone, which need not be known yet. There is nothing to object to: nothing happened.
///
/// # Errors
/// A fault of the database, or of the seal.
pub(super) async fn tell_only(
    idp: &Idp,
    write: &mut Write,
    (citizen, address): (&CitizenId, &Email),
    notice: Notice,
) -> Result<(), Fault> {
    let mut posted = posted(idp, write, citizen, notice).await?;
    posted.to = address.clone();
    store::notices::insert(write, (&idp.seal, idp.chance.as_ref()), &posted).await
}

/// A letter to a citizen's first address, without a link.
async fn posted(idp: &Idp, write: &mut Write, citizen: &CitizenId, notice: Notice) -> Result<Posted, Fault> {
    let Some((person, _)) = store::citizens::person(write, &idp.seal, citizen).await? else {
        return Err(Fault::plain("telling somebody who does not exist"));
    };
    let language = store::citizens::language(write, citizen).await?;
    Ok(Posted {
        id: NoticeId::new(idp.id()),
        citizen: citizen.clone(),
        at: idp.now(),
        attempts: 0,
        to: person.email,
        given_name: person.given_name.as_str().to_owned(),
        language: language.unwrap_or_default(),
        notice,
        not_me: None,
    })
}

/// Takes what is due now, a handful.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn claim(idp: &Idp) -> Result<Vec<Posted>, Fault> {
    let now = idp.now();
    let mut read = idp.store.read().await?;
    // Nearly always nothing is: then nobody's turn to write is taken.
    if !store::notices::due(&mut read, now).await? {
        return Ok(Vec::new());
    }
    drop(read);
    let mut write = idp.store.write().await?;
    let claimed = store::notices::claim(&mut write, &idp.seal, (now, now.after(CLAIM)), AT_ONCE).await?;
    write.commit().await?;
    Ok(claimed)
}

/// Writes what came of carrying a notice, and the audit record in the same transaction.
///
/// # Errors
/// A fault of the database.
pub async fn settle(idp: &Idp, posted: &Posted, fate: Fate) -> Result<(), Fault> {
    let mut write = idp.store.write().await?;
    let outcome = match fate {
        Fate::Sent => Outcome::Done,
        Fate::GivenUp(why) => Outcome::Refused(why),
        Fate::Again(next) => {
            store::notices::put_back(&mut write, posted, next).await?;
            return write.commit().await;
        }
    };
    if store::notices::remove(&mut write, &posted.id).await? {
        let record = Record::new(Event::NoticeSent, outcome)
            .citizen(&posted.citizen)
            .with("kind", posted.notice.kind())
            .with("attempts", posted.attempts.to_string());
        store::audit::append(&mut write, &record, idp.now()).await?;
        write.commit().await?;
    }
    Ok(())
}

/// Longer than a letter is tried ([`crate::mail::PATIENCE`]); after that the node that claimed must have gone.
const CLAIM: Seconds = Seconds(45);
/// Letters under way at a time, from one node.
const AT_ONCE: i64 = 8;
