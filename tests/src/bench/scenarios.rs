//! What is asked of a provider, one function a scenario: each gives what every connection repeats.

use std::net::SocketAddr;

use serde_json::Value;
use url::Url;

use super::{
    load::Act,
    prepare::{REDIRECT, RESOURCE},
    wire::{Wire, get, post},
};
use crate::browser::Trouble;

/// A provider with everything prepared.
pub struct Target {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its process.
    pub pid: u32,
    /// Its endpoints.
    pub paths: Paths,
    /// The client of the code flow.
    pub web: Client,
    /// A client of client credentials with tokens signed by ES256; `None` where there is no such thing.
    pub machine_es256: Option<Client>,
    /// The same with RS256.
    pub machine_rs256: Option<Client>,
    /// One logged-in browser for each connection.
    pub seats: Vec<Seat>,
}

/// Paths of the endpoints.
pub struct Paths {
    /// Metadata.
    pub discovery: &'static str,
    /// Keys.
    pub jwks: &'static str,
    /// Authorization.
    pub authorize: &'static str,
    /// Token.
    pub token: &'static str,
    /// Userinfo.
    pub userinfo: &'static str,
    /// Introspection.
    pub introspect: &'static str,
}

/// A client with a secret.
#[derive(Clone)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

/// A browser in which a citizen is logged in and has consented.
#[derive(Clone)]
pub struct Seat {
    /// Its cookies.
    pub cookie: String,
}

/// One act for each connection; `None` where the provider does not offer it.
type Acts = Result<Option<Vec<Box<dyn Act>>>, Trouble>;

/// A scenario: what it is called, what it costs at least, and what it should reach.
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// Per second of processor time.
    pub wanted: Wanted,
    /// Requests, ES256 signatures and RS256 signatures that one act cannot do without.
    pub costs: (f64, f64, f64),
    /// What each connection does.
    pub(super) acts: fn(&Target) -> Acts,
}

/// What a scenario should reach.
#[derive(Debug, Clone, Copy)]
pub enum Wanted {
    /// So many acts.
    AtLeast(f64),
    /// So much of what the bare signatures allow.
    OfSignatures(f64),
}

/// Every scenario, the cheapest first.
pub const ALL: [Scenario; 8] = [
    Scenario {
        name: "discovery",
        wanted: Wanted::AtLeast(50_000.0),
        costs: (1.0, 0.0, 0.0),
        acts: |target| same(target, &get(target.paths.discovery, &[])),
    },
    Scenario {
        name: "jwks",
        wanted: Wanted::AtLeast(50_000.0),
        costs: (1.0, 0.0, 0.0),
        acts: |target| same(target, &get(target.paths.jwks, &[])),
    },
    Scenario {
        name: "client_credentials ES256",
        wanted: Wanted::AtLeast(12_000.0),
        costs: (1.0, 1.0, 0.0),
        acts: |target| client_credentials(target, target.machine_es256.as_ref()),
    },
    Scenario {
        name: "client_credentials RS256",
        wanted: Wanted::OfSignatures(0.85),
        costs: (1.0, 0.0, 1.0),
        acts: |target| client_credentials(target, target.machine_rs256.as_ref()),
    },
    Scenario {
        name: "introspection",
        wanted: Wanted::AtLeast(20_000.0),
        costs: (1.0, 0.0, 0.0),
        acts: introspection,
    },
    Scenario {
        name: "userinfo",
        wanted: Wanted::AtLeast(15_000.0),
        costs: (1.0, 0.0, 0.0),
        acts: userinfo,
    },
    Scenario {
        name: "refresh with rotation",
        wanted: Wanted::AtLeast(4_000.0),
        costs: (1.0, 1.0, 0.0),
        acts: refresh,
    },
    Scenario {
        name: "full code flow",
        wanted: Wanted::AtLeast(2_000.0),
        costs: (3.0, 1.0, 0.0),
        acts: code_flow,
    },
];

fn same(target: &Target, request: &[u8]) -> Acts {
    let acts = target.seats.iter().map(|_| {
        let request = request.to_vec();
        boxed(move |wire: &mut Wire| wire.ask(&request)?.expect(200).map(|_| ()))
    });
    Ok(Some(acts.collect()))
}

fn client_credentials(target: &Target, client: Option<&Client>) -> Acts {
    let Some(client) = client else { return Ok(None) };
    let form = [("grant_type", "client_credentials"), ("resource", RESOURCE)];
    same(
        target,
        &post(target.paths.token, &[("authorization", &client.basic())], &form),
    )
}

