//! Somebody types a national id and a code. Unknown numbers, wrong codes and codes that are over look the same, cost
//! the same, and count the same.

use crate::{
    error::{Error, Fault},
    flow::{login::account, throttle},
    rules::{
        activation::{ActivationCode, HELD, Kind, MOST_WRONG, Opened, Proofing, SLOT},
        audit::{Event, Outcome, Record},
        ids::{ActivationId, CitizenId},
        national_id::NationalId,
        refusal::Refusal,
        secret::Opaque,
        throttle::Guessed,
        time::Timestamp,
        visitor::Visitor,
    },
    service::Idp,
    store::{
        self, Write,
        activations::{Holder, New},
    },
};

/// What came of a code.
#[derive(Debug)]
pub enum Tried {
    /// Right: this browser goes on under this ticket.
    Opened {
        /// For the addresses of the pages that follow.
        ticket: Opaque,
        /// The browser's cookie, to be set (again).
        browser: Opaque,
    },
    /// Wrong, and no word about what was.
    Wrong,
}

/// Tries a code.
///
/// # Errors
/// [`Refusal::Throttled`] after too many wrong ones for this number, or of everybody together.
pub async fn with_code(
    idp: &Idp,
    visitor: &Visitor,
    (national_id, code): (&NationalId, &ActivationCode),
) -> Result<Tried, Error> {
    let permit = throttle::admit(idp, Guessed::Activation, (&account(national_id), None), None).await?;
    let (now, ticket) = (idp.now(), idp.opaque());
    let browser = visitor.browser.clone().unwrap_or_else(|| idp.opaque());
    let holder = Holder {
        ticket: &ticket.digest(),
        browser: &browser.digest(),
        until: now.after(HELD),
    };
    let slot = super::slot(now);
    let mut write = idp.store.write().await?;
    if store::activations::count_try(&mut write, slot).await? > MOST_WRONG {
        // Not counted further, and not written down one by one: the first beyond the bound was.
        return Err(Refusal::Throttled { wait: rest(now) }.into());
    }
    let tag = super::tag(idp, national_id, code);
    let Some(opened) = store::activations::open(&mut write, &tag, &holder, now).await? else {
        let record = Record::new(Event::ActivationTried, Outcome::Refused("wrong"));
        store::audit::append(&mut write, &record, now).await?;
        write.commit().await?;
        return Ok(Tried::Wrong);
    };
    store::activations::forgive_try(&mut write, slot).await?;
    store::audit::append(&mut write, &told(Event::ActivationOpened, &opened), now).await?;
    write.commit().await?;
    throttle::passed(idp, permit).await?;
    Ok(Tried::Opened { ticket, browser })
}

/// The activation that goes on in this browser under `ticket`.
///
/// # Errors
/// [`Refusal::InteractionLost`] when there is none, or it is over.
pub async fn current(idp: &Idp, visitor: &Visitor, ticket: &str) -> Result<Opened, Error> {
    let ticket = Opaque::parse(ticket).ok_or(Refusal::InteractionLost)?;
    let browser = visitor.browser.as_ref().ok_or(Refusal::InteractionLost)?;
    let mut read = idp.store.read().await?;
    let held = store::activations::held(&mut read, &ticket.digest(), &browser.digest(), idp.now()).await?;
    Ok(held.ok_or(Refusal::InteractionLost)?)
}

/// An activation that is open in `browser` from its first moment, in place of every code that was given out; with its
/// ticket. It is of no code: nobody can type what stands in the place of one.
pub(in crate::flow) async fn without_code(
    idp: &Idp,
    write: &mut Write,
    (id, citizen): (&ActivationId, &CitizenId),
    (kind, proofing): (Kind, Proofing),
    browser: &Opaque,
) -> Result<(Opened, Opaque), Fault> {
    let (now, ticket) = (idp.now(), idp.opaque());
    let none = idp.opaque().digest().text();
    let new = New {
        id,
        citizen,
        kind,
        proofing,
        code_tag: &none,
        issued_by: None,
        issued_at: now,
        expires_at: now.after(HELD),
    };
    store::activations::replace(write, &new).await?;
    let holder = Holder {
        ticket: &ticket.digest(),
        browser: &browser.digest(),
        until: now.after(HELD),
    };
    let opened = store::activations::open(write, &none, &holder, now).await?;
    let opened = opened.ok_or(Fault::plain("opening an activation that was made just now"))?;
    Ok((opened, ticket))
}

/// A record about an activation.
pub(in crate::flow) fn told(event: Event, opened: &Opened) -> Record {
    Record::new(event, Outcome::Done)
        .citizen(&opened.citizen)
        .with("activation", opened.id.as_str())
        .with("kind", opened.kind.name())
        .with("proofing", opened.proofing.name())
        .with("ial", opened.proofing.ial().name())
}

/// What is left of the slot of time.
fn rest(now: Timestamp) -> crate::rules::time::Seconds {
    let next = Timestamp(super::slot(now).saturating_add(1).saturating_mul(SLOT.0));
    next.since(now)
}
