//! `/login/code` and `/reauthenticate`: a one-time code, or a passkey of the known person.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;

use super::{
    asking,
    interaction::{Current, go, path, see_other},
    login::{form, moved_on},
    pages::{Agency, Form, Page, html},
    security::{Fields, interaction_token, ours},
};
use crate::{
    error::Error,
    flow::{self, interaction::Page as FlowPage, login::Tried, passkey, second_factor},
    rules::{
        interaction::{Interaction, Stage},
        refusal::Refusal,
        totp::Code,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage<'a> {
    page: &'a Page,
    agency: Option<Agency>,
    form: Form,
    /// The person's given name where it is known that it is they: presence again.
    name: Option<String>,
    options: Option<String>,
    /// A one-time code helps.
    code: bool,
    /// Only hardware that reaches AAL3 helps.
    hardware: bool,
}

/// What the code form sends.
#[derive(Deserialize)]
pub struct Answer {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    code: String,
}

/// `GET /login/code`.
pub async fn show(State(idp): State<Arc<Idp>>, current: Current, page: Page) -> Result<Response, Error> {
    at(&idp, current, page, FlowPage::SecondFactor).await
}

/// `GET /reauthenticate`.
pub async fn presence(State(idp): State<Arc<Idp>>, current: Current, page: Page) -> Result<Response, Error> {
    at(&idp, current, page, FlowPage::Reauthenticate).await
}

/// `POST /login/code`, from both pages.
pub async fn answer(
    State(idp): State<Arc<Idp>>,
    Current { interaction, visitor }: Current,
    mut page: Page,
    Fields(sent): Fields<Answer>,
) -> Result<Response, Error> {
    ours(&interaction_token(&idp, &interaction), &sent.csrf)?;
    let shown = match FlowPage::of(&interaction.stage) {
        Some(shown @ (FlowPage::SecondFactor | FlowPage::Reauthenticate)) => shown,
        // A second click on the way: the first one was right, and this one lands where that did.
        Some(consent @ FlowPage::Consent) => return Ok(see_other(&path(consent, &interaction.id))),
        Some(FlowPage::Login | FlowPage::Unmet) | None => return Err(Refusal::OutOfTurn.into()),
    };
    page.here = path(shown, &interaction.id);
    let Some(code) = Code::parse(&sent.code) else {
        let key = if sent.code.trim().is_empty() {
            "code-empty"
        } else {
            "code-shape"
        };
        page.problem_at("code", page.t(key));
        return render(&idp, &interaction, page, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let id = interaction.id.text();
    let (status, wait) = match second_factor::code(&idp, &visitor, interaction, &code).await {
        Ok(Tried::Right(moved)) => return Ok(go(&idp, &page, moved).await),
        Ok(Tried::Wrong) => {
            page.problem_at("code", page.t("code-wrong"));
            (StatusCode::UNPROCESSABLE_ENTITY, None)
        }
        Err(Error::Refused(Refusal::Throttled { wait })) => {
            page.problem_at(None, page.with("error-throttled-do", "wait", page.wait(wait)));
            (StatusCode::TOO_MANY_REQUESTS, Some(wait))
        }
        Err(error) => return Err(error),
    };
    let interaction = flow::interaction::current(&idp, &visitor, id.expose()).await?;
    let mut response = render(&idp, &interaction, page, status).await?;
    if let Some(wait) = wait {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(wait.0.max(1)));
    }
    Ok(response)
}

async fn at(idp: &Idp, current: Current, page: Page, expected: FlowPage) -> Result<Response, Error> {
    match moved_on(&current.interaction, expected) {
        Some(elsewhere) => Ok(elsewhere),
        None => render(idp, &current.interaction, page, StatusCode::OK).await,
    }
}

/// The page of this stage.
pub(super) async fn render(
    idp: &Idp,
    interaction: &Interaction,
    mut page: Page,
    status: StatusCode,
) -> Result<Response, Error> {
    page.suggest(asking::locales(interaction));
    let ways = flow::methods::methods(idp, interaction).await?;
    // The one that was chosen on the page of methods, else all that help.
    let chosen = chosen(&page.here);
    let key = chosen != Some("code") || !ways.code;
    let name = match &interaction.stage {
        Stage::Reauthenticate { citizen, .. } => Some(
            flow::account::person(idp, citizen)
                .await?
                .given_name
                .as_str()
                .to_owned(),
        ),
        Stage::Identify
        | Stage::SecondFactor { .. }
        | Stage::Consent { .. }
        | Stage::Unmet { .. }
        | Stage::Done => None,
    };
    let template = CodePage {
        agency: asking::agency(idp, interaction).await?,
        form: form(idp, interaction),
        name,
        options: if key {
            passkey::challenge(idp, interaction).await?
        } else {
            None
        },
        code: ways.code && (chosen != Some("key") || ways.keys.is_empty()),
        hardware: ways.hardware,
        page: &page,
    };
    Ok(html(status, &template, asking::target(interaction)))
}

/// `?with=`: which method was chosen.
fn chosen(here: &str) -> Option<&str> {
    let (_, query) = here.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("with="))
}
