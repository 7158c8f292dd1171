//! Clients: registered by an operator, found by the id they send, authenticated at the token endpoint.

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        client::{Authentication, Client, Profile, secret_digest},
        credentials::Presented,
        ids::ClientId,
        oauth::{Code, OauthError},
        registration::{Invalid, Registration},
        secret::{Digest, Secret},
    },
    service::Idp,
    store,
};

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
    let record = Record::new(Event::ClientCreated, Outcome::Done).client(&client.id);
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await?;
    Ok(Registered { client, secret })
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

/// The client that presents itself, if it is the one it says.
///
/// # Errors
/// `invalid_client`, the same for an unknown client and a wrong secret.
pub async fn authenticate(idp: &Idp, presented: &Presented) -> Result<Client, Error<OauthError>> {
    let mut read = idp.store.read().await?;
    let found = store::clients::find(&mut read, &presented.client).await?;
    drop(read);
    let known = found.is_some();
    // An unknown client is compared, too: it takes as long.
    let (client, stored) = match found {
        Some((client, stored)) => (Some(client), stored),
        None => (None, None),
    };
    let stored = stored.unwrap_or_else(|| Digest::of(b"nobody"));
    let proven = match client.as_ref().map(|client| &client.authentication) {
        Some(Authentication::None) => presented.bare(),
        Some(Authentication::Secret) | None => presented.has_secret(&stored),
        Some(
            Authentication::SecretJwt
            | Authentication::PrivateKeyJwt { .. }
            | Authentication::TlsClientAuth { .. }
            | Authentication::SelfSignedTlsClientAuth,
        ) => false,
    };
    if let (Some(client), true) = (client, proven) {
        return Ok(client);
    }
    if known {
        let record = Record::new(Event::ClientRefused, Outcome::Refused("secret")).client(&presented.client);
        super::audit::record(idp, &record).await?;
    }
    Err(Error::Refused(OauthError::new(
        Code::InvalidClient,
        "client authentication failed",
    )))
}
