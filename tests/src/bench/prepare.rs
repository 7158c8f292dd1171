//! What the scenarios need: clients, citizens, and one logged-in browser for each connection.

use serde_json::{Value, json};
use url::Url;

use super::{
    load::CONNECTIONS,
    scenarios::{Client, Paths, Seat, Target},
    server::Server,
};
use crate::browser::{Browser, Page, Trouble};

/// Registers the clients and citizens, and logs each citizen in.
pub fn target(server: &Server) -> Result<Target, Trouble> {
    let web = register(server, &web())?.ok_or("the web client was refused")?;
    let machine = |algorithm: &str| register(server, &machine(algorithm));
    let (machine_es256, machine_rs256) = (machine("ES256")?, machine("RS256")?);
    let mut seats = Vec::new();
    for number in 0..CONNECTIONS {
        let citizen = citizen(server, number)?;
        seats.push(log_in(server, &web, &citizen)?);
    }
    Ok(Target {
        address: server.address,
        pid: server.pid(),
        paths: Paths {
            discovery: "/.well-known/openid-configuration",
            jwks: "/jwks",
            authorize: "/authorize",
            token: "/token",
            userinfo: "/userinfo",
            introspect: "/introspect",
        },
        web,
        machine_es256,
        machine_rs256,
        seats,
    })
}

/// `None` when the service does not know such clients.
pub fn register(server: &Server, registration: &Value) -> Result<Option<Client>, Trouble> {
    let told = match server.command(&["client", "create"], registration) {
        Ok(told) => told,
        Err(trouble) => {
            let why: String = trouble.to_string().chars().take(200).collect();
            eprintln!("bench: not registered: {why}");
            return Ok(None);
        }
    };
    let text = |name: &str| told.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    Ok(Some(Client {
        id: text("client_id").ok_or("no client_id")?,
        secret: text("client_secret").ok_or("no client_secret")?,
    }))
}

fn web() -> Value {
    json!({
        "client_name": "Impuestos",
        "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email national_id offline_access",
    })
}

/// A client without a citizen whose access tokens are JWTs (RFC 9068).
fn machine(algorithm: &str) -> Value {
    json!({
        "client_name": "Registro Civil",
        "redirect_uris": [],
        "response_types": [],
        "grant_types": ["client_credentials"],
        "access_token_format": "jwt",
        "id_token_signed_response_alg": algorithm,
        "resources": [RESOURCE],
    })
}

/// Enrols the citizen of this number, and tells what they log in with.
pub fn citizen(server: &Server, number: usize) -> Result<Value, Trouble> {
    let body = 10_000_000_usize.saturating_add(number);
    let described = json!({
        "national_id": format!("{body}-{}", check_digit(body)),
        "given_name": "Ana", "family_name": format!("Rojas Soto {}", "I".repeat(number.saturating_add(1))),
        "email": format!("ana{number}@example.org"),
    });
    server.command(&["citizen", "create"], &described)
}

/// The last character of a Chilean number: weights 2 to 7 from the right, modulo 11.
fn check_digit(body: usize) -> String {
    let (mut rest, mut weight, mut sum) = (body, 2_usize, 0_usize);
    while rest > 0 {
        sum = sum.saturating_add((rest % 10).saturating_mul(weight));
        rest /= 10;
        weight = if weight == 7 { 2 } else { weight.saturating_add(1) };
    }
    match 11_usize.saturating_sub(sum % 11) {
        11 => "0".to_owned(),
        10 => "K".to_owned(),
        digit => digit.to_string(),
    }
}

/// Two factors and a consent, as a person would.
fn log_in(server: &Server, web: &Client, citizen: &Value) -> Result<Seat, Trouble> {
    let browser = Browser::stopping_at(REDIRECT)?;
    let issuer = Url::parse(&server.issuer())?;
    let mut page = browser.open(&issuer.join(&super::scenarios::question("/authorize", web))?)?;
    for _ in 0..6 {
        page = match page {
            Page::Gone(_) => {
                let cookie = browser.cookies(&issuer).ok_or("no cookies")?;
                return Ok(Seat { cookie });
            }
            page if is_known(&page) => answered(&browser, &page, citizen)?,
            page => return Err(format!("not asked for anything known: {page:?}").into()),
        };
    }
    Err("asked six times".into())
}

/// It asks for a password, a one-time code or a decision.
pub fn is_known(page: &Page) -> bool {
    ["password", "code", "decision"]
        .iter()
        .any(|name| page.asks(name))
}

/// The page after this one, when `citizen` answers it.
pub fn answered(browser: &Browser, page: &Page, citizen: &Value) -> Result<Page, Trouble> {
    let text = |name: &str| citizen.get(name).and_then(Value::as_str).unwrap_or_default();
    if page.asks("password") {
        let typed = [
            ("national_id", text("national_id")),
            ("password", text("password")),
        ];
        return browser.submit(page, "password", &typed);
    }
    if page.asks("code") {
        let code = keys_dev::totp::code(text("totp_secret"), now())?.digits;
        return browser.submit(page, "code", &[("code", &code)]);
    }
    browser.submit(page, "decision", &[("decision", "allow")])
}

#[expect(clippy::disallowed_methods, reason = "one-time codes are of now")]
fn now() -> time::OffsetDateTime {
    time::OffsetDateTime::now_utc()
}

/// Nobody listens there: the driver reads the address and does not go.
pub const REDIRECT: &str = "http://localhost:1/callback";
/// The API that the machines' tokens are for.
pub const RESOURCE: &str = "https://api.registro.example";

#[cfg(test)]
mod tests {
    use super::check_digit;

    #[test]
    fn known_numbers_have_their_digit() {
        assert_eq!(check_digit(11_111_111), "1");
        assert_eq!(check_digit(12_345_678), "5");
        assert_eq!(check_digit(10_000_013), "K");
    }
}
