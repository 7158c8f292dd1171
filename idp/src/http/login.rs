//! `/login`: national id and password, or a passkey.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;

use super::{
    asking, effort,
    interaction::{Current, go, path, see_other},
    limits::From,
    pages::{Agency, Form, Number, Page, html},
    second_factor,
    security::{Fields, interaction_token, ours},
};
use crate::{
    error::Error,
    flow::{
        self,
        effort::Place,
        interaction::Page as FlowPage,
        login::Tried,
        passkey::{self, Asserted},
    },
    rules::{
        interaction::{Interaction, Stage},
        national_id::NationalId,
        password::{TooLong, Typed},
        refusal::Refusal,
        secret::Secret,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    page: &'a Page,
    agency: Option<Agency>,
    form: Form,
    number: Number,
    typed: &'a str,
    options: String,
    newcomer: bool,
    /// A key that the browser may forget.
    unknown: Option<String>,
}

/// What the login form sends.
#[derive(Deserialize)]
pub struct Credentials {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    national_id: String,
    password: Option<Secret<String>>,
    #[serde(default)]
    challenge: String,
    #[serde(default)]
    answer: String,
}

/// What the passkey form sends.
#[derive(Deserialize)]
pub struct Assertion {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    credential: String,
}

/// What the form that only has a button sends.
#[derive(Deserialize)]
pub struct Pressed {
    #[serde(default)]
    csrf: String,
}

/// `GET /login`.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    From(from): From,
    current: Current,
    mut page: Page,
) -> Result<Response, Error> {
    match moved_on(&current.interaction, FlowPage::Login) {
        Some(elsewhere) => Ok(elsewhere),
        None => {
            let hint = asking::hint(&current.interaction);
            effort::ahead(&idp, &mut page, Place::Login(&current.interaction), from);
            render(&idp, &current.interaction, page, hint, StatusCode::OK).await
        }
    }
}

/// `POST /login`.
pub async fn password(
    State(idp): State<Arc<Idp>>,
    From(from): From,
    Current { interaction, visitor }: Current,
    mut page: Page,
    Fields(sent): Fields<Credentials>,
) -> Result<Response, Error> {
    ours(&interaction_token(&idp, &interaction), &sent.csrf)?;
    if let Some(elsewhere) = moved_on(&interaction, FlowPage::Login) {
        return Ok(elsewhere);
    }
    let Some((number, typed)) = checked(&idp, &sent, &mut page) else {
        return render(
            &idp,
            &interaction,
            page,
            &sent.national_id,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    };
    let paid = (sent.challenge.as_str(), sent.answer.as_str());
    let place = (&visitor, Place::Login(&interaction));
    if effort::owes(&idp, &mut page, place, (&number, from), paid).await? {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let response = render(&idp, &interaction, page, &sent.national_id, status).await?;
        return Ok(effort::asks(response));
    }
    // Read again if it has to be shown again: the flow consumes the one it is given.
    let id = interaction.id.text();
    let (status, wait) = match flow::login::password(&idp, &visitor, interaction, (&number, &typed)).await {
        Ok(Tried::Right(moved)) => return Ok(go(&idp, &page, moved).await),
        Ok(Tried::Wrong) => {
            flow::effort::wrong(&idp, from);
            page.problem_at("national_id", page.t("login-wrong"));
            (StatusCode::UNPROCESSABLE_ENTITY, None)
        }
        Err(Error::Refused(Refusal::Throttled { wait })) => {
            page.problem_at(None, page.with("login-throttled", "wait", page.wait(wait)));
            (StatusCode::TOO_MANY_REQUESTS, Some(wait))
        }
        Err(Error::Refused(Refusal::Busy { wait })) => {
            page.problem_at(None, page.t("login-busy"));
            (StatusCode::SERVICE_UNAVAILABLE, Some(wait))
        }
        Err(error) => return Err(error),
    };
    let interaction = flow::interaction::current(&idp, &visitor, id.expose()).await?;
    effort::ahead(&idp, &mut page, Place::Login(&interaction), from);
    let mut response = render(&idp, &interaction, page, &sent.national_id, status).await?;
    if let Some(wait) = wait {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(wait.0.max(1)));
    }
    Ok(response)
}

