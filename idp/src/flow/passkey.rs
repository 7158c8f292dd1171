//! Passkeys: challenges, assertions, registration. The state of a ceremony is taken away before its answer is looked
//! at, so no answer is looked at twice.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use webauthn_rs::prelude::{
    CreationChallengeResponse, Credential, DiscoverableAuthentication, DiscoverableKey, Passkey,
    PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Uuid,
    WebauthnError,
};
use webauthn_rs_proto::ResidentKeyRequirement;

use crate::{
    error::{Error, Fault},
    flow::{
        interaction::{Moved, factor_verified},
        login::about,
    },
    rules::{
        assurance::Verified,
        audit::{Event, Outcome, Record},
        ids::{AuthenticatorId, CitizenId},
        interaction::{Interaction, Stage},
        passkey::{Counter, PasskeyName, factor, judge_counter, top_level},
        person::Person,
        refusal::Refusal,
        session::Session,
        time::Seconds,
        visitor::Visitor,
    },
    service::Idp,
    store::{
        self,
        authenticators::{StoredPasskey, passkeys_of},
    },
};

/// What came of an assertion.
#[derive(Debug)]
pub enum Asserted {
    /// Accepted: the conversation moved.
    Right(Moved),
    /// Nobody we know, not for us, or a copy. The words on the page are the same for all.
    Refused,
    /// The challenge expired or was answered before.
    Stale,
}

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

/// The state between challenge and answer, sealed in the store.
#[derive(Serialize, Deserialize)]
enum Ceremony {
    /// Anybody's passkey: the answer says whose.
    Discover(DiscoverableAuthentication),
    /// One of the passkeys of a known person.
    Assert(PasskeyAuthentication),
    /// A new passkey.
    Register(PasskeyRegistration),
}

/// A challenge for the page of this stage, as the JSON that the script hands to the browser; `None` where a passkey
/// cannot help (the known person has none).
///
/// # Errors
/// A fault of the database or of the ceremony.
pub async fn challenge(idp: &Idp, interaction: &Interaction) -> Result<Option<String>, Error> {
    let (options, state) = match &interaction.stage {
        Stage::Identify => {
            let (options, state) = idp
                .people
                .webauthn
                .start_discoverable_authentication()
                .map_err(ours)?;
            (options, Ceremony::Discover(state))
        }
        Stage::SecondFactor { citizen, .. } | Stage::Reauthenticate { citizen, .. } => {
            let mut read = idp.store.read().await?;
            let known = passkeys_of(&mut read, &idp.seal, citizen).await?;
            if known.is_empty() {
                return Ok(None);
            }
            let keys: Vec<Passkey> = known.into_iter().map(|stored| stored.passkey).collect();
            let (options, state) = idp
                .people
                .webauthn
                .start_passkey_authentication(&keys)
                .map_err(ours)?;
            (options, Ceremony::Assert(state))
        }
        Stage::Consent { .. } | Stage::Done => return Ok(None),
    };
    keep(idp, &bound_to_interaction(interaction), &state, LOGIN).await?;
    Ok(Some(json(&options)?))
}

/// Looks at an assertion.
///
/// # Errors
/// [`Refusal::OutOfTurn`] where no passkey is asked for; a fault of the database.
pub async fn assert(
    idp: &Idp,
    visitor: &Visitor,
    interaction: Interaction,
    credential: &str,
) -> Result<Asserted, Error> {
    if matches!(interaction.stage, Stage::Consent { .. } | Stage::Done) {
        return Err(Refusal::OutOfTurn.into());
    }
    let Some(ceremony) = take(idp, &bound_to_interaction(&interaction)).await? else {
        return Ok(Asserted::Stale);
    };
    let answer: Option<PublicKeyCredential> = bounded(credential);
    let found = match &answer {
        Some(answer) => {
            let mut read = idp.store.read().await?;
            store::authenticators::passkey_by_credential(&mut read, &idp.seal, answer.get_credential_id())
                .await?
        }
        None => None,
    };
    let citizen = found.as_ref().map(|stored| stored.citizen.clone());
    let (Some(answer), Some(stored)) = (answer, found) else {
        return refuse(
            idp,
            citizen.as_ref(),
            &interaction,
            (Event::LoginPasskey, "unknown"),
        )
        .await;
    };
    match judge(idp, ceremony, &answer, stored) {
        Ok((stored, verified)) => {
            let now = idp.now();
            let mut write = idp.store.write().await?;
            let keys = (&idp.seal, idp.chance.as_ref());
            if !store::authenticators::passkey_used(&mut write, keys, &stored, now).await? {
                drop(write);
                let event = (Event::AuthenticatorSuspect, "counter");
                return refuse(idp, citizen.as_ref(), &interaction, event).await;
            }
            let record = about(
                Record::new(Event::LoginPasskey, Outcome::Done),
                citizen.as_ref(),
                &interaction,
            );
            store::audit::append(&mut write, &record.with("authenticator", stored.id.as_str()), now).await?;
            write.commit().await?;
            Ok(Asserted::Right(
                factor_verified(idp, visitor, interaction, verified).await?,
            ))
        }
        Err(why) => refuse(idp, citizen.as_ref(), &interaction, why).await,
    }
}

