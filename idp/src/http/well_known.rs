//! Addresses that browsers and password managers look for.

use std::sync::Arc;

use axum::{Json, extract::State, response::Response};
use serde_json::{Value, json};

use super::interaction::see_other;
use crate::service::Idp;

/// `GET /.well-known/webauthn`: origins where passkeys of ours may be used (WebAuthn §5.11).
pub async fn webauthn(State(idp): State<Arc<Idp>>) -> Json<Value> {
    let related = idp.config.passkeys.related_origins.iter();
    let origins = std::iter::once(&idp.config.issuer).chain(related);
    let origins: Vec<&str> = origins.map(|origin| origin.as_str()).collect();
    Json(json!({ "origins": origins }))
}

/// `GET /.well-known/passkey-endpoints`: where a password manager sends people to add a passkey and to look after
/// theirs (W3C Passkey Endpoints §2).
pub async fn passkey_endpoints(State(idp): State<Arc<Idp>>) -> Json<Value> {
    let at = |path| idp.config.issuer.at(path);
    Json(json!({ "enroll": at("/account/passkeys/new"), "manage": at("/account") }))
}

/// `GET /.well-known/change-password` (W3C Change Password URL §3).
pub async fn change_password() -> Response {
    see_other("/account/password")
}
