//! Token exchange (RFC 8693): an agency that holds a citizen's access token gets one for another agency's resource, in
//! which it is named as the actor. The result never opens more, and never lives longer, than what was exchanged.

use super::{
    access_token::{AccessToken, Holder},
    binding::Binding,
    client::Client,
    grant::Grant,
    ids::ClientId,
    oauth::{Code, OauthError},
    parameters::Parameters,
    resource::{Audience, Resource, Resources, ScopeTokens},
    time::{Seconds, Timestamp},
};

/// A request whose parameters are those that we take; nothing about the token is known yet.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The token to exchange.
    pub subject_token: &'a str,
    /// For this resource.
    pub target: &'a Resource,
    scope: Option<ScopeTokens>,
}

/// The exchanged token, decided and not yet issued.
#[derive(Debug)]
#[must_use]
pub struct Exchanged(pub(super) AccessToken);

impl Exchanged {
    /// The token to issue, bound to what its client showed. The token that was brought is evidence here: whose hands it
    /// worked in does not matter.
    pub fn into_token(self, binding: Binding) -> AccessToken {
        AccessToken { binding, ..self.0 }
    }
}

/// Reads the request in the order of RFC 8693 §2.1.
///
/// # Errors
/// The first parameter that is wrong.
pub fn asked<'a>(
    request: &'a Parameters,
    client: &Client,
    resources: &'a Resources,
) -> Result<Asked<'a>, OauthError> {
    let target = target(request, client, resources)?;
    access_token_only(
        request.value("requested_token_type"),
        "requested_token_type must be an access token",
    )?;
    let subject_token = request
        .value("subject_token")
        .ok_or(invalid("subject_token is missing"))?;
    if request.value("subject_token_type").is_none() {
        return Err(invalid("subject_token_type is missing"));
    }
    access_token_only(
        request.value("subject_token_type"),
        "subject_token_type must be an access token",
    )?;
    no_other_actor(request)?;
    let scope = request.value("scope").map(ScopeTokens::parse);
    Ok(Asked {
        subject_token,
        target,
        scope,
    })
}

/// Decides what comes of a living token.
///
/// # Errors
/// `invalid_request` (RFC 8693 §2.2.2: the subject token is not acceptable), `invalid_scope`.
pub fn exchange(
    asked: &Asked<'_>,
    token: AccessToken,
    client: &Client,
    (resources, now): (&Resources, Timestamp),
) -> Result<Exchanged, OauthError> {
    held_by(client, &token, resources)?;
    let (grant, actors) = of_a_citizen(token.holder)?;
    let actors = acting(client, actors)?;
    let scope = never_more(&asked.target.scope.and(&token.scope), asked.scope.as_ref())?;
    let details = token
        .details
        .as_ref()
        .and_then(|details| details.for_location(&asked.target.uri));
    Ok(Exchanged(AccessToken {
        client: client.id.clone(),
        holder: Holder::Citizen { grant, actors },
        binding: Binding::None,
        audience: Audience::Resource(asked.target.uri.clone()),
        scope,
        details,
        issued_at: now,
        expires_at: token.expires_at.min(now.after(LIFETIME)),
    }))
}

/// `resource` or `audience`, one of them, naming a resource that this client may ask tokens for.
fn target<'a>(
    request: &Parameters,
    client: &Client,
    resources: &'a Resources,
) -> Result<&'a Resource, OauthError> {
    match (
        request.values("resource").next(),
        request.values("audience").next(),
    ) {
        (Some(_), Some(_)) => Err(OauthError::new(
            Code::InvalidTarget,
            "resource and audience at once: a token is for one",
        )),
        (Some(uri), None) | (None, Some(uri)) => resources.open_to(client, uri),
        (None, None) => Err(OauthError::new(Code::InvalidTarget, "resource is missing")),
    }
}

fn access_token_only(kind: Option<&str>, description: &'static str) -> Result<(), OauthError> {
    match kind {
        None | Some(ACCESS_TOKEN) => Ok(()),
        Some(_) => Err(invalid(description)),
    }
}

