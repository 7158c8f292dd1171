//! `/account/activity`: what happened to the account: when, how, roughly where, and which agency had to do with it.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::looks::because;
use crate::{
    error::Error,
    flow::activity::{Activity, activity},
    http::{
        asking,
        pages::{Page, html},
        visitor::SignedIn,
    },
    rules::{happening::Happening, ids::ClientId, time::Timestamp, visitor::Visitor},
    service::Idp,
};

#[derive(Template)]
#[template(path = "account_activity.html")]
struct ActivityPage<'a> {
    page: &'a Page,
    activity: Vec<Happened>,
    older: Option<i64>,
    first: bool,
}

/// One line of the list.
pub(super) struct Happened {
    pub(super) what: String,
    /// When, how, from what, from where: what is known of these.
    pub(super) small: String,
}

/// `?before=`: the record that the page before began after.
#[derive(Deserialize)]
pub struct Asked {
    before: Option<String>,
}

/// `GET /account/activity`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, visitor }: SignedIn,
    Query(asked): Query<Asked>,
    page: Page,
) -> Result<Response, Error> {
    // What is no number of a record asks for the first page.
    let before = asked.before.and_then(|before| before.parse().ok());
    let Activity { happenings, older } = activity(&idp, &session.citizen, before, SHOWN).await?;
    let template = ActivityPage {
        activity: in_words(&idp, &page, &visitor, &happenings).await?,
        older,
        first: before.is_none(),
        page: &page,
    };
    Ok(html(StatusCode::OK, &template, None))
}

/// The happenings in the citizen's words.
pub(super) async fn in_words(
    idp: &Idp,
    page: &Page,
    visitor: &Visitor,
    happenings: &[Happening],
) -> Result<Vec<Happened>, Error> {
    let mut names: BTreeMap<&ClientId, String> = BTreeMap::new();
    for client in happenings
        .iter()
        .filter_map(|happening| happening.client.as_ref())
    {
        if !names.contains_key(client) {
            names.insert(client, asking::name(idp, client).await?);
        }
    }
    let now = idp.now();
    let told = happenings.iter().map(|happening| {
        let agency = happening.client.as_ref().and_then(|client| names.get(client));
        Happened {
            what: what(page, happening, agency.map(String::as_str)),
            small: small(page, happening, (visitor, now)),
        }
    });
    Ok(told.collect())
}

fn what(page: &Page, happening: &Happening, agency: Option<&str>) -> String {
    let told = page.with(happening.words, "agency", agency.unwrap_or_default());
    match (happening.words, agency) {
        ("activity-session-started" | "activity-session-renewed", Some(agency)) => {
            page.with_two("activity-towards", ("what", &told), ("agency", agency))
        }
        _ if happening.reason.is_empty() => told,
        _ => format!("{told}, {}", page.t(because(&happening.reason))),
    }
}

fn small(page: &Page, happening: &Happening, (visitor, now): (&Visitor, Timestamp)) -> String {
    let mut parts = vec![page.when(happening.at, now)];
    let ways: Vec<String> = happening.ways.iter().map(|way| page.t(way.words())).collect();
    if !ways.is_empty() {
        parts.push(page.with("activity-with", "ways", ways.join(&page.t("activity-and"))));
    }
    if !happening.device.is_empty() {
        parts.push(happening.device.clone());
    }
    if visitor.network.as_ref() == Some(&happening.network) {
        parts.push(page.t("activity-network-same"));
    } else if !happening.network.is_empty() {
        parts.push(page.with("activity-network", "network", &happening.network));
    }
    parts.join(" · ")
}

/// What fits on a page that is read and not searched.
const SHOWN: usize = 20;

#[cfg(test)]
mod tests {
    use crate::{http::pages::catalogue::say, rules::language::Language};

    #[test]
    fn everything_that_can_have_happened_has_words() {
        let source = include_str!("../../rules/happening.rs");
        let named = source.split('"').skip(1).step_by(2);
        let keys: Vec<&str> = named
            .filter(|text| text.starts_with("activity-") || text.starts_with("way-"))
            .collect();
        assert!(keys.len() > 50, "{}", keys.len());
        for key in keys {
            for language in Language::ALL {
                assert_ne!(say(language, key), key, "{language:?}");
            }
        }
    }
}
