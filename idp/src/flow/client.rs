//! Clients: registered by an operator, found by the id they send.

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        client::{Authentication, Client, Profile, secret_digest},
        ids::ClientId,
        registration::{Invalid, Registration},
        secret::Secret,
    },
    service::Idp,
    store::{self, Write},
};

pub use super::authenticate::authenticate;
use super::authenticate::secret_place;

/// A client that was just registered. Its secret is told here and never again.
#[derive(Debug)]
pub struct Registered {
    /// As stored.
    pub client: Client,
    /// The secret, given or generated; `None` for a client without one.
    pub secret: Option<Secret<String>>,
}

/// Why a client was not registered.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRegistered {
    /// A field is wrong.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The id is taken.
    #[error("client_id: {0} is registered already (--if-absent leaves it as it is)")]
    Exists(ClientId),
}

/// Registers a client.
///
/// # Errors
/// [`NotRegistered`], or a fault of the database.
pub async fn register(idp: &Idp, registration: &Registration) -> Result<Registered, Error<NotRegistered>> {
    let checked = registration.check(ClientId::new(idp.id()));
    let client = checked.map_err(|invalid| Error::Refused(invalid.into()))?;
    if client.profile == Profile::ClaveUnica && !idp.config.claveunica.enabled {
        let off = Invalid::here(
            "profile",
            "claveunica needs [claveunica] enabled = true in the configuration",
        );
        return Err(Error::Refused(off.into()));
    }
    let secret = client.authentication.has_secret().then(|| {
        let given = registration.client_secret.clone();
        given.unwrap_or_else(|| idp.opaque().text())
    });
    let digest = secret.as_ref().map(|secret| secret_digest(secret.expose()));
    let now = idp.now();
    let mut write = idp.store.write().await?;
    if !store::clients::insert(&mut write, &client, digest.as_ref(), now).await? {
        return Err(Error::Refused(NotRegistered::Exists(client.id)));
    }
    if let Some(secret) = &secret {
        keep_secret(idp, &mut write, &client, secret).await?;
    }
    let record = Record::new(Event::ClientCreated, Outcome::Done).client(&client.id);
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await?;
    Ok(Registered { client, secret })
}

/// Seals the secret of a client that signs with it (`client_secret_jwt`): it must be read again. Of all others only
/// the digest is kept.
pub(super) async fn keep_secret(
    idp: &Idp,
    write: &mut Write,
    client: &Client,
    secret: &Secret<String>,
) -> Result<(), Fault> {
    if client.authentication != Authentication::SecretJwt {
        return Ok(());
    }
    let place = secret_place(client);
    let sealed = idp
        .seal
        .seal(idp.chance.as_ref(), &place, secret.expose().as_bytes())?;
    store::clients::keep_sealed_secret(write, &client.id, &sealed).await
}

/// Every client.
///
/// # Errors
/// A fault of the database.
pub async fn all(idp: &Idp) -> Result<Vec<Client>, Fault> {
    let mut read = idp.store.read().await?;
    store::clients::all(&mut read).await
}

/// The client with this id.
///
/// # Errors
/// A fault of the database.
pub async fn find(idp: &Idp, id: &ClientId) -> Result<Option<Client>, Fault> {
    let mut read = idp.store.read().await?;
    Ok(store::clients::find(&mut read, id)
        .await?
        .map(|(client, _)| client))
}

/// Some client is registered with a redirect URI of this origin.
///
/// # Errors
/// A fault of the database.
pub async fn has_origin(idp: &Idp, origin: &str) -> Result<bool, Fault> {
    let mut read = idp.store.read().await?;
    store::clients::has_origin(&mut read, origin).await
}
