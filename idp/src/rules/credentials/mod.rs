//! How a client presents itself at the token endpoint (RFC 6749 §2.3, RFC 7523, RFC 8705), before it is believed.

pub mod assertion;

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{
    certificate::Certificate,
    dpop,
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
    /// How it means to prove that.
    pub by: By,
    /// What came beside the form.
    pub arrival: Arrival,
}

/// How a client means to prove who it is.
#[derive(Debug)]
pub enum By {
    /// Readings of a secret: RFC 6749 wants the header's parts form-encoded, and about half of the libraries do it.
    Secret(Vec<Secret<String>>),
    /// A signed assertion.
    Assertion(Secret<String>),
    /// Nothing that is said: its TLS certificate, or it is a public client.
    Nothing,
}

/// What a request brings besides its form: by which address it came in, and what its sender shows to hold.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// The method.
    pub method: String,
    /// The path, as the router matched it.
    pub path: String,
    /// Its DPoP headers.
    pub proof: dpop::Sent,
    /// The certificate of its TLS connection.
    pub certificate: Option<Arc<Certificate>>,
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
        if ["client_secret", "client_assertion"]
            .iter()
            .any(|name| body.value(name).is_some())
        {
            return Err(TWO_WAYS);
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
        Ok(Self::new(client, By::Secret(secrets)))
    }

    /// With what came beside the form.
    #[must_use]
    pub fn arrived(self, arrival: Arrival) -> Self {
        Self { arrival, ..self }
    }

    fn new(client: ClientId, by: By) -> Self {
        Self {
            client,
            by,
            arrival: Arrival::default(),
        }
    }

    fn from_body(body: &Parameters) -> Result<Self, OauthError> {
        let missing = OauthError::new(Code::InvalidClient, "client authentication is missing");
        let named = body.value("client_id");
        let secret = body.value("client_secret");
        let Some(assertion) = body.value("client_assertion") else {
            let by = secret.map_or(By::Nothing, |secret| {
                By::Secret(vec![Secret::new(secret.to_owned())])
            });
            return Ok(Self::new(ClientId::known(named.ok_or(missing)?), by));
        };
        if secret.is_some() {
            return Err(TWO_WAYS);
        }
        if body.value("client_assertion_type") != Some(JWT_BEARER) {
            return Err(OauthError::new(
                Code::InvalidClient,
                "client_assertion_type is missing or unknown",
            ));
        }
        // RFC 7521 §4.2: client_id may be left out; the assertion itself says whose it claims to be.
        let claimed = sdk_jose::claimed_issuer(assertion).map_err(|_| {
            OauthError::new(
                Code::InvalidClient,
                "client_assertion is not a JWT that names its client",
            )
        })?;
        if named.is_some_and(|named| named != claimed) {
            return Err(OauthError::new(
                Code::InvalidClient,
                "client_id is not the one of client_assertion",
            ));
        }
        Ok(Self::new(
            ClientId::known(claimed),
            By::Assertion(Secret::new(assertion.to_owned())),
        ))
    }

    /// Nothing was said.
    #[must_use]
    pub fn bare(&self) -> bool {
        matches!(self.by, By::Nothing)
    }

    /// One reading of the secret has this digest; compared in constant time.
    #[must_use]
    pub fn has_secret(&self, stored: &Digest) -> bool {
        let By::Secret(readings) = &self.by else {
            return false;
        };
        readings.iter().fold(false, |found, secret| {
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

/// RFC 6749 §2.3: not more than one authentication method in each request.
const TWO_WAYS: OauthError =
    OauthError::new(Code::InvalidRequest, "two ways of client authentication at once");
/// RFC 7523 §2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

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
