//! A client's own key: it signs assertions and proofs.

use data_encoding::BASE64URL_NOPAD;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use sdk_jose::{Algorithm, Jwk, PublicKey};
use serde_json::{Value, json};

/// A key pair on P-256.
pub struct Key(EcdsaKeyPair);

impl Key {
    pub fn new() -> Self {
        let random = SystemRandom::new();
        let bytes = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes.as_ref(), &random).unwrap())
    }

    fn public(&self) -> PublicKey {
        PublicKey::from_point(self.0.public_key().as_ref()).unwrap()
    }

    pub fn jwk(&self) -> Value {
        serde_json::to_value(Jwk::new(self.public(), self.kid(), Algorithm::ES256)).unwrap()
    }

    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.jwk()] })
    }

    /// Its thumbprint (RFC 7638), which is also its id.
    pub fn kid(&self) -> String {
        self.public().thumbprint()
    }

    /// A compact JWS over anything, with any header.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = format!("{}.{}", part(header), part(claims));
        let signature = self.0.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        format!("{input}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }
}

pub fn part(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

/// `value` with members changed, added or (when null) taken away.
pub fn changed(mut value: Value, changes: &Value) -> Value {
    let members = value.as_object_mut().unwrap();
    members.extend(changes.as_object().unwrap().clone());
    members.retain(|_, value| !value.is_null());
    value
}
