//! Showing what a recovery needs: a code first, then another code or a factor. Each guess is counted before it is looked
//! at, as at a login.

use std::{sync::Arc, time::Duration};

use crate::{
    error::{Error, Fault},
    flow::{login, notify, recovery_codes, second_factor, throttle},
    rules::{
        audit::{Event, Outcome},
        ids::CitizenId,
        notice::Notice,
        password,
        recovery::{Evidence, Recovery, Stage, Sufficiency, Typed, judge},
        refusal::Refusal,
        throttle::Guessed,
        totp,
        visitor::Visitor,
    },
    service::Idp,
    store::{self, Write},
};

use super::{about, letters};

/// What came of asking for a code by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// If the number is somebody's, a letter is on its way.
    OnItsWay,
    /// One was asked for just now.
    TooSoon,
}

/// What came of showing something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Right.
    Right(Sufficiency),
    /// Wrong, and no word about what was.
    Wrong,
}

/// Sends a code to the citizen's addresses. The letter is written after the answer, so that nobody's recovery takes as
/// long as a citizen's.
///
/// # Errors
/// [`Refusal::OutOfTurn`] when nothing more has to be shown.
pub async fn ask(idp: &Arc<Idp>, recovery: &Recovery) -> Result<Asked, Error> {
    collecting(recovery)?;
    let mut write = idp.store.write().await?;
    if !store::recoveries::ask(&mut write, &recovery.id, idp.now()).await? {
        return Ok(Asked::TooSoon);
    }
    write.commit().await?;
    let (idp, id, citizen) = (Arc::clone(idp), recovery.id.clone(), recovery.citizen.clone());
    tokio::spawn(async move {
        tokio::time::sleep(LATER).await;
        let Some(citizen) = citizen else { return };
        if let Err(fault) = letters::issue(&idp, &id, &citizen).await {
            tracing::error!(%fault, "a recovery code was not sent");
        }
    });
    Ok(Asked::OnItsWay)
}

/// Shows a code, from a letter or from paper.
///
/// # Errors
/// [`Refusal::Throttled`]; [`Refusal::OutOfTurn`] when nothing more has to be shown.
pub async fn code(idp: &Idp, recovery: &Recovery, typed: &Typed) -> Result<Shown, Error> {
    collecting(recovery)?;
    let account = login::account(&recovery.national_id);
    let whose = (account.as_str(), recovery.citizen.as_ref());
    // Wherever guesses come from: what a letter or a paper says is not known better in a browser that is known.
    let permit = throttle::admit(idp, Guessed::Recovery, whose, None).await?;
    let mut write = idp.store.write().await?;
    let right = spend(idp, &mut write, recovery, typed).await?;
    let shown = settle(idp, write, recovery, (typed.evidence(), right)).await?;
    if right {
        throttle::passed(idp, permit).await?;
    }
    Ok(shown)
}

/// Shows the password. Guesses count together with those at the login.
///
/// # Errors
/// [`Refusal::OutOfTurn`] before a code was shown, and where a factor counts for nothing; [`Refusal::Throttled`];
/// [`Refusal::Busy`].
pub async fn password(
    idp: &Idp,
    visitor: &Visitor,
    recovery: &Recovery,
    typed: &password::Typed,
) -> Result<Shown, Error> {
    factor_counts(idp, recovery).await?;
    let guess = login::guess(idp, visitor, (&recovery.national_id, typed)).await?;
    let write = idp.store.write().await?;
    settle(idp, write, recovery, (Evidence::Password, guess.right)).await
}

/// Shows a one-time code. Guesses count together with those at the login.
///
/// # Errors
/// As [`password()`].
pub async fn totp(
    idp: &Idp,
    visitor: &Visitor,
    recovery: &Recovery,
    code: &totp::Code,
) -> Result<Shown, Error> {
    let citizen = factor_counts(idp, recovery).await?;
    let whose = (citizen.as_str(), Some(&citizen));
    let permit = throttle::admit(idp, Guessed::Totp, whose, visitor.browser.as_ref()).await?;
    let mut write = idp.store.write().await?;
    let right = second_factor::spend(idp, &mut write, &citizen, code).await?;
    let shown = settle(idp, write, recovery, (Evidence::Totp, right)).await?;
    if right {
        throttle::passed(idp, permit).await?;
    }
    Ok(shown)
}

