//! Answers to an authorization request: a code or an error, and how they travel (RFC 6749 §4.1.2, RFC 9207, JARM).

use serde_json::{Map, Value, json};

use super::{
    authorize::{AuthorizeRequest, ReturnTo},
    oauth::OauthError,
    secret::Secret,
    time::{Seconds, Timestamp},
};

/// What a client is told, before it is wrapped for its way.
pub struct Answer {
    /// Where and how it goes.
    pub to: ReturnTo,
    said: Vec<(&'static str, String)>,
}

/// An answer on its way.
pub enum Delivery {
    /// The browser goes to this address.
    Redirect(String),
    /// The browser posts these fields to this address.
    Form {
        /// A registered redirect URI of http or https.
        action: String,
        /// Hidden fields.
        fields: Vec<(&'static str, String)>,
    },
}

impl Answer {
    /// The citizen agreed (RFC 6749 §4.1.2).
    #[must_use]
    pub fn code(request: &AuthorizeRequest, code: &Secret<String>) -> Self {
        Self {
            to: request.return_to(),
            said: vec![("code", code.expose().clone())],
        }
    }

    /// Something is wrong (RFC 6749 §4.1.2.1).
    #[must_use]
    pub fn error(to: ReturnTo, error: OauthError) -> Self {
        let said = vec![
            ("error", error.code.name().to_owned()),
            ("error_description", error.description.to_owned()),
        ];
        Self { to, said }
    }

    /// One more thing to say.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.said.push((name, value.into()));
        self
    }

    /// The answer in the open, with `state` as it came and `iss` (RFC 9207 §2: with errors, too).
    #[must_use]
    pub fn plain(self, issuer: &str) -> Delivery {
        let state = self.to.state.clone();
        let fields: Vec<(&'static str, String)> = self
            .said
            .into_iter()
            .chain(state.map(|state| ("state", state)))
            .chain([("iss", issuer.to_owned())])
            .collect();
        deliver(self.to.response_mode.is_form(), self.to.redirect_uri, fields)
    }

    /// The claims of a signed answer (JARM §2.1). `iss` is among them and so not outside (RFC 9207 §2).
    #[must_use]
    pub fn claims(&self, issuer: &str, now: Timestamp) -> Map<String, Value> {
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), json!(issuer));
        claims.insert("aud".to_owned(), json!(self.to.client.as_str()));
        claims.insert("exp".to_owned(), json!(now.after(SIGNED_LIFETIME).0));
        for (name, value) in &self.said {
            claims.insert((*name).to_owned(), json!(value));
        }
        if let Some(state) = &self.to.state {
            claims.insert("state".to_owned(), json!(state));
        }
        claims
    }

    /// The answer as `token`, which holds its [`Answer::claims`] (JARM §2.3).
    #[must_use]
    pub fn signed(self, token: String) -> Delivery {
        deliver(
            self.to.response_mode.is_form(),
            self.to.redirect_uri,
            vec![("response", token)],
        )
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A code is among what is said.
        out.debug_struct("Answer")
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

fn deliver(form: bool, redirect_uri: String, fields: Vec<(&'static str, String)>) -> Delivery {
    if form {
        return Delivery::Form {
            action: redirect_uri,
            fields,
        };
    }
    let pairs: Vec<(&str, Option<&str>)> = fields
        .iter()
        .map(|(name, value)| (*name, Some(value.as_str())))
        .collect();
    Delivery::Redirect(at(&redirect_uri, &pairs))
}

/// `redirect_uri` with `parameters` after whatever query it was registered with.
#[must_use]
pub fn at(redirect_uri: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let (query, joint) = (query.finish(), if redirect_uri.contains('?') { '&' } else { '?' });
    if query.is_empty() {
        redirect_uri.to_owned()
    } else {
        format!("{redirect_uri}{joint}{query}")
    }
}

/// JARM §2.1: at most ten minutes. A browser brings it at once; the code inside lives for one.
pub const SIGNED_LIFETIME: Seconds = Seconds(300);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::authorize::tests::with;

    #[test]
    fn a_registered_query_is_kept() {
        assert_eq!(
            at("https://a/cb?x=1", &[("code", Some("c"))]),
            "https://a/cb?x=1&code=c"
        );
        assert_eq!(at("https://a/cb", &[("code", Some("c"))]), "https://a/cb?code=c");
    }

    #[test]
    fn state_cannot_add_a_parameter_or_a_header() {
        let answer = at("https://a/cb", &[("state", Some("x&code=evil\r\nSet-Cookie: a"))]);
        assert_eq!(answer, "https://a/cb?state=x%26code%3Devil%0D%0ASet-Cookie%3A+a");
    }

    fn answer(mode: &str) -> Answer {
        Answer::code(
            &with("response_mode", mode).unwrap(),
            &Secret::new("c".to_owned()),
        )
    }

    #[test]
    fn an_answer_in_the_open_says_who_answers() {
        let Delivery::Redirect(uri) = answer("query").plain("https://id") else {
            panic!()
        };
        assert_eq!(
            uri,
            "https://agency.example/cb?code=c&state=s&iss=https%3A%2F%2Fid"
        );
        let Delivery::Form { action, fields } = answer("form_post").plain("https://id") else {
            panic!()
        };
        assert_eq!(action, "https://agency.example/cb");
        assert_eq!(fields.len(), 3);
    }

    #[test]
    fn a_signed_answer_says_everything_inside_and_nothing_outside() {
        let signed = answer("jwt");
        let claims = signed.claims("https://id", Timestamp(10));
        assert_eq!(
            Value::Object(claims),
            json!({"iss": "https://id", "aud": "agency", "exp": 310, "code": "c", "state": "s"})
        );
        let Delivery::Redirect(uri) = signed.signed("t".to_owned()) else {
            panic!()
        };
        assert_eq!(uri, "https://agency.example/cb?response=t");
    }
}
