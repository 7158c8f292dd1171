//! The citizen of the number that was proved, and an activation that this browser holds: the word is used up by it.

use super::{Came, NotOpened, told};
use crate::{
    error::{Error, Fault},
    fetch::Upstream,
    flow::activation::open,
    rules::{
        activation::Kind,
        audit::{Event, Outcome},
        ids::ActivationId,
        refusal::Refusal,
        secret::Opaque,
        standing::Standing,
        upstream::Vouched,
    },
    service::Idp,
    store::{self, Write},
};

/// What the register says of whoever was vouched for.
enum Found {
    Waiting(Opaque),
    Unregistered,
    Active,
    Closed,
    Frozen,
}

/// Opens an activation for the citizen who was vouched for.
pub(super) async fn admit(
    idp: &Idp,
    browser: &Opaque,
    upstream: &Upstream,
    vouched: Vouched,
) -> Result<Came, Error> {
    let mut write = idp.store.write().await?;
    let found = admit_within(idp, &mut write, browser, (upstream, &vouched)).await?;
    write.commit().await?;
    match found {
        Found::Waiting(ticket) => Ok(Came::Opened(ticket)),
        Found::Unregistered => Ok(Came::Not(NotOpened::Unregistered)),
        Found::Active => Ok(Came::Not(NotOpened::Active)),
        Found::Closed => Err(Refusal::AccountClosed.into()),
        Found::Frozen => Err(Refusal::AccountFrozen.into()),
    }
}

async fn admit_within(
    idp: &Idp,
    write: &mut Write,
    browser: &Opaque,
    (upstream, vouched): (&Upstream, &Vouched),
) -> Result<Found, Fault> {
    let now = idp.now();
    let known = store::citizens::find(write, &idp.derived.index, &vouched.national_id).await?;
    let Some((citizen, password)) = known else {
        let record = told(upstream, Outcome::Refused("unregistered"));
        store::audit::append(write, &record, now).await?;
        return Ok(Found::Unregistered);
    };
    // Held until the end: the account is not closed, and not opened by a code, meanwhile.
    let standing = store::citizens::hold(write, &citizen).await?;
    // A password alone is a way of logging in, too: whoever has one needs nobody's word.
    let active = password.is_some() || store::activations::is_active(write, &citizen).await?;
    let refused = match (standing, active) {
        (Standing::Closed, _) => Some((Found::Closed, "closed")),
        (Standing::Frozen, _) => Some((Found::Frozen, "frozen")),
        (Standing::Open, true) => Some((Found::Active, "active")),
        (Standing::Open, false) => None,
    };
    if let Some((found, why)) = refused {
        let record = told(upstream, Outcome::Refused(why)).citizen(&citizen);
        store::audit::append(write, &record, now).await?;
        return Ok(found);
    }
    let record = told(upstream, Outcome::Done)
        .citizen(&citizen)
        .with("ial", vouched.proofing.ial().name());
    store::audit::append(write, &record, now).await?;
    let id = ActivationId::new(idp.id());
    let made = (Kind::Enrol, vouched.proofing);
    let (opened, ticket) = open::without_code(idp, write, (&id, &citizen), made, browser).await?;
    let record = open::told(Event::ActivationOpened, &opened).with("upstream", upstream.name.as_str());
    store::audit::append(write, &record, now).await?;
    Ok(Found::Waiting(ticket))
}
