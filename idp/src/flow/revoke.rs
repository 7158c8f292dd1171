//! Revocation (RFC 7009): a client gives a token back.

use crate::{
    error::Error,
    rules::{
        audit::Event,
        credentials::Presented,
        oauth::{Code, OauthError},
        parameters::Parameters,
        secret::Opaque,
    },
    service::Idp,
    store,
};

use super::{
    client::authenticate,
    grant::{about, refused},
};

/// Revokes a token of the client that presents itself: an access token alone, a refresh token with its whole family.
/// A token of another client, or of nobody, is answered the same way and left alone (§2.2).
///
/// # Errors
/// `invalid_client`, or `invalid_request` without a token.
pub async fn revoke(idp: &Idp, presented: &Presented, request: &Parameters) -> Result<(), Error<OauthError>> {
    if request.has_repeated() {
        return refused(OauthError::new(Code::InvalidRequest, "a parameter is repeated"));
    }
    let client = authenticate(idp, presented).await?;
    let Some(token) = request.value("token") else {
        return refused(OauthError::new(Code::InvalidRequest, "token is missing"));
    };
    let Some(token) = Opaque::parse(token) else {
        return Ok(());
    };
    let (now, digest) = (idp.now(), token.digest());
    let mut write = idp.store.write().await?;
    let refresh = store::tokens::family_of_refresh(&mut write, &digest).await?;
    let family = match &refresh {
        Some(family) => Some(family.clone()),
        None => store::tokens::family_of_access(&mut write, &digest).await?,
    };
    let Some(family) = family else { return Ok(()) };
    let grant = store::grants::find(&mut write, &family).await?;
    let Some(grant) = grant.filter(|grant| grant.client == client.id) else {
        return Ok(());
    };
    let kind = if refresh.is_some() {
        store::grants::revoke(&mut write, &grant.id, now).await?;
        "refresh_token"
    } else {
        store::tokens::revoke_access(&mut write, &digest, now).await?;
        "access_token"
    };
    store::audit::append(
        &mut write,
        &about(Event::TokenRevoked, &grant).with("kind", kind),
        now,
    )
    .await?;
    Ok(write.commit().await?)
}