/// `POST /login/passkey`: from the login page, the second step and re-authentication alike.
pub async fn passkey(
    State(idp): State<Arc<Idp>>,
    Current { interaction, visitor }: Current,
    mut page: Page,
    Fields(sent): Fields<Assertion>,
) -> Result<Response, Error> {
    ours(&interaction_token(&idp, &interaction), &sent.csrf)?;
    let id = interaction.id.text();
    let mut forget = None;
    let problem = match passkey::assert(&idp, &visitor, interaction, &sent.credential).await? {
        Asserted::Right(moved) => return Ok(go(&idp, &page, moved).await),
        Asserted::Refused { unknown } => {
            forget = unknown.map(|id| data_encoding::BASE64URL_NOPAD.encode(&id));
            "passkey-refused"
        }
        Asserted::Stale => "passkey-stale",
    };
    page.problem_at(None, page.t(problem));
    let interaction = flow::interaction::current(&idp, &visitor, id.expose()).await?;
    let shown = FlowPage::of(&interaction.stage).ok_or(Refusal::OutOfTurn)?;
    page.here = path(shown, &interaction.id);
    match shown {
        FlowPage::Login => render_after(&idp, &interaction, page, forget).await,
        FlowPage::SecondFactor | FlowPage::Reauthenticate => {
            second_factor::render(&idp, &interaction, page, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        FlowPage::Consent | FlowPage::Unmet => Err(Refusal::OutOfTurn.into()),
    }
}

/// `POST /login/restart`: somebody else, or from the beginning.
pub async fn restart(
    State(idp): State<Arc<Idp>>,
    Current { interaction, .. }: Current,
    page: Page,
    Fields(sent): Fields<Pressed>,
) -> Result<Response, Error> {
    ours(&interaction_token(&idp, &interaction), &sent.csrf)?;
    if interaction.stage == Stage::Identify {
        return Ok(see_other(&path(FlowPage::Login, &interaction.id)));
    }
    let moved = flow::interaction::identify_another(&idp, interaction).await?;
    Ok(go(&idp, &page, moved).await)
}

/// The page where this conversation stands, when it is not `expected`: a reloaded or bookmarked page, the back button.
pub(super) fn moved_on(interaction: &Interaction, expected: FlowPage) -> Option<Response> {
    match FlowPage::of(&interaction.stage) {
        Some(page) if page == expected => None,
        Some(page) => Some(see_other(&path(page, &interaction.id))),
        None => {
            use axum::response::IntoResponse as _;
            Some(Refusal::InteractionLost.into_response())
        }
    }
}

/// Both fields, or what is wrong with them on the page.
fn checked(idp: &Idp, sent: &Credentials, page: &mut Page) -> Option<(NationalId, Typed)> {
    let number = page.national_id(&idp.people.schemes, &sent.national_id);
    let typed = match Typed::read(sent.password.as_ref().map_or("", |password| password.expose())) {
        Ok(typed) if typed.is_empty() => {
            page.problem_at("password", page.t("login-password-empty"));
            None
        }
        Ok(typed) => Some(typed),
        Err(TooLong) => {
            page.problem_at("password", page.t("login-password-long"));
            None
        }
    };
    Some((number?, typed?))
}

async fn render(
    idp: &Idp,
    interaction: &Interaction,
    page: Page,
    typed: &str,
    status: StatusCode,
) -> Result<Response, Error> {
    shown(idp, interaction, page, (typed, None), status).await
}

/// The page after a key that was refused.
async fn render_after(
    idp: &Idp,
    interaction: &Interaction,
    page: Page,
    unknown: Option<String>,
) -> Result<Response, Error> {
    shown(
        idp,
        interaction,
        page,
        ("", unknown),
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await
}

async fn shown(
    idp: &Idp,
    interaction: &Interaction,
    mut page: Page,
    (typed, unknown): (&str, Option<String>),
    status: StatusCode,
) -> Result<Response, Error> {
    page.suggest(asking::locales(interaction));
    let template = LoginPage {
        agency: asking::agency(idp, interaction).await?,
        form: form(idp, interaction),
        number: Number::of(&idp.people.schemes),
        // What cannot be a number is not worth repeating in full.
        typed: typed.get(..MAX_REPEATED).unwrap_or(typed),
        options: passkey::challenge(idp, interaction).await?.unwrap_or_default(),
        newcomer: asking::newcomer(interaction),
        unknown,
        page: &page,
    };
    Ok(html(status, &template, asking::target(interaction)))
}

/// What every form of `interaction` carries.
pub(super) fn form(idp: &Idp, interaction: &Interaction) -> Form {
    Form {
        interaction: interaction.id.text().expose().clone(),
        csrf: interaction_token(idp, interaction),
    }
}

/// Longer than any number with its separators.
const MAX_REPEATED: usize = 40;
