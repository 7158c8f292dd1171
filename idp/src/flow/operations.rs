//! What operators see and do from their pages: keys and clients. A key is changed, and a client that may ask for
//! sensitive data is allowed, when a second operator agrees; forbidding a client is done alone and at once.

use std::collections::BTreeMap;

use crate::{
    error::Error,
    rules::{
        approval::Proposal,
        ids::{ApprovalId, ClientId},
        keys::{KeyRecord, KeyUse, Stage},
        refusal::Refusal,
        scope::Scope,
        staff::{Action, Official, Permit},
        time::Timestamp,
    },
    service::Idp,
    store::clients::Listed,
};

use super::{approvals, client, keys, manage};

/// A key as operators see it.
#[derive(Debug)]
pub struct Key {
    /// What is known of it.
    pub record: KeyRecord,
    /// Where it is in its life.
    pub stage: Stage,
    /// When the schedule gives it a successor that signs, if it signs now and there is a schedule.
    pub until: Option<Timestamp>,
}

/// Every key that is not over, by use, the newest first; of those that are, the last one taken back.
///
/// # Errors
/// [`Refusal::NotStaff`].
pub fn keys_for(idp: &Idp, official: &Official) -> Result<Vec<Key>, Error> {
    official.permit(Action::SeeService)?;
    let (held, now) = (idp.signing.now(), idp.now());
    let all = held.records();
    let every = idp.config.keys.rotate_every();
    let mut shown: BTreeMap<(&str, i64), Key> = BTreeMap::new();
    for record in all {
        let stage = record.stage(all, now);
        if stage == Stage::Retired {
            continue;
        }
        let successor = record.superseded_at(all);
        let scheduled = every.map(|every| record.active_from.after(every));
        let key = Key {
            until: successor.or(scheduled).filter(|_| stage == Stage::Active),
            record: record.clone(),
            stage,
        };
        let newest_first = record.generation.saturating_neg();
        shown.insert((record.key_use.name(), newest_first), key);
    }
    Ok(shown.into_values().collect())
}

/// What an operator wants of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A successor for the key of this use, now.
    Rotate(KeyUse),
    /// This key taken back.
    Revoke(String),
}

/// Proposes a change of keys.
///
/// # Errors
/// [`Refusal::NotFound`] when there is no such key, or it is over; [`Refusal::NotStaff`].
pub async fn propose_keys(idp: &Idp, official: &Official, wanted: Wanted) -> Result<ApprovalId, Error> {
    let permit = official.permit(Action::ProposeKeys)?;
    let proposal = match wanted {
        Wanted::Rotate(key_use) => Proposal::RotateKey(key_use),
        Wanted::Revoke(kid) => {
            let there = |key: &Key| key.record.kid == kid && key.stage.is_in_use();
            if !keys_for(idp, official)?.iter().any(there) {
                return Err(Refusal::NotFound.into());
            }
            Proposal::RevokeKey(kid)
        }
    };
    proposed(idp, &permit, proposal).await
}

/// Every client, for operators.
///
/// # Errors
/// [`Refusal::NotStaff`]; a fault of the database.
pub async fn clients_for(idp: &Idp, official: &Official) -> Result<Vec<Listed>, Error> {
    official.permit(Action::SeeService)?;
    Ok(client::all(idp).await?)
}

/// One client, for operators.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::NotStaff`]; a fault of the database.
pub async fn client_for(idp: &Idp, official: &Official, id: &ClientId) -> Result<Listed, Error> {
    official.permit(Action::SeeService)?;
    manage::show(idp, id).await.map_err(unchanged)
}

/// Forbids a client everything from this moment on: whoever sees misuse does not look for a colleague first.
///
/// # Errors
/// [`Refusal::NotFound`], also when it is so already; [`Refusal::NotStaff`].
pub async fn disable(idp: &Idp, official: &Official, id: &ClientId) -> Result<(), Error> {
    let permit = official.permit(Action::DisableClient)?;
    let done = manage::disable_by(idp, id, permit.official().as_str()).await;
    done.map_err(unchanged)
}

/// What came of allowing a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// It may act.
    Now,
    /// It may ask for sensitive data: a second operator decides.
    Proposed,
}

/// Allows a client again, or proposes it.
///
/// # Errors
/// [`Refusal::NotFound`], also when it may act already; [`Refusal::NotStaff`].
pub async fn enable(idp: &Idp, official: &Official, id: &ClientId) -> Result<Allowed, Error> {
    let permit = official.permit(Action::EnableClient)?;
    let listed = manage::show(idp, id).await.map_err(unchanged)?;
    if listed.disabled_at.is_none() {
        return Err(Refusal::NotFound.into());
    }
    if is_sensitive(&listed) {
        proposed(idp, &permit, Proposal::EnableClient(id.clone())).await?;
        return Ok(Allowed::Proposed);
    }
    let done = manage::enable_by(idp, id, permit.official().as_str()).await;
    done.map_err(unchanged)?;
    Ok(Allowed::Now)
}

/// It may ask for what finds a person elsewhere.
#[must_use]
pub fn is_sensitive(listed: &Listed) -> bool {
    let asks = |scope: &Scope| listed.client.scopes.contains(*scope) && scope.is_sensitive();
    Scope::ALL.iter().any(asks)
}

/// Does what two operators agreed on. What happened meanwhile by itself is not an error: a key that is gone is gone.
pub(super) async fn carry_out(idp: &Idp, permit: &Permit, proposal: &Proposal) -> Result<(), Error> {
    match proposal {
        Proposal::GiveRole { .. } | Proposal::Recovery { .. } => Ok(()),
        Proposal::RotateKey(key_use) => {
            keys::rotate(idp, *key_use).await?;
            Ok(())
        }
        Proposal::RevokeKey(kid) => match keys::revoke(idp, kid).await {
            Ok(_) | Err(Error::Refused(_)) => Ok(()),
            Err(Error::Fault(fault)) => Err(fault.into()),
        },
        Proposal::EnableClient(id) => match manage::enable_by(idp, id, permit.official().as_str()).await {
            Ok(()) | Err(Error::Refused(_)) => Ok(()),
            Err(Error::Fault(fault)) => Err(fault.into()),
        },
    }
}

async fn proposed(idp: &Idp, permit: &Permit, proposal: Proposal) -> Result<ApprovalId, Error> {
    let mut write = idp.store.write().await?;
    let id = approvals::propose(idp, &mut write, permit, proposal).await?;
    write.commit().await?;
    Ok(id)
}

fn unchanged(error: Error<manage::Unchanged>) -> Error {
    match error {
        Error::Refused(_) => Refusal::NotFound.into(),
        Error::Fault(fault) => Error::from(fault),
    }
}
