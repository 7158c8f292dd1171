//! What an authorization request and the session at hand call for together (OpenID Connect Core §3.1.2.3, §3.1.2.4).

use super::{
    assurance::Aal,
    authorize::AuthorizeRequest,
    oauth::{Code, OauthError},
    scope::Scopes,
    session::Session,
    time::Timestamp,
};

/// What a request and a session together call for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nobody (suitable) is known: ask who it is.
    Identify,
    /// The known citizen must prove presence again.
    Reauthenticate,
    /// The known citizen is as sure as the request wants them: what they allow decides ([`agreed`]).
    Recognised,
    /// `prompt=none`, and something is missing.
    Refuse(OauthError),
}

/// Whether a citizen's consent covers a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// It does.
    Given,
    /// It does not: ask.
    Missing,
    /// `prompt=none`, and it does not.
    Refuse(OauthError),
}

/// What is known when a request is weighed.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The live session of this browser.
    pub session: Option<&'a Session>,
    /// How its citizen is named to this client, where the request hints at somebody.
    pub subject: Option<&'a str>,
    /// This moment.
    pub now: Timestamp,
}

/// Weighs a request against the session (OpenID Connect Core §3.1.2.3 and §3.1.2.4).
#[must_use]
pub fn decide(request: &AuthorizeRequest, known: Known<'_>) -> Decision {
    let silent = |code, description, otherwise| {
        if request.prompt.none {
            Decision::Refuse(OauthError::new(code, description))
        } else {
            otherwise
        }
    };
    let login = |otherwise| silent(Code::LoginRequired, "the citizen must log in", otherwise);
    let Some(session) = known.session else {
        return login(Decision::Identify);
    };
    let another = request.subject_hint.is_some() && request.subject_hint.as_deref() != known.subject;
    if request.prompt.select_account || request.prompt.create || another {
        return login(Decision::Identify);
    }
    if session.assurance.aal < request.required {
        // Step-up: the session goes on, and only the missing factor is asked.
        return login(Decision::Reauthenticate);
    }
    let age = known.now.since(session.auth_time);
    if request.prompt.login || request.max_age.is_some_and(|most| age >= most) {
        return login(presence(session));
    }
    Decision::Recognised
}

/// Weighs a request against what its citizen allows this client (OpenID Connect Core §3.1.2.4).
#[must_use]
pub fn agreed(request: &AuthorizeRequest, consented: &Scopes) -> Agreement {
    match (needs_consent(request, consented), request.prompt.none) {
        (false, _) => Agreement::Given,
        (true, false) => Agreement::Missing,
        (true, true) => Agreement::Refuse(OauthError::new(Code::ConsentRequired, "the citizen must consent")),
    }
}

/// How presence is proven again. Who showed a password and nothing else may have nothing else: they log in once more.
fn presence(session: &Session) -> Decision {
    if session.assurance.aal == Aal::One {
        Decision::Identify
    } else {
        Decision::Reauthenticate
    }
}

/// Consent is asked once, again when more is asked, and whenever the client wants it asked. Authorization details are
/// asked each time: each is an act of its own.
#[must_use]
pub fn needs_consent(request: &AuthorizeRequest, consented: &Scopes) -> bool {
    // What is asked of resources is not remembered: it is read each time.
    request.prompt.consent
        || !request.asked.details.is_empty()
        || !request.asked.resource_scopes.is_empty()
        || !request.releases().within(consented)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{
        assurance::{Factor, attained},
        authorize::tests::with,
        ids::{CitizenId, Sid},
    };

    fn session() -> Session {
        let factors = vec![Factor::Password, Factor::Totp];
        Session {
            sid: Sid::known("s"),
            citizen: CitizenId::known("c"),
            assurance: attained(&factors).unwrap(),
            factors,
            auth_time: Timestamp(100),
            started_at: Timestamp(100),
            seen_at: Timestamp(100),
            device: String::new(),
        }
    }

    fn decided(name: &str, value: &str, session: Option<&Session>) -> Decision {
        let known = Known {
            session,
            subject: session.map(|_| "sub"),
            now: Timestamp(110),
        };
        decide(&with(name, value).unwrap(), known)
    }

    fn covered(name: &str, value: &str, consented: &str) -> Agreement {
        agreed(&with(name, value).unwrap(), &Scopes::parse(consented))
    }

    #[test]
    fn without_a_session_somebody_must_log_in() {
        assert_eq!(decided("prompt", "login", None), Decision::Identify);
        let Decision::Refuse(error) = decided("prompt", "none", None) else {
            panic!()
        };
        assert_eq!(error.code, Code::LoginRequired);
    }

    #[test]
    fn an_old_presence_is_proven_again() {
        let session = session();
        assert_eq!(decided("max_age", "0", Some(&session)), Decision::Reauthenticate);
        assert_eq!(decided("max_age", "10", Some(&session)), Decision::Reauthenticate);
        assert_eq!(decided("max_age", "11", Some(&session)), Decision::Recognised);
        assert_eq!(
            decided("prompt", "login", Some(&session)),
            Decision::Reauthenticate
        );
    }

    #[test]
    fn consent_is_asked_when_it_grows_or_is_wanted() {
        assert_eq!(covered("x", "", "openid"), Agreement::Missing);
        assert_eq!(covered("x", "", "openid profile email"), Agreement::Given);
        assert_eq!(covered("prompt", "consent", "openid profile"), Agreement::Missing);
        let Agreement::Refuse(error) = covered("prompt", "none", "openid") else {
            panic!()
        };
        assert_eq!(error.code, Code::ConsentRequired);
    }

    #[test]
    fn a_session_below_the_level_asks_for_what_is_missing() {
        let mut low = session();
        low.factors = vec![Factor::Password];
        low.assurance = attained(&low.factors).unwrap();
        assert_eq!(decided("x", "", Some(&low)), Decision::Reauthenticate);
        let Decision::Refuse(error) = decided("prompt", "none", Some(&low)) else {
            panic!()
        };
        assert_eq!(error.code, Code::LoginRequired);
        let mut content = with("prompt", "login").unwrap();
        content.required = Aal::One;
        let known = Known {
            session: Some(&low),
            subject: Some("sub"),
            now: Timestamp(110),
        };
        assert_eq!(decide(&content, known), Decision::Identify);
        content.prompt.login = false;
        assert_eq!(decide(&content, known), Decision::Recognised);
    }

    #[test]
    fn single_claims_and_details_are_consented_to() {
        let claims = r#"{"userinfo":{"email":null}}"#;
        assert_eq!(covered("claims", claims, "openid profile"), Agreement::Missing);
        assert_eq!(
            covered("claims", claims, "openid profile email"),
            Agreement::Given
        );
        let details = r#"[{"type":"signature","documents":"a"}]"#;
        assert_eq!(
            covered("authorization_details", details, "openid profile"),
            Agreement::Missing
        );
    }

    #[test]
    fn a_hint_about_another_citizen_asks_who_it_is() {
        let mut request = with("x", "").unwrap();
        request.subject_hint = Some("other".to_owned());
        let session = session();
        let known = Known {
            session: Some(&session),
            subject: Some("sub"),
            now: Timestamp(110),
        };
        assert_eq!(decide(&request, known), Decision::Identify);
    }
}
