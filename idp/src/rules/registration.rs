//! Registering a client: every field checked, the strict defaults (RFC 7591 §2).

use serde::Deserialize;
use url::Url;

use super::{
    client::{Authentication, Client, SIGNING, SubjectType, is_loopback},
    ids::ClientId,
    scope::{Scope, Scopes},
    secret::Secret,
};

/// What is asked at registration, by the names of RFC 7591, OpenID Connect Registration and RP-initiated logout.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// Chosen id; generated when missing.
    pub client_id: Option<String>,
    /// Chosen secret; generated when missing.
    pub client_secret: Option<Secret<String>>,
    /// The name that citizens see.
    pub client_name: String,
    /// Its home page.
    pub client_uri: Option<String>,
    /// Where codes may go.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after logout.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Space-separated; every scope except `offline_access` when missing.
    pub scope: Option<String>,
    /// `client_secret_basic` (default), `client_secret_post` or `none`.
    pub token_endpoint_auth_method: Option<String>,
    /// `ES256` (default), `EdDSA` or `RS256`.
    pub id_token_signed_response_alg: Option<String>,
    /// `pairwise` (default) or `public`.
    pub subject_type: Option<String>,
    /// `authorization_code` and `refresh_token` are known.
    pub grant_types: Option<Vec<String>>,
    /// Only `code`.
    pub response_types: Option<Vec<String>>,
    /// `web` (default) or `native`.
    pub application_type: Option<String>,
    /// Ours: false lets the client leave PKCE out.
    pub require_pkce: Option<bool>,
}

/// What is wrong with a registration, by the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Invalid {
    field: &'static str,
    problem: String,
}

fn invalid(field: &'static str, problem: impl Into<String>) -> Invalid {
    Invalid {
        field,
        problem: problem.into(),
    }
}

impl Registration {
    /// Checks everything and gives defaults, the strict ones.
    ///
    /// # Errors
    /// The first field that is wrong, and what to write instead.
    pub fn check(&self, generated: ClientId) -> Result<Client, Invalid> {
        let native = one_of(
            "application_type",
            self.application_type.as_deref(),
            &[("web", false), ("native", true)],
        )?;
        let authentication = one_of(
            "token_endpoint_auth_method",
            self.token_endpoint_auth_method.as_deref(),
            &[
                ("client_secret_basic", Authentication::Secret),
                ("client_secret_post", Authentication::Secret),
                ("none", Authentication::None),
            ],
        )?;
        let subject_type = one_of(
            "subject_type",
            self.subject_type.as_deref(),
            &[
                ("pairwise", SubjectType::Pairwise),
                ("public", SubjectType::Public),
            ],
        )?;
        let id_token_alg = one_of(
            "id_token_signed_response_alg",
            self.id_token_signed_response_alg.as_deref(),
            &SIGNING.map(|algorithm| (algorithm.as_str(), algorithm)),
        )?;
        let require_pkce = self.require_pkce.unwrap_or(true);
        if authentication == Authentication::None && !require_pkce {
            return Err(invalid(
                "require_pkce",
                "a client without a secret cannot go without PKCE (RFC 9700 §2.1.1)",
            ));
        }
        let client = Client {
            id: self.id(generated)?,
            name: self.name()?,
            uri: self.home()?,
            redirect_uris: self.redirects(native)?,
            post_logout_redirect_uris: each_uri(
                "post_logout_redirect_uris",
                &self.post_logout_redirect_uris,
                native,
            )?,
            scopes: self.scopes()?,
            authentication,
            id_token_alg,
            subject_type,
            refresh: self.refresh(authentication)?,
            require_pkce,
            native,
        };
        self.response_types_ok()?;
        self.secret_ok(authentication)?;
        if subject_type == SubjectType::Pairwise && client.sector().is_none() {
            let problem =
                "pairwise subjects need one host (OpenID Connect Core §8.1): register a client for each host";
            return Err(invalid("redirect_uris", problem));
        }
        Ok(client)
    }

    fn id(&self, generated: ClientId) -> Result<ClientId, Invalid> {
        let Some(id) = &self.client_id else {
            return Ok(generated);
        };
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        if id.is_empty() || id.len() > 128 || !id.chars().all(fits) {
            return Err(invalid("client_id", "1 to 128 letters, digits and - . _ ~"));
        }
        Ok(ClientId::known(id.as_str()))
    }

