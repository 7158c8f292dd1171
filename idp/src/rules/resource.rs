//! Resources (RFC 8707): interfaces of agencies that access tokens are for, as an operator configures them.
//!
//! A token is for one audience: our own userinfo, or one resource. One that was made for a resource opens nothing else.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    client::{AccessTokenFormat, Client, is_loopback},
    ids::ClientId,
    oauth::{Code, OauthError},
    scope::{Scope, Scopes},
};

/// One resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Its identifier, compared byte for byte.
    pub uri: String,
    /// What citizens read.
    pub name: String,
    /// The client of the agency that runs it. It may introspect the tokens, and citizens are named in them as to it.
    pub client: ClientId,
    /// What can be asked of it, space-separated.
    #[serde(default)]
    pub scope: ScopeTokens,
    /// What its access tokens are; as the asking client is registered when left out.
    pub access_token_format: Option<AccessTokenFormat>,
}

/// Every resource of this provider (`[[resources]]`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Resources(Vec<Resource>);

/// What an access token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Our own userinfo.
    Userinfo,
    /// The resource with this identifier, and nothing else.
    Resource(String),
}

/// Scope tokens (RFC 6749 §3.3): the names that an access token carries, ours and those of resources, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct ScopeTokens(Vec<String>);

impl Resource {
    /// What is wrong with its configuration.
    #[must_use]
    pub fn problem(&self, issuer: &str) -> Option<String> {
        let told = |problem: &str| Some(format!("resources: {}: {problem}", self.uri));
        let Ok(url) = Url::parse(&self.uri) else {
            return told("must be an absolute URI (RFC 8707 §2)");
        };
        if url.scheme() == "http" && !is_loopback(&url) {
            return told("must be https; http is accepted for this machine only");
        }
        if url.fragment().is_some() || self.uri.contains(' ') {
            return told("must have no fragment and no space (RFC 8707 §2)");
        }
        if self.uri == issuer {
            return told("is the issuer, which names userinfo");
        }
        if let Some(reserved) = RESERVED
            .into_iter()
            .find(|scope| self.scope.contains(scope.name()))
        {
            return told(&format!("scope {} says nothing to a resource", reserved.name()));
        }
        (!self.scope.well_formed()).then(|| {
            format!(
                "resources: {}: scope holds characters that RFC 6749 §3.3 does not allow",
                self.uri
            )
        })
    }

    /// What its access tokens are when `client` asks.
    #[must_use]
    pub fn format(&self, client: &Client) -> AccessTokenFormat {
        self.access_token_format.unwrap_or(client.access_token_format)
    }
}

impl Resources {
    /// The resource with this identifier.
    #[must_use]
    pub fn find(&self, uri: &str) -> Option<&Resource> {
        self.0.iter().find(|resource| resource.uri == uri)
    }

    /// What citizens read for these identifiers; one that was taken away since is left out.
    #[must_use]
    pub fn named(&self, uris: &[String]) -> Vec<String> {
        let known = uris.iter().filter_map(|uri| self.find(uri));
        known.map(|resource| resource.name.clone()).collect()
    }

    /// What is wrong with the configuration.
    #[must_use]
    pub fn problems(&self, issuer: &str) -> Vec<String> {
        let mut problems: Vec<String> = self
            .0
            .iter()
            .filter_map(|resource| resource.problem(issuer))
            .collect();
        for (at, resource) in self.0.iter().enumerate() {
            if self.0.iter().take(at).any(|other| other.uri == resource.uri) {
                problems.push(format!("resources: {} is there twice", resource.uri));
            }
        }
        problems
    }

    /// The resource that `client` names, if it is one that it may ask tokens for (RFC 8707 §2).
    ///
    /// # Errors
    /// `invalid_target`, the same for a resource that does not exist and one that is not for this client.
    pub fn open_to(&self, client: &Client, uri: &str) -> Result<&Resource, OauthError> {
        let allowed = client.resources.iter().any(|allowed| allowed == uri);
        self.find(uri)
            .filter(|_| allowed)
            .ok_or(OauthError::new(Code::InvalidTarget, UNKNOWN_TARGET))
    }

    /// What the token is for when `client` asks with its own authority: what it names, or the only resource that it may
    /// ask, or userinfo when there is none.
    ///
    /// # Errors
    /// `invalid_target`.
    pub fn of_client(&self, client: &Client, asked: Option<&str>) -> Result<Option<&Resource>, OauthError> {
        match (asked, client.resources.as_slice()) {
            (Some(uri), _) => self.open_to(client, uri).map(Some),
            (None, []) => Ok(None),
            (None, [only]) => self.open_to(client, only).map(Some),
            (None, _) => Err(OauthError::new(Code::InvalidTarget, SAY_WHICH)),
        }
    }

