//! One line a request: method, route template, status, time, correlation id. Never a query, a header or a body.
//!
//! What went well is told at `debug`: what was issued or released stands in the audit, and a busy service would spend
//! more on its log than on its answers. What was refused or failed, and what took long, is told at `info`.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use tracing::Instrument as _;

/// Ties an error page to the log: safe to show, means nothing to anybody else.
#[derive(Debug, Clone, Copy, Default)]
pub struct Correlation(u64);

impl std::fmt::Display for Correlation {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:012x}", self.0)
    }
}

/// Gives the request its correlation id and logs how it ended.
pub async fn trace<F: Future<Output = Response>>(
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let correlation = Correlation(new_id());
    let method = request.method().clone();
    let route = Route(request.extensions().get::<MatchedPath>().cloned());
    request.extensions_mut().insert(correlation);
    let begun = Instant::now();
    let span = tracing::info_span!("request", id = %correlation);
    async move {
        let response = next(request).await;
        let (took, status) = (begun.elapsed(), response.status());
        let ms = took.as_millis();
        if status.is_client_error() || status.is_server_error() || took > LONG {
            tracing::info!(%method, %route, status = status.as_u16(), ms, "answered");
        } else {
            tracing::debug!(%method, %route, status = status.as_u16(), ms, "answered");
        }
        response
    }
    .instrument(span)
    .await
}

/// The template that matched, if one did.
struct Route(Option<MatchedPath>);

impl std::fmt::Display for Route {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.0.as_ref().map_or("-", MatchedPath::as_str))
    }
}

/// Only a label: it guards nothing, so it does not use the service's chance. A counter from a place of chance on: no two
/// of a process are equal, and two processes hardly ever meet.
fn new_id() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "a label for the log; nothing is decided or protected by it"
    )]
    static NEXT: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(uuid::Uuid::new_v4().as_u64_pair().1));
    NEXT.fetch_add(SCATTER, Ordering::Relaxed) & TWELVE_DIGITS
}

/// Odd, so that all labels of twelve digits come before one comes again; large, so that neighbours do not look alike.
const SCATTER: u64 = 0x9e37_79b9_7f4a_7c15;
const TWELVE_DIGITS: u64 = 0xffff_ffff_ffff;
/// A citizen notices a second (and a password hash takes a good part of it).
const LONG: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_twelve_digits_and_comes_once() {
        let labels: std::collections::HashSet<String> =
            (0..1000).map(|_| Correlation(new_id()).to_string()).collect();
        assert_eq!(labels.len(), 1000);
        assert!(labels.iter().all(|label| label.len() == 12));
    }
}
