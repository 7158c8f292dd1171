//! What the operator decides: one TOML file, any value of which the environment may replace.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use url::Url;

use crate::error::Fault;
use crate::rules::in_force::WithoutNews;
use crate::zone::Zone;

/// The whole configuration. Unknown fields are refused, so that a misspelt one is noticed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the service is reached by browsers, without a path.
    pub url: Url,
    /// Where it listens.
    pub listen: SocketAddr,
    /// `sqlite:///absolute/path.db` or `postgres://…`.
    pub database: String,
    /// Folder for documents; made when missing.
    pub documents: PathBuf,
    /// File with the base64 of 32 random bytes, readable by its owner only.
    pub sealing_key_file: PathBuf,
    /// PEM files, or folders of them: the roots under which signatures are trusted.
    #[serde(default)]
    pub trust: Vec<PathBuf>,
    /// Trusted lists (ETSI TS 119 612), whose services are believed while they were granted.
    #[serde(default)]
    pub trusted_lists: TrustedLists,
    /// Revocation lists, OCSP responses and certificates of authorities in between, in PEM or DER: files, or folders of
    /// them (.crl, .ocsp, .ors, .pem, .der, .crt, .cer). What changes there is read within seconds.
    #[serde(default)]
    pub evidence: Vec<PathBuf>,
    /// Name in the masthead.
    #[serde(default = "programme")]
    pub programme: String,
    /// ISO 3166 code of the country whose national ids officials have: in certificates' subjects.
    #[serde(default = "country")]
    pub country: String,
    /// Whose clocks pages and stamps show, by the name in the IANA database: `America/Santiago`. Records and reports
    /// stay in UTC.
    #[serde(default)]
    pub time_zone: Zone,
    /// The identity provider at which officials log in.
    pub login: sdk::login::LoginSettings,
    /// Serve https directly.
    pub tls: Option<Tls>,
    /// What stands between browsers and this service.
    #[serde(default)]
    pub proxy: Proxy,
    /// When officials sign.
    #[serde(default)]
    pub signing: Signing,
    /// How documents are verified.
    #[serde(default)]
    pub verify: Verify,
    /// Bounds that an operator may move.
    #[serde(default)]
    pub limits: Limits,
}

/// `[signing]`: when officials sign.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Signing {
    /// While nothing current in `evidence` says whether an official's certificate, or an authority above it, was
    /// revoked: `"refuse"`, or `"sign"`. What is known to be revoked is refused always.
    pub unknown_revocation: WithoutNews,
}

/// `[verify]`: how documents are verified.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Verify {
    /// Whether evidence that neither `evidence` nor the document holds is fetched from where certificates say that it
    /// is. Off by default: authorities would learn who verifies what, and strangers make the service call addresses,
    /// though on the public internet alone.
    pub fetch: bool,
}

/// Certificate and key of an https listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// PEM, leaf first.
    pub certificate: PathBuf,
    /// PEM, PKCS#8.
    pub key: PathBuf,
}

/// `[proxy]`: what stands between browsers and this service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Proxy {
    /// Addresses of proxies whose `X-Forwarded-For` is believed. Nobody's is unless named; then all who come through an
    /// unnamed one share what one address may have.
    pub trusted: Vec<IpAddr>,
}

/// Trusted lists, and who may sign them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrustedLists {
    /// XML. A list that points to others names their signers, too: give it first.
    pub files: Vec<PathBuf>,
    /// PEM files with the certificates of those who may sign them.
    pub signers: Vec<PathBuf>,
}

/// Bounds, each with the reason for its default.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of one document. The default is a GiB with room for
    /// what is around it in a form: below the ten digits of a classic cross-reference offset
    /// (ISO 32000-2 §7.5.4), and more than any office document we have met.
    pub document_bytes: u64,
    /// Documents that one official may keep on the desk: a month of heavy work.
    pub documents_on_desk: u32,
    /// Documents approved at once: what a person can still answer for.
    pub documents_in_batch: u32,
    /// Verifications and intakes at the same time, each in a process of its own. Eight times as many may wait; the
    /// rest is told to come back. Whoever verifies without a login has half of them for one address, and half of the
    /// queue.
    pub at_once: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 1_100_000_000,
            documents_on_desk: 2_000,
            documents_in_batch: 500,
            at_once: 8,
        }
    }
}

