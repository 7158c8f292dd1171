//! An access token: to whom, for whom, for what, until when; and its form as a signed JWT (RFC 9068).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    assurance::Levels,
    binding::Binding,
    details::Details,
    grant::Grant,
    ids::ClientId,
    resource::{Audience, ScopeTokens},
    secret::Digest,
    time::{Seconds, Timestamp},
};

/// What an access token says, whatever its form.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// To whom it was issued.
    pub client: ClientId,
    /// With whose authority it acts.
    pub holder: Holder,
    /// In whose hands it works.
    pub binding: Binding,
    /// What it is for.
    pub audience: Audience,
    /// What it opens there.
    pub scope: ScopeTokens,
    /// What it opens there in detail (RFC 9396).
    pub details: Option<Details>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Nothing is opened from then on.
    pub expires_at: Timestamp,
}

/// With whose authority a token acts.
#[derive(Debug, Clone)]
pub enum Holder {
    /// A citizen's, who gave it in a session.
    Citizen {
        /// The family that it belongs to: it dies with it.
        grant: Box<Grant>,
        /// Who acts for the citizen after exchanges (RFC 8693 §4.1), the nearest first; empty without one.
        actors: Vec<ClientId>,
    },
    /// The client's own (RFC 6749 §4.4).
    Client,
}

/// The claims of an access token that is a JWT (RFC 9068 §2.2).
#[derive(Debug, Serialize)]
pub struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    jti: &'a str,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amr: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_details: Option<&'a Details>,
}

/// What we read of a JWT of ours that came back.
#[derive(Debug, Deserialize)]
pub struct Returned {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    iat: i64,
    jti: String,
    client_id: String,
    #[serde(default)]
    scope: String,
    cnf: Option<Value>,
    authorization_details: Option<Details>,
}

impl AccessToken {
    /// The claims, with the issuer, its names of levels, and the name of the subject as the audience knows it.
    #[must_use]
    pub fn claims<'a>(
        &'a self,
        (issuer, levels): (&'a str, &'a Levels),
        sub: &'a str,
        jti: &'a str,
    ) -> Claims<'a> {
        let (grant, act) = match &self.holder {
            Holder::Citizen { grant, actors } => (Some(grant.as_ref()), act(actors)),
            Holder::Client => (None, None),
        };
        Claims {
            iss: issuer,
            sub,
            // RFC 9068 §3: without a resource the default one, which is our userinfo.
            aud: self.audience.resource().unwrap_or(issuer),
            exp: self.expires_at.0,
            iat: self.issued_at.0,
            jti,
            client_id: self.client.as_str(),
            scope: (!self.scope.is_empty()).then(|| self.scope.to_string()),
            auth_time: grant.map(|grant| grant.auth_time.0),
            acr: grant.map(|grant| grant.acr(levels)),
            amr: grant.map(|grant| grant.assurance.amr.as_slice()),
            act,
            cnf: self.binding.confirmation(),
            authorization_details: self.details.as_ref(),
        }
    }
}

impl Returned {
    /// The name under which the store knows it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        jti_digest(&self.jti)
    }

    /// Ours, and not expired.
    #[must_use]
    pub fn is_good(&self, issuer: &str, now: Timestamp) -> bool {
        self.iss == issuer && !Timestamp(self.exp).reached(now)
    }

    /// When it was issued.
    #[must_use]
    pub fn issued_at(&self) -> Timestamp {
        Timestamp(self.iat)
    }

    /// When it expires.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        Timestamp(self.exp)
    }

    /// To whom it was issued.
    #[must_use]
    pub fn client(&self) -> ClientId {
        ClientId::known(self.client_id.as_str())
    }

    /// The client's own (RFC 9068 §2.2: its `sub` is then the client's id). Such a token is known by its signature
    /// alone; a citizen's has its row.
    #[must_use]
    pub fn is_clients_own(&self) -> bool {
        self.sub == self.client_id
    }

    /// The token that it is, when it is the client's own.
    #[must_use]
    pub fn clients_own(self, issuer: &str) -> AccessToken {
        AccessToken {
            client: self.client(),
            holder: Holder::Client,
            binding: Binding::confirmed(self.cnf.as_ref()),
            audience: if self.aud == issuer {
                Audience::Userinfo
            } else {
                Audience::Resource(self.aud)
            },
            scope: ScopeTokens::parse(&self.scope),
            details: self.authorization_details,
            issued_at: Timestamp(self.iat),
            expires_at: Timestamp(self.exp),
        }
    }
}

