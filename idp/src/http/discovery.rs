//! What a client can find out by itself: metadata and keys.

use sdk_jose::jwe::{ContentEncryption, KeyManagement};
use serde_json::{Map, Value, json};

use crate::{
    config::Mtls,
    rules::{
        authorize::{ResponseMode, object::ACCEPTED},
        client::{GrantType, SIGNING},
        dpop::ALGORITHMS,
        scope::Scope,
    },
    service::Idp,
};

/// `GET /.well-known/openid-configuration` (OpenID Connect Discovery §4) and
/// `GET /.well-known/oauth-authorization-server` (RFC 8414 §3).
///
/// Only what is really there; a test tries each entry.
pub(super) fn document(idp: &Idp) -> Value {
    let issuer = &idp.config.issuer;
    let scopes = Scope::ALL.map(Scope::name);
    let claims: Vec<&str> = [
        "iss",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
        "amr",
        "sid",
        "at_hash",
    ]
    .into_iter()
    .chain(
        Scope::ALL
            .into_iter()
            .flat_map(|scope| scope.claims().iter().copied()),
    )
    .collect();
    let algorithms = SIGNING.map(sdk_jose::Algorithm::as_str);
    let assertions: Vec<&str> = sdk_jose::Algorithm::ALL
        .map(sdk_jose::Algorithm::as_str)
        .into_iter()
        .chain(["HS256"])
        .collect();
    let methods = authentication(idp);
    // RFC 7662 §2.1: anybody can be a public client.
    let confidential: Vec<&str> = methods
        .iter()
        .copied()
        .filter(|method| *method != "none")
        .collect();
    let mut document = json!({
        "issuer": issuer.as_str(),
        "authorization_endpoint": issuer.at("/authorize"),
        "token_endpoint": issuer.at("/token"),
        "userinfo_endpoint": issuer.at("/userinfo"),
        "jwks_uri": issuer.at("/jwks"),
        "end_session_endpoint": issuer.at("/logout"),
        "revocation_endpoint": issuer.at("/revoke"),
        "check_session_iframe": issuer.at("/session/check"),
        "registration_endpoint": issuer.at("/register"),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "device_authorization_endpoint": issuer.at("/device_authorization"),
        "introspection_endpoint": issuer.at("/introspect"),
        "scopes_supported": scopes,
        "claims_supported": claims,
        "claim_types_supported": ["normal"],
        "response_types_supported": ["code"],
        "grant_types_supported": [
            GrantType::AuthorizationCode.name(),
            GrantType::RefreshToken.name(),
            GrantType::ClientCredentials.name(),
            GrantType::DeviceCode.name(),
            GrantType::TokenExchange.name(),
        ],
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": algorithms,
        "id_token_encryption_alg_values_supported": KeyManagement::ALL,
        "id_token_encryption_enc_values_supported": ContentEncryption::ALL,
        "userinfo_signing_alg_values_supported": algorithms,
        "userinfo_encryption_alg_values_supported": KeyManagement::ALL,
        "userinfo_encryption_enc_values_supported": ContentEncryption::ALL,
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": assertions,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": assertions,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": assertions,
        "introspection_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": ALGORITHMS.map(sdk_jose::Algorithm::as_str),
        "service_documentation": issuer.at("/help"),
    });
    if let (Some(all), Value::Object(requests)) = (document.as_object_mut(), requests(idp)) {
        all.extend(requests);
    }
    if let (Some(all), Some(mtls)) = (document.as_object_mut(), &idp.config.mtls) {
        all.extend(by_certificate(mtls));
    }
    document
}

/// What an authorization request may be, and how it is answered.
fn requests(idp: &Idp) -> Value {
    let issuer = &idp.config.issuer;
    let algorithms = SIGNING.map(sdk_jose::Algorithm::as_str);
    // AAL1 for clients registered as content with it; AAL3 cannot be reached yet.
    let levels: Vec<&str> = idp.config.assurance.within_reach().collect();
    let details: Vec<&str> = idp.config.authorization_details.names().collect();
    json!({
        "response_modes_supported": ResponseMode::NAMES,
        "pushed_authorization_request_endpoint": issuer.at("/par"),
        "require_pushed_authorization_requests": false,
        "authorization_signing_alg_values_supported": algorithms,
        "authorization_encryption_alg_values_supported": KeyManagement::ALL,
        "authorization_encryption_enc_values_supported": ContentEncryption::ALL,
        "authorization_details_types_supported": details,
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": levels,
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "display_values_supported": ["page", "popup", "touch", "wap"],
        "ui_locales_supported": ["es", "en"],
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_object_signing_alg_values_supported": ACCEPTED.map(sdk_jose::Algorithm::as_str),
        "request_object_encryption_alg_values_supported": KeyManagement::ALL,
        "request_object_encryption_enc_values_supported": ContentEncryption::ALL,
        "request_uri_parameter_supported": true,
        "require_request_uri_registration": true,
    })
}

/// How clients may authenticate wherever they speak for themselves.
fn authentication(idp: &Idp) -> Vec<&'static str> {
    let mtls = idp.config.mtls.as_ref();
    let authorities = mtls.and_then(|mtls| mtls.authorities.as_ref());
    let self_signed = mtls.map(|_| "self_signed_tls_client_auth");
    let named = authorities.map(|_| "tls_client_auth");
    AUTHENTICATION
        .into_iter()
        .chain(self_signed)
        .chain(named)
        .collect()
}

/// What clients may do where they show certificates (RFC 8705 §3.3 and §5).
fn by_certificate(mtls: &Mtls) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert(
        "tls_client_certificate_bound_access_tokens".to_owned(),
        true.into(),
    );
    if let Some(listener) = &mtls.listener {
        let aliases = [
            ("token_endpoint", "/token"),
            ("pushed_authorization_request_endpoint", "/par"),
            ("userinfo_endpoint", "/userinfo"),
            ("revocation_endpoint", "/revoke"),
            ("introspection_endpoint", "/introspect"),
            ("device_authorization_endpoint", "/device_authorization"),
        ];
        let aliases: Map<String, Value> = aliases
            .into_iter()
            .map(|(name, path)| (name.to_owned(), listener.origin.at(path).into()))
            .collect();
        members.insert("mtls_endpoint_aliases".to_owned(), aliases.into());
    }
    members
}

/// Where nobody shows a certificate.
const AUTHENTICATION: [&str; 5] = [
    "private_key_jwt",
    "client_secret_jwt",
    "client_secret_basic",
    "client_secret_post",
    "none",
];
/// Ten minutes: a new key is published that long before it signs.
pub(super) const CACHED: &str = "public, max-age=600";
