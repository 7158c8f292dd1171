//! Clients: registered by an operator, found by the id they send.

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        client::{About, Authentication, Client, Profile, secret_digest},
        ids::ClientId,
        refusal::Refusal,
        registration::{Invalid, Registration},
        secret::Secret,
    },
    service::Idp,
    store::{self, Write, clients::Listed},
};

pub use super::authenticate::authenticate;
use super::{authenticate::secret_place, sector};

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
    let told = |invalid: Invalid| Error::Refused(NotRegistered::from(invalid));
    let client = registration.check(ClientId::new(idp.id())).map_err(told)?;
    available(idp, &client).map_err(told)?;
    sector::check(idp, &client).await.map_err(told)?;
    let mut write = idp.store.write().await?;
    let given = registration.client_secret.clone();
    let inserted = insert(idp, &mut write, &client, given, "operator".to_owned()).await?;
    let Some(secret) = inserted else {
        return Err(Error::Refused(NotRegistered::Exists(client.id)));
    };
    write.commit().await?;
    Ok(Registered { client, secret })
}

/// What this service was configured without is not registered.
pub(super) fn available(idp: &Idp, client: &Client) -> Result<(), Invalid> {
    if client.profile == Profile::ClaveUnica && !idp.config.claveunica.enabled {
        return Err(Invalid::here(
            "profile",
            "claveunica needs [claveunica] enabled = true in the configuration",
        ));
    }
    let unknown = client.resources.iter();
    if let Some(unknown) = unknown
        .into_iter()
        .find(|uri| idp.config.resources.find(uri).is_none())
    {
        return Err(Invalid::here(
            "resources",
            format!("{unknown} is not among [[resources]] of the configuration"),
        ));
    }
    Ok(())
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

/// Writes a new client with its secret, given or made, where it has one; `None` when the id is taken.
pub(super) async fn insert(
    idp: &Idp,
    write: &mut Write,
    client: &Client,
    given: Option<Secret<String>>,
    by: String,
) -> Result<Option<Option<Secret<String>>>, Fault> {
    let secret = client
        .authentication
        .has_secret()
        .then(|| given.unwrap_or_else(|| idp.opaque().text()));
    let digest = secret.as_ref().map(|secret| secret_digest(secret.expose()));
    let now = idp.now();
    if !store::clients::insert(write, client, digest.as_ref(), now).await? {
        return Ok(None);
    }
    if let Some(secret) = &secret {
        keep_secret(idp, write, client, secret).await?;
    }
    let record = Record::new(Event::ClientCreated, Outcome::Done)
        .client(&client.id)
        .with("by", by);
    store::audit::append(write, &record, now).await?;
    Ok(Some(secret))
}

/// Every client.
///
/// # Errors
/// A fault of the database.
pub async fn all(idp: &Idp) -> Result<Vec<Listed>, Fault> {
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

/// The name of a client, also of one that is disabled: a citizen's history goes on saying who it was.
///
/// # Errors
/// A fault of the database.
pub async fn name(idp: &Idp, id: &ClientId) -> Result<Option<String>, Fault> {
    let mut read = idp.store.read().await?;
    let found = store::clients::listed(&mut read, id).await?;
    Ok(found.map(|listed| listed.client.name))
}

/// What a client says of itself; nothing, if it was removed since.
///
/// # Errors
/// A fault of the database.
pub async fn about(idp: &Idp, id: &ClientId) -> Result<About, Fault> {
    let mut read = idp.store.read().await?;
    let found = store::clients::listed(&mut read, id).await?;
    Ok(found.map(|listed| listed.client.about).unwrap_or_default())
}

/// The client with this id, for a request that a person sees.
///
/// # Errors
/// [`Refusal::ClientUnknown`], or [`Refusal::ClientDisabled`] in words of its own: the citizen did nothing wrong.
pub async fn admitted(idp: &Idp, id: &ClientId) -> Result<Client, Error> {
    let mut read = idp.store.read().await?;
    if let Some((client, _)) = store::clients::find(&mut read, id).await? {
        return Ok(client);
    }
    let known = store::clients::listed(&mut read, id).await?.is_some();
    Err(if known {
        Refusal::ClientDisabled
    } else {
        Refusal::ClientUnknown
    }
    .into())
}

/// Some client is registered with a redirect URI of this origin.
///
/// # Errors
/// A fault of the database.
pub async fn has_origin(idp: &Idp, origin: &str) -> Result<bool, Fault> {
    let mut read = idp.store.read().await?;
    store::clients::has_origin(&mut read, origin).await
}
