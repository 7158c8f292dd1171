//! Logging in and proving presence with a passkey: the challenge on the page, and its answer.

use webauthn_rs_core::{
    error::WebauthnError,
    proto::{Credential, PublicKeyCredential, UserVerificationPolicy},
};

use crate::{
    error::{Error, Fault},
    flow::{
        ceremony::{Ceremony, bound_to_interaction, bounded, json, keep, ours, take, user_handle},
        interaction::{Moved, factor_verified_within},
        login::about,
        methods, notify,
    },
    rules::{
        assurance::Verified,
        audit::{Event, Outcome, Record},
        ids::CitizenId,
        interaction::{Interaction, Stage},
        notice::Notice,
        passkey::{Counter, judge_counter, top_level},
        refusal::Refusal,
        time::Seconds,
        visitor::Visitor,
    },
    service::Idp,
    store::{self, Write, passkeys::StoredPasskey},
};

/// What came of an assertion.
#[derive(Debug)]
pub enum Asserted {
    /// Accepted: the conversation moved.
    Right(Moved),
    /// Nobody we know, not for us, or a copy. The words on the page are the same for all.
    Refused {
        /// The id of a key that we do not know (any more): the browser may forget it (WebAuthn §5.1.10.2).
        unknown: Option<Vec<u8>>,
    },
    /// The challenge expired or was answered before.
    Stale,
}

/// A challenge for the page of this stage, as the JSON that the script hands to the browser; `None` where a passkey
/// cannot help (the known person has none).
///
/// # Errors
/// A fault of the database or of the ceremony.
pub async fn challenge(idp: &Idp, interaction: &Interaction) -> Result<Option<String>, Error> {
    let (keys, policy) = match &interaction.stage {
        Stage::Identify => (Vec::new(), UserVerificationPolicy::Required),
        Stage::SecondFactor { citizen, .. } | Stage::Reauthenticate { citizen, .. } => {
            let mut read = idp.store.read().await?;
            let means = methods::means(idp, &mut read, citizen, None).await?;
            let known = methods::helping(idp, &mut read, interaction, &means).await?;
            let keys: Vec<Credential> = known.into_iter().map(|stored| stored.credential).collect();
            if keys.is_empty() {
                return Ok(None);
            }
            let policy = policy(&keys);
            (keys, policy)
        }
        Stage::Consent { .. } | Stage::Unmet { .. } | Stage::Done => return Ok(None),
    };
    let discover = keys.is_empty();
    let webauthn = &idp.people.webauthn;
    let builder = webauthn
        .new_challenge_authenticate_builder(keys, Some(policy))
        .map_err(ours)?;
    let (options, state) = webauthn.generate_challenge_authenticate(builder).map_err(ours)?;
    let state = if discover {
        Ceremony::Discover(state)
    } else {
        Ceremony::Assert(state)
    };
    keep(idp, &bound_to_interaction(interaction), &state, LOGIN).await?;
    Ok(Some(json(&options)?))
}

/// Keys that checked a PIN when they were added must do so again, whatever the page asks: the library remembers it of
/// each. A page that also admits one that cannot must not demand it of all.
fn policy(keys: &[Credential]) -> UserVerificationPolicy {
    if keys.iter().all(|key| key.user_verified) {
        UserVerificationPolicy::Required
    } else {
        UserVerificationPolicy::Preferred
    }
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
    if matches!(
        interaction.stage,
        Stage::Consent { .. } | Stage::Unmet { .. } | Stage::Done
    ) {
        return Err(Refusal::OutOfTurn.into());
    }
    let Some(ceremony) = take(idp, &bound_to_interaction(&interaction)).await? else {
        return Ok(Asserted::Stale);
    };
    let answer: Option<PublicKeyCredential> = bounded(credential);
    let found = match &answer {
        Some(answer) => {
            let mut read = idp.store.read().await?;
            store::passkeys::by_credential(&mut read, &idp.seal, answer.get_credential_id()).await?
        }
        None => None,
    };
    let citizen = found.as_ref().map(|stored| stored.citizen.clone());
    let (Some(answer), Some(stored)) = (&answer, found) else {
        let unknown = answer.map(|answer| answer.raw_id);
        let why = (Event::LoginPasskey, "unknown");
        refuse(idp, (visitor, citizen.as_ref()), &interaction, why).await?;
        return Ok(Asserted::Refused { unknown });
    };
    let (stored, verified) = match judge(idp, ceremony, answer, stored.clone()) {
        Ok(judged) => judged,
        Err(why) => {
            if why.0 == Event::AuthenticatorSuspect {
                suspect(idp, &stored).await?;
            }
            refuse(idp, (visitor, citizen.as_ref()), &interaction, why).await?;
            return Ok(Asserted::Refused { unknown: None });
        }
    };
    let mut write = idp.store.write().await?;
    let record = about(
        visitor.place(Record::new(Event::LoginPasskey, Outcome::Done)),
        citizen.as_ref(),
        &interaction,
    );
    let record = record.with("authenticator", stored.id.as_str());
    if !used(idp, &mut write, (&stored, &record)).await? {
        drop(write);
        let why = (Event::LoginPasskey, "replayed");
        refuse(idp, (visitor, citizen.as_ref()), &interaction, why).await?;
        return Ok(Asserted::Refused { unknown: None });
    }
    match factor_verified_within(idp, &mut write, visitor, interaction, verified).await {
        Ok(moved) => {
            write.commit().await?;
            Ok(Asserted::Right(moved))
        }
        // The key was used all the same, whatever the conversation made of it.
        Err(error) => {
            drop(write);
            let mut write = idp.store.write().await?;
            used(idp, &mut write, (&stored, &record)).await?;
            write.commit().await?;
            Err(error)
        }
    }
}

