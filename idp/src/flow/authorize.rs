//! An authorization request: answered at once, or begun as an interaction.

use crate::{
    error::Error,
    rules::{
        answer::Answer,
        authorize::{AuthorizeRequest, Refused},
        client::Client,
        decide::{Decision, Known, decide, needs_consent},
        ids::ClientId,
        interaction::{Purpose, Stage},
        oauth::{Code, OauthError},
        parameters::Parameters,
        refusal::Refusal,
        scope::Scopes,
        session::Session,
        tokens::subject,
        visitor::Visitor,
    },
    service::Idp,
    store,
};

use super::interaction::Moved;
use super::{grant, interaction, methods, request};

/// What an authorization request led to.
#[derive(Debug)]
pub enum Authorized {
    /// An interaction begins: the browser goes to a page of ours.
    Asked(Moved),
    /// The client has its answer, good or bad.
    Answered(Answer),
}

/// Takes an authorization request from a browser.
///
/// # Errors
/// A [`Refusal`] for our own page when client or redirect URI are not known; everything else is answered to the client.
pub async fn authorize(idp: &Idp, visitor: &Visitor, parameters: &Parameters) -> Result<Authorized, Error> {
    let id = parameters.value("client_id").ok_or(Refusal::ClientUnknown)?;
    let client = super::client::admitted(idp, &ClientId::known(id)).await?;
    match request::brought(idp, &client, parameters).await {
        Ok(request) => weigh(idp, visitor, &client, request).await,
        Err(Error::Refused(Refused::Here(refusal))) => Err(refusal.into()),
        Err(Error::Refused(Refused::There { to, error })) => {
            Ok(Authorized::Answered(Answer::error(to, error)))
        }
        Err(Error::Fault(fault)) => Err(fault.into()),
    }
}

async fn weigh(
    idp: &Idp,
    visitor: &Visitor,
    client: &Client,
    request: AuthorizeRequest,
) -> Result<Authorized, Error> {
    let session = visitor.session.as_ref();
    let consented = match session {
        Some(session) => {
            let mut read = idp.store.read().await?;
            store::consents::find(&mut read, &session.citizen, &client.id).await?
        }
        None => Scopes::default(),
    };
    let hinted = session.filter(|_| request.subject_hint.is_some());
    let subject = hinted.map(|session| subject(&idp.derived.pairwise, client, &session.citizen));
    let known = Known {
        session,
        subject: subject.as_deref(),
        consented: &consented,
        now: idp.now(),
    };
    match (decide(&request, known), session) {
        (Decision::Refuse(error), _) => Ok(Authorized::Answered(Answer::error(request.return_to(), error))),
        (Decision::Grant, Some(session)) => match answer_now(idp, &request, session).await? {
            Some(answer) => Ok(Authorized::Answered(answer)),
            None if request.prompt.none => {
                let error = OauthError::new(Code::LoginRequired, "the citizen must log in");
                Ok(Authorized::Answered(Answer::error(request.return_to(), error)))
            }
            None => Box::pin(begin(idp, visitor, request, Stage::Identify)).await,
        },
        (Decision::Consent, Some(session)) => {
            let stage = Stage::Consent {
                citizen: session.citizen.clone(),
                session: session.sid.clone(),
            };
            Box::pin(begin(idp, visitor, request, stage)).await
        }
        (Decision::Reauthenticate, Some(session)) => {
            let (citizen, sid) = (session.citizen.clone(), session.sid.clone());
            let level = session.assurance.aal;
            // Nothing that this citizen could show now would be enough: they are told before they are asked.
            let hopeless = level < request.required && methods::reach(idp, &citizen).await? <= Some(level);
            let stage = if hopeless {
                Stage::Unmet {
                    citizen,
                    session: sid,
                }
            } else {
                Stage::Reauthenticate {
                    citizen,
                    session: sid,
                }
            };
            Box::pin(begin(idp, visitor, request, stage)).await
        }
        (Decision::Identify, _) | (_, None) => Box::pin(begin(idp, visitor, request, Stage::Identify)).await,
    }
}

/// Answers without a page. `None` when the session ended, or its citizen took the consent back, after they were read:
/// both are asked again in the very write, so that no code outruns them.
async fn answer_now(
    idp: &Idp,
    request: &AuthorizeRequest,
    session: &Session,
) -> Result<Option<Answer>, Error> {
    let mut write = idp.store.write().await?;
    if !store::sessions::hold(&mut write, &session.sid, idp.now()).await? {
        return Ok(None);
    }
    let consented = store::consents::find(&mut write, &session.citizen, &request.client).await?;
    if needs_consent(request, &consented) {
        return Ok(None);
    }
    let answer = grant::code(idp, &mut write, request, session).await?;
    write.commit().await?;
    Ok(Some(answer))
}

async fn begin(
    idp: &Idp,
    visitor: &Visitor,
    request: AuthorizeRequest,
    stage: Stage,
) -> Result<Authorized, Error> {
    let purpose = Purpose::Authorize(Box::new(request));
    Ok(Authorized::Asked(
        interaction::start(idp, visitor, purpose, stage).await?,
    ))
}
