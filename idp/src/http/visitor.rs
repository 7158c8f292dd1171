//! Extractors: who stands at the door, and who is signed in.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{Method, header, request::Parts},
    response::{IntoResponse, Response},
};

use super::{
    cookies,
    interaction::{go, see_other},
    limits::From,
    pages::Page,
};
use crate::{
    error::Fault,
    flow,
    rules::{
        assurance::Aal,
        device,
        interaction::{Purpose, Stage},
        refusal::Refusal,
        session::Session,
        visitor::{Visitor, device_name},
    },
    service::Idp,
};

impl FromRequestParts<Arc<Idp>> for Visitor {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, idp: &Arc<Idp>) -> Result<Self, Fault> {
        let Ok(From(address)) = From::from_request_parts(parts, idp).await;
        let issuer = &idp.config.issuer;
        let session = match cookies::read(&parts.headers, issuer, cookies::Named::Session) {
            Some(cookie) => flow::session::current(idp, &cookie).await?,
            None => None,
        };
        let agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Ok(Self {
            network: address.map(device::network),
            browser: cookies::read(&parts.headers, issuer, cookies::Named::Browser),
            session,
            device: device_name(agent.unwrap_or_default()),
        })
    }
}

/// A signed-in citizen on an own page, at AAL2; whoever has no second factor yet is sent to add one. Without such a session a GET goes to the login and comes back; anything else is
/// refused (a form must not be sent into a login).
#[derive(Debug)]
pub struct SignedIn {
    /// The live session.
    pub session: Session,
    /// The browser it lives in.
    pub visitor: Visitor,
}

impl FromRequestParts<Arc<Idp>> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, idp: &Arc<Idp>) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, idp)
            .await
            .map_err(IntoResponse::into_response)?;
        let stage = match visitor.session.clone() {
            Some(session) if session.assurance.aal >= Aal::Two => return Ok(Self { session, visitor }),
            Some(session) => match below(idp, &session, parts.uri.path()).await? {
                Below::Admitted => return Ok(Self { session, visitor }),
                Below::Raised(stage) => stage,
            },
            None => Stage::Identify,
        };
        if parts.method != Method::GET {
            return Err(Refusal::NotAllowed.into_response());
        }
        let purpose = Purpose::Account {
            return_to: parts
                .uri
                .path_and_query()
                .map_or("/account", |path| path.as_str())
                .to_owned(),
        };
        match flow::interaction::start(idp, &visitor, purpose, stage).await {
            Ok(moved) => {
                let Ok(page) = Page::from_request_parts(parts, idp).await;
                Err(go(idp, &page, moved).await)
            }
            Err(error) => Err(error.into_response()),
        }
    }
}

/// What becomes of a session with one factor on an own page.
enum Below {
    /// Its citizen has no second factor yet, and is about to add one.
    Admitted,
    /// One factor was enough for an agency; it is not for what is shown and changed here.
    Raised(Stage),
}

async fn below(idp: &Idp, session: &Session, path: &str) -> Result<Below, Response> {
    let reach = flow::methods::reach(idp, &session.citizen).await;
    if reach.map_err(IntoResponse::into_response)? < Some(Aal::Two) {
        return if FIRST_SECOND.contains(&path) {
            Ok(Below::Admitted)
        } else {
            Err(see_other(SECOND))
        };
    }
    Ok(Below::Raised(Stage::Reauthenticate {
        citizen: session.citizen.clone(),
        session: session.sid.clone(),
    }))
}

/// Where somebody with a password and nothing else adds a second factor: a passkey, or an app where there can be none.
const FIRST_SECOND: [&str; 3] = [SECOND, "/account/passkeys/done", "/account/codes/new"];
const SECOND: &str = "/account/passkeys/new";
