//! A request object (RFC 9101, OpenID Connect Core §6): claims that the client signed become the request's parameters,
//! and nothing beside them counts.

use sdk_jose::{Algorithm, json::Object};
use serde_json::Value;

use crate::rules::{
    client::{Client, Encryption, Profile},
    oauth::{Code, OauthError, refuse_if},
    parameters::Parameters,
    time::{Seconds, Timestamp},
};

/// The algorithms with which `client`'s objects may be signed: the registered one, else every one that its profile
/// allows. `none` has no name here (RFC 9101 §10.8 leaves it out as well).
#[must_use]
pub fn algorithms(client: &Client) -> Vec<Algorithm> {
    let usual: &[Algorithm] = if client.profile.is_fapi() {
        &FAPI
    } else {
        &ACCEPTED
    };
    match client.request_objects.alg {
        Some(registered) => usual
            .iter()
            .copied()
            .filter(|known| *known == registered)
            .collect(),
        None => usual.to_vec(),
    }
}

/// Checks that `client` encrypts as it registered (OpenID Connect Registration §2 `request_object_encryption_alg`).
///
/// # Errors
/// `invalid_request_object`.
pub fn encrypted_as_registered(client: &Client, sent: Encryption) -> Result<(), OauthError> {
    let registered = client.request_objects.encryption;
    refuse(
        registered.is_some_and(|registered| registered != sent),
        "the request object is encrypted by another algorithm than the registered one",
    )
}

/// Checks the claims of an object whose signature was verified with `client`'s keys, and turns them into parameters.
///
/// # Errors
/// `invalid_request_object`, with the first clause that fails.
pub fn parameters(
    claims: &Object,
    client: &Client,
    issuer: &str,
    now: Timestamp,
) -> Result<Parameters, OauthError> {
    let strict = client.profile == Profile::Fapi2MessageSigning || client.profile == Profile::Fapi2Security;
    of_this_client(claims, client)?;
    for_this_provider(claims, issuer, strict)?;
    not_an_assertion(claims)?;
    not_expired(claims, now, strict)?;
    begun(claims, now, strict)?;
    not_nested(claims)?;
    Ok(carried(claims))
}

/// RFC 9101 §5: `client_id` is the one that sent it; §4: so is `iss`, where it is said.
fn of_this_client(claims: &Object, client: &Client) -> Result<(), OauthError> {
    let id = text(claims, "client_id")?;
    refuse(
        id != Some(client.id.as_str()),
        "client_id of the request object is missing or another",
    )?;
    let iss = text(claims, "iss")?;
    refuse(
        iss.is_some_and(|iss| iss != client.id.as_str()),
        "iss of the request object is not the client",
    )
}

/// RFC 9101 §4: `aud` names this provider, perhaps among others; FAPI 2.0 Message Signing §5.3.1 makes it required.
fn for_this_provider(claims: &Object, issuer: &str, strict: bool) -> Result<(), OauthError> {
    let named = match claims.get("aud") {
        None => !strict,
        Some(Value::String(aud)) => aud == issuer,
        Some(Value::Array(all)) => all.iter().any(|aud| aud.as_str() == Some(issuer)),
        Some(_) => false,
    };
    refuse(!named, "aud of the request object is not this provider")
}

/// RFC 9101 §10.8: what authenticates a client (`sub` is the client) is not a request.
fn not_an_assertion(claims: &Object) -> Result<(), OauthError> {
    refuse(claims.contains_key("sub"), "sub has no place in a request object")
}

/// RFC 7519 §4.1.4; FAPI 2.0 Message Signing §5.3.1: `exp` is required, at most 60 minutes after `nbf`.
fn not_expired(claims: &Object, now: Timestamp, strict: bool) -> Result<(), OauthError> {
    let Some(exp) = moment(claims, "exp")? else {
        return refuse(strict, "exp of the request object is missing");
    };
    refuse(exp.reached(now), "the request object has expired")?;
    let begun = moment(claims, "nbf")?.unwrap_or(now);
    refuse(
        strict && exp.since(begun) > LONGEST_LIFE,
        "exp of the request object is more than an hour after nbf",
    )
}

