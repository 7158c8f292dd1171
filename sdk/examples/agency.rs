//! A demo agency: a fictitious tax service whose citizens log in with Aval.
//!
//! `agency --config agency.toml`, where the file says:
//!
//! ```toml
//! url = "http://localhost:8082"
//! listen = "127.0.0.1:8082"
//! [login]
//! issuer = "http://localhost:8080"
//! client_id = "demo-agency"
//! client_secret_file = "/etc/agency/client.secret"
//! [tls]                                   # optional
//! certificate = "/etc/agency/tls.pem"
//! key = "/etc/agency/tls.key.pem"
//! ```

#[path = "agency/pages.rs"]
mod pages;
#[path = "agency/settings.rs"]
mod settings;

use std::error::Error;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use sdk::login::{Citizen, Clock, Login, LoginConfig, RequireAal, SystemClock};
use sdk::look::Language;
use settings::Settings;

/// Everything that logging in takes: a configuration, a layer, and `Citizen` in the handlers.
async fn app(settings: &Settings) -> Result<Router, Box<dyn Error>> {
    let login = Login::discover(
        LoginConfig::from_settings(&settings.login, &settings.url)?
            .service(pages::SERVICE)
            .scopes(["openid", "profile", "email", "national_id"]),
    )
    .await?;
    let app = Router::new()
        .route("/", get(home))
        .route("/mi-sitio", get(mine))
        .route("/declaracion", get(declaration))
        .merge(settings::health(login.clone()))
        .fallback(nowhere)
        .layer(login);
    Ok(app)
}

/// Anybody.
async fn home(language: Language, login: Login, citizen: Option<Citizen>) -> Response {
    pages::home(language, &login, citizen.as_ref())
}

/// Whoever has logged in; others go to log in and come back.
async fn mine(language: Language, login: Login, citizen: Citizen) -> Response {
    pages::mine(language, &login, &citizen, SystemClock.now())
}

/// Whoever has logged in with two factors; others are asked for the second one.
async fn declaration(language: Language, login: Login, RequireAal(citizen): RequireAal<2>) -> Response {
    pages::declaration(language, &login, &citizen)
}

/// An address that leads nowhere.
async fn nowhere(language: Language, login: Login) -> Response {
    pages::nowhere(language, &login)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    settings::tell_what_happens();
    let settings = Settings::from_arguments()?;
    let app = app(&settings).await?;
    settings::serve(&settings, app).await
}
