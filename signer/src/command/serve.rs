//! Serving: listener, worker, graceful end.

use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use tokio::sync::watch;

use super::Outcome;
use crate::config::Config;
use crate::error::Fault;
use crate::rules::in_force::WithoutNews;
use crate::service::Service;

pub(super) async fn serve(config: Config) -> Outcome {
    if config.evidence.is_empty() {
        tracing::warn!("{}", without_evidence(&config));
    }
    let (listen, tls, url) = (config.listen, config.tls.clone(), config.url.clone());
    let service = Service::open(config).await?;
    service.store.migrate().await?;
    service.cells.prepare().await?;
    let router = crate::http::router(&service).await?;

    let (stop, stopping) = watch::channel(false);
    let worker = tokio::spawn(crate::flow::work::run(service.clone(), stopping.clone()));
    let watcher = tokio::spawn(crate::flow::sources::watch(service.clone(), stopping));
    let handle = Handle::new();
    tokio::spawn(end_on_signal(handle.clone()));

    let listener = std::net::TcpListener::bind(listen)
        .map_err(|e| format!("cannot listen on {listen}: {e} (another process? change `listen`)"))?;
    listener.set_nonblocking(true)?;
    tracing::info!(%url, %listen, "serving");
    let app = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    match tls {
        None => axum_server::from_tcp(listener)?.handle(handle).serve(app).await?,
        Some(tls) => {
            let tls = RustlsConfig::from_pem_file(&tls.certificate, &tls.key)
                .await
                .map_err(|e| format!("[tls]: {e}"))?;
            axum_server::from_tcp_rustls(listener, tls)?
                .handle(handle)
                .serve(app)
                .await?;
        }
    }
    // The document in hand is finished; what is left stays queued for the next start.
    let _ = stop.send(true);
    worker.await.map_err(Fault::when("ending the worker"))?;
    watcher
        .await
        .map_err(Fault::when("ending the watch over files"))?;
    tracing::info!("ended");
    Ok(())
}

/// What follows from having no evidence.
fn without_evidence(config: &Config) -> &'static str {
    match config.signing.unknown_revocation {
        WithoutNews::Refuse => {
            "evidence is empty, so it is not known whether a certificate was revoked: no official can sign. \
             Name revocation lists in evidence, or set [signing] unknown_revocation = \"sign\""
        }
        WithoutNews::Sign => {
            "evidence is empty, so it is not known whether a certificate was revoked: officials sign all the same"
        }
    }
}

pub(super) async fn check(config: Config) -> Outcome {
    if let Some(tls) = &config.tls {
        RustlsConfig::from_pem_file(&tls.certificate, &tls.key)
            .await
            .map_err(|e| format!("[tls]: {e}"))?;
    }
    if config.trust.is_empty() && config.trusted_lists.files.is_empty() {
        eprintln!(
            "signer: note: neither trust nor trusted_lists names anybody, so every signature will be judged without a root"
        );
    }
    if config.evidence.is_empty() {
        eprintln!("signer: note: {}", without_evidence(&config));
    }
    let service = Service::open(config).await?;
    crate::http::login(&service)?;
    service.files.answers()?;
    let complaints = service.complaints();
    if !complaints.is_empty() {
        return Err(format!("evidence:\n{}", complaints.join("\n")).into());
    }
    service.cells.prepare().await?;
    println!("the configuration will do");
    Ok(())
}

async fn end_on_signal(handle: Handle<std::net::SocketAddr>) {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupted.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupted.await;
    }
    tracing::info!(
        "ending: no new connections, requests in hand have {} seconds",
        GRACE.as_secs()
    );
    handle.graceful_shutdown(Some(GRACE));
}

/// An orchestrator kills after ten seconds; this leaves two for the worker.
const GRACE: Duration = Duration::from_secs(8);
