//! DPoP proofs (RFC 9449): a request that shows, by a signature of its own, the key that its token is bound to.

use sdk_jose::{
    Algorithm, Expected, Refusal as Jose, Seconds as Span, Typ, UnixTime, Unverified, hash::same,
};
use serde::Deserialize;
use url::Url;

use super::{
    oauth::{Code, OauthError},
    parameters::Parameters,
    replay::Once,
    secret::Digest,
    time::{Seconds, Timestamp},
    tokens::SubjectKey,
};

/// The `DPoP` headers of a request, before anybody believes them.
#[derive(Debug, Clone, Default)]
pub enum Sent {
    /// There was none.
    #[default]
    None,
    /// Exactly one.
    One(String),
    /// Several, or one that is not text.
    Broken,
}

/// The request that a proof must be for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The method (`htm`).
    pub method: &'a str,
    /// The addresses of the endpoint as configured, never as the request's Host header has it (`htu`).
    pub addresses: &'a [String],
    /// The access token that is sent along (`ath`); none at the token endpoint.
    pub access_token: Option<&'a str>,
}

/// A proof that was checked. It counts when its [`Once`] was spent.
#[derive(Debug)]
pub struct Proof {
    /// The thumbprint of its key.
    pub key: Digest,
    /// To be spent: a second request with the same proof is a replay.
    pub once: Once,
}

/// Why a proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// `invalid_dpop_proof`, with what is wrong.
    Invalid(&'static str),
    /// `use_dpop_nonce`: it lacks a nonce of ours that is young enough (§8).
    Nonce,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: UnixTime,
    exp: Option<UnixTime>,
    nbf: Option<UnixTime>,
    ath: Option<String>,
    nonce: Option<String>,
}

/// Checks a proof, in the order of §4.3. With `nonces`, it must carry one of ours.
///
/// # Errors
/// [`Refusal`] with the first check that fails.
pub fn check(
    proof: &str,
    target: &Target<'_>,
    nonces: Option<&dyn SubjectKey>,
    now: Timestamp,
) -> Result<Proof, Refusal> {
    let (key, claims) = signed(proof)?;
    let right = |right: bool, description| {
        if right {
            Ok(())
        } else {
            Err(Refusal::Invalid(description))
        }
    };
    right(
        claims.htm == target.method,
        "htm is not the method of the request",
    )?;
    right(
        is_for(&claims.htu, target.addresses),
        "htu is not the address of the request",
    )?;
    if let Some(nonces) = nonces {
        nonce_is_ours(nonces, claims.nonce.as_deref(), now)?;
    }
    let moment = UnixTime(now.0);
    right(claims.iat <= moment.plus(AHEAD), "iat is ahead of our clock")?;
    right(claims.iat.plus(LIFETIME) > moment, "iat is too long ago")?;
    right(
        claims.nbf.is_none_or(|nbf| nbf <= moment.plus(AHEAD)),
        "nbf is ahead of our clock",
    )?;
    right(claims.exp.is_none_or(|exp| exp > moment), "exp has passed")?;
    match (target.access_token, &claims.ath) {
        (Some(token), Some(ath)) => right(
            same(ath, &Digest::of(token.as_bytes()).text()),
            "ath is of another token",
        )?,
        (Some(_), None) => return Err(Refusal::Invalid("ath is missing")),
        (None, _) => {}
    }
    right(
        (1..=LONGEST_JTI).contains(&claims.jti.len()),
        "jti is empty or too long",
    )?;
    Ok(Proof {
        once: Once::new(
            &[b"dpop", key.bytes(), claims.jti.as_bytes()],
            Timestamp(claims.iat.plus(LIFETIME).0),
        ),
        key,
    })
}

/// `dpop_jkt` of an authorization request (§10): the key that its code will work with.
///
/// # Errors
/// `invalid_request` when it is no thumbprint.
pub fn jkt(parameters: &Parameters) -> Result<Option<Digest>, OauthError> {
    let Some(text) = parameters.value("dpop_jkt") else {
        return Ok(None);
    };
    Digest::try_from(text.to_owned())
        .map(Some)
        .map_err(|_| OauthError::new(Code::InvalidRequest, "dpop_jkt is not a SHA-256 thumbprint"))
}

