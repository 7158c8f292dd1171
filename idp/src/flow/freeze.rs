//! "It wasn't me": an account is stopped at once, by its citizen or by somebody who may. Nobody logs in to it, with
//! whatever factors, until a recovery was completed or the citizen was seen.

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        ids::CitizenId,
        national_id::NationalId,
        notice::{About, Notice},
        password::Typed,
        recovery_code::RecoveryCode,
        refusal::Refusal,
        secret::Opaque,
        standing::By,
        throttle::Guessed,
        visitor::Visitor,
    },
    service::Idp,
    store::{self, Write},
};

use super::{login, notify, recovery, recovery_codes, session, throttle};

/// Stops the account: its sessions end, agencies are told, every token given in its name is dead when this returns.
/// False when it was stopped before; then its sessions end all the same.
///
/// # Errors
/// A fault of the database: then nothing happened.
pub async fn freeze(idp: &Idp, citizen: &CitizenId, by: By) -> Result<bool, Fault> {
    let mut write = idp.store.write().await?;
    let stopped = freeze_within(idp, &mut write, citizen, by).await?;
    write.commit().await?;
    idp.outbox.notify_one();
    Ok(stopped)
}

/// The account of this number is stopped by somebody else than its citizen.
///
/// # Errors
/// [`Refusal::NotFound`] when nobody has this number.
pub async fn freeze_number(idp: &Idp, national_id: &NationalId, by: By) -> Result<(), Error> {
    let citizen = find(idp, national_id).await?;
    freeze(idp, &citizen, by).await?;
    Ok(())
}

/// The account of this number is opened again by somebody who has made sure of the citizen by other means. Its factors
/// are as they were.
///
/// # Errors
/// [`Refusal::NotFound`] when nobody has this number.
pub async fn unfreeze_number(idp: &Idp, national_id: &NationalId, by: By) -> Result<(), Error> {
    let citizen = find(idp, national_id).await?;
    let mut write = idp.store.write().await?;
    unfreeze_within(idp, &mut write, &citizen, by).await?;
    Ok(write.commit().await?)
}

/// Whoever was robbed stops their account with what they still know: the password, even alone. Guesses count together
/// with those at the login, and take the same time for a number that is nobody's. False when the password is wrong.
///
/// # Errors
/// [`Refusal::Throttled`]; [`Refusal::Busy`].
pub async fn by_password(
    idp: &Idp,
    visitor: &Visitor,
    (national_id, typed): (&NationalId, &Typed),
) -> Result<bool, Error> {
    let guess = login::guess(idp, visitor, (national_id, typed)).await?;
    let outcome = if guess.right {
        Outcome::Intent
    } else {
        Outcome::Refused("wrong")
    };
    let tried = Record::new(Event::AccountFrozen, outcome).with("by", By::Emergency.name());
    let tried = match &guess.citizen {
        Some(citizen) => tried.citizen(citizen),
        None => tried,
    };
    super::audit::record(idp, &tried).await?;
    match guess.citizen {
        Some(citizen) if guess.right => {
            freeze(idp, &citizen, By::Emergency).await?;
            Ok(true)
        }
        Some(_) | None => Ok(false),
    }
}

/// The same with one of the codes that they saved, which is spent by it.
///
/// # Errors
/// [`Refusal::Throttled`].
pub async fn by_saved_code(idp: &Idp, national_id: &NationalId, code: &RecoveryCode) -> Result<bool, Error> {
    let mut read = idp.store.read().await?;
    let found = store::citizens::find(&mut read, &idp.derived.index, national_id).await?;
    drop(read);
    let citizen = found.map(|(citizen, _)| citizen);
    let whose = (&*login::account(national_id), citizen.as_ref());
    let permit = throttle::admit(idp, Guessed::Recovery, whose, None).await?;
    // Nobody's number asks the same question of the database.
    let asked = citizen.unwrap_or_else(|| CitizenId::new(idp.id()));
    let mut write = idp.store.write().await?;
    if recovery_codes::spend(idp, &mut write, &asked, code)
        .await?
        .is_none()
    {
        let tried =
            Record::new(Event::AccountFrozen, Outcome::Refused("wrong")).with("by", By::Emergency.name());
        store::audit::append(&mut write, &tried, idp.now()).await?;
        write.commit().await?;
        return Ok(false);
    }
    freeze_within(idp, &mut write, &asked, By::Emergency).await?;
    write.commit().await?;
    idp.outbox.notify_one();
    throttle::passed(idp, permit).await?;
    Ok(true)
}

