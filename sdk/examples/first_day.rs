//! The Rust program of the agency's guide (`idp/src/manual/agency.md`): from here on the same, letter by letter.

use axum::{Router, routing::get};
use sdk::login::{Citizen, Login, LoginConfig};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let var = std::env::var;
    let url = var("AGENCY_URL")?;
    let config = LoginConfig::new(
        var("AVAL_ISSUER")?,
        var("AVAL_CLIENT_ID")?,
        var("AVAL_CLIENT_SECRET")?,
        &url,
    )
    .scopes(["openid", "profile", "national_id"]);
    let app = Router::new()
        .route("/", get(home))
        .layer(Login::discover(config).await?);
    let port = url
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .unwrap_or(9000);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    Ok(axum::serve(listener, app).await?)
}

/// Whoever has not logged in is sent to do so, and comes back here.
async fn home(citizen: Citizen) -> String {
    let id = citizen.national_id().unwrap_or("?");
    format!("Hola, {} ({id})", citizen.display_name())
}
