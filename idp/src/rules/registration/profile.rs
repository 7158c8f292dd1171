//! What a profile demands of a client and switches on for it.

use sdk_jose::Algorithm;

use super::{Authentication, Client, GrantType, Invalid, Profile, invalid};

/// The client with its profile's switches set.
///
/// # Errors
/// What the registration says against its profile.
pub(super) fn applied(client: Client) -> Result<Client, Invalid> {
    match client.profile {
        Profile::Plain => Ok(client),
        Profile::Fapi2Security => fapi_security(client),
        Profile::Fapi2MessageSigning => fapi_security(client).and_then(fapi_message_signing),
        Profile::ClaveUnica => claveunica(client),
    }
}

/// FAPI 2.0 Security Profile §5.3.2 and §5.4.
fn fapi_security(mut client: Client) -> Result<Client, Invalid> {
    // §5.3.2.1 6: mutual TLS or private_key_jwt.
    if !client.authentication.is_by_key() {
        return Err(invalid(
            "token_endpoint_auth_method",
            "FAPI wants private_key_jwt, tls_client_auth or self_signed_tls_client_auth",
        ));
    }
    if let Authentication::PrivateKeyJwt { alg: Some(alg) } = client.authentication {
        fapi_alg("token_endpoint_auth_signing_alg", alg)?;
    }
    if let Some(alg) = client.request_objects.alg {
        fapi_alg("request_object_signing_alg", alg)?;
    }
    fapi_alg("id_token_signed_response_alg", client.id_token_alg)?;
    if !client.require_pkce {
        return Err(invalid("require_pkce", "FAPI wants PKCE"));
    }
    // §5.3.2.2 2: only pushed requests.
    client.require_pushed_authorization_requests = true;
    // §5.3.2.1 4: sender-constrained tokens; DPoP unless the certificate binds them.
    client.dpop_bound_access_tokens |= !client.tls_bound_access_tokens;
    Ok(client)
}

/// FAPI 2.0 Message Signing §5.3 and §5.4.
fn fapi_message_signing(mut client: Client) -> Result<Client, Invalid> {
    if client.keys.is_none() {
        return Err(invalid("jwks", "signed requests need the client's keys"));
    }
    client.request_objects.required = true;
    let alg = client
        .authorization_response
        .signed
        .unwrap_or(client.id_token_alg);
    fapi_alg("authorization_signed_response_alg", alg)?;
    client.authorization_response.signed = Some(alg);
    Ok(client)
}

/// FAPI 2.0 Security Profile §5.4.1: PS256, ES256 or Ed25519.
fn fapi_alg(field: &'static str, alg: Algorithm) -> Result<(), Invalid> {
    if [Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA].contains(&alg) {
        Ok(())
    } else {
        Err(invalid(field, "FAPI wants PS256, ES256 or EdDSA"))
    }
}

/// A secret in the body, RS256, a code and nothing else; PKCE where it is sent.
fn claveunica(mut client: Client) -> Result<Client, Invalid> {
    if client.authentication != Authentication::Secret {
        return Err(invalid(
            "token_endpoint_auth_method",
            "integrators of Clave Única send their secret in the body",
        ));
    }
    client.id_token_alg = Algorithm::RS256;
    client.grant_types = vec![GrantType::AuthorizationCode];
    client.require_pkce = false;
    Ok(client)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::registration::{Registration, tests::check};

    fn fapi(r: &mut Registration) {
        r.profile = Some("fapi2_security".to_owned());
        r.token_endpoint_auth_method = Some("private_key_jwt".to_owned());
        r.jwks_uri = Some("https://agency.example/jwks".to_owned());
    }

    #[test]
    fn fapi_switches_pushed_requests_and_bound_tokens_on() {
        let client = check(fapi).unwrap();
        assert!(client.require_pushed_authorization_requests && client.dpop_bound_access_tokens);
        let by_tls = check(|r| {
            fapi(r);
            r.tls_client_certificate_bound_access_tokens = true;
        })
        .unwrap();
        assert!(!by_tls.dpop_bound_access_tokens);
    }

    #[test]
    fn fapi_refuses_secrets_weak_algorithms_and_no_pkce() {
        let with = |change: fn(&mut Registration)| {
            check(|r| {
                fapi(r);
                change(r);
            })
        };
        assert!(with(|r| r.token_endpoint_auth_method = None).is_err());
        assert!(with(|r| r.id_token_signed_response_alg = Some("RS256".to_owned())).is_err());
        assert!(with(|r| r.token_endpoint_auth_signing_alg = Some("RS256".to_owned())).is_err());
        assert!(with(|r| r.require_pkce = Some(false)).is_err());
    }

    #[test]
    fn message_signing_switches_signed_requests_and_answers_on() {
        let client = check(|r| {
            fapi(r);
            r.profile = Some("fapi2_message_signing".to_owned());
        })
        .unwrap();
        assert!(client.request_objects.required);
        assert_eq!(client.authorization_response.signed, Some(Algorithm::ES256));
    }

    #[test]
    fn claveunica_is_one_switch() {
        let client = check(|r| r.profile = Some("claveunica".to_owned())).unwrap();
        assert!(!client.require_pkce);
        assert_eq!(client.id_token_alg, Algorithm::RS256);
        assert_eq!(client.grant_types, [GrantType::AuthorizationCode]);
    }

    #[test]
    fn claveunica_has_its_own_words_for_scopes_and_others_do_not() {
        let words = "openid run name email";
        let client = check(|r| {
            r.profile = Some("claveunica".to_owned());
            r.scope = Some(words.to_owned());
        })
        .unwrap();
        assert_eq!(client.scopes.to_string(), "openid profile national_id email");
        assert_eq!(client.metadata()["scope"], "openid name run email");
        assert!(check(|r| r.scope = Some(words.to_owned())).is_err());
    }
}