/// What a notice's link "it wasn't me" is about, while it is good. Looking takes nothing: mail servers open links.
///
/// # Errors
/// A fault of the database.
pub async fn objection(idp: &Idp, link: &Opaque) -> Result<Option<About>, Fault> {
    let mut read = idp.store.read().await?;
    let found = store::notices::find_not_me(&mut read, &link.digest(), idp.now()).await?;
    Ok(found.map(|(_, kind)| About::of_kind(&kind)))
}

/// What somebody who follows a notice wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The recovery stopped, and nothing else.
    Stop,
    /// The account stopped.
    Freeze,
}

/// Whoever followed the link of a notice objects, once. False when the link is good no more.
///
/// # Errors
/// A fault of the database.
pub async fn object(idp: &Idp, link: &Opaque, wanted: Wanted) -> Result<bool, Fault> {
    let mut write = idp.store.write().await?;
    let taken = store::notices::take_not_me(&mut write, &link.digest(), idp.now()).await?;
    let Some((citizen, kind)) = taken else {
        return Ok(false);
    };
    match (wanted, About::of_kind(&kind)) {
        (Wanted::Stop, About::Recovery) => {
            recovery::cancel_within(idp, &mut write, &citizen, By::Notice).await?;
        }
        (Wanted::Stop, About::Account | About::Frozen) | (Wanted::Freeze, _) => {
            freeze_within(idp, &mut write, &citizen, By::Notice).await?;
        }
    }
    write.commit().await?;
    idp.outbox.notify_one();
    Ok(true)
}

/// Stops the account inside the caller's transaction. In this order nothing slips through: once it is stopped no session
/// begins, without a session no code is issued or redeemed, and then every family is revoked.
pub(super) async fn freeze_within(
    idp: &Idp,
    write: &mut Write,
    citizen: &CitizenId,
    by: By,
) -> Result<bool, Fault> {
    let now = idp.now();
    let stopped = store::citizens::freeze(write, citizen, now).await?;
    let ended = session::end_all_within(idp, write, citizen).await?;
    store::grants::revoke_of_citizen(write, citizen, now).await?;
    // Whoever is stopped here may have begun one.
    recovery::cancel_within(idp, write, citizen, by).await?;
    if stopped {
        notify::tell(idp, write, citizen, Notice::AccountFrozen).await?;
        note(idp, write, Event::AccountFrozen, (citizen, by)).await?;
    }
    session::note_ended(idp, write, (citizen, &ended), "frozen").await?;
    Ok(stopped)
}

/// Opens the account inside the caller's transaction, if it was stopped.
pub(super) async fn unfreeze_within(
    idp: &Idp,
    write: &mut Write,
    citizen: &CitizenId,
    by: By,
) -> Result<(), Fault> {
    if store::citizens::unfreeze(write, citizen).await? {
        note(idp, write, Event::AccountUnfrozen, (citizen, by)).await?;
    }
    Ok(())
}

async fn find(idp: &Idp, national_id: &NationalId) -> Result<CitizenId, Error> {
    let mut read = idp.store.read().await?;
    let found = store::citizens::find(&mut read, &idp.derived.index, national_id).await?;
    Ok(found.ok_or(Refusal::NotFound)?.0)
}

async fn note(
    idp: &Idp,
    write: &mut Write,
    event: Event,
    (citizen, by): (&CitizenId, By),
) -> Result<(), Fault> {
    let record = Record::new(event, Outcome::Done)
        .citizen(citizen)
        .with("by", by.name());
    store::audit::append(write, &record, idp.now()).await
}
