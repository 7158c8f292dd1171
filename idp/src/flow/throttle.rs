//! Guessing is counted before the guess is looked at, and forgiven after a right one.
//!
//! ```text
//! let permit = throttle::admit(idp, Guessed::Password, (&whose, citizen), visitor.browser.as_ref()).await?;
//! // … verify …; a wrong guess simply drops the permit and stays counted
//! throttle::passed(idp, permit).await?;
//! ```

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        ids::CitizenId,
        national_id::NationalId,
        refusal::Refusal,
        secret::Opaque,
        throttle::{Guessed, wait},
        time::Seconds,
        visitor::Visitor,
    },
    service::Idp,
    store::{self, Write},
};

/// The right to one guess. Dropped, the guess counts as wrong.
#[derive(Debug)]
#[must_use = "a right guess must be reported with `passed`, or it counts as wrong"]
pub struct Permit {
    counter: String,
    pair: Option<String>,
}

/// Counts one guess at `account` (any stable text; only its keyed tag is stored) and lets it happen, or not.
///
/// # Errors
/// [`Refusal::Throttled`] with the time to wait; such an attempt is not counted. The first one of each pause is written
/// down, for `citizen` where the account is somebody's; more would let a stranger fill the log.
pub async fn admit(
    idp: &Idp,
    guessed: Guessed,
    (account, citizen): (&str, Option<&CitizenId>),
    browser: Option<&Opaque>,
) -> Result<Permit, Error> {
    let now = idp.now();
    let pair = browser.map(|browser| counter(idp, guessed, account, browser.digest().bytes()));
    let mut write = idp.store.write().await?;
    let (mut own, mut together) = (None, 0_i64);
    // In one order, whichever of them is guessed at: two who wait for each other's counter would wait for ever.
    for kind in guessed.counted_together() {
        let counter = answering(idp, &mut write, (*kind, account), browser).await?;
        let failures = if *kind == guessed {
            let charged = store::throttles::charge(&mut write, &counter).await?;
            own = Some((counter, charged));
            charged.failures
        } else {
            store::throttles::hold(&mut write, &counter).await?
        };
        together = together.saturating_add(failures);
    }
    let (counter, charged) =
        own.ok_or_else(|| Fault::plain("counting a guess: its kind is not among those that count"))?;
    let left = charged.blocked_until.since(now);
    let closed = wait(together.saturating_sub(1)).is_none();
    if left > Seconds(0) || closed {
        drop(write);
        note(idp, guessed, &counter, citizen).await?;
        let wait = if left > Seconds(0) { left } else { CLOSED };
        return Err(Refusal::Throttled { wait }.into());
    }
    let pause = wait(charged.failures).unwrap_or(CLOSED);
    store::throttles::block(&mut write, &counter, now.after(pause)).await?;
    write.commit().await?;
    Ok(Permit { counter, pair })
}

/// The counter that guesses from this browser answer to: its own where the account has logged in from it before, the
/// account's otherwise. A browser that is not known has none: it would be a row for each cookie that somebody makes up.
async fn answering(
    idp: &Idp,
    write: &mut Write,
    (guessed, account): (Guessed, &str),
    browser: Option<&Opaque>,
) -> Result<String, Fault> {
    if let Some(browser) = browser {
        let pair = counter(idp, guessed, account, browser.digest().bytes());
        if store::throttles::is_trusted(write, &pair).await? {
            return Ok(pair);
        }
    }
    Ok(counter(idp, guessed, account, b""))
}

/// The citizen has logged in with this browser before: it answers to a counter of its own.
///
/// # Errors
/// A fault of the database.
pub(super) async fn knows(
    idp: &Idp,
    guessed: Guessed,
    account: &str,
    visitor: &Visitor,
) -> Result<bool, Fault> {
    let Some(browser) = &visitor.browser else {
        return Ok(false);
    };
    let pair = counter(idp, guessed, account, browser.digest().bytes());
    let mut read = idp.store.read().await?;
    store::throttles::is_trusted(&mut read, &pair).await
}

/// Writes down that a pause was run into, once.
async fn note(idp: &Idp, guessed: Guessed, counter: &str, citizen: Option<&CitizenId>) -> Result<(), Fault> {
    let mut write = idp.store.write().await?;
    if !store::throttles::note(&mut write, counter).await? {
        return Ok(());
    }
    let event = match guessed {
        Guessed::Password => Event::LoginPassword,
        Guessed::Totp => Event::LoginTotp,
        Guessed::UserCode => Event::DeviceCodeTried,
        Guessed::Activation => Event::ActivationTried,
        Guessed::Recovery => Event::RecoveryTried,
    };
    let record = Record::new(event, Outcome::Refused("throttled"));
    let record = match citizen {
        Some(citizen) => record.citizen(citizen),
        None => record,
    };
    store::audit::append(&mut write, &record, idp.now()).await?;
    write.commit().await
}

/// The guess was right: its counter begins anew, and this browser answers to its own counter from now on.
///
/// # Errors
/// A fault of the database.
pub async fn passed(idp: &Idp, permit: Permit) -> Result<(), Fault> {
    let now = idp.now();
    let mut write = idp.store.write().await?;
    store::throttles::forgive(&mut write, &permit.counter, None).await?;
    if let Some(pair) = &permit.pair {
        store::throttles::forgive(&mut write, pair, Some(now)).await?;
    }
    write.commit().await
}

/// An operator, who has made sure of the citizen by other means, opens what guessing has closed.
///
/// # Errors
/// [`Refusal::NotFound`] when nobody has this number.
pub async fn unlock(idp: &Idp, national_id: &NationalId) -> Result<(), Error> {
    let mut write = idp.store.write().await?;
    let found = store::citizens::find(&mut write, &idp.derived.index, national_id).await?;
    let (citizen, _) = found.ok_or(Refusal::NotFound)?;
    forgive_within(idp, &mut write, (national_id, &citizen)).await?;
    let record = Record::new(Event::AccountUnlocked, Outcome::Done).citizen(&citizen);
    store::audit::append(&mut write, &record, idp.now()).await?;
    Ok(write.commit().await?)
}

/// Opens what guessing has closed, inside the caller's transaction.
pub(super) async fn forgive_within(
    idp: &Idp,
    write: &mut Write,
    (national_id, citizen): (&NationalId, &CitizenId),
) -> Result<(), Fault> {
    let account = super::login::account(national_id);
    for counter in [
        counter(idp, Guessed::Password, citizen.as_str(), b""),
        counter(idp, Guessed::Totp, citizen.as_str(), b""),
        counter(idp, Guessed::UserCode, citizen.as_str(), b""),
        counter(idp, Guessed::Activation, &account, b""),
        counter(idp, Guessed::Recovery, &account, b""),
    ] {
        store::throttles::forgive(write, &counter, None).await?;
    }
    Ok(())
}

/// The name of a counter: a keyed tag, so that the table tells nobody's number.
fn counter(idp: &Idp, guessed: Guessed, account: &str, browser: &[u8]) -> String {
    let parts = [
        b"throttle".as_slice(),
        guessed.name().as_bytes(),
        account.as_bytes(),
        browser,
    ];
    idp.derived.index.tag_text(&parts)
}

/// What a closed account is told to wait: a day, after which it is told again; only recovery opens it.
const CLOSED: Seconds = Seconds(86_400);