/// What is wrong with the configuration, in a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The file could not be read.
    #[error("cannot read {path}: {cause}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// The file or an override is not what it should be.
    #[error("{0}")]
    Invalid(String),
    /// Cookies and documents would cross the network in clear.
    #[error(
        "url = \"{0}\": http is accepted for a loopback host only (localhost, 127.0.0.1, [::1]); use https"
    )]
    PlainHttp(Url),
    /// `country` is no country code.
    #[error("country = \"{0}\": give two capital letters (ISO 3166-1)")]
    Country(String),
    /// A trusted list proves nothing by itself.
    #[error(
        "[trusted_lists] files: say in signers who may sign them, by the list of lists or the supervisor's own word"
    )]
    ListsWithoutSigners,
    /// `url` has more than scheme, host and port.
    #[error("url = \"{0}\": give scheme, host and port only")]
    NotAnOrigin(Url),
}

impl Config {
    /// Reads `path`, then replaces what `SIGNER__SECTION__KEY` variables name.
    ///
    /// # Errors
    /// A sentence that says what to change.
    pub fn read(path: &Path, environment: impl Iterator<Item = (String, String)>) -> Result<Self, Problem> {
        let text = std::fs::read_to_string(path).map_err(|cause| Problem::Unreadable {
            path: path.to_owned(),
            cause,
        })?;
        Self::parse(&text, environment)
    }

    /// Parses a configuration's text; see [`Config::read`].
    ///
    /// # Errors
    /// A sentence that says what to change.
    pub fn parse(text: &str, environment: impl Iterator<Item = (String, String)>) -> Result<Self, Problem> {
        let mut table: toml::Table = text
            .parse()
            .map_err(|e: toml::de::Error| Problem::Invalid(e.to_string()))?;
        for (name, value) in environment {
            if let Some(path) = name.strip_prefix("SIGNER__") {
                replace(&mut table, &path.to_lowercase(), &value);
            }
        }
        let config: Self = table
            .try_into()
            .map_err(|e: toml::de::Error| Problem::Invalid(e.to_string()))?;
        config.checked()
    }

