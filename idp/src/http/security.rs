//! Headers that every response carries, errors included, and the refusal of forms that another site sent.

use std::sync::{Arc, LazyLock};

use axum::{
    extract::{Form, FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
    response::Response,
};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;

use crate::{
    error::Error,
    rules::{interaction::Interaction, refusal::Refusal, session::Session},
    service::Idp,
};

/// The origin (for an app, the scheme) that a form on this page may end at after redirects: browsers check `form-action` along the whole way.
/// A page of an interaction names the origin of the client's checked redirect URI.
#[derive(Clone, Debug)]
pub struct FormTarget(String);

impl FormTarget {
    /// The origin of `url`, if it can stand in a policy: http or https with a plain host; the scheme of an app that was
    /// registered under its reverse domain name (RFC 8252 §7.1).
    #[must_use]
    pub fn of(url: &str) -> Option<Self> {
        let url = url::Url::parse(url).ok()?;
        let origin = url.origin().ascii_serialization();
        let plain = origin
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '.' | '-' | '[' | ']'));
        if url.scheme().contains('.') {
            // RFC 3986 §3.1 leaves letters, digits and + - . for a scheme: nothing that could end a directive.
            return Some(Self(format!("{}:", url.scheme())));
        }
        (matches!(url.scheme(), "http" | "https") && plain).then_some(Self(origin))
    }
}

/// Addresses that this page may show in frames: agencies that hear of a logout, and nobody else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames(Vec<String>);

impl Frames {
    /// What of each address can stand in a policy: its origin, and its path where nothing in it could end a directive.
    /// Addresses that are not http or https are left out.
    #[must_use]
    pub fn of(addresses: &[String]) -> Self {
        let source = |address: &String| {
            let FormTarget(origin) = FormTarget::of(address)?;
            let url = url::Url::parse(address).ok()?;
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '~');
            let path = url.path();
            Some(if path.chars().all(plain) {
                format!("{origin}{path}")
            } else {
                origin
            })
        };
        Self(addresses.iter().filter_map(source).collect())
    }
}

/// This page may stand in anybody's frame: the frame of session management and nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Framed;

/// Adds the headers.
pub async fn headers<F: Future<Output = Response>>(
    idp: &Idp,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let mut response = next(request).await;
    let said = response.extensions();
    let policy = match (said.get::<FormTarget>(), said.get::<Frames>()) {
        (None, None) => Some(home_only()),
        (target, frames) => {
            let frames = frames.cloned().unwrap_or_default();
            HeaderValue::from_str(&content_security_policy(target, &frames)).ok()
        }
    };
    let in_anybodys_frame = said.get::<Framed>().is_some();
    protect(response.headers_mut(), idp, policy);
    if in_anybodys_frame {
        framed(response.headers_mut());
    }
    response
}

