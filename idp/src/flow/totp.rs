//! A citizen adds and removes apps for one-time codes. A seed counts only after the app has shown a right code of it, and
//! is not shown again once it counts.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Fault},
    flow::{methods, notify},
    rules::{
        assurance::Aal,
        audit::{Event, Outcome, Record},
        ids::{AuthenticatorId, CitizenId},
        notice::Notice,
        passkey::PasskeyName,
        refusal::Refusal,
        session::Session,
        time::{Seconds, Timestamp},
        totp::{Code, Listed, MOST_APPS, Seed},
    },
    service::Idp,
    store::{self, Write},
    world::bytes,
};

/// What came of a first code.
#[derive(Debug)]
pub enum Confirmed {
    /// The app counts from now on.
    Added,
    /// Not a code of this seed: it is shown again.
    Wrong(Seed),
    /// The seed was shown too long ago, or guessed at too often.
    Stale,
    /// There are as many apps as there may be.
    Full,
}

/// What came of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is gone.
    Done,
    /// Nothing else would open the account with two factors.
    Last,
}

/// The apps of a citizen, oldest first.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn all(idp: &Idp, citizen: &CitizenId) -> Result<Vec<Listed>, Fault> {
    let mut read = idp.store.read().await?;
    store::totp::listed(&mut read, &idp.seal, citizen).await
}

/// There is no room for another app.
#[must_use]
pub fn full(apps: &[Listed]) -> bool {
    i64::try_from(apps.len()).unwrap_or(i64::MAX) >= MOST_APPS
}

/// A new seed to show, in place of one that was shown in this session and not confirmed.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; a fault of the database.
pub async fn offer(idp: &Idp, session: &Session) -> Result<Seed, Error> {
    fresh(idp, session).await?;
    let seed = Seed::from_random(bytes(idp.chance.as_ref()));
    let offered = Offered {
        seed: seed.to_base32().to_string(),
        tries: 0,
        until: idp.now().after(OFFERED).0,
    };
    let mut write = idp.store.write().await?;
    keep(idp, &mut write, session, &offered).await?;
    write.commit().await?;
    Ok(seed)
}

/// The first code of the app, under the name it shall have: with it, the seed counts and the code is spent. `None`, where
/// the form was filled in wrongly, is a wrong code.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; a fault of the database.
pub async fn confirm(
    idp: &Idp,
    session: &Session,
    filled: Option<(&PasskeyName, &Code)>,
) -> Result<Confirmed, Error> {
    fresh(idp, session).await?;
    let (now, citizen) = (idp.now(), &session.citizen);
    let mut write = idp.store.write().await?;
    let Some(mut offered) = take(idp, &mut write, session).await? else {
        return Ok(Confirmed::Stale);
    };
    let seed = Seed::from_base32(&offered.seed).map_err(|_| Fault::plain("reading an offered seed"))?;
    let right = filled.and_then(|(name, code)| Some((name, seed.matching_step(code, now.0)?)));
    let Some((name, step)) = right else {
        offered.tries = offered.tries.saturating_add(1);
        let spent = offered.tries >= MOST_TRIES;
        if !spent {
            keep(idp, &mut write, session, &offered).await?;
        }
        write.commit().await?;
        return Ok(if spent {
            Confirmed::Stale
        } else {
            Confirmed::Wrong(seed)
        });
    };
    let id = AuthenticatorId::new(idp.id());
    let keys = (&idp.seal, idp.chance.as_ref());
    if !store::totp::add(&mut write, keys, (&id, citizen), (&seed, step, name), now).await? {
        return Ok(Confirmed::Full);
    }
    let record = changed(Event::AuthenticatorAdded, session, &id);
    store::audit::append(&mut write, &record, now).await?;
    let name = name.as_str().to_owned();
    notify::tell(idp, &mut write, citizen, Notice::AuthenticatorAdded { name }).await?;
    write.commit().await?;
    Ok(Confirmed::Added)
}

/// Removes an app, unless the account could be opened with two factors by nothing else: then the citizen would be locked
/// out of their own page. `called` is its name in the citizen's language, for the notice.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; [`Refusal::NotFound`] when it is not theirs.
pub async fn remove(
    idp: &Idp,
    session: &Session,
    (id, called): (&AuthenticatorId, &str),
) -> Result<Removed, Error> {
    fresh(idp, session).await?;
    let (now, citizen) = (idp.now(), &session.citizen);
    let mut write = idp.store.write().await?;
    store::totp::hold(&mut write, citizen).await?;
    if !store::totp::remove(&mut write, citizen, id, now).await? {
        return Err(Refusal::NotFound.into());
    }
    if !two_factors_left(idp, &mut write, citizen).await? {
        return Ok(Removed::Last);
    }
    let record = changed(Event::AuthenticatorRemoved, session, id);
    store::audit::append(&mut write, &record, now).await?;
    let name = called.to_owned();
    notify::tell(idp, &mut write, citizen, Notice::AuthenticatorRemoved { name }).await?;
    write.commit().await?;
    Ok(Removed::Done)
}

async fn two_factors_left(idp: &Idp, write: &mut Write, citizen: &CitizenId) -> Result<bool, Fault> {
    let left = methods::means(idp, write, citizen, None).await?;
    Ok(left.reach() >= Some(Aal::Two))
}

/// A seed that was shown and not confirmed yet, sealed beside the ceremonies of passkeys.
#[derive(Serialize, Deserialize)]
struct Offered {
    seed: String,
    tries: u8,
    until: i64,
}

async fn keep(idp: &Idp, write: &mut Write, session: &Session, offered: &Offered) -> Result<(), Fault> {
    let state = serde_json::to_vec(offered).map_err(|source| Fault::of("keeping a seed", source))?;
    let keys = (&idp.seal, idp.chance.as_ref());
    let until = Timestamp(offered.until);
    store::ceremonies::put(write, keys, &bound(session), &state, until).await
}

async fn take(idp: &Idp, write: &mut Write, session: &Session) -> Result<Option<Offered>, Fault> {
    let state = store::ceremonies::take(write, &idp.seal, &bound(session), idp.now()).await?;
    state
        .map(|state| serde_json::from_slice(&state).map_err(|source| Fault::of("reading a seed", source)))
        .transpose()
}

fn bound(session: &Session) -> String {
    format!("session {} code app", session.sid)
}

async fn fresh(idp: &Idp, session: &Session) -> Result<(), Error> {
    if methods::proven(idp, session).await? {
        Ok(())
    } else {
        Err(Refusal::NotAllowed.into())
    }
}

fn changed(event: Event, session: &Session, id: &AuthenticatorId) -> Record {
    Record::new(event, Outcome::Done)
        .citizen(&session.citizen)
        .session(&session.sid)
        .with("authenticator", id.as_str())
        .with("kind", "totp")
}

/// Long enough to find and install an app on a slow phone.
const OFFERED: Seconds = Seconds(900);
/// Typing errors; whoever guesses gains only an app with a seed that they see anyway.
const MOST_TRIES: u8 = 10;
