//! An authorization request (OpenID Connect Core §3.1.2.1, RFC 6749 §4.1.1): checked in the specification's order.

use serde::{Deserialize, Serialize};

use super::{
    assurance::Aal,
    claveunica,
    client::{Client, Profile},
    ids::ClientId,
    oauth::{Code, OauthError},
    parameters::Parameters,
    refusal::Refusal,
    scope::{Scope, Scopes},
    secret::Digest,
    time::Seconds,
};

/// A request that passed every check: safe to keep and to answer by a redirect.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthorizeRequest {
    /// Who asks.
    pub client: ClientId,
    /// Where the answer goes: exactly a registered URI.
    pub redirect_uri: String,
    /// What is asked, limited to what the client may ask.
    pub scopes: Scopes,
    /// Returned unchanged.
    pub state: Option<String>,
    /// Goes into the id token unchanged.
    pub nonce: Option<String>,
    /// RFC 7636 `code_challenge`, method S256.
    pub challenge: Option<String>,
    /// What the client wants to see happen.
    pub prompt: Prompt,
    /// Presence at most this old.
    pub max_age: Option<Seconds>,
    /// The level that must be reached.
    pub required: Aal,
    /// Who the client thinks it is; only fills the field.
    pub login_hint: Option<String>,
    /// The subject of a verified `id_token_hint`: nobody else may be answered about.
    pub subject_hint: Option<String>,
    /// Languages, best first (RFC 5646 tags).
    pub ui_locales: Vec<String>,
    /// In which dialect the client is answered.
    #[serde(default)]
    pub profile: Profile,
}

impl AuthorizeRequest {
    /// The digest of the `state`, for a client that sends it again with its code.
    #[must_use]
    pub fn state_to_come_back(&self) -> Option<Digest> {
        let state = self.state.as_ref()?;
        (self.profile == Profile::ClaveUnica).then(|| Digest::of(state.as_bytes()))
    }
}

/// `prompt` (OpenID Connect Core §3.1.2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Show nothing: answer at once or say why not.
    pub none: bool,
    /// Ask for presence again.
    pub login: bool,
    /// Ask for consent again.
    pub consent: bool,
    /// Let the citizen be another one.
    pub select_account: bool,
}

/// A refusal of an authorization request, and who may hear it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Client or redirect URI are not known: only our own page may tell.
    Here(Refusal),
    /// Both are good: the client is told by redirect.
    There {
        /// Where to.
        redirect_uri: String,
        /// Returned unchanged.
        state: Option<String>,
        /// What was wrong.
        error: OauthError,
    },
}

/// Checks a request of `client`, in the specification's order.
///
/// # Errors
/// The first check that fails; see [`Refused`] for who hears it.
pub fn check(parameters: &Parameters, client: &Client) -> Result<AuthorizeRequest, Refused> {
    let redirect_uri = redirect_exact(parameters, client).map_err(Refused::Here)?;
    let state = parameters
        .value("state")
        .filter(|state| state.len() <= LONGEST_STATE);
    let rest = || {
        no_repetition(parameters)?;
        state_bounded(parameters)?;
        no_request_object(parameters)?;
        response_type_code(parameters)?;
        response_mode_query(parameters)?;
        Ok(AuthorizeRequest {
            client: client.id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            scopes: scopes(parameters, client)?,
            state: state.map(str::to_owned),
            nonce: nonce(parameters)?,
            challenge: challenge(parameters, client)?,
            prompt: prompt(parameters)?,
            max_age: max_age(parameters)?,
            required: required(parameters)?,
            login_hint: parameters
                .value("login_hint")
                .map(|hint| hint.chars().take(100).collect()),
            subject_hint: None,
            ui_locales: ui_locales(parameters),
            profile: client.profile,
        })
    };
    rest().map_err(|error| Refused::There {
        redirect_uri: redirect_uri.to_owned(),
        state: state.map(str::to_owned),
        error,
    })
}

/// RFC 6749 §3.1.2.4, RFC 9700 §2.1: no redirect to an address that is not exactly registered.
fn redirect_exact<'a>(parameters: &'a Parameters, client: &Client) -> Result<&'a str, Refusal> {
    let uri = parameters
        .value("redirect_uri")
        .ok_or(Refusal::RedirectUnregistered)?;
    if client.redirects_to(uri) {
        Ok(uri)
    } else {
        Err(Refusal::RedirectUnregistered)
    }
}

/// RFC 6749 §3.1: parameters must not be included more than once.
fn no_repetition(parameters: &Parameters) -> Result<(), OauthError> {
    refuse_if(
        parameters.has_repeated(),
        Code::InvalidRequest,
        "a parameter is repeated",
    )
}

/// Bounded because it is kept and returned; RFC 6749 names no limit, ours is what fits every browser's address.
fn state_bounded(parameters: &Parameters) -> Result<(), OauthError> {
    let long = parameters
        .value("state")
        .is_some_and(|state| state.len() > LONGEST_STATE);
    refuse_if(long, Code::InvalidRequest, "state is longer than 4096 bytes")
}

