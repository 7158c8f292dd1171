//! Initial access tokens (RFC 7591 §1.2): an operator lets an agency register its own clients, so many and so long.

use crate::{
    error::{Error, Fault},
    rules::{
        audit::{Event, Outcome, Record},
        dynamic::{InitialToken, Policy},
        ids::InitialTokenId,
        secret::Secret,
        time::Seconds,
    },
    service::Idp,
    store,
};

/// Makes one; its value is told here and never again.
///
/// # Errors
/// A fault of the database.
pub async fn create(
    idp: &Idp,
    policy: Policy,
    uses: u32,
    lifetime: Seconds,
) -> Result<(InitialToken, Secret<String>), Fault> {
    let now = idp.now();
    let (value, [name @ .., _, _, _, _, _, _, _, _, _, _]) = (idp.opaque(), idp.id());
    let token = InitialToken {
        // Short enough to be typed; it names the token and opens nothing.
        id: InitialTokenId::known(data_encoding::HEXLOWER.encode(&name)),
        policy,
        uses_left: i64::from(uses),
        expires_at: now.after(lifetime),
    };
    let mut write = idp.store.write().await?;
    store::registrations::insert_initial(&mut write, &token, &value.digest(), now).await?;
    let record = Record::new(Event::InitialTokenCreated, Outcome::Done)
        .with("token", token.id.as_str())
        .with("hosts", token.policy.hosts.join(" "))
        .with("uses", uses.to_string());
    store::audit::append(&mut write, &record, now).await?;
    write.commit().await?;
    Ok((token, value.text()))
}

/// Those that are still good.
///
/// # Errors
/// A fault of the database.
pub async fn all(idp: &Idp) -> Result<Vec<InitialToken>, Fault> {
    let mut read = idp.store.read().await?;
    store::registrations::initials(&mut read, idp.now()).await
}

/// Takes one back. Clients that were registered with it stay.
///
/// # Errors
/// [`Unknown`], or a fault of the database.
pub async fn revoke(idp: &Idp, id: &InitialTokenId) -> Result<(), Error<Unknown>> {
    let mut write = idp.store.write().await?;
    if !store::registrations::remove_initial(&mut write, id).await? {
        return Err(Error::Refused(Unknown(id.clone())));
    }
    let record = Record::new(Event::InitialTokenRevoked, Outcome::Done).with("token", id.as_str());
    store::audit::append(&mut write, &record, idp.now()).await?;
    Ok(write.commit().await?)
}

/// No token has this name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}: no such token (idp client token list shows them)")]
pub struct Unknown(InitialTokenId);
