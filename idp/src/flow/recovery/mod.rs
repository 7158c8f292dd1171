//! An account whose factors were lost comes back: what is needed is in [`crate::rules::recovery`].
//!
//! ```text
//! begin ─▶ proof::ask, proof::code ─▶ proof::code, proof::password, proof::totp ─▶ (a day) ─▶ new factors
//!                     └───────────────────── resume, in another browser ──────────────────────┘
//! ```
//!
//! A number that is nobody's gets a recovery like any other: the same pages, the same writes, no letters and no end.

pub mod complete;
pub mod letters;
pub mod proof;

use crate::{
    error::{Error, Fault},
    flow::notify,
    rules::{
        audit::{Event, Outcome, Record},
        ids::{CitizenId, RecoveryId},
        national_id::NationalId,
        notice::{Notice, Told},
        recovery::{Recovery, ResumeCode},
        refusal::Refusal,
        secret::{Digest, Opaque},
        standing::{By, Standing},
        time::Timestamp,
    },
    service::Idp,
    store::{self, Write, recoveries::Names},
};

/// Begins a recovery for a number, whoever has it or nobody; what its cookie holds.
///
/// # Errors
/// A fault of the database.
pub async fn begin(idp: &Idp, national_id: &NationalId) -> Result<Opaque, Fault> {
    let mut read = idp.store.read().await?;
    let found = store::citizens::find(&mut read, &idp.derived.index, national_id).await?;
    drop(read);
    let citizen = found.map(|(citizen, _)| citizen);
    let (id, secret) = (RecoveryId::new(idp.id()), idp.opaque());
    let mut write = idp.store.write().await?;
    insert(idp, &mut write, (&id, &secret), (citizen.as_ref(), national_id)).await?;
    write.commit().await?;
    Ok(secret)
}

/// Help-desk staff begin a recovery for a citizen, and that is all that they can do: the letter with the code goes to
/// the citizen, who shows what everybody shows (ASVS 6.4.6). The code is void when the citizen goes on with it.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such citizen.
pub async fn start_for(idp: &Idp, citizen: &CitizenId, staff: &CitizenId) -> Result<(), Error> {
    let mut write = idp.store.write().await?;
    let (person, _) = store::citizens::person(&mut write, &idp.seal, citizen)
        .await?
        .ok_or(Refusal::NotFound)?;
    // Nobody has this cookie.
    let (id, secret) = (RecoveryId::new(idp.id()), idp.opaque());
    insert(
        idp,
        &mut write,
        (&id, &secret),
        (Some(citizen), &person.national_id),
    )
    .await?;
    let code = Told::new(&code_of(idp, &id, 0).text());
    notify::tell(idp, &mut write, citizen, Notice::RecoveryOffered { code }).await?;
    let record = about(Event::RecoveryOffered, Outcome::Done, &id)
        .citizen(citizen)
        .with("staff", staff.as_str());
    store::audit::append(&mut write, &record, idp.now()).await?;
    Ok(write.commit().await?)
}

/// The recovery that this cookie names, while it goes on.
///
/// # Errors
/// A fault of the database.
pub async fn current(idp: &Idp, secret: &Opaque) -> Result<Option<Recovery>, Fault> {
    let mut read = idp.store.read().await?;
    store::recoveries::find(&mut read, &idp.seal, &secret.digest(), idp.now()).await
}

/// How the account stands that is recovered. One that is nobody's is open: there is nothing to tell.
///
/// # Errors
/// A fault of the database.
pub async fn standing(idp: &Idp, recovery: &Recovery) -> Result<Standing, Fault> {
    let Some(citizen) = &recovery.citizen else {
        return Ok(Standing::Open);
    };
    let mut read = idp.store.read().await?;
    store::citizens::standing(&mut read, citizen).await
}

/// The code that goes on with this recovery in another browser, for whoever holds its cookie.
#[must_use]
pub fn resume_code(idp: &Idp, recovery: &Recovery) -> ResumeCode {
    code_of(idp, &recovery.id, recovery.resumed)
}

