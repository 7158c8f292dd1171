//! Logging in and proving presence with a passkey: the challenge on the page, and its answer.

use webauthn_rs::prelude::{Credential, DiscoverableKey, Passkey, PublicKeyCredential, WebauthnError};

use crate::{
    error::Error,
    flow::{
        ceremony::{Ceremony, bound_to_interaction, bounded, json, keep, ours, take, user_handle},
        interaction::{Moved, factor_verified},
        login::about,
    },
    rules::{
        assurance::Verified,
        audit::{Event, Outcome, Record},
        ids::CitizenId,
        interaction::{Interaction, Stage},
        passkey::{Counter, factor, judge_counter, top_level},
        refusal::Refusal,
        time::Seconds,
        visitor::Visitor,
    },
    service::Idp,
    store::{
        self,
        passkeys::{StoredPasskey, of_citizen},
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
            let known = of_citizen(&mut read, &idp.seal, citizen).await?;
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
            store::passkeys::by_credential(&mut read, &idp.seal, answer.get_credential_id()).await?
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
            if !store::passkeys::used(&mut write, keys, &stored, now).await? {
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

/// As long as the page it stands on is good: the autofill of a page that stays open must still work.
const LOGIN: Seconds = crate::rules::interaction::LIFETIME;
