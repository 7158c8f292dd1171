//! `/login/unmet`: an agency asked more than this citizen's factors reach.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;

use super::{
    asking,
    interaction::{Current, go},
    login::{form, moved_on},
    pages::{Agency, Form, Page, html},
    security::{Fields, interaction_token, ours},
};
use crate::{
    error::Error,
    flow::{
        interaction::Page as FlowPage,
        unmet::{back, go_on, missing},
    },
    rules::{assurance::Aal, interaction::Interaction, refusal::Refusal, visitor::Visitor},
    service::Idp,
};

#[derive(Template)]
#[template(path = "unmet.html")]
struct UnmetPage<'a> {
    page: &'a Page,
    agency: Agency,
    form: Form,
    /// It is hardware that is missing; else a second factor.
    hardware: bool,
    added: bool,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Decided {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    decision: String,
}

/// `GET /login/unmet`.
pub async fn show(State(idp): State<Arc<Idp>>, current: Current, page: Page) -> Result<Response, Error> {
    match moved_on(&current.interaction, FlowPage::Unmet) {
        Some(elsewhere) => Ok(elsewhere),
        None => {
            render(
                &idp,
                (&current.visitor, &current.interaction),
                page,
                StatusCode::OK,
            )
            .await
        }
    }
}

/// `POST /login/unmet`.
pub async fn answer(
    State(idp): State<Arc<Idp>>,
    Current { interaction, visitor }: Current,
    mut page: Page,
    Fields(sent): Fields<Decided>,
) -> Result<Response, Error> {
    ours(&interaction_token(&idp, &interaction), &sent.csrf)?;
    let moved = match sent.decision.as_str() {
        "back" => back(&idp, &visitor, interaction).await?,
        "go-on" => go_on(&idp, &visitor, interaction).await?,
        _ => {
            page.problem_at(None, page.t("consent-unclear"));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return render(&idp, (&visitor, &interaction), page, status).await;
        }
    };
    Ok(go(&idp, &page, moved).await)
}

async fn render(
    idp: &Idp,
    (visitor, interaction): (&Visitor, &Interaction),
    mut page: Page,
    status: StatusCode,
) -> Result<Response, Error> {
    page.suggest(asking::locales(interaction));
    let missing = missing(idp, visitor, interaction).await?;
    let agency = asking::agency(idp, interaction).await?;
    let template = UnmetPage {
        agency: agency.ok_or(Refusal::OutOfTurn)?,
        form: form(idp, interaction),
        hardware: missing.required == Aal::Three,
        added: missing.added,
        page: &page,
    };
    Ok(html(status, &template, asking::target(interaction)))
}