/// RFC 8693 §4.1: the nearest actor outside, those before it nested.
#[must_use]
pub fn act(actors: &[ClientId]) -> Option<Value> {
    actors.iter().rev().fold(None, |inner, actor| {
        let mut act = json!({ "sub": actor.as_str() });
        if let (Some(inner), Some(act)) = (inner, act.as_object_mut()) {
            act.insert("act".to_owned(), inner);
        }
        Some(act)
    })
}

/// What stands in the store for a JWT. Marked, so that who has only read the `jti` cannot bring it as an opaque token.
#[must_use]
pub fn jti_digest(jti: &str) -> Digest {
    Digest::of(format!("jti {jti}").as_bytes())
}

/// Long enough for an agency to read what it asked; a token is looked up at each use of ours and dies at once.
pub const ACCESS_LIFETIME: Seconds = Seconds(600);
/// A resource server that checks a JWT by itself does not hear of a revocation: a citizen's lives shorter than that.
pub const JWT_LIFETIME: Seconds = Seconds(300);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{grant::tests::grant, resource::tests::TAX};

    fn token(holder: Holder) -> AccessToken {
        AccessToken {
            client: ClientId::known("agency"),
            holder,
            binding: Binding::Key(Digest::of(b"key")),
            audience: Audience::Resource(TAX.to_owned()),
            scope: ScopeTokens::parse("renta:leer"),
            details: None,
            issued_at: Timestamp(10),
            expires_at: Timestamp(310),
        }
    }

    fn claims(token: &AccessToken) -> Value {
        serde_json::to_value(token.claims(("https://id.example", &Levels::default()), "subject", "j"))
            .unwrap()
    }

    #[test]
    fn a_citizens_token_says_how_sure_we_were() {
        let token = token(Holder::Citizen {
            grant: Box::new(grant()),
            actors: Vec::new(),
        });
        assert_eq!(
            claims(&token),
            json!({
                "iss": "https://id.example", "sub": "subject", "aud": TAX, "exp": 310, "iat": 10, "jti": "j",
                "client_id": "agency", "scope": "renta:leer", "auth_time": 0, "acr": "urn:aval:aal2",
                "amr": ["pwd", "otp", "mfa"], "cnf": { "jkt": Digest::of(b"key").text() },
            })
        );
    }

    #[test]
    fn a_clients_own_token_says_nothing_of_a_citizen() {
        let said = claims(&token(Holder::Client));
        for name in ["auth_time", "acr", "amr", "act", "authorization_details"] {
            assert_eq!(said.get(name), None, "{name}");
        }
    }

    #[test]
    fn actors_are_nested_the_nearest_outside() {
        assert_eq!(act(&[]), None);
        let chain = [ClientId::known("b"), ClientId::known("a")];
        assert_eq!(act(&chain), Some(json!({ "sub": "b", "act": { "sub": "a" } })));
    }

    #[test]
    fn a_jti_is_not_an_opaque_token() {
        let value = crate::rules::secret::Opaque::new([1; 32]);
        assert_ne!(jti_digest(value.text().expose()), value.digest());
    }

    #[test]
    fn a_clients_own_token_comes_back_as_it_went() {
        let sent = serde_json::to_value(token(Holder::Client).claims(
            ("https://id.example", &Levels::default()),
            "agency",
            "j",
        ))
        .unwrap();
        let back: Returned = serde_json::from_value(sent).unwrap();
        assert!(back.is_clients_own() && back.is_good("https://id.example", Timestamp(309)));
        assert!(!back.is_good("https://id.example", Timestamp(310)));
        assert!(!back.is_good("https://other.example", Timestamp(309)));
        let again = back.clients_own("https://id.example");
        assert_eq!(again.scope.to_string(), "renta:leer");
        assert_eq!(again.binding, Binding::Key(Digest::of(b"key")));
        assert_eq!(again.audience, Audience::Resource(TAX.to_owned()));
    }
}
