//! What tokens say: id token claims, userinfo claims, pairwise subjects.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    client::{Client, SubjectType},
    grant::{Grant, ID_TOKEN_LIFETIME},
    ids::CitizenId,
    scope::{Scope, Scopes},
    time::Timestamp,
};

/// The claims of an id token (OpenID Connect Core §2). Personal data is not among them: it is read at userinfo.
#[derive(Debug, Serialize)]
pub struct IdToken<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    acr: &'a str,
    amr: &'a [String],
    sid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_hash: Option<String>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl<'a> IdToken<'a> {
    /// The claims for `grant`, as its client sees the citizen (`sub`).
    #[must_use]
    pub fn of(
        grant: &'a Grant,
        issuer: &'a str,
        sub: &'a str,
        nonce: Option<&'a str>,
        at_hash: Option<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            iss: issuer,
            sub,
            aud: grant.client.as_str(),
            exp: now.after(ID_TOKEN_LIFETIME).0,
            iat: now.0,
            auth_time: grant.auth_time.0,
            nonce,
            acr: grant.assurance.aal.acr(),
            amr: &grant.assurance.amr,
            sid: grant.session.as_str(),
            at_hash,
            more: Map::new(),
        }
    }

    /// The same, with the level in the client's words and the single claims that it asked.
    #[must_use]
    pub fn telling(mut self, acr: &'a str, more: Map<String, Value>) -> Self {
        self.acr = acr;
        self.more = more;
        self
    }
}

/// A key that subjects are made with: it tags a list of parts.
pub trait SubjectKey {
    /// The tag of `parts` as text; no two lists have the same.
    fn tag_text(&self, parts: &[&[u8]]) -> String;
}

/// How `client` knows `citizen` (OpenID Connect Core §8): stable across restarts and backups because it is derived,
/// different for each sector, and not reversible without our key.
#[must_use]
pub fn subject(key: &impl SubjectKey, client: &Client, citizen: &CitizenId) -> String {
    match (client.subject_type, client.sector()) {
        (SubjectType::Public, _) => key.tag_text(&[b"public", citizen.as_str().as_bytes()]),
        (SubjectType::Pairwise, Some(sector)) => {
            key.tag_text(&[b"pairwise", sector.as_bytes(), citizen.as_str().as_bytes()])
        }
        // A client without redirect URIs, which only serves a resource, is a sector of its own.
        (SubjectType::Pairwise, None) => key.tag_text(&[
            b"pairwise-client",
            client.id.as_str().as_bytes(),
            citizen.as_str().as_bytes(),
        ]),
    }
}

/// What is known of a citizen and can be released.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Given names.
    pub given_name: String,
    /// Family names.
    pub family_name: String,
    /// Both, as the citizen writes them.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// The citizen has shown that they read it (OpenID Connect Core §5.1).
    pub email_verified: bool,
    /// Telephone number, where one is known.
    pub phone: Option<String>,
    /// The claim `address`, where it is known.
    pub address: Option<Value>,
    /// The national id in canonical form.
    pub national_id: String,
    /// Its scheme (`CL-RUN`).
    pub national_id_scheme: String,
}

/// The claims that `scopes` release (OpenID Connect Core §5.4), with the subject.
#[must_use]
pub fn userinfo(scopes: &Scopes, subject: &str, facts: &Facts) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut add = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    add("sub", json!(subject));
    for scope in scopes.iter() {
        match scope {
            Scope::Openid | Scope::OfflineAccess => {}
            Scope::Profile => {
                add("name", json!(facts.name));
                add("given_name", json!(facts.given_name));
                add("family_name", json!(facts.family_name));
            }
            Scope::Email => {
                add("email", json!(facts.email));
                add("email_verified", json!(facts.email_verified));
            }
            // What nobody knows is left out (OpenID Connect Core §5.3.2).
            Scope::Phone => {
                if let Some(phone) = &facts.phone {
                    add("phone_number", json!(phone));
                    add("phone_number_verified", json!(false));
                }
            }
            Scope::Address => {
                if let Some(address) = &facts.address {
                    add("address", address.clone());
                }
            }
            Scope::NationalId => {
                add("national_id", json!(facts.national_id));
                add("national_id_scheme", json!(facts.national_id_scheme));
            }
        }
    }
    claims
}

/// The claims of these names and no others (OpenID Connect Core §5.5.1).
#[must_use]
pub fn named(names: &[String], facts: &Facts) -> Map<String, Value> {
    let scopes = names.iter().filter_map(|name| Scope::releasing(name)).collect();
    let mut claims = userinfo(&scopes, "", facts);
    claims.retain(|name, _| name != "sub" && names.contains(name));
    claims
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keys::{Derived, DerivedKey, SealingKey},
        rules::{ids::ClientId, registration::tests::registration},
    };

    fn key() -> DerivedKey {
        let text = data_encoding::BASE64.encode(&[1; 32]);
        Derived::new(&SealingKey::from_base64(&text).unwrap())
            .unwrap()
            .pairwise
    }

    fn client(id: &str, redirect: &str, subject_type: &str) -> Client {
        let mut registration = registration();
        registration.redirect_uris = vec![redirect.to_owned()];
        registration.subject_type = Some(subject_type.to_owned());
        registration.check(ClientId::known(id)).unwrap()
    }

    #[test]
    fn two_sectors_see_two_subjects() {
        let (key, ana) = (key(), CitizenId::known("ana"));
        let tax = client("tax", "https://tax.example/cb", "pairwise");
        let health = client("health", "https://health.example/cb", "pairwise");
        assert_ne!(subject(&key, &tax, &ana), subject(&key, &health, &ana));
        assert_eq!(subject(&key, &tax, &ana), subject(&key, &tax, &ana));
        assert_ne!(
            subject(&key, &tax, &ana),
            subject(&key, &tax, &CitizenId::known("eva"))
        );
    }

    #[test]
    fn clients_of_one_sector_see_one_subject() {
        let (key, ana) = (key(), CitizenId::known("ana"));
        let web = client("web", "https://tax.example/cb", "pairwise");
        let other = client("other", "https://tax.example/other", "pairwise");
        assert_eq!(subject(&key, &web, &ana), subject(&key, &other, &ana));
    }

    #[test]
    fn only_what_the_scopes_release_is_released() {
        let facts = Facts {
            given_name: "Ana".into(),
            family_name: "Núñez".into(),
            name: "Ana Núñez".into(),
            email: "ana@example.org".into(),
            email_verified: true,
            phone: Some("+56226904000".into()),
            address: Some(json!({ "country": "Chile" })),
            national_id: "11111111-1".into(),
            national_id_scheme: "CL-RUN".into(),
        };
        for scope in Scope::ALL {
            let promised = scope.claims().len().max(1);
            let claims = userinfo(&Scopes::parse(&format!("openid {}", scope.name())), "sub", &facts);
            let told = claims
                .keys()
                .filter(|name| scope == Scope::Openid || *name != "sub");
            assert_eq!(told.count().max(1), promised, "{}", scope.name());
            for name in claims.keys().filter(|name| *name != "sub") {
                assert!(
                    scope.claims().contains(&name.as_str()),
                    "{name} by {}",
                    scope.name()
                );
            }
        }
    }
}
