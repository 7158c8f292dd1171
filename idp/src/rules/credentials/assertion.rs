//! A client assertion (RFC 7523 §3, OpenID Connect Core §9): a signed statement "I am this client, and you are this
//! provider", good for a short time and once.

use sdk_jose::{Algorithm, Seconds as Span, UnixTime};
use serde::Deserialize;

use crate::rules::{
    client::{Authentication, Client},
    ids::ClientId,
    replay::Once,
    time::Timestamp,
};

/// The claims of an assertion whose signature was checked.
#[derive(Debug, Deserialize)]
pub struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: UnixTime,
    nbf: Option<UnixTime>,
    iat: Option<UnixTime>,
    jti: String,
}

/// `aud`: whether it was an array matters (FAPI 2.0 Security Profile §5.3.2.1 No. 8).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Checks the claims of an assertion by `client`, in the order of RFC 7523 §3. It counts when the [`Once`] was spent.
///
/// `endpoints` are the addresses that a client without a profile may name instead of the issuer.
///
/// # Errors
/// What is wrong with it; the signature was good, so its maker may know.
pub fn check(
    claims: &Claims,
    client: &Client,
    (issuer, endpoints): (&str, &[String]),
    now: Timestamp,
) -> Result<Once, &'static str> {
    let right = |right: bool, description| if right { Ok(()) } else { Err(description) };
    right(names(&claims.iss, &client.id), "iss is not the client")?;
    right(names(&claims.sub, &client.id), "sub is not the client")?;
    if client.profile.is_fapi() {
        right(
            claims.aud.is_exactly(issuer),
            "aud must be the issuer, as a string",
        )?;
    } else {
        let ours = |name: &str| name == issuer || endpoints.iter().any(|endpoint| endpoint == name);
        right(claims.aud.all(ours), "aud is not this provider")?;
    }
    let moment = UnixTime(now.0);
    right(claims.exp > moment, "exp has passed")?;
    right(
        claims.exp <= moment.plus(LONGEST),
        "exp is more than an hour ahead",
    )?;
    right(
        claims.nbf.is_none_or(|nbf| nbf <= moment.plus(AHEAD)),
        "nbf is ahead of our clock",
    )?;
    right(
        claims.iat.is_none_or(|iat| iat <= moment.plus(AHEAD)),
        "iat is ahead of our clock",
    )?;
    right(
        (1..=LONGEST_JTI).contains(&claims.jti.len()),
        "jti is empty or too long",
    )?;
    let parts = [
        b"assertion".as_slice(),
        client.id.as_str().as_bytes(),
        claims.jti.as_bytes(),
    ];
    Ok(Once::new(&parts, Timestamp(claims.exp.0)))
}

/// The algorithms by which `client` may sign assertions: the one it registered, else what its profile allows.
#[must_use]
pub fn algorithms(client: &Client) -> Vec<Algorithm> {
    let registered = match &client.authentication {
        Authentication::PrivateKeyJwt { alg } => *alg,
        Authentication::Secret
        | Authentication::SecretJwt
        | Authentication::TlsClientAuth { .. }
        | Authentication::SelfSignedTlsClientAuth
        | Authentication::None => return Vec::new(),
    };
    let allowed: &[Algorithm] = if client.profile.is_fapi() {
        &FAPI
    } else {
        &Algorithm::ALL
    };
    allowed
        .iter()
        .copied()
        .filter(|alg| registered.is_none_or(|registered| registered == *alg))
        .collect()
}

impl Audience {
    fn is_exactly(&self, name: &str) -> bool {
        matches!(self, Self::One(only) if only == name)
    }

    /// One that also names another provider could be played on to us by it.
    fn all(&self, ours: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(only) => ours(only),
            Self::Several(names) => !names.is_empty() && names.iter().all(|name| ours(name)),
        }
    }
}

fn names(claim: &str, client: &ClientId) -> bool {
    claim == client.as_str()
}

