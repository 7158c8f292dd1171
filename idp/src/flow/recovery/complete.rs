//! The end of a recovery: it becomes an activation in the browser that shows it, and when new factors stand there,
//! everything that opened the account before is gone. A visit ends the same way: its code is an activation from the
//! beginning.

use crate::{
    error::{Error, Fault},
    flow::{activation::open, notify, session, throttle},
    rules::{
        activation::{Kind, Opened, Proofing},
        audit::{Event, Outcome, Record},
        ids::{ActivationId, AuthenticatorId, CitizenId, RecoverySetId},
        notice::Notice,
        recovery::{Recovery, Stage},
        refusal::Refusal,
        secret::Opaque,
        standing::By,
        visitor::Visitor,
    },
    service::Idp,
    store::{self, Write, recoveries::Completed},
};

use super::about;

/// An activation that a recovery became.
#[derive(Debug)]
pub struct HandedOver {
    /// For the addresses of the pages that follow.
    pub ticket: Opaque,
    /// The browser's cookie, to be set (again).
    pub browser: Opaque,
}

/// What opens the account from now on.
#[derive(Debug, Clone, Copy)]
pub struct NewFactors<'a> {
    /// The authenticator that was just added.
    pub id: &'a AuthenticatorId,
    /// A password was set beside it.
    pub password: bool,
}

/// The wait is over: whoever holds the recovery makes new factors, in this browser, within half an hour. They may come
/// back and begin this step again.
///
/// # Errors
/// [`Refusal::OutOfTurn`] before the wait is over, and when it was stopped.
pub async fn hand_over(idp: &Idp, visitor: &Visitor, recovery: &Recovery) -> Result<HandedOver, Error> {
    let (Stage::Ready { .. }, Some(citizen)) = (recovery.stage, &recovery.citizen) else {
        return Err(Refusal::OutOfTurn.into());
    };
    let mut write = idp.store.write().await?;
    let handed = hand_over_within(idp, &mut write, visitor, (recovery, citizen)).await?;
    write.commit().await?;
    Ok(handed)
}

async fn hand_over_within(
    idp: &Idp,
    write: &mut Write,
    visitor: &Visitor,
    (recovery, citizen): (&Recovery, &CitizenId),
) -> Result<HandedOver, Error> {
    let (now, id) = (idp.now(), ActivationId::new(idp.id()));
    let browser = visitor.browser.clone().unwrap_or_else(|| idp.opaque());
    if !store::recoveries::open(write, (&recovery.id, &id), now).await? {
        return Err(Refusal::OutOfTurn.into());
    }
    let proofing = store::activations::proofing(write, citizen).await?;
    // Nobody was seen: what is known of the person stays what it was.
    let made = (Kind::Recover, proofing.unwrap_or(Proofing::Imported));
    let (_, ticket) = open::without_code(idp, write, (&id, citizen), made, &browser).await?;
    let record = about(Event::RecoveryOpened, Outcome::Done, &recovery.id).citizen(citizen);
    store::audit::append(write, &record, now).await?;
    Ok(HandedOver { ticket, browser })
}

/// New factors stand in this transaction: the others go, with every session and token, and the account is open again.
///
/// # Errors
/// [`Refusal::InteractionLost`] when the recovery was stopped meanwhile, or somebody else completed it.
pub(in crate::flow) async fn complete_within(
    idp: &Idp,
    write: &mut Write,
    opened: &Opened,
    new: NewFactors<'_>,
) -> Result<(), Error> {
    let (now, citizen) = (idp.now(), &opened.citizen);
    let by = match store::recoveries::complete(write, &opened.id, now).await? {
        Completed::Now => By::Recovery,
        Completed::Another => By::Staff,
        Completed::Over => return Err(Refusal::InteractionLost.into()),
    };
    // All rows first, the log after: see `session::end_all_within`.
    let removed = remove_others(write, citizen, new, idp).await?;
    let ended = session::end_all_within(idp, write, citizen).await?;
    store::grants::revoke_of_citizen(write, citizen, now).await?;
    // Whoever was in the account is as new to it as anybody.
    store::browsers::forget(write, citizen).await?;
    let thawed = store::citizens::unfreeze(write, citizen).await?;
    let (person, _) = store::citizens::person(write, &idp.seal, citizen)
        .await?
        .ok_or(Fault::plain("recovering the account of nobody"))?;
    throttle::forgive_within(idp, write, (&person.national_id, citizen)).await?;
    notify::tell(idp, write, citizen, Notice::AccountRecovered).await?;
    super::cancel_within(idp, write, citizen, by).await?;
    for (id, kind) in &removed {
        let record = Record::new(Event::AuthenticatorRemoved, Outcome::Done)
            .citizen(citizen)
            .with("authenticator", id)
            .with("kind", *kind);
        store::audit::append(write, &record, now).await?;
    }
    session::note_ended(idp, write, (citizen, &ended), "recovered").await?;
    if thawed {
        let record = Record::new(Event::AccountUnfrozen, Outcome::Done)
            .citizen(citizen)
            .with("by", by.name());
        store::audit::append(write, &record, now).await?;
    }
    let record = Record::new(Event::RecoveryCompleted, Outcome::Done)
        .citizen(citizen)
        .with("by", by.name())
        .with("activation", opened.id.as_str());
    store::audit::append(write, &record, now).await?;
    Ok(())
}

/// Takes everything away that opened the account before: authenticators and saved codes. What was taken.
async fn remove_others(
    write: &mut Write,
    citizen: &CitizenId,
    new: NewFactors<'_>,
    idp: &Idp,
) -> Result<Vec<(String, &'static str)>, Fault> {
    let now = idp.now();
    let mut removed = Vec::new();
    for id in store::passkeys::remove_others(write, citizen, new.id, now).await? {
        removed.push((id.as_str().to_owned(), "passkey"));
    }
    for id in store::totp::remove_others(write, citizen, new.id, now).await? {
        removed.push((id.as_str().to_owned(), "totp"));
    }
    if !new.password && store::passwords::remove(write, citizen).await? {
        removed.push((String::new(), "password"));
    }
    if let Some(saved) = store::recovery_codes::saved(write, citizen).await? {
        let none = RecoverySetId::new(idp.id());
        let index = &idp.derived.index;
        let old = (citizen, Some(&saved.set));
        store::recovery_codes::replace(write, index, old, (&none, &[]), now).await?;
    }
    Ok(removed)
}
