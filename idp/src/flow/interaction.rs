//! Moving a conversation forward. Login flows call this with a proof; it alone writes stages and begins sessions.

use std::sync::atomic::Ordering;

use crate::{
    error::Error,
    rules::{
        answer::Answer,
        assurance::Verified,
        authorize::AuthorizeRequest,
        decide::needs_consent,
        ids::{CitizenId, Sid},
        interaction::{Interaction, LIFETIME, Purpose, Stage},
        mfa::{Accepted, next},
        oauth::{Code, OauthError},
        refusal::Refusal,
        secret::Opaque,
        session::Session,
        tokens::subject,
        visitor::Visitor,
    },
    service::Idp,
    store::{self, Write},
};

use super::{grant, methods, session::Shown};

/// Where the browser goes next.
#[derive(Debug)]
pub enum Next {
    /// To a page of this interaction.
    Page(Page),
    /// Back to the client, with its answer.
    Client(Box<Answer>),
    /// To an own page (`/account…`).
    Account(String),
}

/// A page of an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// National id and password, or a passkey.
    Login,
    /// The one-time code.
    SecondFactor,
    /// Presence again, of a known person.
    Reauthenticate,
    /// What the agency gets.
    Consent,
    /// Nothing that the citizen has reaches the level that the agency asked.
    Unmet,
}

impl Page {
    /// The page that shows `stage`; `None` when there is nothing left to show.
    #[must_use]
    pub fn of(stage: &Stage) -> Option<Self> {
        match stage {
            Stage::Identify => Some(Self::Login),
            Stage::SecondFactor { .. } => Some(Self::SecondFactor),
            Stage::Reauthenticate { .. } => Some(Self::Reauthenticate),
            Stage::Consent { .. } => Some(Self::Consent),
            Stage::Unmet { .. } => Some(Self::Unmet),
            Stage::Done => None,
        }
    }
}

/// What http does now: go `next`, and set the cookies that are new.
#[derive(Debug)]
#[must_use]
pub struct Moved {
    /// Where to.
    pub next: Next,
    /// The interaction's id, for the page's URL.
    pub interaction: Opaque,
    /// The browser's cookie, when the interaction has just begun (to be set again even if it is the same).
    pub browser: Option<Opaque>,
    /// The session's new cookies.
    pub session: Option<Begun>,
}

/// A session that has just begun or gone on under another name.
#[derive(Debug)]
pub struct Begun {
    /// What the session's cookie holds.
    pub cookie: Opaque,
    /// What the frame of Session Management reads: it says which session it is and opens nothing.
    pub state: Opaque,
}

/// Begins an interaction at `stage`: [`Stage::Identify`], or [`Stage::Reauthenticate`] for the visitor's live session.
///
/// # Errors
/// A fault of the database.
pub async fn start(idp: &Idp, visitor: &Visitor, purpose: Purpose, stage: Stage) -> Result<Moved, Error> {
    let mut write = idp.store.write().await?;
    let moved = start_within(idp, &mut write, visitor, purpose, stage).await?;
    write.commit().await?;
    Ok(moved)
}

pub(super) async fn start_within(
    idp: &Idp,
    write: &mut Write,
    visitor: &Visitor,
    purpose: Purpose,
    stage: Stage,
) -> Result<Moved, Error> {
    let browser = visitor.browser.clone().unwrap_or_else(|| idp.opaque());
    let page = Page::of(&stage).ok_or(Refusal::OutOfTurn)?;
    let interaction = Interaction {
        id: idp.opaque(),
        browser: browser.digest(),
        purpose,
        stage,
        version: 0,
        expires_at: idp.now().after(LIFETIME),
    };
    if idp
        .begun
        .fetch_add(1, Ordering::Relaxed)
        .is_multiple_of(BOUNDED_EVERY)
    {
        store::interactions::forget_beyond(write, MOST_IDLE).await?;
        store::ceremonies::forget_beyond(write, MOST_IDLE).await?;
    }
    store::interactions::insert(write, &idp.seal, idp.chance.as_ref(), &interaction).await?;
    Ok(Moved {
        next: Next::Page(page),
        interaction: interaction.id,
        browser: Some(browser),
        session: None,
    })
}

