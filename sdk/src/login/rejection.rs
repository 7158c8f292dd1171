//! The one place where what went wrong becomes a response.

use axum::Json;
use axum::extract::OriginalUri;
use axum::http::header::{ACCEPT, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use ring::rand::{SecureRandom, SystemRandom};

use super::error::LoginError;
use super::return_path::ReturnPath;
use super::words::{Words, words};
use super::{LOGIN_PATH, Login};
use crate::look::{Language, Page, escape};

/// Why a handler did not get its [`super::Citizen`].
#[derive(Debug)]
pub enum Rejection {
    /// Nobody is logged in (or not with enough assurance): off to the idp, and back to this page.
    SentToLogin(Box<Response>),
    /// It cannot be.
    Failed {
        /// Why.
        error: Box<LoginError>,
        /// Who asked.
        asker: Box<Asker>,
    },
}

/// Who asked, and how they would like to be told.
#[derive(Debug)]
pub struct Asker {
    pub(crate) is_navigation: bool,
    pub(crate) wants_html: bool,
    pub(crate) language: Language,
    pub(crate) page: ReturnPath,
    service: String,
    issuer_origin: Option<String>,
}

impl Rejection {
    pub(crate) fn failed(error: LoginError, asker: Asker) -> Self {
        Self::Failed {
            error: Box::new(error),
            asker: Box::new(asker),
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        match self {
            Self::SentToLogin(redirect) => *redirect,
            Self::Failed { error, asker } => respond(&error, &asker),
        }
    }
}

impl Asker {
    pub(crate) fn from_parts(parts: &Parts) -> Self {
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(&parts.uri, |original| &original.0);
        let language = parts.extensions.get::<Language>().copied().unwrap_or_default();
        Self::new(
            parts.extensions.get::<Login>(),
            &parts.method,
            uri,
            &parts.headers,
            language,
        )
    }

    pub(crate) fn new(
        login: Option<&Login>,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        language: Language,
    ) -> Self {
        let wants_html = wants_html(headers);
        let is_page = matches!(*method, Method::GET | Method::HEAD);
        let page = uri
            .path_and_query()
            .filter(|_| is_page)
            .map_or_else(ReturnPath::home, |pq| ReturnPath::new(pq.as_str()));
        Self {
            is_navigation: is_page && wants_html && is_navigation(headers),
            wants_html,
            language,
            page,
            service: login.map_or_else(|| "Aval".to_owned(), |login| login.config().service.clone()),
            issuer_origin: login.map(|login| login.issuer_origin().to_owned()),
        }
    }

    /// A person on the way to a page.
    pub(crate) fn person(login: &Login, page: ReturnPath, language: Language) -> Self {
        let (service, issuer_origin) = (
            login.config().service.clone(),
            Some(login.issuer_origin().to_owned()),
        );
        Self {
            is_navigation: true,
            wants_html: true,
            language,
            page,
            service,
            issuer_origin,
        }
    }

    pub(crate) fn back_to(mut self, page: ReturnPath) -> Self {
        self.page = page;
        self
    }
}

/// A script says that it wants JSON; whoever says nothing gets the page.
fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("*/*");
    accept.contains("text/html") || (accept.contains("*/*") && !accept.contains("json"))
}

/// Fetch Metadata where there is any; the old custom besides.
fn is_navigation(headers: &HeaderMap) -> bool {
    let is = |name: &str, value: &str| {
        headers
            .get(name)
            .is_some_and(|found| found.as_bytes() == value.as_bytes())
    };
    let by_script = is("x-requested-with", "XMLHttpRequest");
    !by_script && (!headers.contains_key("sec-fetch-mode") || is("sec-fetch-mode", "navigate"))
}

fn respond(error: &LoginError, asker: &Asker) -> Response {
    let reference = reference();
    let words = words(error, asker.language);
    log(error, &reference, &words);
    let mut response = if asker.wants_html {
        page(&words, asker, &reference)
    } else {
        json(&words, &reference)
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if words.status == StatusCode::UNAUTHORIZED {
        // RFC 9110 §15.5.2 wants a challenge; ours says where to go.
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Login uri=\"/login\""));
    }
    if words.status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// A refusal happens every day; a fault wants somebody to look.
fn log(error: &LoginError, reference: &str, words: &Words) {
    match error {
        LoginError::Refused(refusal) => {
            tracing::debug!(reference, code = words.code, %refusal, "login refused")
        }
        LoginError::Fault(fault) => tracing::error!(reference, code = words.code, %fault, "login failed"),
    }
}

fn json(words: &Words, reference: &str) -> Response {
    let body =
        serde_json::json!({ "error": words.code, "error_description": words.title, "reference": reference });
    (words.status, Json(body)).into_response()
}

fn page(words: &Words, asker: &Asker, reference: &str) -> Response {
    let language = asker.language;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("return_to", asker.page.as_str())
        .finish();
    let main = format!(
        concat!(
            "<div class=\"narrow\"><h1>{title}</h1><p class=\"lead\">{what}</p>",
            "<div class=\"sheet\"><p>{then}</p><div class=\"actions\">",
            "<a class=\"button\" href=\"{login}?{query}\">{again}</a>",
            "<a class=\"button quiet\" href=\"/\">{home}</a></div></div>",
            "<p class=\"hint\">{told} <code class=\"nowrap\">{reference}</code></p></div>"
        ),
        title = words.title,
        what = words.what,
        then = words.then,
        login = LOGIN_PATH,
        query = escape(&query),
        again = words.again,
        home = language.pick("Ir al inicio", "Go to the home page"),
        told = language.pick(
            "Si pides ayuda, da este código:",
            "If you ask for help, give this code:"
        ),
        reference = reference,
    );
    let page = Page {
        language,
        title: words.title,
        service: &asker.service,
        main: &main,
        form_action: asker.issuer_origin.as_deref(),
        ..Page::default()
    };
    page.respond(words.status)
}

/// Ties what the person sees to what the log says. Not a secret.
fn reference() -> String {
    let mut bytes = [0; 4];
    // Without randomness the page still has to be shown.
    let _ = SystemRandom::new().fill(&mut bytes);
    HEXLOWER.encode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_browser_that_opens_a_page_navigates() {
        let browser = headers(&[("accept", "text/html,*/*;q=0.8"), ("sec-fetch-mode", "navigate")]);
        assert!(wants_html(&browser) && is_navigation(&browser));
        let curl = headers(&[("accept", "*/*")]);
        assert!(wants_html(&curl) && is_navigation(&curl));
    }

    #[test]
    fn a_script_does_not_navigate() {
        assert!(!is_navigation(&headers(&[("sec-fetch-mode", "cors")])));
        assert!(!is_navigation(&headers(&[(
            "x-requested-with",
            "XMLHttpRequest"
        )])));
        assert!(!wants_html(&headers(&[("accept", "application/json, */*")])));
    }
}
