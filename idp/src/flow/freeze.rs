//! "It wasn't me": an account is stopped at once, by its citizen or by somebody who may. Nobody logs in to it, with
//! whatever factors, until a recovery was completed or the citizen was seen.

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        ids::CitizenId,
        national_id::NationalId,
        refusal::Refusal,
        standing::By,
    },
    service::Idp,
    store::{self, Write},
};

use super::session;

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
    session::end_all_within(idp, write, citizen, "frozen").await?;
    store::grants::revoke_of_citizen(write, citizen, now).await?;
    if stopped {
        note(idp, write, Event::AccountFrozen, (citizen, by)).await?;
    }
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
