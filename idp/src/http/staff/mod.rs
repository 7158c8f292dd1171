//! `/staff…`: what officials of the programme do. Every page wants two factors and a role; which role may do what is
//! decided in the flows, by [`crate::rules::staff`].

pub mod audit;
pub mod desk;
pub mod enrol;
pub mod home;

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse as _, Response},
};

use super::{interaction::go, pages::Page, security::session_token, visitor::SignedIn};
use crate::{
    error::Error,
    flow,
    rules::{
        assurance::Aal,
        interaction::{Purpose, Stage},
        refusal::Refusal,
        session::{FRESH, Session},
        staff::Official,
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
        if idp.config.staff.require_aal3 && session.assurance.aal < Aal::Three {
            return Err(Refusal::NotAllowed.into_response());
        }
        match flow::staff::official(idp, &session).await {
            Ok(official) => Ok(Self {
                official,
                session,
                visitor,
            }),
            Err(error) => Err(error.into_response()),
        }
    }
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
        let purpose = Purpose::Account {
            return_to: return_to.to_owned(),
        };
        let stage = Stage::Reauthenticate {
            citizen: self.session.citizen.clone(),
            session: self.session.sid.clone(),
        };
        let moved = flow::interaction::start(idp, &self.visitor, purpose, stage).await?;
        Ok(Some(go(idp, page, moved).await))
    }
}
