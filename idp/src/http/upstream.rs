//! `/activate/with/…`: to a provider that vouches for people, and back.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::{
    activation,
    interaction::see_other,
    pages::{Page, html},
    parameters::Sent,
    security::ours,
};
use crate::{
    error::Error,
    fetch::Upstream,
    flow::upstream::{self, Came, NotOpened},
    rules::{refusal::Refusal, secret::Opaque, upstream::Answer, visitor::Visitor},
    service::Idp,
};

/// One way of activating an account with another one.
#[derive(Debug)]
pub struct Offer {
    /// What people call the provider.
    pub label: String,
    /// The link to it, which holds the token of this browser.
    pub href: String,
}

/// The query of that link.
#[derive(Deserialize)]
pub struct Begun {
    #[serde(default)]
    token: String,
}

#[derive(Template)]
#[template(path = "activate_with.html")]
struct OutcomePage<'a> {
    page: &'a Page,
    title: String,
    why: String,
    todo: String,
    href: &'static str,
    button: String,
}

/// What the page of activation offers to this browser.
pub fn offers(idp: &Idp, browser: &Opaque) -> Vec<Offer> {
    let offer = |upstream: &Upstream| Offer {
        label: upstream.provider.label.clone(),
        href: format!(
            "/activate/with/{}?token={}",
            upstream.name,
            token(idp, upstream, browser)
        ),
    };
    idp.upstreams.all().map(offer).collect()
}

/// `GET /activate/with/{provider}`. A link and not a form: `form-action` of our pages would have to name every provider,
/// since browsers hold a form to it along its redirects. It is taken from our own page only.
pub async fn begin(
    State(idp): State<Arc<Idp>>,
    Path(provider): Path<String>,
    Query(begun): Query<Begun>,
    visitor: Visitor,
    mut page: Page,
) -> Result<Response, Error> {
    let upstream = idp.upstreams.named(&provider).ok_or(Refusal::NotFound)?;
    let browser = visitor.browser.as_ref().ok_or(Refusal::Forged)?;
    ours(&token(&idp, upstream, browser), &begun.token)?;
    match upstream::begin(&idp, &visitor, upstream).await? {
        Some(address) => Ok(see_other(&address)),
        None => Ok(told(&mut page, upstream, NotOpened::Away)),
    }
}

/// `GET /activate/with/{provider}/return`.
pub async fn come_back(
    State(idp): State<Arc<Idp>>,
    Path(provider): Path<String>,
    visitor: Visitor,
    mut page: Page,
    Sent(parameters): Sent,
) -> Result<Response, Error> {
    let upstream = idp.upstreams.named(&provider).ok_or(Refusal::NotFound)?;
    let answer = Answer::of(parameters);
    match upstream::come_back(&idp, &visitor, upstream, &answer).await? {
        Came::Opened(ticket) => Ok(activation::opened(&ticket)),
        Came::Not(why) => Ok(told(&mut page, upstream, why)),
    }
}

/// The token of the link: bound to the browser and to the provider.
fn token(idp: &Idp, upstream: &Upstream, browser: &Opaque) -> String {
    let (name, browser) = (upstream.name.as_bytes(), browser.digest());
    idp.derived.csrf.tag_text(&[b"upstream", name, browser.bytes()])
}

fn told(page: &mut Page, upstream: &Upstream, why: NotOpened) -> Response {
    let (status, what) = match why {
        NotOpened::Declined => (StatusCode::OK, "declined"),
        NotOpened::Unproven => (StatusCode::FORBIDDEN, "unproven"),
        NotOpened::Away => (StatusCode::SERVICE_UNAVAILABLE, "away"),
        NotOpened::Unregistered => (StatusCode::NOT_FOUND, "unregistered"),
        NotOpened::Active => (StatusCode::CONFLICT, "active"),
    };
    let (href, button) = match why {
        NotOpened::Active => ("/account", "upstream-login"),
        _ => ("/activate", "upstream-again"),
    };
    // The answer is used up: the page in the other language is the one to begin from.
    "/activate".clone_into(&mut page.here);
    let page: &Page = page;
    let label = &upstream.provider.label;
    let words = |part: &str| page.with(&format!("upstream-{what}-{part}"), "label", label);
    let template = OutcomePage {
        title: words("title"),
        why: words("why"),
        todo: words("do"),
        button: page.t(button),
        href,
        page,
    };
    html(status, &template, None)
}
