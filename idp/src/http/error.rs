//! The one place where errors become responses.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use serde_json::json;

use super::{
    language::Reads,
    pages::{self, Page},
    trace::Correlation,
};
use crate::{
    error::{Error, Fault},
    flow::register::Unregistered,
    rules::{
        oauth::{Code, OauthError},
        refusal::Refusal,
        time::Seconds,
    },
    service::Idp,
};

/// What an error page tells; [`render`] finds it in the response and writes the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The caller's doing.
    Refused(Refusal),
    /// Ours.
    Fault,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => refusal.into_response(),
            Self::Fault(fault) => fault.into_response(),
        }
    }
}

impl IntoResponse for Error<OauthError> {
    fn into_response(self) -> Response {
        let mut response = match self {
            Self::Refused(error) => error.into_response(),
            Self::Fault(fault) => {
                tracing::error!(%fault, "fault");
                // RFC 6749 §4.1.2.1 names both; here the status says the same.
                let error = if fault.is_passing() {
                    "temporarily_unavailable"
                } else {
                    "server_error"
                };
                blame(
                    &fault,
                    (fault_status(&fault), Json(json!({ "error": error }))).into_response(),
                )
            }
        };
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        tracing::debug!(error = self.code.name(), why = self.description, "refused");
        let body = json!({ "error": self.code.name(), "error_description": self.description });
        let mut response = (oauth_status(self.code), Json(body)).into_response();
        // RFC 6749 §5.2 and RFC 6750 §3: a 401 names the scheme; descriptions are ours and hold no quotes.
        let challenge = match self.code {
            Code::InvalidClient => Some("Basic realm=\"token\"".to_owned()),
            Code::InvalidToken | Code::InsufficientScope => Some(format!(
                "Bearer error=\"{}\", error_description=\"{}\"",
                self.code.name(),
                self.description
            )),
            Code::InvalidRequest
            | Code::TooLarge
            | Code::TemporarilyUnavailable
            | Code::InvalidGrant
            | Code::UnauthorizedClient
            | Code::UnsupportedGrantType
            | Code::UnsupportedTokenType
            | Code::UnsupportedResponseType
            | Code::InvalidScope
            | Code::AccessDenied
            | Code::LoginRequired
            | Code::ConsentRequired
            | Code::RequestNotSupported
            | Code::RequestUriNotSupported
            | Code::RegistrationNotSupported
            | Code::InvalidRequestObject
            | Code::InvalidRequestUri
            | Code::InvalidTarget
            | Code::InvalidAuthorizationDetails
            | Code::UnmetAuthenticationRequirements
            | Code::InvalidDpopProof
            | Code::UseDpopNonce
            | Code::AuthorizationPending
            | Code::SlowDown
            | Code::ExpiredToken => None,
        };
        if self.code == Code::TemporarilyUnavailable {
            // Every second a client may ask again a little.
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if let Some(challenge) = challenge.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl IntoResponse for Error<Unregistered> {
    fn into_response(self) -> Response {
        let refused = match self {
            // One shape for faults of everything that answers in JSON.
            Self::Fault(fault) => return Error::<OauthError>::Fault(fault).into_response(),
            Self::Refused(refused) => refused,
        };
        match refused {
            Unregistered::NoToken => no_token(),
            Unregistered::BadToken => Error::Refused(OauthError::new(
                Code::InvalidToken,
                "the token is not good, or no longer",
            ))
            .into_response(),
            Unregistered::Metadata(unacceptable) => {
                let (error, description) = unacceptable.told();
                // RFC 6749 §5.2: printable ASCII without quotes; what was sent may hold anything.
                let description =
                    description.replace(|c: char| !matches!(c, ' '..='~') || matches!(c, '"' | '\\'), "?");
                let body = json!({ "error": error, "error_description": description });
                let no_store = [(header::CACHE_CONTROL, "no-store")];
                (StatusCode::BAD_REQUEST, no_store, Json(body)).into_response()
            }
        }
    }
}

/// RFC 6750 §3.1: a request without a token is told the scheme and nothing else.
pub fn no_token() -> Response {
    let scheme = [
        (header::WWW_AUTHENTICATE, "Bearer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::UNAUTHORIZED, scheme).into_response()
}

/// The status of a protocol error (RFC 6749 §5.2, RFC 6750 §3.1).
fn oauth_status(code: Code) -> StatusCode {
    match code {
        Code::InvalidClient | Code::InvalidToken => StatusCode::UNAUTHORIZED,
        Code::InsufficientScope => StatusCode::FORBIDDEN,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::TemporarilyUnavailable => StatusCode::TOO_MANY_REQUESTS,
        Code::InvalidRequest
        | Code::InvalidGrant
        | Code::UnauthorizedClient
        | Code::UnsupportedGrantType
        | Code::UnsupportedTokenType
        | Code::UnsupportedResponseType
        | Code::InvalidScope
        | Code::AccessDenied
        | Code::LoginRequired
        | Code::ConsentRequired
        | Code::RequestNotSupported
        | Code::RequestUriNotSupported
        | Code::RegistrationNotSupported
        | Code::InvalidRequestObject
        | Code::InvalidRequestUri
        | Code::InvalidTarget
        | Code::InvalidAuthorizationDetails
        | Code::UnmetAuthenticationRequirements
        | Code::InvalidDpopProof
        | Code::UseDpopNonce
        | Code::AuthorizationPending
        | Code::SlowDown
        | Code::ExpiredToken => StatusCode::BAD_REQUEST,
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        tracing::error!(fault = %self, "fault");
        blame(&self, bare(fault_status(&self), Problem::Fault))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        tracing::debug!(refusal = self.name(), "refused");
        let mut response = bare(status(self), Problem::Refused(self));
        if let Self::Throttled { wait } | Self::TooMany { wait } | Self::Busy { wait } = self {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, retry_after(wait));
        }
        response
    }
}

/// 503 when the same request may succeed in a moment (RFC 9110 §15.6.4).
fn fault_status(fault: &Fault) -> StatusCode {
    if fault.is_passing() {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    }
}

/// Says when to come back, where coming back helps.
fn blame(fault: &Fault, mut response: Response) -> Response {
    if fault.is_passing() {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, retry_after(RECOVERY));
    }
    response
}

/// The status of a refusal.
fn status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::ClientUnknown
        | Refusal::RedirectUnregistered
        | Refusal::RequestMalformed(_)
        | Refusal::RequestExpired
        | Refusal::InteractionLost => StatusCode::BAD_REQUEST,
        Refusal::OutOfTurn => StatusCode::CONFLICT,
        Refusal::Throttled { .. } | Refusal::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::Forged
        | Refusal::NotAllowed
        | Refusal::ClientDisabled
        | Refusal::AccountClosed
        | Refusal::AccountFrozen => StatusCode::FORBIDDEN,
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

/// Writes the page for every response that carries a [`Problem`]; one line of text for a client that reads no HTML.
pub async fn render(State(idp): State<Arc<Idp>>, reads: Reads, request: Request, next: Next) -> Response {
    let correlation = request.extensions().get::<Correlation>().copied();
    let reads_html = reads_html(request.headers());
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>().copied() else {
        return response;
    };
    let correlation = correlation.unwrap_or_default().to_string();
    // Switching the language of an error leads to a page that can be asked for again.
    let page = Page::new(&idp, reads, "/help");
    let mut rendered = match (problem, reads_html) {
        (Problem::Refused(refusal), true) => {
            pages::error::refused(&page, response.status(), refusal, &correlation)
        }
        (Problem::Fault, true) => pages::error::fault(&page, response.status(), &correlation),
        (Problem::Refused(refusal), false) => line(response.status(), refusal.name(), &correlation),
        (Problem::Fault, false) => line(response.status(), "fault", &correlation),
    };
    if let Some(wait) = response.headers().get(header::RETRY_AFTER) {
        rendered.headers_mut().insert(header::RETRY_AFTER, wait.clone());
    }
    rendered
}

fn line(status: StatusCode, name: &str, correlation: &str) -> Response {
    (status, format!("{name} {correlation}\n")).into_response()
}

/// Says so, or says nothing about it.
fn reads_html(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("*/*");
    ["text/html", "text/*", "*/*"]
        .iter()
        .any(|kind| accept.contains(kind))
}

/// No such route.
pub async fn not_found() -> Error {
    Refusal::NotFound.into()
}

/// The route exists, for another method.
pub async fn method_not_allowed() -> Error {
    Refusal::MethodNotAllowed.into()
}

/// A handler panicked: a fault like any other, its text only in the log.
pub fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    Fault::plain("a handler panicked").into_response()
}

fn bare(status: StatusCode, problem: Problem) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(problem);
    response
}

fn retry_after(wait: Seconds) -> HeaderValue {
    HeaderValue::from(u64::try_from(wait.0).unwrap_or(1).max(1))
}

/// A database that restarts or fails over is back in less than the time that a request would wait for it.
const RECOVERY: Seconds = Seconds(5);
