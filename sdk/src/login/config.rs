//! What an application says about itself and its idp.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, fs, io};

use sdk_jose::jwe::DecryptionKey;
use sdk_jose::{JwkRefusal, Seconds};
use url::Url;
use zeroize::Zeroizing;

use super::assurance::Assurance;
use super::clock::{Clock, SystemClock};
use super::outgoing::is_loopback_http;
use super::store::{MemoryStore, SessionStore};
use crate::look::Language;

/// How to log in. What security needs (PKCE, state, nonce, issuer, one use) has no switch.
pub struct LoginConfig {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: ClientSecret,
    pub(crate) decryption_keys: Vec<DecryptionKey>,
    pub(crate) url: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) at_least: Assurance,
    pub(crate) trust: Vec<Vec<u8>>,
    pub(crate) cookie: String,
    pub(crate) store: Arc<dyn SessionStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) service: String,
    pub(crate) language: Language,
    pub(crate) lifetime: Seconds,
    pub(crate) idle: Seconds,
}

/// The `[login]` table of a configuration file.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginSettings {
    /// The idp, exactly as its discovery document writes itself.
    pub issuer: String,
    /// This client.
    pub client_id: String,
    /// A file with the secret in it.
    pub client_secret_file: PathBuf,
    /// Files with a private JWK each, for ID tokens that the idp encrypts to this client.
    #[serde(default)]
    pub decryption_key_files: Vec<PathBuf>,
    /// PEM files, or folders of them, with TLS roots to trust beside the system's.
    #[serde(default)]
    pub trust: Vec<PathBuf>,
}

/// Why a configuration cannot work, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigRefusal {
    /// The issuer is no such URL.
    #[error("issuer {0:?}: write the URL of the idp, https://… without query (http only on this machine)")]
    Issuer(String),
    /// The application's own URL is no origin.
    #[error("url {0:?}: write the origin people see, https://host[:port] (http only on this machine)")]
    Url(String),
    /// The cookie's name is not one.
    #[error("cookie name {0:?}: use letters, digits and _")]
    Cookie(String),
    /// There are no credentials.
    #[error("client_id and client_secret cannot be empty")]
    Client,
    /// Not a private key that ID tokens can be encrypted to.
    #[error("decryption key: {0}; write a private JWK of kty EC, crv P-256 or P-384")]
    DecryptionKey(JwkRefusal),
    /// The roots cannot be used.
    #[error("trust: {0}")]
    Trust(String),
    /// A file cannot be read.
    #[error("{file}: {cause}")]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

impl LoginConfig {
    /// `issuer` is the idp, `url` the origin at which people see this application.
    ///
    /// Register `{url}/login/callback` as redirect URI and `{url}/` as post-logout redirect URI.
    #[must_use]
    pub fn new(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
        url: impl Into<String>,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            client_id: client_id.into(),
            client_secret: ClientSecret(Zeroizing::new(client_secret.into())),
            decryption_keys: Vec::new(),
            url: url.into().trim_end_matches('/').to_owned(),
            scopes: ["openid", "profile", "email"].map(str::to_owned).to_vec(),
            at_least: Assurance::Unknown,
            trust: Vec::new(),
            cookie: "aval_agency".to_owned(),
            store: Arc::new(MemoryStore::default()),
            clock: Arc::new(SystemClock),
            service: "Aval".to_owned(),
            language: Language::Es,
            lifetime: LIFETIME,
            idle: IDLE,
        }
    }

    /// Reads the secret and the roots that `settings` name.
    ///
    /// # Errors
    /// [`ConfigRefusal::File`] when one cannot be read.
    pub fn from_settings(settings: &LoginSettings, url: impl Into<String>) -> Result<Self, ConfigRefusal> {
        let secret = fs::read_to_string(&settings.client_secret_file).map(Zeroizing::new);
        let secret = secret.map_err(in_file(&settings.client_secret_file))?;
        let mut config = Self::new(&settings.issuer, &settings.client_id, secret.trim(), url);
        for file in &settings.decryption_key_files {
            let jwk = fs::read(file).map(Zeroizing::new).map_err(in_file(file))?;
            config = config.decryption_key(&jwk)?;
        }
        for path in &settings.trust {
            for file in files_in(path)? {
                config.trust.push(fs::read(&file).map_err(in_file(&file))?);
            }
        }
        Ok(config)
    }

    /// What to ask for; `openid` is always among it. Without this: `openid profile email`.
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes
            .into_iter()
            .map(Into::into)
            .filter(|scope| scope != "openid")
            .collect();
        self.scopes.insert(0, "openid".to_owned());
        self
    }

    /// The assurance that every login must have.
    #[must_use]
    pub fn at_least(mut self, assurance: Assurance) -> Self {
        self.at_least = assurance;
        self
    }

    /// A key with which encrypted ID tokens are opened: a private JWK, of which you register the public half (`jwks` and
    /// `id_token_encrypted_response_alg`). While you replace a key, add the new one and keep the old.
    ///
    /// # Errors
    /// [`ConfigRefusal::DecryptionKey`] when it is none.
    pub fn decryption_key(mut self, jwk: &[u8]) -> Result<Self, ConfigRefusal> {
        let key = DecryptionKey::from_jwk(jwk).map_err(ConfigRefusal::DecryptionKey)?;
        self.decryption_keys.push(key);
        Ok(self)
    }

    /// A TLS root (PEM) to trust beside the system's.
    #[must_use]
    pub fn trust_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.trust.push(pem.into());
        self
    }

    /// The first part of the cookies' names; two applications on one host need two. Without this: `aval_agency`.
    #[must_use]
    pub fn cookie(mut self, name: impl Into<String>) -> Self {
        self.cookie = name.into();
        self
    }

    /// Where sessions are kept. Without this: in memory.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn SessionStore>) -> Self {
        self.store = store;
        self
    }

    /// Where the time comes from. Without this: the machine.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The name of the service, for the masthead of our pages.
    #[must_use]
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = name.into();
        self
    }

    /// The language for who states no preference. Without this: Spanish.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// How long a session lasts at most, and how long without a request. Without this: 12 hours and 1 hour.
    #[must_use]
    pub fn lifetime(mut self, whole: Seconds, idle: Seconds) -> Self {
        (self.lifetime, self.idle) = (whole, idle);
        self
    }

    /// Checks what can be checked without a network.
    pub(crate) fn check(&self) -> Result<Url, ConfigRefusal> {
        let issuer = issuer_url(&self.issuer).ok_or_else(|| ConfigRefusal::Issuer(self.issuer.clone()))?;
        if !is_origin(&self.url) {
            return Err(ConfigRefusal::Url(self.url.clone()));
        }
        if self.cookie.is_empty()
            || !self
                .cookie
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_')
        {
            return Err(ConfigRefusal::Cookie(self.cookie.clone()));
        }
        if self.client_id.is_empty() || self.client_secret.expose().is_empty() {
            return Err(ConfigRefusal::Client);
        }
        Ok(issuer)
    }
}

