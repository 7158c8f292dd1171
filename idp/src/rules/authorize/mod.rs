//! An authorization request (OpenID Connect Core §3.1.2.1, RFC 6749 §4.1.1): checked in the specification's order.
//!
//! It comes in one of four ways: as parameters, inside a signed object ([`object`]), by reference to one, or pushed
//! before ([`pushed`]). Whatever the way, [`check`] is what makes parameters a request.

pub mod claims;
pub mod details;
pub mod fapi;
pub mod level;
pub mod object;
mod parameters;
pub mod pushed;
mod response;

use serde::{Deserialize, Serialize};

use self::{
    claims::{ClaimsRequest, Wanted},
    details::{Detail, DetailTypes},
};
use super::{
    assurance::{Aal, Levels},
    client::{Client, Profile},
    ids::ClientId,
    oauth::OauthError,
    parameters::Parameters as Sent,
    refusal::Refusal,
    resource::ScopeTokens,
    scope::Scopes,
    secret::Digest,
    time::Seconds,
};

pub use response::ResponseMode;

/// A request that passed every check: safe to keep and to answer. What was added since the first version may be missing
/// from one that an older node kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthorizeRequest {
    /// Who asks.
    pub client: ClientId,
    /// Where the answer goes: exactly a registered URI.
    pub redirect_uri: String,
    /// How the answer goes there.
    #[serde(default)]
    pub response_mode: ResponseMode,
    /// What is asked, limited to what the client may ask.
    pub scopes: Scopes,
    /// Returned unchanged.
    pub state: Option<String>,
    /// Goes into the id token unchanged.
    pub nonce: Option<String>,
    /// RFC 7636 `code_challenge`, method S256.
    pub challenge: Option<String>,
    /// The key that the code will work with (RFC 9449 §10).
    #[serde(default)]
    pub dpop_jkt: Option<Digest>,
    /// What the client wants to see happen.
    pub prompt: Prompt,
    /// Presence at most this old.
    pub max_age: Option<Seconds>,
    /// The level that must be reached.
    pub required: Aal,
    /// Who the client thinks it is; only fills the field.
    pub login_hint: Option<String>,
    /// The subject of a verified `id_token_hint`, or of the `claims` parameter: nobody else may be answered about.
    pub subject_hint: Option<String>,
    /// Languages, best first (RFC 5646 tags).
    pub ui_locales: Vec<String>,
    /// What else was asked, kept with the grant.
    #[serde(default)]
    pub asked: Asked,
    /// The pushed request that this is; answered once (RFC 9126 §7.3).
    #[serde(default)]
    pub pushed: Option<Digest>,
    /// In which dialect the client is answered.
    #[serde(default)]
    pub profile: Profile,
}

/// What a client asked besides scopes: it stays true of everything that is issued.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Single claims (OpenID Connect Core §5.5).
    pub claims: ClaimsRequest,
    /// Where tokens will be used (RFC 8707).
    pub resources: Vec<String>,
    /// What shall be asked there: the names in `scope` that are none of ours.
    pub resource_scopes: ScopeTokens,
    /// What the tokens shall allow in detail (RFC 9396).
    pub details: Vec<Detail>,
    /// The names of levels in the client's own vocabulary, best first: the one that was reached is what it is told.
    pub acr_values: Vec<String>,
}

/// `prompt` (OpenID Connect Core §3.1.2.1, Initiating User Registration via OpenID Connect §4.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prompt {
    /// Show nothing: answer at once or say why not.
    pub none: bool,
    /// Ask for presence again.
    pub login: bool,
    /// Ask for consent again.
    pub consent: bool,
    /// Let the citizen be another one.
    pub select_account: bool,
    /// The citizen has no credential yet: say where one is handed out.
    pub create: bool,
}

/// How a request reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// By the client itself, authenticated (RFC 9126).
    pub pushed: bool,
    /// In an object that the client signed (RFC 9101).
    pub signed: bool,
}

/// What this provider offers, as far as a request can ask for it.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// The names of the levels.
    pub levels: &'a Levels,
    /// The known types of authorization details.
    pub details: &'a DetailTypes,
}

/// A refusal of an authorization request, and who may hear it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Client or redirect URI are not known: only our own page may tell.
    Here(Refusal),
    /// Both are good: the client is told.
    There {
        /// Where and how.
        to: ReturnTo,
        /// What was wrong.
        error: OauthError,
    },
}

