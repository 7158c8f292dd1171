//! The paths that libraries for Clave Única were written for, with and without a slash at the end. Login, token and
//! userinfo are the endpoints of everybody; what differs for these clients is decided by their registration
//! ([`Profile::ClaveUnica`](crate::rules::client::Profile)), not by the path.

mod discovery;
mod logout;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use super::{authorize, token, userinfo};
use crate::service::Idp;

/// The routes, where `[claveunica] enabled` is set.
pub fn routes(idp: &Idp) -> Router<Arc<Idp>> {
    let routes = Router::new();
    if !idp.config.claveunica.enabled {
        return routes;
    }
    let authorize = || get(authorize::get).post(authorize::post);
    let token = || post(token::exchange);
    let userinfo = || get(userinfo::get).post(userinfo::post);
    routes
        .route("/openid/authorize", authorize())
        .route("/openid/authorize/", authorize())
        .route("/openid/token", token())
        .route("/openid/token/", token())
        .route("/openid/userinfo", userinfo())
        .route("/openid/userinfo/", userinfo())
        .route(
            "/openid/.well-known/openid-configuration",
            get(discovery::metadata),
        )
        .route(
            "/openid/.well-known/openid-configuration/",
            get(discovery::metadata),
        )
        .route("/api/v1/accounts/app/logout", get(logout::leave))
        .route("/api/v1/accounts/app/logout/", get(logout::leave))
}
