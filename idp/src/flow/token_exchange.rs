//! Token exchange (RFC 8693): from agency to agency, in the citizen's name and with the agency's own beside it.

use crate::{
    error::Error,
    rules::{
        access_token::Holder,
        audit::Event,
        client::Client,
        exchange::{self, NOT_GOOD},
        oauth::{Code, OauthError},
        parameters::Parameters,
    },
    service::Idp,
    store,
};

use super::{
    access,
    grant::{Tokens, about, refused},
    possession::Held,
};

/// Exchanges a citizen's access token for one towards another resource.
pub(super) async fn exchange(
    idp: &Idp,
    client: &Client,
    request: &Parameters,
    held: &Held,
) -> Result<Tokens, Error<OauthError>> {
    if !client.authentication.is_confidential() {
        return refused(OauthError::new(
            Code::UnauthorizedClient,
            "a client without authentication cannot act for anybody",
        ));
    }
    let resources = &idp.config.resources;
    let asked = exchange::asked(request, client, resources).map_err(Error::Refused)?;
    let mut write = idp.store.write().await?;
    let Some((token, _)) = access::living(idp, &mut write, asked.subject_token).await? else {
        return refused(OauthError::new(Code::InvalidRequest, NOT_GOOD));
    };
    let decided =
        exchange::exchange(&asked, token, client, (resources, idp.now())).map_err(Error::Refused)?;
    let token = decided.into_token(held.binding);
    let format = access::format(client, Some(asked.target));
    let text = access::issue(idp, &mut write, (client, format), &token).await?;
    if let Holder::Citizen { grant, actors } = &token.holder {
        let actors: Vec<&str> = actors.iter().map(|actor| actor.as_str()).collect();
        let record = about(Event::TokenExchanged, grant)
            .client(&client.id)
            .with("resource", asked.target.uri.as_str())
            .with("scope", token.scope.to_string())
            .with("actors", actors.join(" "));
        store::audit::append(&mut write, &record, token.issued_at).await?;
    }
    write.commit().await?;
    Ok(Tokens {
        issued_token_type: Some(exchange::ACCESS_TOKEN),
        ..Tokens::bare(client, text, &token)
    })
}
