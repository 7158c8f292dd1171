//! The parameters one by one, each check with its clause.

use crate::rules::{
    authorize::{Prompt, Way},
    claveunica,
    client::{Client, Profile},
    oauth::{Code, OauthError, refuse_if},
    parameters::Parameters,
    refusal::Refusal,
    resource::ScopeTokens,
    scope::{Scope, Scopes},
    time::Seconds,
};

/// RFC 6749 §3.1.2.4, RFC 9700 §2.1: no redirect to an address that is not exactly registered. Pushed requests are no
/// exception, though RFC 9126 §2.4 would allow one: citizens are sent to addresses that somebody looked at.
pub(super) fn redirect_exact<'a>(sent: &'a Parameters, client: &Client) -> Result<&'a str, Refusal> {
    let uri = sent.value("redirect_uri").ok_or(Refusal::RedirectUnregistered)?;
    if client.redirects_to(uri) {
        Ok(uri)
    } else {
        Err(Refusal::RedirectUnregistered)
    }
}

/// RFC 6749 §3.1: parameters must not be included more than once.
pub(super) fn no_repetition(sent: &Parameters) -> Result<(), OauthError> {
    refuse_if(
        sent.has_repeated(),
        Code::InvalidRequest,
        "a parameter is repeated",
    )
}

/// A state that is sent back with an error, too.
pub(super) fn returnable_state(sent: &Parameters) -> Option<String> {
    let state = sent.value("state").filter(|state| state.len() <= LONGEST_STATE);
    state.map(str::to_owned)
}

/// Bounded because it is kept and returned; RFC 6749 names no limit, ours is what fits every browser's address.
pub(super) fn state_bounded(sent: &Parameters) -> Result<(), OauthError> {
    let long = sent
        .value("state")
        .is_some_and(|state| state.len() > LONGEST_STATE);
    refuse_if(long, Code::InvalidRequest, "state is longer than 4096 bytes")
}

/// OpenID Connect Core §7.2.1: for self-issued providers, which this is not.
pub(super) fn no_registration(sent: &Parameters) -> Result<(), OauthError> {
    refuse_if(
        sent.value("registration").is_some(),
        Code::RegistrationNotSupported,
        "registration is not supported",
    )
}

/// RFC 6749 §3.1.1; implicit and hybrid are absent (RFC 9700 §2.1.2).
pub(super) fn response_type_code(sent: &Parameters) -> Result<(), OauthError> {
    match sent.value("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(OauthError::new(
            Code::UnsupportedResponseType,
            "response_type must be code",
        )),
        None => Err(OauthError::new(Code::InvalidRequest, "response_type is missing")),
    }
}

/// RFC 9126 §6 and RFC 9101 §10.5: what a client is registered to push or to sign counts in no other way.
pub(super) fn comes_as_registered(client: &Client, way: Way) -> Result<(), OauthError> {
    refuse_if(
        client.require_pushed_authorization_requests && !way.pushed,
        Code::InvalidRequest,
        "this client must push its requests (RFC 9126)",
    )?;
    refuse_if(
        client.request_objects.required && !way.signed,
        Code::InvalidRequest,
        "this client must sign its requests (RFC 9101)",
    )
}

/// OpenID Connect Core §3.1.2.1: `openid` must be there; what the client may not ask is left out (RFC 6749 §3.3).
pub(super) fn scopes(sent: &Parameters, client: &Client) -> Result<Scopes, OauthError> {
    let text = sent.value("scope").unwrap_or_default();
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

pub(super) fn nonce(sent: &Parameters) -> Result<Option<String>, OauthError> {
    let nonce = sent.value("nonce");
    let long = nonce.is_some_and(|nonce| nonce.len() > LONGEST_NONCE);
    refuse_if(long, Code::InvalidRequest, "nonce is longer than 1024 bytes")?;
    Ok(nonce.map(str::to_owned))
}

/// RFC 7636 §4.3 and RFC 9700 §2.1.1: S256 or nothing, and nothing only where the client's policy says so.
pub(super) fn challenge(sent: &Parameters, client: &Client) -> Result<Option<String>, OauthError> {
    let method = sent.value("code_challenge_method");
    let Some(challenge) = sent.value("code_challenge") else {
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
pub(super) fn prompt(sent: &Parameters) -> Result<Prompt, OauthError> {
    let mut prompt = Prompt::default();
    let mut words = 0_usize;
    for word in sent.value("prompt").unwrap_or_default().split_whitespace() {
        words = words.saturating_add(1);
        match word {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            "create" => prompt.create = true,
            _ => {
                return Err(OauthError::new(
                    Code::InvalidRequest,
                    "prompt holds an unknown value",
                ));
            }
        }
    }
    refuse_if(
        prompt.none && words > 1,
        Code::InvalidRequest,
        "prompt=none must stand alone",
    )?;
    Ok(prompt)
}

pub(super) fn max_age(sent: &Parameters) -> Result<Option<Seconds>, OauthError> {
    let Some(text) = sent.value("max_age") else {
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

pub(super) fn login_hint(sent: &Parameters) -> Option<String> {
    let hint = sent.value("login_hint")?;
    Some(hint.chars().take(LONGEST_HINT).collect())
}

pub(super) fn ui_locales(sent: &Parameters) -> Vec<String> {
    let tags = sent.value("ui_locales").unwrap_or_default().split_whitespace();
    tags.filter(|tag| tag.len() <= LONGEST_TAG)
        .take(MOST_TAGS)
        .map(str::to_owned)
        .collect()
}

/// RFC 8707 §2: absolute URIs without a fragment, and only those that the client is registered for.
pub(super) fn resources(sent: &Parameters, client: &Client) -> Result<Vec<String>, OauthError> {
    let mut resources: Vec<String> = Vec::new();
    for resource in sent.values("resource") {
        refuse_if(
            !client.resources.iter().any(|known| known == resource),
            Code::InvalidTarget,
            "resource is not one that this client is registered for",
        )?;
        if !resources.iter().any(|known| known == resource) {
            resources.push(resource.to_owned());
        }
    }
    Ok(resources)
}

/// What is asked of the resources that the request names; nothing when it names none (RFC 6749 §3.3 lets the server
/// ignore). What a resource does not know, its tokens do not say.
pub(super) fn resource_scopes(sent: &Parameters) -> ScopeTokens {
    match (sent.values("resource").next(), sent.value("scope")) {
        (Some(_), Some(scope)) => ScopeTokens::parse(scope).of_resources(),
        (Some(_) | None, _) => ScopeTokens::default(),
    }
}

/// Two hints about the citizen must be about the same one.
pub(super) fn same_subject(known: Option<&str>, sub: &str) -> Result<(), OauthError> {
    refuse_if(
        known.is_some_and(|known| known != sub),
        Code::InvalidRequest,
        "id_token_hint and claims name two subjects",
    )
}

/// Identity row 15.
const LONGEST_STATE: usize = 4_096;
/// A digest in hexadecimal many times over; it is copied into the id token.
const LONGEST_NONCE: usize = 1_024;
/// Longer than any national id or address that a field of ours takes.
const LONGEST_HINT: usize = 100;
/// RFC 5646 §4.4.1: an implementation may stop at 35 characters.
const LONGEST_TAG: usize = 35;
/// More languages than anybody reads.
const MOST_TAGS: usize = 10;