/// A nonce that can be checked for five minutes, on every node and after a restart: its moment and our tag of it.
#[must_use]
pub fn nonce(key: &dyn SubjectKey, now: Timestamp) -> String {
    let moment = format!("{:x}", now.0);
    let tag = key.tag_text(&[b"dpop nonce", moment.as_bytes()]);
    format!("{moment}.{tag}")
}

/// Steps 2 to 7 of §4.3: one well-formed JWT with its members, the right type, a good algorithm, a public key, and a
/// signature by it.
fn signed(proof: &str) -> Result<(Digest, Claims), Refusal> {
    let expected = Expected {
        algorithms: &ALGORITHMS,
        typ: Typ::Required("dpop+jwt"),
    };
    let told = |refusal| Refusal::Invalid(description(refusal));
    let (key, verified) = Unverified::parse(proof)
        .and_then(|proof| proof.verify_with_own_key(&expected))
        .map_err(told)?;
    let claims = verified.claims().map_err(told)?;
    let key = Digest::try_from(key.thumbprint()).map_err(Refusal::Invalid)?;
    Ok((key, claims))
}

/// Step 9, with the normal form of RFC 3986 §6.2.2 and §6.2.3, query and fragment left out.
fn is_for(htu: &str, addresses: &[String]) -> bool {
    let Ok(mut url) = Url::parse(htu) else {
        return false;
    };
    url.set_query(None);
    url.set_fragment(None);
    addresses.iter().any(|address| address == url.as_str())
}

fn nonce_is_ours(key: &dyn SubjectKey, sent: Option<&str>, now: Timestamp) -> Result<(), Refusal> {
    let sent = sent.ok_or(Refusal::Nonce)?;
    let (moment, _) = sent.split_once('.').ok_or(Refusal::Nonce)?;
    let moment = i64::from_str_radix(moment, 16).map_err(|_| Refusal::Nonce)?;
    let age = now.since(Timestamp(moment));
    let young = (-AHEAD.0..NONCE_LIFETIME.0).contains(&age.0);
    if young && same(sent, &nonce(key, Timestamp(moment))) {
        Ok(())
    } else {
        Err(Refusal::Nonce)
    }
}

fn description(refusal: Jose) -> &'static str {
    match refusal {
        Jose::TooLong => "the proof is too long",
        Jose::Shape => "the proof is not a compact JWS",
        Jose::Header => "the proof's header is malformed or shows a private key",
        Jose::Critical => "the proof has crit",
        Jose::Algorithm => "the proof's algorithm is not accepted",
        Jose::Typ => "the proof's typ is not dpop+jwt",
        Jose::UnknownKey => "the proof's jwk is missing or not usable",
        Jose::Signature => "the proof's signature is wrong",
        Jose::Claims => "the proof's claims are malformed, or jti, htm, htu or iat is missing",
    }
}

/// `dpop_signing_alg_values_supported`: FAPI 2.0 Security Profile §5.4.1 names the first three; RS256 is not there.
pub const ALGORITHMS: [Algorithm; 4] = [
    Algorithm::ES256,
    Algorithm::EdDSA,
    Algorithm::PS256,
    Algorithm::ES384,
];
/// FAPI 2.0 Security Profile §5.3.2.1 No. 13: ten seconds must be accepted, more than sixty not.
const AHEAD: Span = Span(15);
/// RFC 9449 §11.1 wants "a brief period": a phone's clock and a slow line fit into a minute.
const LIFETIME: Span = Span(60);
/// §8.1 leaves it to us: clients ask for a new one as soon as it ends.
const NONCE_LIFETIME: Seconds = Seconds(300);
/// Ours: an honest one is a UUID; the digest of any is as long.
const LONGEST_JTI: usize = 512;

#[cfg(test)]
mod tests;
