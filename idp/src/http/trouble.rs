//! `/login/trouble`: for whoever cannot log in with their passkey: every other way on.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};

use super::{
    asking,
    interaction::{Current, path, see_other},
    login::form,
    pages::{Agency, Form, Page, html},
};
use crate::{error::Error, flow::interaction::Page as FlowPage, rules::refusal::Refusal, service::Idp};

#[derive(Template)]
#[template(path = "passkey_trouble.html")]
struct TroublePage<'a> {
    page: &'a Page,
    agency: Option<Agency>,
    form: Form,
    /// Where the passkey is asked for.
    asked: &'static str,
}

/// `GET /login/trouble`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    Current { interaction, .. }: Current,
    mut page: Page,
) -> Result<Response, Error> {
    let asked = match FlowPage::of(&interaction.stage) {
        Some(FlowPage::Login) => "/login",
        Some(FlowPage::SecondFactor) => "/login/code",
        Some(FlowPage::Reauthenticate) => "/reauthenticate",
        Some(elsewhere @ (FlowPage::Consent | FlowPage::Unmet)) => {
            return Ok(see_other(&path(elsewhere, &interaction.id)));
        }
        None => return Err(Refusal::InteractionLost.into()),
    };
    page.suggest(asking::locales(&interaction));
    let template = TroublePage {
        agency: asking::agency(&idp, &interaction).await?,
        form: form(&idp, &interaction),
        asked,
        page: &page,
    };
    Ok(html(StatusCode::OK, &template, asking::target(&interaction)))
}
