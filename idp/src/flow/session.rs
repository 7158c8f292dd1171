//! Sessions: found by cookie, begun and renewed by verified factors, ended by anybody entitled.

use crate::{
    error::{Error, Fault},
    rules::{
        assurance::{Factor, attained},
        audit::{Event, Outcome, Record},
        ids::{CitizenId, ClientId, Sid},
        logout::Farewell,
        refusal::Refusal,
        secret::Opaque,
        session::Session,
        standing::Standing,
        time::Timestamp,
        visitor::Visitor,
    },
    service::Idp,
    store::{self, Write},
};

use super::{browsers, outbox};

/// The live session with this cookie; using it counts as activity.
///
/// # Errors
/// A fault of the database.
pub async fn current(idp: &Idp, cookie: &Opaque) -> Result<Option<Session>, Fault> {
    let now = idp.now();
    let mut read = idp.store.read().await?;
    let found = store::sessions::find(&mut read, &idp.seal, &cookie.digest(), now).await?;
    drop(read);
    if let Some(session) = &found
        && session.worth_touching(now)
    {
        let mut write = idp.store.write().await?;
        store::sessions::touch(&mut write, &session.sid, now).await?;
        write.commit().await?;
    }
    Ok(found)
}

/// Every live session of the citizen, for the account page.
///
/// # Errors
/// A fault of the database.
pub async fn all(idp: &Idp, citizen: &CitizenId) -> Result<Vec<Session>, Fault> {
    let mut read = idp.store.read().await?;
    store::sessions::of_citizen(&mut read, &idp.seal, citizen, idp.now()).await
}

/// Ends one session of `citizen`, and tells the agencies that it was used at. What was issued in it without
/// `offline_access` ends with it.
///
/// # Errors
/// [`Refusal::NotFound`] when it is not theirs or had ended.
pub async fn end(idp: &Idp, citizen: &CitizenId, sid: &Sid) -> Result<Farewell, Error> {
    let mut write = idp.store.write().await?;
    let Some(farewell) = end_within(idp, &mut write, citizen, sid, "ended").await? else {
        return Err(Refusal::NotFound.into());
    };
    write.commit().await?;
    idp.outbox.notify_one();
    Ok(farewell)
}

/// Ends every session of `citizen`, and tells every agency that they were used at. Each session, and whom its end
/// concerns in its browser.
///
/// # Errors
/// A fault of the database.
pub async fn end_all(
    idp: &Idp,
    citizen: &CitizenId,
    why: &'static str,
) -> Result<Vec<(Sid, Farewell)>, Fault> {
    let mut write = idp.store.write().await?;
    let ended = end_all_within(idp, &mut write, citizen).await?;
    note_ended(idp, &mut write, (citizen, &ended), why).await?;
    write.commit().await?;
    idp.outbox.notify_one();
    Ok(ended)
}

/// Ends the sessions that were too old for anything, and tells the agencies that they were used at; how many.
///
/// # Errors
/// A fault of the database.
pub async fn end_aged(idp: &Idp) -> Result<usize, Fault> {
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let aged = store::sessions::end_aged(&mut write, now, MOST_AGED).await?;
    for (sid, citizen) in &aged {
        outbox::leave(idp, &mut write, citizen, sid).await?;
    }
    for (sid, citizen) in &aged {
        store::audit::append(&mut write, &ending(citizen, sid, "age"), now).await?;
    }
    write.commit().await?;
    if !aged.is_empty() {
        idp.outbox.notify_one();
    }
    Ok(aged.len())
}

/// The state of the browser that this session lives in (Session Management 1.0 §3.2): agencies get digests of it, the
/// frame reads it from a cookie of its own. Nobody can make it from a `sid`.
#[must_use]
pub fn browser_state(idp: &Idp, sid: &Sid) -> Opaque {
    Opaque::new(idp.derived.csrf.tag(&[b"browser state", sid.as_str().as_bytes()]))
}

fn ending(citizen: &CitizenId, sid: &Sid, why: &'static str) -> Record {
    Record::new(Event::SessionEnded, Outcome::Done)
        .citizen(citizen)
        .session(sid)
        .with("why", why)
}

/// Ends one session inside a transaction, with its notices; `None` when it had ended.
pub(super) async fn end_within(
    idp: &Idp,
    write: &mut Write,
    citizen: &CitizenId,
    sid: &Sid,
    why: &'static str,
) -> Result<Option<Farewell>, Fault> {
    let now = idp.now();
    if !store::sessions::end(write, citizen, sid, now).await? {
        return Ok(None);
    }
    let farewell = outbox::leave(idp, write, citizen, sid).await?;
    store::audit::append(write, &ending(citizen, sid, why), now).await?;
    Ok(Some(farewell))
}

