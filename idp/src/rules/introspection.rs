//! What introspection tells, and to whom (RFC 7662, RFC 9701).

use serde_json::{Map, Value, json};

use super::{
    access_token::{AccessToken, Holder, act},
    assurance::Levels,
    client::Client,
    ids::ClientId,
    resource::{Audience, Resources},
};

/// This client may learn what the token is: the one that it was issued to, or the one that runs the resource that it is
/// for. Everybody else hears the same as of a token that never was (RFC 7662 §4, identity row 23).
#[must_use]
pub fn may_learn(caller: &Client, token: &AccessToken, resources: &Resources) -> bool {
    let runs_it = match &token.audience {
        Audience::Userinfo => false,
        Audience::Resource(uri) => resources
            .find(uri)
            .is_some_and(|resource| resource.client == caller.id),
    };
    token.client == caller.id || runs_it
}

/// RFC 7662 §2.2: of a token that is not good, or not the caller's to know, nothing else is said.
#[must_use]
pub fn inactive() -> Map<String, Value> {
    Map::from_iter([("active".to_owned(), Value::Bool(false))])
}

/// What is said of a living token; `sub` is the citizen as the caller knows them, or the client's id.
#[must_use]
pub fn active(token: &AccessToken, (issuer, levels): (&str, &Levels), sub: &str) -> Map<String, Value> {
    let mut said = Map::new();
    let mut tell = |name: &str, value: Value| {
        if !value.is_null() {
            said.insert(name.to_owned(), value);
        }
    };
    tell("active", json!(true));
    tell("iss", json!(issuer));
    tell("sub", json!(sub));
    tell("aud", json!(token.audience.resource().unwrap_or(issuer)));
    tell("client_id", json!(token.client.as_str()));
    tell("token_type", json!(token.binding.token_type()));
    tell("cnf", json!(token.binding.confirmation()));
    tell("scope", json!(token.scope.to_string()));
    tell("iat", json!(token.issued_at.0));
    tell("exp", json!(token.expires_at.0));
    tell("authorization_details", json!(token.details));
    match &token.holder {
        Holder::Client => {}
        Holder::Citizen { grant, actors } => {
            // RFC 9470 §6.2: what a resource server needs to ask for a step-up.
            tell("acr", json!(grant.acr(levels)));
            tell("amr", json!(grant.assurance.amr));
            tell("auth_time", json!(grant.auth_time.0));
            tell("act", json!(act(actors)));
        }
    }
    said
}

/// The claims of a signed answer (RFC 9701 §5): who says it to whom, and the answer whole.
#[must_use]
pub fn signed(issuer: &str, caller: &ClientId, now: i64, said: Map<String, Value>) -> Value {
    json!({ "iss": issuer, "aud": caller.as_str(), "iat": now, "token_introspection": said })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{
        binding::Binding,
        grant::tests::grant,
        registration::tests::check,
        resource::{
            ScopeTokens,
            tests::{HEALTH, TAX, resources},
        },
        secret::Digest,
        time::Timestamp,
    };

    fn token(audience: Audience) -> AccessToken {
        AccessToken {
            client: ClientId::known("agency"),
            holder: Holder::Citizen {
                grant: Box::new(grant()),
                actors: vec![ClientId::known("agency")],
            },
            binding: Binding::Certificate(Digest::of(b"certificate")),
            audience,
            scope: ScopeTokens::parse("renta:leer"),
            details: None,
            issued_at: Timestamp(10),
            expires_at: Timestamp(310),
        }
    }

    fn caller(id: &str) -> Client {
        let mut client = check(|_| {}).unwrap();
        client.id = ClientId::known(id);
        client
    }

    #[test]
    fn its_holder_and_its_resource_may_learn_of_it_and_nobody_else() {
        let token = token(Audience::Resource(TAX.to_owned()));
        let may = |id| may_learn(&caller(id), &token, &resources());
        assert!(may("agency") && may("impuestos"));
        assert!(!may("salud") && !may("other"));
    }

    #[test]
    fn a_token_for_userinfo_is_its_holders_alone() {
        let token = token(Audience::Userinfo);
        let may = |id| may_learn(&caller(id), &token, &resources());
        assert!(may("agency"));
        assert!(!may("impuestos"));
    }

    #[test]
    fn a_living_token_is_told_with_its_actor_and_assurance() {
        let said = active(
            &token(Audience::Resource(HEALTH.to_owned())),
            ("https://id.example", &Levels::default()),
            "s",
        );
        assert_eq!(
            Value::Object(said),
            json!({
                "active": true, "iss": "https://id.example", "sub": "s", "aud": HEALTH, "client_id": "agency",
                "token_type": "Bearer", "scope": "renta:leer", "iat": 10, "exp": 310, "acr": "urn:aval:aal2",
                "amr": ["pwd", "otp", "mfa"], "auth_time": 0, "act": { "sub": "agency" },
                "cnf": { "x5t#S256": Digest::of(b"certificate").text() },
            })
        );
    }
}