/// The actor is the client that authenticated, always: there is no impersonation here, and nobody acts in the name of a
/// third (RFC 8693 §1.1).
fn no_other_actor(request: &Parameters) -> Result<(), OauthError> {
    if request.value("actor_token").is_some() || request.value("actor_token_type").is_some() {
        return Err(invalid(
            "actor_token is not accepted: the actor is the client itself",
        ));
    }
    Ok(())
}

/// The token came to this client by right: it was issued to it, or it was sent to the resource that it runs.
fn held_by(client: &Client, token: &AccessToken, resources: &Resources) -> Result<(), OauthError> {
    if super::introspection::may_learn(client, token, resources) {
        Ok(())
    } else {
        Err(invalid(NOT_GOOD))
    }
}

fn of_a_citizen(holder: Holder) -> Result<(Box<Grant>, Vec<ClientId>), OauthError> {
    match holder {
        Holder::Citizen { grant, actors } => Ok((grant, actors)),
        Holder::Client => Err(invalid("subject_token is not a citizen's")),
    }
}

/// The client in front of those that acted before it. Exchanging its own exchanged token again adds nobody.
fn acting(client: &Client, before: Vec<ClientId>) -> Result<Vec<ClientId>, OauthError> {
    if before.first() == Some(&client.id) {
        return Ok(before);
    }
    if before.len() >= MOST_ACTORS {
        return Err(invalid("subject_token has passed through too many hands"));
    }
    Ok(std::iter::once(client.id.clone()).chain(before).collect())
}

/// What the citizen's token opens and the resource knows; of that, what is asked.
fn never_more(open: &ScopeTokens, asked: Option<&ScopeTokens>) -> Result<ScopeTokens, OauthError> {
    match asked {
        None => Ok(open.clone()),
        Some(asked) if asked.within(open) => Ok(asked.clone()),
        Some(_) => Err(OauthError::new(
            Code::InvalidScope,
            "scope holds more than the subject token and the resource allow",
        )),
    }
}

fn invalid(description: &'static str) -> OauthError {
    OauthError::new(Code::InvalidRequest, description)
}

