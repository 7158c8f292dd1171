//! Whether a form came from our own page.

use axum::http::HeaderMap;
use axum::http::header::ORIGIN;

use super::who::Signatory;
use crate::error::Refusal;
use crate::service::Service;

/// The name of the hidden field.
pub(super) const TOKEN: &str = "token";

/// What ties a form to a login: whoever forges a form for somebody else does not know it.
pub(super) fn token(service: &Service, who: &Signatory) -> String {
    service.sealing.form_token(&login(who))
}

/// Checks the token, and what the browser says about where the form came from (Fetch Metadata, else `Origin`).
///
/// # Errors
/// [`Refusal::ForgedForm`].
pub(super) fn genuine(
    service: &Service,
    who: &Signatory,
    headers: &HeaderMap,
    token: &str,
) -> Result<(), Refusal> {
    from_here(service, headers)?;
    if service.sealing.form_token_matches(&login(who), token) {
        Ok(())
    } else {
        Err(Refusal::ForgedForm)
    }
}

fn from_here(service: &Service, headers: &HeaderMap) -> Result<(), Refusal> {
    let said = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let genuine = match (said("sec-fetch-site"), said(ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin == service.config.origin(),
        (None, None) => true, // an old browser or a program: the token decides
    };
    if genuine { Ok(()) } else { Err(Refusal::ForgedForm) }
}

fn login(who: &Signatory) -> String {
    let since = who.citizen.auth_time().map_or(0, |t| t.0);
    format!("{}\n{since}", who.citizen.sub())
}

/// The fields of an urlencoded form, in order.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn parse(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// The first value of a field; empty when there is none.
    pub(super) fn one(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, value)| value)
    }

    /// Every value of a field.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}