/// The checks of WebAuthn §7.2, by the library, then ours. Returns the passkey with its new counter and flags.
fn judge(
    idp: &Idp,
    ceremony: Ceremony,
    answer: &PublicKeyCredential,
    mut stored: StoredPasskey,
) -> Result<(StoredPasskey, Verified), (Event, &'static str)> {
    let invalid = |error| match error {
        WebauthnError::CredentialPossibleCompromise => (Event::AuthenticatorSuspect, "counter"),
        _ => (Event::LoginPasskey, "invalid"),
    };
    let webauthn = &idp.people.webauthn;
    let result = match ceremony {
        Ceremony::Discover(state) => {
            // §7.2 step 6: the user handle names the very citizen who owns the credential.
            let (handle, _) = webauthn
                .identify_discoverable_authentication(answer)
                .map_err(invalid)?;
            if handle != user_handle(idp, &stored.citizen) {
                return Err((Event::LoginPasskey, "handle"));
            }
            let key = DiscoverableKey::from(&stored.passkey);
            webauthn
                .finish_discoverable_authentication_v2(answer, state, key)
                .map_err(invalid)?
        }
        Ceremony::Assert(state) => webauthn
            .finish_passkey_authentication(answer, &state)
            .map_err(invalid)?,
        Ceremony::Register(_) => return Err((Event::LoginPasskey, "ceremony")),
    };
    // The library does not look; the signature over this data was just verified.
    if !top_level(&answer.response.client_data_json) {
        return Err((Event::LoginPasskey, "cross-origin"));
    }
    if !result.user_verified() {
        return Err((Event::LoginPasskey, "user-verification"));
    }
    let before = Credential::from(stored.passkey.clone()).counter;
    if judge_counter(before, result.counter()) == Counter::Regressed {
        return Err((Event::AuthenticatorSuspect, "counter"));
    }
    stored.passkey.update_credential(&result);
    stored.backup_eligible |= result.backup_eligible();
    let factor = factor(true, stored.backup_eligible);
    let verified = Verified::new(stored.citizen.clone(), factor, idp.now());
    Ok((stored, verified))
}

