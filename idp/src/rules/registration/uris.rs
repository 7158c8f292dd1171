//! URIs of a registration: written as a browser would send them, so that comparing bytes is comparing addresses.

use url::Url;

use super::{GrantType, Invalid, invalid};
use crate::rules::client::is_loopback;

/// `redirect_uris`: at least one where a code may go.
pub(super) fn redirects(uris: &[String], grants: &[GrantType], native: bool) -> Result<Vec<String>, Invalid> {
    if uris.is_empty() && grants.contains(&GrantType::AuthorizationCode) {
        return Err(invalid("redirect_uris", "at least one"));
    }
    each("redirect_uris", uris, native)
}

/// A list of addresses; an app's own scheme is good for an app.
pub(super) fn each(field: &'static str, uris: &[String], native: bool) -> Result<Vec<String>, Invalid> {
    if uris.len() > MOST_URIS {
        return Err(invalid(field, "at most 32"));
    }
    for uri in uris {
        if native && is_app_scheme(uri) {
            continue;
        }
        web_uri(field, uri)?;
    }
    Ok(uris.to_vec())
}

/// https, or http on this machine; absolute, without user or fragment, written in its normal form.
fn web_uri(field: &'static str, text: &str) -> Result<Url, Invalid> {
    let url = Url::parse(text).map_err(|error| invalid(field, format!("{text}: {error}")))?;
    let told = |problem: &str| Err(invalid(field, format!("{text}: {problem}")));
    if text.len() > LONGEST_URI {
        return told("longer than 2000 characters");
    }
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return told("must be https (http is accepted for localhost only)");
    }
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return told("must have no fragment and no user");
    }
    if url.as_str() != text && url.as_str() != format!("{text}/") {
        return told(&format!("must be written as {url}"));
    }
    Ok(url)
}

/// A reverse domain name as scheme (RFC 8252 §7.1), which also keeps `javascript:` and `data:` out.
fn is_app_scheme(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    url.scheme().contains('.') && url.fragment().is_none() && url.as_str() == text
}

/// One address, if any.
pub(super) fn optional_web_uri(field: &'static str, uri: Option<&str>) -> Result<Option<String>, Invalid> {
    uri.map(|uri| web_uri(field, uri).map(|_| uri.to_owned()))
        .transpose()
}

/// One address where the specification insists on https, even for development.
pub(super) fn optional_https_uri(field: &'static str, uri: Option<&str>) -> Result<Option<String>, Invalid> {
    let Some(text) = uri else { return Ok(None) };
    if web_uri(field, text)?.scheme() != "https" {
        return Err(invalid(field, format!("{text}: must be https")));
    }
    Ok(Some(text.to_owned()))
}

/// Both have the same scheme, host and port.
pub(super) fn same_origin(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one.origin().is_tuple() && one.origin() == other.origin(),
        _ => false,
    }
}

/// An agency with more hosts or paths wants more clients.
const MOST_URIS: usize = 32;
/// What every browser accepts in an address.
pub(super) const LONGEST_URI: usize = 2_000;
