//! Answers by redirect: parameters added to a registered URI (RFC 6749 §4.1.2, RFC 9207).

use super::oauth::OauthError;

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

/// An error answer. `iss` goes with errors too (RFC 9207 §2).
#[must_use]
pub fn error(redirect_uri: &str, state: Option<&str>, issuer: &str, error: OauthError) -> String {
    at(
        redirect_uri,
        &[
            ("error", Some(error.code.name())),
            ("error_description", Some(error.description)),
            ("state", state),
            ("iss", Some(issuer)),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
