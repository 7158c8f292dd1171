//! RP-initiated logout: without a question where the client proves that it speaks of this session, else after one.

use crate::{
    error::{Error, Fault},
    rules::{
        client::Client,
        logout::{client_named, destination, without_asking},
        parameters::Parameters,
        session::Session,
        visitor::Visitor,
    },
    service::Idp,
};

use super::{client, hint, session};

/// What a logout request led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoggedOut {
    /// The citizen must confirm; then the browser may go there.
    Ask {
        /// A registered address, if one was named.
        destination: Option<String>,
    },
    /// The session, if there was one, is over.
    Done {
        /// A registered address, if one was named.
        destination: Option<String>,
    },
}

/// A logout request (RP-initiated logout §2). A hint that is not ours, or of another session, counts as none.
///
/// # Errors
/// A fault of the database.
pub async fn request(idp: &Idp, visitor: &Visitor, parameters: &Parameters) -> Result<LoggedOut, Error> {
    let hint = parameters
        .value("id_token_hint")
        .and_then(|token| hint::read(idp, token));
    let destination = match client_named(parameters, hint.as_ref()) {
        Ok(Some(id)) => destination(parameters, client::find(idp, &id).await?.as_ref()),
        Ok(None) | Err(_) => None,
    };
    let sid = visitor.session.as_ref().map(|session| &session.sid);
    match &visitor.session {
        None => Ok(LoggedOut::Done { destination }),
        Some(session) if without_asking(hint.as_ref(), sid) => {
            end(idp, session).await?;
            Ok(LoggedOut::Done { destination })
        }
        Some(_) => Ok(LoggedOut::Ask { destination }),
    }
}

/// The citizen confirmed.
///
/// # Errors
/// A fault of the database.
pub async fn confirmed(
    idp: &Idp,
    session: &Session,
    parameters: &Parameters,
) -> Result<Option<String>, Error> {
    let hint = parameters
        .value("id_token_hint")
        .and_then(|token| hint::read(idp, token));
    let client: Option<Client> = match client_named(parameters, hint.as_ref()) {
        Ok(Some(id)) => client::find(idp, &id).await?,
        Ok(None) | Err(_) => None,
    };
    end(idp, session).await?;
    Ok(destination(parameters, client.as_ref()))
}

/// Ends the session; that it had just ended is as good.
pub(super) async fn end(idp: &Idp, session: &Session) -> Result<(), Fault> {
    let mut write = idp.store.write().await?;
    session::end_within(idp, &mut write, &session.citizen, &session.sid, "logout").await?;
    write.commit().await
}
