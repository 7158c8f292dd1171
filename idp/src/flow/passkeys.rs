//! A citizen adds, renames and removes passkeys and security keys. Adding and removing ask for presence proven just now, at
//! the highest level that the citizen can reach.

use data_encoding::BASE64URL_NOPAD;
use webauthn_rs_core::proto::{
    AttestationConveyancePreference, AuthenticatorAttachment, CreationChallengeResponse, Credential,
    PublicKeyCredentialHints, RegisterPublicKeyCredential, RegistrationState, ResidentKeyRequirement,
    UserVerificationPolicy,
};

use crate::{
    error::{Error, Fault},
    flow::{
        ceremony::{Ceremony, bound_to_session, bounded, json, keep, ours, take, user_handle},
        methods::{self, listed},
        notify,
    },
    rules::{
        assurance::Factor,
        audit::{Event, Outcome, Record},
        ids::{AuthenticatorId, CitizenId},
        mfa::level,
        notice::Notice,
        passkey::{KeyKind, Listed, PasskeyName, top_level},
        person::Person,
        refusal::Refusal,
        session::Session,
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
    Ok(stored.iter().map(|stored| listed(idp, stored)).collect())
}

/// What the browser is told so that a phone shows the keys that there are and no others, under today's name (WebAuthn
/// §5.1.10): the arguments of `signalAllAcceptedCredentials` and `signalCurrentUserDetails` in one.
///
/// # Errors
/// A fault of the database.
pub async fn signal(idp: &Idp, citizen: &CitizenId) -> Result<String, Error> {
    let person = super::account::person(idp, citizen).await?;
    let mut read = idp.store.read().await?;
    let stored = of_citizen(&mut read, &idp.seal, citizen).await?;
    let ids = stored
        .iter()
        .map(|stored| BASE64URL_NOPAD.encode(&stored.credential.cred_id));
    Ok(json(&serde_json::json!({
        "rpId": idp.config.issuer.host(),
        "userId": BASE64URL_NOPAD.encode(user_handle(idp, citizen).as_bytes()),
        "allAcceptedCredentialIds": ids.collect::<Vec<_>>(),
        "name": person.national_id.display(),
        "displayName": person.full_name(),
    }))?)
}

/// How a citizen would log in without this key: whether something phishing-resistant is left. None when nothing is left
/// that logs in.
///
/// # Errors
/// A fault of the database.
pub async fn without(idp: &Idp, citizen: &CitizenId, id: &AuthenticatorId) -> Result<Option<bool>, Fault> {
    let mut read = idp.store.read().await?;
    let means = methods::means(idp, &mut read, citizen, None).await?;
    let stored = of_citizen(&mut read, &idp.seal, citizen).await?;
    let others = stored.iter().filter(|stored| stored.id != *id);
    let keys: Vec<Factor> = others
        .map(|stored| methods::factor(idp, stored, stored.credential.user_verified))
        .collect();
    let rest = means
        .has
        .into_iter()
        .filter(|factor| matches!(factor, Factor::Password | Factor::Totp));
    let left: Vec<Factor> = rest.chain(keys.iter().copied()).collect();
    Ok(level(&left).map(|_| !keys.is_empty()))
}

/// Options for a new key of the signed-in citizen.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now.
pub async fn registration(
    idp: &Idp,
    session: &Session,
    person: &Person,
    kind: KeyKind,
) -> Result<String, Error> {
    proven(idp, session).await?;
    challenge(idp, &session.citizen, person, (kind, &bound_to_session(session))).await
}

/// Options for a new passkey of `citizen`, whose challenge is answered under `bound_to`.
pub(super) async fn options(
    idp: &Idp,
    citizen: &CitizenId,
    person: &Person,
    bound_to: &str,
) -> Result<String, Error> {
    challenge(idp, citizen, person, (KeyKind::Passkey, bound_to)).await
}

async fn challenge(
    idp: &Idp,
    citizen: &CitizenId,
    person: &Person,
    (kind, bound_to): (KeyKind, &str),
) -> Result<String, Error> {
    let mut read = idp.store.read().await?;
    let known = of_citizen(&mut read, &idp.seal, citizen).await?;
    drop(read);
    let exclude = known
        .into_iter()
        .map(|stored| stored.credential.cred_id)
        .collect();
    let (options, state) = begun(idp, citizen, person, (kind, exclude))?;
    keep(idp, bound_to, &Ceremony::Register(kind, state), REGISTRATION).await?;
    json(&options).map_err(Error::Fault)
}

/// A passkey is discoverable and checks who uses it, so that it logs in without a name and counts as two factors. A
/// security key does what it can; which model it is, is asked where that matters.
fn begun(
    idp: &Idp,
    citizen: &CitizenId,
    person: &Person,
    (kind, exclude): (KeyKind, Vec<Vec<u8>>),
) -> Result<(CreationChallengeResponse, RegistrationState), Fault> {
    let webauthn = &idp.people.webauthn;
    let handle = user_handle(idp, citizen);
    let (name, full_name) = (person.national_id.display(), person.full_name());
    let builder = webauthn
        .new_challenge_register_builder(handle.as_bytes(), &name, &full_name)
        .map_err(ours)?
        .exclude_credentials(Some(exclude));
    let (builder, resident) = match kind {
        KeyKind::Passkey => (
            builder
                .user_verification_policy(UserVerificationPolicy::Required)
                .attestation(AttestationConveyancePreference::None)
                .require_resident_key(true),
            ResidentKeyRequirement::Required,
        ),
        KeyKind::SecurityKey => (
            builder
                .user_verification_policy(UserVerificationPolicy::Preferred)
                .attestation(conveyance(idp))
                .authenticator_attachment(Some(AuthenticatorAttachment::CrossPlatform))
                .hints(Some(vec![PublicKeyCredentialHints::SecurityKey])),
            ResidentKeyRequirement::Preferred,
        ),
    };
    let (mut options, state) = webauthn.generate_challenge_register(builder).map_err(ours)?;
    // §5.4.4: the library knows "required" and "discouraged" only.
    if let Some(selection) = &mut options.public_key.authenticator_selection {
        selection.resident_key = Some(resident);
    }
    Ok((options, state))
}

/// Browsers ask a person's leave before they tell the model (§5.4.7): only where it says something.
fn conveyance(idp: &Idp) -> AttestationConveyancePreference {
    if idp.people.models.is_empty() {
        AttestationConveyancePreference::None
    } else {
        AttestationConveyancePreference::Direct
    }
}

/// Adds a key.
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now; a fault of the database.
pub async fn register(
    idp: &Idp,
    session: &Session,
    name: PasskeyName,
    credential: &str,
) -> Result<Registered, Error> {
    proven(idp, session).await?;
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
    let record = changed(Event::AuthenticatorAdded, session, (&stored.id, stored.kind));
    store::audit::append(&mut write, &record, now).await?;
    let name = stored.name.as_str().to_owned();
    let notice = Notice::AuthenticatorAdded { name };
    notify::tell(idp, &mut write, &session.citizen, notice).await?;
    write.commit().await?;
    Ok(Registered::Added)
}

/// The new key of `citizen` that this answer to the challenge under `bound_to` makes, not stored yet; or why it makes
/// none.
pub(super) async fn answered(
    idp: &Idp,
    citizen: &CitizenId,
    bound_to: &str,
    (name, credential): (PasskeyName, &str),
) -> Result<Result<StoredPasskey, Registered>, Error> {
    let Some(Ceremony::Register(kind, state)) = take(idp, bound_to).await? else {
        return Ok(Err(Registered::Stale));
    };
    let Some(credential) = judge(idp, credential, &state) else {
        return Ok(Err(Registered::Refused));
    };
    let now = idp.now();
    Ok(Ok(StoredPasskey {
        id: AuthenticatorId::new(idp.id()),
        citizen: citizen.clone(),
        name,
        kind,
        backup_eligible: credential.backup_eligible,
        model: idp.people.models.attested(&credential, now),
        credential,
        suspect_at: None,
        created_at: now,
        used_at: None,
    }))
}

/// The key that the browser made, if all is well with it: the checks of WebAuthn §7.1, by the library, then ours.
fn judge(idp: &Idp, credential: &str, state: &RegistrationState) -> Option<Credential> {
    let answer = bounded::<RegisterPublicKeyCredential>(credential)?;
    if !top_level(&answer.response.client_data_json) {
        return None;
    }
    // Which model it is, is judged apart: an unknown one is as good as one that does not say.
    let judged = idp.people.webauthn.register_credential(&answer, state, None);
    judged
        .inspect_err(|error| tracing::info!(%error, "a key was not accepted"))
        .ok()
}

/// Removes a key. The last way into the account stays (identity row 65).
///
/// # Errors
/// [`Refusal::NotAllowed`] unless presence was proven just now, and where nothing would be left to log in with;
/// [`Refusal::NotFound`] when it is not theirs.
pub async fn remove(idp: &Idp, session: &Session, id: &AuthenticatorId) -> Result<(), Error> {
    proven(idp, session).await?;
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let known = of_citizen(&mut write, &idp.seal, &session.citizen).await?;
    let found = known.iter().find(|stored| stored.id == *id);
    let found = found.ok_or(Refusal::NotFound)?;
    let (kind, name) = (found.kind, found.name.as_str().to_owned());
    if !store::passkeys::remove(&mut write, &session.citizen, id, now).await? {
        return Err(Refusal::NotFound.into());
    }
    // Asked after the write, in its transaction: dropped, it never happened.
    let left = methods::means(idp, &mut write, &session.citizen, None).await?;
    if level(&left.has).is_none() {
        return Err(Refusal::NotAllowed.into());
    }
    let record = changed(Event::AuthenticatorRemoved, session, (id, kind));
    store::audit::append(&mut write, &record, now).await?;
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

async fn proven(idp: &Idp, session: &Session) -> Result<(), Error> {
    if methods::proven(idp, session).await? {
        Ok(())
    } else {
        Err(Refusal::NotAllowed.into())
    }
}

fn changed(event: Event, session: &Session, (id, kind): (&AuthenticatorId, KeyKind)) -> Record {
    Record::new(event, Outcome::Done)
        .citizen(&session.citizen)
        .session(&session.sid)
        .with("authenticator", id.as_str())
        .with("kind", kind.name())
}

/// Registration changes what opens the account: five minutes (identity requirements, row 66).
const REGISTRATION: Seconds = Seconds(300);
