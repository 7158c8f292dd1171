//! The metadata under the path of the alias: another issuer, other scopes, the same keys.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{
    http::discovery::CACHED,
    rules::{assurance::Aal, claveunica::word, client::Profile, scope::Scope},
    service::Idp,
};

/// `GET /openid/.well-known/openid-configuration` (OpenID Connect Discovery §4.1: under the issuer's path).
pub async fn metadata(State(idp): State<Arc<Idp>>) -> Response {
    ([(header::CACHE_CONTROL, CACHED)], Json(document(&idp))).into_response()
}

/// What a client of this profile can use; the tests go through it with a client of this profile.
fn document(idp: &Idp) -> Value {
    let (issuer, ours) = (
        idp.config.issuer.named_to(Profile::ClaveUnica),
        &idp.config.issuer,
    );
    let scopes = [Scope::Openid, Scope::NationalId, Scope::Profile, Scope::Email].map(word);
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize/"),
        "token_endpoint": format!("{issuer}/token/"),
        "userinfo_endpoint": format!("{issuer}/userinfo/"),
        "jwks_uri": ours.at("/jwks"),
        "end_session_endpoint": ours.at("/logout"),
        "scopes_supported": scopes,
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash",
            "RolUnico", "name", "email"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [Aal::Two.acr()],
        "ui_locales_supported": ["es", "en"],
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "service_documentation": ours.at("/help"),
    })
}
