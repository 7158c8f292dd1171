//! An agency asked a level that nothing of this citizen reaches. They are signed in below it, and decide: add what is
//! missing and go on, or go back. The agency is never given less than it asked (OpenID Connect Core §5.5.1.1).

use crate::{
    error::Error,
    rules::{
        answer::Answer,
        assurance::Aal,
        authorize::AuthorizeRequest,
        interaction::{Interaction, Purpose, Stage},
        oauth::{Code, OauthError},
        refusal::Refusal,
        session::Session,
        visitor::Visitor,
    },
    service::Idp,
};

use super::{
    grant,
    interaction::{Moved, Next, Page, to_page, write_stage},
    methods,
};

/// What is missing.
#[derive(Debug)]
pub struct Missing {
    /// What the agency asked.
    pub required: Aal,
    /// The citizen has something now that would be enough.
    pub added: bool,
}

/// What is missing for the citizen of this conversation.
///
/// # Errors
/// [`Refusal::OutOfTurn`] at another stage; [`Refusal::InteractionLost`] in a browser without their session.
pub async fn missing(idp: &Idp, visitor: &Visitor, interaction: &Interaction) -> Result<Missing, Error> {
    let (request, session) = asked(visitor, interaction)?;
    Ok(Missing {
        required: request.required,
        added: methods::reach(idp, &session.citizen).await? >= Some(request.required),
    })
}

/// Back to the agency, which hears that its level was not met.
///
/// # Errors
/// [`Refusal::OutOfTurn`] at another stage, or when another tab was faster.
pub async fn back(idp: &Idp, visitor: &Visitor, interaction: Interaction) -> Result<Moved, Error> {
    let (request, _) = asked(visitor, &interaction)?;
    let error = OauthError::new(
        Code::UnmetAuthenticationRequirements,
        "nothing of this citizen reaches the level that was asked",
    );
    let answer = Answer::error(request.return_to(), error);
    let mut write = idp.store.write().await?;
    grant::answer_once(&mut write, request, idp.now()).await?;
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

/// The citizen added something: it is asked for now.
///
/// # Errors
/// [`Refusal::OutOfTurn`] at another stage, or while there is nothing that would be enough.
pub async fn go_on(idp: &Idp, visitor: &Visitor, interaction: Interaction) -> Result<Moved, Error> {
    if !missing(idp, visitor, &interaction).await?.added {
        return Err(Refusal::OutOfTurn.into());
    }
    let (_, session) = asked(visitor, &interaction)?;
    let stage = Stage::Reauthenticate {
        citizen: session.citizen.clone(),
        session: session.sid.clone(),
    };
    let mut write = idp.store.write().await?;
    let moved = to_page(idp, &mut write, interaction, stage, Page::Reauthenticate).await?;
    write.commit().await?;
    Ok(moved)
}

/// The request, and the live session of its citizen in this browser.
fn asked<'a>(
    visitor: &'a Visitor,
    interaction: &'a Interaction,
) -> Result<(&'a AuthorizeRequest, &'a Session), Refusal> {
    let (Purpose::Authorize(request), Stage::Unmet { citizen, session }) =
        (&interaction.purpose, &interaction.stage)
    else {
        return Err(Refusal::OutOfTurn);
    };
    let live = visitor.session.as_ref();
    let live = live.filter(|live| live.sid == *session && live.citizen == *citizen);
    Ok((request, live.ok_or(Refusal::InteractionLost)?))
}
