//! An operator closes an account, opens it again, or ends every session of it: somebody died, was impersonated, or lost
//! their phone.

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        ids::CitizenId,
        national_id::NationalId,
        refusal::Refusal,
    },
    service::Idp,
    store::{self, Write},
};

use super::session;

/// Closes the account: nobody logs in to it, and everything that was given in its name is dead when this returns.
///
/// In this order nothing slips through: once it is closed no session begins, without a session no code is issued or
/// redeemed, and then every family is revoked. Interrupted, it is run again.
///
/// # Errors
/// [`Refusal::NotFound`] when nobody has this number.
pub async fn close(idp: &Idp, national_id: &NationalId) -> Result<(), Error> {
    let citizen = find(idp, national_id).await?;
    let now = idp.now();
    let mut write = idp.store.write().await?;
    if store::citizens::close(&mut write, &citizen, now).await? {
        note(idp, &mut write, Event::AccountClosed, &citizen).await?;
    }
    write.commit().await?;
    session::end_all(idp, &citizen, "closed").await?;
    let mut write = idp.store.write().await?;
    store::grants::revoke_of_citizen(&mut write, &citizen, now).await?;
    Ok(write.commit().await?)
}

/// Opens a closed account: its authenticators are as they were, its agencies ask for tokens anew.
///
/// # Errors
/// [`Refusal::NotFound`] when nobody has this number.
pub async fn reopen(idp: &Idp, national_id: &NationalId) -> Result<(), Error> {
    let citizen = find(idp, national_id).await?;
    let mut write = idp.store.write().await?;
    if store::citizens::reopen(&mut write, &citizen).await? {
        note(idp, &mut write, Event::AccountReopened, &citizen).await?;
    }
    Ok(write.commit().await?)
}

/// Ends every session of the account.
///
/// # Errors
/// [`Refusal::NotFound`] when nobody has this number.
pub async fn end_sessions(idp: &Idp, national_id: &NationalId) -> Result<(), Error> {
    let citizen = find(idp, national_id).await?;
    session::end_all(idp, &citizen, "operator").await?;
    let mut write = idp.store.write().await?;
    note(idp, &mut write, Event::SessionsEnded, &citizen).await?;
    Ok(write.commit().await?)
}

async fn find(idp: &Idp, national_id: &NationalId) -> Result<CitizenId, Error> {
    let mut read = idp.store.read().await?;
    let found = store::citizens::find(&mut read, &idp.derived.index, national_id).await?;
    Ok(found.ok_or(Refusal::NotFound)?.0)
}

async fn note(idp: &Idp, write: &mut Write, event: Event, citizen: &CitizenId) -> Result<(), Fault> {
    let record = Record::new(event, Outcome::Done)
        .citizen(citizen)
        .with("by", "operator");
    store::audit::append(write, &record, idp.now()).await
}
