//! The claims of an ID token, and how a relying party checks them (OpenID Connect Core §2, §3.1.3.7).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::hash::{half_hash, same};
use crate::json::Object;
use crate::jwe::{self, DecryptionKey, Encrypted};
use crate::jws::{Expected, Refusal, Typ, Unverified};
use crate::{Algorithm, JwkSet, LEEWAY, Seconds, UnixTime};

/// What an ID token says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdTokenClaims {
    /// Who says it.
    pub iss: String,
    /// About whom: stable, and by default another one for every client.
    pub sub: String,
    /// To whom.
    pub aud: Audience,
    /// Until when.
    pub exp: UnixTime,
    /// Since when.
    pub iat: UnixTime,
    /// Not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<UnixTime>,
    /// When the person proved who they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<UnixTime>,
    /// What the client sent to recognise its own request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// With which assurance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By which methods (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The client that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// Binds the access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Binds the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// The session at the issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// All the others: name, e-mail, ….
    #[serde(flatten)]
    pub other: Object,
}

/// One audience or several (RFC 7519 §4.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// A list.
    Many(Vec<String>),
}

impl Audience {
    /// Whether it is `client` and nobody else.
    #[must_use]
    pub fn is_only(&self, client: &str) -> bool {
        match self {
            Self::One(one) => one == client,
            Self::Many(many) => matches!(many.as_slice(), [one] if one == client),
        }
    }
}

/// What a relying party knows before an ID token arrives.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// The issuer it asked, exactly as its discovery document writes it.
    pub issuer: &'a str,
    /// Its own id.
    pub client_id: &'a str,
    /// The algorithms that it accepts from this issuer.
    pub algorithms: &'a [Algorithm],
    /// The nonce it sent.
    pub nonce: &'a str,
    /// The access token that came along, if its hash is to be checked.
    pub access_token: Option<&'a str>,
    /// How long ago the person may have proved who they are, if it asked.
    pub max_age: Option<Seconds>,
    /// The assurance it must have, any of these; empty when it did not ask.
    pub acr_values: &'a [&'a str],
}

/// Why an ID token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenRefusal {
    /// The token itself.
    #[error(transparent)]
    Token(#[from] Refusal),
    /// §3.1.3.7 (2): another issuer.
    #[error("the ID token has another issuer")]
    Issuer,
    /// §3.1.3.7 (3): for somebody else, or for somebody else too.
    #[error("the ID token is not for this client alone")]
    Audience,
    /// §3.1.3.7 (4, 5): asked by another client.
    #[error("the ID token was asked for by another client")]
    AuthorizedParty,
    /// §3.1.3.7 (9): expired.
    #[error("the ID token has expired")]
    Expired,
    /// §3.1.3.7 (10): issued in the future, or not valid yet. Look at the clocks.
    #[error("the ID token comes from the future")]
    NotYetValid,
    /// §3.1.3.7 (11): not the answer to this request.
    #[error("the ID token has another nonce")]
    Nonce,
    /// §3.1.3.7 (12): not the assurance that was asked for.
    #[error("the ID token has not the assurance that was asked for")]
    Assurance,
    /// §3.1.3.7 (13): the person's proof is too old, or its time is not told.
    #[error("the person's proof is older than asked for")]
    TooOld,
    /// §3.1.3.6: another access token.
    #[error("the ID token belongs to another access token")]
    AccessToken,
    /// §10.2: it was encrypted, and not to a key of ours.
    #[error(transparent)]
    Encryption(#[from] jwe::Refusal),
    /// §2: `sub` has 1 to 255 ASCII characters.
    #[error("the ID token's subject is malformed")]
    Subject,
}

/// The signed token inside an encrypted one (§3.1.3.7 (1)), or the token itself when it is not encrypted: whether it was
/// is no secret that anybody could take away, since who reads it on the way has broken TLS.
///
/// # Errors
/// [`IdTokenRefusal::Encryption`] when none of `keys` opens it, or something else than a token is inside.
pub fn decrypted<'a>(token: &'a str, keys: &[DecryptionKey]) -> Result<Cow<'a, str>, IdTokenRefusal> {
    if !jwe::is_jwe(token) {
        return Ok(Cow::Borrowed(token));
    }
    let decrypted = Encrypted::parse(token)?.decrypt_with(keys)?;
    let signed = decrypted.token().ok_or(jwe::Refusal::Content)?;
    Ok(Cow::Owned(signed.to_owned()))
}