fn collecting(recovery: &Recovery) -> Result<(), Refusal> {
    match recovery.stage {
        Stage::Collecting => Ok(()),
        Stage::Waiting { .. } | Stage::Ready { .. } => Err(Refusal::OutOfTurn),
    }
}

/// A code was shown and the account is open: its factors may be tried. Whose they are.
async fn factor_counts(idp: &Idp, recovery: &Recovery) -> Result<CitizenId, Error> {
    collecting(recovery)?;
    let citizen = recovery.citizen.clone().ok_or(Refusal::OutOfTurn)?;
    let standing = super::standing(idp, recovery).await?;
    let mut with_factor = recovery.shown.clone();
    with_factor.insert(Evidence::Password);
    if judge(&with_factor, standing) == Sufficiency::Enough {
        Ok(citizen)
    } else {
        Err(Refusal::OutOfTurn.into())
    }
}

/// Spends a code, once. A recovery of nobody asks the same questions of the database.
async fn spend(idp: &Idp, write: &mut Write, recovery: &Recovery, typed: &Typed) -> Result<bool, Fault> {
    match typed {
        Typed::Issued(code) => {
            let tag = letters::tag(idp, &recovery.id, code);
            store::recoveries::spend_issued(write, &recovery.id, &tag, idp.now()).await
        }
        Typed::Saved(code) => {
            let nobody = CitizenId::known(recovery.id.as_str());
            let citizen = recovery.citizen.as_ref().unwrap_or(&nobody);
            // The one that takes its place is not told: the recovery ends with a whole new set.
            Ok(recovery_codes::spend(idp, write, citizen, code).await?.is_some())
        }
    }
}

/// Writes down what was tried, and begins the wait when it is enough now.
async fn settle(
    idp: &Idp,
    mut write: Write,
    recovery: &Recovery,
    (kind, right): (Evidence, bool),
) -> Result<Shown, Error> {
    let now = idp.now();
    let outcome = if right {
        Outcome::Done
    } else {
        Outcome::Refused("wrong")
    };
    let record = about(Event::RecoveryTried, outcome, &recovery.id).with("kind", kind.name());
    let record = match &recovery.citizen {
        Some(citizen) => record.citizen(citizen),
        None => record,
    };
    let (true, Some(citizen)) = (right, &recovery.citizen) else {
        store::audit::append(&mut write, &record, now).await?;
        write.commit().await?;
        return Ok(Shown::Wrong);
    };
    let shown = store::recoveries::show(&mut write, &recovery.id, kind, now).await?;
    let standing = store::citizens::standing(&mut write, citizen).await?;
    let sufficiency = judge(&shown, standing);
    let ready_at = now.after(idp.config.recovery.cooling_off());
    if sufficiency == Sufficiency::Enough
        && store::recoveries::wait(&mut write, &recovery.id, ready_at).await?
    {
        let hours = idp.config.recovery.cooling_off_hours.to_string();
        notify::tell(idp, &mut write, citizen, Notice::RecoveryWaiting { hours }).await?;
        store::audit::append(&mut write, &record, now).await?;
        let waits = about(Event::RecoveryWaiting, Outcome::Done, &recovery.id).citizen(citizen);
        store::audit::append(&mut write, &waits, now).await?;
    } else {
        store::audit::append(&mut write, &record, now).await?;
    }
    write.commit().await?;
    Ok(Shown::Right(sufficiency))
}

/// A letter is written when whoever asked for it is not being answered any more: its writes would make a citizen's next
/// page slower than a stranger's.
const LATER: Duration = Duration::from_millis(300);