/// FAPI 2.0 Security Profile §5.4.1.
const FAPI: [Algorithm; 3] = [Algorithm::ES256, Algorithm::EdDSA, Algorithm::PS256];
/// FAPI 2.0 Security Profile §5.3.2.1 No. 13: ten seconds must be accepted, more than sixty not.
const AHEAD: Span = Span(15);
/// Ours, so that `jti`s need not be kept for ever (RFC 7523 §3 No. 4): an hour is what libraries write by default.
const LONGEST: Span = Span(3600);
/// Ours: an honest one is a UUID; the digest of any is as long.
const LONGEST_JTI: usize = 512;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::rules::{client::Profile, registration::tests::check as registered};

    const NOW: Timestamp = Timestamp(1_795_260_000);
    const ISSUER: &str = "https://id.example";

    fn client(profile: Profile) -> Client {
        let mut client = registered(|_| {}).unwrap();
        client.id = ClientId::known("agency");
        client.profile = profile;
        client.authentication = Authentication::PrivateKeyJwt { alg: None };
        client
    }

    /// A valid assertion with one claim changed; `Null` takes it away.
    fn with(profile: Profile, name: &str, value: Value) -> Result<Once, &'static str> {
        let mut claims = json!({
            "iss": "agency", "sub": "agency", "aud": ISSUER, "exp": NOW.0 + 60, "iat": NOW.0, "jti": "one",
        });
        claims[name] = value;
        claims
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        let claims: Claims = serde_json::from_value(claims).map_err(|_| "malformed")?;
        let endpoints = [format!("{ISSUER}/token"), format!("{ISSUER}/par")];
        check(&claims, &client(profile), (ISSUER, &endpoints), NOW)
    }

    fn plain(name: &str, value: Value) -> Result<Once, &'static str> {
        with(Profile::Plain, name, value)
    }

    #[test]
    fn a_valid_assertion_is_accepted_until_it_expires() {
        assert_eq!(plain("extra", json!(1)).unwrap().until, Timestamp(NOW.0 + 60));
        assert!(plain("iat", Value::Null).is_ok());
    }

    #[test]
    fn a_missing_claim_is_refused() {
        for name in ["iss", "sub", "aud", "exp", "jti"] {
            assert!(plain(name, Value::Null).is_err(), "{name}");
        }
    }

    #[test]
    fn another_client_is_refused() {
        assert!(plain("iss", json!("other")).is_err());
        assert!(plain("sub", json!("other")).is_err());
    }

    #[test]
    fn without_a_profile_the_endpoints_are_us_too() {
        for aud in [
            json!(ISSUER),
            json!(format!("{ISSUER}/token")),
            json!([ISSUER]),
            json!(format!("{ISSUER}/par")),
        ] {
            assert!(plain("aud", aud.clone()).is_ok(), "{aud}");
        }
        for aud in [
            json!("https://other.example"),
            json!(format!("{ISSUER}/")),
            json!([ISSUER, "https://other.example"]),
            json!([]),
            json!(1),
        ] {
            assert!(plain("aud", aud.clone()).is_err(), "{aud}");
        }
    }

    #[test]
    fn fapi_wants_the_issuer_as_a_string() {
        let fapi = |aud| with(Profile::Fapi2Security, "aud", aud);
        assert!(fapi(json!(ISSUER)).is_ok());
        for aud in [
            json!([ISSUER]),
            json!(format!("{ISSUER}/token")),
            json!(format!("{ISSUER}/par")),
        ] {
            assert!(fapi(aud.clone()).is_err(), "{aud}");
        }
    }

    #[test]
    fn exp_is_ahead_but_not_far() {
        for (exp, good) in [(1, true), (3600, true), (0, false), (-300, false), (3601, false)] {
            assert_eq!(plain("exp", json!(NOW.0 + exp)).is_ok(), good, "{exp}");
        }
    }

    #[test]
    fn eight_seconds_ahead_are_accepted_and_sixty_are_not() {
        for name in ["nbf", "iat"] {
            for (ahead, good) in [
                (-60, true),
                (8, true),
                (10, true),
                (15, true),
                (16, false),
                (60, false),
            ] {
                assert_eq!(plain(name, json!(NOW.0 + ahead)).is_ok(), good, "{name} {ahead}");
            }
        }
    }

    #[test]
    fn a_jti_is_there_and_not_endless() {
        assert!(plain("jti", json!("")).is_err());
        assert!(plain("jti", json!("x".repeat(513))).is_err());
    }

    #[test]
    fn an_assertion_is_one_by_client_and_jti() {
        let one = plain("extra", json!(1)).unwrap();
        assert_eq!(one.digest, plain("exp", json!(NOW.0 + 61)).unwrap().digest);
        assert_ne!(one.digest, plain("jti", json!("two")).unwrap().digest);
    }

    #[test]
    fn the_registered_algorithm_is_the_only_one() {
        let mut client = client(Profile::Plain);
        assert_eq!(algorithms(&client).len(), 5);
        client.authentication = Authentication::PrivateKeyJwt {
            alg: Some(Algorithm::PS256),
        };
        assert_eq!(algorithms(&client), [Algorithm::PS256]);
        client.authentication = Authentication::Secret;
        assert!(algorithms(&client).is_empty());
    }

    #[test]
    fn fapi_has_no_rs256() {
        let mut client = client(Profile::Fapi2Security);
        assert!(!algorithms(&client).contains(&Algorithm::RS256));
        client.authentication = Authentication::PrivateKeyJwt {
            alg: Some(Algorithm::RS256),
        };
        assert!(algorithms(&client).is_empty());
    }

    proptest! {
        #[test]
        fn any_number_is_a_moment_or_refused(exp in any::<i64>(), nbf in any::<f64>()) {
            let _ = plain("exp", json!(exp));
            let _ = plain("nbf", json!(nbf));
        }
    }
}
