//! A citizen sets a password, the first one or another. What proves that it is they is a login of the last five minutes
//! at two factors, not the old password: whoever has forgotten it has a passkey, and whoever was robbed of it must not
//! be asked for what the thief has, too.

use crate::{
    error::{Error, Fault},
    flow::{methods, notify, session::end_within},
    keys::SALT,
    rules::{
        audit::{Event, Outcome, Record},
        ids::CitizenId,
        notice::Notice,
        password::{self, Beside, LEAST_ALONE, LEAST_WITH_SECOND_FACTOR, OwnData, Typed},
        refusal::Refusal,
        session::Session,
        time::Seconds,
    },
    service::Idp,
    store::{self, Connection, Write},
    world::bytes,
};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It counts from now on.
    Set,
    /// It may not be used, and why.
    Refused(password::Refusal),
}

/// What becomes of the sessions that the citizen has elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They end.
    End,
    /// They go on.
    Keep,
}

/// How many characters a new password of this citizen takes.
///
/// # Errors
/// A fault of the database.
pub async fn least(idp: &Idp, citizen: &CitizenId) -> Result<usize, Fault> {
    let mut read = idp.store.read().await?;
    Ok(match beside(idp, &mut read, citizen).await? {
        Beside::Nothing => LEAST_ALONE,
        Beside::SecondFactor => LEAST_WITH_SECOND_FACTOR,
    })
}

/// Sets the password of the signed-in citizen.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; [`Refusal::Busy`]; a fault of the database or of a list.
pub async fn set(idp: &Idp, session: &Session, typed: Typed, others: Others) -> Result<Changed, Error> {
    let (now, citizen) = (idp.now(), &session.citizen);
    if !methods::proven(idp, session).await? {
        return Err(Refusal::NotAllowed.into());
    }
    let person = super::account::person(idp, citizen).await?;
    let mut read = idp.store.read().await?;
    let beside = beside(idp, &mut read, citizen).await?;
    drop(read);
    let common = idp.people.blocklist.lists(&typed)?;
    let acceptable = match typed.judge(&OwnData::of(&person), beside, common) {
        Ok(acceptable) => acceptable,
        Err(why) => return Ok(Changed::Refused(why)),
    };
    let salt = bytes::<SALT>(idp.chance.as_ref());
    let hash = idp.people.passwords.hash(&acceptable, salt).await?;
    let hash = hash.map_err(|_| Refusal::Busy { wait: BUSY })?;

    let mut write = idp.store.write().await?;
    store::passwords::set(&mut write, citizen, &hash, now).await?;
    if others == Others::End {
        end_others(idp, &mut write, session).await?;
    }
    let record = Record::new(Event::PasswordChanged, Outcome::Done)
        .citizen(citizen)
        .session(&session.sid);
    store::audit::append(&mut write, &record, now).await?;
    notify::tell(idp, &mut write, citizen, Notice::PasswordChanged).await?;
    write.commit().await?;
    idp.outbox.notify_one();
    Ok(Changed::Set)
}

async fn end_others(idp: &Idp, write: &mut Write, this: &Session) -> Result<(), Fault> {
    let all = store::sessions::of_citizen(write, &idp.seal, &this.citizen, idp.now()).await?;
    for other in all.iter().filter(|other| other.sid != this.sid) {
        end_within(idp, write, &this.citizen, &other.sid, "password-changed").await?;
    }
    Ok(())
}

/// A one-time code or a passkey stands beside the password.
async fn beside(idp: &Idp, connection: &mut Connection, citizen: &CitizenId) -> Result<Beside, Fault> {
    let apps = store::totp::listed(connection, &idp.seal, citizen).await?;
    let keys = store::passkeys::of_citizen(connection, &idp.seal, citizen).await?;
    Ok(if apps.is_empty() && keys.is_empty() {
        Beside::Nothing
    } else {
        Beside::SecondFactor
    })
}

/// The queue is empty after this.
const BUSY: Seconds = Seconds(2);