/// Goes on with the recovery of this code: the new cookie. The code and the cookie from before are void.
///
/// # Errors
/// A fault of the database.
pub async fn resume(idp: &Idp, code: &ResumeCode) -> Result<Option<Opaque>, Fault> {
    let digest = Digest::of(code.expose());
    let mut write = idp.store.write().await?;
    let found = store::recoveries::find_by_code(&mut write, &idp.seal, &digest, idp.now()).await?;
    let Some(recovery) = found else {
        return Ok(None);
    };
    let secret = idp.opaque();
    let next = code_of(idp, &recovery.id, recovery.resumed.saturating_add(1));
    let names = Names {
        secret: secret.digest(),
        resume: Digest::of(next.expose()),
    };
    if !store::recoveries::resume(&mut write, (&recovery.id, &digest), names).await? {
        return Ok(None);
    }
    write.commit().await?;
    Ok(Some(secret))
}

/// Whoever holds the recovery gives it up.
///
/// # Errors
/// A fault of the database.
pub async fn give_up(idp: &Idp, recovery: &Recovery) -> Result<(), Fault> {
    let mut write = idp.store.write().await?;
    if store::recoveries::cancel(&mut write, &recovery.id, idp.now()).await?
        && let Some(citizen) = &recovery.citizen
    {
        note_cancelled(idp, &mut write, (citizen, &recovery.id), By::Recovery).await?;
    }
    write.commit().await
}

/// The citizen says that it is not they who recover the account: every recovery of it is over.
///
/// # Errors
/// A fault of the database.
pub async fn cancel(idp: &Idp, citizen: &CitizenId, by: By) -> Result<(), Fault> {
    let mut write = idp.store.write().await?;
    cancel_within(idp, &mut write, citizen, by).await?;
    write.commit().await
}

/// When the recovery that waits for this citizen is ready (it may be), for the pages of whoever is signed in.
///
/// # Errors
/// A fault of the database.
pub async fn waiting(idp: &Idp, citizen: &CitizenId) -> Result<Option<Timestamp>, Fault> {
    let mut read = idp.store.read().await?;
    store::recoveries::waiting(&mut read, citizen, idp.now()).await
}

/// Ends every recovery of a citizen inside the caller's transaction.
pub(super) async fn cancel_within(
    idp: &Idp,
    write: &mut Write,
    citizen: &CitizenId,
    by: By,
) -> Result<(), Fault> {
    for id in store::recoveries::cancel_of(write, citizen, idp.now()).await? {
        note_cancelled(idp, write, (citizen, &id), by).await?;
    }
    Ok(())
}

async fn insert(
    idp: &Idp,
    write: &mut Write,
    (id, secret): (&RecoveryId, &Opaque),
    whose: (Option<&CitizenId>, &NationalId),
) -> Result<(), Fault> {
    let names = Names {
        secret: secret.digest(),
        resume: Digest::of(code_of(idp, id, 0).expose()),
    };
    let keys = (&idp.seal, idp.chance.as_ref());
    store::recoveries::insert(write, keys, (id, names), whose, idp.now()).await
}

async fn note_cancelled(
    idp: &Idp,
    write: &mut Write,
    (citizen, id): (&CitizenId, &RecoveryId),
    by: By,
) -> Result<(), Fault> {
    let record = about(Event::RecoveryCancelled, Outcome::Done, id)
        .citizen(citizen)
        .with("by", by.name());
    store::audit::append(write, &record, idp.now()).await
}

fn about(event: Event, outcome: Outcome, id: &RecoveryId) -> Record {
    Record::new(event, outcome).with("recovery", id.as_str())
}

/// Derived, so that the page can show it again and no table holds it.
fn code_of(idp: &Idp, id: &RecoveryId, resumed: i64) -> ResumeCode {
    let parts = [
        b"resume recovery".as_slice(),
        id.as_str().as_bytes(),
        &resumed.to_be_bytes(),
    ];
    ResumeCode::of_tag(&idp.derived.index.tag(&parts))
}