/// OpenID Connect Core §6: not supported here, and said so in discovery.
fn no_request_object(parameters: &Parameters) -> Result<(), OauthError> {
    refuse_if(
        parameters.value("request").is_some(),
        Code::RequestNotSupported,
        "request is not supported",
    )?;
    let by_uri = parameters.value("request_uri").is_some();
    refuse_if(
        by_uri,
        Code::RequestUriNotSupported,
        "request_uri is not supported",
    )?;
    let registration = parameters.value("registration").is_some();
    refuse_if(
        registration,
        Code::RegistrationNotSupported,
        "registration is not supported",
    )
}

/// RFC 6749 §3.1.1; implicit and hybrid are absent (RFC 9700 §2.1.2).
fn response_type_code(parameters: &Parameters) -> Result<(), OauthError> {
    match parameters.value("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(OauthError::new(
            Code::UnsupportedResponseType,
            "response_type must be code",
        )),
        None => Err(OauthError::new(Code::InvalidRequest, "response_type is missing")),
    }
}

/// OAuth 2.0 Multiple Response Types §2.1.
fn response_mode_query(parameters: &Parameters) -> Result<(), OauthError> {
    let other = parameters
        .value("response_mode")
        .is_some_and(|mode| mode != "query");
    refuse_if(other, Code::InvalidRequest, "response_mode must be query")
}

/// OpenID Connect Core §3.1.2.1: `openid` must be there; what the client may not ask is left out (RFC 6749 §3.3).
fn scopes(parameters: &Parameters, client: &Client) -> Result<Scopes, OauthError> {
    let text = parameters.value("scope").unwrap_or_default();
    let asked = if client.profile == Profile::ClaveUnica {
        claveunica::scopes(text)
    } else {
        Scopes::parse(text)
    };
    refuse_if(
        !asked.contains(Scope::Openid),
        Code::InvalidScope,
        "scope must contain openid",
    )?;
    Ok(asked.and(&client.scopes))
}

fn nonce(parameters: &Parameters) -> Result<Option<String>, OauthError> {
    let nonce = parameters.value("nonce");
    let long = nonce.is_some_and(|nonce| nonce.len() > LONGEST_NONCE);
    refuse_if(long, Code::InvalidRequest, "nonce is longer than 1024 bytes")?;
    Ok(nonce.map(str::to_owned))
}

/// RFC 7636 §4.3 and RFC 9700 §2.1.1: S256 or nothing, and nothing only where the client's policy says so.
fn challenge(parameters: &Parameters, client: &Client) -> Result<Option<String>, OauthError> {
    let method = parameters.value("code_challenge_method");
    let Some(challenge) = parameters.value("code_challenge") else {
        refuse_if(
            method.is_some(),
            Code::InvalidRequest,
            "code_challenge_method without code_challenge",
        )?;
        refuse_if(
            client.require_pkce,
            Code::InvalidRequest,
            "code_challenge is missing: this client must use PKCE",
        )?;
        return Ok(None);
    };
    refuse_if(
        method != Some("S256"),
        Code::InvalidRequest,
        "code_challenge_method must be S256",
    )?;
    let digest = data_encoding::BASE64URL_NOPAD.decode(challenge.as_bytes());
    let shaped = digest.is_ok_and(|digest| digest.len() == 32);
    refuse_if(
        !shaped,
        Code::InvalidRequest,
        "code_challenge is not the base64url of a SHA-256",
    )?;
    Ok(Some(challenge.to_owned()))
}

/// OpenID Connect Core §3.1.2.1: `none` stands alone.
fn prompt(parameters: &Parameters) -> Result<Prompt, OauthError> {
    let mut prompt = Prompt::default();
    let words: Vec<&str> = parameters
        .value("prompt")
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    for word in &words {
        match *word {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            _ => {
                return Err(OauthError::new(
                    Code::InvalidRequest,
                    "prompt holds an unknown value",
                ));
            }
        }
    }
    refuse_if(
        prompt.none && words.len() > 1,
        Code::InvalidRequest,
        "prompt=none must stand alone",
    )?;
    Ok(prompt)
}

fn max_age(parameters: &Parameters) -> Result<Option<Seconds>, OauthError> {
    let Some(text) = parameters.value("max_age") else {
        return Ok(None);
    };
    match text.parse::<u32>() {
        Ok(seconds) => Ok(Some(Seconds(i64::from(seconds)))),
        Err(_) => Err(OauthError::new(
            Code::InvalidRequest,
            "max_age is not a number of seconds",
        )),
    }
}