fn introspection(target: &Target) -> Acts {
    let mut acts = Vec::new();
    for seat in &target.seats {
        let mut wire = Wire::to(target.address)?;
        let token = text(&flow(target, seat, &mut wire)?, "access_token")?;
        let request = post(
            target.paths.introspect,
            &[("authorization", &target.web.basic())],
            &[("token", &token)],
        );
        if wire.ask(&request)?.status == 404 {
            return Ok(None);
        }
        acts.push(boxed(move |wire: &mut Wire| {
            let answer = wire.ask(&request)?.expect(200)?;
            // Without reading it as JSON: the driver should cost less than the service
            let active = answer.body.windows(ACTIVE.len()).any(|piece| piece == ACTIVE);
            if active { Ok(()) } else { Err("not active".into()) }
        }));
    }
    Ok(Some(acts))
}

fn userinfo(target: &Target) -> Acts {
    let mut acts = Vec::new();
    for seat in &target.seats {
        let mut wire = Wire::to(target.address)?;
        let token = text(&flow(target, seat, &mut wire)?, "access_token")?;
        let request = asking(target.paths.userinfo, &token);
        acts.push(boxed(move |wire: &mut Wire| {
            wire.ask(&request)?.expect(200).map(|_| ())
        }));
    }
    Ok(Some(acts))
}

fn refresh(target: &Target) -> Acts {
    let mut acts = Vec::new();
    for seat in &target.seats {
        let mut wire = Wire::to(target.address)?;
        let mut token = text(&flow(target, seat, &mut wire)?, "refresh_token")?;
        let (basic, path) = (target.web.basic(), target.paths.token);
        acts.push(boxed(move |wire: &mut Wire| {
            let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
            let answer = wire
                .ask(&post(path, &[("authorization", &basic)], &form))?
                .expect(200)?;
            token = text(&answer.json()?, "refresh_token")?;
            Ok(())
        }));
    }
    Ok(Some(acts))
}

/// Authorization in the session, redemption, userinfo.
fn code_flow(target: &Target) -> Acts {
    let acts = target.seats.iter().map(|seat| {
        let (seat, userinfo) = (seat.clone(), target.paths.userinfo);
        let (paths, web) = ((target.paths.authorize, target.paths.token), target.web.clone());
        boxed(move |wire: &mut Wire| {
            let tokens = redeemed(paths, &web, &seat, wire)?;
            let request = asking(userinfo, &text(&tokens, "access_token")?);
            wire.ask(&request)?.expect(200).map(|_| ())
        })
    });
    Ok(Some(acts.collect()))
}

fn flow(target: &Target, seat: &Seat, wire: &mut Wire) -> Result<Value, Trouble> {
    redeemed(
        (target.paths.authorize, target.paths.token),
        &target.web,
        seat,
        wire,
    )
}

/// The token response of one code flow.
fn redeemed(
    (authorize, token): (&str, &str),
    web: &Client,
    seat: &Seat,
    wire: &mut Wire,
) -> Result<Value, Trouble> {
    let answer = wire.ask(&get(&question(authorize, web), &[("cookie", &seat.cookie)]))?;
    let location = answer.field("location").unwrap_or_default();
    let address = Url::parse(location).map_err(|_| format!("no answer to the client: {}", answer.head))?;
    let code = address.query_pairs().find(|(name, _)| name == "code");
    let (_, code) = code.ok_or_else(|| format!("no code: {location}"))?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let request = post(token, &[("authorization", &web.basic())], &form);
    wire.ask(&request)?.expect(200)?.json()
}

/// The authorization request, path and query.
pub fn question(authorize: &str, web: &Client) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", &web.id),
            ("redirect_uri", REDIRECT),
            ("scope", "openid profile email national_id offline_access"),
            ("state", "a-state-of-a-client"),
            ("nonce", "a-nonce-of-a-client"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    format!("{authorize}?{query}")
}

fn asking(userinfo: &str, token: &str) -> Vec<u8> {
    get(userinfo, &[("authorization", &format!("Bearer {token}"))])
}

fn boxed(act: impl FnMut(&mut Wire) -> Result<(), Trouble> + Send + 'static) -> Box<dyn Act> {
    Box::new(act)
}

fn text(value: &Value, name: &str) -> Result<String, Trouble> {
    let found = value.get(name).and_then(Value::as_str);
    Ok(found.ok_or_else(|| format!("no {name} in {value}"))?.to_owned())
}

impl Client {
    /// Its `Authorization` header (RFC 6749 §2.3.1; ids and secrets here need no encoding).
    pub fn basic(&self) -> String {
        let pair = format!("{}:{}", self.id, self.secret);
        format!("Basic {}", data_encoding::BASE64.encode(pair.as_bytes()))
    }
}

const ACTIVE: &[u8] = b"\"active\":true";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
