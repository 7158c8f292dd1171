//! The providers that vouch for people, with what it takes to ask them: our secret there, and their endpoints, found and
//! kept for a while.

use std::{collections::BTreeMap, path::Path};

use tokio::sync::Mutex as Turn;
use url::Url;

use super::{Asked, Fetch, Fetched, JSON, Unfetched};
use crate::{
    error::Fault,
    rules::{
        secret::Secret,
        time::{Seconds, Timestamp},
        upstream::{ClientAuthentication, Endpoints, Metadata, Provider, Providers},
    },
};

/// All of them, by name.
#[derive(Default)]
pub struct Upstreams(BTreeMap<String, Upstream>);

/// One of them.
pub struct Upstream {
    /// Its name in addresses and in the log.
    pub name: String,
    /// As configured.
    pub provider: Provider,
    secret: Secret<String>,
    /// Plain http on loopback: where the whole service is on one developer's machine.
    development: bool,
    found: Turn<Found>,
}

#[derive(Default)]
struct Found {
    endpoints: Option<(Endpoints, Timestamp)>,
    tried_at: Option<Timestamp>,
}

impl Upstreams {
    /// The configured providers with their secrets.
    ///
    /// # Errors
    /// A fault that names the file that cannot be read.
    pub fn read(providers: &Providers, development: bool) -> Result<Self, Fault> {
        let read = |(name, provider): (&str, &Provider)| {
            let secret = secret(&provider.client_secret_file)
                .map_err(|problem| Fault::of("reading upstream.client_secret_file", problem))?;
            let upstream = Upstream {
                name: name.to_owned(),
                provider: provider.clone(),
                secret,
                development,
                found: Turn::default(),
            };
            Ok((name.to_owned(), upstream))
        };
        providers.all().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The one of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Upstream> {
        self.0.get(name)
    }

    /// All of them, in the order of their names.
    pub fn all(&self) -> impl Iterator<Item = &Upstream> {
        self.0.values()
    }
}

impl Upstream {
    /// Where it is asked; none while nobody can tell. Whoever wants to know at the same moment waits for one fetch. What
    /// was good an hour ago goes on while its server is away.
    pub async fn endpoints(&self, fetch: &dyn Fetch, now: Timestamp) -> Option<Endpoints> {
        if let Some(written) = self.provider.written(self.development) {
            return Some(written);
        }
        let mut found = self.found.lock().await;
        let kept = |age: Seconds| {
            let young = |(_, at): &&(Endpoints, Timestamp)| now.since(*at) < age;
            found.endpoints.as_ref().filter(young).map(|(one, _)| one.clone())
        };
        if let Some(fresh) = kept(USUAL) {
            return Some(fresh);
        }
        if found.tried_at.is_some_and(|at| now.since(at) < PAUSE) {
            return kept(LONGEST);
        }
        let old = kept(LONGEST);
        found.tried_at = Some(now);
        match self.metadata(fetch).await {
            Some(endpoints) => {
                found.endpoints = Some((endpoints.clone(), now));
                Some(endpoints)
            }
            None => old,
        }
    }

    /// Redeems a code (OpenID Connect Core §3.1.3.1, RFC 7636 §4.5).
    ///
    /// # Errors
    /// Nothing was fetched.
    pub async fn redeem(
        &self,
        fetch: &dyn Fetch,
        at: &Endpoints,
        (code, verifier, redirect_uri): (&str, &str, &str),
    ) -> Result<Fetched, Unfetched> {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        let authorization = match self.provider.client_authentication {
            ClientAuthentication::ClientSecretPost => {
                fields.push(("client_id", &self.provider.client_id));
                fields.push(("client_secret", self.secret.expose()));
                None
            }
            ClientAuthentication::ClientSecretBasic => Some(self.basic()),
        };
        let form = encoded(&fields);
        fetch.ask(&at.token, Asked { authorization, form }).await
    }

    /// Asks userinfo by POST, which every provider takes (OpenID Connect Core §5.3.1) and Clave Única takes alone.
    ///
    /// # Errors
    /// Nothing was fetched.
    pub async fn userinfo(
        &self,
        fetch: &dyn Fetch,
        address: &Url,
        access_token: &Secret<String>,
    ) -> Result<Fetched, Unfetched> {
        let asked = Asked {
            authorization: Some(Secret::new(format!("Bearer {}", access_token.expose()))),
            form: Secret::new(String::new()),
        };
        fetch.ask(address, asked).await
    }

    /// RFC 6749 §2.3.1: both are form-encoded before they become user and password.
    fn basic(&self) -> Secret<String> {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = Secret::new(format!(
            "{}:{}",
            encode(&self.provider.client_id),
            encode(self.secret.expose())
        ));
        Secret::new(format!(
            "Basic {}",
            data_encoding::BASE64.encode(pair.expose().as_bytes())
        ))
    }

    async fn metadata(&self, fetch: &dyn Fetch) -> Option<Endpoints> {
        let address = Metadata::address(&self.provider.issuer)?;
        let document = match fetch.get(&address, JSON).await {
            Ok(document) => document,
            Err(reason) => {
                tracing::warn!(upstream = self.name, %reason, "its metadata could not be fetched");
                return None;
            }
        };
        let read = sdk_jose::json::parse::<Metadata>(&document.body).ok();
        let endpoints = read.and_then(|read| read.endpoints(&self.provider.issuer, self.development));
        if endpoints.is_none() {
            tracing::warn!(
                upstream = self.name,
                "its metadata are another issuer's, or no metadata"
            );
        }
        endpoints
    }
}

fn encoded(fields: &[(&str, &str)]) -> Secret<String> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    Secret::new(form.extend_pairs(fields).finish())
}

/// Reads a secret that nobody else may read.
///
/// # Errors
/// One sentence that names the file and what to do.
pub fn secret(file: &Path) -> Result<Secret<String>, String> {
    use std::os::unix::fs::PermissionsExt as _;
    let name = file.display();
    let metadata = std::fs::metadata(file).map_err(|error| format!("{name}: {error}"))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(format!("{name}: others may read it; run: chmod 600 {name}"));
    }
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    let text = Secret::new(text);
    match text.expose().trim() {
        "" => Err(format!("{name}: is empty; put the client secret in it")),
        secret => Ok(Secret::new(secret.to_owned())),
    }
}

/// Endpoints hardly ever move; within ten minutes nobody waits for them twice.
const USUAL: Seconds = Seconds(600);
/// Between two fetches: a provider that is away is not asked by everybody who clicks.
const PAUSE: Seconds = Seconds(10);
/// A provider that is away this long may have moved.
const LONGEST: Seconds = Seconds(3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_its_owners_alone_and_not_empty() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "s3creto\n").unwrap();
        assert_eq!(secret(file.path()).unwrap().expose(), "s3creto");
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(secret(file.path()).unwrap_err().contains("chmod 600"));
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(file.path(), " \n").unwrap();
        assert!(secret(file.path()).unwrap_err().contains("empty"));
    }
}
