//! Listening: plain http on loopback, or https by rustls; leaving in good order.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use axum_server::Handle;
use hyper_util::{
    rt::{TokioExecutor, TokioTimer},
    server::conn::auto::Builder,
};

use super::{
    patience::Impatient,
    router,
    tls::{Certificates, Introducing},
};
use crate::{config::Tls, error::Fault, flow, mail, models, service::Idp};

/// Serves until `stop` resolves, then lets requests in flight finish.
///
/// # Errors
/// A fault when the listener or the TLS files do not work.
pub async fn serve(
    idp: Arc<Idp>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Fault> {
    listener
        .set_nonblocking(true)
        .map_err(|source| Fault::of("listening", source))?;
    let handle = Handle::new();
    tokio::spawn({
        let handle = handle.clone();
        async move {
            stop.await;
            handle.graceful_shutdown(Some(GRACE));
        }
    });
    let sweeping = tokio::spawn(flow::sweep::forever(Arc::clone(&idp)));
    let tending = tokio::spawn(flow::keys::forever(Arc::clone(&idp)));
    let telling = tokio::spawn(flow::backchannel::forever(Arc::clone(&idp)));
    let writing = tokio::spawn(mail::forever(Arc::clone(&idp)));
    let reading = tokio::spawn(models::forever(Arc::clone(&idp)));
    let tallying = tokio::spawn(flow::tally::forever(Arc::clone(&idp)));
    let service = router(Arc::clone(&idp)).into_make_service_with_connect_info::<SocketAddr>();
    let served = match &idp.config.tls {
        None => {
            let mut server =
                axum_server::from_tcp(listener).map_err(|source| Fault::of("listening", source))?;
            impatient(server.http_builder());
            let server = server.map(|inner| Impatient::new(inner, HEADERS));
            server.handle(handle).serve(service).await
        }
        Some(tls) => serve_tls(&idp, tls, listener, &handle).await?,
    };
    sweeping.abort();
    tending.abort();
    // A notice under way is claimed again by whoever runs next: agencies know it by its session.
    telling.abort();
    writing.abort();
    reading.abort();
    tallying.abort();
    // What was counted since the last second.
    let counted = flow::tally::write_down(&idp).await;
    idp.store.close().await;
    served.map_err(|source| Fault::of("serving", source))?;
    counted
}

/// Serves https, on a second listener too where clients show their certificates apart from browsers.
async fn serve_tls(
    idp: &Arc<Idp>,
    tls: &Tls,
    listener: TcpListener,
    handle: &Handle<SocketAddr>,
) -> Result<io::Result<()>, Fault> {
    let apart = idp.config.mtls.as_ref().and_then(|mtls| mtls.listener.as_ref());
    let certificates = if idp.config.mtls.is_some() && apart.is_none() {
        Certificates::Asked
    } else {
        Certificates::NotAsked
    };
    let first = listen_tls(idp, tls, (listener, certificates), handle);
    let Some(apart) = apart else {
        return first.await;
    };
    let second = TcpListener::bind(apart.listen)
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .map_err(|source| Fault::of("listening for clients with certificates", source))?;
    let second = listen_tls(idp, tls, (second, Certificates::Asked), handle);
    let (first, second) = tokio::try_join!(first, second)?;
    Ok(first.and(second))
}

async fn listen_tls(
    idp: &Arc<Idp>,
    tls: &Tls,
    (listener, certificates): (TcpListener, Certificates),
    handle: &Handle<SocketAddr>,
) -> Result<io::Result<()>, Fault> {
    let acceptor = Introducing::new(Arc::clone(idp), tls, certificates)?;
    let mut server = axum_server::from_tcp(listener)
        .map_err(|source| Fault::of("listening", source))?
        .acceptor(acceptor);
    impatient(server.http_builder());
    let server = server.map(|inner| Impatient::new(inner, HEADERS));
    let service = router(Arc::clone(idp)).into_make_service_with_connect_info::<SocketAddr>();
    Ok(server.handle(handle.clone()).serve(service).await)
}

/// Hangs up on whoever takes too long to say what they want.
fn impatient(builder: &mut Builder<TokioExecutor>) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(MOST_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEADERS)
        .keep_alive_timeout(HEADERS);
}

/// A phone on a bad line sends its headers in a second or two.
const HEADERS: Duration = Duration::from_secs(10);
/// A request line holds a `state` of four kilobytes, percent-encoded, among others.
const MOST_HEADERS: usize = 64 * 1024;
/// Requests in flight get this long; the longest may wait ten seconds for the database.
const GRACE: Duration = Duration::from_secs(15);
