//! The demo agency as a process: its configuration file, its listener, its health.

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::{env, fs};

use axum::routing::get;
use axum::{Json, Router};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use sdk::login::{Login, LoginSettings};
use tracing_subscriber::EnvFilter;

/// The configuration file.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The origin that people see.
    pub url: String,
    /// Where to listen.
    listen: SocketAddr,
    /// The idp.
    pub login: LoginSettings,
    /// With it, https.
    tls: Option<Tls>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Tls {
    certificate: PathBuf,
    key: PathBuf,
}

impl Settings {
    /// `--config FILE`, or the file that `AGENCY_CONFIG` names.
    pub fn from_arguments() -> Result<Self, Box<dyn Error>> {
        let mut arguments = env::args_os().skip(1);
        let file = match (arguments.next(), arguments.next(), arguments.next()) {
            (None, ..) => env::var_os("AGENCY_CONFIG"),
            (Some(flag), Some(file), None) if flag == "--config" => Some(file),
            _ => None,
        };
        let file = PathBuf::from(file.ok_or("usage: agency --config FILE")?);
        let text = fs::read_to_string(&file).map_err(|cause| format!("{}: {cause}", file.display()))?;
        Ok(toml::from_str(&text).map_err(|cause| format!("{}: {cause}", file.display()))?)
    }
}

/// Alive, and ready: the home page is there without an idp, so its absence is told and is no failure.
pub fn health(login: Login) -> Router {
    let ready = move || async move {
        let idp = login
            .idp_answers()
            .await
            .map_or_else(|fault| fault.to_string(), |()| "answers".to_owned());
        Json(serde_json::json!({ "status": "ready", "idp": idp }))
    };
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
}

/// `RUST_LOG=sdk=debug` also tells why a login was refused.
pub fn tell_what_happens() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

/// Serves until Ctrl-C or a termination signal, then lets requests under way end.
pub async fn serve(settings: &Settings, app: Router) -> Result<(), Box<dyn Error>> {
    let handle = Handle::new();
    tokio::spawn({
        let handle = handle.clone();
        async move {
            stopped().await;
            handle.graceful_shutdown(Some(std::time::Duration::from_secs(5)));
        }
    });
    tracing::info!(url = settings.url, listen = %settings.listen, "agency is up");
    let service = app.into_make_service();
    match &settings.tls {
        Some(Tls { certificate, key }) => {
            let tls = RustlsConfig::from_pem_file(certificate, key).await?;
            axum_server::bind_rustls(settings.listen, tls)
                .handle(handle)
                .serve(service)
                .await?;
        }
        None => {
            axum_server::bind(settings.listen)
                .handle(handle)
                .serve(service)
                .await?
        }
    }
    Ok(())
}

async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
        }
        Err(_) => {
            // Without the handler the signal ends the process by itself.
            let _ = interrupt.await;
        }
    }
}
