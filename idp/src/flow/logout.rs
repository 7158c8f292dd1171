//! RP-initiated logout: without a question where the client proves that it speaks of this session, else after one.

use crate::{
    error::{Error, Fault},
    rules::{
        client::Client,
        logout::{Farewell, Hint, client_named, destination, without_asking},
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
    Done(Goodbye),
}

/// The session is over: where the browser goes, and whom it tells before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Goodbye {
    /// A registered address, if one was named.
    pub destination: Option<String>,
    /// An address was named that is not registered, or by nobody who could be asked: not followed, and said so.
    pub unregistered: bool,
    /// Agencies that hear of it through the browser.
    pub farewell: Farewell,
}

/// A logout request (RP-initiated logout §2). A hint that is not ours, or of another session, counts as none.
///
/// # Errors
/// A fault of the database.
pub async fn request(idp: &Idp, visitor: &Visitor, parameters: &Parameters) -> Result<LoggedOut, Error> {
    let (hint, goodbye) = read(idp, parameters).await?;
    let sid = visitor.session.as_ref().map(|session| &session.sid);
    match &visitor.session {
        None => Ok(LoggedOut::Done(goodbye)),
        Some(session) if without_asking(hint.as_ref(), sid) => {
            Ok(LoggedOut::Done(end(idp, session, goodbye).await?))
        }
        Some(_) => Ok(LoggedOut::Ask {
            destination: goodbye.destination,
        }),
    }
}

/// The citizen confirmed.
///
/// # Errors
/// A fault of the database.
pub async fn confirmed(idp: &Idp, session: &Session, parameters: &Parameters) -> Result<Goodbye, Error> {
    let (_, goodbye) = read(idp, parameters).await?;
    Ok(end(idp, session, goodbye).await?)
}

/// Where a session that was over before leads the browser.
///
/// # Errors
/// A fault of the database.
pub async fn over(idp: &Idp, parameters: &Parameters) -> Result<Goodbye, Error> {
    Ok(read(idp, parameters).await?.1)
}

/// Who speaks, and where the browser may go.
async fn read(idp: &Idp, parameters: &Parameters) -> Result<(Option<Hint>, Goodbye), Error> {
    let hint = parameters
        .value("id_token_hint")
        .and_then(|token| hint::read(idp, token));
    let client: Option<Client> = match client_named(parameters, hint.as_ref()) {
        Ok(Some(id)) => client::find(idp, &id).await?,
        Ok(None) | Err(_) => None,
    };
    let destination = destination(parameters, client.as_ref());
    let goodbye = Goodbye {
        unregistered: destination.is_none() && parameters.value("post_logout_redirect_uri").is_some(),
        destination,
        farewell: Farewell::default(),
    };
    Ok((hint, goodbye))
}

/// Ends the session; that it had just ended is as good.
pub(super) async fn end(idp: &Idp, session: &Session, goodbye: Goodbye) -> Result<Goodbye, Fault> {
    let mut write = idp.store.write().await?;
    let farewell = session::end_within(idp, &mut write, &session.citizen, &session.sid, "logout").await?;
    write.commit().await?;
    idp.outbox.notify_one();
    Ok(Goodbye {
        farewell: farewell.unwrap_or_default(),
        ..goodbye
    })
}
