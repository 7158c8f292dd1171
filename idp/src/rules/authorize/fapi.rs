//! FAPI 2.0 as one switch on a client: what its requests must be, clause by clause. What its tokens must be is checked
//! where tokens are issued.

use super::{ResponseMode, Way};
use crate::rules::{
    client::{Client, Profile},
    oauth::{Code, OauthError, refuse_if},
    parameters::Parameters,
};

/// Checks a request of a client under a FAPI 2.0 profile; nothing for any other client.
///
/// # Errors
/// The first clause that it breaks.
pub fn check(
    sent: &Parameters,
    client: &Client,
    way: Way,
    response_mode: ResponseMode,
) -> Result<(), OauthError> {
    if !client.profile.is_fapi() {
        return Ok(());
    }
    by_pushing_only(way)?;
    confidential_and_by_key(client)?;
    sender_constrained(client)?;
    pkce_s256(sent)?;
    if client.profile == Profile::Fapi2MessageSigning {
        signed_request(way)?;
        signed_answer(response_mode)?;
    }
    Ok(())
}

/// Security Profile §5.3.2.2: requests that were not pushed are rejected.
fn by_pushing_only(way: Way) -> Result<(), OauthError> {
    refuse_if(
        !way.pushed,
        Code::InvalidRequest,
        "under FAPI 2.0 a request must be pushed (RFC 9126)",
    )
}

/// Security Profile §5.3.2.1: confidential clients only, by mutual TLS or `private_key_jwt`.
fn confidential_and_by_key(client: &Client) -> Result<(), OauthError> {
    refuse_if(
        !client.authentication.is_by_key(),
        Code::UnauthorizedClient,
        "under FAPI 2.0 a client authenticates by its key",
    )
}

/// Security Profile §5.3.2.1: access tokens are bound to their sender, by DPoP or mutual TLS.
fn sender_constrained(client: &Client) -> Result<(), OauthError> {
    refuse_if(
        !(client.dpop_bound_access_tokens || client.tls_bound_access_tokens),
        Code::UnauthorizedClient,
        "under FAPI 2.0 a client's tokens are bound to its key",
    )
}

/// Security Profile §5.3.2.2: PKCE with S256, whatever else the registration says.
fn pkce_s256(sent: &Parameters) -> Result<(), OauthError> {
    refuse_if(
        sent.value("code_challenge").is_none(),
        Code::InvalidRequest,
        "under FAPI 2.0 a request carries a code_challenge",
    )
}

/// Message Signing §5.3.1: unsigned requests are rejected.
fn signed_request(way: Way) -> Result<(), OauthError> {
    refuse_if(
        !way.signed,
        Code::InvalidRequest,
        "under FAPI 2.0 Message Signing a request is signed (RFC 9101)",
    )
}

/// Message Signing §5.4.1: answers are signed (JARM).
fn signed_answer(response_mode: ResponseMode) -> Result<(), OauthError> {
    refuse_if(
        !response_mode.is_signed(),
        Code::InvalidRequest,
        "under FAPI 2.0 Message Signing an answer is signed (JARM)",
    )
}