impl fmt::Debug for LoginConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginConfig")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// Does not print and does not compare.
pub(crate) struct ClientSecret(Zeroizing<String>);

impl ClientSecret {
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// OpenID Connect Discovery §3: https, no query, no fragment; ours: http for this machine only.
fn issuer_url(issuer: &str) -> Option<Url> {
    let url = Url::parse(issuer).ok()?;
    let secure = url.scheme() == "https" || is_loopback_http(&url);
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (secure && plain && url.has_host()).then_some(url)
}

fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        (url.scheme() == "https" || is_loopback_http(&url)) && url.origin().ascii_serialization() == text
    })
}

fn files_in(path: &Path) -> Result<Vec<PathBuf>, ConfigRefusal> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(in_file(path))?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(in_file(path))?.path();
        if file.extension().is_some_and(|e| e == "pem" || e == "crt") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn in_file(file: &Path) -> impl FnOnce(io::Error) -> ConfigRefusal {
    let file = file.to_owned();
    move |cause| ConfigRefusal::File { file, cause }
}

/// NIST SP 800-63B-4 (second draft) §2.2.3: for AAL2 at most 24 hours overall; ours is half of that.
const LIFETIME: Seconds = Seconds(12 * 60 * 60);

/// NIST SP 800-63B-4 (second draft) §2.2.3: for AAL2 at most one hour of inactivity.
const IDLE: Seconds = Seconds(60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    fn check(issuer: &str, url: &str) -> Result<Url, ConfigRefusal> {
        LoginConfig::new(issuer, "c", "s", url).check()
    }

    #[test]
    fn https_and_this_machine_are_fine() {
        assert!(check("https://id.example", "https://a.example:8443").is_ok());
        assert!(check("http://localhost:8080", "http://127.0.0.1:8082/").is_ok());
        assert!(check("http://[::1]:8080/realm", "http://localhost:8082").is_ok());
    }

    #[test]
    fn an_issuer_on_http_elsewhere_is_refused() {
        for issuer in [
            "http://id.example",
            "http://localhost.example",
            "http://10.0.0.1",
            "ftp://localhost",
            "id.example",
        ] {
            assert!(
                matches!(check(issuer, "https://a.example"), Err(ConfigRefusal::Issuer(_))),
                "{issuer}"
            );
        }
    }

    #[test]
    fn an_issuer_with_a_query_is_refused() {
        assert!(matches!(
            check("https://id.example?a=b", "https://a.example"),
            Err(ConfigRefusal::Issuer(_))
        ));
    }

    #[test]
    fn a_url_that_is_no_origin_is_refused() {
        for url in [
            "http://a.example",
            "https://a.example/app",
            "https://u@a.example",
            "a.example",
            "https://A.example",
        ] {
            assert!(
                matches!(check("https://id.example", url), Err(ConfigRefusal::Url(_))),
                "{url}"
            );
        }
    }

    #[test]
    fn a_configuration_does_not_print_its_secret() {
        let config = LoginConfig::new("https://id.example", "c", "very-secret", "https://a.example");
        assert!(!format!("{config:?}").contains("very-secret"));
    }

    #[test]
    fn openid_is_always_asked_for() {
        let config = LoginConfig::new("https://i.example", "c", "s", "https://a.example").scopes(["email"]);
        assert_eq!(config.scopes, ["openid", "email"]);
    }
}
