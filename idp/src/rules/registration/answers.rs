//! How a client wants to be answered, and how it asks.

use sdk_jose::{Algorithm, JwkSet};

use super::{Invalid, Registration, authentication::algorithm, invalid, one_of, uris};
use crate::rules::client::{
    Client, ClientKeys, ContentEncryption, Encryption, KeyManagement, Protection, RequestObjects,
};

impl Registration {
    pub(super) fn id_token_encryption(&self) -> Result<Option<Encryption>, Invalid> {
        encryption(
            (
                "id_token_encrypted_response_alg",
                "id_token_encrypted_response_enc",
            ),
            &self.id_token_encrypted_response_alg,
            &self.id_token_encrypted_response_enc,
        )
    }

    pub(super) fn userinfo(&self) -> Result<Protection, Invalid> {
        Ok(Protection {
            signed: self.signed("userinfo_signed_response_alg", &self.userinfo_signed_response_alg)?,
            encrypted: encryption(
                (
                    "userinfo_encrypted_response_alg",
                    "userinfo_encrypted_response_enc",
                ),
                &self.userinfo_encrypted_response_alg,
                &self.userinfo_encrypted_response_enc,
            )?,
        })
    }

    pub(super) fn authorization_response(&self) -> Result<Protection, Invalid> {
        Ok(Protection {
            signed: self.signed(
                "authorization_signed_response_alg",
                &self.authorization_signed_response_alg,
            )?,
            encrypted: encryption(
                (
                    "authorization_encrypted_response_alg",
                    "authorization_encrypted_response_enc",
                ),
                &self.authorization_encrypted_response_alg,
                &self.authorization_encrypted_response_enc,
            )?,
        })
    }

    pub(super) fn introspection_response(&self) -> Result<Protection, Invalid> {
        Ok(Protection {
            signed: self.signed(
                "introspection_signed_response_alg",
                &self.introspection_signed_response_alg,
            )?,
            encrypted: encryption(
                (
                    "introspection_encrypted_response_alg",
                    "introspection_encrypted_response_enc",
                ),
                &self.introspection_encrypted_response_alg,
                &self.introspection_encrypted_response_enc,
            )?,
        })
    }

    pub(super) fn request_objects(&self) -> Result<RequestObjects, Invalid> {
        Ok(RequestObjects {
            alg: algorithm(
                "request_object_signing_alg",
                self.request_object_signing_alg.as_deref(),
            )?,
            encryption: encryption(
                ("request_object_encryption_alg", "request_object_encryption_enc"),
                &self.request_object_encryption_alg,
                &self.request_object_encryption_enc,
            )?,
            required: self.require_signed_request_object,
            uris: request_uris(&self.request_uris)?,
        })
    }

    /// One of the algorithms that we sign with, if any is asked.
    fn signed(&self, field: &'static str, asked: &Option<String>) -> Result<Option<Algorithm>, Invalid> {
        asked
            .as_deref()
            .map(|name| self.signing(field, Some(name)))
            .transpose()
    }
}

/// OpenID Connect Core §10.2: keys in the registration hold one to encrypt to, or nobody could ever be answered. Keys at
/// an address may change, so they are looked at when they are needed.
pub(super) fn encryption_has_keys(client: &Client) -> Result<(), Invalid> {
    let Some(ClientKeys::Jwks(set)) = &client.keys else {
        return Ok(());
    };
    let keys = JwkSet::parse(set.to_string().as_bytes()).unwrap_or_default();
    let answers = [
        client.userinfo,
        client.authorization_response,
        client.introspection_response,
    ];
    let encryptions = answers.map(|answer| answer.encrypted).into_iter();
    for encryption in encryptions.chain([client.id_token_encryption]).flatten() {
        if keys.for_encryption(encryption.alg).is_none() {
            let problem = format!("none takes {}: add an EC key with use enc", encryption.alg);
            return Err(invalid("jwks", problem));
        }
    }
    Ok(())
}

/// OpenID Connect Core §6.2: these are fetched, so they are addresses of the web; a fragment may hold the content's
/// hash there, but ours are fetched each time and need none.
fn request_uris(uris: &[String]) -> Result<Vec<String>, Invalid> {
    uris::each("request_uris", uris, false)
}

/// `enc` alone says nothing; `alg` alone means A128GCM: OpenID Connect Registration §2 has A128CBC-HS256 there, which we
/// do not offer.
fn encryption(
    (alg_field, enc_field): (&'static str, &'static str),
    alg: &Option<String>,
    enc: &Option<String>,
) -> Result<Option<Encryption>, Invalid> {
    if alg.is_none() && enc.is_some() {
        return Err(invalid(enc_field, format!("needs {alg_field}")));
    }
    let Some(alg) = alg.as_deref() else {
        return Ok(None);
    };
    Ok(Some(Encryption {
        alg: one_of(
            alg_field,
            Some(alg),
            &KeyManagement::ALL.map(|alg| (alg.as_str(), alg)),
        )?,
        enc: one_of(
            enc_field,
            enc.as_deref(),
            &ContentEncryption::ALL.map(|enc| (enc.as_str(), enc)),
        )?,
    }))
}

#[cfg(test)]
mod tests {
    use crate::rules::{
        client::{ContentEncryption, Encryption, KeyManagement},
        registration::tests::check,
    };

    #[test]
    fn encryption_needs_a_key_agreement() {
        assert!(check(|r| r.userinfo_encrypted_response_enc = Some("A256GCM".to_owned())).is_err());
        assert!(check(|r| r.userinfo_encrypted_response_alg = Some("RSA1_5".to_owned())).is_err());
    }

    #[test]
    fn keys_that_nobody_can_encrypt_to_are_refused() {
        let with = |usage: &str| {
            check(|r| {
                r.userinfo_encrypted_response_alg = Some("ECDH-ES".to_owned());
                r.jwks = Some(serde_json::json!({ "keys": [{
                    "kty": "EC", "crv": "P-256", "use": usage,
                    "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
                    "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
                }] }));
            })
        };
        assert!(with("enc").is_ok());
        assert_eq!(with("sig").unwrap_err().field, "jwks");
    }

    #[test]
    fn encryption_is_registered_with_the_keys() {
        let client = check(|r| {
            r.id_token_encrypted_response_alg = Some("ECDH-ES".to_owned());
            r.jwks_uri = Some("https://agency.example/jwks".to_owned());
        })
        .unwrap();
        let expected = Encryption {
            alg: KeyManagement::EcdhEs,
            enc: ContentEncryption::A128Gcm,
        };
        assert_eq!(client.id_token_encryption, Some(expected));
    }

    #[test]
    fn answers_are_signed_with_what_we_sign() {
        assert!(check(|r| r.userinfo_signed_response_alg = Some("none".to_owned())).is_err());
        assert!(check(|r| r.authorization_signed_response_alg = Some("HS256".to_owned())).is_err());
        assert!(check(|r| r.userinfo_signed_response_alg = Some("ES256".to_owned())).is_ok());
    }
}
