//! What a citizen sees of their own account.

use crate::{
    error::{Error, Fault},
    rules::{
        activity::{Look, READ, RELEASED},
        audit::{Event, Outcome, Record},
        ids::CitizenId,
        language::Language,
        passkey::Listed,
        person::Person,
        refusal::Refusal,
        session::Session,
        staff::Role,
        totp,
    },
    service::Idp,
    store,
};

/// A citizen's account as it stands.
#[derive(Debug)]
pub struct Account {
    /// Who they are.
    pub person: Person,
    /// Their passkeys, oldest first.
    pub passkeys: Vec<Listed>,
    /// Their apps for one-time codes, oldest first.
    pub apps: Vec<totp::Listed>,
    /// Their live sessions, the latest first.
    pub sessions: Vec<Session>,
    /// How many recovery codes are left.
    pub recovery_codes: i64,
    /// What they do for the programme; nothing, for nearly everybody.
    pub roles: Vec<Role>,
}

/// Reads it all.
///
/// # Errors
/// A fault of the database.
pub async fn overview(idp: &Idp, citizen: &CitizenId) -> Result<Account, Error> {
    let mut read = idp.store.read().await?;
    let stored = store::passkeys::of_citizen(&mut read, &idp.seal, citizen).await?;
    let (person, _) = store::citizens::person(&mut read, &idp.seal, citizen)
        .await?
        .ok_or(Refusal::NotFound)?;
    Ok(Account {
        person,
        passkeys: stored
            .iter()
            .map(|stored| super::methods::listed(idp, stored))
            .collect(),
        apps: store::totp::listed(&mut read, &idp.seal, citizen).await?,
        sessions: store::sessions::of_citizen(&mut read, &idp.seal, citizen, idp.now()).await?,
        recovery_codes: store::recovery_codes::left(&mut read, citizen).await?,
        roles: store::staff::roles(&mut read, citizen).await?,
    })
}

/// Who looked at a citizen's data, the latest first.
///
/// # Errors
/// A fault of the database.
pub async fn looks(idp: &Idp, citizen: &CitizenId) -> Result<Vec<Look>, Fault> {
    let mut read = idp.store.read().await?;
    let entries = store::audit::of_events(&mut read, citizen, [RELEASED, READ], LOOKS).await?;
    Ok(entries.iter().filter_map(Look::of).collect())
}

/// Keeps the language that a citizen chose: their letters are written in it.
///
/// # Errors
/// A fault of the database.
pub async fn choose_language(idp: &Idp, session: &Session, language: Language) -> Result<(), Fault> {
    let mut write = idp.store.write().await?;
    store::citizens::set_language(&mut write, &session.citizen, language).await?;
    let record = Record::new(Event::LanguageChosen, Outcome::Done)
        .citizen(&session.citizen)
        .session(&session.sid)
        .with("language", language.tag());
    store::audit::append(&mut write, &record, idp.now()).await?;
    write.commit().await
}

/// Who a citizen is.
///
/// # Errors
/// [`Refusal::NotFound`] when there is nobody; a fault of the database.
pub async fn person(idp: &Idp, citizen: &CitizenId) -> Result<Person, Error> {
    let mut read = idp.store.read().await?;
    let found = store::citizens::person(&mut read, &idp.seal, citizen).await?;
    Ok(found.ok_or(Refusal::NotFound)?.0)
}

/// What a person scrolls through; the whole history is in the file that they can download.
const LOOKS: i64 = 100;
