//! The browser comes back with an answer: check that it is the answer to this browser's question.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use sdk_jose::hash::same;
use sdk_jose::id_token::{self, Expectation, IdTokenRefusal};
use sdk_jose::json::Object;
use sdk_jose::{Algorithm, IdTokenClaims, JwkSet, Refusal as TokenRefusal};
use serde::Deserialize;
use url::form_urlencoded;

use super::begin::{Challenge, Pending, Purpose, redirect, session_mark, state};
use super::citizen::Record;
use super::error::{Fault, LoginError, Refusal};
use super::outgoing::answer;
use super::presence::{Binding, Presence};
use super::provider::Known;
use super::secret::{BrowserSecret, Kind};
use super::step_up::StepUp;
use super::{Login, cookies};
use crate::look::Language;

/// The parameters of the answer (RFC 6749 §4.1.2, RFC 9207 §2).
#[derive(Debug, Default)]
pub(crate) struct Answer {
    state: Option<String>,
    iss: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

/// What the token endpoint gives (OpenID Connect Core §3.1.3.3).
#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    token_type: String,
    id_token: String,
}

/// What userinfo says.
enum Userinfo {
    /// The claims of the scopes.
    Claims(Object),
    /// RFC 9470: not to a login like this.
    StepUp(StepUp),
}

/// RFC 6749 §5.2.
#[derive(Deserialize)]
struct TokenError {
    error: String,
}

impl Answer {
    /// RFC 6749 §3.1: parameters must not be there twice.
    pub(crate) fn parse(query: &str) -> Result<Self, Refusal> {
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "state" => &mut answer.state,
                "iss" => &mut answer.iss,
                "code" => &mut answer.code,
                "error" => &mut answer.error,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(Refusal::Malformed("a parameter is there twice"));
            }
        }
        Ok(answer)
    }
}

impl Login {
    /// The whole way from the answer to the page that was asked for.
    pub(crate) async fn finish(
        &self,
        query: &str,
        headers: &HeaderMap,
        language: Language,
    ) -> Result<Response, LoginError> {
        let answer = Answer::parse(query)?;
        let secret = self.secret_behind(&answer, headers)?;
        let Some(pending) = self.take_pending(&secret).await? else {
            return self.already_answered(headers).await;
        };
        issuer_is_ours(&answer, &self.config().issuer)?;
        let code = code_or_error(&answer)?;

        let known = self.provider().known(self.config().clock.now()).await?;
        let challenge = Challenge::new(&secret, &pending.asked.purpose);
        let mut tokens = self.redeem(&known, code, &challenge).await?;
        // What is kept is what the idp signed: it proves something to others, and logs the person out.
        let signed = id_token::decrypted(&tokens.id_token, &self.config().decryption_keys);
        tokens.id_token = signed.map_err(Refusal::IdToken)?.into_owned();
        let claims = self
            .checked_claims(known.clone(), &tokens, &pending, &challenge)
            .await?;

        let mut response = redirect(pending.asked.return_to.as_str());
        let done = self.cookies().clear_pending(&challenge.state);
        match &pending.asked.purpose {
            Purpose::Login => match self.userinfo(&known, &tokens.access_token, &claims.sub).await? {
                Userinfo::Claims(userinfo) => {
                    self.log_in(claims, userinfo, tokens, headers, response.headers_mut())
                        .await?;
                }
                // Asked once: a provider that is never content would send people round and round.
                Userinfo::StepUp(wanted) if pending.asked.step_up.is_none() => {
                    let asked = pending.asked.stepping_up(wanted);
                    response = self.begin(asked, headers, language).await?;
                }
                Userinfo::StepUp(_) => {
                    return Err(
                        Fault::Provider("userinfo is not content with the login it asked for").into(),
                    );
                }
            },
            Purpose::Presence {
                binding,
                sub,
                session,
            } => {
                self.accept_presence(*binding, sub, session, &claims, tokens.id_token, headers)
                    .await?;
            }
        }
        cookies::set(response.headers_mut(), done);
        Ok(response)
    }

