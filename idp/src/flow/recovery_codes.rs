//! Saved recovery codes: a citizen makes a set, a recovery spends one of it.

use crate::{
    error::{Error, Fault},
    flow::{methods, notify},
    rules::{
        audit::{Event, Outcome, Record},
        ids::{CitizenId, RecoverySetId},
        notice::Notice,
        recovery_code::{IN_A_SET, RecoveryCode, Saved},
        refusal::Refusal,
        session::Session,
    },
    service::Idp,
    store::{self, Write},
    world::bytes,
};

/// What came of asking for a new set.
#[derive(Debug)]
pub enum Renewed {
    /// The codes, told this once.
    Codes(Vec<RecoveryCode>),
    /// The set that the page knew is not the one that stands: it was sent twice, and the codes were told once.
    Already,
}

/// The citizen's set, if there is one.
///
/// # Errors
/// A fault of the database.
pub async fn saved(idp: &Idp, citizen: &CitizenId) -> Result<Option<Saved>, Fault> {
    let mut read = idp.store.read().await?;
    store::recovery_codes::saved(&mut read, citizen).await
}

/// Makes a new set in place of the one that the page `knew`; every code before it is void.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; a fault of the database.
pub async fn renew(idp: &Idp, session: &Session, knew: Option<&RecoverySetId>) -> Result<Renewed, Error> {
    let now = idp.now();
    if !methods::proven(idp, session).await? {
        return Err(Refusal::NotAllowed.into());
    }
    let codes: Vec<RecoveryCode> = (0..IN_A_SET).map(|_| code(idp)).collect();
    let set = RecoverySetId::new(idp.id());
    let mut write = idp.store.write().await?;
    let new = (&set, codes.as_slice());
    let old = (&session.citizen, knew);
    if !store::recovery_codes::replace(&mut write, &idp.derived.index, old, new, now).await? {
        return Ok(Renewed::Already);
    }
    let record = Record::new(Event::RecoveryCodesRenewed, Outcome::Done)
        .citizen(&session.citizen)
        .session(&session.sid);
    store::audit::append(&mut write, &record, now).await?;
    notify::tell(idp, &mut write, &session.citizen, Notice::RecoveryCodesRenewed).await?;
    write.commit().await?;
    Ok(Renewed::Codes(codes))
}

/// Spends a code in a recovery's transaction. The code that takes its place (SP 800-63B-4 §4.2.1.1) is told to whoever
/// recovers, when the recovery is done; `None` when this one is none of the citizen's, or was spent.
///
/// # Errors
/// A fault of the database.
pub async fn spend(
    idp: &Idp,
    write: &mut Write,
    citizen: &CitizenId,
    typed: &RecoveryCode,
) -> Result<Option<RecoveryCode>, Fault> {
    let (now, index) = (idp.now(), &idp.derived.index);
    if !store::recovery_codes::spend(write, index, (citizen, typed), now).await? {
        return Ok(None);
    }
    let Some(saved) = store::recovery_codes::saved(write, citizen).await? else {
        return Err(Fault::plain("a recovery code of no set was spent"));
    };
    let next = code(idp);
    let set = (&saved.set, saved.made_at);
    store::recovery_codes::add(write, index, (citizen, &next), set, now).await?;
    let record = Record::new(Event::RecoveryCodeSpent, Outcome::Done).citizen(citizen);
    store::audit::append(write, &record, now).await?;
    Ok(Some(next))
}

fn code(idp: &Idp) -> RecoveryCode {
    RecoveryCode::new(bytes(idp.chance.as_ref()))
}
