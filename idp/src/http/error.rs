//! The one place where errors become responses.

use std::panic::AssertUnwindSafe;

use axum::{
    Json,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use futures_util::FutureExt as _;
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
        binding::Scheme,
        dpop::ALGORITHMS,
        oauth::{Code, OauthError},
        refusal::Refusal,
        step_up::Challenge,
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
        let (status, asks) = oauth_status(self.code);
        let mut response = (status, Json(body)).into_response();
        if self.code == Code::TemporarilyUnavailable {
            // Every second a client may ask again a little.
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        let challenge = match asks {
            Asks::Nothing => return response,
            Asks::Client => "Basic realm=\"token\"".to_owned(),
            Asks::Token => challenge(Scheme::Bearer, self, ""),
        };
        challenging(&mut response, &challenge);
        response
    }
}

/// A resource's refusal of a token whose login is not enough (RFC 9470 §3), in the scheme by which the token came.
pub fn step_up(scheme: Scheme, wanted: &Challenge) -> Response {
    let error = wanted.error();
    let mut response = Error::Refused(error).into_response();
    challenging(&mut response, &challenge(scheme, error, &wanted.parameters()));
    response
}

/// The text of a challenge (RFC 6750 §3, RFC 9449 §7.1). Descriptions are ours and hold no quotes.
pub fn challenge(scheme: Scheme, error: OauthError, parameters: &str) -> String {
    let scheme = match scheme {
        Scheme::Bearer => "Bearer ".to_owned(),
        Scheme::Dpop => {
            let algorithms = ALGORITHMS.map(sdk_jose::Algorithm::as_str).join(" ");
            format!("DPoP algs=\"{algorithms}\", ")
        }
    };
    let (name, description) = (error.code.name(), error.description);
    format!("{scheme}error=\"{name}\", error_description=\"{description}\"{parameters}")
}

/// Puts a challenge on a response.
pub fn challenging(response: &mut Response, challenge: &str) {
    if let Ok(challenge) = HeaderValue::from_str(challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
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

/// Whom an error asks to show who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// Nobody.
    Nothing,
    /// The client (RFC 6749 §5.2).
    Client,
    /// Who holds a token (RFC 6750 §3).
    Token,
}

/// The status of a protocol error, and whom it asks (RFC 6749 §5.2, RFC 6750 §3.1, RFC 9470 §3).
fn oauth_status(code: Code) -> (StatusCode, Asks) {
    match code {
        Code::InvalidClient => (StatusCode::UNAUTHORIZED, Asks::Client),
        Code::InvalidToken | Code::InsufficientUserAuthentication => (StatusCode::UNAUTHORIZED, Asks::Token),
        Code::InsufficientScope => (StatusCode::FORBIDDEN, Asks::Token),
        Code::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, Asks::Nothing),
        Code::TemporarilyUnavailable => (StatusCode::TOO_MANY_REQUESTS, Asks::Nothing),
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
        | Code::ExpiredToken => (StatusCode::BAD_REQUEST, Asks::Nothing),
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
        | Refusal::NotStaff
        | Refusal::AccountClosed
        | Refusal::AccountFrozen => StatusCode::FORBIDDEN,
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

/// Writes the page for every response that carries a [`Problem`]; one line of text for a client that reads no HTML.
pub async fn render<F: Future<Output = Response>>(
    idp: &Idp,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let reads = request.extensions().get::<Reads>().copied().unwrap_or_default();
    let correlation = request.extensions().get::<Correlation>().copied();
    let reads_html = reads_html(request.headers());
    let response = next(request).await;
    let Some(problem) = response.extensions().get::<Problem>().copied() else {
        return response;
    };
    let correlation = correlation.unwrap_or_default().to_string();
    // Switching the language of an error leads to a page that can be asked for again.
    let page = Page::new(idp, reads, "/help");
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

/// Where a handler panics, that is a fault like any other, its text only in the log.
pub async fn caught(answering: impl Future<Output = Response>) -> Response {
    match AssertUnwindSafe(answering).catch_unwind().await {
        Ok(response) => response,
        Err(_) => Fault::plain("a handler panicked").into_response(),
    }
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