/// The interaction that `id` names, if this browser began it and it has not expired.
///
/// # Errors
/// [`Refusal::InteractionLost`] otherwise.
pub async fn current(idp: &Idp, visitor: &Visitor, id: &str) -> Result<Interaction, Error> {
    let id = Opaque::parse(id).ok_or(Refusal::InteractionLost)?;
    let browser = visitor.browser.as_ref().ok_or(Refusal::InteractionLost)?;
    let mut read = idp.store.read().await?;
    let found = store::interactions::find(&mut read, &idp.seal, &id, idp.now()).await?;
    let interaction = found.ok_or(Refusal::InteractionLost)?;
    if interaction.browser != browser.digest() {
        return Err(Refusal::InteractionLost.into());
    }
    Ok(interaction)
}

/// A factor was verified: writes what it means and says where the browser goes next.
///
/// # Errors
/// [`Refusal::OutOfTurn`] when the factor does not belong to the stage, or another tab moved first.
pub async fn factor_verified(
    idp: &Idp,
    visitor: &Visitor,
    interaction: Interaction,
    verified: Verified,
) -> Result<Moved, Error> {
    let mut write = idp.store.write().await?;
    let moved = factor_verified_within(idp, &mut write, visitor, interaction, verified).await?;
    write.commit().await?;
    Ok(moved)
}

/// The same in the transaction that writes down what the factor did.
pub(super) async fn factor_verified_within(
    idp: &Idp,
    write: &mut Write,
    visitor: &Visitor,
    interaction: Interaction,
    verified: Verified,
) -> Result<Moved, Error> {
    let session = visitor.session.as_ref();
    let means = methods::means(idp, write, verified.citizen(), session).await?;
    let required = methods::required(&interaction, &means);
    let client = interaction.purpose.client().cloned();
    let accepted = next(&interaction.stage, required, &means, verified).map_err(|_| Refusal::OutOfTurn)?;
    match accepted {
        Accepted::NeedsSecond(stage) => to_page(idp, write, interaction, stage, Page::SecondFactor).await,
        Accepted::SignedIn { citizen, factors, at } => {
            let shown = Shown {
                citizen,
                factors,
                at,
                client,
            };
            let begun = super::session::begin(idp, write, visitor, shown).await?;
            within(idp, write, interaction, begun).await
        }
        Accepted::Present {
            citizen,
            session,
            factor,
            at,
        } => {
            own_session(visitor, &citizen, &session)?;
            let here = (visitor, &session);
            let renewed = super::session::renew(idp, write, here, (factor, at)).await?;
            let begun = match renewed {
                Some(renewed) => renewed,
                // Too old for the level that it would have now.
                None => {
                    let factors = vec![factor];
                    let shown = Shown {
                        citizen,
                        factors,
                        at,
                        client,
                    };
                    super::session::begin(idp, write, visitor, shown).await?
                }
            };
            within(idp, write, interaction, begun).await
        }
    }
}

/// Goes on in a session that has just begun or has a new cookie.
async fn within(
    idp: &Idp,
    write: &mut Write,
    interaction: Interaction,
    (session, cookie): (Session, Opaque),
) -> Result<Moved, Error> {
    let moved = signed_in(idp, write, interaction, &session).await?;
    Ok(Moved {
        session: Some(Begun {
            cookie,
            state: super::session::browser_state(idp, &session.sid),
        }),
        ..moved
    })
}

/// "Use another person": back to the login page. The live session stays until somebody else has logged in.
///
/// # Errors
/// [`Refusal::OutOfTurn`] unless presence was being asked for.
pub async fn identify_another(idp: &Idp, interaction: Interaction) -> Result<Moved, Error> {
    match interaction.stage {
        Stage::Reauthenticate { .. }
        | Stage::SecondFactor { .. }
        | Stage::Consent { .. }
        | Stage::Unmet { .. } => {}
        Stage::Identify | Stage::Done => return Err(Refusal::OutOfTurn.into()),
    }
    let mut write = idp.store.write().await?;
    let moved = to_page(idp, &mut write, interaction, Stage::Identify, Page::Login).await?;
    write.commit().await?;
    Ok(moved)
}

