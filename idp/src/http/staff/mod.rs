//! `/staff…`: what officials of the programme do. Every page wants two factors and a role; which role may do what is
//! decided in the flows, by [`crate::rules::staff`].

pub mod audit;
pub mod clients;
pub mod desk;
pub mod enrol;
pub mod home;
pub mod keys;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{Method, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};

use super::{
    interaction::go,
    pages::{Page, html},
    security::{ours, session_token},
    visitor::SignedIn,
};
use crate::{
    error::Error,
    flow,
    rules::{
        assurance::Aal,
        interaction::{Purpose, Stage},
        refusal::Refusal,
        session::{FRESH, Session},
        staff::{Action, Official},
        visitor::Visitor,
    },
    service::Idp,
};

/// An official who is signed in. Everybody else is refused; who is not signed in goes to the login and comes back.
#[derive(Debug)]
pub struct Staff {
    official: Official,
    session: Session,
    visitor: Visitor,
}

impl FromRequestParts<Arc<Idp>> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, idp: &Arc<Idp>) -> Result<Self, Response> {
        let SignedIn { session, visitor } = SignedIn::from_request_parts(parts, idp).await?;
        let official = flow::staff::official(idp, &session).await;
        let official = official.map_err(IntoResponse::into_response)?;
        if idp.config.staff.require_aal3 && session.assurance.aal < Aal::Three {
            let raised = raise(idp, parts, (&session, &visitor)).await;
            return Err(raised.unwrap_or_else(IntoResponse::into_response));
        }
        Ok(Self {
            official,
            session,
            visitor,
        })
    }
}

/// An official below the level that these pages want shows their security key and comes back; who has none is told to
/// add it. A form is refused: it must not be sent into a login.
async fn raise(
    idp: &Arc<Idp>,
    parts: &mut Parts,
    (session, visitor): (&Session, &Visitor),
) -> Result<Response, Error> {
    if parts.method != Method::GET {
        return Err(Refusal::NotAllowed.into());
    }
    let Ok(page) = Page::from_request_parts(parts, idp).await;
    if flow::methods::reach(idp, &session.citizen).await? < Some(Aal::Three) {
        return Ok(html(StatusCode::FORBIDDEN, &KeyPage { page: &page }, None));
    }
    presence(idp, &page, (session, visitor), &page.here).await
}

/// Asks for presence, at the highest level that this official can reach, and comes back to `return_to`.
async fn presence(
    idp: &Idp,
    page: &Page,
    (session, visitor): (&Session, &Visitor),
    return_to: &str,
) -> Result<Response, Error> {
    let purpose = Purpose::Account {
        return_to: return_to.to_owned(),
    };
    let stage = Stage::Reauthenticate {
        citizen: session.citizen.clone(),
        session: session.sid.clone(),
    };
    let moved = flow::interaction::start(idp, visitor, purpose, stage).await?;
    Ok(go(idp, page, moved).await)
}

#[derive(Template)]
#[template(path = "staff_key.html")]
struct KeyPage<'a> {
    page: &'a Page,
}

impl Staff {
    /// The token of every form of this session.
    fn csrf(&self, idp: &Idp) -> String {
        session_token(idp, &self.session)
    }

    /// Sends an official whose presence is too old to prove it and come back: agreeing to something is done by the
    /// person and not by whoever sits down at their desk.
    async fn present(&self, idp: &Idp, page: &Page, return_to: &str) -> Result<Option<Response>, Error> {
        if self.session.fresh(idp.now(), FRESH) {
            return Ok(None);
        }
        let here = (&self.session, &self.visitor);
        presence(idp, page, here, return_to).await.map(Some)
    }

    /// What stands before an act: a form of ours, a role that may, and [`Staff::present`], whose answer comes back.
    async fn may_act(
        &self,
        idp: &Idp,
        page: &Page,
        (csrf, action): (&str, Action),
        return_to: &str,
    ) -> Result<Option<Response>, Error> {
        ours(&self.csrf(idp), csrf)?;
        self.official.permit(action)?;
        self.present(idp, page, return_to).await
    }
}