/// RFC 7519 §4.1.5; FAPI 2.0 Message Signing §5.3.1: `nbf` is required, at most 60 minutes ago.
fn begun(claims: &Object, now: Timestamp, strict: bool) -> Result<(), OauthError> {
    let Some(nbf) = moment(claims, "nbf")? else {
        return refuse(strict, "nbf of the request object is missing");
    };
    refuse(nbf.since(now) > AHEAD, "nbf of the request object lies ahead")?;
    refuse(
        strict && now.since(nbf) > LONGEST_LIFE,
        "nbf of the request object is more than an hour ago",
    )
}

/// RFC 9101 §4: neither `request` nor `request_uri` inside.
fn not_nested(claims: &Object) -> Result<(), OauthError> {
    refuse(
        claims.contains_key("request") || claims.contains_key("request_uri"),
        "a request object must not hold another",
    )
}

/// RFC 9101 §4: text as it is, numbers as text, structures (`claims`, `authorization_details`) as JSON. What belongs to
/// the JWT itself is no parameter.
fn carried(claims: &Object) -> Parameters {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in claims {
        if OF_THE_JWT.contains(&name.as_str()) {
            continue;
        }
        match value {
            Value::Null => {}
            Value::String(text) => pairs.push((name.clone(), text.clone())),
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                pairs.push((name.clone(), value.to_string()));
            }
            Value::Array(items) if Parameters::may_repeat(name) => {
                let texts = items.iter().filter_map(Value::as_str);
                pairs.extend(texts.map(|text| (name.clone(), text.to_owned())));
            }
            Value::Array(_) => pairs.push((name.clone(), value.to_string())),
        }
    }
    Parameters::of(pairs)
}

fn text<'a>(claims: &'a Object, name: &str) -> Result<Option<&'a str>, OauthError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid("a claim of the request object has another type")),
    }
}

/// RFC 7519 §2 NumericDate; fractions are allowed there and cut off here.
fn moment(claims: &Object, name: &str) -> Result<Option<Timestamp>, OauthError> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let whole = value.as_i64().or_else(|| value.as_f64().and_then(whole));
    whole
        .map(|seconds| Some(Timestamp(seconds)))
        .ok_or(invalid("a time in the request object is not a number"))
}

#[expect(
    clippy::as_conversions,
    reason = "a float-to-integer cast saturates, and the range was checked"
)]
fn whole(seconds: f64) -> Option<i64> {
    (seconds.abs() < 1e15).then_some(seconds as i64)
}

fn refuse(wrong: bool, description: &'static str) -> Result<(), OauthError> {
    refuse_if(wrong, Code::InvalidRequestObject, description)
}

fn invalid(description: &'static str) -> OauthError {
    OauthError::new(Code::InvalidRequestObject, description)
}

