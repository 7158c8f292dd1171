//! The choices that a client's registration makes.

use sdk_jose::Algorithm;
pub use sdk_jose::jwe::{ContentEncryption, KeyManagement};
use serde::{Deserialize, Serialize};

/// Rules that hold for a client as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// OpenID Connect and OAuth with RFC 9700's advice.
    #[default]
    Plain,
    /// FAPI 2.0 Security Profile.
    #[serde(rename = "fapi2_security")]
    Fapi2Security,
    /// FAPI 2.0 Message Signing on top of it: signed requests and signed answers.
    #[serde(rename = "fapi2_message_signing")]
    Fapi2MessageSigning,
    /// What integrators of Clave Única depend on.
    #[serde(rename = "claveunica")]
    ClaveUnica,
}

/// `subject_type` (OpenID Connect Core §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// Another value for each sector: agencies cannot compare notes.
    Pairwise,
    /// The same value for every client that agreed so.
    Public,
}

/// `grant_types` (RFC 7591 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GrantType {
    /// RFC 6749 §4.1.
    #[serde(rename = "authorization_code")]
    AuthorizationCode,
    /// RFC 6749 §6.
    #[serde(rename = "refresh_token")]
    RefreshToken,
    /// RFC 6749 §4.4.
    #[serde(rename = "client_credentials")]
    ClientCredentials,
    /// RFC 8628.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    /// RFC 8693.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
}

/// What an access token is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessTokenFormat {
    /// Chance: looked up at each use, dies at once, says nothing to who finds it.
    #[default]
    Opaque,
    /// RFC 9068: a signed JWT that a resource server reads by itself.
    Jwt,
}

/// How an answer to a client is signed and encrypted; plain when neither is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// Signed with this algorithm.
    pub signed: Option<Algorithm>,
    /// Encrypted so; signed first when both are set (OpenID Connect Core §5.3.2).
    pub encrypted: Option<Encryption>,
}

impl Protection {
    /// Neither signed nor encrypted: an answer in plain JSON.
    #[must_use]
    pub fn is_plain(self) -> bool {
        self == Self::default()
    }
}

/// How something is encrypted to a client (RFC 7516).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// `alg`.
    pub alg: KeyManagement,
    /// `enc`.
    pub enc: ContentEncryption,
}

/// A client's request objects (RFC 9101 §10.5, OpenID Connect Registration §2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestObjects {
    /// `request_object_signing_alg`: the only one that counts.
    pub alg: Option<Algorithm>,
    /// `request_object_encryption_alg` and `…_enc`: how they are encrypted when they are; anything that we offer without
    /// it.
    #[serde(default)]
    pub encryption: Option<Encryption>,
    /// `require_signed_request_object`.
    pub required: bool,
    /// `request_uris`: the only ones that are fetched, compared byte for byte.
    pub uris: Vec<String>,
}

/// Where a client hears of a logout, and whether it must hear of which session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutUri {
    /// The address.
    pub uri: String,
    /// `…_logout_session_required`: `sid` is always told.
    pub session_required: bool,
}

impl Profile {
    /// The name in a registration; `None` for the default.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Fapi2Security => Some("fapi2_security"),
            Self::Fapi2MessageSigning => Some("fapi2_message_signing"),
            Self::ClaveUnica => Some("claveunica"),
        }
    }

    /// One of the FAPI 2.0 profiles.
    #[must_use]
    pub fn is_fapi(self) -> bool {
        matches!(self, Self::Fapi2Security | Self::Fapi2MessageSigning)
    }
}

impl GrantType {
    /// Every grant that we know.
    pub const ALL: [Self; 5] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::DeviceCode,
        Self::TokenExchange,
    ];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }

    /// A citizen takes part in it: the client learns who they are.
    #[must_use]
    pub fn has_citizen(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::DeviceCode)
    }

    /// What a client that keeps a secret is given unless it says otherwise.
    #[must_use]
    pub fn usual() -> Vec<Self> {
        vec![Self::AuthorizationCode, Self::RefreshToken]
    }
}

impl SubjectType {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pairwise => "pairwise",
            Self::Public => "public",
        }
    }
}

impl AccessTokenFormat {
    /// Its name in a registration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Opaque => "opaque",
            Self::Jwt => "jwt",
        }
    }
}
