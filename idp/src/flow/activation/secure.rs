//! The first authenticators of an account: a passkey with user verification, which is two factors by itself, or a
//! password beside a one-time code. Whoever set up either is logged in by it, in the same write that ends the
//! activation.

use crate::{
    error::{Error, Fault},
    flow::{
        interaction::Begun,
        methods, notify,
        passkeys::{self, Registered},
        recovery::complete::{NewFactors, complete_within},
        session,
    },
    keys::SALT,
    rules::{
        activation::{Kind, Opened},
        assurance::Factor,
        audit::{Event, Outcome, Record},
        ids::AuthenticatorId,
        notice::Notice,
        passkey::PasskeyName,
        password::{Acceptable, Beside, OwnData, Refusal as BadPassword, Typed},
        person::Person,
        refusal::Refusal,
        time::Seconds,
        totp::{Code, Seed},
        visitor::Visitor,
    },
    service::Idp,
    store::{self, Write},
    world::bytes,
};

use super::open::told;

/// What came of a passkey.
#[derive(Debug)]
pub enum ByPasskey {
    /// The account is open, its owner logged in.
    Done(Begun),
    /// Not this one.
    Not(Registered),
}

/// What came of a password and a code.
#[derive(Debug)]
pub enum ByPassword {
    /// The account is open, its owner logged in.
    Done(Begun),
    /// The password may not be used.
    Password(BadPassword),
    /// The code is not the app's.
    Code,
}

/// Options for the first passkey.
///
/// # Errors
/// A fault of the database or of the ceremony.
pub async fn passkey_options(idp: &Idp, opened: &Opened, person: &Person) -> Result<String, Error> {
    passkeys::options(idp, &opened.citizen, person, &bound_to(opened)).await
}

/// The answer to those options.
///
/// # Errors
/// [`Refusal::InteractionLost`] when the activation is over; a fault of the database.
pub async fn by_passkey(
    idp: &Idp,
    visitor: &Visitor,
    opened: &Opened,
    answer: (PasskeyName, &str),
) -> Result<ByPasskey, Error> {
    let stored = match passkeys::answered(idp, &opened.citizen, &bound_to(opened), answer).await? {
        Ok(stored) => stored,
        Err(refused) => return Ok(ByPasskey::Not(refused)),
    };
    let keys = (&idp.seal, idp.chance.as_ref());
    let mut write = idp.store.write().await?;
    if !store::passkeys::insert(&mut write, keys, &stored).await? {
        return Ok(ByPasskey::Not(Registered::Exists));
    }
    added(idp, &mut write, opened, (&stored.id, "passkey")).await?;
    // Registration asked for user verification and the library checked it.
    let factors = vec![methods::factor(idp, &stored, true)];
    Ok(ByPasskey::Done(
        finish(idp, write, visitor, (opened, &stored.id), factors).await?,
    ))
}

/// The seed that the page shows: the same one until the activation is over, so that an app that scanned it stays right.
///
/// # Errors
/// A fault of the database, or of the seal.
pub async fn seed(idp: &Idp, opened: &Opened) -> Result<Seed, Error> {
    let (bound_to, chance) = (format!("{} seed", bound_to(opened)), idp.chance.as_ref());
    let mut write = idp.store.write().await?;
    let kept = store::ceremonies::take(&mut write, &idp.seal, &bound_to, idp.now()).await?;
    let seed = match kept {
        Some(bytes) => {
            Seed::from_bytes(bytes).map_err(|_| Fault::plain("reading a seed of an impossible length"))?
        }
        None => Seed::from_random(bytes(chance)),
    };
    let keys = (&idp.seal, chance);
    store::ceremonies::put(&mut write, keys, &bound_to, seed.expose(), opened.held_until).await?;
    write.commit().await?;
    Ok(seed)
}

/// A password, and a code of the app that holds the seed.
///
/// # Errors
/// [`Refusal::InteractionLost`] when the activation is over; [`Refusal::Busy`]; a fault of the database.
pub async fn by_password(
    idp: &Idp,
    visitor: &Visitor,
    opened: &Opened,
    (person, typed, code): (&Person, Typed, &Code),
) -> Result<ByPassword, Error> {
    let common = idp.people.blocklist.lists(&typed)?;
    let acceptable = match typed.judge(&OwnData::of(person), Beside::SecondFactor, common) {
        Ok(acceptable) => acceptable,
        Err(why) => return Ok(ByPassword::Password(why)),
    };
    let (seed, now) = (seed(idp, opened).await?, idp.now());
    let Some(step) = seed.matching_step(code, now.0) else {
        return Ok(ByPassword::Code);
    };
    let hash = hash(idp, &acceptable).await?;
    let (id, keys) = (AuthenticatorId::new(idp.id()), (&idp.seal, idp.chance.as_ref()));
    let mut write = idp.store.write().await?;
    store::passwords::set(&mut write, &opened.citizen, &hash, now).await?;
    store::totp::insert(&mut write, keys, (&id, &opened.citizen), &seed, now).await?;
    // This very code does not log in a second time.
    store::totp::spend_step(&mut write, &id, step).await?;
    added(idp, &mut write, opened, (&id, "totp")).await?;
    let factors = vec![Factor::Password, Factor::Totp];
    Ok(ByPassword::Done(
        finish(idp, write, visitor, (opened, &id), factors).await?,
    ))
}

async fn hash(idp: &Idp, password: &Acceptable) -> Result<String, Error> {
    let salt = bytes::<SALT>(idp.chance.as_ref());
    let hash = idp.people.passwords.hash(password, salt).await?;
    Ok(hash.map_err(|_| Refusal::Busy { wait: Seconds(2) })?)
}

async fn added(
    idp: &Idp,
    write: &mut Write,
    opened: &Opened,
    (id, kind): (&AuthenticatorId, &'static str),
) -> Result<(), Fault> {
    let record = Record::new(Event::AuthenticatorAdded, Outcome::Done)
        .citizen(&opened.citizen)
        .with("authenticator", id.as_str())
        .with("kind", kind);
    store::audit::append(write, &record, idp.now()).await
}

/// Ends the activation and begins the session, with everything else in `write`. After a recovery, what was `added` is all
/// that opens the account.
async fn finish(
    idp: &Idp,
    mut write: Write,
    visitor: &Visitor,
    (opened, added): (&Opened, &AuthenticatorId),
    factors: Vec<Factor>,
) -> Result<Begun, Error> {
    let now = idp.now();
    if !store::activations::finish(&mut write, opened, now).await? {
        return Err(Refusal::InteractionLost.into());
    }
    match opened.kind {
        Kind::Enrol => {
            notify::tell(idp, &mut write, &opened.citizen, Notice::AccountActivated).await?;
        }
        Kind::Recover => {
            let new = NewFactors {
                id: added,
                password: factors.contains(&Factor::Password),
            };
            complete_within(idp, &mut write, opened, new).await?;
        }
    }
    let shown = session::Shown {
        citizen: opened.citizen.clone(),
        factors,
        at: now,
        client: None,
    };
    let (session, cookie) = session::begin(idp, &mut write, visitor, shown).await?;
    let record = told(Event::ActivationFinished, opened).session(&session.sid);
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await?;
    Ok(Begun {
        cookie,
        state: session::browser_state(idp, &session.sid),
    })
}

fn bound_to(opened: &Opened) -> String {
    format!("activation {}", opened.id)
}
