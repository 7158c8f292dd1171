//! A client's public keys: in its registration, or at an address of its own.

use std::sync::Arc;

use sdk_jose::{Expected, JwkSet, Refusal, Unverified, Verified};

use crate::{
    error::Fault,
    fetch::Freshness,
    rules::{
        certificate::Certificate,
        client::{Client, ClientKeys},
    },
    service::Idp,
};

/// The keys of `client`; an empty set when it has none, or when they cannot be fetched now.
///
/// # Errors
/// A fault when what was registered cannot be read.
pub async fn of(idp: &Idp, client: &Client) -> Result<Arc<JwkSet>, Fault> {
    current(idp, client, Freshness::Usual).await
}

/// Checks a token that `client` signed with one of its keys. A key that is not there may be newer than the set at hand:
/// it is fetched once more.
///
/// # Errors
/// The refusal inside, a fault outside.
pub async fn verify(
    idp: &Idp,
    client: &Client,
    token: &str,
    expected: &Expected<'_>,
) -> Result<Result<Verified, Refusal>, Fault> {
    let check = |keys: &JwkSet| Unverified::parse(token).and_then(|token| token.verify(keys, expected));
    let known = current(idp, client, Freshness::Usual).await?;
    let newer_may_be_there = |refusal| matches!(refusal, Refusal::UnknownKey | Refusal::Signature);
    match check(&known) {
        Err(refusal) if newer_may_be_there(refusal) && client.has_keys_elsewhere() => {
            Ok(check(current(idp, client, Freshness::KeyMissing).await?.as_ref()))
        }
        checked => Ok(checked),
    }
}

/// `certificate` is about one of `client`'s keys.
///
/// # Errors
/// A fault when what was registered cannot be read.
pub async fn holds(idp: &Idp, client: &Client, certificate: &Certificate) -> Result<bool, Fault> {
    let among = |keys: &JwkSet| keys.keys().iter().any(|key| certificate.is_about(key.key()));
    if among(current(idp, client, Freshness::Usual).await?.as_ref()) {
        return Ok(true);
    }
    Ok(client.has_keys_elsewhere() && among(current(idp, client, Freshness::KeyMissing).await?.as_ref()))
}

async fn current(idp: &Idp, client: &Client, freshness: Freshness) -> Result<Arc<JwkSet>, Fault> {
    match &client.keys {
        None => Ok(Arc::default()),
        Some(ClientKeys::Jwks(set)) => JwkSet::parse(set.to_string().as_bytes())
            .map(Arc::new)
            .map_err(|refusal| Fault::of("reading a client's keys", refusal)),
        Some(ClientKeys::JwksUri(address)) => {
            let found = idp
                .key_sets
                .at(idp.fetch.as_ref(), address, freshness, idp.now())
                .await;
            Ok(found.unwrap_or_default())
        }
    }
}
