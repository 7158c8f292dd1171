//! The `openidconnect` crate, another implementation, logs a citizen in from discovery alone.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse,
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

#[test]
fn the_openidconnect_crate_logs_a_citizen_in() -> Result<(), Trouble> {
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
    )?);

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scopes(["profile", "email", "national_id"].map(|scope| Scope::new(scope.into())))
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
    Ok(())
}
