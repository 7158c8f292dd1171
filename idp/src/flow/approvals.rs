//! Four eyes: what one official proposes, another approves. Neither alone gives a role or opens somebody's account.

use crate::{
    error::{Error, Fault},
    rules::{
        activation::{Handed, Kind, Proofing},
        approval::{Approval, Proposal, Stage, WAITS},
        audit::{Event, Outcome, Record},
        ids::{ApprovalId, CaseId, CitizenId},
        national_id::NationalId,
        refusal::Refusal,
        staff::{Action, Official, Permit, Role},
    },
    service::Idp,
    store::{self, Read, Write},
};

use super::{
    activation::issue::{By, Printed, Terms, give},
    cases, operations,
    staff::{done, give_within},
};

/// Proposes that the citizen of an open record, who came in person, may set up new authenticators.
///
/// # Errors
/// [`Refusal::NotFound`] when this official has no such record open; [`Refusal::NotStaff`].
pub async fn propose_recovery(idp: &Idp, official: &Official, case: &CaseId) -> Result<ApprovalId, Error> {
    let permit = official.permit(Action::ProposeRecovery)?;
    let mut write = idp.store.write().await?;
    let case = cases::held(idp, &mut write, &permit, case).await?;
    let recovery = Proposal::Recovery {
        of: case.citizen.clone(),
    };
    let id = propose(idp, &mut write, &permit, recovery).await?;
    write.commit().await?;
    Ok(id)
}

/// Proposes that whoever has this number become an official.
///
/// # Errors
/// [`Refusal::NotFound`] when nobody has it; [`Refusal::NotStaff`].
pub async fn propose_role(
    idp: &Idp,
    official: &Official,
    (national_id, role): (&NationalId, Role),
) -> Result<ApprovalId, Error> {
    let permit = official.permit(Action::ProposeRole)?;
    let mut write = idp.store.write().await?;
    let found = store::citizens::find(&mut write, &idp.derived.index, national_id).await?;
    let (to, _) = found.ok_or(Refusal::NotFound)?;
    let id = propose(idp, &mut write, &permit, Proposal::GiveRole { to, role }).await?;
    write.commit().await?;
    Ok(id)
}

pub(super) async fn propose(
    idp: &Idp,
    write: &mut Write,
    permit: &Permit,
    proposal: Proposal,
) -> Result<ApprovalId, Error> {
    let now = idp.now();
    let approval = Approval {
        id: ApprovalId::new(idp.id()),
        proposal,
        proposed_by: permit.official().clone(),
        proposed_at: now,
        stage: Stage::Proposed,
    };
    store::approvals::propose(write, &approval, now.after(WAITS)).await?;
    store::audit::append(write, &told(Event::ApprovalProposed, permit, &approval), now).await?;
    Ok(approval.id)
}

/// Agrees. A recovery waits to be printed; everything else happens now. What is done to keys and clients takes its own
/// transactions, so the agreement is durable before it: should it fail, the log says what was agreed and not done.
///
/// # Errors
/// [`Refusal::NotStaff`], also for the proposer and for the citizen whom it is about; [`Refusal::NotFound`] when it
/// does not wait.
pub async fn approve(idp: &Idp, official: &Official, id: &ApprovalId) -> Result<(), Error> {
    if !official.may(Action::ApproveRole) {
        official.permit(Action::ApproveRecovery)?;
    }
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let waiting = store::approvals::waiting(&mut write, now).await?;
    let asked = waiting.into_iter().find(|waiting| waiting.id == *id);
    let permit = official.permit(approving(&asked.ok_or(Refusal::NotFound)?.proposal))?;
    let Some(approval) = store::approvals::approve(&mut write, id, permit.official(), now).await? else {
        let mut record = done(Event::ApprovalDecided, &permit).with("approval", id.as_str());
        record.outcome = Outcome::Refused("same-eyes");
        store::audit::append(&mut write, &record, now).await?;
        write.commit().await?;
        return Err(Refusal::NotStaff.into());
    };
    store::audit::append(&mut write, &told(Event::ApprovalDecided, &permit, &approval), now).await?;
    if let Proposal::GiveRole { to, role } = &approval.proposal {
        give_within(idp, &mut write, (to, *role), Some(permit.official())).await?;
    }
    if !matches!(approval.proposal, Proposal::Recovery { .. }) {
        store::approvals::end(&mut write, id, now).await?;
    }
    write.commit().await?;
    operations::carry_out(idp, &permit, &approval.proposal).await
}