/// The words for every token that cannot be exchanged: they must not tell a stranger which tokens exist.
pub const NOT_GOOD: &str = "subject_token is not good, or no longer";
/// RFC 8693 §3.
pub const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// Ours: for the call that follows, not for a store of tokens.
const LIFETIME: Seconds = Seconds(300);
/// Ours: from the front desk through three back offices.
const MOST_ACTORS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{
        client::GrantType,
        grant::tests::grant,
        registration::tests::check,
        resource::tests::{HEALTH, TAX, resources},
    };

    fn client(id: &str, allowed: &[&str]) -> Client {
        let mut client = check(|_| {}).unwrap();
        client.id = ClientId::known(id);
        client.grant_types.push(GrantType::TokenExchange);
        client.resources = allowed.iter().map(|uri| (*uri).to_owned()).collect();
        client
    }

    fn request(changes: &[(&str, &str)]) -> Parameters {
        let mut all = vec![
            ("subject_token", "t"),
            ("subject_token_type", ACCESS_TOKEN),
            ("resource", HEALTH),
        ];
        all.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        all.extend(changes);
        let text = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(all)
            .finish();
        Parameters::parse(text.as_bytes())
    }

    fn asked_with(changes: &[(&str, &str)]) -> Result<(), &'static str> {
        asked(&request(changes), &client("agency", &[HEALTH]), &resources())
            .map(|_| ())
            .map_err(|error| error.code.name())
    }

    fn token(client: &str, actors: &[&str]) -> AccessToken {
        AccessToken {
            client: ClientId::known(client),
            holder: Holder::Citizen {
                grant: Box::new(grant()),
                actors: actors.iter().map(|id| ClientId::known(*id)).collect(),
            },
            binding: Binding::None,
            audience: Audience::Userinfo,
            scope: ScopeTokens::parse("openid profile email"),
            details: None,
            issued_at: Timestamp(0),
            expires_at: Timestamp(100),
        }
    }

    fn exchanged(
        by: &Client,
        token: AccessToken,
        changes: &[(&str, &str)],
    ) -> Result<AccessToken, OauthError> {
        let (all, request) = (resources(), request(changes));
        let asked = asked(&request, by, &all).unwrap();
        exchange(&asked, token, by, (&all, Timestamp(50))).map(|decided| decided.into_token(Binding::None))
    }

    #[test]
    fn each_parameter_is_checked() {
        assert_eq!(asked_with(&[]), Ok(()));
        for (changes, error) in [
            (("resource", ""), "invalid_target"),
            (("resource", TAX), "invalid_target"),
            (("audience", HEALTH), "invalid_target"),
            (("subject_token", ""), "invalid_request"),
            (("subject_token_type", ""), "invalid_request"),
            (
                ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
                "invalid_request",
            ),
            (
                (
                    "requested_token_type",
                    "urn:ietf:params:oauth:token-type:refresh_token",
                ),
                "invalid_request",
            ),
            (("actor_token", "t"), "invalid_request"),
            (("actor_token_type", ACCESS_TOKEN), "invalid_request"),
        ] {
            assert_eq!(asked_with(&[changes]), Err(error), "{changes:?}");
        }
    }

    #[test]
    fn the_client_is_named_as_the_actor() {
        let issued = exchanged(&client("agency", &[HEALTH]), token("agency", &[]), &[]).unwrap();
        let Holder::Citizen { actors, .. } = &issued.holder else {
            panic!()
        };
        assert_eq!(actors, &[ClientId::known("agency")]);
        assert_eq!(issued.audience, Audience::Resource(HEALTH.to_owned()));
    }

    #[test]
    fn it_opens_what_both_the_token_and_the_resource_know() {
        let by = client("agency", &[HEALTH]);
        let scope = |changes: &[(&str, &str)]| {
            exchanged(&by, token("agency", &[]), changes)
                .map(|token| token.scope.to_string())
                .map_err(|error| error.code.name())
        };
        assert_eq!(scope(&[]), Ok("profile".to_owned()));
        assert_eq!(scope(&[("scope", "salud:leer")]), Err("invalid_scope"));
        assert_eq!(scope(&[("scope", "email")]), Err("invalid_scope"));
    }

    #[test]
    fn it_does_not_live_longer() {
        let issued = exchanged(&client("agency", &[HEALTH]), token("agency", &[]), &[]).unwrap();
        assert_eq!(issued.expires_at, Timestamp(100));
    }

    #[test]
    fn a_token_of_another_client_is_refused() {
        let refused = exchanged(&client("thief", &[HEALTH]), token("agency", &[]), &[]).unwrap_err();
        assert_eq!(refused.code, Code::InvalidRequest);
    }

    #[test]
    fn the_resource_that_received_it_may_exchange_it_on() {
        let mut received = token("agency", &["agency"]);
        received.audience = Audience::Resource(TAX.to_owned());
        let issued = exchanged(&client("impuestos", &[HEALTH]), received, &[]).unwrap();
        let Holder::Citizen { actors, .. } = &issued.holder else {
            panic!()
        };
        assert_eq!(actors, &[ClientId::known("impuestos"), ClientId::known("agency")]);
    }

    #[test]
    fn a_chain_has_an_end() {
        let by = client("agency", &[HEALTH]);
        assert!(exchanged(&by, token("agency", &["d", "c", "b", "a"]), &[]).is_err());
    }

    #[test]
    fn a_clients_own_token_is_nobody_to_act_for() {
        let own = AccessToken {
            holder: Holder::Client,
            ..token("agency", &[])
        };
        assert!(exchanged(&client("agency", &[HEALTH]), own, &[]).is_err());
    }
}