    /// What the token is for when it comes of a citizen's grant: what the client names among what was granted; when it
    /// names nothing, the only resource granted, or userinfo when there is none. The issuer's identifier names userinfo.
    ///
    /// # Errors
    /// `invalid_target`.
    pub fn of_grant(
        &self,
        client: &Client,
        (granted, issuer): (&[String], &str),
        asked: Option<&str>,
    ) -> Result<Option<&Resource>, OauthError> {
        match (asked, granted) {
            (Some(uri), _) if uri == issuer => Ok(None),
            (Some(uri), granted) if granted.iter().any(|known| known == uri) => {
                self.open_to(client, uri).map(Some)
            }
            (Some(_), _) => Err(OauthError::new(Code::InvalidTarget, UNKNOWN_TARGET)),
            (None, []) => Ok(None),
            (None, [only]) => self.open_to(client, only).map(Some),
            (None, _) => Err(OauthError::new(Code::InvalidTarget, SAY_WHICH)),
        }
    }
}

impl Audience {
    /// For this resource, or userinfo.
    #[must_use]
    pub fn of(resource: Option<&Resource>) -> Self {
        resource.map_or(Self::Userinfo, |resource| Self::Resource(resource.uri.clone()))
    }

    /// The identifier of the resource.
    #[must_use]
    pub fn resource(&self) -> Option<&str> {
        match self {
            Self::Userinfo => None,
            Self::Resource(uri) => Some(uri),
        }
    }
}

impl ScopeTokens {
    /// The names of a space-separated list, each once, in its order.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut tokens: Vec<String> = Vec::new();
        for name in text.split(' ').filter(|name| !name.is_empty()).take(MOST) {
            if !tokens.iter().any(|known| known == name) {
                tokens.push(name.to_owned());
            }
        }
        Self(tokens)
    }

    /// Holds this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    /// Every name of `self` is in `other`.
    #[must_use]
    pub fn within(&self, other: &Self) -> bool {
        self.0.iter().all(|name| other.contains(name))
    }

    /// Names in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(
            self.0
                .iter()
                .filter(|name| other.contains(name))
                .cloned()
                .collect(),
        )
    }

    /// Names in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let new = other.0.iter().filter(|name| !self.contains(name));
        Self(self.0.iter().chain(new).cloned().collect())
    }

    /// Those among them that name a citizen's data.
    #[must_use]
    pub fn of_citizen(&self) -> Scopes {
        Scope::ALL
            .into_iter()
            .filter(|scope| self.contains(scope.name()))
            .collect()
    }

    /// Those among them that name no data of a citizen: they are for resources.
    #[must_use]
    pub fn of_resources(&self) -> Self {
        let ours = |name: &&String| Scope::ALL.into_iter().any(|scope| scope.name() == name.as_str());
        Self(self.0.iter().filter(|name| !ours(name)).cloned().collect())
    }

    /// No name at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &str> + '_ {
        self.0.iter().map(String::as_str)
    }

    /// RFC 6749 §3.3: printable ASCII without space, quote and backslash.
    fn well_formed(&self) -> bool {
        self.0
            .iter()
            .flat_map(|name| name.bytes())
            .all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    }
}

impl From<&Scopes> for ScopeTokens {
    fn from(scopes: &Scopes) -> Self {
        Self(scopes.iter().map(|scope| scope.name().to_owned()).collect())
    }
}

impl From<ScopeTokens> for String {
    fn from(scope: ScopeTokens) -> Self {
        scope.to_string()
    }
}

impl From<String> for ScopeTokens {
    fn from(text: String) -> Self {
        Self::parse(&text)
    }
}

impl std::fmt::Display for ScopeTokens {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0.join(" "))
    }
}

