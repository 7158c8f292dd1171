//! A grant: one authorization and everything issued from it; its code, and how a code and a refresh token are spent.

use super::{
    assurance::{Assurance, Levels},
    authorize::{Asked, AuthorizeRequest},
    device::DeviceRequest,
    ids::{CitizenId, ClientId, GrantId, Sid},
    oauth::{Code, OauthError},
    parameters::Parameters,
    resource::ScopeTokens,
    scope::{Scope, Scopes},
    secret::Digest,
    session::Session,
    time::{Seconds, Timestamp},
};

/// A token family: what a citizen allowed a client once.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The family's id.
    pub id: GrantId,
    /// To whom.
    pub client: ClientId,
    /// By whom.
    pub citizen: CitizenId,
    /// In which session.
    pub session: Sid,
    /// Which of the citizen's data.
    pub scopes: Scopes,
    /// How sure we were of the citizen.
    pub assurance: Assurance,
    /// When the citizen proved presence.
    pub auth_time: Timestamp,
    /// When it was given.
    pub created_at: Timestamp,
    /// Nothing is issued from it after this, however often it was refreshed.
    pub expires_at: Timestamp,
    /// What was asked besides scopes.
    pub asked: Asked,
}

/// A code as it was found in the store at the moment it was spent.
#[derive(Debug)]
pub struct SpentCode {
    /// Where the answer went.
    pub redirect_uri: String,
    /// The `code_challenge` of the request.
    pub challenge: Option<String>,
    /// The `nonce` of the request.
    pub nonce: Option<String>,
    /// The key that it works with (RFC 9449 §10), whoever brings it.
    pub dpop_jkt: Option<Digest>,
    /// It was good until then.
    pub expires_at: Timestamp,
    /// The digest of the request's `state`, for clients that send it again.
    pub state: Option<Digest>,
}

/// What a refresh token meant when it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// Its first use.
    First,
    /// A second use within the grace, while nothing of the first was used: the first answer was lost.
    Retried,
}

impl Grant {
    /// The grant that `request` asks and `session`'s citizen gives.
    #[must_use]
    pub fn given(id: GrantId, request: &AuthorizeRequest, session: &Session, now: Timestamp) -> Self {
        let asked = request.asked.clone();
        Self::of_session(id, (&request.client, &request.scopes, asked), session, now)
    }

    /// What its client is told of the level that was reached (`acr`).
    #[must_use]
    pub fn acr<'a>(&'a self, levels: &'a Levels) -> &'a str {
        levels.told(self.assurance.aal, &self.asked.acr_values)
    }

    /// What a citizen allowed to a device in `session` (RFC 8628).
    #[must_use]
    pub fn to_device(id: GrantId, request: &DeviceRequest, session: &Session, now: Timestamp) -> Self {
        let asked = Asked {
            resources: request.resources.clone(),
            resource_scopes: request.resource_scopes.clone(),
            ..Asked::default()
        };
        Self::of_session(id, (&request.client, &request.scopes, asked), session, now)
    }

    /// What `session`'s citizen gives, and how sure we were of them.
    fn of_session(
        id: GrantId,
        (client, scopes, asked): (&ClientId, &Scopes, Asked),
        session: &Session,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            client: client.clone(),
            citizen: session.citizen.clone(),
            session: session.sid.clone(),
            scopes: scopes.clone(),
            assurance: session.assurance.clone(),
            auth_time: session.auth_time,
            created_at: now,
            expires_at: now.after(FAMILY_LIFETIME),
            asked,
        }
    }

    /// It goes on when the citizen logs out (`offline_access`); otherwise it ends with the session.
    #[must_use]
    pub fn outlives_session(&self) -> bool {
        self.scopes.contains(Scope::OfflineAccess)
    }
}

