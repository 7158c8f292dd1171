//! Every route on one page.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use sdk::login::{Assurance, Login, LoginConfig};
use tower_http::catch_panic::CatchPanicLayer;

use super::sessions::Sessions;
use super::{
    api, approve, assets, batch, desk, document, error, headers, health, history, home, upload, verify,
};
use crate::error::Fault;
use crate::service::Service;

/// The whole service.
///
/// # Errors
/// A fault when the login at the identity provider is configured wrongly.
pub async fn router(service: &Arc<Service>) -> Result<Router, Fault> {
    let streamed = DefaultBodyLimit::disable(); // bounded where they are read: see config::Limits
    let forms = DefaultBodyLimit::max(FORM);
    let login = login(service)?;
    let routes = Router::new()
        // Anyone
        .route("/", get(home::home))
        .route("/verify", get(verify::form).post(verify::check).layer(streamed))
        .route("/api/verify", post(api::verify).layer(streamed))
        .route("/api/openapi.json", get(api::description))
        .route("/api/report.schema.json", get(api::schema))
        .route("/help", get(home::help))
        .route("/privacy", get(home::privacy))
        // An official's desk
        .route("/desk", get(desk::desk))
        .route("/desk/documents", post(upload::upload).layer(streamed))
        .route("/documents/{document}", get(document::show))
        .route("/documents/{document}/picture", get(document::picture))
        .route("/documents/{document}/source", get(document::source))
        .route(
            "/documents/{document}/remove",
            post(document::remove).layer(forms),
        )
        // From choice to approval
        .route("/approvals", post(approve::propose).layer(forms))
        .route("/approvals/{batch}", get(approve::show))
        .route("/approvals/{batch}/confirm", post(approve::confirm).layer(forms))
        .route("/approvals/{batch}/authorise", get(approve::authorise))
        // What became of it
        .route("/batches/{batch}", get(batch::show))
        .route("/batches/{batch}/archive.zip", get(batch::archive))
        .route("/batches/{batch}/documents/{document}", get(batch::signed))
        .route("/history", get(history::history))
        // The house
        .route(assets::DESK.path(), get(async || assets::DESK.response()))
        .route(assets::VERIFY.path(), get(async || assets::VERIFY.response()))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .with_state(Arc::clone(service));
    let policy = headers::Policy::new(login.issuer_origin(), service.config.secure());
    Ok(routes
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn_with_state(Arc::clone(service), error::tell))
        .layer(login)
        .layer(from_fn(move |request, next| {
            headers::secure(policy.clone(), request, next)
        })))
}

/// The login at the identity provider, as any agency's: through the sdk, with sessions in our database.
///
/// # Errors
/// A fault that says what is wrong with `[login]` or `url`.
pub fn login(service: &Arc<Service>) -> Result<Login, Fault> {
    let doing = "preparing the login ([login] in the configuration)";
    let config = LoginConfig::from_settings(&service.config.login, service.config.origin())
        .map_err(Fault::when(doing))?
        .scopes(["openid", "profile", "national_id"])
        .at_least(Assurance::Aal2)
        .cookie("aval_signer")
        .service(&service.config.programme)
        .store(Arc::new(Sessions::of(service)));
    Login::new(config).map_err(Fault::when(doing))
}

/// Five hundred chosen documents, with room.
const FORM: usize = 64 << 10;
