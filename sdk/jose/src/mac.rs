//! `HS256`, for two parties who share a secret. Apart from the rest, so that no public key can ever
//! be handed in as a secret (RFC 8725 §2.1).

use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::json::Object;
use crate::jws::{Compact, Refusal};
use crate::sign::SignError;

/// A secret of at least 32 bytes that both sides hold. Does not print and does not compare.
pub struct SharedSecret(hmac::Key);

/// The secret is shorter than the hash (RFC 7518 §3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret for HS256 has at least 32 bytes")]
pub struct TooShort;

impl SharedSecret {
    /// Takes a secret.
    ///
    /// # Errors
    /// [`TooShort`] below 32 bytes.
    pub fn new(secret: &[u8]) -> Result<Self, TooShort> {
        if secret.len() < MIN_SECRET_BYTES {
            return Err(TooShort);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// A compact JWS with `HS256` over `claims`.
    ///
    /// # Errors
    /// [`SignError::Claims`] when the claims are not JSON.
    pub fn sign_compact(&self, typ: &str, claims: &impl Serialize) -> Result<String, SignError> {
        let header = serde_json::json!({ "typ": typ, "alg": HS256 }).to_string();
        let payload = serde_json::to_vec(claims).map_err(SignError::Claims)?;
        let input = format!(
            "{}.{}",
            BASE64URL_NOPAD.encode(header.as_bytes()),
            BASE64URL_NOPAD.encode(&payload)
        );
        let tag = hmac::sign(&self.0, input.as_bytes());
        Ok(format!("{input}.{}", BASE64URL_NOPAD.encode(tag.as_ref())))
    }

    /// The claims of a token that this secret made, with this `typ` or none.
    ///
    /// # Errors
    /// [`Refusal`] for any other token, one with a public-key algorithm included.
    pub fn verify<T: DeserializeOwned>(&self, token: &str, typ: &str) -> Result<T, Refusal> {
        let compact = Compact::split(token)?;
        if compact.header.alg != HS256 {
            return Err(Refusal::Algorithm);
        }
        if !compact
            .header
            .typ
            .as_deref()
            .is_none_or(|found| found.eq_ignore_ascii_case(typ))
        {
            return Err(Refusal::Typ);
        }
        hmac::verify(&self.0, compact.signing_input.as_bytes(), &compact.signature)
            .map_err(|_| Refusal::Signature)?;
        let claims: Object = crate::json::parse(&compact.payload).map_err(|_| Refusal::Claims)?;
        serde_json::from_value(claims.into()).map_err(|_| Refusal::Claims)
    }
}

impl std::fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedSecret(..)")
    }
}

const HS256: &str = "HS256";

/// RFC 7518 §3.2: a key of the same size as the hash output or larger.
const MIN_SECRET_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> SharedSecret {
        SharedSecret::new(&[7; 32]).unwrap()
    }

    #[test]
    fn what_was_signed_is_read() {
        let token = secret()
            .sign_compact("JWT", &serde_json::json!({ "sub": "a" }))
            .unwrap();
        assert_eq!(secret().verify::<Object>(&token, "JWT").unwrap()["sub"], "a");
    }

    /// RFC 7515, appendix A.1.
    #[test]
    fn the_vector_of_the_rfc() {
        let key = BASE64URL_NOPAD
            .decode(b"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
        let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let claims: Object = SharedSecret::new(&key).unwrap().verify(token, "JWT").unwrap();
        assert_eq!(claims["iss"], "joe");
    }

    #[test]
    fn another_secret_is_refused() {
        let token = SharedSecret::new(&[8; 32])
            .unwrap()
            .sign_compact("JWT", &Object::new())
            .unwrap();
        assert_eq!(
            secret().verify::<Object>(&token, "JWT").unwrap_err(),
            Refusal::Signature
        );
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(SharedSecret::new(&[7; 31]).is_err());
    }

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", secret()), "SharedSecret(..)");
    }
}