    /// OpenID Connect Core §15.5.2: the state must be this browser's.
    fn secret_behind(&self, answer: &Answer, headers: &HeaderMap) -> Result<BrowserSecret, Refusal> {
        let given = answer.state.as_deref().ok_or(Refusal::Malformed("no state"))?;
        let secret = self
            .cookies()
            .pending(headers, given)
            .ok_or(Refusal::NotUnderWay)?;
        if same(&state(&secret), given) {
            Ok(secret)
        } else {
            Err(Refusal::NotUnderWay)
        }
    }

    async fn take_pending(&self, secret: &BrowserSecret) -> Result<Option<Pending>, Fault> {
        let (store, now) = (&self.config().store, self.config().clock.now());
        let stored = store.take(&secret.hashed_id(Kind::Pending), now).await?;
        Ok(stored.and_then(|stored| secret.open(Kind::Pending, &stored.bytes)))
    }

    /// The back button or a reload leads here twice. Who is logged in goes on; nothing is redeemed again.
    async fn already_answered(&self, headers: &HeaderMap) -> Result<Response, LoginError> {
        match self.citizen(headers).await? {
            Some(_) => Ok(redirect("/")),
            None => Err(Refusal::NotUnderWay.into()),
        }
    }

    /// OpenID Connect Core §3.1.3.1, with the verifier of RFC 7636 §4.5.
    async fn redeem(&self, known: &Known, code: &str, challenge: &Challenge) -> Result<Tokens, LoginError> {
        let (config, redirect_uri) = (self.config(), self.redirect_uri());
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", &challenge.verifier),
        ];
        let request = self.provider().http().post(&known.token);
        let request = if known.post_secret {
            form.push(("client_id", &config.client_id));
            form.push(("client_secret", config.client_secret.expose()));
            request
        } else {
            // RFC 6749 §2.3.1: both are form-encoded before they become user and password.
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            request.basic_auth(
                encode(&config.client_id),
                Some(encode(config.client_secret.expose())),
            )
        };
        let answer = answer(request.form(&form)).await.map_err(Fault::from)?;
        if answer.status.is_client_error()
            && let Ok(TokenError { error }) = answer.json()
        {
            return Err(match error.as_str() {
                "invalid_grant" => Refusal::CodeRefused.into(),
                _ => Fault::Registration(error).into(),
            });
        }
        let tokens: Tokens = answer.ok().map_err(Fault::from)?.json().map_err(Fault::from)?;
        if !tokens.token_type.eq_ignore_ascii_case("Bearer") {
            return Err(Fault::Provider("the access token is not a bearer token").into());
        }
        Ok(tokens)
    }

    async fn checked_claims(
        &self,
        known: Arc<Known>,
        tokens: &Tokens,
        pending: &Pending,
        challenge: &Challenge,
    ) -> Result<IdTokenClaims, LoginError> {
        let (config, now) = (self.config(), self.config().clock.now());
        let acr_values = pending.asked.acr_values();
        let acr_values: Vec<&str> = acr_values.iter().map(String::as_str).collect();
        let expected = Expectation {
            issuer: &config.issuer,
            client_id: &config.client_id,
            algorithms: &Algorithm::ALL,
            nonce: &challenge.nonce,
            access_token: Some(&tokens.access_token),
            max_age: pending.asked.max_age(),
            acr_values: &acr_values,
        };
        let check = |keys: &JwkSet| id_token::verify(&tokens.id_token, keys, &expected, now);
        let mut checked = check(&known.keys);
        if checked == Err(IdTokenRefusal::Token(TokenRefusal::UnknownKey))
            && let Some(newer) = self.provider().newer_keys(&known, now).await?
        {
            checked = check(&newer.keys);
        }
        checked.map_err(|refusal| match refusal {
            IdTokenRefusal::Assurance => Refusal::AssuranceNotReached.into(),
            other => Refusal::IdToken(other).into(),
        })
    }

    async fn log_in(
        &self,
        claims: IdTokenClaims,
        userinfo: Object,
        tokens: Tokens,
        headers: &HeaderMap,
        cookies: &mut HeaderMap,
    ) -> Result<(), LoginError> {
        let record = Record::new(claims, userinfo, tokens.id_token, self.config().clock.now());
        tracing::info!(sub = %record.sub, acr = record.acr.as_deref().unwrap_or("-"), "logged in");
        self.open_session(record, self.cookies().session(headers), cookies)
            .await?;
        Ok(())
    }

    /// OpenID Connect Core §5.3: the claims of the scopes, about the same person.
    async fn userinfo(&self, known: &Known, access_token: &str, sub: &str) -> Result<Userinfo, Fault> {
        let Some(url) = known.userinfo.as_ref().filter(|_| self.config().scopes.len() > 1) else {
            return Ok(Userinfo::Claims(Object::new()));
        };
        let answer = answer(self.provider().http().get(url).bearer_auth(access_token)).await?;
        if answer.status == StatusCode::UNAUTHORIZED
            && let Some(wanted) = StepUp::from_headers(&answer.headers)
        {
            return Ok(Userinfo::StepUp(wanted));
        }
        let claims: Object = answer.ok()?.json()?;
        // §5.3.2: otherwise the answer must not be used.
        if claims.get("sub").and_then(|found| found.as_str()) != Some(sub) {
            return Err(Fault::Provider("userinfo speaks of another person"));
        }
        Ok(Userinfo::Claims(claims))
    }

    /// The proof must be of the person whose session asked, in that very session.
    async fn accept_presence(
        &self,
        binding: Binding,
        sub: &str,
        session: &str,
        claims: &IdTokenClaims,
        id_token: String,
        headers: &HeaderMap,
    ) -> Result<(), LoginError> {
        let citizen = self.citizen(headers).await?.ok_or(Refusal::SessionOver)?;
        if !same(&session_mark(&citizen.secret().hashed_id(Kind::Session)), session) || citizen.sub() != sub {
            return Err(Refusal::SessionOver.into());
        }
        if claims.sub != sub {
            return Err(Refusal::OtherPerson.into());
        }
        let auth_time = claims.auth_time.ok_or(Refusal::IdToken(IdTokenRefusal::TooOld))?;
        self.keep_presence(&citizen, &Presence::new(binding, auth_time, claims, id_token))
            .await?;
        Ok(())
    }
}

/// RFC 9207 §2.4: before anything else in the answer is used. We require what the RFC leaves optional.
fn issuer_is_ours(answer: &Answer, issuer: &str) -> Result<(), Refusal> {
    if answer.iss.as_deref() == Some(issuer) {
        Ok(())
    } else {
        Err(Refusal::OtherIssuer)
    }
}

/// RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6, OpenID Connect Core Unmet Authentication Requirements §2.
fn code_or_error(answer: &Answer) -> Result<&str, LoginError> {
    match (answer.code.as_deref(), answer.error.as_deref()) {
        (Some(code), None) if !code.is_empty() => Ok(code),
        (_, Some("access_denied")) => Err(Refusal::Denied.into()),
        (_, Some("unmet_authentication_requirements")) => Err(Refusal::AssuranceNotReached.into()),
        (_, Some("server_error")) => Err(Fault::Unavailable("server_error").into()),
        (_, Some("temporarily_unavailable")) => Err(Fault::Unavailable("temporarily_unavailable").into()),
        (_, Some(other)) => {
            Err(Fault::Registration(other.chars().filter(char::is_ascii_graphic).take(64).collect()).into())
        }
        (_, None) => Err(Refusal::Malformed("neither code nor error").into()),
    }
}