/// Checks a spent code against the request that presents it (RFC 6749 §4.1.3, RFC 7636 §4.6).
///
/// # Errors
/// `invalid_grant` with the first clause that fails.
pub fn code_fits(
    code: &SpentCode,
    grant: &Grant,
    client: &ClientId,
    request: &Parameters,
    now: Timestamp,
) -> Result<(), OauthError> {
    let fits = |right: bool, description| {
        if right {
            Ok(())
        } else {
            Err(OauthError::new(Code::InvalidGrant, description))
        }
    };
    fits(grant.client == *client, "the code was issued to another client")?;
    fits(!code.expires_at.reached(now), "the code has expired")?;
    fits(
        request.value("redirect_uri") == Some(&code.redirect_uri),
        "redirect_uri is not the one of the request",
    )?;
    fits(
        state_fits(code.state.as_ref(), request.value("state")),
        "state is not the one of the request",
    )?;
    verifier_fits(code.challenge.as_deref(), request.value("code_verifier"))
}

/// Clave Única's manual has `state` sent again with the code. Where it was kept and comes, it must be the same; for
/// everybody else it is a parameter that nobody knows (RFC 6749 §3.2).
fn state_fits(kept: Option<&Digest>, sent: Option<&str>) -> bool {
    match (kept, sent) {
        (Some(kept), Some(sent)) => *kept == Digest::of(sent.as_bytes()),
        (None, _) | (_, None) => true,
    }
}

/// RFC 7636 §4.6; a verifier without a challenge is a downgrade that was noticed (RFC 9700 §2.1.1).
fn verifier_fits(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), OauthError> {
    let told = |description| Err(OauthError::new(Code::InvalidGrant, description));
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => told("code_verifier without code_challenge"),
        (Some(_), None) => told("code_verifier is missing"),
        (Some(challenge), Some(verifier)) => {
            let shaped = (43..=128).contains(&verifier.len())
                && verifier
                    .bytes()
                    .all(|c| c.is_ascii_alphanumeric() || b"-._~".contains(&c));
            if shaped && sdk_jose::hash::same(&sdk_jose::hash::code_challenge_s256(verifier), challenge) {
                Ok(())
            } else {
                told("code_verifier does not fit")
            }
        }
    }
}

/// The scope of a new token: what is granted, or less when the request asks less (RFC 6749 §6).
///
/// # Errors
/// `invalid_scope` when more is asked than is granted.
pub fn narrowed(granted: &ScopeTokens, asked: Option<&str>) -> Result<ScopeTokens, OauthError> {
    let Some(asked) = asked else {
        return Ok(granted.clone());
    };
    let asked = ScopeTokens::parse(asked);
    if asked.within(granted) {
        Ok(granted.and(&asked))
    } else {
        Err(OauthError::new(
            Code::InvalidScope,
            "scope holds more than was granted",
        ))
    }
}

