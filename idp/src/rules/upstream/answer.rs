//! What the browser brings back (RFC 6749 §4.1.2, RFC 9207 §2).

use super::{Endpoints, Unproven};
use crate::rules::{parameters::Parameters, secret::Opaque};

/// The answer, before anybody believes it.
#[derive(Debug)]
pub struct Answer {
    parameters: Parameters,
}

impl Answer {
    /// The parameters of the address.
    #[must_use]
    pub fn of(parameters: Parameters) -> Self {
        Self { parameters }
    }

    /// Which question it says it answers.
    #[must_use]
    pub fn state(&self) -> Option<Opaque> {
        Opaque::parse(self.parameters.value("state")?)
    }

    /// The code, if it is an answer of `issuer` and no refusal.
    ///
    /// # Errors
    /// In this order: [`Unproven::Malformed`], [`Unproven::OtherIssuer`], [`Unproven::Refused`].
    pub fn code(&self, issuer: &str, endpoints: &Endpoints) -> Result<&str, Unproven> {
        // RFC 6749 §3.1: no parameter twice.
        if self.parameters.has_repeated() {
            return Err(Unproven::Malformed);
        }
        // RFC 9207 §2.4: before anything else is used.
        match self.parameters.value("iss") {
            Some(named) if named != issuer => return Err(Unproven::OtherIssuer),
            None if endpoints.names_itself => return Err(Unproven::OtherIssuer),
            Some(_) | None => {}
        }
        match (self.parameters.value("code"), self.parameters.value("error")) {
            (Some(code), None) if code.len() <= LONGEST_CODE => Ok(code),
            (None, Some(_)) => Err(Unproven::Refused),
            _ => Err(Unproven::Malformed),
        }
    }

    /// The person said no there (RFC 6749 §4.1.2.1), or went back.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.parameters.value("error") == Some("access_denied")
    }

    /// The provider says that it is not able to answer just now (RFC 6749 §4.1.2.1), whoever the person is.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        let trouble = ["server_error", "temporarily_unavailable"];
        self.parameters
            .value("error")
            .is_some_and(|error| trouble.contains(&error))
    }
}

/// Ours: codes of some providers are whole tokens; longer than this is no code.
const LONGEST_CODE: usize = 4_096;

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    const ISSUER: &str = "https://otra.example";

    fn code(query: &str, names_itself: bool) -> Result<String, Unproven> {
        let at = |path: &str| Url::parse(&format!("{ISSUER}{path}")).unwrap();
        let endpoints = Endpoints {
            authorization: at("/a"),
            token: at("/t"),
            jwks: at("/k"),
            userinfo: None,
            names_itself,
        };
        let answer = Answer::of(Parameters::parse(query.as_bytes()));
        answer.code(ISSUER, &endpoints).map(str::to_owned)
    }

    #[test]
    fn a_code_is_taken_with_the_right_issuer_or_where_none_is_told() {
        assert_eq!(code("code=c&state=s", false).unwrap(), "c");
        assert_eq!(code("code=c&iss=https%3A%2F%2Fotra.example", true).unwrap(), "c");
    }

    #[test]
    fn trouble_at_the_provider_is_no_refusal_of_the_person() {
        let answer = |query: &str| Answer::of(Parameters::parse(query.as_bytes()));
        for trouble in ["server_error", "temporarily_unavailable"] {
            assert!(answer(&format!("error={trouble}")).is_trouble(), "{trouble}");
        }
        for other in ["error=access_denied", "error=login_required", "code=server_error"] {
            assert!(!answer(other).is_trouble(), "{other}");
        }
    }

    #[test]
    fn an_answer_of_another_provider_is_none() {
        let other = Err(Unproven::OtherIssuer);
        assert_eq!(code("code=c&iss=https%3A%2F%2Fmala.example", false), other);
        assert_eq!(code("code=c&iss=https%3A%2F%2Fmala.example", true), other);
        assert_eq!(code("code=c", true), other);
        // Not even its error is read.
        assert_eq!(code("error=access_denied&iss=x", false), other);
    }

    #[test]
    fn no_parameter_comes_twice_and_a_code_is_no_error() {
        for query in [
            "code=c&code=d",
            "code=c&error=x",
            "state=s",
            "iss=a&iss=b&code=c",
            "",
        ] {
            assert_eq!(code(query, false), Err(Unproven::Malformed), "{query}");
        }
        assert_eq!(code("error=server_error", false), Err(Unproven::Refused));
    }
}
