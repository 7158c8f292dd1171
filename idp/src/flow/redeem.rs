//! The token endpoint: who asks, for which grant, and whether they may.

use crate::{
    error::Error,
    rules::{
        client::{Client, GrantType},
        credentials::Presented,
        oauth::{Code, OauthError},
        parameters::Parameters,
    },
    service::Idp,
};

use super::{
    client::authenticate, client_credentials, code, device, grant::Tokens, possession::held,
    refresh::refresh, token_exchange,
};

/// A token request (RFC 6749 §3.2).
///
/// # Errors
/// The error response of RFC 6749 §5.2.
pub async fn exchange(
    idp: &Idp,
    presented: &Presented,
    request: &Parameters,
) -> Result<Tokens, Error<OauthError>> {
    no_repetition(request).map_err(Error::Refused)?;
    let client = authenticate(idp, presented).await?;
    let grant = grant(&client, request).map_err(Error::Refused)?;
    let held = held(idp, &client, &presented.arrival).await?;
    // Each in a box of its own size: the largest of them would be copied about for all.
    match grant {
        GrantType::AuthorizationCode => Box::pin(code::redeem(idp, &client, request, &held)).await,
        GrantType::RefreshToken => Box::pin(refresh(idp, &client, request, &held)).await,
        GrantType::ClientCredentials => {
            Box::pin(client_credentials::issue(idp, &client, request, &held)).await
        }
        GrantType::DeviceCode => Box::pin(device::redeem(idp, &client, request, &held)).await,
        GrantType::TokenExchange => Box::pin(token_exchange::exchange(idp, &client, request, &held)).await,
    }
}

/// RFC 6749 §3.2. RFC 8707 §2 lets `resource` come more than once; here a token is for one.
fn no_repetition(request: &Parameters) -> Result<(), OauthError> {
    if request.values("resource").nth(1).is_some() {
        return Err(OauthError::new(
            Code::InvalidTarget,
            "resource is repeated: a token is for one",
        ));
    }
    if request.has_repeated() {
        return Err(OauthError::new(Code::InvalidRequest, "a parameter is repeated"));
    }
    Ok(())
}

/// The grant that the request names, if this client is registered for it (RFC 6749 §5.2).
fn grant(client: &Client, request: &Parameters) -> Result<GrantType, OauthError> {
    let name = request
        .value("grant_type")
        .ok_or(OauthError::new(Code::InvalidRequest, "grant_type is missing"))?;
    let grant = GrantType::ALL
        .into_iter()
        .find(|grant| grant.name() == name)
        .ok_or(OauthError::new(
            Code::UnsupportedGrantType,
            "grant_type is not supported",
        ))?;
    if client.may_use(grant) {
        Ok(grant)
    } else {
        Err(OauthError::new(
            Code::UnauthorizedClient,
            "this client is not registered for this grant_type",
        ))
    }
}
