//! A resource that wants a better login than the token's (RFC 9470): its challenge, and the way to meet it.

use std::collections::HashMap;

use axum::http::{HeaderMap, header::WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use sdk_jose::Seconds;
use serde::{Deserialize, Serialize};

use super::Login;
use super::assurance::Assurance;
use super::begin::Asked;
use super::rejection::{Asker, Rejection};
use super::return_path::ReturnPath;
use crate::look::Language;

/// What a resource asks of a login before it opens.
///
/// Your own interface can ask in the same way; whoever calls it hands the headers of its 401 to
/// [`StepUp::from_headers`] and the person to [`Login::step_up`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepUp {
    acr_values: Vec<String>,
    max_age: Option<Seconds>,
}

impl StepUp {
    /// The challenge in the headers of a 401, if one of them is `insufficient_user_authentication`.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(WWW_AUTHENTICATE).into_iter();
        values
            .filter_map(|value| value.to_str().ok())
            .filter(|value| value.len() <= MAX_CHALLENGE_BYTES)
            .flat_map(challenges)
            .find(|parameters| {
                parameters.get("error").map(String::as_str) == Some("insufficient_user_authentication")
            })
            .map(|parameters| Self {
                acr_values: parameters
                    .get("acr_values")
                    .map(|values| values.split_ascii_whitespace().map(str::to_owned).collect())
                    .unwrap_or_default(),
                max_age: parameters
                    .get("max_age")
                    .and_then(|seconds| seconds.parse::<u32>().ok())
                    .map(|seconds| Seconds(i64::from(seconds))),
            })
    }

    /// The levels to ask for: those of the challenge, never below `at_least`. A name that only the idp understands is
    /// the idp's to judge.
    pub(crate) fn acr_values(&self, at_least: Assurance) -> Vec<String> {
        let fits = |name: &&String| {
            let level = Assurance::from_acr(name);
            level == Assurance::Unknown || level >= at_least
        };
        self.acr_values.iter().filter(fits).cloned().collect()
    }

    pub(crate) fn max_age(&self) -> Option<Seconds> {
        self.max_age
    }
}

impl Login {
    /// Sends the person to the idp to log in as well as a resource asks, and then to `return_to`, a path of ours.
    ///
    /// The answer is a redirect, or a page that says why not.
    pub async fn step_up(&self, wanted: StepUp, return_to: &str, language: Language) -> Response {
        let return_to = ReturnPath::new(return_to);
        let asked = Asked::login(return_to.clone(), Assurance::Unknown).stepping_up(wanted);
        match self.begin(asked, &HeaderMap::new(), language).await {
            Ok(redirect) => redirect,
            Err(error) => Rejection::failed(error, Asker::person(self, return_to, language)).into_response(),
        }
    }
}

/// The parameters of each challenge of a header (RFC 9110 §11.6.1): `scheme name=value, name="value", scheme …`.
fn challenges(header: &str) -> Vec<HashMap<String, String>> {
    let mut all: Vec<HashMap<String, String>> = Vec::new();
    let mut rest = header;
    while let Some(begin) = rest.find(is_token) {
        let (_, from) = rest.split_at(begin);
        let end = from.find(|c| !is_token(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        rest = match after.strip_prefix('=') {
            Some(after) => {
                let (value, after) = value(after);
                if let Some(parameters) = all.last_mut() {
                    parameters.entry(word.to_ascii_lowercase()).or_insert(value);
                }
                after
            }
            None => {
                all.push(HashMap::new());
                after
            }
        };
    }
    all
}

/// A token or a quoted string, and what comes after it (RFC 9110 §5.6.2, §5.6.4).
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c| !is_token(c)).unwrap_or(text.len());
        let (value, after) = text.split_at(end);
        return (value.to_owned(), after);
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in quoted.char_indices() {
        match (escaped, c) {
            (false, '\\') => escaped = true,
            (false, '"') => {
                let after = quoted.get(at..).and_then(|rest| rest.strip_prefix('"'));
                return (value, after.unwrap_or_default());
            }
            (_, c) => {
                value.push(c);
                escaped = false;
            }
        }
    }
    (value, "")
}

/// RFC 9110 §5.6.2.
fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

/// Ours: a scheme, an error with its description and a few names of levels fit many times over.
const MAX_CHALLENGE_BYTES: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(header: &str) -> Option<StepUp> {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, header.parse().ok()?);
        StepUp::from_headers(&headers)
    }

    #[test]
    fn the_example_of_the_rfc() {
        let challenge = read(
            "Bearer error=\"insufficient_user_authentication\", \
             error_description=\"A more recent authentication is required\", max_age=\"5\"",
        );
        assert_eq!(
            challenge,
            Some(StepUp {
                acr_values: Vec::new(),
                max_age: Some(Seconds(5))
            })
        );
    }

    #[test]
    fn another_error_and_another_schemes_parameters_are_no_such_challenge() {
        assert_eq!(read("Bearer error=\"invalid_token\", acr_values=\"a\""), None);
        assert_eq!(
            read("Bearer error=\"invalid_token\", DPoP acr_values=\"insufficient_user_authentication\""),
            None
        );
        assert_eq!(read("error=\"insufficient_user_authentication\""), None);
        assert_eq!(
            read("Bearer realm=\"error=insufficient_user_authentication\""),
            None
        );
    }

    #[test]
    fn one_challenge_among_several_is_found() {
        let challenge = read(
            "Basic realm=\"a, \\\"b\\\"\", DPoP algs=\"ES256\", error=insufficient_user_authentication, \
             acr_values=\"urn:aval:aal2 urn:x\"",
        )
        .unwrap();
        assert_eq!(
            challenge.acr_values(Assurance::Unknown),
            ["urn:aval:aal2", "urn:x"]
        );
        assert_eq!(challenge.acr_values(Assurance::Aal3), ["urn:x"]);
    }

    proptest! {
        #[test]
        fn no_header_breaks_the_reader(header in "[ -~]{0,200}") {
            let _ = read(&header);
        }

        #[test]
        fn what_was_written_is_read(acr in "[a-z:]{1,12}", age in 0_u32..100_000) {
            let header = format!(
                "Bearer error=\"insufficient_user_authentication\", acr_values=\"{acr}\", max_age={age}"
            );
            let wanted = StepUp { acr_values: vec![acr], max_age: Some(Seconds(i64::from(age))) };
            prop_assert_eq!(read(&header), Some(wanted));
        }
    }
}