/// Checks an ID token: its signature, then its claims.
///
/// # Errors
/// [`IdTokenRefusal`]; `Token(Refusal::UnknownKey)` is worth one look at the issuer's current keys.
pub fn verify(
    token: &str,
    keys: &JwkSet,
    expected: &Expectation<'_>,
    now: UnixTime,
) -> Result<IdTokenClaims, IdTokenRefusal> {
    let shape = Expected {
        algorithms: expected.algorithms,
        typ: Typ::JwtOrAbsent,
    };
    let verified = Unverified::parse(token)?.verify(keys, &shape)?;
    let algorithm = verified.algorithm();
    let claims: IdTokenClaims = verified.claims()?;
    check(&claims, algorithm, expected, now)?;
    Ok(claims)
}

/// The checks of OpenID Connect Core §3.1.3.7 in its order.
///
/// # Errors
/// The first that fails.
pub fn check(
    claims: &IdTokenClaims,
    algorithm: Algorithm,
    expected: &Expectation<'_>,
    now: UnixTime,
) -> Result<(), IdTokenRefusal> {
    let ensure = |holds: bool, refusal: IdTokenRefusal| if holds { Ok(()) } else { Err(refusal) };
    ensure(claims.iss == expected.issuer, IdTokenRefusal::Issuer)?;
    ensure(claims.aud.is_only(expected.client_id), IdTokenRefusal::Audience)?;
    ensure(
        azp_is_us(claims, expected.client_id),
        IdTokenRefusal::AuthorizedParty,
    )?;
    ensure(now < claims.exp.plus(LEEWAY), IdTokenRefusal::Expired)?;
    ensure(begins_by(claims, now.plus(LEEWAY)), IdTokenRefusal::NotYetValid)?;
    ensure(nonce_is_ours(claims, expected.nonce), IdTokenRefusal::Nonce)?;
    ensure(
        acr_suffices(claims, expected.acr_values),
        IdTokenRefusal::Assurance,
    )?;
    ensure(
        recent_enough(claims, expected.max_age, now),
        IdTokenRefusal::TooOld,
    )?;
    ensure(
        at_hash_fits(claims, algorithm, expected.access_token),
        IdTokenRefusal::AccessToken,
    )?;
    ensure(subject_is_well_formed(&claims.sub), IdTokenRefusal::Subject)
}

fn azp_is_us(claims: &IdTokenClaims, client_id: &str) -> bool {
    claims.azp.as_deref().is_none_or(|azp| azp == client_id)
}

fn begins_by(claims: &IdTokenClaims, latest: UnixTime) -> bool {
    claims.iat <= latest && claims.nbf.is_none_or(|nbf| nbf <= latest)
}

fn nonce_is_ours(claims: &IdTokenClaims, nonce: &str) -> bool {
    claims.nonce.as_deref().is_some_and(|found| same(found, nonce))
}

fn acr_suffices(claims: &IdTokenClaims, accepted: &[&str]) -> bool {
    accepted.is_empty() || claims.acr.as_deref().is_some_and(|acr| accepted.contains(&acr))
}

/// A proof from the future is no proof either; both clocks may be off by the leeway.
fn recent_enough(claims: &IdTokenClaims, max_age: Option<Seconds>, now: UnixTime) -> bool {
    let Some(max_age) = max_age else { return true };
    let Some(auth_time) = claims.auth_time else {
        return false;
    };
    auth_time.plus(max_age).plus(LEEWAY) >= now && auth_time <= now.plus(LEEWAY)
}

/// §3.1.3.6: optional with the code flow, so its absence proves nothing.
fn at_hash_fits(claims: &IdTokenClaims, algorithm: Algorithm, access_token: Option<&str>) -> bool {
    match (claims.at_hash.as_deref(), access_token) {
        (Some(found), Some(token)) => same(found, &half_hash(algorithm, token)),
        _ => true,
    }
}