/// RFC 9112 §6.1: where a proxy before us may have read another length, what follows is nobody's request. Around every
/// route.
pub async fn one_request<F: Future<Output = Response>>(
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = next(request).await;
    if chunked {
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Adds the headers to what one response has so far; its policy is `policy`.
pub(super) fn protect(all: &mut HeaderMap, idp: &Idp, policy: impl Into<Option<HeaderValue>>) {
    all.reserve(ALWAYS.len().saturating_add(3));
    for (name, value) in ALWAYS {
        all.insert(name, HeaderValue::from_static(value));
    }
    if !all.contains_key(header::CACHE_CONTROL) {
        all.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if idp.config.issuer.is_https() {
        all.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
    if let Some(policy) = policy.into() {
        all.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The policy of nearly every response: written once.
pub(super) fn home_only() -> HeaderValue {
    static HOME_ONLY: LazyLock<HeaderValue> = LazyLock::new(|| {
        HeaderValue::from_str(&content_security_policy(None, &Frames::default()))
            .unwrap_or(HeaderValue::from_static("default-src 'none'"))
    });
    HOME_ONLY.clone()
}

/// A form of ours comes from a page of ours: anything that a browser says another site started is refused
/// (Fetch Metadata, W3C). Browsers that say nothing are held by the token in the form alone.
#[must_use]
pub fn from_elsewhere(request: &Request) -> bool {
    request.method() == Method::POST && started_elsewhere(request.headers())
}

fn started_elsewhere(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site != "same-origin" && site != "none")
}

/// A form of ours that is read as protocol parameters: refused when another site sent it.
#[derive(Debug)]
pub struct FromHere;

impl FromRequestParts<Arc<Idp>> for FromHere {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Idp>) -> Result<Self, Error> {
        if started_elsewhere(&parts.headers) {
            return Err(Refusal::Forged.into());
        }
        Ok(Self)
    }
}

/// The fields of a form of ours. What another site sent is refused before it is read, what is too large or no form
/// after.
pub struct Fields<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Idp>> for Fields<T> {
    type Rejection = Error;

    async fn from_request(request: Request, idp: &Arc<Idp>) -> Result<Self, Error> {
        if from_elsewhere(&request) {
            return Err(Refusal::Forged.into());
        }
        match Form::from_request(request, idp).await {
            Ok(Form(fields)) => Ok(Self(fields)),
            Err(problem) if problem.status() == http::StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Refusal::TooLarge.into())
            }
            Err(_) => Err(Refusal::RequestMalformed("form").into()),
        }
    }
}

/// The token of every form of an interaction: bound to it, and to the browser that began it.
#[must_use]
pub fn interaction_token(idp: &Idp, interaction: &Interaction) -> String {
    let id = interaction.id.digest();
    idp.derived
        .csrf
        .tag_text(&[b"interaction", id.bytes(), interaction.browser.bytes()])
}

/// The token of every form of a signed-in citizen's own pages: bound to the session.
#[must_use]
pub fn session_token(idp: &Idp, session: &Session) -> String {
    idp.derived
        .csrf
        .tag_text(&[b"session", session.sid.as_str().as_bytes()])
}

/// The form carries the token that its page was given.
///
/// # Errors
/// [`Refusal::Forged`].
pub fn ours(expected: &str, given: &str) -> Result<(), Refusal> {
    if bool::from(expected.as_bytes().ct_eq(given.as_bytes())) {
        Ok(())
    } else {
        Err(Refusal::Forged)
    }
}

/// What a page that others frame has instead: nobody is kept from framing it, and its script is all that it has.
fn framed(headers: &mut HeaderMap) {
    headers.remove(header::X_FRAME_OPTIONS);
    let policy =
        "default-src 'none'; script-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
}

fn content_security_policy(target: Option<&FormTarget>, frames: &Frames) -> String {
    let target = target
        .map(|FormTarget(origin)| format!(" {origin}"))
        .unwrap_or_default();
    let frames = match frames.0.join(" ") {
        none if none.is_empty() => String::new(),
        some => format!(" frame-src {some};"),
    };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'{target};{frames} \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

const ALWAYS: [(HeaderName, &str); 7] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    // For browsers that know no frame-ancestors.
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self), \
         publickey-credentials-create=(self)",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_target_sends_forms_home_only() {
        assert!(content_security_policy(None, &Frames::default()).contains("form-action 'self';"));
    }

    #[test]
    fn a_page_of_an_interaction_names_the_clients_origin_and_nothing_else_of_its_address() {
        let target = FormTarget::of("https://impuestos.example:8443/cb?x=1;script-src *").unwrap();
        assert!(
            content_security_policy(Some(&target), &Frames::default())
                .contains("form-action 'self' https://impuestos.example:8443;")
        );
    }

    #[test]
    fn a_goodbye_frames_exactly_the_agencies_that_hear_of_it() {
        let frames = Frames::of(&[
            "https://impuestos.example:8443/salir?iss=x&sid=y".to_owned(),
            "https://salud.example/a;script-src%20*".to_owned(),
            "javascript:alert(1)".to_owned(),
        ]);
        let policy = content_security_policy(None, &frames);
        assert!(
            policy.contains(" frame-src https://impuestos.example:8443/salir https://salud.example;"),
            "{policy}"
        );
        assert!(!content_security_policy(None, &Frames::default()).contains("frame-src"));
    }

    #[test]
    fn what_cannot_stand_in_a_policy_is_left_out() {
        assert!(FormTarget::of("javascript:alert(1)").is_none());
        assert!(FormTarget::of("data:text/html,x").is_none());
    }

    #[test]
    fn an_app_is_named_by_its_scheme() {
        let target = FormTarget::of("cl.gob.tramites:/vuelta?x;script-src *").unwrap();
        assert!(
            content_security_policy(Some(&target), &Frames::default())
                .contains("form-action 'self' cl.gob.tramites:;")
        );
    }

    fn post(site: Option<&str>) -> Request {
        let mut request = http::Request::builder().method("POST");
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        request.body(axum::body::Body::empty()).unwrap()
    }

    #[test]
    fn a_form_from_another_site_or_subdomain_is_seen() {
        assert!(from_elsewhere(&post(Some("cross-site"))));
        assert!(from_elsewhere(&post(Some("same-site"))));
        assert!(!from_elsewhere(&post(Some("same-origin"))));
        assert!(!from_elsewhere(&post(None)));
    }
}
