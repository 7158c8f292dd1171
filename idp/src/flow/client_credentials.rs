//! A client gets an access token for itself (RFC 6749 §4.4): no citizen, no refresh token, no id token.

use crate::{
    error::Error,
    rules::{
        access_token::{AccessToken, Holder},
        audit::{Event, Outcome, Record},
        authorize::details,
        binding::Binding,
        client::{AccessTokenFormat, Client},
        details::Details,
        grant::narrowed,
        oauth::{Code, OauthError},
        parameters::Parameters,
        resource::{Audience, Resource, ScopeTokens},
    },
    service::Idp,
    store,
};

use super::{
    access,
    grant::{Tokens, refused},
    possession::Held,
};

/// Issues a token with the client's own authority.
pub(super) async fn issue(
    idp: &Idp,
    client: &Client,
    request: &Parameters,
    held: &Held,
) -> Result<Tokens, Error<OauthError>> {
    if !client.authentication.is_confidential() {
        return refused(OauthError::new(
            Code::UnauthorizedClient,
            "a client without authentication has no authority of its own (RFC 6749 §4.4)",
        ));
    }
    let resource = idp
        .config
        .resources
        .of_client(client, request.values("resource").next())
        .map_err(Error::Refused)?;
    let format = access::format(client, resource);
    let token = token(idp, (client, format), resource, request).map_err(Error::Refused)?;
    let token = AccessToken {
        binding: held.binding,
        ..token
    };
    let access_token = match format {
        AccessTokenFormat::Jwt => {
            idp.tally.token(&client.id, token.issued_at)?;
            access::issue_rowless(idp, client, &token).await?
        }
        AccessTokenFormat::Opaque => {
            let mut write = idp.store.write().await?;
            let text = access::issue(idp, &mut write, (client, format), &token).await?;
            let record = Record::new(Event::ClientTokenIssued, Outcome::Done)
                .client(&client.id)
                .with("scope", token.scope.to_string())
                .with("resource", token.audience.resource().unwrap_or_default());
            store::audit::append(&mut write, &record, token.issued_at).await?;
            write.commit().await?;
            text
        }
    };
    Ok(Tokens::bare(client, access_token, &token))
}

fn token(
    idp: &Idp,
    (client, format): (&Client, AccessTokenFormat),
    resource: Option<&Resource>,
    request: &Parameters,
) -> Result<AccessToken, OauthError> {
    let now = idp.now();
    let open = resource.map_or_else(ScopeTokens::default, |resource| resource.scope.clone());
    let details = details::read(request, client, &idp.config.authorization_details)?;
    Ok(AccessToken {
        client: client.id.clone(),
        holder: Holder::Client,
        binding: Binding::None,
        audience: Audience::of(resource),
        scope: narrowed(&open, request.value("scope"))?,
        details: Details::of(details),
        issued_at: now,
        expires_at: now.after(access::lifetime(format)),
    })
}
