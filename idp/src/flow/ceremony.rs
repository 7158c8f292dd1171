//! The state of a passkey ceremony between its challenge and its answer. It is taken away before the answer is looked
//! at, so no answer is looked at twice.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;
use webauthn_rs_core::{
    error::WebauthnError,
    proto::{AuthenticationState, RegistrationState},
};

use crate::{
    error::Fault,
    rules::{ids::CitizenId, interaction::Interaction, passkey::KeyKind, session::Session, time::Seconds},
    service::Idp,
    store,
};

/// The state between challenge and answer, sealed in the store.
#[derive(Serialize, Deserialize)]
pub(super) enum Ceremony {
    /// Anybody's passkey: the answer says whose.
    Discover(AuthenticationState),
    /// One of the keys of a known person.
    Assert(AuthenticationState),
    /// A new key.
    Register(KeyKind, RegistrationState),
}

/// The user handle (§5.4.3): stable, without personal data, and unrelated to every other identifier of the citizen.
pub(super) fn user_handle(idp: &Idp, citizen: &CitizenId) -> Uuid {
    let tag = idp
        .derived
        .index
        .tag(&[b"webauthn user handle", citizen.as_str().as_bytes()]);
    let mut handle = [0; 16];
    handle.copy_from_slice(tag.split_at(16).0);
    Uuid::from_bytes(handle)
}

pub(super) async fn keep(
    idp: &Idp,
    bound_to: &str,
    ceremony: &Ceremony,
    lifetime: Seconds,
) -> Result<(), Fault> {
    let state = serde_json::to_vec(ceremony).map_err(|source| Fault::of("keeping a ceremony", source))?;
    let mut write = idp.store.write().await?;
    let keys = (&idp.seal, idp.chance.as_ref());
    store::ceremonies::put(&mut write, keys, bound_to, &state, idp.now().after(lifetime)).await?;
    write.commit().await
}

pub(super) async fn take(idp: &Idp, bound_to: &str) -> Result<Option<Ceremony>, Fault> {
    let mut write = idp.store.write().await?;
    let state = store::ceremonies::take(&mut write, &idp.seal, bound_to, idp.now()).await?;
    write.commit().await?;
    state
        .map(|state| serde_json::from_slice(&state).map_err(|source| Fault::of("reading a ceremony", source)))
        .transpose()
}

/// The browser's JSON, if it is of a plausible size and shape.
pub(super) fn bounded<T: DeserializeOwned>(text: &str) -> Option<T> {
    if text.len() > MAX_CREDENTIAL {
        None
    } else {
        serde_json::from_str(text).ok()
    }
}

pub(super) fn json(options: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(options).map_err(|source| Fault::of("writing a challenge", source))
}

pub(super) fn ours(error: WebauthnError) -> Fault {
    Fault::of("beginning a passkey ceremony", error)
}

pub(super) fn bound_to_interaction(interaction: &Interaction) -> String {
    format!("interaction {}", interaction.id.digest().text())
}

pub(super) fn bound_to_session(session: &Session) -> String {
    format!("session {}", session.sid)
}

/// An attestation object is a kilobyte, and three or four with a chain of certificates.
const MAX_CREDENTIAL: usize = 16 * 1024;