    fn name(&self) -> Result<String, Invalid> {
        let name = self.client_name.trim();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(invalid(
                "client_name",
                "1 to 100 characters, as citizens will read it",
            ));
        }
        Ok(name.to_owned())
    }

    fn home(&self) -> Result<Option<String>, Invalid> {
        self.client_uri
            .as_deref()
            .map(|uri| web_uri("client_uri", uri).map(|_| uri.to_owned()))
            .transpose()
    }

    fn redirects(&self, native: bool) -> Result<Vec<String>, Invalid> {
        if self.redirect_uris.is_empty() {
            return Err(invalid("redirect_uris", "at least one"));
        }
        each_uri("redirect_uris", &self.redirect_uris, native)
    }

    fn scopes(&self) -> Result<Scopes, Invalid> {
        let Some(text) = self.scope.as_deref() else {
            return Ok(Scope::ALL
                .into_iter()
                .filter(|scope| *scope != Scope::OfflineAccess)
                .collect());
        };
        for name in text.split_whitespace() {
            if !Scope::ALL.iter().any(|scope| scope.name() == name) {
                return Err(invalid("scope", format!("{name} is unknown")));
            }
        }
        let scopes = Scopes::parse(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        if scopes.contains(Scope::Openid) {
            Ok(scopes)
        } else {
            Err(invalid("scope", "openid is missing"))
        }
    }

    /// Clients that keep a secret get refresh tokens unless they say otherwise.
    fn refresh(&self, authentication: Authentication) -> Result<bool, Invalid> {
        let Some(types) = &self.grant_types else {
            return Ok(authentication == Authentication::Secret);
        };
        for name in types {
            if !["authorization_code", "refresh_token"].contains(&name.as_str()) {
                return Err(invalid("grant_types", format!("{name} is not supported")));
            }
        }
        if !types.iter().any(|name| name == "authorization_code") {
            return Err(invalid("grant_types", "authorization_code is missing"));
        }
        Ok(types.iter().any(|name| name == "refresh_token"))
    }

    fn response_types_ok(&self) -> Result<(), Invalid> {
        match self.response_types.as_deref() {
            None => Ok(()),
            Some([only]) if only == "code" => Ok(()),
            Some(_) => Err(invalid("response_types", "only code is supported")),
        }
    }

    fn secret_ok(&self, authentication: Authentication) -> Result<(), Invalid> {
        match (&self.client_secret, authentication) {
            (None, _) => Ok(()),
            (Some(_), Authentication::None) => Err(invalid("client_secret", "this client has none")),
            (Some(secret), Authentication::Secret) => {
                let length = secret.expose().len();
                if (SHORTEST_SECRET..=LONGEST_SECRET).contains(&length) && secret.expose().is_ascii() {
                    Ok(())
                } else {
                    Err(invalid(
                        "client_secret",
                        "22 to 256 ASCII characters of chance (128 bits); leave it out to get one",
                    ))
                }
            }
        }
    }
}

fn each_uri(field: &'static str, uris: &[String], native: bool) -> Result<Vec<String>, Invalid> {
    if uris.len() > MOST_URIS {
        return Err(invalid(field, "at most 32"));
    }
    for uri in uris {
        if native && is_app_scheme(uri) {
            continue;
        }
        web_uri(field, uri)?;
    }
    Ok(uris.to_vec())
}

/// https, or http on this machine; absolute, without user or fragment, written in its normal form.
fn web_uri(field: &'static str, text: &str) -> Result<Url, Invalid> {
    let url = Url::parse(text).map_err(|error| invalid(field, format!("{text}: {error}")))?;
    let told = |problem: &str| Err(invalid(field, format!("{text}: {problem}")));
    if text.len() > LONGEST_URI {
        return told("longer than 2000 characters");
    }
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return told("must be https (http is accepted for localhost only)");
    }
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return told("must have no fragment and no user");
    }
    if url.as_str() != text && url.as_str() != format!("{text}/") {
        return told(&format!("must be written as {url}"));
    }
    Ok(url)
}

