//! RP-initiated logout 1.0: when the browser may be logged out without asking, and where it may go then.

use serde::Deserialize;

use super::{
    client::Client,
    ids::{ClientId, Sid},
    parameters::Parameters,
};

/// What a verified `id_token_hint` says. Its age does not matter (§2: "SHOULD accept when expired").
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Hint {
    /// The client that holds it.
    pub aud: String,
    /// The session it was issued in.
    pub sid: String,
    /// The citizen, as that client knows them.
    pub sub: String,
}

/// The client that a request names: by the hint, by `client_id`, or by both if they agree (§2).
///
/// # Errors
/// Both are there and differ.
pub fn client_named(parameters: &Parameters, hint: Option<&Hint>) -> Result<Option<ClientId>, Disagree> {
    match (hint, parameters.value("client_id")) {
        (Some(hint), Some(id)) if hint.aud != id => Err(Disagree),
        (Some(hint), _) => Ok(Some(ClientId::known(hint.aud.as_str()))),
        (None, Some(id)) => Ok(Some(ClientId::known(id))),
        (None, None) => Ok(None),
    }
}

/// Whom the end of a session concerns in the browser that it lived in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Farewell {
    /// Addresses of agencies that want to hear of it through the browser, in frames of the page that says goodbye.
    pub frames: Vec<String>,
}

/// The address of a frame (Front-Channel Logout 1.0 §2): as registered, with issuer and session, so that an agency can
/// tell whose session it is.
#[must_use]
pub fn frame(uri: &str, issuer: &str, sid: &Sid) -> String {
    super::answer::at(uri, &[("iss", Some(issuer)), ("sid", Some(sid.as_str()))])
}

/// `client_id` and `id_token_hint` name two clients.
#[derive(Debug, PartialEq, Eq)]
pub struct Disagree;

/// Where the browser goes when logged out: only to an address that the named client registered, byte for byte (§3).
#[must_use]
pub fn destination(parameters: &Parameters, client: Option<&Client>) -> Option<String> {
    let uri = parameters.value("post_logout_redirect_uri")?;
    client?
        .logs_out_to(uri)
        .then(|| super::answer::at(uri, &[("state", parameters.value("state"))]))
}

/// The browser may be logged out without a question: the client proves by its hint that it speaks of this very
/// session. Anything else could be a link on somebody's page.
#[must_use]
pub fn without_asking(hint: Option<&Hint>, session: Option<&Sid>) -> bool {
    match (hint, session) {
        (Some(hint), Some(session)) => hint.sid == session.as_str(),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::registration::tests::registration;

    fn hint() -> Hint {
        Hint {
            aud: "agency".into(),
            sid: "s".into(),
            sub: "x".into(),
        }
    }

    fn client() -> Client {
        let mut registration = registration();
        registration.post_logout_redirect_uris = vec!["https://agency.example/bye".to_owned()];
        registration.check(ClientId::known("agency")).unwrap()
    }

    #[test]
    fn a_hint_of_this_session_needs_no_question() {
        assert!(without_asking(Some(&hint()), Some(&Sid::known("s"))));
        assert!(!without_asking(Some(&hint()), Some(&Sid::known("other"))));
        assert!(!without_asking(None, Some(&Sid::known("s"))));
    }

    #[test]
    fn only_a_registered_address_is_a_destination() {
        let at = |query: &str| destination(&Parameters::parse(query.as_bytes()), Some(&client()));
        assert_eq!(
            at("post_logout_redirect_uri=https://agency.example/bye&state=a%26b"),
            Some("https://agency.example/bye?state=a%26b".to_owned())
        );
        for other in [
            "https://agency.example/bye/",
            "https://agency.example/bye?x=1",
            "https://evil.example/bye",
        ] {
            assert_eq!(at(&format!("post_logout_redirect_uri={other}")), None);
        }
    }

    #[test]
    fn two_clients_in_one_request_disagree() {
        let parameters = Parameters::parse(b"client_id=other");
        assert_eq!(client_named(&parameters, Some(&hint())), Err(Disagree));
    }
}
