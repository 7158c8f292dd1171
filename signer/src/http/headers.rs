//! Headers on every response, whatever made it.

use std::time::Instant;

use axum::extract::Request;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// What is the same for all responses.
#[derive(Clone)]
pub(super) struct Policy {
    headers: HeaderMap,
}

impl Policy {
    /// Forms may lead to the identity provider in the end, and browsers apply `form-action` to that too.
    pub(super) fn new(issuer_origin: &str, secure: bool) -> Self {
        let content = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             form-action 'self' {issuer_origin}; base-uri 'none'; frame-ancestors 'none'"
        );
        let mut headers = HeaderMap::new();
        if let Ok(content) = HeaderValue::from_str(&content) {
            headers.insert(CONTENT_SECURITY_POLICY, content);
        }
        for (name, value) in [
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (X_FRAME_OPTIONS, "DENY"),
            (REFERRER_POLICY, "same-origin"),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                "same-origin",
            ),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                "same-origin",
            ),
            (
                HeaderName::from_static("permissions-policy"),
                "camera=(), geolocation=(), microphone=()",
            ),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if secure {
            // Two years, as browsers' preload lists ask.
            headers.insert(
                STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=63072000; includeSubDomains"),
            );
        }
        Self { headers }
    }
}

/// Adds what the response does not say itself, and logs that there was one.
pub(super) async fn secure(policy: Policy, request: Request, next: Next) -> Response {
    let (method, path, begun) = (
        request.method().clone(),
        request.uri().path().to_owned(),
        Instant::now(),
    );
    let mut response = next.run(request).await;
    if !QUIET.contains(&path.as_str()) {
        let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(%method, path, status = response.status().as_u16(), milliseconds, "answered");
    }
    for (name, value) in &policy.headers {
        response
            .headers_mut()
            .entry(name)
            .or_insert_with(|| value.clone());
    }
    response
}

/// Asked every few seconds by machines.
const QUIET: [&str; 2] = ["/livez", "/readyz"];