async fn refuse(
    idp: &Idp,
    citizen: Option<&CitizenId>,
    interaction: &Interaction,
    (event, why): (Event, &'static str),
) -> Result<Asserted, Error> {
    super::audit::record(
        idp,
        &about(Record::new(event, Outcome::Refused(why)), citizen, interaction),
    )
    .await?;
    Ok(Asserted::Refused)
}

/// Options for a new passkey of the signed-in citizen: discoverable and with user verification, so that it logs in
/// without a name and counts as two factors.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now.
pub async fn registration(idp: &Idp, session: &Session, person: &Person) -> Result<String, Error> {
    fresh(idp, session)?;
    let mut read = idp.store.read().await?;
    let known = passkeys_of(&mut read, &idp.seal, &session.citizen).await?;
    drop(read);
    let exclude = known
        .iter()
        .map(|stored| stored.passkey.cred_id().clone())
        .collect();
    let (mut options, state) = idp
        .people
        .webauthn
        .start_passkey_registration(
            user_handle(idp, &session.citizen),
            &person.national_id.display(),
            &person.full_name(),
            Some(exclude),
        )
        .map_err(ours)?;
    discoverable(&mut options);
    keep(
        idp,
        &bound_to_session(session),
        &Ceremony::Register(state),
        REGISTRATION,
    )
    .await?;
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
    let Some(Ceremony::Register(state)) = take(idp, &bound_to_session(session)).await? else {
        return Ok(Registered::Stale);
    };
    let Some(answer) = bounded::<RegisterPublicKeyCredential>(credential) else {
        return Ok(Registered::Refused);
    };
    if !top_level(&answer.response.client_data_json) {
        return Ok(Registered::Refused);
    }
    let passkey = match idp.people.webauthn.finish_passkey_registration(&answer, &state) {
        Ok(passkey) => passkey,
        Err(error) => {
            tracing::info!(%error, "a passkey was not accepted");
            return Ok(Registered::Refused);
        }
    };
    let now = idp.now();
    let stored = StoredPasskey {
        id: AuthenticatorId::new(idp.id()),
        citizen: session.citizen.clone(),
        name,
        backup_eligible: Credential::from(passkey.clone()).backup_eligible,
        passkey,
        created_at: now,
        used_at: None,
    };
    let mut write = idp.store.write().await?;
    if !store::authenticators::insert_passkey(&mut write, (&idp.seal, idp.chance.as_ref()), &stored).await? {
        return Ok(Registered::Exists);
    }
    let record = changed(Event::AuthenticatorAdded, session, &stored.id);
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await?;
    Ok(Registered::Added)
}

/// Removes a passkey.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; [`Refusal::NotFound`] when it is not theirs.
pub async fn remove(idp: &Idp, session: &Session, id: &AuthenticatorId) -> Result<(), Error> {
    fresh(idp, session)?;
    let now = idp.now();
    let mut write = idp.store.write().await?;
    if !store::authenticators::remove_passkey(&mut write, &session.citizen, id, now).await? {
        return Err(Refusal::NotFound.into());
    }
    store::audit::append(
        &mut write,
        &changed(Event::AuthenticatorRemoved, session, id),
        now,
    )
    .await?;
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
    let known = passkeys_of(&mut write, &idp.seal, &session.citizen).await?;
    let mut stored = known
        .into_iter()
        .find(|stored| stored.id == *id)
        .ok_or(Refusal::NotFound)?;
    stored.name = name;
    store::authenticators::rename_passkey(&mut write, (&idp.seal, idp.chance.as_ref()), &stored).await?;
    Ok(write.commit().await?)
}

/// WebAuthn §5.4.4: the library asks for "discouraged"; a key that stays only on the server cannot log in by itself.
fn discoverable(options: &mut CreationChallengeResponse) {
    if let Some(selection) = &mut options.public_key.authenticator_selection {
        selection.resident_key = Some(ResidentKeyRequirement::Required);
        selection.require_resident_key = true;
    }
}

/// The user handle (§5.4.3): stable, without personal data, and unrelated to every other identifier of the citizen.
fn user_handle(idp: &Idp, citizen: &CitizenId) -> Uuid {
    let tag = idp
        .derived
        .index
        .tag(&[b"webauthn user handle", citizen.as_str().as_bytes()]);
    let mut handle = [0; 16];
    handle.copy_from_slice(tag.split_at(16).0);
    Uuid::from_bytes(handle)
}

fn fresh(idp: &Idp, session: &Session) -> Result<(), Refusal> {
    if session.fresh(idp.now(), crate::rules::session::FRESH) {
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

async fn keep(idp: &Idp, bound_to: &str, ceremony: &Ceremony, lifetime: Seconds) -> Result<(), Fault> {
    let state = serde_json::to_vec(ceremony).map_err(|source| Fault::of("keeping a ceremony", source))?;
    let mut write = idp.store.write().await?;
    let keys = (&idp.seal, idp.chance.as_ref());
    store::authenticators::put_ceremony(&mut write, keys, bound_to, &state, idp.now().after(lifetime))
        .await?;
    write.commit().await
}

async fn take(idp: &Idp, bound_to: &str) -> Result<Option<Ceremony>, Fault> {
    let mut write = idp.store.write().await?;
    let state = store::authenticators::take_ceremony(&mut write, &idp.seal, bound_to, idp.now()).await?;
    write.commit().await?;
    state
        .map(|state| serde_json::from_slice(&state).map_err(|source| Fault::of("reading a ceremony", source)))
        .transpose()
}

/// The browser's JSON, if it is of a plausible size and shape.
fn bounded<T: DeserializeOwned>(text: &str) -> Option<T> {
    if text.len() > MAX_CREDENTIAL {
        None
    } else {
        serde_json::from_str(text).ok()
    }
}

fn json(options: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(options).map_err(|source| Fault::of("writing a challenge", source))
}

fn ours(error: WebauthnError) -> Fault {
    Fault::of("beginning a passkey ceremony", error)
}

fn bound_to_interaction(interaction: &Interaction) -> String {
    format!("interaction {}", interaction.id.digest().text())
}

fn bound_to_session(session: &Session) -> String {
    format!("session {}", session.sid)
}

/// As long as the page it stands on is good: the autofill of a page that stays open must still work.
const LOGIN: Seconds = crate::rules::interaction::LIFETIME;
/// Registration changes what opens the account: five minutes (identity requirements, row 66).
const REGISTRATION: Seconds = Seconds(300);
/// An attestation object without attestation is a kilobyte; extensions and long credential ids fit many times.
const MAX_CREDENTIAL: usize = 16 * 1024;
