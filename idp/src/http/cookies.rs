//! The cookies: one names the browser, one the session, one tells the frame of Session Management which session it is.
//! All hold an opaque value and nothing else.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use crate::{
    config::Issuer,
    rules::{recovery::LONGEST, secret::Opaque, session::OVERALL, visitor::BROWSER_LIFETIME},
};

/// What a cookie names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The browser: interactions and failure counters are bound to it.
    Browser,
    /// The login session.
    Session,
    /// Which session it is, for the script of the frame (Session Management 1.0 §3.3). It opens nothing.
    State,
    /// A recovery that goes on.
    Recovery,
}

impl Named {
    /// The cookie's name. `__Host-` (no domain, path `/`, secure) wherever cookies can be secure; plain http is
    /// accepted for loopback only, where browsers and other clients would drop a secure cookie.
    #[must_use]
    pub fn name(self, issuer: &Issuer) -> &'static str {
        match (self, issuer.is_https()) {
            (Self::Browser, true) => "__Host-aval_idp_browser",
            (Self::Browser, false) => "aval_idp_browser",
            (Self::Session, true) => "__Host-aval_idp_session",
            (Self::Session, false) => "aval_idp_session",
            (Self::State, true) => "__Host-aval_idp_state",
            (Self::State, false) => "aval_idp_state",
            (Self::Recovery, true) => "__Host-aval_idp_recovery",
            (Self::Recovery, false) => "aval_idp_recovery",
        }
    }

    fn max_age(self) -> i64 {
        match self {
            Self::Browser => BROWSER_LIFETIME.0,
            Self::Session | Self::State => OVERALL.0,
            Self::Recovery => LONGEST.0,
        }
    }
}

/// The value of a cookie, if the request has one that can be ours.
#[must_use]
pub fn read(headers: &HeaderMap, issuer: &Issuer, named: Named) -> Option<Opaque> {
    let jar = CookieJar::from_headers(headers);
    Opaque::parse(jar.get(named.name(issuer))?.value())
}

/// Sets a cookie on a response.
pub fn set(headers: &mut HeaderMap, issuer: &Issuer, named: Named, value: &Opaque) {
    append(
        headers,
        base(issuer, named, value.text().expose().clone(), named.max_age()),
    );
}

/// Takes the session's cookies away, and what scripts could have kept. Pages are never cached (`no-store`), and
/// "cookies" would take the browser's own along, by which it is known when somebody guesses.
pub fn forget_session(headers: &mut HeaderMap, issuer: &Issuer) {
    append(headers, base(issuer, Named::Session, String::new(), 0));
    append(headers, base(issuer, Named::State, String::new(), 0));
    headers.insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"storage\""));
}

/// Takes the cookie of a recovery that is over away.
pub fn forget_recovery(headers: &mut HeaderMap, issuer: &Issuer) {
    append(headers, base(issuer, Named::Recovery, String::new(), 0));
}

fn base(issuer: &Issuer, named: Named, value: String, max_age: i64) -> Cookie<'static> {
    let same_site = match named {
        // Lax, not Strict: the citizen arrives by a redirect from the agency and must find the session.
        Named::Browser | Named::Session => SameSite::Lax,
        // From a letter they arrive here by a link.
        Named::Recovery => SameSite::Lax,
        // Read in a frame on the agency's page. Without https a browser wants Lax, and a frame on the same machine is
        // of the same site.
        Named::State if issuer.is_https() => SameSite::None,
        Named::State => SameSite::Lax,
    };
    Cookie::build((named.name(issuer), value))
        .path("/")
        .http_only(named != Named::State)
        .secure(issuer.is_https())
        .same_site(same_site)
        .max_age(time::Duration::seconds(max_age))
        .build()
}

fn append(headers: &mut HeaderMap, cookie: Cookie<'_>) {
    // A name and base64url: always a valid header.
    if let Ok(value) = HeaderValue::try_from(cookie.to_string()) {
        headers.append(header::SET_COOKIE, value);
    }
}

/// W3C Clear Site Data §3.1.
const CLEAR_SITE_DATA: header::HeaderName = header::HeaderName::from_static("clear-site-data");

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(issuer: &str) -> String {
        let mut headers = HeaderMap::new();
        let issuer = Issuer::try_from(issuer.to_owned()).unwrap();
        set(&mut headers, &issuer, Named::Session, &Opaque::new([1; 32]));
        headers[header::SET_COOKIE].to_str().unwrap().to_owned()
    }

    #[test]
    fn on_https_it_is_host_bound_and_secure() {
        let cookie = cookie("https://id.example.org");
        assert!(cookie.starts_with("__Host-aval_idp_session="));
        assert!(cookie.contains("Secure") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    }

    #[test]
    fn only_the_state_is_for_scripts_and_other_sites_frames() {
        let mut headers = HeaderMap::new();
        let issuer = Issuer::try_from("https://id.example.org".to_owned()).unwrap();
        set(&mut headers, &issuer, Named::State, &Opaque::new([1; 32]));
        let cookie = headers[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.starts_with("__Host-aval_idp_state="));
        assert!(
            cookie.contains("Secure") && cookie.contains("SameSite=None") && !cookie.contains("HttpOnly")
        );
    }

    #[test]
    fn on_loopback_http_every_client_can_follow() {
        let cookie = cookie("http://localhost:1");
        assert!(cookie.starts_with("aval_idp_session=") && !cookie.contains("Secure"));
    }
}