const UNKNOWN_TARGET: &str = "resource is not one that this client may ask a token for";
const SAY_WHICH: &str = "resource is missing: there are several, and a token is for one";
/// They ask something of this provider: an id token, a refresh token.
const RESERVED: [Scope; 2] = [Scope::Openid, Scope::OfflineAccess];
/// Ours: as many as [`super::parameters`] takes parameters.
const MOST: usize = 100;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::rules::registration::tests::check;

    pub(crate) const HEALTH: &str = "https://api.salud.example";
    pub(crate) const TAX: &str = "https://api.impuestos.example/v1";

    pub(crate) fn resources() -> Resources {
        let resource = |uri: &str, client: &str, scope: &str| Resource {
            uri: uri.to_owned(),
            name: client.to_owned(),
            client: ClientId::known(client),
            scope: ScopeTokens::parse(scope),
            access_token_format: None,
        };
        Resources(vec![
            resource(HEALTH, "salud", "salud:leer salud:citas profile"),
            resource(TAX, "impuestos", "renta:leer"),
        ])
    }

    fn client(allowed: &[&str]) -> Client {
        let mut client = check(|_| {}).unwrap();
        client.resources = allowed.iter().map(|uri| (*uri).to_owned()).collect();
        client
    }

    fn named(found: Result<Option<&Resource>, OauthError>) -> Result<Option<&str>, &'static str> {
        found
            .map(|resource| resource.map(|resource| resource.uri.as_str()))
            .map_err(|error| error.code.name())
    }

    #[test]
    fn a_client_names_one_of_its_resources() {
        let all = resources();
        let both = client(&[HEALTH, TAX]);
        assert_eq!(named(all.of_client(&both, Some(TAX))), Ok(Some(TAX)));
        assert_eq!(named(all.of_client(&both, None)), Err("invalid_target"));
        assert_eq!(named(all.of_client(&client(&[TAX]), None)), Ok(Some(TAX)));
        assert_eq!(named(all.of_client(&client(&[]), None)), Ok(None));
    }

    #[test]
    fn a_resource_of_others_and_an_unknown_one_look_the_same() {
        let all = resources();
        let tax = client(&[TAX]);
        let other = all.of_client(&tax, Some(HEALTH)).unwrap_err();
        let unknown = all.of_client(&tax, Some("https://nobody.example")).unwrap_err();
        assert_eq!(other, unknown);
    }

    #[test]
    fn a_resource_is_compared_byte_for_byte() {
        let all = resources();
        let tax = client(&[TAX]);
        for uri in [
            "https://api.impuestos.example/v1/",
            "https://API.impuestos.example/v1",
            "https://api.impuestos.example:443/v1",
        ] {
            assert_eq!(
                named(all.of_client(&tax, Some(uri))),
                Err("invalid_target"),
                "{uri}"
            );
        }
    }

    #[test]
    fn a_grant_opens_only_what_was_granted() {
        let all = resources();
        let (both, granted) = (client(&[HEALTH, TAX]), [TAX.to_owned()]);
        let of = |asked| named(all.of_grant(&both, (&granted, "https://id.example"), asked));
        assert_eq!(of(Some(HEALTH)), Err("invalid_target"));
        assert_eq!(of(None), Ok(Some(TAX)));
        assert_eq!(of(Some("https://id.example")), Ok(None));
    }

    #[test]
    fn what_a_client_lost_since_the_grant_is_not_given() {
        let granted = [TAX.to_owned()];
        let all = resources();
        let client = client(&[HEALTH]);
        let of = all.of_grant(&client, (&granted, "https://id.example"), Some(TAX));
        assert_eq!(named(of), Err("invalid_target"));
    }

    #[test]
    fn a_misconfigured_resource_is_named() {
        let with = |uri: &str, scope: &str| {
            let mut resource = resources().0.remove(0);
            (resource.uri, resource.scope) = (uri.to_owned(), ScopeTokens::parse(scope));
            resource.problem("https://id.example").is_some()
        };
        assert!(!with("urn:aval:salud", "a:b profile"));
        for (uri, scope) in [
            ("salud", "a"),
            ("http://api.example", "a"),
            ("https://api.example/#x", "a"),
            ("https://id.example", "a"),
            ("https://api.example", "openid"),
            ("https://api.example", "offline_access"),
            ("https://api.example", "a\"b"),
            ("https://api.example", "ñ"),
        ] {
            assert!(with(uri, scope), "{uri} {scope}");
        }
        let mut twice = resources();
        let again = twice.0[0].clone();
        twice.0.push(again);
        assert_eq!(twice.problems("https://id.example").len(), 1);
    }

    #[test]
    fn scope_tokens_keep_their_order_and_lose_their_doubles() {
        assert_eq!(ScopeTokens::parse("b a  b").to_string(), "b a");
        assert!(ScopeTokens::parse("a").within(&ScopeTokens::parse("b a")));
        assert_eq!(
            ScopeTokens::parse("salud:leer openid").of_citizen().to_string(),
            "openid"
        );
    }
}