fn subject_is_well_formed(sub: &str) -> bool {
    (1..=255).contains(&sub.len()) && sub.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime(1_800_000_000);

    fn expectation() -> Expectation<'static> {
        Expectation {
            issuer: "https://id.example",
            client_id: "taxes",
            algorithms: &[Algorithm::ES256],
            nonce: "n-1",
            access_token: Some("at"),
            max_age: Some(Seconds(0)),
            acr_values: &["urn:aval:aal2"],
        }
    }

    fn good() -> IdTokenClaims {
        IdTokenClaims {
            iss: "https://id.example".into(),
            sub: "s-1".into(),
            aud: Audience::One("taxes".into()),
            exp: NOW.plus(Seconds(300)),
            iat: NOW,
            nbf: None,
            auth_time: Some(NOW),
            nonce: Some("n-1".into()),
            acr: Some("urn:aval:aal2".into()),
            amr: vec!["pwd".into(), "otp".into()],
            azp: None,
            at_hash: Some(half_hash(Algorithm::ES256, "at")),
            c_hash: None,
            sid: None,
            other: Object::new(),
        }
    }

    fn with(change: impl FnOnce(&mut IdTokenClaims)) -> Result<(), IdTokenRefusal> {
        let mut claims = good();
        change(&mut claims);
        check(&claims, Algorithm::ES256, &expectation(), NOW)
    }

    #[test]
    fn a_good_token_passes() {
        assert_eq!(with(|_| {}), Ok(()));
    }

    #[test]
    fn another_issuer() {
        assert_eq!(with(|c| c.iss.push('/')), Err(IdTokenRefusal::Issuer));
    }

    #[test]
    fn another_audience() {
        assert_eq!(
            with(|c| c.aud = Audience::One("other".into())),
            Err(IdTokenRefusal::Audience)
        );
    }

    #[test]
    fn a_second_audience() {
        let two = Audience::Many(vec!["taxes".into(), "other".into()]);
        assert_eq!(with(|c| c.aud = two), Err(IdTokenRefusal::Audience));
    }

    #[test]
    fn a_list_of_one_audience_is_that_audience() {
        assert_eq!(with(|c| c.aud = Audience::Many(vec!["taxes".into()])), Ok(()));
    }

    #[test]
    fn another_authorized_party() {
        assert_eq!(
            with(|c| c.azp = Some("other".into())),
            Err(IdTokenRefusal::AuthorizedParty)
        );
    }

    #[test]
    fn expiry_has_a_leeway_of_one_minute() {
        assert_eq!(with(|c| c.exp = NOW.minus(Seconds(59))), Ok(()));
        assert_eq!(
            with(|c| c.exp = NOW.minus(Seconds(60))),
            Err(IdTokenRefusal::Expired)
        );
    }

    #[test]
    fn a_future_issue_has_a_leeway_of_one_minute() {
        assert_eq!(with(|c| c.iat = NOW.plus(Seconds(60))), Ok(()));
        assert_eq!(
            with(|c| c.iat = NOW.plus(Seconds(61))),
            Err(IdTokenRefusal::NotYetValid)
        );
    }

    #[test]
    fn not_before_has_a_leeway_of_one_minute() {
        assert_eq!(with(|c| c.nbf = Some(NOW.plus(Seconds(60)))), Ok(()));
        assert_eq!(
            with(|c| c.nbf = Some(NOW.plus(Seconds(61)))),
            Err(IdTokenRefusal::NotYetValid)
        );
    }

    #[test]
    fn another_nonce() {
        assert_eq!(with(|c| c.nonce = Some("n-2".into())), Err(IdTokenRefusal::Nonce));
    }

    #[test]
    fn no_nonce() {
        assert_eq!(with(|c| c.nonce = None), Err(IdTokenRefusal::Nonce));
    }

    #[test]
    fn a_lower_assurance() {
        assert_eq!(
            with(|c| c.acr = Some("urn:aval:aal1".into())),
            Err(IdTokenRefusal::Assurance)
        );
    }

    #[test]
    fn an_old_proof() {
        assert_eq!(
            with(|c| c.auth_time = Some(NOW.minus(Seconds(61)))),
            Err(IdTokenRefusal::TooOld)
        );
    }

    #[test]
    fn a_proof_without_a_time() {
        assert_eq!(with(|c| c.auth_time = None), Err(IdTokenRefusal::TooOld));
    }

    #[test]
    fn a_proof_from_the_future() {
        assert_eq!(
            with(|c| c.auth_time = Some(NOW.plus(Seconds(61)))),
            Err(IdTokenRefusal::TooOld)
        );
    }

    #[test]
    fn another_access_token() {
        let other = half_hash(Algorithm::ES256, "another");
        assert_eq!(
            with(|c| c.at_hash = Some(other)),
            Err(IdTokenRefusal::AccessToken)
        );
    }

    #[test]
    fn an_empty_subject() {
        assert_eq!(with(|c| c.sub.clear()), Err(IdTokenRefusal::Subject));
    }

    #[test]
    fn dates_at_the_end_of_time_do_not_overflow() {
        assert_eq!(with(|c| c.exp = UnixTime(i64::MAX)), Ok(()));
        assert_eq!(
            with(|c| c.auth_time = Some(UnixTime(i64::MAX))),
            Err(IdTokenRefusal::TooOld)
        );
    }
}
