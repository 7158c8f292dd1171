//! `/consent`: the citizen decides what the agency gets.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Deserialize;

use super::{
    asking,
    interaction::{Current, go},
    login::{form, moved_on},
    pages::{self, Page},
    security::{Fields, interaction_token, ours},
};
use crate::{
    error::Error,
    flow::{
        self,
        consent::{Decision, Seen, asked, decide, seen},
        interaction::Page as FlowPage,
    },
    rules::{interaction::Interaction, refusal::Refusal},
    service::Idp,
};

/// What the form sends.
#[derive(Deserialize)]
pub struct Decided {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    decision: String,
}

/// `GET /consent`.
pub async fn show(State(idp): State<Arc<Idp>>, current: Current, page: Page) -> Result<Response, Error> {
    if let Some(elsewhere) = moved_on(&current.interaction, FlowPage::Consent) {
        return Ok(elsewhere);
    }
    match seen(&idp, &current.visitor, current.interaction).await? {
        Seen::Shown(interaction) => render(&idp, &interaction, page).await,
        Seen::Elsewhere(moved) => Ok(go(&idp, &page, moved).await),
    }
}

/// `POST /consent`.
pub async fn answer(
    State(idp): State<Arc<Idp>>,
    Current { interaction, visitor }: Current,
    mut page: Page,
    Fields(sent): Fields<Decided>,
) -> Result<Response, Error> {
    ours(&interaction_token(&idp, &interaction), &sent.csrf)?;
    let decision = match sent.decision.as_str() {
        "allow" => Decision::Allow,
        "deny" => Decision::Deny,
        _ => {
            page.problem_at(None, page.t("consent-unclear"));
            return render(&idp, &interaction, page).await;
        }
    };
    let moved = decide(&idp, &visitor, interaction, decision).await?;
    Ok(go(&idp, &page, moved).await)
}

async fn render(idp: &Idp, interaction: &Interaction, mut page: Page) -> Result<Response, Error> {
    page.suggest(asking::locales(interaction));
    let (request, citizen) = asked(interaction)?;
    let person = flow::account::person(idp, citizen).await?;
    let agency = asking::agency(idp, interaction)
        .await?
        .ok_or(Refusal::OutOfTurn)?;
    let about = flow::client::about(idp, &request.client).await?;
    let frame = (agency, form(idp, interaction), about);
    Ok(pages::consent::show(
        &page,
        frame,
        (request, &person),
        (
            &idp.config.authorization_details,
            idp.config.resources.named(&request.asked.resources),
        ),
        asking::target(interaction),
    ))
}
