//! Too many requests from one network are told to wait, before anything is read or looked up for them.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Json,
    extract::{ConnectInfo, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    rules::{proxy::origin, refusal::Refusal, time::Seconds},
    service::Idp,
};

/// Counts the request against its network. What costs nothing (keys, metadata, assets, health) is not counted.
pub async fn by_network<F: Future<Output = Response>>(
    idp: &Idp,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let Some(ConnectInfo(peer)) = peer.filter(|_| !is_free(request.uri().path())) else {
        return next(request).await;
    };
    let address = address(idp, peer.ip(), request.headers());
    match idp.limits.network(address, idp.now()) {
        Ok(()) => next(request).await,
        Err(wait) => too_many(request.headers(), wait),
    }
}

/// Where a request comes from, as far as our own proxies tell.
pub(super) fn address(idp: &Idp, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let lines = headers.get_all(FORWARDED).iter();
    let forwarded: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    origin(peer, forwarded.into_iter(), &idp.config.proxy.trusted)
}

/// Where a request comes from, for handlers that weigh it; nobody knows where no listener tells.
pub struct From(pub Option<IpAddr>);

impl FromRequestParts<Arc<Idp>> for From {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, idp: &Arc<Idp>) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(peer.map(|peer| address(idp, peer.0.ip(), &parts.headers))))
    }
}

/// A page for people, JSON for programs.
fn too_many(headers: &HeaderMap, wait: Seconds) -> Response {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return Refusal::TooMany { wait }.into_response();
    }
    let body = json!({
        "error": "temporarily_unavailable",
        "error_description": "too many requests from this network",
    });
    let headers = [
        (header::RETRY_AFTER, wait.0.to_string()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (StatusCode::TOO_MANY_REQUESTS, headers, Json(body)).into_response()
}

fn is_free(path: &str) -> bool {
    FREE.iter().any(|free| path.starts_with(free))
}

const FREE: [&str; 5] = ["/.well-known/", "/jwks", "/assets/", "/livez", "/readyz"];
/// What proxies write, and what ours must; `Forwarded` (RFC 7239) is not read beside it, or two lists could disagree.
const FORWARDED: &str = "x-forwarded-for";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_in_json_and_people_on_a_page() {
        let mut headers = HeaderMap::new();
        let told = too_many(&headers, Seconds(3));
        assert_eq!(told.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(told.headers()[header::RETRY_AFTER], "3");
        assert_eq!(told.headers()[header::CONTENT_TYPE], "application/json");
        headers.insert(header::ACCEPT, header::HeaderValue::from_static("text/html,*/*"));
        let told = too_many(&headers, Seconds(3));
        assert_eq!(
            (told.status(), &told.headers()[header::RETRY_AFTER]),
            (
                StatusCode::TOO_MANY_REQUESTS,
                &header::HeaderValue::from_static("3")
            )
        );
    }

    #[test]
    fn what_costs_nothing_is_free() {
        assert!(is_free("/.well-known/openid-configuration") && is_free("/jwks") && is_free("/assets/x"));
        assert!(!is_free("/token") && !is_free("/authorize") && !is_free("/"));
    }
}
