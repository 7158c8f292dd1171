//! A citizen adds, renames and removes passkeys. Adding and removing ask for presence proven just now.

use webauthn_rs::prelude::{CreationChallengeResponse, Credential, RegisterPublicKeyCredential};
use webauthn_rs_proto::ResidentKeyRequirement;

use crate::{
    error::{Error, Fault},
    flow::{
        ceremony::{Ceremony, bound_to_session, bounded, json, keep, ours, take, user_handle},
        notify,
    },
    rules::{
        audit::{Event, Outcome, Record},
        ids::{AuthenticatorId, CitizenId},
        notice::Notice,
        passkey::{Listed, PasskeyName, top_level},
        person::Person,
        refusal::Refusal,
        session::{FRESH, Session},
        time::Seconds,
    },
    service::Idp,
    store::{
        self,
        passkeys::{StoredPasskey, of_citizen},
    },
};

/// What came of a registration.
#[derive(Debug)]
pub enum Registered {
    /// Added.
    Added,
    /// This authenticator's key is known.
    Exists,
    /// Not a passkey that we accept.
    Refused,
    /// The challenge expired or was answered before.
    Stale,
}

/// The passkeys of a citizen, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn all(idp: &Idp, citizen: &CitizenId) -> Result<Vec<Listed>, Fault> {
    let mut read = idp.store.read().await?;
    let stored = of_citizen(&mut read, &idp.seal, citizen).await?;
    Ok(stored.iter().map(StoredPasskey::listed).collect())
}

/// Options for a new passkey of the signed-in citizen: discoverable and with user verification, so that it logs in
/// without a name and counts as two factors.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now.
pub async fn registration(idp: &Idp, session: &Session, person: &Person) -> Result<String, Error> {
    fresh(idp, session)?;
    options(idp, &session.citizen, person, &bound_to_session(session)).await
}

/// Options for a new passkey of `citizen`, whose challenge is answered under `bound_to`.
pub(super) async fn options(
    idp: &Idp,
    citizen: &CitizenId,
    person: &Person,
    bound_to: &str,
) -> Result<String, Error> {
    let mut read = idp.store.read().await?;
    let known = of_citizen(&mut read, &idp.seal, citizen).await?;
    drop(read);
    let exclude = known
        .iter()
        .map(|stored| stored.passkey.cred_id().clone())
        .collect();
    let (mut options, state) = idp
        .people
        .webauthn
        .start_passkey_registration(
            user_handle(idp, citizen),
            &person.national_id.display(),
            &person.full_name(),
            Some(exclude),
        )
        .map_err(ours)?;
    discoverable(&mut options);
    keep(idp, bound_to, &Ceremony::Register(state), REGISTRATION).await?;
    json(&options).map_err(Error::Fault)
}

/// Adds a passkey.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; a fault of the database.
pub async fn register(
    idp: &Idp,
    session: &Session,
    name: PasskeyName,
    credential: &str,
) -> Result<Registered, Error> {
    fresh(idp, session)?;
    let answer = (name, credential);
    let stored = match answered(idp, &session.citizen, &bound_to_session(session), answer).await? {
        Ok(stored) => stored,
        Err(refused) => return Ok(refused),
    };
    let now = idp.now();
    let mut write = idp.store.write().await?;
    if !store::passkeys::insert(&mut write, (&idp.seal, idp.chance.as_ref()), &stored).await? {
        return Ok(Registered::Exists);
    }
    let record = changed(Event::AuthenticatorAdded, session, &stored.id);
    store::audit::append(&mut write, &record, now).await?;
    let name = stored.name.as_str().to_owned();
    let notice = Notice::AuthenticatorAdded { name };
    notify::tell(idp, &mut write, &session.citizen, notice).await?;
    write.commit().await?;
    Ok(Registered::Added)
}

/// The new passkey of `citizen` that this answer to the challenge under `bound_to` makes, not stored yet; or why it
/// makes none.
pub(super) async fn answered(
    idp: &Idp,
    citizen: &CitizenId,
    bound_to: &str,
    (name, credential): (PasskeyName, &str),
) -> Result<Result<StoredPasskey, Registered>, Error> {
    let Some(Ceremony::Register(state)) = take(idp, bound_to).await? else {
        return Ok(Err(Registered::Stale));
    };
    let Some(answer) = bounded::<RegisterPublicKeyCredential>(credential) else {
        return Ok(Err(Registered::Refused));
    };
    if !top_level(&answer.response.client_data_json) {
        return Ok(Err(Registered::Refused));
    }
    let passkey = match idp.people.webauthn.finish_passkey_registration(&answer, &state) {
        Ok(passkey) => passkey,
        Err(error) => {
            tracing::info!(%error, "a passkey was not accepted");
            return Ok(Err(Registered::Refused));
        }
    };
    Ok(Ok(StoredPasskey {
        id: AuthenticatorId::new(idp.id()),
        citizen: citizen.clone(),
        name,
        backup_eligible: Credential::from(passkey.clone()).backup_eligible,
        passkey,
        created_at: idp.now(),
        used_at: None,
    }))
}

/// Removes a passkey.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; [`Refusal::NotFound`] when it is not theirs.
pub async fn remove(idp: &Idp, session: &Session, id: &AuthenticatorId) -> Result<(), Error> {
    fresh(idp, session)?;
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let known = of_citizen(&mut write, &idp.seal, &session.citizen).await?;
    let named = known.iter().find(|stored| stored.id == *id);
    let name = named.map_or_else(String::new, |stored| stored.name.as_str().to_owned());
    if !store::passkeys::remove(&mut write, &session.citizen, id, now).await? {
        return Err(Refusal::NotFound.into());
    }
    store::audit::append(
        &mut write,
        &changed(Event::AuthenticatorRemoved, session, id),
        now,
    )
    .await?;
    let notice = Notice::AuthenticatorRemoved { name };
    notify::tell(idp, &mut write, &session.citizen, notice).await?;
    Ok(write.commit().await?)
}

/// Gives a passkey another name.
///
/// # Errors
/// [`Refusal::NotFound`] when it is not theirs.
pub async fn rename(
    idp: &Idp,
    session: &Session,
    id: &AuthenticatorId,
    name: PasskeyName,
) -> Result<(), Error> {
    let mut write = idp.store.write().await?;
    let known = of_citizen(&mut write, &idp.seal, &session.citizen).await?;
    let mut stored = known
        .into_iter()
        .find(|stored| stored.id == *id)
        .ok_or(Refusal::NotFound)?;
    stored.name = name;
    store::passkeys::rename(&mut write, (&idp.seal, idp.chance.as_ref()), &stored).await?;
    Ok(write.commit().await?)
}

/// WebAuthn §5.4.4: the library asks for "discouraged"; a key that stays only on the server cannot log in by itself.
fn discoverable(options: &mut CreationChallengeResponse) {
    if let Some(selection) = &mut options.public_key.authenticator_selection {
        selection.resident_key = Some(ResidentKeyRequirement::Required);
        selection.require_resident_key = true;
    }
}

fn fresh(idp: &Idp, session: &Session) -> Result<(), Refusal> {
    if session.fresh(idp.now(), FRESH) {
        Ok(())
    } else {
        Err(Refusal::NotAllowed)
    }
}

fn changed(event: Event, session: &Session, id: &AuthenticatorId) -> Record {
    Record::new(event, Outcome::Done)
        .citizen(&session.citizen)
        .session(&session.sid)
        .with("authenticator", id.as_str())
        .with("kind", "passkey")
}

/// Registration changes what opens the account: five minutes (identity requirements, row 66).
const REGISTRATION: Seconds = Seconds(300);
