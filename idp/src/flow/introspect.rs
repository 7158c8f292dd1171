//! Introspection (RFC 7662): whoever serves a resource asks what a token is.

use serde_json::{Map, Value};

use crate::{
    error::Error,
    rules::{
        access_token::Holder,
        client::{Client, Protection},
        credentials::Presented,
        introspection::{active, inactive, may_learn, signed},
        oauth::{Code, OauthError},
        parameters::Parameters,
        tokens::subject,
    },
    service::Idp,
};

use super::{access, client::authenticate, grant::refused, protect::prepare};

/// What was asked, answered for one caller.
#[derive(Debug)]
pub struct Introspected {
    caller: Client,
    said: Map<String, Value>,
}

/// Says what a token is to the client that presents itself. A token that is not good, and one that is not the caller's
/// to know, are answered the same.
///
/// # Errors
/// `invalid_client`, or `invalid_request` without a token.
pub async fn introspect(
    idp: &Idp,
    presented: &Presented,
    request: &Parameters,
) -> Result<Introspected, Error<OauthError>> {
    if request.has_repeated() {
        return refused(OauthError::new(Code::InvalidRequest, "a parameter is repeated"));
    }
    let caller = authenticate(idp, presented).await?;
    if !caller.authentication.is_confidential() {
        // RFC 7662 §2.1: the endpoint must be protected; anybody can be a public client.
        return refused(OauthError::new(
            Code::InvalidClient,
            "a client without authentication may not introspect",
        ));
    }
    let Some(token) = request.value("token") else {
        return refused(OauthError::new(Code::InvalidRequest, "token is missing"));
    };
    let mut read = idp.store.read().await?;
    let found = access::living(idp, &mut read, token).await?;
    drop(read);
    let known = found.filter(|(token, _)| may_learn(&caller, token, &idp.config.resources));
    let said = match known {
        None => inactive(),
        Some((token, _)) => {
            let sub = match &token.holder {
                Holder::Citizen { grant, .. } => subject(&idp.derived.pairwise, &caller, &grant.citizen),
                Holder::Client => token.client.to_string(),
            };
            active(&token, (idp.config.issuer.as_str(), &idp.config.assurance), &sub)
        }
    };
    Ok(Introspected { caller, said })
}

impl Introspected {
    /// The answer as plain JSON.
    #[must_use]
    pub fn plain(self) -> Map<String, Value> {
        self.said
    }

    /// The answer as a signed JWT (RFC 9701 §5), by the algorithm that the caller registered, and encrypted where it
    /// registered that.
    ///
    /// # Errors
    /// `invalid_request` when the caller has no key to encrypt to.
    pub async fn protected(self, idp: &Idp) -> Result<String, Error<OauthError>> {
        let wanted = self.caller.introspection_response;
        let protection = Protection {
            signed: Some(wanted.signed.unwrap_or(self.caller.id_token_alg)),
            ..wanted
        };
        let prepared = prepare(idp, &self.caller, protection).await?;
        let (issuer, now) = (idp.config.issuer.as_str(), idp.now().0);
        let claims = signed(issuer, &self.caller.id, now, self.said);
        Ok(prepared.token(idp, TYP, &claims).await?)
    }
}

/// RFC 9701 §5.
const TYP: &str = "token-introspection+jwt";
