//! Configuration: one TOML file, overridden by `IDP__SECTION__KEY`, every problem explained at once.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use url::Url;

use crate::{
    keys::{Pkcs11Settings, SealingKey},
    limits,
    rules::{
        assurance::Levels,
        authorize::details::DetailTypes,
        claveunica,
        client::{Profile, is_loopback},
        keys::ROTATE_EVERY_DAYS,
        network::Network,
        resource::Resources,
        time::Seconds,
    },
};

/// What the file says, checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The issuer identifier: the public base URL, without a slash at the end.
    pub issuer: Issuer,
    /// Where to listen.
    pub listen: SocketAddr,
    /// `sqlite:///absolute/file` or `postgres://…`.
    pub database: String,
    /// A file with the base64 of 32 bytes, readable by its owner only.
    pub sealing_key_file: PathBuf,
    /// Schemes of national ids (`CL-RUN`, `PE-DNI`, `UY-CI`); the first is the default.
    #[serde(default = "default_schemes")]
    pub national_id_schemes: Vec<String>,
    /// The name in the masthead.
    #[serde(default = "default_programme")]
    pub programme: String,
    /// The names under which clients know the levels of assurance.
    #[serde(default)]
    pub assurance: Levels,
    /// The types of authorization details (RFC 9396) that clients may be registered for, with their words.
    #[serde(default)]
    pub authorization_details: DetailTypes,
    /// An https listener instead of plain http.
    pub tls: Option<Tls>,
    /// Signing keys.
    #[serde(default)]
    pub keys: Keys,
    /// Calling addresses that clients register.
    #[serde(default)]
    pub fetch: crate::fetch::Settings,
    /// The paths of Clave Única.
    #[serde(default)]
    pub claveunica: ClaveUnica,
    /// Proofs of possession.
    #[serde(default)]
    pub dpop: Dpop,
    /// Clients' TLS certificates; nobody is asked for one without this.
    pub mtls: Option<Mtls>,
    /// How much one caller may ask in a minute.
    #[serde(default)]
    pub limits: limits::Settings,
    /// Proxies in front of this service.
    #[serde(default)]
    pub proxy: Proxy,
    /// Interfaces of agencies that access tokens can be for (RFC 8707).
    #[serde(default)]
    pub resources: Resources,
}

/// Where clients show their TLS certificates (RFC 8705), and whose count.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mtls {
    /// A second https listener that asks for them, so that the first never troubles a browser. Without it, the first
    /// asks.
    pub listener: Option<MtlsListener>,
    /// PEM, the authorities for `tls_client_auth`. Self-signed certificates need none.
    pub authorities: Option<PathBuf>,
}

/// The second listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MtlsListener {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Its public base URL (`mtls_endpoint_aliases`, RFC 8705 §5), written as the issuer is.
    pub origin: Issuer,
}

/// Whether libraries for Clave Única find the paths that they were written for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaveUnica {
    /// Off unless switched on; clients with `profile: claveunica` can be registered where it is on.
    #[serde(default)]
    pub enabled: bool,
}

/// `[proxy]`: what stands between browsers and this service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// Addresses or networks of proxies whose `X-Forwarded-For` is believed. Nobody's is unless named.
    #[serde(default)]
    pub trusted: Vec<Network>,
    /// The header in which they hand on the certificate that a client showed them (`client-cert` of RFC 9440, or what
    /// nginx fills with `$ssl_client_escaped_cert`). They must remove it from what clients send. Needs `[mtls]`.
    pub certificate_header: Option<HeaderLine>,
}

/// The name of a header.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HeaderLine(pub http::HeaderName);

impl TryFrom<String> for HeaderLine {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let name = http::HeaderName::try_from(&text);
        name.map(Self)
            .map_err(|_| format!("{text}: not the name of a header"))
    }
}

/// DPoP proofs (RFC 9449).
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dpop {
    /// A proof must carry a nonce of ours (§8): one made ahead of time is worth nothing, each client asks once more
    /// every five minutes.
    #[serde(default)]
    pub require_nonce: bool,
}

/// The life of signing keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// A key signs for so many days; 0 for as long as nobody asks for another.
    pub rotate_every_days: u32,
    /// New keys are made on this PKCS#11 token, where it can make them.
    pub pkcs11: Option<Pkcs11Settings>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            rotate_every_days: ROTATE_EVERY_DAYS,
            pkcs11: None,
        }
    }
}

impl Keys {
    /// How long a key signs.
    #[must_use]
    pub fn rotate_every(&self) -> Option<Seconds> {
        (self.rotate_every_days > 0)
            .then(|| Seconds(i64::from(self.rotate_every_days).saturating_mul(86_400)))
    }
}

