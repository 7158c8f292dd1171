//! A login begins: the browser goes to the idp with a question that only it can bring an answer to.

use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use sdk_jose::hash::code_challenge_s256;
use sdk_jose::{Seconds, UnixTime};
use serde::{Deserialize, Serialize};

use super::assurance::Assurance;
use super::citizen::Citizen;
use super::error::{Fault, LoginError};
use super::presence::Binding;
use super::return_path::ReturnPath;
use super::secret::{BrowserSecret, Kind};
use super::step_up::StepUp;
use super::store::{HashedId, Stored};
use super::{Login, cookies};
use crate::look::Language;

/// What the person is sent to the idp for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) purpose: Purpose,
    pub(crate) return_to: ReturnPath,
    pub(crate) at_least: Assurance,
    /// What a resource asks besides (RFC 9470).
    #[serde(default)]
    pub(crate) step_up: Option<StepUp>,
}

/// To log in, or to prove presence within a session.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Purpose {
    Login,
    Presence {
        binding: Binding,
        sub: String,
        session: String,
    },
}

/// A login under way, as the store keeps it, sealed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) asked: Asked,
    pub(crate) began: UnixTime,
}

/// What the question is made of. All of it follows from the browser's secret, so no store has to keep it.
pub(crate) struct Challenge {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

impl Asked {
    pub(crate) fn login(return_to: ReturnPath, at_least: Assurance) -> Self {
        Self {
            purpose: Purpose::Login,
            return_to,
            at_least,
            step_up: None,
        }
    }

    /// The same, as well as a resource asks.
    pub(crate) fn stepping_up(self, wanted: StepUp) -> Self {
        Self {
            step_up: Some(wanted),
            ..self
        }
    }

    pub(crate) fn presence(
        return_to: ReturnPath,
        at_least: Assurance,
        binding: Binding,
        citizen: &Citizen,
    ) -> Self {
        let session = session_mark(&citizen.secret().hashed_id(Kind::Session));
        Self {
            purpose: Purpose::Presence {
                binding,
                sub: citizen.sub().to_owned(),
                session,
            },
            return_to,
            at_least,
            step_up: None,
        }
    }

    /// The levels to ask for, any of which the answer must have; none when every level will do.
    pub(crate) fn acr_values(&self) -> Vec<String> {
        let own = || {
            let names = self.at_least.acr_values().into_iter();
            names.map(str::to_owned).collect()
        };
        let wanted = self.step_up.as_ref();
        let wanted = wanted.map(|wanted| wanted.acr_values(self.at_least));
        wanted.filter(|names| !names.is_empty()).unwrap_or_else(own)
    }

    /// OpenID Connect Core §3.1.2.1: `max_age=0` asks for the proof now, whatever session the idp has.
    pub(crate) fn max_age(&self) -> Option<Seconds> {
        match self.purpose {
            Purpose::Login => self.step_up.as_ref().and_then(StepUp::max_age),
            Purpose::Presence { .. } => Some(Seconds(0)),
        }
    }
}

impl Challenge {
    pub(crate) fn new(secret: &BrowserSecret, purpose: &Purpose) -> Self {
        let nonce = secret.derive("nonce");
        let nonce = match purpose {
            Purpose::Login => BASE64URL_NOPAD.encode(&nonce),
            Purpose::Presence { binding, .. } => {
                let (random, _) = nonce.split_at(16);
                BASE64URL_NOPAD.encode(&[random, &binding.0].concat())
            }
        };
        let verifier = BASE64URL_NOPAD.encode(&secret.derive("code verifier"));
        Self {
            state: state(secret),
            nonce,
            verifier,
        }
    }
}

/// The state that belongs to a browser's secret.
pub(crate) fn state(secret: &BrowserSecret) -> String {
    BASE64URL_NOPAD.encode(&secret.derive("state"))
}

/// How a login under way remembers which session asked.
pub(crate) fn session_mark(session: &HashedId) -> String {
    session.to_hex()
}

impl Login {
    /// Remembers the question and sends the browser off with it.
    pub(crate) async fn begin(
        &self,
        mut asked: Asked,
        headers: &HeaderMap,
        language: Language,
    ) -> Result<Response, LoginError> {
        let (config, now) = (self.config(), self.config().clock.now());
        asked.at_least = asked.at_least.max(config.at_least);
        let known = self.provider().known(now).await?;
        let secret = BrowserSecret::fresh(self.chance())?;
        let challenge = Challenge::new(&secret, &asked.purpose);
        let mut there = known.authorization.clone();
        self.write_question(&mut there, &asked, &challenge, language);

        let pending = Pending { asked, began: now };
        let stored = Stored {
            bytes: secret.seal(Kind::Pending, &pending, self.chance())?,
            expires: now.plus(PENDING_LIFETIME),
        };
        config
            .store
            .put(&secret.hashed_id(Kind::Pending), stored, now)
            .await
            .map_err(Fault::from)?;

        let mut response = redirect(there.as_str());
        cookies::set(response.headers_mut(), self.cookies().clear_abandoned(headers));
        cookies::set(
            response.headers_mut(),
            self.cookies()
                .set_pending(&challenge.state, &secret, PENDING_LIFETIME),
        );
        Ok(response)
    }

    /// OpenID Connect Core §3.1.2.1, RFC 7636 §4.3.
    fn write_question(&self, there: &mut url::Url, asked: &Asked, challenge: &Challenge, language: Language) {
        let config = self.config();
        let mut query = there.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &config.client_id)
            .append_pair("redirect_uri", &self.redirect_uri())
            .append_pair("scope", &config.scopes.join(" "))
            .append_pair("state", &challenge.state)
            .append_pair("nonce", &challenge.nonce)
            .append_pair("code_challenge", &code_challenge_s256(&challenge.verifier))
            .append_pair("code_challenge_method", "S256")
            .append_pair("ui_locales", language.tag());
        let acr_values = asked.acr_values();
        if !acr_values.is_empty() {
            query.append_pair("acr_values", &acr_values.join(" "));
        }
        if let Some(Seconds(max_age)) = asked.max_age() {
            query.append_pair("max_age", &max_age.to_string());
        }
    }
}

/// RFC 9700 §4.12: 303, so that no form is ever sent on.
pub(crate) fn redirect(to: &str) -> Response {
    (
        StatusCode::SEE_OTHER,
        [(LOCATION, to), (CACHE_CONTROL, "no-store")],
    )
        .into_response()
}

/// Ours: time to find the telephone, activate a credential and read a consent page.
const PENDING_LIFETIME: Seconds = Seconds(30 * 60);
