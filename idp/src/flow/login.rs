//! The first step: a national id and its password.

use crate::{
    error::{Error, Fault},
    flow::{
        interaction::{Moved, factor_verified_within},
        throttle,
    },
    keys::{Busy, Checked, Imported, SALT},
    rules::{
        assurance::{Factor, Verified},
        audit::{Event, Outcome, Record},
        ids::CitizenId,
        interaction::{Interaction, Stage},
        national_id::NationalId,
        password::Typed,
        refusal::Refusal,
        throttle::Guessed,
        time::Seconds,
        visitor::Visitor,
    },
    service::Idp,
    store,
    world::bytes,
};

/// What came of a guess.
#[derive(Debug)]
pub enum Tried {
    /// Right: the conversation moved.
    Right(Moved),
    /// Wrong, and no word about what was: a stranger must not learn who has an account.
    Wrong,
}

/// Tries a password. An unknown number costs the same hash, the same writes and the same time as a wrong password.
///
/// # Errors
/// [`Refusal::OutOfTurn`] at another stage; [`Refusal::Throttled`]; [`Refusal::Busy`].
pub async fn password(
    idp: &Idp,
    visitor: &Visitor,
    interaction: Interaction,
    (national_id, typed): (&NationalId, &Typed),
) -> Result<Tried, Error> {
    if interaction.stage != Stage::Identify {
        return Err(Refusal::OutOfTurn.into());
    }
    let Guess { citizen, right } = guess(idp, visitor, (national_id, typed)).await?;
    let (true, Some(citizen)) = (right, &citizen) else {
        let refused = Outcome::Refused("wrong");
        let wrong = told((visitor, citizen.as_ref()), &interaction, refused);
        super::audit::record(idp, &wrong).await?;
        return Ok(Tried::Wrong);
    };
    let known = told((visitor, Some(citizen)), &interaction, Outcome::Done);
    let verified = Verified::new(citizen.clone(), Factor::Password, idp.now());
    let mut write = idp.store.write().await?;
    store::audit::append(&mut write, &known, idp.now()).await?;
    match factor_verified_within(idp, &mut write, visitor, interaction, verified).await {
        Ok(moved) => {
            write.commit().await?;
            Ok(Tried::Right(moved))
        }
        // The password was right all the same, whatever the conversation made of it.
        Err(error) => {
            drop(write);
            super::audit::record(idp, &known).await?;
            Err(error)
        }
    }
}

/// A password that was tried.
#[derive(Debug)]
pub(super) struct Guess {
    /// Whose number it was; nobody's, perhaps.
    pub citizen: Option<CitizenId>,
    /// It is their password.
    pub right: bool,
}

/// Counts a guess at a password and looks at it, wherever it is asked for.
///
/// # Errors
/// [`Refusal::Throttled`]; [`Refusal::Busy`].
pub(super) async fn guess(
    idp: &Idp,
    visitor: &Visitor,
    (national_id, typed): (&NationalId, &Typed),
) -> Result<Guess, Error> {
    // Before the guess is counted: a citizen whom we have no time for has not guessed wrong.
    let turn = idp.people.passwords.turn().map_err(|Busy| busy())?;
    let mut read = idp.store.read().await?;
    let found = store::citizens::find(&mut read, &idp.derived.index, national_id).await?;
    drop(read);
    let (citizen, hash) = match found {
        Some((citizen, hash)) => (Some(citizen), hash),
        None => (None, None),
    };
    let permit = throttle::admit(
        idp,
        Guessed::Password,
        (&whose(national_id, citizen.as_ref()), citizen.as_ref()),
        visitor.browser.as_ref(),
    )
    .await?;
    let imported = match (&citizen, &hash) {
        (Some(citizen), Some(hash)) => Imported::open(&idp.seal, citizen, hash)?,
        (_, _) => None,
    };
    let passwords = &idp.people.passwords;
    let checked = match imported {
        Some(imported) => passwords.check_imported(turn, typed, imported).await?,
        None => passwords.check(turn, typed, hash.clone()).await?,
    };
    let (Checked::Right { rehash }, Some(known)) = (checked, &citizen) else {
        return Ok(Guess {
            citizen,
            right: false,
        });
    };
    throttle::passed(idp, permit).await?;
    if rehash && let Some(old) = hash {
        raise(idp, known, typed, &old).await?;
    }
    Ok(Guess { citizen, right: true })
}

/// What guesses at a password are counted under: the citizen, like their one-time codes; a number that is nobody's by
/// itself.
pub(super) fn whose(national_id: &NationalId, citizen: Option<&CitizenId>) -> String {
    citizen.map_or_else(|| account(national_id), |citizen| citizen.as_str().to_owned())
}

/// What guesses at codes that open or recover an account are counted under, whether or not somebody has the number.
pub(super) fn account(national_id: &NationalId) -> String {
    format!("{} {}", national_id.scheme(), national_id.as_str())
}

/// Hashes a password that is just known under the parameters of today. Too busy: at the next login, then.
async fn raise(idp: &Idp, citizen: &CitizenId, typed: &Typed, old: &str) -> Result<(), Fault> {
    let salt = bytes::<SALT>(idp.chance.as_ref());
    if let Ok(new) = idp.people.passwords.rehash(typed, salt).await? {
        let mut write = idp.store.write().await?;
        store::passwords::rehash(&mut write, citizen, (old, &new)).await?;
        write.commit().await?;
    }
    Ok(())
}

fn told(
    (visitor, citizen): (&Visitor, Option<&CitizenId>),
    interaction: &Interaction,
    outcome: Outcome,
) -> Record {
    let record = visitor.place(Record::new(Event::LoginPassword, outcome));
    about(record, citizen, interaction)
}

/// Completes a record with whose account and which client it was about.
pub(super) fn about(record: Record, citizen: Option<&CitizenId>, interaction: &Interaction) -> Record {
    let record = match citizen {
        Some(citizen) => record.citizen(citizen),
        None => record,
    };
    match interaction.purpose.client() {
        Some(client) => record.client(client),
        None => record,
    }
}

fn busy() -> Refusal {
    Refusal::Busy { wait: BUSY }
}

/// The queue holds eight hashes a core, a twentieth of a second each: it is empty after this.
const BUSY: Seconds = Seconds(2);
