//! How a client presents itself at the token endpoint (RFC 6749 §2.3.1), before it is believed.

use zeroize::Zeroizing;

use super::{
    ids::ClientId,
    oauth::{Code, OauthError},
    parameters::Parameters,
    secret::{Digest, Secret},
};

/// A client's credentials as they came.
#[derive(Debug)]
pub struct Presented {
    /// Who it says it is.
    pub client: ClientId,
    /// Readings of the secret, none for a client without one: RFC 6749 wants the header's parts form-encoded, and
    /// about half of the libraries do it.
    secrets: Vec<Secret<String>>,
    /// By the header: a refusal then names the scheme (RFC 6749 §5.2).
    pub by_header: bool,
}

impl Presented {
    /// Reads the `Authorization` header and the body.
    ///
    /// # Errors
    /// `invalid_client` when nothing is presented, `invalid_request` when two ways are used at once.
    pub fn read(authorization: Option<&str>, body: &Parameters) -> Result<Self, OauthError> {
        let malformed = OauthError::new(Code::InvalidClient, "the Authorization header is not HTTP Basic");
        let Some(header) = authorization else {
            return Self::from_body(body);
        };
        let (scheme, encoded) = header.split_once(' ').ok_or(malformed)?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return Err(malformed);
        }
        if body.value("client_secret").is_some() {
            return Err(OauthError::new(
                Code::InvalidRequest,
                "two ways of client authentication at once",
            ));
        }
        let decoded = data_encoding::BASE64
            .decode(encoded.trim().as_bytes())
            .map(Zeroizing::new);
        let decoded = decoded.map_err(|_| malformed)?;
        let text = std::str::from_utf8(&decoded).map_err(|_| malformed)?;
        let (id, secret) = text.split_once(':').ok_or(malformed)?;
        let client = ClientId::known(form_decoded(id));
        if body
            .value("client_id")
            .is_some_and(|named| named != client.as_str())
        {
            return Err(OauthError::new(
                Code::InvalidRequest,
                "client_id is not the one of the header",
            ));
        }
        let secrets = vec![Secret::new(form_decoded(secret)), Secret::new(secret.to_owned())];
        Ok(Self {
            client,
            secrets,
            by_header: true,
        })
    }

    fn from_body(body: &Parameters) -> Result<Self, OauthError> {
        let missing = OauthError::new(Code::InvalidClient, "client authentication is missing");
        let client = ClientId::known(body.value("client_id").ok_or(missing)?);
        let secret = body
            .value("client_secret")
            .map(|secret| Secret::new(secret.to_owned()));
        Ok(Self {
            client,
            secrets: secret.into_iter().collect(),
            by_header: false,
        })
    }

    /// No secret came.
    #[must_use]
    pub fn bare(&self) -> bool {
        self.secrets.is_empty()
    }

    /// One reading of the secret has this digest; compared in constant time.
    #[must_use]
    pub fn has_secret(&self, stored: &Digest) -> bool {
        self.secrets.iter().fold(false, |found, secret| {
            found | (super::client::secret_digest(secret.expose()) == *stored)
        })
    }
}

/// One form-encoded value.
fn form_decoded(text: &str) -> String {
    // As the value of a parameter without name: `=` keeps a leading `=` of the value in place.
    let pair = format!("={}", text.replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::client::secret_digest;

    fn basic(pair: &str) -> String {
        format!("Basic {}", data_encoding::BASE64.encode(pair.as_bytes()))
    }

    fn body(text: &str) -> Parameters {
        Parameters::parse(text.as_bytes())
    }

    #[test]
    fn the_header_is_read_encoded_or_plain() {
        let plain = Presented::read(Some(&basic("a:s+c%ret")), &body("")).unwrap();
        assert!(plain.has_secret(&secret_digest("s+c%ret")));
        let encoded = Presented::read(Some(&basic("a%2Eb:s%2Bc")), &body("")).unwrap();
        assert_eq!(encoded.client.as_str(), "a.b");
        assert!(encoded.has_secret(&secret_digest("s+c")));
        assert!(!encoded.has_secret(&secret_digest("other")));
    }

    #[test]
    fn two_ways_at_once_are_refused() {
        let refused = Presented::read(Some(&basic("a:s")), &body("client_id=a&client_secret=s")).unwrap_err();
        assert_eq!(refused.code, Code::InvalidRequest);
    }

    #[test]
    fn the_body_may_repeat_the_id_but_not_change_it() {
        assert!(Presented::read(Some(&basic("a:s")), &body("client_id=a")).is_ok());
        assert!(Presented::read(Some(&basic("a:s")), &body("client_id=b")).is_err());
    }

    #[test]
    fn nothing_presented_is_invalid_client() {
        assert_eq!(
            Presented::read(None, &body("")).unwrap_err().code,
            Code::InvalidClient
        );
        assert_eq!(
            Presented::read(Some("Bearer x"), &body("")).unwrap_err().code,
            Code::InvalidClient
        );
        assert_eq!(
            Presented::read(Some("Basic !!"), &body("")).unwrap_err().code,
            Code::InvalidClient
        );
    }

    #[test]
    fn an_ampersand_does_not_cut_a_secret() {
        let presented = Presented::read(Some(&basic("a:x&y=z")), &body("")).unwrap();
        assert!(presented.has_secret(&secret_digest("x&y=z")));
    }
}
