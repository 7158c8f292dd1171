//! `/device_authorization` for devices, `/device` for citizens (RFC 8628).

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use askama::Template;
use axum::{
    Json,
    extract::{ConnectInfo, FromRequestParts, Query, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    arrival::Arrived,
    interaction::see_other,
    limits::address,
    pages::{
        Agency, Page,
        consent::{Datum, data},
        html,
    },
    parameters::Sent,
    security::{Fields, ours, session_token},
    token::body,
    visitor::SignedIn,
};
use crate::{
    error::Error,
    flow::{self, consent::Decision},
    rules::{
        client::Client,
        device::{self, DeviceRequest, Origin, UserCode},
        oauth::OauthError,
        refusal::Refusal,
        session::Session,
        visitor::device_name,
    },
    service::Idp,
};

#[derive(Template)]
#[template(path = "device.html")]
struct CodePage<'a> {
    page: &'a Page,
    csrf: String,
    typed: &'a str,
}

#[derive(Template)]
#[template(path = "device_decide.html")]
struct DecidePage<'a> {
    page: &'a Page,
    csrf: String,
    agency: Agency,
    user_code: String,
    device: Option<String>,
    network: Option<String>,
    asked: String,
    data: Vec<Datum>,
    resources: Vec<String>,
}

#[derive(Template)]
#[template(path = "device_done.html")]
struct DonePage<'a> {
    page: &'a Page,
    allowed: bool,
}

/// `?user_code=`: from `verification_uri_complete` (RFC 8628 §3.3.1).
#[derive(Deserialize)]
pub struct Given {
    #[serde(default)]
    user_code: String,
}

/// `?what=`: what the last form did.
#[derive(Deserialize)]
pub struct Noticed {
    #[serde(default)]
    what: String,
}

/// What the forms of these pages send.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    user_code: String,
    #[serde(default)]
    decision: String,
}

/// `POST /device_authorization` (RFC 8628 §3.1).
pub async fn authorize(
    State(idp): State<Arc<Idp>>,
    headers: HeaderMap,
    peer: Peer,
    arrived: Arrived,
    sent: Result<Sent, Error>,
) -> Result<Response, Error<OauthError>> {
    let request = body(sent)?;
    let presented = arrived.presented(&request)?;
    let waiting = flow::device::authorize(&idp, &presented, &request, origin(&idp, &headers, &peer)).await?;
    let (issuer, code) = (&idp.config.issuer, waiting.user_code.shown());
    let response = json!({
        "device_code": waiting.device_code.expose(),
        "user_code": code,
        "verification_uri": issuer.at("/device"),
        "verification_uri_complete": issuer.at(&format!("/device?user_code={code}")),
        "expires_in": waiting.expires_in,
        "interval": waiting.interval,
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(response)).into_response())
}

/// `GET /device`: the citizen types the code. One that came in the address is filled in, not taken: the citizen compares
/// it with what the device shows.
pub async fn show(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    Query(given): Query<Given>,
    page: Page,
) -> Response {
    let given = UserCode::parse(&given.user_code).map_or_else(String::new, |code| code.shown());
    ask(&idp, &session, &page, &given, StatusCode::OK)
}

/// `POST /device`: what waits under the code.
pub async fn find(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    (headers, peer): (HeaderMap, Peer),
    mut page: Page,
    Fields(sent): Fields<Typed>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &session), &sent.csrf)?;
    page.here = "/device".to_owned();
    let Some(code) = UserCode::parse(&sent.user_code) else {
        page.problem_at("user_code", page.t("device-code-shape"));
        return Ok(wrong(&idp, &session, &page, &sent.user_code));
    };
    match flow::device::waiting(&idp, &session, &code).await {
        Ok((request, client)) => {
            let here = network(&idp, &headers, &peer);
            decide_page(&idp, &session, &page, (&code, &request, &client, here)).await
        }
        Err(Error::Refused(Refusal::NotFound)) => {
            page.problem_at("user_code", page.t("device-code-unknown"));
            Ok(wrong(&idp, &session, &page, &sent.user_code))
        }
        Err(error) => Err(error),
    }
}

