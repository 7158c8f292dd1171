//! `/login/methods`: every other way to go on from a step of the login.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{
    asking,
    interaction::{Current, path, see_other},
    login::form,
    pages::{Agency, Form, Page, html},
};
use crate::{
    error::Error,
    flow::{interaction::Page as FlowPage, methods::methods},
    rules::refusal::Refusal,
    service::Idp,
};

#[derive(Template)]
#[template(path = "methods.html")]
struct MethodsPage<'a> {
    page: &'a Page,
    agency: Option<Agency>,
    form: Form,
    /// Nobody is known yet: only what everybody could have may be named.
    anybody: bool,
    /// Names of keys that help, the one used last first.
    keys: Vec<Key>,
    code: bool,
    /// Where the chosen method is asked for.
    asked: &'static str,
}

struct Key {
    name: String,
    used: Option<String>,
}

/// `GET /login/methods`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    Current { interaction, .. }: Current,
    mut page: Page,
) -> Result<Response, Error> {
    let (anybody, asked) = match FlowPage::of(&interaction.stage) {
        Some(FlowPage::Login) => (true, "/login"),
        Some(FlowPage::SecondFactor) => (false, "/login/code"),
        Some(FlowPage::Reauthenticate) => (false, "/reauthenticate"),
        Some(elsewhere @ (FlowPage::Consent | FlowPage::Unmet)) => {
            return Ok(see_other(&path(elsewhere, &interaction.id)));
        }
        None => return Err(Refusal::InteractionLost.into()),
    };
    page.suggest(asking::locales(&interaction));
    let (ways, now) = (methods(&idp, &interaction).await?, idp.now());
    let keys = ways.keys.iter().map(|key| Key {
        name: key.name.as_str().to_owned(),
        used: key.used_at.map(|used| page.when(used, now)),
    });
    let template = MethodsPage {
        agency: asking::agency(&idp, &interaction).await?,
        form: form(&idp, &interaction),
        anybody,
        keys: keys.collect(),
        code: ways.code,
        asked,
        page: &page,
    };
    Ok(html(StatusCode::OK, &template, asking::target(&interaction)))
}