/// Writes down that a key was used, with its new counter; false when somebody was faster with this or a later one.
async fn used(
    idp: &Idp,
    write: &mut Write,
    (stored, record): (&StoredPasskey, &Record),
) -> Result<bool, Fault> {
    let (keys, now) = ((&idp.seal, idp.chance.as_ref()), idp.now());
    if !store::passkeys::used(write, keys, stored, now).await? {
        return Ok(false);
    }
    store::audit::append(write, record, now).await?;
    Ok(true)
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
    // §7.2 step 6: a user handle names the very citizen who owns the credential, and must be there where nobody was known.
    let handle = user_handle(idp, &stored.citizen);
    let named = answer.get_user_unique_id().filter(|named| !named.is_empty());
    let (state, owned) = match &ceremony {
        Ceremony::Discover(state) => (state, named == Some(handle.as_bytes().as_slice())),
        Ceremony::Assert(state) => (state, named.is_none_or(|named| named == handle.as_bytes())),
        Ceremony::Register(..) => return Err((Event::LoginPasskey, "ceremony")),
    };
    if !owned {
        return Err((Event::LoginPasskey, "handle"));
    }
    let result = match ceremony {
        Ceremony::Discover(_) => webauthn.authenticate_single_credential(answer, state, &stored.credential),
        // §7.2 step 5: one of those that were allowed.
        Ceremony::Assert(_) | Ceremony::Register(..) => webauthn.authenticate_credential(answer, state),
    };
    let result = result.map_err(invalid)?;
    // The library does not look; the signature over this data was just verified.
    if !top_level(&answer.response.client_data_json) {
        return Err((Event::LoginPasskey, "cross-origin"));
    }
    if stored.credential.user_verified && !result.user_verified() {
        return Err((Event::LoginPasskey, "user-verification"));
    }
    if judge_counter(stored.credential.counter, result.counter()) == Counter::Regressed {
        return Err((Event::AuthenticatorSuspect, "counter"));
    }
    stored.credential.counter = result.counter();
    stored.credential.backup_state = result.backup_state();
    stored.backup_eligible |= result.backup_eligible();
    let factor = methods::factor(idp, &stored, result.user_verified());
    let verified = Verified::new(stored.citizen.clone(), factor, idp.now());
    Ok((stored, verified))
}

/// Remembers that there may be a copy of this key, and tells its owner the first time.
async fn suspect(idp: &Idp, stored: &StoredPasskey) -> Result<(), Fault> {
    let mut write = idp.store.write().await?;
    if store::passkeys::suspect(&mut write, &stored.id, idp.now()).await? {
        let name = stored.name.as_str().to_owned();
        notify::tell(
            idp,
            &mut write,
            &stored.citizen,
            Notice::CounterRegressed { name },
        )
        .await?;
    }
    write.commit().await
}

async fn refuse(
    idp: &Idp,
    (visitor, citizen): (&Visitor, Option<&CitizenId>),
    interaction: &Interaction,
    (event, why): (Event, &'static str),
) -> Result<(), Fault> {
    let record = visitor.place(Record::new(event, Outcome::Refused(why)));
    super::audit::record(idp, &about(record, citizen, interaction)).await
}

/// As long as the page it stands on is good: the autofill of a page that stays open must still work.
const LOGIN: Seconds = crate::rules::interaction::LIFETIME;