/// `POST /device/decide`.
pub async fn decide(
    State(idp): State<Arc<Idp>>,
    SignedIn { session, .. }: SignedIn,
    mut page: Page,
    Fields(sent): Fields<Typed>,
) -> Result<Response, Error> {
    ours(&session_token(&idp, &session), &sent.csrf)?;
    page.here = "/device".to_owned();
    let decision = match sent.decision.as_str() {
        "allow" => Decision::Allow,
        "deny" => Decision::Deny,
        _ => return Err(Refusal::RequestMalformed("decision").into()),
    };
    let code = UserCode::parse(&sent.user_code).ok_or(Refusal::RequestMalformed("user_code"))?;
    match flow::device::decide(&idp, &session, &code, decision).await {
        Ok(()) => Ok(see_other(match decision {
            Decision::Allow => "/device/done?what=allowed",
            Decision::Deny => "/device/done?what=denied",
        })),
        Err(Error::Refused(Refusal::NotFound)) => {
            page.problem_at("user_code", page.t("device-code-unknown"));
            Ok(wrong(&idp, &session, &page, ""))
        }
        Err(error) => Err(error),
    }
}

/// `GET /device/done`.
pub async fn done(Query(noticed): Query<Noticed>, page: Page) -> Response {
    let allowed = noticed.what == "allowed";
    html(StatusCode::OK, &DonePage { page: &page, allowed }, None)
}

fn wrong(idp: &Idp, session: &Session, page: &Page, typed: &str) -> Response {
    ask(idp, session, page, typed, StatusCode::UNPROCESSABLE_ENTITY)
}

fn ask(idp: &Idp, session: &Session, page: &Page, typed: &str, status: StatusCode) -> Response {
    let template = CodePage {
        page,
        csrf: session_token(idp, session),
        // What cannot be a code is not worth repeating in full.
        typed: typed.get(..MAX_REPEATED).unwrap_or(typed),
    };
    html(status, &template, None)
}

async fn decide_page(
    idp: &Idp,
    session: &Session,
    page: &Page,
    (code, request, client, here): (&UserCode, &DeviceRequest, &Client, Option<String>),
) -> Result<Response, Error> {
    let person = flow::account::person(idp, &session.citizen).await?;
    let device = Some(request.origin.device.clone()).filter(|device| !device.is_empty());
    let resources = idp.config.resources.named(&request.resources);
    let template = DecidePage {
        page,
        csrf: session_token(idp, session),
        agency: Agency {
            name: client.name.clone(),
            host: client.host(),
        },
        user_code: code.shown(),
        device,
        network: told_network(page, request.origin.network.as_deref(), here.as_deref()),
        asked: page.when(request.created_at, idp.now()),
        data: data(page, &request.scopes, &person),
        resources,
    };
    Ok(html(StatusCode::OK, &template, None))
}

/// What is known of the device.
fn origin(idp: &Idp, headers: &HeaderMap, peer: &Peer) -> Origin {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok());
    Origin {
        device: device_name(agent.unwrap_or_default()),
        network: network(idp, headers, peer),
    }
}

fn network(idp: &Idp, headers: &HeaderMap, Peer(peer): &Peer) -> Option<String> {
    peer.map(|peer| device::network(address(idp, peer, headers)))
}

/// The device's network, compared with the citizen's: one in the same room asks from the same.
fn told_network(page: &Page, theirs: Option<&str>, here: Option<&str>) -> Option<String> {
    let theirs = theirs?;
    Some(if Some(theirs) == here {
        page.t("device-network-same")
    } else {
        page.with("device-network-other", "network", theirs)
    })
}

/// Who is at the other end of the connection, where it is one.
pub struct Peer(Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(peer.map(|ConnectInfo(peer)| peer.ip())))
    }
}

/// Longer than any code with its separators.
const MAX_REPEATED: usize = 20;