/// RFC 7519 §4.1.
const OF_THE_JWT: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];
/// What any client may sign with; RS256 for those that certification runs bring.
pub const ACCEPTED: [Algorithm; 5] = [
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
    Algorithm::PS256,
    Algorithm::RS256,
];
/// FAPI 2.0 Security Profile §5.4.1.
const FAPI: [Algorithm; 3] = [Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
/// FAPI 2.0 Message Signing §5.3.1: sixty minutes.
const LONGEST_LIFE: Seconds = Seconds(3_600);
/// FAPI 2.0 Security Profile §5.3.2.1: clocks that are up to ten seconds ahead are tolerated, sixty are refused.
const AHEAD: Seconds = Seconds(10);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::registration::tests::check;

    const NOW: Timestamp = Timestamp(1_000_000);
    const ISSUER: &str = "https://id.example";

    fn object(change: &Value) -> Object {
        let mut claims = json!({
            "iss": "agency", "aud": ISSUER, "client_id": "agency", "exp": NOW.0 + 300, "nbf": NOW.0,
            "redirect_uri": "https://agency.example/cb", "response_type": "code", "max_age": 60,
            "claims": {"userinfo": {"name": null}}, "resource": ["https://a.example", "https://b.example"],
        });
        let claims = claims.as_object_mut().unwrap();
        for (name, value) in change.as_object().unwrap() {
            match value {
                Value::Null => claims.remove(name),
                other => claims.insert(name.clone(), other.clone()),
            };
        }
        claims.clone()
    }

    fn client(profile: Profile) -> Client {
        let mut client = check(|r| r.client_id = Some("agency".to_owned())).unwrap();
        client.profile = profile;
        client
    }

    /// Accepted for a client under FAPI, and for any other.
    fn accepted(change: &Value) -> (bool, bool) {
        let ok = |profile| parameters(&object(change), &client(profile), ISSUER, NOW).is_ok();
        (ok(Profile::Fapi2MessageSigning), ok(Profile::Plain))
    }

    #[test]
    fn what_it_carries_becomes_parameters_and_what_is_the_jwts_does_not() {
        let read = parameters(&object(&json!({})), &client(Profile::Plain), ISSUER, NOW).unwrap();
        assert_eq!(read.value("redirect_uri"), Some("https://agency.example/cb"));
        assert_eq!(read.value("max_age"), Some("60"));
        assert_eq!(read.value("claims"), Some(r#"{"userinfo":{"name":null}}"#));
        assert_eq!(read.values("resource").count(), 2);
        assert_eq!(read.value("exp"), None);
        assert!(!read.has_repeated());
    }

    #[test]
    fn a_good_one_is_accepted() {
        assert_eq!(accepted(&json!({})), (true, true));
    }

    #[test]
    fn multiple_aud_succeeds() {
        assert_eq!(
            accepted(&json!({ "aud": ["https://other.example", ISSUER] })),
            (true, true)
        );
    }

    #[test]
    fn bad_aud_fails() {
        for aud in [json!("https://other.example"), json!([]), json!(7)] {
            assert_eq!(accepted(&json!({ "aud": aud })), (false, false));
        }
        assert_eq!(accepted(&json!({ "aud": null })), (false, true));
    }

    #[test]
    fn nbf_8_seconds_in_the_future_is_accepted_and_over_60_is_not() {
        assert_eq!(accepted(&json!({ "nbf": NOW.0 + 8 })), (true, true));
        assert_eq!(
            accepted(&json!({ "nbf": NOW.0 + 61, "exp": NOW.0 + 300 })),
            (false, false)
        );
    }

    #[test]
    fn without_exp_fails() {
        assert_eq!(accepted(&json!({ "exp": null })), (false, true));
    }

    #[test]
    fn without_nbf_fails() {
        assert_eq!(accepted(&json!({ "nbf": null })), (false, true));
    }

    #[test]
    fn expired_fails() {
        assert_eq!(accepted(&json!({ "exp": NOW.0 })), (false, false));
        assert_eq!(accepted(&json!({ "exp": "soon" })), (false, false));
    }

    #[test]
    fn exp_over_60_minutes_fails() {
        assert_eq!(accepted(&json!({ "exp": NOW.0 + 3_600 })), (true, true));
        assert_eq!(accepted(&json!({ "exp": NOW.0 + 4_200 })), (false, true));
    }

    #[test]
    fn nbf_over_60_minutes_fails() {
        assert_eq!(accepted(&json!({ "nbf": NOW.0 - 4_200 })), (false, true));
    }

    #[test]
    fn of_another_client_fails() {
        assert_eq!(accepted(&json!({ "client_id": "other" })), (false, false));
        assert_eq!(accepted(&json!({ "client_id": null })), (false, false));
        assert_eq!(accepted(&json!({ "iss": "other" })), (false, false));
        assert_eq!(accepted(&json!({ "sub": "agency" })), (false, false));
    }

    #[test]
    fn another_request_inside_fails() {
        assert_eq!(accepted(&json!({ "request": "x" })), (false, false));
        assert_eq!(accepted(&json!({ "request_uri": "urn:x" })), (false, false));
    }

    #[test]
    fn rs256_is_not_for_fapi_and_the_registered_algorithm_alone_counts() {
        assert!(!algorithms(&client(Profile::Fapi2Security)).contains(&Algorithm::RS256));
        assert!(algorithms(&client(Profile::Plain)).contains(&Algorithm::RS256));
        let mut only = client(Profile::Plain);
        only.request_objects.alg = Some(Algorithm::PS256);
        assert_eq!(algorithms(&only), [Algorithm::PS256]);
    }
}
