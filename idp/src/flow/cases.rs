//! An official opens a citizen's record: by the exact number, with a reason that the citizen reads. Everything done to
//! an account starts from an open record; each look at it is written down first.

use crate::{
    error::Error,
    rules::{
        activation::Proofing,
        audit::{Event, Outcome, Record},
        ids::CaseId,
        national_id::NationalId,
        person::Person,
        refusal::Refusal,
        staff::{Action, CASE, Official, Permit, Reason, Reference},
        standing,
    },
    service::Idp,
    store::{self, Write, staff::Case},
};

use super::{freeze, recovery, session, staff::done};

/// What an official sees. No password, no seed, no code, no session's address.
#[derive(Debug)]
pub struct Opened {
    /// Which.
    pub case: Case,
    /// Who it is about.
    pub person: Person,
    /// How they were proven.
    pub proofing: Option<Proofing>,
    /// They can log in with two factors.
    pub active: bool,
    /// In how many browsers they are logged in.
    pub sessions: usize,
}

/// Opens the record of whoever has this number.
///
/// # Errors
/// [`Refusal::NotFound`]: that is written down, too. [`Refusal::NotStaff`].
pub async fn open(
    idp: &Idp,
    official: &Official,
    national_id: &NationalId,
    (reason, reference): (Reason, Reference),
) -> Result<CaseId, Error> {
    let permit = official.permit(Action::OpenRecord)?;
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let found = store::citizens::find(&mut write, &idp.derived.index, national_id).await?;
    let Some((citizen, _)) = found else {
        let mut record = done(Event::RecordSearched, &permit).with("reason", reason.name());
        record.outcome = Outcome::Refused("nobody");
        store::audit::append(&mut write, &record, now).await?;
        write.commit().await?;
        return Err(Refusal::NotFound.into());
    };
    let case = Case {
        id: CaseId::new(idp.id()),
        citizen,
        reason,
        reference,
    };
    store::staff::open_case(&mut write, permit.official(), &case, (now, now.after(CASE))).await?;
    store::audit::append(&mut write, &about(Event::RecordSearched, &permit, &case), now).await?;
    write.commit().await?;
    Ok(case.id)
}

/// Shows an open record. The look is durable before anything of it is read.
///
/// # Errors
/// [`Refusal::NotFound`] when this official has no such record open; [`Refusal::NotStaff`].
pub async fn read(idp: &Idp, official: &Official, id: &CaseId) -> Result<Opened, Error> {
    let permit = official.permit(Action::OpenRecord)?;
    let mut write = idp.store.write().await?;
    let case = held(idp, &mut write, &permit, id).await?;
    store::audit::append(&mut write, &about(Event::RecordRead, &permit, &case), idp.now()).await?;
    write.commit().await?;
    let mut read = idp.store.read().await?;
    let person = store::citizens::person(&mut read, &idp.seal, &case.citizen).await?;
    let (person, _) = person.ok_or(Refusal::NotFound)?;
    let sessions = store::sessions::of_citizen(&mut read, &idp.seal, &case.citizen, idp.now()).await?;
    Ok(Opened {
        person,
        proofing: store::activations::proofing(&mut read, &case.citizen).await?,
        active: store::activations::is_active(&mut read, &case.citizen).await?,
        sessions: sessions.len(),
        case,
    })
}

/// Logs the citizen out everywhere.
///
/// # Errors
/// As [`read`].
pub async fn end_sessions(idp: &Idp, official: &Official, id: &CaseId) -> Result<(), Error> {
    let permit = official.permit(Action::EndSessions)?;
    let mut write = idp.store.write().await?;
    let case = held(idp, &mut write, &permit, id).await?;
    let record = about(Event::SessionsEnded, &permit, &case);
    store::audit::append(&mut write, &record, idp.now()).await?;
    write.commit().await?;
    session::end_all(idp, &case.citizen, "staff").await?;
    Ok(())
}

/// Keeps everybody out of the account until a recovery or a visit.
///
/// # Errors
/// As [`read`].
pub async fn stop(idp: &Idp, official: &Official, id: &CaseId) -> Result<(), Error> {
    let permit = official.permit(Action::Freeze)?;
    let mut write = idp.store.write().await?;
    let case = held(idp, &mut write, &permit, id).await?;
    let record = about(Event::RecordActed, &permit, &case).with("act", "freeze");
    store::audit::append(&mut write, &record, idp.now()).await?;
    freeze::freeze_within(idp, &mut write, &case.citizen, standing::By::Staff).await?;
    write.commit().await?;
    idp.outbox.notify_one();
    Ok(())
}

/// Sends the citizen the letter that a recovery begins with. They go on alone, with what everybody shows (ASVS 5.0
/// 6.4.6).
///
/// # Errors
/// As [`read`].
pub async fn start_recovery(idp: &Idp, official: &Official, id: &CaseId) -> Result<(), Error> {
    let permit = official.permit(Action::StartRecovery)?;
    let mut write = idp.store.write().await?;
    let case = held(idp, &mut write, &permit, id).await?;
    let record = about(Event::RecordActed, &permit, &case).with("act", "start-recovery");
    store::audit::append(&mut write, &record, idp.now()).await?;
    write.commit().await?;
    recovery::start_for(idp, &case.citizen, permit.official()).await
}

/// The record, if this very official has it open.
pub(super) async fn held(idp: &Idp, write: &mut Write, permit: &Permit, id: &CaseId) -> Result<Case, Error> {
    let case = store::staff::case(write, permit.official(), id, idp.now()).await?;
    Ok(case.ok_or(Refusal::NotFound)?)
}

/// A record of an act on a citizen's record, with the reason that the citizen reads.
pub(super) fn about(event: Event, permit: &Permit, case: &Case) -> Record {
    done(event, permit)
        .citizen(&case.citizen)
        .with("case", case.id.as_str())
        .with("reason", case.reason.name())
        .with("reference", case.reference.as_str())
}