/// Ends every session inside a transaction. All rows first, the log after ([`note_ended`]): whoever ends one of them
/// meanwhile waits for a row and holds no lock of the log.
pub(super) async fn end_all_within(
    idp: &Idp,
    write: &mut Write,
    citizen: &CitizenId,
) -> Result<Vec<(Sid, Farewell)>, Fault> {
    let mut ended = Vec::new();
    for sid in store::sessions::end_all(write, citizen, idp.now()).await? {
        let farewell = outbox::leave(idp, write, citizen, &sid).await?;
        ended.push((sid, farewell));
    }
    Ok(ended)
}

/// Writes down that these sessions ended.
pub(super) async fn note_ended(
    idp: &Idp,
    write: &mut Write,
    (citizen, ended): (&CitizenId, &[(Sid, Farewell)]),
    why: &'static str,
) -> Result<(), Fault> {
    for (sid, _) in ended {
        store::audit::append(write, &ending(citizen, sid, why), idp.now()).await?;
    }
    Ok(())
}

/// Somebody who has shown enough to be logged in.
pub(super) struct Shown {
    /// Who.
    pub citizen: CitizenId,
    /// What they showed.
    pub factors: Vec<Factor>,
    /// When the last of it was shown.
    pub at: Timestamp,
    /// The agency that they are on their way to.
    pub client: Option<ClientId>,
}

/// Begins a session after enough was shown, in place of the one that this browser had. A browser that is new to the
/// account is told to its citizen.
///
/// # Errors
/// [`Refusal::AccountClosed`], [`Refusal::AccountFrozen`]: told to whoever has just proved to be the citizen, and to nobody else.
pub(super) async fn begin(
    idp: &Idp,
    write: &mut Write,
    visitor: &Visitor,
    shown: Shown,
) -> Result<(Session, Opaque), Error> {
    let Shown {
        citizen,
        factors,
        at,
        client,
    } = shown;
    match store::citizens::hold(write, &citizen).await? {
        Standing::Open => {}
        Standing::Frozen => return Err(Refusal::AccountFrozen.into()),
        Standing::Closed => return Err(Refusal::AccountClosed.into()),
    }
    if let Some(old) = &visitor.session {
        end_within(idp, write, &old.citizen, &old.sid, "replaced").await?;
    }
    let session = Session {
        sid: Sid::new(idp.id()),
        citizen,
        assurance: attained(&factors).ok_or(Fault::plain("beginning a session without factors"))?,
        factors,
        auth_time: at,
        started_at: at,
        seen_at: at,
        device: visitor.device.clone(),
    };
    let cookie = idp.opaque();
    store::sessions::insert(write, &idp.seal, idp.chance.as_ref(), &session, &cookie.digest()).await?;
    let record = Record::new(Event::SessionStarted, Outcome::Done)
        .citizen(&session.citizen)
        .session(&session.sid)
        .with("acr", session.assurance.aal.acr())
        .with("amr", session.assurance.amr.join(" "));
    let record = match &client {
        Some(client) => record.client(client),
        None => record,
    };
    browsers::meet(idp, write, visitor, (&session, client.as_ref())).await?;
    store::audit::append(write, &visitor.place(record), at).await?;
    Ok((session, cookie))
}

/// Goes on with a session whose citizen proved presence again: new cookie, new `auth_time`, same `sid`. None when it
/// would be over at once: it began before what the level that it reaches now allows.
pub(super) async fn renew(
    idp: &Idp,
    write: &mut Write,
    (visitor, sid): (&Visitor, &Sid),
    (factor, at): (Factor, Timestamp),
) -> Result<Option<(Session, Opaque)>, Error> {
    let found = store::sessions::find_by_sid(write, &idp.seal, sid, at).await?;
    let mut session = found.ok_or(Refusal::InteractionLost)?;
    if !session.factors.contains(&factor) {
        session.factors.push(factor);
    }
    session.assurance =
        attained(&session.factors).ok_or(Fault::plain("renewing a session without factors"))?;
    (session.auth_time, session.seen_at) = (at, at);
    if !session.alive(at) {
        return Ok(None);
    }
    let cookie = idp.opaque();
    if !store::sessions::renew(write, &session, &cookie.digest()).await? {
        return Err(Refusal::InteractionLost.into());
    }
    let record = Record::new(Event::SessionRenewed, Outcome::Done)
        .citizen(&session.citizen)
        .session(sid)
        .with("amr", session.assurance.amr.join(" "))
        .with("factor", factor.name());
    store::audit::append(write, &visitor.place(record), at).await?;
    Ok(Some((session, cookie)))
}

/// At one sweep: nobody waits for the database meanwhile. What is left over is for the next.
const MOST_AGED: i64 = 500;
