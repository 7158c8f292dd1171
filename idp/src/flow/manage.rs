//! What operators do with a client after it was registered: change it, give it another secret, forbid and allow it.

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        client::{Authentication, Client, secret_digest},
        ids::ClientId,
        registration::{Invalid, Registration},
        secret::Secret,
        time::{Seconds, Timestamp},
    },
    service::Idp,
    store::{self, Write, clients::Listed},
};

use super::{
    client::{available, keep_secret},
    sector,
};

/// Why nothing was changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unchanged {
    /// Nobody has this id.
    #[error("{0}: no such client (idp client list shows them)")]
    Unknown(ClientId),
    /// A field is wrong.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Citizens would get other subjects.
    #[error(
        "redirect_uris: citizens would become strangers to this client (its sector would change from {from} to {to}); \
         register another client, or say --new-subjects if that is what you want"
    )]
    Sector {
        /// Now.
        from: String,
        /// Then.
        to: String,
    },
    /// It has no secret.
    #[error("{0}: authenticates without a secret")]
    NoSecret(ClientId),
    /// Forbidden already, or allowed already.
    #[error("{0}: is so already")]
    Already(ClientId),
}

/// A client, whether it may act or not.
///
/// # Errors
/// [`Unchanged::Unknown`], or a fault of the database.
pub async fn show(idp: &Idp, id: &ClientId) -> Result<Listed, Error<Unchanged>> {
    let mut read = idp.store.read().await?;
    let found = store::clients::listed(&mut read, id).await?;
    found.ok_or_else(|| Error::Refused(Unchanged::Unknown(id.clone())))
}

/// Replaces what is registered; a secret where the client needs one now and had none.
///
/// # Errors
/// [`Unchanged`].
pub async fn update(
    idp: &Idp,
    id: &ClientId,
    registration: &Registration,
    new_subjects: bool,
) -> Result<(Client, Option<Secret<String>>), Error<Unchanged>> {
    let before = show(idp, id).await?.client;
    let told = |invalid: Invalid| Error::Refused(Unchanged::from(invalid));
    let client = registration.check(id.clone()).map_err(told)?;
    let client = Client {
        id: id.clone(),
        ..client
    };
    if client.sector() != before.sector() && !new_subjects {
        return Err(Error::Refused(Unchanged::Sector {
            from: before.sector().unwrap_or_default(),
            to: client.sector().unwrap_or_default(),
        }));
    }
    available(idp, &client).map_err(told)?;
    sector::check(idp, &client).await.map_err(told)?;
    let secret = store_changed(idp, (&before, &client), OPERATOR).await?;
    Ok((client, secret))
}

/// Gives the client another secret; the one before stays good for `overlap`, so that the agency can change it
/// everywhere without a login lost.
///
/// # Errors
/// [`Unchanged`].
pub async fn rotate_secret(
    idp: &Idp,
    id: &ClientId,
    overlap: Seconds,
) -> Result<Secret<String>, Error<Unchanged>> {
    let client = show(idp, id).await?.client;
    if !client.authentication.has_secret() {
        return Err(Error::Refused(Unchanged::NoSecret(id.clone())));
    }
    let now = idp.now();
    let mut write = idp.store.write().await?;
    let secret = new_secret(idp, &mut write, &client, now.after(overlap)).await?;
    let record = record(Event::ClientSecretRotated, id, OPERATOR).with("overlap", overlap.0.to_string());
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await?;
    Ok(secret)
}

/// Forbids the client everything from this moment on; what was issued to it is revoked with it.
///
/// # Errors
/// [`Unchanged`].
pub async fn disable(idp: &Idp, id: &ClientId) -> Result<(), Error<Unchanged>> {
    disable_by(idp, id, OPERATOR).await
}

/// The same, as this official (their id) or by the command line.
pub(super) async fn disable_by(idp: &Idp, id: &ClientId, by: &str) -> Result<(), Error<Unchanged>> {
    show(idp, id).await?;
    let now = idp.now();
    let mut write = idp.store.write().await?;
    if !store::clients::disable(&mut write, id, now).await? {
        return Err(Error::Refused(Unchanged::Already(id.clone())));
    }
    let families = store::grants::revoke_of_client(&mut write, id, now).await?;
    let record = record(Event::ClientDisabled, id, by).with("families_revoked", families.to_string());
    store::audit::append(&mut write, &record, now).await?;
    Ok(write.commit().await?)
}

/// Allows the client again. Citizens log in again; what they consented to is remembered.
///
/// # Errors
/// [`Unchanged`].
pub async fn enable(idp: &Idp, id: &ClientId) -> Result<(), Error<Unchanged>> {
    enable_by(idp, id, OPERATOR).await
}

/// The same, as this official (their id) or by the command line.
pub(super) async fn enable_by(idp: &Idp, id: &ClientId, by: &str) -> Result<(), Error<Unchanged>> {
    show(idp, id).await?;
    let mut write = idp.store.write().await?;
    if !store::clients::enable(&mut write, id).await? {
        return Err(Error::Refused(Unchanged::Already(id.clone())));
    }
    store::audit::append(&mut write, &record(Event::ClientEnabled, id, by), idp.now()).await?;
    Ok(write.commit().await?)
}

/// Stores a changed client, and makes or takes its secret as its way of authenticating now wants.
pub(super) async fn store_changed(
    idp: &Idp,
    (before, client): (&Client, &Client),
    by: &'static str,
) -> Result<Option<Secret<String>>, Fault> {
    let now = idp.now();
    let mut write = idp.store.write().await?;
    store::clients::update(&mut write, client).await?;
    let (had, has) = (
        before.authentication.has_secret(),
        client.authentication.has_secret(),
    );
    // Who begins or ceases to sign with the secret gets another: it is kept readable for the one and not for the other.
    let signs = |client: &Client| client.authentication == Authentication::SecretJwt;
    let secret = if has && had && signs(before) == signs(client) {
        None
    } else if has {
        Some(new_secret(idp, &mut write, client, now).await?)
    } else if had {
        store::clients::replace_secret(&mut write, &client.id, None, now).await?;
        None
    } else {
        None
    };
    store::audit::append(&mut write, &record(Event::ClientUpdated, &client.id, by), now).await?;
    write.commit().await?;
    Ok(secret)
}

async fn new_secret(
    idp: &Idp,
    write: &mut Write,
    client: &Client,
    overlap: Timestamp,
) -> Result<Secret<String>, Fault> {
    let secret = idp.opaque().text();
    let digest = secret_digest(secret.expose());
    store::clients::replace_secret(write, &client.id, Some(&digest), overlap).await?;
    keep_secret(idp, write, client, &secret).await?;
    Ok(secret)
}

fn record(event: Event, id: &ClientId, by: &str) -> Record {
    Record::new(event, Outcome::Done).client(id).with("by", by)
}

/// Who acts by the command line.
const OPERATOR: &str = "operator";
