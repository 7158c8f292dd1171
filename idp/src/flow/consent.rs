//! Consent: what is asked, what the citizen decides, what they allowed before and take back.

use crate::{
    error::{Error, Fault},
    rules::{
        answer::Answer,
        audit::{Event, Outcome, Record},
        authorize::AuthorizeRequest,
        client::Client,
        ids::{CitizenId, ClientId},
        interaction::{Interaction, Purpose, Stage},
        oauth::{Code, OauthError},
        refusal::Refusal,
        session::Session,
        visitor::Visitor,
    },
    service::Idp,
    store::{self, Write, consents::Consent},
};

use super::{
    grant,
    interaction::{Moved, Next, Page, to_page, write_stage},
};

/// What the citizen decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The agency gets what it asks.
    Allow,
    /// It gets nothing.
    Deny,
}

/// The request that waits for a decision, and who decides.
///
/// # Errors
/// [`Refusal::OutOfTurn`] at another stage.
pub fn asked(interaction: &Interaction) -> Result<(&AuthorizeRequest, &CitizenId), Refusal> {
    match (&interaction.purpose, &interaction.stage) {
        (Purpose::Authorize(request), Stage::Consent { citizen, .. }) => Ok((request, citizen)),
        (Purpose::Authorize(_) | Purpose::Account { .. }, _) => Err(Refusal::OutOfTurn),
    }
}

/// The page shows a citizen's data: only to the session that they are asked in. Whoever else holds this conversation (the
/// session ended meanwhile, or another browser was given the same cookie) logs in first.
///
/// # Errors
/// [`Refusal::OutOfTurn`] at another stage; a fault of the database.
pub async fn seen(idp: &Idp, visitor: &Visitor, interaction: Interaction) -> Result<Seen, Error> {
    asked(&interaction)?;
    if deciding(visitor, &interaction.stage).is_some() {
        return Ok(Seen::Shown(interaction));
    }
    Ok(Seen::Elsewhere(
        super::interaction::identify_another(idp, interaction).await?,
    ))
}

/// What became of looking at the question.
#[derive(Debug)]
pub enum Seen {
    /// It is theirs to see.
    Shown(Interaction),
    /// Somebody has to log in first.
    Elsewhere(Moved),
}

/// The citizen decided: the client has its answer. If the session ended meanwhile, the citizen logs in again and is
/// asked again; the request is kept.
///
/// # Errors
/// [`Refusal::OutOfTurn`] at another stage, or when another tab was faster.
pub async fn decide(
    idp: &Idp,
    visitor: &Visitor,
    interaction: Interaction,
    decision: Decision,
) -> Result<Moved, Error> {
    let request = asked(&interaction)?.0.clone();
    let mut write = idp.store.write().await?;
    let session = match deciding(visitor, &interaction.stage) {
        Some(session) if store::sessions::hold(&mut write, &session.sid, idp.now()).await? => Some(session),
        Some(_) | None => None,
    };
    let Some(session) = session else {
        let moved = to_page(idp, &mut write, interaction, Stage::Identify, Page::Login).await?;
        write.commit().await?;
        return Ok(moved);
    };
    let answer = match decision {
        Decision::Allow => allow(idp, &mut write, &request, session).await?,
        Decision::Deny => deny(idp, &mut write, &request, session).await?,
    };
    let id = interaction.id.clone();
    write_stage(idp, &mut write, interaction, Stage::Done).await?;
    write.commit().await?;
    Ok(Moved {
        next: Next::Client(Box::new(answer)),
        interaction: id,
        browser: None,
        session: None,
    })
}

/// The live session that was asked, in this browser.
fn deciding<'a>(visitor: &'a Visitor, stage: &Stage) -> Option<&'a Session> {
    let Stage::Consent { citizen, session } = stage else {
        return None;
    };
    visitor
        .session
        .as_ref()
        .filter(|live| live.sid == *session && live.citizen == *citizen)
}

async fn allow(
    idp: &Idp,
    write: &mut Write,
    request: &AuthorizeRequest,
    session: &Session,
) -> Result<Answer, Error> {
    let now = idp.now();
    let before = store::consents::find(write, &session.citizen, &request.client).await?;
    let scopes = before.or(&request.releases());
    store::consents::give(write, &session.citizen, &request.client, &scopes, now).await?;
    let record = about(request, session, Outcome::Done).with("scope", request.releases().to_string());
    store::audit::append(write, &record, now).await?;
    grant::code(idp, write, request, session).await
}

async fn deny(
    idp: &Idp,
    write: &mut Write,
    request: &AuthorizeRequest,
    session: &Session,
) -> Result<Answer, Error> {
    grant::answer_once(write, request, idp.now()).await?;
    store::audit::append(
        write,
        &about(request, session, Outcome::Refused("citizen")),
        idp.now(),
    )
    .await?;
    let error = OauthError::new(Code::AccessDenied, "the citizen did not consent");
    Ok(Answer::error(request.return_to(), error))
}

fn about(request: &AuthorizeRequest, session: &Session, outcome: Outcome) -> Record {
    Record::new(Event::ConsentDecided, outcome)
        .citizen(&session.citizen)
        .client(&request.client)
        .session(&session.sid)
}

/// What a citizen allows to whom, the latest first; for the account page.
///
/// # Errors
/// A fault of the database.
pub async fn given(idp: &Idp, citizen: &CitizenId) -> Result<Vec<(Client, Consent)>, Fault> {
    let mut read = idp.store.read().await?;
    let mut given = Vec::new();
    for consent in store::consents::of_citizen(&mut read, citizen).await? {
        // A disabled client, too: it may be allowed again, and the citizen decides before.
        if let Some(listed) = store::clients::listed(&mut read, &consent.client).await? {
            given.push((listed.client, consent));
        }
    }
    Ok(given)
}

/// The citizen takes a client's access back: it is asked again next time, and everything issued to it dies now.
///
/// # Errors
/// [`Refusal::NotFound`] when there was nothing to take back.
pub async fn withdraw(idp: &Idp, session: &Session, client: &ClientId) -> Result<(), Error> {
    let now = idp.now();
    let mut write = idp.store.write().await?;
    if !store::consents::withdraw(&mut write, &session.citizen, client).await? {
        return Err(Refusal::NotFound.into());
    }
    let families = store::grants::revoke_all(&mut write, &session.citizen, client, now).await?;
    let record = Record::new(Event::ConsentWithdrawn, Outcome::Done)
        .citizen(&session.citizen)
        .client(client)
        .session(&session.sid)
        .with("families_revoked", families.to_string());
    store::audit::append(&mut write, &record, now).await?;
    Ok(write.commit().await?)
}