/// RFC 6749 §4.1.2: at most ten minutes; ASVS 10.4.3 (L3) and FAPI 2.0: one.
pub const CODE_LIFETIME: Seconds = Seconds(60);
/// An id token is looked at once, when it comes (OpenID Connect Core §2: "exp").
pub const ID_TOKEN_LIFETIME: Seconds = Seconds(600);
/// A month of refreshing; afterwards the citizen is asked to log in again (identity row 30).
pub const FAMILY_LIFETIME: Seconds = Seconds(30 * 86_400);
/// Time in which a lost answer to a refresh may be asked for again, once (FAPI 2.0 Security Profile §5.3.2.1).
pub const REFRESH_GRACE: Seconds = Seconds(30);

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::rules::assurance::{Factor, attained};

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    pub(crate) fn grant() -> Grant {
        Grant {
            id: GrantId::known("g"),
            client: ClientId::known("agency"),
            citizen: CitizenId::known("c"),
            session: Sid::known("s"),
            scopes: Scopes::parse("openid profile"),
            assurance: attained(&[Factor::Password, Factor::Totp]).unwrap(),
            auth_time: Timestamp(0),
            created_at: Timestamp(0),
            expires_at: Timestamp(99),
            asked: Asked::default(),
        }
    }

    fn code() -> SpentCode {
        SpentCode {
            redirect_uri: "https://agency.example/cb".to_owned(),
            challenge: Some(CHALLENGE.to_owned()),
            nonce: None,
            dpop_jkt: None,
            expires_at: Timestamp(60),
            state: None,
        }
    }

    fn request(redirect: &str, verifier: &str) -> Parameters {
        let pairs = [("redirect_uri", redirect), ("code_verifier", verifier)];
        Parameters::parse(
            url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(pairs)
                .finish()
                .as_bytes(),
        )
    }

    fn fits(code: &SpentCode, client: &str, request: &Parameters, now: i64) -> bool {
        code_fits(code, &grant(), &ClientId::known(client), request, Timestamp(now)).is_ok()
    }

    #[test]
    fn the_right_request_fits() {
        assert!(fits(
            &code(),
            "agency",
            &request("https://agency.example/cb", VERIFIER),
            59
        ));
    }

    #[test]
    fn after_a_minute_it_does_not() {
        assert!(!fits(
            &code(),
            "agency",
            &request("https://agency.example/cb", VERIFIER),
            60
        ));
    }

    #[test]
    fn another_client_does_not_fit() {
        assert!(!fits(
            &code(),
            "other",
            &request("https://agency.example/cb", VERIFIER),
            0
        ));
    }

    #[test]
    fn a_redirect_uri_that_differs_in_one_byte_does_not_fit() {
        for uri in [
            "",
            "https://agency.example/cb/",
            "https://AGENCY.example/cb",
            "https://agency.example:443/cb",
            "https://agency.example/%63b",
            "https://agency.example/cb?a=b",
        ] {
            assert!(!fits(&code(), "agency", &request(uri, VERIFIER), 0), "{uri}");
        }
    }

    #[test]
    fn a_wrong_short_long_or_missing_verifier_does_not_fit() {
        let long = "a".repeat(129);
        for verifier in [
            "",
            "a",
            &VERIFIER[..42],
            &long,
            &VERIFIER.replace('d', "e"),
            CHALLENGE,
        ] {
            assert!(
                !fits(
                    &code(),
                    "agency",
                    &request("https://agency.example/cb", verifier),
                    0
                ),
                "{verifier}"
            );
        }
    }

    #[test]
    fn a_verifier_without_a_challenge_does_not_fit() {
        let bare = SpentCode {
            challenge: None,
            ..code()
        };
        assert!(!fits(
            &bare,
            "agency",
            &request("https://agency.example/cb", VERIFIER),
            0
        ));
        assert!(fits(
            &bare,
            "agency",
            &request("https://agency.example/cb", ""),
            0
        ));
    }

    #[test]
    fn a_state_that_was_kept_and_comes_back_changed_does_not_fit() {
        let kept = SpentCode {
            state: Some(Digest::of(b"estado")),
            ..code()
        };
        let with = |state: &str| {
            let query =
                format!("redirect_uri=https://agency.example/cb&code_verifier={VERIFIER}&state={state}");
            fits(&kept, "agency", &Parameters::parse(query.as_bytes()), 0)
        };
        assert!(with("estado") && with(""));
        assert!(!with("otro"));
    }

    #[test]
    fn dots_and_tildes_are_part_of_a_verifier() {
        let verifier = "a.b~c-d_".repeat(6);
        let code = SpentCode {
            challenge: Some(sdk_jose::hash::code_challenge_s256(&verifier)),
            ..code()
        };
        assert!(fits(
            &code,
            "agency",
            &request("https://agency.example/cb", &verifier),
            0
        ));
    }

    #[test]
    fn a_refresh_may_ask_for_less_but_not_for_more() {
        let granted = ScopeTokens::parse("openid profile");
        assert_eq!(narrowed(&granted, Some("openid")).unwrap().to_string(), "openid");
        assert!(narrowed(&granted, Some("openid email")).is_err());
        assert!(narrowed(&granted, Some("openid admin")).is_err());
    }
}
