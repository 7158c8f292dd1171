//! The desk: documents that wait, refusals with their reasons, batches that run.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::page::{DeskPage, Frame, page};
use super::who::Signatory;
use super::{assets, certificate, form};
use crate::error::Error;
use crate::flow::in_force;
use crate::rules::document::DocumentState;
use crate::rules::official::Standing;
use crate::rules::stamp::Place;
use crate::service::Service;

pub(super) async fn desk(State(service): State<Arc<Service>>, who: Signatory) -> Result<Response, Error> {
    show(&service, &who, None).await
}

/// The desk, with what was wrong with the choice that was just sent.
pub(super) async fn show(
    service: &Service,
    who: &Signatory,
    wrong: Option<String>,
) -> Result<Response, Error> {
    let documents = service.store.desk(who.official.id).await?;
    let batches = service.store.batches(who.official.id, RECENT).await?;
    let (mut ready, mut refused) = (Vec::new(), Vec::new());
    for document in &documents {
        match document.state {
            DocumentState::Ready(_) => ready.push(document),
            DocumentState::Refused(unfit) => refused.push((document, unfit.code())),
            DocumentState::Approved(_) | DocumentState::Signed(_) => {}
        }
    }
    let certificate_problem = match &who.official.standing {
        Standing::Registered => Some(who.words.say("error-not_certified-what")),
        Standing::Certified(chain) => {
            let asked = in_force::ask(service, chain.clone()).await?;
            let told = asked
                .err()
                .map(|refusal| certificate::told(who.words, &service.config.time_zone, &refusal));
            told.map(|told| format!("{} {}", told.what, told.then))
        }
    };
    let title = who.words.say("desk-title");
    let title = if wrong.is_some() {
        who.words.with("title-error", "title", &title)
    } else {
        title
    };
    let (running, done): (Vec<_>, Vec<_>) = batches.into_iter().partition(|batch| batch.running());
    let shown = DeskPage {
        frame: Frame::of(service, who, &title, "/desk"),
        position: &who.official.profile.position,
        institution: &who.official.profile.institution,
        token: form::token(service, who),
        script: assets::DESK.path(),
        limit: service.config.limits.document_bytes,
        limit_words: who.words.bytes(service.config.limits.document_bytes),
        ready,
        refused,
        running,
        recent: done.into_iter().next(),
        places: Place::all(),
        certificate_problem,
        wrong,
    };
    Ok(page(who.language.tag(), &shown))
}

/// As many as a person looks through for one that is still running.
const RECENT: u32 = 20;
