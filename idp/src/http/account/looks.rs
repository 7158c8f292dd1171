//! `/account/looks`: who looked at my data: agencies that were given some, officials who opened the record, and why.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use crate::{
    error::Error,
    flow,
    http::{
        asking,
        pages::{Page, consent::label, html},
        visitor::SignedIn,
    },
    rules::{
        activity::{Look, Looker},
        ids::ClientId,
        person::Person,
        time::Timestamp,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "account_looks.html")]
struct LooksPage<'a> {
    page: &'a Page,
    looks: Vec<Row>,
}

struct Row {
    who: String,
    what: String,
    when: String,
}

/// `GET /account/looks`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    mut page: Page,
) -> Result<Response, Error> {
    page.here = "/account/looks".to_owned();
    let person = flow::account::person(&idp, &session.citizen).await?;
    let (found, now) = (flow::account::looks(&idp, &session.citizen).await?, idp.now());
    let mut names: BTreeMap<ClientId, String> = BTreeMap::new();
    for look in &found {
        if let Looker::Agency { client, .. } = &look.by
            && !names.contains_key(client)
        {
            names.insert(client.clone(), asking::name(&idp, client).await?);
        }
    }
    let looks = found.iter().map(|look| row(&page, look, (&names, &person), now));
    let looks = looks.collect();
    Ok(html(StatusCode::OK, &LooksPage { page: &page, looks }, None))
}

fn row(
    page: &Page,
    look: &Look,
    (names, person): (&BTreeMap<ClientId, String>, &Person),
    now: Timestamp,
) -> Row {
    let (who, what) = match &look.by {
        Looker::Agency { client, scopes } => {
            let data: Vec<String> = scopes.iter().map(|scope| label(page, *scope, person)).collect();
            let what = if data.is_empty() {
                page.t("looks-only-that")
            } else {
                data.join(", ")
            };
            (names.get(client).cloned().unwrap_or_default(), what)
        }
        Looker::Official { role, reason } => (page.t(in_role(role)), page.t(because(reason))),
    };
    Row {
        who,
        what,
        when: page.when(look.at, now),
    }
}

/// The message for a role of the log.
fn in_role(role: &str) -> &'static str {
    match role {
        "registrar" => "looks-registrar",
        "help_desk" => "looks-help-desk",
        "auditor" => "looks-auditor",
        _ => "looks-official",
    }
}

/// The message for a reason of the log.
pub(super) fn because(reason: &str) -> &'static str {
    match reason {
        "asked" => "looks-because-asked",
        "lost_access" => "looks-because-lost-access",
        "suspected_fraud" => "looks-because-suspected-fraud",
        "correction" => "looks-because-correction",
        "order" => "looks-because-order",
        _ => "looks-because-other",
    }
}
