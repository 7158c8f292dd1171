//! The cookies: one for the session, one for each login under way, one for the language.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use sdk_jose::Seconds;

use super::secret::BrowserSecret;
use crate::look::Language;

/// The names of our cookies and how they are set.
#[derive(Debug, Clone)]
pub(crate) struct Cookies {
    prefix: String,
    secure: bool,
}

impl Cookies {
    /// With https the prefix `__Host-` keeps a neighbouring host from setting them (RFC 6265bis §4.1.3.2);
    /// on http, which is this machine only, browsers would not take it.
    pub(crate) fn new(name: &str, secure: bool) -> Self {
        Self {
            prefix: if secure {
                format!("__Host-{name}")
            } else {
                name.to_owned()
            },
            secure,
        }
    }

    /// The session's secret.
    pub(crate) fn session(&self, headers: &HeaderMap) -> Option<BrowserSecret> {
        BrowserSecret::from_cookie(CookieJar::from_headers(headers).get(&self.prefix)?.value())
    }

    pub(crate) fn has_session(&self, headers: &HeaderMap) -> bool {
        self.session(headers).is_some()
    }

    pub(crate) fn set_session(&self, secret: &BrowserSecret) -> HeaderValue {
        self.header(self.prefix.clone(), secret.to_cookie(), None)
    }

    pub(crate) fn clear_session(&self) -> HeaderValue {
        self.header(self.prefix.clone(), String::new(), Some(Seconds(0)))
    }

    /// The secret of the login under way that made this state. Several may be: one in each tab.
    pub(crate) fn pending(&self, headers: &HeaderMap, state: &str) -> Option<BrowserSecret> {
        BrowserSecret::from_cookie(
            CookieJar::from_headers(headers)
                .get(&self.pending_name(state)?)?
                .value(),
        )
    }

    pub(crate) fn set_pending(
        &self,
        state: &str,
        secret: &BrowserSecret,
        lifetime: Seconds,
    ) -> Option<HeaderValue> {
        Some(self.header(self.pending_name(state)?, secret.to_cookie(), Some(lifetime)))
    }

    pub(crate) fn clear_pending(&self, state: &str) -> Option<HeaderValue> {
        Some(self.header(self.pending_name(state)?, String::new(), Some(Seconds(0))))
    }

    /// Logins that were begun and left would pile up in the browser until its headers are too long.
    pub(crate) fn clear_abandoned(&self, headers: &HeaderMap) -> Vec<HeaderValue> {
        let ours = self.pending_name("").unwrap_or_default();
        let jar = CookieJar::from_headers(headers);
        let names: Vec<&str> = jar
            .iter()
            .map(Cookie::name)
            .filter(|name| name.starts_with(&ours))
            .collect();
        if names.len() < MAX_PENDING {
            return Vec::new();
        }
        names
            .into_iter()
            .map(|name| self.header(name.to_owned(), String::new(), Some(Seconds(0))))
            .collect()
    }

    pub(crate) fn language(&self, headers: &HeaderMap) -> Option<Language> {
        Language::from_tag(
            CookieJar::from_headers(headers)
                .get(&self.language_name())?
                .value(),
        )
    }

    pub(crate) fn set_language(&self, language: Language) -> HeaderValue {
        self.header(self.language_name(), language.tag().to_owned(), Some(ONE_YEAR))
    }

    fn language_name(&self) -> String {
        format!("{}_lang", self.prefix)
    }

    /// A state is base64url; its first characters tell logins apart and are of no use to guess the rest.
    fn pending_name(&self, state: &str) -> Option<String> {
        let short: String = state.chars().take(SHORT).collect();
        let clean = short
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        clean.then(|| format!("{}_login_{short}", self.prefix))
    }

    fn header(&self, name: String, value: String, lifetime: Option<Seconds>) -> HeaderValue {
        let mut cookie = Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax);
        if let Some(Seconds(seconds)) = lifetime {
            cookie = cookie.max_age(time::Duration::seconds(seconds));
        }
        // Names and values are made of our own ASCII; nothing else can come here.
        HeaderValue::from_str(&cookie.build().to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// Adds `Set-Cookie` lines to a response's headers.
pub(crate) fn set(headers: &mut HeaderMap, cookies: impl IntoIterator<Item = HeaderValue>) {
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
}

/// 48 bits tell apart the logins of one browser.
const SHORT: usize = 8;

/// Ours: nobody logs in in more tabs at a time.
const MAX_PENDING: usize = 8;

const ONE_YEAR: Seconds = Seconds(365 * 24 * 60 * 60);
