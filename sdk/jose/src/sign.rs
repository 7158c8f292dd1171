//! Making a compact JWS with a key that lives elsewhere.

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;

use crate::Algorithm;

/// A private key somebody else keeps: a sealed file, a PKCS#11 token.
pub trait Signer: Send + Sync {
    /// What [`Signer::sign`] computes.
    fn algorithm(&self) -> Algorithm;

    /// The key's id in the published set.
    fn kid(&self) -> &str;

    /// The signature over `message` in the shape that JWS wants: r‖s for ECDSA (RFC 7518 §3.4).
    ///
    /// # Errors
    /// [`SigningFault`] when the key cannot be used now.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFault>;
}

/// The key could not be used. The text is for a log, never for the outside.
#[derive(Debug, thiserror::Error)]
#[error("the key cannot sign: {0}")]
pub struct SigningFault(#[source] pub Box<dyn std::error::Error + Send + Sync>);

impl SigningFault {
    /// A fault with this cause.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// Why a token could not be made; always our own fault.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The claims cannot be written as JSON.
    #[error("the claims are not JSON: {0}")]
    Claims(#[source] serde_json::Error),
    /// The key cannot sign.
    #[error(transparent)]
    Key(#[from] SigningFault),
}

/// A token that lacks only its signature: for keys that answer slowly, or on another thread.
pub struct Unsigned(String);

impl Unsigned {
    /// The header `{"typ","alg","kid"}` and `claims`, as they will be signed (RFC 7515 §5.1).
    ///
    /// `typ` says what kind of token it is (RFC 8725 §3.11): `JWT`, `at+jwt`, `logout+jwt`, ….
    ///
    /// # Errors
    /// [`SignError::Claims`] when the claims are not JSON.
    pub fn new(typ: &str, claims: &impl Serialize, signer: &dyn Signer) -> Result<Self, SignError> {
        let header = Header {
            typ,
            alg: signer.algorithm().as_str(),
            kid: signer.kid(),
        };
        let mut input = BASE64URL_NOPAD.encode(&serde_json::to_vec(&header).map_err(SignError::Claims)?);
        input.push('.');
        input.push_str(&BASE64URL_NOPAD.encode(&serde_json::to_vec(claims).map_err(SignError::Claims)?));
        Ok(Self(input))
    }

    /// What is to be signed.
    #[must_use]
    pub fn input(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The token, with the signature that the same signer made over [`Unsigned::input`].
    #[must_use]
    pub fn with(self, signature: &[u8]) -> String {
        let mut token = self.0;
        token.push('.');
        token.push_str(&BASE64URL_NOPAD.encode(signature));
        token
    }
}

/// Signs `claims` as a compact JWS (RFC 7515 §7.1); see [`Unsigned::new`].
///
/// # Errors
/// [`SignError`] when the claims are not JSON or the key cannot sign.
pub fn sign_compact(typ: &str, claims: &impl Serialize, signer: &dyn Signer) -> Result<String, SignError> {
    let unsigned = Unsigned::new(typ, claims, signer)?;
    let signature = signer.sign(unsigned.input())?;
    Ok(unsigned.with(&signature))
}

#[derive(Serialize)]
struct Header<'a> {
    typ: &'a str,
    alg: &'a str,
    kid: &'a str,
}