/// Files for an https listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// PEM, leaf first.
    pub certificate: PathBuf,
    /// PEM, PKCS#8.
    pub key: PathBuf,
}

/// An issuer identifier (OpenID Connect Discovery §3): https, or http on a loopback host, no path, query or fragment.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Issuer {
    text: String,
    url: Url,
    claveunica: String,
}

impl Issuer {
    /// The identifier, byte for byte as configured.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The identifier by which clients of `profile` know us: the one of the metadata that they read, and so the `iss` of
    /// everything that they are given.
    #[must_use]
    pub fn named_to(&self, profile: Profile) -> &str {
        if profile == Profile::ClaveUnica {
            &self.claveunica
        } else {
            &self.text
        }
    }

    /// One of our identifiers.
    #[must_use]
    pub fn is_ours(&self, issuer: &str) -> bool {
        issuer == self.text || issuer == self.claveunica
    }

    /// The addresses of a path of ours: at the issuer, and where clients show certificates.
    #[must_use]
    pub fn everywhere(&self, path: &str, mtls: Option<&Mtls>) -> Vec<String> {
        let alias = mtls.and_then(|mtls| mtls.listener.as_ref());
        let alias = alias.map(|listener| listener.origin.at(path));
        std::iter::once(self.at(path)).chain(alias).collect()
    }

    /// The URL of a path of ours; `path` begins with a slash.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// Cookies go with `Secure` and the `__Host-` prefix.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host, which is also the WebAuthn relying party id.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The parsed URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl TryFrom<String> for Issuer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let url = Url::parse(&text).map_err(|error| format!("issuer is not a URL ({error})"))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(
                "issuer must be https; http is accepted for localhost, 127.0.0.1 and [::1] only".to_owned(),
            );
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err("issuer must have no query, fragment or user".to_owned());
        }
        if url.path() != "/" || text.ends_with('/') {
            return Err("issuer must end after host and port, without a slash".to_owned());
        }
        if url.origin().ascii_serialization() != text {
            return Err(format!(
                "issuer must be written as {}",
                url.origin().ascii_serialization()
            ));
        }
        Ok(Self {
            claveunica: format!("{text}{}", claveunica::ISSUER_PATH),
            text,
            url,
        })
    }
}

impl Config {
    /// Reads a file and the environment given as pairs.
    ///
    /// # Errors
    /// One sentence that names the file or variable and what to do.
    pub fn read(file: &Path, environment: impl Iterator<Item = (String, String)>) -> Result<Self, String> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            format!(
                "{}: cannot be read ({error}); name it with --config",
                file.display()
            )
        })?;
        let mut table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| format!("{}: not valid TOML: {error}", file.display()))?;
        for (name, value) in environment {
            if let Some(path) = name.strip_prefix("IDP__") {
                override_with(&mut table, &path.to_ascii_lowercase(), &value)
                    .map_err(|problem| format!("{name}: {problem}"))?;
            }
        }
        table.try_into().map_err(|error: toml::de::Error| {
            // Two lines: what is wrong, and with which key
            format!(
                "{}: {}",
                file.display(),
                error.to_string().trim().replace('\n', " ")
            )
        })
    }

    /// Reads the sealing key.
    ///
    /// # Errors
    /// One sentence that names the file and what to do.
    pub fn sealing_key(&self) -> Result<SealingKey, String> {
        use std::os::unix::fs::PermissionsExt;
        let name = self.sealing_key_file.display();
        let told = |error| {
            format!(
                "sealing_key_file {name}: {error}; make one with: (umask 077; head -c 32 /dev/urandom | base64 > {name})"
            )
        };
        let metadata = std::fs::metadata(&self.sealing_key_file).map_err(|error| told(error.to_string()))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(format!(
                "sealing_key_file {name}: others may read it; run: chmod 600 {name}"
            ));
        }
        let text =
            std::fs::read_to_string(&self.sealing_key_file).map_err(|error| told(error.to_string()))?;
        SealingKey::from_base64(&text).map_err(|problem| told(problem.to_owned()))
    }

    /// Everything that would keep the service from starting, or make it start wrongly.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        problems.extend(self.sealing_key().err());
        problems.extend(self.assurance.problems());
        let known = ["CL-RUN", "PE-DNI", "UY-CI"];
        if self.national_id_schemes.is_empty() {
            problems.push("national_id_schemes: name at least one of CL-RUN, PE-DNI, UY-CI".to_owned());
        }
        for scheme in &self.national_id_schemes {
            if !known.contains(&scheme.as_str()) {
                problems.push(format!(
                    "national_id_schemes: {scheme} is unknown; known are CL-RUN, PE-DNI, UY-CI"
                ));
            }
        }
        if self.claveunica.enabled && !self.national_id_schemes.iter().any(|scheme| scheme == "CL-RUN") {
            problems
                .push("claveunica: its clients ask for a RUN; add CL-RUN to national_id_schemes".to_owned());
        }
        if !self.database.starts_with("sqlite:") && !self.database.starts_with("postgres") {
            problems.push("database: must begin with sqlite: or postgres:".to_owned());
        }
        problems.extend(self.resources.problems(self.issuer.as_str()));
        if self.tls.is_some() && !self.issuer.is_https() {
            problems.push("issuer: is http, but [tls] serves https; write the issuer with https".to_owned());
        }
        problems.extend(self.keys.pkcs11.iter().flat_map(Pkcs11Settings::problems));
        for file in self.tls.iter().flat_map(|tls| [&tls.certificate, &tls.key]) {
            if let Err(error) = std::fs::metadata(file) {
                problems.push(format!("tls: {}: {error}", file.display()));
            }
        }
        if let Some(file) = &self.fetch.trust_roots
            && let Err(error) = std::fs::metadata(file)
        {
            problems.push(format!("fetch.trust_roots: {}: {error}", file.display()));
        }
        if let Some(mtls) = &self.mtls {
            if self.tls.is_none() && self.proxy.certificate_header.is_none() {
                problems.push(
                    "mtls: needs [tls], where clients show us certificates, or proxy.certificate_header"
                        .to_owned(),
                );
            }
            if let Some(Err(error)) = mtls.authorities.as_ref().map(std::fs::metadata) {
                problems.push(format!("mtls.authorities: {error}"));
            }
        }
        problems
    }
}

