//! An agency registers its own client (RFC 7591) and changes or removes it later (RFC 7592).

use serde_json::{Map, Value};

use crate::{
    error::Error,
    rules::{
        audit::{Event, Outcome, Record},
        client::{Client, secret_digest},
        dynamic::{Policy, Unacceptable, asked, within},
        ids::ClientId,
        secret::{Digest, Opaque, Secret},
        time::Timestamp,
    },
    service::Idp,
    store,
};

use super::{client, manage, sector};

/// A client as its agency is told of it.
#[derive(Debug)]
pub struct Told {
    /// As stored.
    pub client: Client,
    /// When it was registered.
    pub issued_at: Timestamp,
    /// Its secret, where one was made just now: told once.
    pub secret: Option<Secret<String>>,
    /// What reads, changes and removes the registration.
    pub token: Secret<String>,
}

/// Why a request at the registration endpoint is not followed.
#[derive(Debug)]
pub enum Unregistered {
    /// No token came with it.
    NoToken,
    /// The token is none of ours, used up, over, or another client's. All look the same.
    BadToken,
    /// The metadata.
    Metadata(Unacceptable),
}

impl From<Unacceptable> for Unregistered {
    fn from(unacceptable: Unacceptable) -> Self {
        Self::Metadata(unacceptable)
    }
}

/// Registers a client (RFC 7591 §3). Nothing is fetched or counted before the token is known to be good, and a request
/// that is refused does not use it up.
///
/// # Errors
/// [`Unregistered`].
pub async fn register(
    idp: &Idp,
    token: Option<&str>,
    sent: Map<String, Value>,
) -> Result<Told, Error<Unregistered>> {
    let now = idp.now();
    let digest = digest(token)?;
    let mut read = idp.store.read().await?;
    let initial = store::registrations::find_initial(&mut read, &digest, now).await?;
    drop(read);
    let initial = initial.ok_or(Error::Refused(Unregistered::BadToken))?;
    let client = checked(idp, sent, &initial.policy, ClientId::new(idp.id())).await?;
    let registration_token = idp.opaque();
    let mut write = idp.store.write().await?;
    if !store::registrations::spend_initial(&mut write, &digest, now).await? {
        return Err(Error::Refused(Unregistered::BadToken));
    }
    let by = format!("initial access token {}", initial.id);
    let secret = client::insert(idp, &mut write, &client, None, by)
        .await?
        .ok_or_else(|| refused("client_id: registered already"))?;
    store::registrations::insert(&mut write, &client.id, &registration_token.digest(), &initial).await?;
    write.commit().await?;
    Ok(Told {
        client,
        issued_at: now,
        secret,
        token: registration_token.text(),
    })
}

/// What is registered (RFC 7592 §2.1). The secret is not told again: only its digest is kept.
///
/// # Errors
/// [`Unregistered::BadToken`], also when there is no such client.
pub async fn read(idp: &Idp, id: &ClientId, token: Option<&str>) -> Result<Told, Error<Unregistered>> {
    let (told, _) = known(idp, id, token).await?;
    Ok(told)
}

/// Replaces what is registered (RFC 7592 §2.2): what is left out is gone.
///
/// # Errors
/// [`Unregistered`].
pub async fn replace(
    idp: &Idp,
    id: &ClientId,
    token: Option<&str>,
    sent: Map<String, Value>,
) -> Result<Told, Error<Unregistered>> {
    let (told, policy) = known(idp, id, token).await?;
    repeats(idp, id, &sent).await?;
    let client = checked(idp, sent, &policy, id.clone()).await?;
    if client.sector() != told.client.sector() {
        return Err(refused(
            "redirect_uris: another sector would make every citizen a stranger to you; register another client",
        ));
    }
    let secret = manage::store_changed(idp, (&told.client, &client), "registration access token").await?;
    Ok(Told {
        client,
        secret,
        ..told
    })
}

/// Removes the client and everything that was issued to it (RFC 7592 §2.3).
///
/// # Errors
/// [`Unregistered::BadToken`].
pub async fn remove(idp: &Idp, id: &ClientId, token: Option<&str>) -> Result<(), Error<Unregistered>> {
    known(idp, id, token).await?;
    let now = idp.now();
    let mut write = idp.store.write().await?;
    store::grants::revoke_of_client(&mut write, id, now).await?;
    store::outbox::forget(&mut write, id).await?;
    if store::clients::remove(&mut write, id).await? {
        let record = Record::new(Event::ClientRemoved, Outcome::Done).client(id);
        store::audit::append(&mut write, &record.with("by", "registration access token"), now).await?;
    }
    Ok(write.commit().await?)
}

/// The client whose registration access token this is.
async fn known(idp: &Idp, id: &ClientId, token: Option<&str>) -> Result<(Told, Policy), Error<Unregistered>> {
    let digest = digest(token)?;
    let mut read = idp.store.read().await?;
    let registration = store::registrations::find(&mut read, id).await?;
    let listed = store::clients::listed(&mut read, id).await?;
    drop(read);
    match (registration, listed, token) {
        (Some((expected, policy)), Some(listed), Some(token))
            if expected == digest && listed.disabled_at.is_none() =>
        {
            let told = Told {
                client: listed.client,
                issued_at: listed.created_at,
                secret: None,
                token: Secret::new(token.to_owned()),
            };
            Ok((told, policy))
        }
        _ => Err(Error::Refused(Unregistered::BadToken)),
    }
}

/// RFC 7592 §2.2: the id must be repeated, and a secret that is sent must be the one that was issued.
async fn repeats(idp: &Idp, id: &ClientId, sent: &Map<String, Value>) -> Result<(), Error<Unregistered>> {
    if sent.get("client_id").and_then(Value::as_str) != Some(id.as_str()) {
        return Err(refused("client_id: must be repeated"));
    }
    let Some(secret) = sent.get("client_secret") else {
        return Ok(());
    };
    let mut read = idp.store.read().await?;
    let stored = store::clients::find(&mut read, id)
        .await?
        .and_then(|(_, secret)| secret);
    match (secret.as_str().map(secret_digest), stored) {
        (Some(given), Some(stored)) if given == stored => Ok(()),
        _ => Err(refused("client_secret: not the one that was issued")),
    }
}

/// A client made of what was sent: well-formed, within the operator's policy, its sector document read.
async fn checked(
    idp: &Idp,
    sent: Map<String, Value>,
    policy: &Policy,
    id: ClientId,
) -> Result<Client, Error<Unregistered>> {
    let told = |unacceptable: Unacceptable| Error::Refused(Unregistered::from(unacceptable));
    let registration = asked(sent, policy).map_err(told)?;
    let client = registration.check(id).map_err(|invalid| told(invalid.into()))?;
    let client = within(policy, client).map_err(told)?;
    sector::check(idp, &client)
        .await
        .map_err(|invalid| told(invalid.into()))?;
    Ok(client)
}

fn digest(token: Option<&str>) -> Result<Digest, Error<Unregistered>> {
    let token = token.ok_or(Error::Refused(Unregistered::NoToken))?;
    let token = Opaque::parse(token).ok_or(Error::Refused(Unregistered::BadToken))?;
    Ok(token.digest())
}

fn refused(problem: &str) -> Error<Unregistered> {
    Error::Refused(Unregistered::Metadata(Unacceptable::Metadata(problem.to_owned())))
}
