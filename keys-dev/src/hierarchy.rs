//! The PKI as data: what `pki.toml` may say.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Error;

/// The whole of `pki.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hierarchy {
    /// Organizational unit of every subject.
    pub mark: String,
    /// ISO 3166 code of every subject.
    pub country: String,
    /// What a certificate of each kind may do.
    pub profile: BTreeMap<String, Profile>,
    /// Every certificate, issuers before those they issue.
    pub certificate: Vec<Entry>,
}

/// What a kind of certificate may do (RFC 5280 §4.2.1).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Present for a CA.
    pub authority: Option<AuthorityLimits>,
    /// Key usage, always critical.
    pub key_usage: Vec<KeyUsage>,
    /// Extended key usage, if any.
    pub extended_key_usage: Option<ExtendedKeyUsage>,
    /// RFC 6960 §4.2.2.2.1.
    #[serde(default)]
    pub ocsp_nocheck: bool,
    /// How long it is valid, unless the certificate says otherwise.
    pub days: i64,
}

/// Basic constraints of a CA.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityLimits {
    /// How many further CAs may follow.
    pub path_length: u8,
}

/// A bit of the key usage extension.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyUsage {
    /// Signatures over anything but certificates and CRLs.
    DigitalSignature,
    /// Commitment to content (the former non-repudiation).
    ContentCommitment,
    /// Agreement on keys.
    KeyAgreement,
    /// Signatures over certificates.
    KeyCertSign,
    /// Signatures over CRLs.
    CrlSign,
}

/// The extended key usage extension.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtendedKeyUsage {
    /// Whether the extension is critical.
    pub critical: bool,
    /// The purposes.
    pub purposes: Vec<Purpose>,
}

/// A purpose in the extended key usage.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// RFC 3161 §2.3.
    TimeStamping,
    /// RFC 6960 §4.2.2.2.
    OcspSigning,
    /// TLS servers.
    ServerAuth,
}

/// One certificate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its file name without extension; `flaws/…` are for tests.
    pub name: String,
    /// The profile it follows.
    pub profile: String,
    /// The certificate that signs it; its own name when self-signed.
    pub issuer: String,
    /// The kind of key.
    pub key: KeyKind,
    /// Whom it names.
    pub subject: Subject,
    /// DNS names and addresses of a server.
    #[serde(default)]
    pub names: Vec<String>,
    /// First day of validity, counted from the day of making.
    pub from_day: Option<i64>,
    /// Last day of validity, counted from the day of making.
    pub until_day: Option<i64>,
    /// Present when the issuer's CRL lists it.
    pub revoked: Option<Revoked>,
}

/// The kind of a key.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
    /// RSA of 1024 bits: a flaw.
    Rsa1024,
}

/// A line of a CRL.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    /// RFC 5280 §5.3.1.
    pub reason: RevocationReason,
    /// The day, counted from the day of making.
    pub day: i64,
}

/// Why something was revoked.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationReason {
    /// Somebody else has the key.
    KeyCompromise,
    /// The person changed office.
    AffiliationChanged,
}

/// A subject; country and mark are added to each.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Full name.
    pub common_name: String,
    /// Given names of a person.
    pub given_name: Option<String>,
    /// Surnames of a person.
    pub surname: Option<String>,
    /// EN 319 412-1 §5.1.3 semantics identifier of a person.
    pub serial_number: Option<String>,
    /// Institution.
    pub organization: String,
    /// Position of an official.
    pub title: Option<String>,
}

impl Hierarchy {
    /// The hierarchy that ships with this crate.
    ///
    /// # Errors
    /// A fault when `pki.toml` does not follow this module's types.
    pub fn shipped() -> Result<Self, Error> {
        toml::from_str(include_str!("../pki.toml")).map_err(Error::fault("keys-dev/pki.toml"))
    }

    /// A profile by name.
    ///
    /// # Errors
    /// A fault when there is none.
    pub fn profile(&self, name: &str) -> Result<&Profile, Error> {
        self.profile.get(name).ok_or_else(|| Error::Fault {
            doing: "keys-dev/pki.toml".into(),
            cause: format!("no profile {name}").into(),
        })
    }
}