fn override_with(table: &mut toml::Table, path: &str, value: &str) -> Result<(), &'static str> {
    let Some((section, rest)) = path.split_once("__") else {
        // A value that reads as a TOML array, number or boolean is one; anything else is a string.
        let parsed = format!("v = {value}")
            .parse::<toml::Table>()
            .ok()
            .and_then(|mut one| one.remove("v"));
        table.insert(
            path.to_owned(),
            parsed.unwrap_or_else(|| toml::Value::String(value.to_owned())),
        );
        return Ok(());
    };
    let inner = table
        .entry(section)
        .or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let inner = inner
        .as_table_mut()
        .ok_or("names a section that is a single value in the file")?;
    override_with(inner, rest, value)
}

fn default_schemes() -> Vec<String> {
    vec!["CL-RUN".to_owned()]
}

fn default_programme() -> String {
    "Aval".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = r#"
        issuer = "http://localhost:8080"
        listen = "127.0.0.1:8080"
        database = "sqlite:///tmp/idp.db"
        sealing_key_file = "/tmp/idp.key"
    "#;

    fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let pairs: Vec<_> = environment
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Config::read(file.path(), pairs.into_iter())
    }

    #[test]
    fn a_plain_file_is_read_with_defaults() {
        let config = read(VALID, &[]).unwrap();
        assert_eq!(config.programme, "Aval");
        assert_eq!(config.national_id_schemes, ["CL-RUN"]);
    }

    #[test]
    fn the_environment_wins() {
        let environment = [
            ("IDP__PROGRAMME", "Otra"),
            ("IDP__TLS__CERTIFICATE", "/c"),
            ("IDP__TLS__KEY", "/k"),
        ];
        let config = read(VALID, &environment).unwrap();
        assert_eq!(config.programme, "Otra");
        assert_eq!(config.tls.unwrap().key, Path::new("/k"));
    }

    #[test]
    fn a_list_can_come_from_the_environment() {
        let config = read(VALID, &[("IDP__NATIONAL_ID_SCHEMES", "[\"UY-CI\", \"CL-RUN\"]")]).unwrap();
        assert_eq!(config.national_id_schemes, ["UY-CI", "CL-RUN"]);
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        assert!(
            read(&format!("{VALID}\nlisen = \"x\""), &[])
                .unwrap_err()
                .contains("lisen")
        );
    }

    #[test]
    fn http_is_for_loopback_only() {
        for good in [
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "http://[::1]:1",
            "https://id.example.org",
        ] {
            assert!(Issuer::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in [
            "http://id.example.org",
            "http://localhost.example.org",
            "http://10.0.0.1",
            "ftp://localhost",
            "https://id.example.org/",
            "https://id.example.org/x",
            "https://id.example.org?x",
            "https://u@id.example.org",
            "https://ID.example.org",
            "https://id.example.org:443",
            "localhost",
        ] {
            assert!(Issuer::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_sealing_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), data_encoding::BASE64.encode(&[1; 32])).unwrap();
        let mut config = read(VALID, &[]).unwrap();
        config.sealing_key_file = file.path().to_owned();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(config.sealing_key().err().unwrap().contains("chmod 600"));
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(config.sealing_key().is_ok());
    }
}
