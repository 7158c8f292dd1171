//! The `openidconnect` crate, another implementation, logs a citizen in from discovery alone.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, DeviceAuthorizationResponse,
    DeviceAuthorizationUrl, EmptyExtraDeviceAuthorizationFields, HttpRequest, HttpResponse, IntrospectionUrl,
    IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, RedirectUrl, Scope, TokenIntrospectionResponse,
    TokenResponse,
};
use tests::browser::{Browser, Page, Trouble};
use tests::stack::Stack;

/// The crate's HTTP, over reqwest without redirects.
fn http(request: HttpRequest) -> Result<HttpResponse, Refused> {
    let client = reqwest::blocking::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let (parts, body) = request.into_parts();
    let answer = client
        .request(parts.method, parts.uri.to_string())
        .headers(parts.headers)
        .body(body)
        .send()?;
    let mut response = openidconnect::http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    Ok(response.body(answer.bytes()?.to_vec()).unwrap())
}

/// A sized error for the crate's trait bounds.
#[derive(Debug)]
struct Refused(reqwest::Error);

impl From<reqwest::Error> for Refused {
    fn from(error: reqwest::Error) -> Self {
        Self(error)
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refused {}

/// Answers whatever the idp asks.
fn log_in(stack: &Stack, browser: &Browser, mut page: Page) -> Result<url::Url, Trouble> {
    let (id, password) = (
        stack.text("/citizens/2/national_id"),
        stack.text("/citizens/2/password"),
    );
    for _ in 0..6 {
        page = match page {
            Page::Gone(url) => return Ok(url),
            page if page.asks("password") => {
                browser.submit(&page, "password", &[("national_id", id), ("password", password)])?
            }
            page if page.asks("code") => browser.submit(&page, "code", &[("code", &stack.code(2)?)])?,
            page if page.asks("decision") => browser.submit(&page, "decision", &[("decision", "allow")])?,
            page => return Err(format!("not asked for anything known: {page:?}").into()),
        };
    }
    Err("asked six times".into())
}

/// An endpoint that the crate does not read from the metadata by itself.
fn endpoint(issuer: &str, name: &str) -> Result<String, Trouble> {
    let address = format!("{issuer}/.well-known/openid-configuration");
    let metadata: serde_json::Value = serde_json::from_str(&reqwest::blocking::get(address)?.text()?)?;
    let named = metadata.get(name).and_then(serde_json::Value::as_str);
    Ok(named.ok_or("not announced")?.to_owned())
}

/// Revokes as RFC 7009 has it. The crate refuses addresses that are not https, and a stack on one machine has none.
fn revoke(stack: &Stack, token: &str) -> Result<(), Trouble> {
    let (id, secret) = (
        stack.text("/clients/1/client_id"),
        stack.text("/clients/1/client_secret"),
    );
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("token", token)
        .finish();
    let answer = reqwest::blocking::Client::new()
        .post(endpoint(stack.text("/idp/issuer"), "revocation_endpoint")?)
        .basic_auth(id, Some(secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()?;
    assert!(answer.status().is_success(), "{}", answer.status());
    Ok(())
}

/// The citizen reads the device's code, compares it and allows.
fn allow_device(browser: &Browser, page: Page) -> Result<(), Trouble> {
    let page = browser.submit(&page, "user_code", &[])?;
    let done = browser.submit(&page, "decision", &[("decision", "allow")])?;
    match done {
        Page::Here { url, .. } if url.path() == "/device/done" => Ok(()),
        other => Err(format!("not at the end: {other:?}").into()),
    }
}

#[test]
fn the_openidconnect_crate_logs_a_citizen_in_refreshes_introspects_and_serves_a_device() -> Result<(), Trouble>
{
    let Some(stack) = Stack::running() else {
        return Ok(());
    };
    let browser = Browser::stopping_at("http://localhost:9000/")?;
    let issuer = IssuerUrl::new(stack.text("/idp/issuer").to_owned())?;
    let provider = CoreProviderMetadata::discover(&issuer, &http)?;
    let secret = ClientSecret::new(stack.text("/clients/1/client_secret").to_owned());
    let client = CoreClient::from_provider_metadata(
        provider,
        ClientId::new(stack.text("/clients/1/client_id").to_owned()),
        Some(secret),
    )
    .set_redirect_uri(RedirectUrl::new(
        stack.text("/clients/1/redirect_uris/0").to_owned(),
    )?)
    .set_introspection_url(IntrospectionUrl::new(endpoint(
        &issuer,
        "introspection_endpoint",
    )?)?)
    .set_device_authorization_url(DeviceAuthorizationUrl::new(endpoint(
        &issuer,
        "device_authorization_endpoint",
    )?)?);

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scopes(
            ["profile", "email", "national_id", "offline_access"].map(|scope| Scope::new(scope.into())),
        )
        .set_pkce_challenge(challenge)
        .url();
    let page = browser.open(&url)?;
    let back = log_in(&stack, &browser, page)?;
    let answer: std::collections::BTreeMap<_, _> = back.query_pairs().into_owned().collect();
    assert_eq!(answer.get("state"), Some(state.secret()));

    let code = AuthorizationCode::new(answer["code"].clone());
    let tokens = client
        .exchange_code(code)?
        .set_pkce_verifier(verifier)
        .request(&http)?;
    let id_token = tokens.id_token().ok_or("no id_token")?;
    let claims = id_token.claims(&client.id_token_verifier(), &nonce)?;
    assert_eq!(
        claims.auth_context_ref().map(|acr| acr.as_str()),
        Some("urn:aval:aal2")
    );

    let told: openidconnect::core::CoreUserInfoClaims = client
        .user_info(tokens.access_token().clone(), Some(claims.subject().clone()))?
        .request(&http)?;
    let email = told.email().map(|email| email.as_str());
    assert_eq!(email, Some(stack.text("/citizens/2/email")));

    let refresh = tokens.refresh_token().ok_or("no refresh_token")?;
    let fresh = client.exchange_refresh_token(refresh)?.request(&http)?;
    assert_ne!(fresh.access_token().secret(), tokens.access_token().secret());
    let successor = fresh.refresh_token().ok_or("refresh tokens rotate")?;
    let said = client.introspect(fresh.access_token()).request(&http)?;
    assert!(said.active());
    assert_eq!(
        said.client_id().map(|id| id.as_str()),
        Some(stack.text("/clients/1/client_id"))
    );
    revoke(&stack, successor.secret())?;
    assert!(!client.introspect(fresh.access_token()).request(&http)?.active());

    let device: DeviceAuthorizationResponse<EmptyExtraDeviceAuthorizationFields> = client
        .exchange_device_code()
        .add_scope(Scope::new("profile".into()))
        .request(&http)?;
    let complete = device
        .verification_uri_complete()
        .ok_or("no address with the code")?;
    let page = browser.open(&url::Url::parse(complete.secret())?)?;
    allow_device(&browser, page)?;
    let tokens = client
        .exchange_device_access_token(&device)?
        .request(&http, std::thread::sleep, None)?;
    let told: openidconnect::core::CoreUserInfoClaims = client
        .user_info(tokens.access_token().clone(), None)?
        .request(&http)?;
    assert_eq!(told.subject(), claims.subject());
    Ok(())
}
