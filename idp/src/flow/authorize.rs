//! An authorization request: answered at once, or begun as an interaction.

use crate::{
    error::Error,
    rules::{
        answer::Answer,
        authorize::{AuthorizeRequest, Refused},
        client::Client,
        decide::{Agreement, Decision, Known, agreed, decide},
        ids::ClientId,
        interaction::{Purpose, Stage},
        oauth::{Code, OauthError},
        parameters::Parameters,
        refusal::Refusal,
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
    let hinted = session.filter(|_| request.subject_hint.is_some());
    let subject = hinted.map(|session| subject(&idp.derived.pairwise, client, &session.citizen));
    let known = Known {
        session,
        subject: subject.as_deref(),
        now: idp.now(),
    };
    match (decide(&request, known), session) {
        (Decision::Refuse(error), _) => Ok(Authorized::Answered(Answer::error(request.return_to(), error))),
        (Decision::Recognised, Some(session)) => match answer_now(idp, &request, session).await? {
            Now::Answered(answer) => Ok(Authorized::Answered(answer)),
            Now::Consent => {
                let stage = Stage::Consent {
                    citizen: session.citizen.clone(),
                    session: session.sid.clone(),
                };
                Box::pin(begin(idp, visitor, request, stage)).await
            }
            Now::Ended if request.prompt.none => {
                let error = OauthError::new(Code::LoginRequired, "the citizen must log in");
                Ok(Authorized::Answered(Answer::error(request.return_to(), error)))
            }
            Now::Ended => Box::pin(begin(idp, visitor, request, Stage::Identify)).await,
        },
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

/// What can be said without a page.
enum Now {
    Answered(Answer),
    /// The citizen must be asked first.
    Consent,
    /// The session ended after it was read.
    Ended,
}

/// Answers without a page if the citizen allows this client all that it asks. Session and consent are asked in the very
/// write, so that no code outruns a logout or a withdrawal.
async fn answer_now(idp: &Idp, request: &AuthorizeRequest, session: &Session) -> Result<Now, Error> {
    let mut write = idp.store.write().await?;
    if !store::sessions::hold(&mut write, &session.sid, idp.now()).await? {
        return Ok(Now::Ended);
    }
    let consented = store::consents::find(&mut write, &session.citizen, &request.client).await?;
    match agreed(request, &consented) {
        Agreement::Given => {
            let answer = grant::code(idp, &mut write, request, session).await?;
            write.commit().await?;
            Ok(Now::Answered(answer))
        }
        Agreement::Missing => Ok(Now::Consent),
        Agreement::Refuse(error) => Ok(Now::Answered(Answer::error(request.return_to(), error))),
    }
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
