//! `/account/data`: everything that is kept about me, as a file. The history may be long: it is sent as it is read.

use std::sync::Arc;

use askama::Template;
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures_util::{Stream, StreamExt as _, stream};
use serde::Deserialize;

use crate::{
    error::{Error, Fault},
    flow::{self, export::LATEST},
    http::{
        pages::{Page, html},
        presence::prove_presence,
        security::{Fields, ours, session_token},
        visitor::SignedIn,
    },
    rules::ids::CitizenId,
    service::Idp,
};

#[derive(Template)]
#[template(path = "account_data.html")]
struct DataPage<'a> {
    page: &'a Page,
    csrf: String,
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    csrf: String,
}

/// `GET /account/data`.
pub async fn ask(State(idp): State<Arc<Idp>>, signed_in: SignedIn, page: Page) -> Result<Response, Error> {
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, DATA).await? {
        return Ok(elsewhere);
    }
    let csrf = session_token(&idp, &signed_in.session);
    Ok(html(StatusCode::OK, &DataPage { page: &page, csrf }, None))
}

/// `POST /account/data`.
pub async fn send(
    State(idp): State<Arc<Idp>>,
    signed_in: SignedIn,
    page: Page,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &signed_in.session), &sent.csrf)?;
    if let Some(elsewhere) = prove_presence(&idp, &page, &signed_in, DATA).await? {
        return Ok(elsewhere);
    }
    let head = flow::export::head(&idp, &signed_in.session).await?;
    let head = serde_json::to_string(&head).map_err(|source| Fault::of("writing an export", source))?;
    // One object: its first members are there, the last one follows.
    let begun = format!("{},\n\"history\":[", head.trim_end_matches('}'));
    let begun = stream::once(async { Ok::<_, Fault>(Bytes::from(begun)) });
    let ended = stream::once(async { Ok(Bytes::from_static(b"]}\n")) });
    let body = begun.chain(history(idp, signed_in.session.citizen)).chain(ended);
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"aval.json\""),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// The records, separated by commas. A fault in the middle breaks the answer off: half a file is not taken for a whole.
fn history(idp: Arc<Idp>, citizen: CitizenId) -> impl Stream<Item = Result<Bytes, Fault>> {
    stream::try_unfold(LATEST, move |before| {
        let (idp, citizen) = (Arc::clone(&idp), citizen.clone());
        async move {
            let Some((records, next)) = flow::export::history(&idp, &citizen, before).await? else {
                return Ok(None);
            };
            let records: Vec<String> = records.iter().map(|record| format!("\n{record}")).collect();
            let comma = if before == LATEST { "" } else { "," };
            Ok(Some((Bytes::from(format!("{comma}{}", records.join(","))), next)))
        }
    })
}

const DATA: &str = "/account/data";
