//! From the code that the browser brought to a person whom the provider vouches for. No transaction is open meanwhile: a
//! slow provider holds nobody up.

use std::sync::Arc;

use sdk_jose::{
    Algorithm, IdTokenClaims, JwkSet, Refusal as TokenRefusal, UnixTime,
    id_token::{self, Expectation, IdTokenRefusal},
    json::{Object, parse},
};
use serde::Deserialize;

use super::{Unvouched, redirect_uri};
use crate::{
    fetch::{Fetched, Freshness, Upstream},
    rules::{
        secret::Secret,
        time::Timestamp,
        upstream::{AWAY, Answer, Endpoints, Question, Unproven, Vouched},
    },
    service::Idp,
};

/// What the token endpoint gives (OpenID Connect Core §3.1.3.3).
#[derive(Deserialize)]
struct Tokens {
    access_token: Secret<String>,
    token_type: String,
    id_token: Secret<String>,
}

/// RFC 6749 §5.2.
#[derive(Deserialize)]
struct TokenError {
    error: String,
}

/// The person, if everything that the specification asks for holds.
pub(super) async fn vouched(
    idp: &Idp,
    upstream: &Upstream,
    question: Question,
    answer: &Answer,
) -> Result<Vouched, Unvouched> {
    let (fetch, now) = (idp.fetch.as_ref(), idp.now());
    let endpoints = upstream.endpoints(fetch, now).await.ok_or(Unvouched::Away)?;
    let code = code(upstream, &endpoints, answer)?;
    let redirect_uri = redirect_uri(idp, upstream);
    let redeemed = upstream
        .redeem(fetch, &endpoints, (code, question.verifier(), &redirect_uri))
        .await;
    let tokens = tokens(upstream, &redeemed.map_err(|_| Unvouched::Away)?)?;
    let claims = claims(idp, upstream, &endpoints, (&question, &tokens)).await?;
    let userinfo = match &endpoints.userinfo {
        Some(address) if Vouched::lacks(&upstream.provider, &claims) => {
            let told = upstream.userinfo(fetch, address, &tokens.access_token).await;
            Some(read_userinfo(upstream, &told.map_err(|_| Unvouched::Away)?)?)
        }
        _ => None,
    };
    let schemes = &idp.people.schemes;
    Vouched::of(&upstream.provider, schemes, &claims, userinfo.as_ref()).map_err(Unvouched::Unproven)
}

fn code<'a>(upstream: &Upstream, endpoints: &Endpoints, answer: &'a Answer) -> Result<&'a str, Unvouched> {
    match answer.code(&upstream.provider.issuer, endpoints) {
        Err(Unproven::Refused) if answer.is_denied() => Err(Unvouched::Declined),
        Err(Unproven::Refused) if answer.is_trouble() => Err(Unvouched::Away),
        other => other.map_err(Unvouched::Unproven),
    }
}

/// A refused code is the answer's fault; everything else that is no token is ours or the provider's, and the operator
/// reads it in the log.
fn tokens(upstream: &Upstream, fetched: &Fetched) -> Result<Tokens, Unvouched> {
    if fetched.status != 200 {
        let told = parse::<TokenError>(&fetched.body).map(|told| told.error);
        let told = told.unwrap_or_default();
        if told == "invalid_grant" {
            return Err(Unvouched::Unproven(Unproven::CodeRefused));
        }
        let told: String = told.chars().filter(char::is_ascii_graphic).take(64).collect();
        let (upstream, status) = (&upstream.name, fetched.status);
        tracing::warn!(upstream, status, error = told, "its token endpoint refuses us");
        return Err(Unvouched::Away);
    }
    let tokens = parse::<Tokens>(&fetched.body).map_err(|_| Unvouched::Unproven(Unproven::Malformed))?;
    if tokens.token_type.eq_ignore_ascii_case("Bearer") {
        Ok(tokens)
    } else {
        Err(Unvouched::Unproven(Unproven::Malformed))
    }
}

/// OpenID Connect Core §3.1.3.7, with the keys as they are kept, and once more with the newest where one is missing.
async fn claims(
    idp: &Idp,
    upstream: &Upstream,
    endpoints: &Endpoints,
    (question, tokens): (&Question, &Tokens),
) -> Result<IdTokenClaims, Unvouched> {
    let (provider, now) = (&upstream.provider, idp.now());
    let acr_values: Vec<&str> = provider.acr_values.iter().map(String::as_str).collect();
    let expected = Expectation {
        issuer: &provider.issuer,
        client_id: &provider.client_id,
        // Signatures only: a MAC under our own secret would prove that somebody knows the secret.
        algorithms: &Algorithm::ALL,
        nonce: question.nonce(),
        access_token: Some(tokens.access_token.expose()),
        max_age: provider.fresh_login.then_some(sdk_jose::Seconds(AWAY.0)),
        acr_values: &acr_values,
    };
    let check = |keys: &JwkSet| id_token::verify(tokens.id_token.expose(), keys, &expected, UnixTime(now.0));
    let kept = keys(idp, endpoints, Freshness::Usual, now).await?;
    let mut checked = check(&kept);
    if checked == Err(IdTokenRefusal::Token(TokenRefusal::UnknownKey)) {
        let newest = keys(idp, endpoints, Freshness::KeyMissing, now).await?;
        checked = check(&newest);
    }
    checked.map_err(|refusal| Unvouched::Unproven(Unproven::IdToken(refusal)))
}

async fn keys(
    idp: &Idp,
    endpoints: &Endpoints,
    freshness: Freshness,
    now: Timestamp,
) -> Result<Arc<JwkSet>, Unvouched> {
    let (fetch, address) = (idp.fetch.as_ref(), endpoints.jwks.as_str());
    let keys = idp.key_sets.at(fetch, address, freshness, now).await;
    keys.ok_or(Unvouched::Away)
}

fn read_userinfo(upstream: &Upstream, fetched: &Fetched) -> Result<Object, Unvouched> {
    if fetched.status != 200 {
        let (upstream, status) = (&upstream.name, fetched.status);
        tracing::warn!(upstream, status, "its userinfo endpoint refuses us");
        return Err(Unvouched::Away);
    }
    parse(&fetched.body).map_err(|_| Unvouched::Unproven(Unproven::Malformed))
}
