//! `/account/password`: set it or change it. Only its length is asked for, and that nobody else would guess it.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;

use super::{
    interaction::see_other,
    pages::{Page, html},
    presence::prove_presence,
    security::{Fields, ours, session_token},
    visitor::SignedIn,
};
use crate::{
    error::Error,
    flow::{
        self,
        password::{Changed, Others},
    },
    rules::{
        password::{Refusal as Unusable, TooLong, Typed},
        refusal::Refusal,
        secret::Secret,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage<'a> {
    page: &'a Page,
    csrf: String,
    /// For the browser's keeper of passwords: whose it is.
    number: String,
    hint: String,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    csrf: String,
    password: Option<Secret<String>>,
    #[serde(default)]
    others: String,
}

/// `GET /account/password`.
pub async fn show(State(idp): State<Arc<Idp>>, signed_in: SignedIn, page: Page) -> Result<Response, Error> {
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, HERE).await? {
        return Ok(elsewhere);
    }
    render(&idp, &signed_in, page, StatusCode::OK).await
}

/// `POST /account/password`.
pub async fn set(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    mut page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    let session = &signed_in.session;
    ours(&session_token(&idp, session), &sent.csrf)?;
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, HERE).await? {
        return Ok(elsewhere);
    }
    let others = if sent.others == "end" {
        Others::End
    } else {
        Others::Keep
    };
    let typed = Typed::read(sent.password.as_ref().map_or("", |password| password.expose()));
    let changed = match typed {
        Ok(typed) if typed.is_empty() => {
            page.problem_at("password", page.t("password-empty"));
            return render(&idp, &signed_in, page, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
        Ok(typed) => flow::password::set(&idp, session, typed, others).await,
        Err(TooLong) => Ok(Changed::Refused(Unusable::TooLong)),
    };
    match changed {
        Ok(Changed::Set) => Ok(see_other("/account?done=password-changed")),
        Ok(Changed::Refused(why)) => {
            page.problem_at("password", words(&page, why));
            render(&idp, &signed_in, page, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(Error::Refused(Refusal::Busy { wait })) => {
            page.problem_at(None, page.t("password-busy"));
            let mut busy = render(&idp, &signed_in, page, StatusCode::SERVICE_UNAVAILABLE).await?;
            let wait = HeaderValue::from(wait.0.max(1));
            busy.headers_mut().insert(header::RETRY_AFTER, wait);
            Ok(busy)
        }
        Err(error) => Err(error),
    }
}

/// What is wrong with it, and what to do (ASVS 5.0 6.2.12).
fn words(page: &Page, why: Unusable) -> String {
    match why {
        Unusable::TooShort { least } => page.with("password-short", "least", least.to_string()),
        Unusable::TooLong => page.t("password-long"),
        Unusable::Common => page.t("password-common"),
        Unusable::OwnData => page.t("password-own"),
    }
}

async fn render(
    idp: &Idp,
    signed_in: &SignedIn,
    mut page: Page,
    status: StatusCode,
) -> Result<Response, Error> {
    page.here = HERE.to_owned();
    let citizen = &signed_in.session.citizen;
    let least = flow::password::least(idp, citizen).await?;
    let template = PasswordPage {
        csrf: session_token(idp, &signed_in.session),
        number: flow::account::person(idp, citizen).await?.national_id.display(),
        hint: page.with("password-hint", "least", least.to_string()),
        page: &page,
    };
    Ok(html(status, &template, None))
}

const HERE: &str = "/account/password";
