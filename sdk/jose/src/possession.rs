//! Tokens that somebody signs about themselves: a proof of possession (RFC 9449 §4) carries the key that checks it,
//! a client assertion (RFC 7523) names who must be asked for theirs.

use crate::json;
use crate::jws::{Compact, Expected, Refusal, Unverified, Verified};
use crate::{Jwk, PublicKey};

impl Unverified {
    /// Checks the signature with the key in the token's own header, and returns that key.
    ///
    /// This proves that whoever made the token holds the key, and nothing about who they are: it is for proofs of
    /// possession, whose receiver goes on to compare the key's thumbprint with one that it knows.
    ///
    /// # Errors
    /// [`Refusal`]; [`Refusal::UnknownKey`] without a usable key, [`Refusal::Header`] when the header shows a private
    /// or a symmetric one.
    pub fn verify_with_own_key(self, expected: &Expected<'_>) -> Result<(PublicKey, Verified), Refusal> {
        if !expected.algorithms.contains(&self.algorithm) {
            return Err(Refusal::Algorithm);
        }
        if !expected.typ.allows(self.typ()) {
            return Err(Refusal::Typ);
        }
        let members = self.compact.header.jwk.as_ref().ok_or(Refusal::UnknownKey)?;
        let key = match Jwk::from_members(members) {
            Ok(key) => key.key().clone(),
            Err(crate::JwkRefusal::Private) => return Err(Refusal::Header),
            Err(_) => return Err(Refusal::UnknownKey),
        };
        key.verify(
            self.algorithm,
            self.compact.signing_input.as_bytes(),
            &self.compact.signature,
        )?;
        let claims = json::parse(&self.compact.payload).map_err(|_| Refusal::Claims)?;
        let verified = Verified {
            algorithm: self.algorithm,
            claims,
        };
        Ok((key, verified))
    }
}

/// Whom a token claims to be from (`iss`): only good for finding the keys that it must then be checked with.
///
/// # Errors
/// [`Refusal`] when it is no compact JWS or its claims name no issuer.
pub fn claimed_issuer(token: &str) -> Result<String, Refusal> {
    let compact = Compact::split(token)?;
    let claims: json::Object = json::parse(&compact.payload).map_err(|_| Refusal::Claims)?;
    match claims.get("iss") {
        Some(serde_json::Value::String(issuer)) => Ok(issuer.clone()),
        Some(_) | None => Err(Refusal::Claims),
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;
    use proptest::prelude::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use serde_json::{Value, json};

    use super::*;
    use crate::{Algorithm, Typ};

    fn pair() -> EcdsaKeyPair {
        let random = SystemRandom::new();
        let bytes = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes.as_ref(), &random).unwrap()
    }

    fn jwk(pair: &EcdsaKeyPair) -> Value {
        let key = PublicKey::from_point(pair.public_key().as_ref()).unwrap();
        serde_json::to_value(Jwk::new(key, "any", Algorithm::ES256)).unwrap()
    }

    fn token(pair: &EcdsaKeyPair, header: &Value) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let input = format!("{}.{}", part(header), part(&json!({ "iss": "a", "jti": "1" })));
        let signature = pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        format!("{input}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }

    fn verify(token: &str) -> Result<PublicKey, Refusal> {
        let expected = Expected {
            algorithms: &[Algorithm::ES256],
            typ: Typ::Required("dpop+jwt"),
        };
        Unverified::parse(token)?
            .verify_with_own_key(&expected)
            .map(|(key, _)| key)
    }

    #[test]
    fn the_key_of_the_header_is_returned() {
        let pair = pair();
        let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk(&pair) });
        let key = verify(&token(&pair, &header)).unwrap();
        assert_eq!(key, PublicKey::from_point(pair.public_key().as_ref()).unwrap());
    }

    #[test]
    fn another_key_in_the_header_is_refused() {
        let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk(&pair()) });
        assert_eq!(verify(&token(&pair(), &header)).unwrap_err(), Refusal::Signature);
    }

    #[test]
    fn no_key_and_a_useless_key_are_refused() {
        let pair = pair();
        for header in [
            json!({ "alg": "ES256", "typ": "dpop+jwt" }),
            json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": {} }),
            json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": { "kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA" } }),
        ] {
            assert_eq!(verify(&token(&pair, &header)).unwrap_err(), Refusal::UnknownKey);
        }
    }

    #[test]
    fn a_header_that_shows_a_private_key_is_refused() {
        let pair = pair();
        let mut shown = jwk(&pair);
        shown["d"] = "AA".into();
        for jwk in [shown, json!({ "kty": "oct", "k": "AA" })] {
            let header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk });
            assert_eq!(verify(&token(&pair, &header)).unwrap_err(), Refusal::Header);
        }
    }

    #[test]
    fn another_typ_is_refused() {
        let pair = pair();
        for typ in [json!("JWT"), json!("at+jwt"), Value::Null] {
            let header = json!({ "alg": "ES256", "typ": typ, "jwk": jwk(&pair) });
            assert_eq!(verify(&token(&pair, &header)).unwrap_err(), Refusal::Typ);
        }
    }

    #[test]
    fn the_claimed_issuer_is_read_without_trust() {
        let pair = pair();
        assert_eq!(
            claimed_issuer(&token(&pair, &json!({ "alg": "HS256" }))).unwrap(),
            "a"
        );
        assert!(claimed_issuer("a.b.c").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_refused_and_nothing_panics(text in ".{0,300}") {
            prop_assert!(verify(&text).is_err());
            prop_assert!(claimed_issuer(&text).is_err());
        }

        #[test]
        fn a_changed_byte_is_refused(at in any::<prop::sample::Index>()) {
            let pair = pair();
            let good = token(&pair, &json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk(&pair) }));
            let mut bytes = good.clone().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            prop_assert!(verify(&String::from_utf8(bytes).unwrap()).is_err());
        }
    }
}