/// Where and how an answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnTo {
    /// To whom.
    pub client: ClientId,
    /// Exactly a registered URI.
    pub redirect_uri: String,
    /// How.
    pub response_mode: ResponseMode,
    /// Returned unchanged.
    pub state: Option<String>,
    /// In which dialect.
    pub profile: Profile,
}

impl AuthorizeRequest {
    /// Where and how its answer goes.
    #[must_use]
    pub fn return_to(&self) -> ReturnTo {
        ReturnTo {
            client: self.client.clone(),
            redirect_uri: self.redirect_uri.clone(),
            response_mode: self.response_mode,
            state: self.state.clone(),
            profile: self.profile,
        }
    }

    /// The digest of the `state`, for a client that sends it again with its code.
    #[must_use]
    pub fn state_to_come_back(&self) -> Option<Digest> {
        let state = self.state.as_ref()?;
        (self.profile == Profile::ClaveUnica).then(|| Digest::of(state.as_bytes()))
    }

    /// Everything that the citizen would release: the scopes, and those that single claims belong to.
    #[must_use]
    pub fn releases(&self) -> Scopes {
        self.scopes.or(&self.asked.claims.scopes())
    }

    /// Asks for the subject `sub` and nobody else.
    ///
    /// # Errors
    /// `invalid_request` when two hints name two people.
    pub fn about(mut self, sub: String) -> Result<Self, OauthError> {
        parameters::same_subject(self.subject_hint.as_deref(), &sub)?;
        self.subject_hint = Some(sub);
        Ok(self)
    }
}

/// Checks a request of `client`, in the specification's order.
///
/// # Errors
/// The first check that fails; see [`Refused`] for who hears it.
pub fn check(sent: &Sent, client: &Client, way: Way, offer: Offer<'_>) -> Result<AuthorizeRequest, Refused> {
    let to = return_to(sent, client)?;
    rest(sent, client, way, offer, &to).map_err(|error| Refused::There { to, error })
}

/// Where and how `sent` may be answered, good or bad.
///
/// # Errors
/// [`Refused::Here`]: nowhere.
pub fn return_to(sent: &Sent, client: &Client) -> Result<ReturnTo, Refused> {
    let redirect_uri = parameters::redirect_exact(sent, client).map_err(Refused::Here)?;
    Ok(ReturnTo {
        client: client.id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        response_mode: ResponseMode::for_errors(sent, client, redirect_uri),
        state: parameters::returnable_state(sent),
        profile: client.profile,
    })
}

fn rest(
    sent: &Sent,
    client: &Client,
    way: Way,
    offer: Offer<'_>,
    to: &ReturnTo,
) -> Result<AuthorizeRequest, OauthError> {
    parameters::no_repetition(sent)?;
    parameters::state_bounded(sent)?;
    parameters::no_registration(sent)?;
    parameters::response_type_code(sent)?;
    let response_mode = ResponseMode::asked(sent, client, &to.redirect_uri)?;
    parameters::comes_as_registered(client, way)?;
    fapi::check(sent, client, way, response_mode)?;
    let wanted = Wanted::read(sent, client)?;
    let scopes = parameters::scopes(sent, client)?;
    let level = level::required(sent, client, &wanted, offer.levels)?;
    Ok(AuthorizeRequest {
        client: client.id.clone(),
        redirect_uri: to.redirect_uri.clone(),
        response_mode,
        scopes,
        state: to.state.clone(),
        nonce: parameters::nonce(sent)?,
        challenge: parameters::challenge(sent, client)?,
        dpop_jkt: super::dpop::jkt(sent)?,
        prompt: parameters::prompt(sent)?,
        max_age: parameters::max_age(sent)?.or(client.default_max_age),
        required: level.required,
        login_hint: parameters::login_hint(sent),
        subject_hint: wanted.sub,
        ui_locales: parameters::ui_locales(sent),
        asked: Asked {
            claims: wanted.claims,
            resources: parameters::resources(sent, client)?,
            resource_scopes: parameters::resource_scopes(sent),
            details: details::read(sent, client, offer.details)?,
            acr_values: level.names,
        },
        pushed: None,
        profile: client.profile,
    })
}

#[cfg(test)]
pub(crate) mod tests;
