//! From choice to approval: the list of exactly these documents, proof of presence at the identity provider, and
//! back.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use sdk::login::{Assurance, Binding};
use serde::Deserialize;

use super::form::{self, Fields, TOKEN, genuine};
use super::page::{ApprovePage, Frame, page};
use super::who::Signatory;
use super::words::Words;
use super::{desk, document};
use crate::error::{Error, Refusal};
use crate::flow::{authorise, propose};
use crate::rules::BatchId;
use crate::rules::policy::Presence;
use crate::rules::stamp::{Stamp, StampPage};
use crate::service::Service;

/// The choice on the desk.
pub(super) async fn propose(
    State(service): State<Arc<Service>>,
    who: Signatory,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Error> {
    let fields = Fields::parse(&body);
    genuine(&service, &who, &headers, fields.one(TOKEN))?;
    let chosen = fields
        .all("documents")
        .map(document::parse)
        .collect::<Result<Vec<_>, _>>()?;
    let proposed = match stamp(&fields) {
        Ok(stamp) => propose::propose(&service, &who.official, &chosen, stamp).await,
        Err(refusal) => Err(refusal.into()),
    };
    match proposed {
        Ok(batch) => Ok(Redirect::to(&format!("/approvals/{batch}")).into_response()),
        // What can be put right on the desk is said there.
        Err(Error::Refused(refusal @ (Refusal::NothingChosen | Refusal::BadForm | Refusal::NotReady))) => {
            let key = match refusal {
                Refusal::NothingChosen => "desk-wrong-nothing",
                Refusal::NotReady => "desk-wrong-not-ready",
                _ => "desk-wrong-page",
            };
            desk::show(&service, &who, Some(who.words.say(key))).await
        }
        Err(error) => Err(error),
    }
}

fn stamp(fields: &Fields) -> Result<Stamp, Refusal> {
    match fields.one("stamp") {
        "" | "none" => Ok(Stamp::None),
        "visible" => {
            let page = match fields.one("page") {
                "" | "last" => StampPage::Last,
                "first" => StampPage::First,
                "number" => fields
                    .one("page_number")
                    .trim()
                    .parse()
                    .map_err(|_| Refusal::BadForm)?,
                number => number.parse().map_err(|_| Refusal::BadForm)?,
            };
            let place = match fields.one("place") {
                "" => "bottom-right",
                place => place,
            };
            Ok(Stamp::Visible {
                page,
                place: place.parse().map_err(|_| Refusal::BadForm)?,
            })
        }
        _ => Err(Refusal::BadForm),
    }
}

#[derive(Deserialize)]
pub(super) struct Back {
    presence: Option<String>,
}

/// Exactly these documents, with their digests.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(batch): Path<String>,
    Query(back): Query<Back>,
    who: Signatory,
) -> Result<Response, Error> {
    let id = parse(&batch)?;
    if already_authorised(&service, &who, id).await? {
        return Ok(Redirect::to(&format!("/batches/{id}")).into_response());
    }
    let (proposal, documents) = propose::proposal(&service, &who.official, id).await?;
    let count = u32::try_from(documents.len()).unwrap_or(u32::MAX);
    let title = who.words.count("approve-title", &count);
    let shown = ApprovePage {
        frame: Frame::of(&service, &who, &title, &format!("/approvals/{batch}")),
        position: &who.official.profile.position,
        institution: &who.official.profile.institution,
        token: form::token(&service, &who),
        batch: id,
        documents: &documents,
        count,
        stamp: stamp_in_words(who.words, proposal.stamp),
        not_proven: back.presence.is_some(),
    };
    Ok(page(who.language.tag(), &shown))
}

pub(super) fn stamp_in_words(words: &Words, stamp: Stamp) -> String {
    match stamp {
        Stamp::None => words.say("stamp-none"),
        Stamp::Visible { page, place } => {
            let page = match page {
                StampPage::First => words.say("stamp-page-first"),
                StampPage::Last => words.say("stamp-page-last"),
                StampPage::Number(n) => words.with("stamp-page-number", "number", &n.to_string()),
            };
            format!("{page}, {}", words.say(&format!("place-{place}")).to_lowercase())
        }
    }
}

/// To the identity provider, to prove presence for exactly this proposal.
pub(super) async fn confirm(
    State(service): State<Arc<Service>>,
    Path(batch): Path<String>,
    who: Signatory,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Error> {
    genuine(&service, &who, &headers, Fields::parse(&body).one(TOKEN))?;
    let batch = parse(&batch)?;
    let (proposal, _) = propose::proposal(&service, &who.official, batch).await?;
    let binding = Binding(proposal.binding().0);
    let back = format!("/approvals/{batch}/authorise");
    Ok(who
        .login
        .reauthenticate(&who.citizen, binding, &back, who.language)
        .await)
}

/// Back from the identity provider. What arrives is spent at once, so asking for this address again changes nothing.
pub(super) async fn authorise(
    State(service): State<Arc<Service>>,
    Path(batch): Path<String>,
    who: Signatory,
) -> Result<Response, Error> {
    let batch = parse(&batch)?;
    let progress = Redirect::to(&format!("/batches/{batch}")).into_response();
    if already_authorised(&service, &who, batch).await? {
        return Ok(progress);
    }
    let (proposal, _) = propose::proposal(&service, &who.official, batch).await?;
    let binding = proposal.binding();
    let proven = match who.login.take_presence(&who.citizen, &Binding(binding.0)).await {
        Ok(Some(proven)) => proven,
        Ok(None) => return Ok(Redirect::to(&format!("/approvals/{batch}?presence=none")).into_response()),
        Err(error) => {
            return Ok(who
                .login
                .explain(error, &format!("/approvals/{batch}"), who.language));
        }
    };
    let presence = Presence {
        binding,
        auth_time: crate::rules::Moment(proven.auth_time().0),
        assurance: level(proven.assurance()),
        national_id: who.official.profile.national_id.clone(),
    };
    match authorise::authorise(&service, &who.official, batch, &presence).await {
        Ok(()) => Ok(progress),
        // A second tab was faster.
        Err(Error::Refused(Refusal::ProposalSpent)) if already_authorised(&service, &who, batch).await? => {
            Ok(progress)
        }
        Err(error) => Err(error),
    }
}

async fn already_authorised(service: &Service, who: &Signatory, batch: BatchId) -> Result<bool, Error> {
    Ok(service.store.batch(who.official.id, batch).await?.is_some())
}

fn level(assurance: Assurance) -> u8 {
    match assurance {
        Assurance::Unknown => 0,
        Assurance::Aal1 => 1,
        Assurance::Aal2 => 2,
        Assurance::Aal3 => 3,
    }
}

pub(super) fn parse(id: &str) -> Result<BatchId, Refusal> {
    id.parse().map_err(|_| Refusal::NotFound)
}
