//! `POST /api/verify`: a PDF → the report on it, in JSON or XML; with `?pages=compare`, what is seen, too. Nothing is
//! kept. `openapi.json` describes it, for whoever programs against it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Response};
use sdk_document::Report;
use serde::Serialize;

use super::asked::{Asked, Shape};
use super::peer::Peer;
use super::submitted::{Incoming, Submitted};
use crate::error::{Error, Fault, Refusal};
use crate::flow;
use crate::rules::question::Question;
use crate::rules::seen::Since;
use crate::service::Service;

pub(super) async fn verify(
    State(service): State<Arc<Service>>,
    Peer(address): Peer,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut incoming = match Incoming::of(&parts, body).await {
        Ok(incoming) => incoming,
        Err(refusal) => return Error::from(refusal).into_response(),
    };
    let answer = match Asked::of(&parts.uri, &parts.headers) {
        Ok(asked) => answered(&service, address, &parts.headers, &mut incoming, &asked).await,
        Err(refusal) => Err(refusal.into()),
    };
    answer.unwrap_or_else(|error| {
        let mut response = error.into_response();
        incoming.drain(&mut response);
        response
    })
}

/// A place is taken before the document is read, a turn when it is there: who sends slowly keeps nobody waiting.
async fn answered(
    service: &Service,
    address: Option<IpAddr>,
    headers: &HeaderMap,
    incoming: &mut Incoming,
    asked: &Asked,
) -> Result<Response, Error> {
    let place = service.shares.place(address)?;
    let submitted = incoming.read(service, headers).await?;
    let submitted = submitted.ok_or(Refusal::NothingChosen)?;
    let _turn = place.turn().await?;
    let told = judged(service, submitted, asked).await?;
    let common = [(CACHE_CONTROL, "no-store"), (VARY, "accept")];
    Ok(match asked.shape {
        Shape::Json => (common, Json(told)).into_response(),
        Shape::Xml => {
            let kind = [(CONTENT_TYPE, "application/xml; charset=utf-8")];
            (common, kind, told.report.to_xml()).into_response()
        }
    })
}

/// The report, with what is seen if that was asked.
#[derive(Debug, Serialize)]
struct Told {
    #[serde(flatten)]
    report: Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<Vec<Since>>,
}

async fn judged(service: &Service, submitted: Submitted, asked: &Asked) -> Result<Told, Error> {
    let again = submitted
        .file
        .try_clone()
        .map_err(Fault::when("reading an uploaded file"))?;
    let question = Question {
        at: asked.at,
        password: submitted.password,
    };
    let report = flow::verify::verify(service, submitted.file, question).await?;
    let seen = match asked.compare {
        true => {
            let seen = flow::compare::compare(service, &again, &report).await?;
            let plain = |since: Since| Since {
                seen: since.seen.without_pictures(),
                ..since
            };
            Some(seen.into_iter().map(plain).collect())
        }
        false => None,
    };
    Ok(Told { report, seen })
}

/// What the API takes and gives, for programs that write programs (OpenAPI 3.1).
pub(super) async fn description() -> Response {
    described(DESCRIPTION)
}

/// The JSON schema of the report.
pub(super) async fn schema() -> Response {
    described(Report::SCHEMA)
}

fn described(text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, text).into_response()
}

const DESCRIPTION: &str = include_str!("openapi.json");

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes of [`super::super::error`] that whoever asks the verifier can meet.
    const MET: [&str; 9] = [
        "bad_form",
        "bad_question",
        "busy",
        "internal",
        "not_a_pdf",
        "nothing_chosen",
        "storage_full",
        "too_large",
        "upload_broken",
    ];

    #[test]
    fn the_description_names_every_error_that_can_be_met() {
        let description: serde_json::Value = serde_json::from_str(DESCRIPTION).unwrap();
        let listed = &description["components"]["schemas"]["problem"]["properties"]["error"]["enum"];
        assert_eq!(listed, &serde_json::json!(MET));
        for code in MET {
            assert!(super::super::error::CODES.contains(&code), "{code}");
        }
    }
}
