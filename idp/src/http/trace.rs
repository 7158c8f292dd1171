//! One line a request: method, route template, status, time, correlation id. Never a query, a header or a body.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use tracing::Instrument as _;

/// Ties an error page to the log: safe to show, means nothing to anybody else.
#[derive(Debug, Clone, Default)]
pub struct Correlation(String);

impl std::fmt::Display for Correlation {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

/// Gives the request its correlation id and logs how it ended.
pub async fn trace(mut request: Request, next: Next) -> Response {
    let correlation = Correlation(new_id());
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
        .to_owned();
    request.extensions_mut().insert(correlation.clone());
    let begun = Instant::now();
    let span = tracing::info_span!("request", id = %correlation);
    async move {
        let response = next.run(request).await;
        let ms = begun.elapsed().as_millis();
        tracing::info!(%method, route, status = response.status().as_u16(), ms, "answered");
        response
    }
    .instrument(span)
    .await
}

/// Only a label: it guards nothing, so it does not use the service's chance.
#[expect(
    clippy::disallowed_methods,
    reason = "a label for the log; nothing is decided or protected by it"
)]
fn new_id() -> String {
    uuid::Uuid::new_v4()
        .simple()
        .to_string()
        .chars()
        .take(12)
        .collect()
}
