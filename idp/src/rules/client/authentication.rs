//! How a client proves to be itself, and with which keys.

use sdk_jose::Algorithm;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `token_endpoint_auth_method` (RFC 7591 §2, OpenID Connect Core §9, RFC 8705 §2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// By its secret, in the header or the body (a client registered with either method may use either: RFC 6749
    /// §2.3.1 makes the server support the header, and many libraries choose by themselves).
    Secret,
    /// `client_secret_jwt`: an assertion with HS256 under its secret.
    SecretJwt,
    /// `private_key_jwt`: an assertion signed with one of its keys.
    PrivateKeyJwt {
        /// The only algorithm that counts, where registered (`token_endpoint_auth_signing_alg`).
        alg: Option<Algorithm>,
    },
    /// `tls_client_auth`: a certificate of a configured authority that names it so.
    TlsClientAuth {
        /// What the certificate must say.
        subject: TlsSubject,
    },
    /// `self_signed_tls_client_auth`: a certificate whose key is among its keys.
    SelfSignedTlsClientAuth,
    /// It cannot keep anything; PKCE alone binds the code.
    None,
}

/// The one name that a client's certificate must carry (RFC 8705 §2.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsSubject {
    /// The subject's distinguished name as RFC 4514 writes it.
    SubjectDn(String),
    /// A dNSName of the subject alternative names.
    SanDns(String),
    /// A uniformResourceIdentifier of them.
    SanUri(String),
    /// An iPAddress of them, as text.
    SanIp(String),
    /// An rfc822Name of them.
    SanEmail(String),
}

/// Where a client's public keys are (RFC 7591 §2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKeys {
    /// In its registration: a JWK set, checked when it was registered.
    Jwks(Value),
    /// At this address of its own, fetched when needed.
    JwksUri(String),
}

impl Authentication {
    /// Its name on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Secret => "client_secret_basic",
            Self::SecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt { .. } => "private_key_jwt",
            Self::TlsClientAuth { .. } => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
            Self::None => "none",
        }
    }

    /// The client has a secret that we know.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        matches!(self, Self::Secret | Self::SecretJwt)
    }

    /// The client proves that it is itself, by whatever means (RFC 6749 §2.1 "confidential").
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        *self != Self::None
    }

    /// FAPI 2.0 Security Profile §5.3.2.1: mutual TLS or `private_key_jwt`, nothing weaker.
    #[must_use]
    pub fn is_by_key(&self) -> bool {
        matches!(
            self,
            Self::PrivateKeyJwt { .. } | Self::TlsClientAuth { .. } | Self::SelfSignedTlsClientAuth
        )
    }
}

impl TlsSubject {
    /// The registration field and its value.
    #[must_use]
    pub fn field(&self) -> (&'static str, &str) {
        match self {
            Self::SubjectDn(value) => ("tls_client_auth_subject_dn", value),
            Self::SanDns(value) => ("tls_client_auth_san_dns", value),
            Self::SanUri(value) => ("tls_client_auth_san_uri", value),
            Self::SanIp(value) => ("tls_client_auth_san_ip", value),
            Self::SanEmail(value) => ("tls_client_auth_san_email", value),
        }
    }
}
