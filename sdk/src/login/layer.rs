//! The layer around an application: it answers three paths itself and hands the rest on.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::header::CACHE_CONTROL;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use tower::{Layer, Service};
use url::form_urlencoded;

use super::assurance::Assurance;
use super::begin::Asked;
use super::error::{Fault, LoginError};
use super::rejection::{Asker, Rejection};
use super::return_path::ReturnPath;
use super::{CALLBACK_PATH, LOGIN_PATH, LOGOUT_PATH, Login, cookies};
use crate::look::{self, Language};

/// What [`Login`] makes of a service.
#[derive(Debug, Clone)]
pub struct LoginService<S> {
    inner: S,
    login: Login,
}

impl<S> Layer<S> for Login {
    type Service = LoginService<S>;

    fn layer(&self, inner: S) -> LoginService<S> {
        LoginService {
            inner,
            login: self.clone(),
        }
    }
}

impl<S> Service<Request<Body>> for LoginService<S>
where
    S: Service<Request<Body>, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let fresh = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, fresh);
        let login = self.login.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let chosen = parts.uri.query().and_then(chosen_language);
            let language = login.language(&parts, chosen);
            parts.extensions.insert(language);
            parts.extensions.insert(login.clone());
            let own = login.answer(&parts, language).await;
            let has_session = login.cookies().has_session(&parts.headers);
            let mut response = match own {
                Some(response) => response,
                None => ready.call(Request::from_parts(parts, body)).await?,
            };
            let headers = response.headers_mut();
            if let Some(chosen) = chosen {
                cookies::set(headers, [login.cookies().set_language(chosen)]);
            }
            // After the logout the back button must not show whose page it was.
            if has_session && !headers.contains_key(CACHE_CONTROL) {
                headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
            Ok(response)
        })
    }
}

impl Login {
    /// `?lang=`, then the cookie, then what the browser prefers, then the application's own.
    fn language(&self, parts: &Parts, chosen: Option<Language>) -> Language {
        chosen
            .or_else(|| self.cookies().language(&parts.headers))
            .or_else(|| Language::from_headers(&parts.headers))
            .unwrap_or(self.config().language)
    }

    /// The answer, if the path is one of ours.
    async fn answer(&self, parts: &Parts, language: Language) -> Option<Response> {
        let path = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(parts.uri.path(), |original| original.0.path());
        let query = parts.uri.query().unwrap_or_default();
        let is_get = matches!(parts.method, Method::GET | Method::HEAD);
        let asker = || Asker::new(Some(self), &parts.method, &parts.uri, &parts.headers, language);
        let answered = match path {
            path if path == look::stylesheet_path() => return Some(look::stylesheet()),
            LOGIN_PATH if is_get => {
                let back = return_to(query);
                let asked = Asked::login(back.clone(), Assurance::Unknown);
                let begun = self.begin(asked, &parts.headers, language).await;
                begun.map_err(|error| Rejection::failed(error, asker().back_to(back)))
            }
            CALLBACK_PATH if parts.method == Method::GET => {
                let finished = self.finish(query, &parts.headers, language).await;
                finished.map_err(|error| Rejection::failed(error, asker()))
            }
            LOGOUT_PATH if is_get || parts.method == Method::POST => {
                let left = self.leave(&parts.method, &parts.headers, language).await;
                left.map_err(|error| Rejection::failed(error, asker()))
            }
            LOGIN_PATH | CALLBACK_PATH | LOGOUT_PATH => {
                return Some(StatusCode::METHOD_NOT_ALLOWED.into_response());
            }
            _ => return None,
        };
        Some(answered.unwrap_or_else(IntoResponse::into_response))
    }
}

fn return_to(query: &str) -> ReturnPath {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "return_to")
        .map_or_else(ReturnPath::home, |(_, value)| ReturnPath::new(&value))
}

fn chosen_language(query: &str) -> Option<Language> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "lang")
        .and_then(|(_, tag)| Language::from_tag(&tag))
}

/// The login itself, in a handler that steps up or reads a proof of presence.
impl<S: Send + Sync> FromRequestParts<S> for Login {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let login = parts.extensions.get::<Self>().cloned();
        login.ok_or_else(|| Rejection::failed(LoginError::Fault(Fault::NoLayer), Asker::from_parts(parts)))
    }
}

/// The reader's language, as the layer has found it.
impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let found = parts.extensions.get::<Self>().copied();
        Ok(found
            .or_else(|| Self::from_headers(&parts.headers))
            .unwrap_or_default())
    }
}