/// Takes a proposal away: whoever may approve it, and whoever proposed it.
///
/// # Errors
/// [`Refusal::NotStaff`]; [`Refusal::NotFound`] when it does not wait.
pub async fn refuse(idp: &Idp, official: &Official, id: &ApprovalId) -> Result<(), Error> {
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let waiting = store::approvals::waiting(&mut write, now).await?;
    let asked = waiting.into_iter().find(|waiting| waiting.id == *id);
    let asked = asked.ok_or(Refusal::NotFound)?;
    let permit = official.permit(approving(&asked.proposal)).or_else(|refusal| {
        match asked.proposed_by == *official.citizen() {
            true => official.permit(proposing(&asked.proposal)),
            false => Err(refusal),
        }
    })?;
    let ended = store::approvals::end(&mut write, id, now).await?;
    let mut record = told(Event::ApprovalDecided, &permit, &ended.ok_or(Refusal::NotFound)?);
    record.outcome = Outcome::Refused("official");
    store::audit::append(&mut write, &record, now).await?;
    Ok(write.commit().await?)
}

/// Prints the code of an approved recovery, for the citizen who stands here. Whoever approved it does not see it.
///
/// # Errors
/// [`Refusal::NotStaff`]; [`Refusal::NotFound`] when it does not wait for this, or for this official.
pub async fn print(idp: &Idp, official: &Official, id: &ApprovalId) -> Result<Printed, Error> {
    let permit = official.permit(Action::PrintRecovery)?;
    let mut write = idp.store.write().await?;
    let printed = carry_out(idp, &mut write, &permit, id).await?;
    write.commit().await?;
    Ok(printed)
}

async fn carry_out(idp: &Idp, write: &mut Write, permit: &Permit, id: &ApprovalId) -> Result<Printed, Error> {
    let now = idp.now();
    let done = store::approvals::carry_out(write, id, permit.official(), now).await?;
    let approval = done.ok_or(Refusal::NotFound)?;
    let Proposal::Recovery { of: citizen } = &approval.proposal else {
        return Err(Refusal::NotFound.into());
    };
    let person = store::citizens::person(write, &idp.seal, citizen).await?;
    let (person, _) = person.ok_or(Refusal::NotFound)?;
    let terms = Terms {
        proofing: Proofing::InPerson,
        handed: Handed::OnPaper,
    };
    let record = told(Event::ApprovalCarriedOut, permit, &approval);
    store::audit::append(write, &record, now).await?;
    let by = By::Staff(permit.official());
    let given = give(idp, write, (citizen, person), (Kind::Recover, terms), by);
    Ok(given.await?)
}

/// A proposal as a colleague sees it.
#[derive(Debug)]
pub struct Waiting {
    /// The proposal.
    pub approval: Approval,
    /// About whom, by name; empty when about nobody.
    pub citizen: String,
    /// Proposed by whom, by name.
    pub proposer: String,
    /// This official may agree.
    pub approvable: bool,
    /// This official may print it.
    pub printable: bool,
}

/// What waits and concerns this official.
///
/// # Errors
/// A fault of the database.
pub async fn waiting(idp: &Idp, official: &Official) -> Result<Vec<Waiting>, Error> {
    let mut read = idp.store.read().await?;
    let mut concerning = Vec::new();
    for approval in store::approvals::waiting(&mut read, idp.now()).await? {
        let (me, mine) = (official.citizen(), approval.proposed_by == *official.citizen());
        if !(official.may(approving(&approval.proposal)) || mine) {
            continue;
        }
        let about = approval.proposal.citizen();
        let other = about != Some(me);
        concerning.push(Waiting {
            citizen: match about {
                Some(citizen) => name(idp, &mut read, citizen).await?,
                None => String::new(),
            },
            proposer: name(idp, &mut read, &approval.proposed_by).await?,
            approvable: approval.stage == Stage::Proposed
                && other
                && !mine
                && official.may(approving(&approval.proposal)),
            printable: matches!(&approval.stage, Stage::Approved { by } if by != me)
                && other
                && official.may(Action::PrintRecovery),
            approval,
        });
    }
    Ok(concerning)
}

async fn name(idp: &Idp, read: &mut Read, who: &CitizenId) -> Result<String, Fault> {
    let person = store::citizens::person(read, &idp.seal, who).await?;
    Ok(person.map_or_else(String::new, |(person, _)| person.full_name()))
}

fn approving(proposal: &Proposal) -> Action {
    match proposal {
        Proposal::GiveRole { .. } => Action::ApproveRole,
        Proposal::Recovery { .. } => Action::ApproveRecovery,
        Proposal::RotateKey(_) | Proposal::RevokeKey(_) => Action::ApproveKeys,
        Proposal::EnableClient(_) => Action::ApproveClient,
    }
}

fn proposing(proposal: &Proposal) -> Action {
    match proposal {
        Proposal::GiveRole { .. } => Action::ProposeRole,
        Proposal::Recovery { .. } => Action::ProposeRecovery,
        Proposal::RotateKey(_) | Proposal::RevokeKey(_) => Action::ProposeKeys,
        Proposal::EnableClient(_) => Action::EnableClient,
    }
}

fn told(event: Event, permit: &Permit, approval: &Approval) -> Record {
    let record = done(event, permit)
        .with("approval", approval.id.as_str())
        .with("kind", approval.proposal.name())
        .with("given", approval.proposal.subject());
    match approval.proposal.citizen() {
        Some(citizen) => record.citizen(citizen),
        None => record,
    }
}