/// Presence must be proven in the very browser that holds the session.
fn own_session(visitor: &Visitor, citizen: &CitizenId, sid: &Sid) -> Result<(), Refusal> {
    match &visitor.session {
        Some(session) if session.sid == *sid && session.citizen == *citizen => Ok(()),
        Some(_) | None => Err(Refusal::InteractionLost),
    }
}

/// Somebody is signed in: what the interaction was for comes next.
pub(super) async fn signed_in(
    idp: &Idp,
    write: &mut Write,
    interaction: Interaction,
    session: &Session,
) -> Result<Moved, Error> {
    match interaction.purpose.clone() {
        Purpose::Account { return_to } => {
            let id = interaction.id.clone();
            write_stage(idp, write, interaction, Stage::Done).await?;
            Ok(Moved {
                next: Next::Account(return_to),
                interaction: id,
                browser: None,
                session: None,
            })
        }
        Purpose::Authorize(request) => authorized(idp, write, interaction, &request, session).await,
    }
}

/// An agency asked, and the citizen is known now: its answer, or the question that is left.
async fn authorized(
    idp: &Idp,
    write: &mut Write,
    interaction: Interaction,
    request: &AuthorizeRequest,
    session: &Session,
) -> Result<Moved, Error> {
    let client = store::clients::find(write, &request.client).await?;
    let (client, _) = client.ok_or(Refusal::ClientUnknown)?;
    let subject = subject(&idp.derived.pairwise, &client, &session.citizen);
    if session.assurance.aal < request.required {
        let stage = Stage::Unmet {
            citizen: session.citizen.clone(),
            session: session.sid.clone(),
        };
        return to_page(idp, write, interaction, stage, Page::Unmet).await;
    }
    let answer = if request.subject_hint.as_ref().is_some_and(|hint| *hint != subject) {
        // OpenID Connect Core §3.1.2.1: another citizen than the hinted one must not be answered about.
        let error = OauthError::new(
            Code::LoginRequired,
            "another citizen logged in than the hinted one",
        );
        Answer::error(request.return_to(), error)
    } else {
        let consented = store::consents::find(write, &session.citizen, &request.client).await?;
        if needs_consent(request, &consented) {
            let stage = Stage::Consent {
                citizen: session.citizen.clone(),
                session: session.sid.clone(),
            };
            return to_page(idp, write, interaction, stage, Page::Consent).await;
        }
        grant::code(idp, write, request, session).await?
    };
    let id = interaction.id.clone();
    write_stage(idp, write, interaction, Stage::Done).await?;
    Ok(Moved {
        next: Next::Client(Box::new(answer)),
        interaction: id,
        browser: None,
        session: None,
    })
}

pub(super) async fn to_page(
    idp: &Idp,
    write: &mut Write,
    interaction: Interaction,
    stage: Stage,
    page: Page,
) -> Result<Moved, Error> {
    let id = interaction.id.clone();
    write_stage(idp, write, interaction, stage).await?;
    Ok(Moved {
        next: Next::Page(page),
        interaction: id,
        browser: None,
        session: None,
    })
}

/// Writes a stage once: a tab that read an older version is refused.
pub(super) async fn write_stage(
    idp: &Idp,
    write: &mut Write,
    mut interaction: Interaction,
    stage: Stage,
) -> Result<(), Error> {
    interaction.stage = stage;
    if store::interactions::advance(write, &idp.seal, idp.chance.as_ref(), &mut interaction).await? {
        Ok(())
    } else {
        Err(Refusal::OutOfTurn.into())
    }
}

/// Anybody can begin a conversation and leave it there; no more than this many wait in the database (some fifty
/// megabytes). In a flood the oldest give way, and with them perhaps a citizen who has not typed anything yet; whoever
/// has shown a factor stays.
const MOST_IDLE: i64 = 50_000;
/// Looking for the oldest costs a walk over an index: not at each beginning.
const BOUNDED_EVERY: u32 = 1_000;
