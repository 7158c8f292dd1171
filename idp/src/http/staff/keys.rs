//! `/staff/keys…`: what the service signs with. A change waits for a second operator.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::{Staff, home::Noticed};
use crate::{
    error::Error,
    flow::operations::{self, Key, Wanted},
    http::{
        interaction::see_other,
        pages::{Page, html},
        security::Fields,
    },
    rules::{
        keys::{KeyUse, Stage},
        refusal::Refusal,
        staff::Action,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "staff_keys.html")]
struct KeysPage<'a> {
    page: &'a Page,
    csrf: String,
    done: Option<String>,
    uses: Vec<Use>,
}

/// The keys of one use.
struct Use {
    name: &'static str,
    keys: Vec<Row>,
}

struct Row {
    kid: String,
    stage: String,
    when: String,
    revocable: bool,
}

/// What a form about keys sends.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    rotate: String,
    #[serde(default)]
    revoke: String,
}

/// `GET /staff/keys`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    Query(noticed): Query<Noticed>,
    page: Page,
) -> Result<Response, Error> {
    let mut uses: Vec<Use> = Vec::new();
    for key in operations::keys_for(&idp, &staff.official)? {
        let name = key.record.key_use.name();
        let row = row(&page, &key);
        match uses.last_mut().filter(|last| last.name == name) {
            Some(last) => last.keys.push(row),
            None => uses.push(Use {
                name,
                keys: vec![row],
            }),
        }
    }
    let template = KeysPage {
        csrf: staff.csrf(&idp),
        done: (noticed.done() == "proposed").then(|| page.t("staff-done-proposed")),
        uses,
        page: &page,
    };
    Ok(html(StatusCode::OK, &template, None))
}

/// `POST /staff/keys/propose`.
pub async fn propose(
    State(idp): State<Arc<Idp>>,
    staff: Staff,
    page: Page,
    Fields(sent): Fields<Asked>,
) -> Result<Response, Error> {
    let asked = (sent.csrf.as_str(), Action::ProposeKeys);
    if let Some(elsewhere) = staff.may_act(&idp, &page, asked, "/staff/keys").await? {
        return Ok(elsewhere);
    }
    let wanted = match (sent.rotate.parse::<KeyUse>(), sent.revoke.as_str()) {
        (Ok(key_use), "") => Wanted::Rotate(key_use),
        (Err(_), kid) if !kid.is_empty() => Wanted::Revoke(kid.to_owned()),
        _ => return Err(Refusal::RequestMalformed("rotate").into()),
    };
    operations::propose_keys(&idp, &staff.official, wanted).await?;
    Ok(see_other("/staff/keys?done=proposed"))
}

fn row(page: &Page, key: &Key) -> Row {
    let record = &key.record;
    let (stage, when) = match key.stage {
        Stage::Prepublished => (
            "staff-keys-prepublished",
            page.with("staff-keys-from", "when", page.date(record.active_from)),
        ),
        Stage::Active => (
            "staff-keys-active",
            match key.until {
                Some(at) => page.with("staff-keys-until", "when", page.date(at)),
                None => page.with("staff-keys-since", "when", page.date(record.active_from)),
            },
        ),
        Stage::Grace => (
            "staff-keys-grace",
            page.with("staff-keys-since", "when", page.date(record.active_from)),
        ),
        Stage::Retired => ("staff-keys-retired", String::new()),
        Stage::Revoked => (
            "staff-keys-revoked",
            record.revoked_at.map_or_else(String::new, |at| page.date(at)),
        ),
    };
    Row {
        kid: record.kid.clone(),
        stage: page.t(stage),
        when,
        revocable: key.stage.is_in_use(),
    }
}