/// A reverse domain name as scheme (RFC 8252 §7.1), which also keeps `javascript:` and `data:` out.
fn is_app_scheme(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    url.scheme().contains('.') && url.fragment().is_none() && url.as_str() == text
}

fn one_of<T: Copy>(field: &'static str, asked: Option<&str>, known: &[(&str, T)]) -> Result<T, Invalid> {
    let wanted = match asked {
        None => known.first(),
        Some(name) => known.iter().find(|(known, _)| *known == name),
    };
    wanted.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        invalid(field, format!("one of {}", names.join(", ")))
    })
}

/// 22 base64url characters hold 128 bits (RFC 6749 §10.10).
const SHORTEST_SECRET: usize = 22;
/// Nobody types more.
const LONGEST_SECRET: usize = 256;
/// An agency with more hosts or paths wants more clients.
const MOST_URIS: usize = 32;
/// What every browser accepts in an address.
const LONGEST_URI: usize = 2_000;

#[cfg(test)]
pub(crate) mod tests {
    use sdk_jose::Algorithm;

    use super::*;

    pub(crate) fn registration() -> Registration {
        Registration {
            client_name: "Impuestos".to_owned(),
            redirect_uris: vec!["https://agency.example/cb".to_owned()],
            ..Registration::default()
        }
    }

    pub(crate) fn check(change: impl FnOnce(&mut Registration)) -> Result<Client, Invalid> {
        let mut registration = registration();
        change(&mut registration);
        registration.check(ClientId::new([1; 16]))
    }

    #[test]
    fn defaults_are_the_strict_ones() {
        let client = check(|_| {}).unwrap();
        assert!(client.require_pkce && !client.native);
        assert_eq!(client.authentication, Authentication::Secret);
        assert_eq!(client.id_token_alg, Algorithm::ES256);
        assert_eq!(client.subject_type, SubjectType::Pairwise);
        assert!(!client.scopes.contains(Scope::OfflineAccess));
    }

    #[test]
    fn a_redirect_uri_that_a_browser_would_rewrite_is_not_registered() {
        for bad in [
            "https://agency.example/a/../cb",
            "https://agency.example:443/cb",
            "https://AGENCY.example/cb",
            "http://agency.example/cb",
            "https://agency.example/cb#x",
            "https://u@agency.example/cb",
            "javascript:alert(1)",
            "JaVaScript:alert(1)",
            "data:text/html,x",
            "//agency.example/cb",
            "/cb",
            "https://agency.example\\@evil.example/",
            "com.example:/cb",
        ] {
            assert!(
                check(|r| r.redirect_uris = vec![bad.to_owned()]).is_err(),
                "{bad}"
            );
        }
    }

    #[test]
    fn http_is_for_this_machine() {
        for good in [
            "http://localhost:9000/callback",
            "http://127.0.0.1/cb",
            "http://[::1]:1/cb",
            "http://localhost:1",
        ] {
            assert!(
                check(|r| r.redirect_uris = vec![good.to_owned()]).is_ok(),
                "{good}"
            );
        }
    }

    #[test]
    fn two_hosts_cannot_share_a_pairwise_client() {
        let two = vec![
            "https://a.example/cb".to_owned(),
            "https://b.example/cb".to_owned(),
        ];
        assert!(check(|r| r.redirect_uris.clone_from(&two)).is_err());
        assert!(
            check(|r| {
                r.redirect_uris = two;
                r.subject_type = Some("public".to_owned());
            })
            .is_ok()
        );
    }

    #[test]
    fn a_public_client_cannot_go_without_pkce() {
        assert!(
            check(|r| {
                r.token_endpoint_auth_method = Some("none".to_owned());
                r.require_pkce = Some(false);
            })
            .is_err()
        );
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(check(|r| r.client_secret = Some(Secret::new("short".to_owned()))).is_err());
    }

    #[test]
    fn implicit_is_refused() {
        assert!(
            check(|r| r.grant_types = Some(vec!["authorization_code".to_owned(), "implicit".to_owned()]))
                .is_err()
        );
        assert!(check(|r| r.response_types = Some(vec!["code id_token".to_owned()])).is_err());
    }
}
