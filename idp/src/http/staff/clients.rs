//! `/staff/clients…`: for whom the service works. Forbidding one is done at once; allowing one that may ask for sensitive
//! data waits for a second operator.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use super::Staff;
use crate::{
    error::Error,
    flow::operations::{self, Allowed},
    http::{
        interaction::see_other,
        pages::{Page, html},
        security::Fields,
    },
    rules::{ids::ClientId, scope::Scope, staff::Action},
    service::Idp,
    store::clients::Listed,
};

#[derive(Template)]
#[template(path = "staff_clients.html")]
struct ClientsPage<'a> {
    page: &'a Page,
    clients: Vec<Row>,
}

struct Row {
    href: String,
    id: String,
    name: String,
    host: String,
    forbidden: bool,
}

#[derive(Template)]
#[template(path = "staff_client.html")]
struct ClientPage<'a> {
    page: &'a Page,
    csrf: String,
    done: Option<String>,
    id: &'a str,
    name: &'a str,
    state: String,
    forbidden: bool,
    sensitive: bool,
    asks: Vec<&'static str>,
    authenticates: &'static str,
    addresses: &'a [String],
    registered: String,
}

/// `?client=…&done=…`.
#[derive(Deserialize)]
pub struct Which {
    #[serde(default)]
    client: String,
    #[serde(default)]
    done: String,
}

/// What the forms on a client send.
#[derive(Deserialize)]
pub struct Decided {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    client: String,
}

/// `GET /staff/clients`.
pub async fn list(State(idp): State<Arc<Idp>>, staff: Staff, page: Page) -> Result<Response, Error> {
    let clients = operations::clients_for(&idp, &staff.official).await?;
    let row = |listed: &Listed| Row {
        href: place(&listed.client.id, ""),
        id: listed.client.id.as_str().to_owned(),
        name: listed.client.name.clone(),
        host: listed.client.host(),
        forbidden: listed.disabled_at.is_some(),
    };
    let template = ClientsPage {
        clients: clients.iter().map(row).collect(),
        page: &page,
    };
    Ok(html(StatusCode::OK, &template, None))
}

/// `GET /staff/clients/one`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    Query(which): Query<Which>,
    mut page: Page,
) -> Result<Response, Error> {
    let id = ClientId::known(which.client);
    let listed = operations::client_for(&idp, &staff.official, &id).await?;
    page.here = place(&id, "");
    let client = &listed.client;
    let asks = Scope::ALL
        .into_iter()
        .filter(|scope| client.scopes.contains(*scope));
    let state = match listed.disabled_at {
        Some(at) => page.with("staff-client-forbidden", "when", page.date(at)),
        None => page.t("staff-client-allowed"),
    };
    let template = ClientPage {
        csrf: staff.csrf(&idp),
        done: notice(&page, &which.done),
        id: client.id.as_str(),
        name: &client.name,
        state,
        forbidden: listed.disabled_at.is_some(),
        sensitive: operations::is_sensitive(&listed),
        asks: asks.map(Scope::name).collect(),
        authenticates: client.authentication.name(),
        addresses: &client.redirect_uris,
        registered: page.date(listed.created_at),
        page: &page,
    };
    Ok(html(StatusCode::OK, &template, None))
}

/// `POST /staff/clients/disable`.
pub async fn disable(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    page: Page,
    Fields(sent): Fields<Decided>,
) -> Result<Response, Error> {
    let id = ClientId::known(sent.client);
    let asked = (sent.csrf.as_str(), Action::DisableClient);
    if let Some(elsewhere) = staff.may_act(&idp, &page, asked, &place(&id, "")).await? {
        return Ok(elsewhere);
    }
    operations::disable(&idp, &staff.official, &id).await?;
    Ok(see_other(&place(&id, "forbidden")))
}

/// `POST /staff/clients/enable`.
pub async fn enable(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    page: Page,
    Fields(sent): Fields<Decided>,
) -> Result<Response, Error> {
    let id = ClientId::known(sent.client);
    let asked = (sent.csrf.as_str(), Action::EnableClient);
    if let Some(elsewhere) = staff.may_act(&idp, &page, asked, &place(&id, "")).await? {
        return Ok(elsewhere);
    }
    let done = match operations::enable(&idp, &staff.official, &id).await? {
        Allowed::Now => "allowed",
        Allowed::Proposed => "proposed",
    };
    Ok(see_other(&place(&id, done)))
}

/// The page of one client. An id may hold anything, so it is no part of a path.
fn place(id: &ClientId, done: &str) -> String {
    let id: String = byte_serialize(id.as_str().as_bytes()).collect();
    if done.is_empty() {
        format!("/staff/clients/one?client={id}")
    } else {
        format!("/staff/clients/one?client={id}&done={done}")
    }
}

fn notice(page: &Page, done: &str) -> Option<String> {
    match done {
        "forbidden" => Some(page.t("staff-client-done-forbidden")),
        "allowed" => Some(page.t("staff-client-done-allowed")),
        "proposed" => Some(page.t("staff-done-proposed")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_with_marks_stays_one_parameter() {
        let id = ClientId::known("a&done=allowed#x/ñ");
        assert_eq!(
            place(&id, ""),
            "/staff/clients/one?client=a%26done%3Dallowed%23x%2F%C3%B1"
        );
    }
}