/// `acr_values` is voluntary (OpenID Connect Core §5.5.1.1), but we do not answer with less than every level that was
/// named: the lowest one named must be within reach. Two factors are asked in any case.
fn required(parameters: &Parameters) -> Result<Aal, OauthError> {
    let named = parameters
        .value("acr_values")
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(Aal::named);
    let required = named.min().unwrap_or(Aal::Two).max(Aal::Two);
    let unmet = "no factor here reaches the level that acr_values asks";
    refuse_if(required > HIGHEST, Code::UnmetAuthenticationRequirements, unmet)?;
    Ok(required)
}

fn ui_locales(parameters: &Parameters) -> Vec<String> {
    let tags = parameters
        .value("ui_locales")
        .unwrap_or_default()
        .split_whitespace();
    tags.filter(|tag| tag.len() <= 35)
        .take(10)
        .map(str::to_owned)
        .collect()
}

fn refuse_if(wrong: bool, code: Code, description: &'static str) -> Result<(), OauthError> {
    if wrong {
        Err(OauthError::new(code, description))
    } else {
        Ok(())
    }
}

/// What the factors of this provider can reach today.
const HIGHEST: Aal = Aal::Two;
/// Identity row 15.
const LONGEST_STATE: usize = 4_096;
/// A digest in hexadecimal many times over; it is copied into the id token.
const LONGEST_NONCE: usize = 1_024;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::rules::registration::tests::registration;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn client() -> Client {
        registration().check(ClientId::known("agency")).unwrap()
    }

    /// A valid request with one parameter changed (or, with an empty value, left out).
    pub(crate) fn with(name: &str, value: &str) -> Result<AuthorizeRequest, Refused> {
        let mut all = vec![
            ("client_id", "agency"),
            ("redirect_uri", "https://agency.example/cb"),
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("state", "s"),
            ("nonce", "n"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        all.retain(|(known, _)| *known != name);
        all.push((name, value));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(all)
            .finish();
        check(&Parameters::parse(query.as_bytes()), &client())
    }

    fn code(refused: Result<AuthorizeRequest, Refused>) -> &'static str {
        match refused {
            Err(Refused::There { error, .. }) => error.code.name(),
            Err(Refused::Here(refusal)) => refusal.name(),
            Ok(_) => "accepted",
        }
    }

    #[test]
    fn a_valid_request_is_accepted_with_unknown_parameters() {
        assert_eq!(code(with("extra", "foobar")), "accepted");
    }

    #[test]
    fn a_wrong_redirect_is_never_answered_there() {
        for uri in [
            "",
            "https://agency.example/cb/",
            "https://evil.example/cb",
            "javascript:alert(1)",
        ] {
            assert_eq!(code(with("redirect_uri", uri)), "redirect-unregistered", "{uri}");
        }
    }

    #[test]
    fn only_response_type_code() {
        assert_eq!(code(with("response_type", "")), "invalid_request");
        for other in ["token", "id_token", "code id_token", "none", "Code"] {
            assert_eq!(code(with("response_type", other)), "unsupported_response_type");
        }
    }

    #[test]
    fn openid_is_needed() {
        assert_eq!(code(with("scope", "profile")), "invalid_scope");
        assert_eq!(code(with("scope", "")), "invalid_scope");
    }

    #[test]
    fn pkce_is_needed_and_only_s256() {
        assert_eq!(code(with("code_challenge", "")), "invalid_request");
        assert_eq!(code(with("code_challenge_method", "plain")), "invalid_request");
        assert_eq!(code(with("code_challenge_method", "")), "invalid_request");
        assert_eq!(code(with("code_challenge", "short")), "invalid_request");
    }

    #[test]
    fn state_is_returned_up_to_four_kilobytes() {
        assert_eq!(
            with("state", &"x".repeat(4_096)).unwrap().state.unwrap().len(),
            4_096
        );
        assert_eq!(code(with("state", &"x".repeat(4_097))), "invalid_request");
    }

    #[test]
    fn none_stands_alone() {
        assert_eq!(code(with("prompt", "none login")), "invalid_request");
        assert_eq!(code(with("prompt", "shout")), "invalid_request");
    }

    #[test]
    fn request_objects_are_refused_by_name() {
        assert_eq!(code(with("request", "x")), "request_not_supported");
        assert_eq!(
            code(with("request_uri", "https://x")),
            "request_uri_not_supported"
        );
    }

    #[test]
    fn a_level_out_of_reach_is_not_silently_lowered() {
        assert_eq!(
            code(with("acr_values", "urn:aval:aal3")),
            "unmet_authentication_requirements"
        );
        assert_eq!(
            code(with("acr_values", "urn:aval:aal3 urn:aval:aal2")),
            "accepted"
        );
        assert_eq!(code(with("acr_values", "urn:other")), "accepted");
    }

    #[test]
    fn a_negative_or_huge_max_age_is_refused() {
        assert_eq!(code(with("max_age", "-1")), "invalid_request");
        assert_eq!(code(with("max_age", "99999999999")), "invalid_request");
    }
}