    fn checked(self) -> Result<Self, Problem> {
        let loopback = is_loopback(&self.url);
        match self.url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err(Problem::PlainHttp(self.url)),
        }
        if self.url.path() != "/" || self.url.query().is_some() || self.url.fragment().is_some() {
            return Err(Problem::NotAnOrigin(self.url));
        }
        if self.country.len() != 2 || !self.country.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(Problem::Country(self.country));
        }
        if self.trusted_lists.signers.is_empty() && !self.trusted_lists.files.is_empty() {
            return Err(Problem::ListsWithoutSigners);
        }
        Ok(self)
    }

    /// Whether browsers reach us by https, so that cookies can be `Secure` and `__Host-`.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The origin as browsers write it: no trailing slash.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The 32 bytes from which every other secret is derived.
    ///
    /// # Errors
    /// When the file is missing, open to others, or not the base64 of 32 bytes.
    pub fn sealing_key(&self) -> Result<crate::keys::Secret<[u8; 32]>, Fault> {
        let path = &self.sealing_key_file;
        let fault = |text: String| Fault::caused("reading sealing_key_file", text);
        let text = crate::keys::Secret::new(
            std::fs::read_to_string(path).map_err(|e| fault(format!("{}: {e}", path.display())))?,
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(path)
                .map_err(|e| fault(e.to_string()))?
                .permissions()
                .mode();
            if mode & 0o077 != 0 {
                return Err(fault(format!(
                    "{} is open to others; chmod 600 it",
                    path.display()
                )));
            }
        }
        let bytes = data_encoding::BASE64
            .decode(text.expose().trim().as_bytes())
            .or_else(|_| data_encoding::BASE64URL_NOPAD.decode(text.expose().trim().as_bytes()))
            .map_err(|_| fault(format!("{} does not hold base64", path.display())))?;
        let bytes = <[u8; 32]>::try_from(bytes)
            .map_err(|_| fault(format!("{} does not hold the base64 of 32 bytes", path.display())))?;
        Ok(crate::keys::Secret::new(bytes))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// `login__issuer` → `[login] issuer`. A value is read as TOML where it is TOML (numbers, lists), else as text.
fn replace(table: &mut toml::Table, path: &str, value: &str) {
    let parsed = format!("v = {value}")
        .parse::<toml::Table>()
        .ok()
        .and_then(|mut t| t.remove("v"));
    let value = parsed.unwrap_or_else(|| toml::Value::String(value.to_owned()));
    match path.split_once("__") {
        None => {
            table.insert(path.to_owned(), value);
        }
        Some((section, key)) => {
            let section = table
                .entry(section)
                .or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(section) = section {
                section.insert(key.to_owned(), value);
            }
        }
    }
}

fn country() -> String {
    "CL".to_owned()
}

fn programme() -> String {
    "Aval".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        url = "http://localhost:8081"
        listen = "127.0.0.1:8081"
        database = "sqlite:///tmp/signer.db"
        documents = "/tmp/documents"
        sealing_key_file = "/tmp/key"
        [login]
        issuer = "http://localhost:8080"
        client_id = "signer"
        client_secret_file = "/tmp/secret"
    "#;

    fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, Problem> {
        Config::parse(
            text,
            environment
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        )
    }

    #[test]
    fn a_plain_file_is_enough() {
        let config = parse(GOOD, &[]).unwrap();
        assert_eq!(config.origin(), "http://localhost:8081");
        assert!(!config.secure());
        assert_eq!(config.programme, "Aval");
    }

    #[test]
    fn the_environment_replaces_values_in_sections_and_at_the_top() {
        let config = parse(
            GOOD,
            &[
                ("SIGNER__LOGIN__CLIENT_ID", "other"),
                ("SIGNER__LIMITS__DOCUMENT_BYTES", "1024"),
                ("SIGNER__TRUST", "[\"/a.pem\"]"),
            ],
        )
        .unwrap();
        assert_eq!(config.login.client_id, "other");
        assert_eq!(config.limits.document_bytes, 1024);
        assert_eq!(config.trust, [PathBuf::from("/a.pem")]);
    }

    #[test]
    fn a_country_in_words_is_refused() {
        assert!(matches!(
            parse(&format!("country = \"Chile\"\n{GOOD}"), &[]),
            Err(Problem::Country(_))
        ));
    }

    #[test]
    fn a_time_zone_that_nobody_knows_is_refused_with_its_name() {
        let zone = |name: &str| parse(&format!("time_zone = \"{name}\"\n{GOOD}"), &[]);
        assert!(zone("America/Santiago").is_ok());
        let Err(Problem::Invalid(text)) = zone("America/Temuco") else {
            panic!("a zone that is none");
        };
        assert!(text.contains("\"America/Temuco\" is no time zone"), "{text}");
    }

    #[test]
    fn a_trusted_list_without_those_who_may_sign_it_is_refused() {
        let lists = format!("{GOOD}\n[trusted_lists]\nfiles = [\"/cl.xml\"]");
        assert!(matches!(parse(&lists, &[]), Err(Problem::ListsWithoutSigners)));
        assert!(parse(&format!("{lists}\nsigners = [\"/who.pem\"]"), &[]).is_ok());
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        assert!(matches!(
            parse(&format!("listn = 1\n{GOOD}"), &[]),
            Err(Problem::Invalid(_))
        ));
    }

    #[test]
    fn plain_http_is_refused_beyond_loopback() {
        let text = GOOD.replace("http://localhost:8081", "http://firma.example.cl");
        assert!(matches!(parse(&text, &[]), Err(Problem::PlainHttp(_))));
    }

    #[test]
    fn a_url_with_a_path_is_refused() {
        let text = GOOD.replace("http://localhost:8081", "http://localhost:8081/firma");
        assert!(matches!(parse(&text, &[]), Err(Problem::NotAnOrigin(_))));
    }
}
