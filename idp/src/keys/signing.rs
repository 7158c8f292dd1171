//! A key that signs tokens: in memory, made and opened here, or on a PKCS#11 token.

use std::sync::Arc;

use ::rsa::{pkcs1::EncodeRsaPrivateKey as _, rand_core};
use ring::{
    rand::SystemRandom,
    rsa,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
        RSA_PSS_SHA256, RsaEncoding,
    },
};
use sdk_jose::{Algorithm, Jwk, PublicKey, Signer, SigningFault, Unsigned};
use serde::Serialize;
use zeroize::Zeroizing;

use super::HsmKey;
use crate::{error::Fault, world::Chance};

/// A new private key in the encoding that [`SigningKey::open`] reads (PKCS#8; PKCS#1 for RSA).
///
/// # Errors
/// A fault when the algorithm is not one of ours, or generation fails.
pub fn generate(algorithm: Algorithm, chance: &dyn Chance) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let random = SystemRandom::new();
    let failed = |_| Fault::plain("generating a signing key");
    match algorithm {
        Algorithm::ES256 => {
            let made =
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).map_err(failed)?;
            Ok(Zeroizing::new(made.as_ref().to_vec()))
        }
        Algorithm::EdDSA => {
            let made = Ed25519KeyPair::generate_pkcs8(&random).map_err(failed)?;
            Ok(Zeroizing::new(made.as_ref().to_vec()))
        }
        Algorithm::PS256 | Algorithm::RS256 => {
            // ring does not generate RSA keys; the rsa crate does only this, and ring signs.
            let made = ::rsa::RsaPrivateKey::new(&mut Generator(chance), RSA_BITS)
                .map_err(|source| Fault::of("generating an RSA key", source))?;
            let der = made
                .to_pkcs1_der()
                .map_err(|source| Fault::of("encoding an RSA key", source))?;
            Ok(Zeroizing::new(der.as_bytes().to_vec()))
        }
        Algorithm::ES384 => Err(Fault::plain("generating a key for an algorithm we do not use")),
    }
}

/// A private key with its public half. It signs and does nothing else.
pub struct SigningKey {
    pair: Pair,
    jwk: Jwk,
    kid: String,
    algorithm: Algorithm,
}

enum Pair {
    Es256(EcdsaKeyPair, SystemRandom),
    EdDsa(Ed25519KeyPair),
    Rsa(Box<rsa::KeyPair>, &'static dyn RsaEncoding, SystemRandom),
    Hsm(HsmKey),
}

impl SigningKey {
    /// Opens a key as [`generate`] made it.
    ///
    /// # Errors
    /// A fault when the bytes are not such a key.
    pub fn open(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, Fault> {
        let (pair, public) = match algorithm {
            Algorithm::ES256 => {
                let random = SystemRandom::new();
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes, &random)
                    .map_err(|source| Fault::of("opening a signing key", source))?;
                let public = PublicKey::from_point(pair.public_key().as_ref());
                (Pair::Es256(pair, random), public)
            }
            Algorithm::EdDSA => {
                let pair = Ed25519KeyPair::from_pkcs8(bytes)
                    .map_err(|source| Fault::of("opening a signing key", source))?;
                let public = PublicKey::from_point(pair.public_key().as_ref());
                (Pair::EdDsa(pair), public)
            }
            Algorithm::PS256 | Algorithm::RS256 => {
                let pair = rsa::KeyPair::from_der(bytes)
                    .map_err(|source| Fault::of("opening a signing key", source))?;
                let public: rsa::PublicKeyComponents<Vec<u8>> = pair.public().into();
                let public = PublicKey::from_rsa(&public.n, &public.e);
                let padding: &'static dyn RsaEncoding = if algorithm == Algorithm::PS256 {
                    &RSA_PSS_SHA256
                } else {
                    &RSA_PKCS1_SHA256
                };
                (Pair::Rsa(Box::new(pair), padding, SystemRandom::new()), public)
            }
            Algorithm::ES384 => {
                return Err(Fault::plain("opening a key for an algorithm we do not use"));
            }
        };
        let public = public.map_err(|source| Fault::of("reading a public key", source))?;
        Ok(Self::of(pair, public, algorithm))
    }

    /// A key on a PKCS#11 token, whose public half is known.
    #[must_use]
    pub fn on_hsm(key: HsmKey, public: PublicKey, algorithm: Algorithm) -> Self {
        Self::of(Pair::Hsm(key), public, algorithm)
    }

    fn of(pair: Pair, public: PublicKey, algorithm: Algorithm) -> Self {
        let kid = public.thumbprint();
        Self {
            pair,
            jwk: Jwk::new(public, kid.clone(), algorithm),
            kid,
            algorithm,
        }
    }

    /// A signed token of the kind `typ` with these claims. A key in memory signs at once; one on a PKCS#11 token waits
    /// for its turn and signs on a thread where blocking is allowed.
    ///
    /// # Errors
    /// A fault when the claims are not JSON or the key cannot sign.
    pub async fn token(self: Arc<Self>, typ: &str, claims: &impl Serialize) -> Result<String, Fault> {
        let failed = |source| Fault::of("signing a token", source);
        let Pair::Hsm(key) = &self.pair else {
            return sdk_jose::sign_compact(typ, claims, self.as_ref())
                .map_err(|source| Fault::of("signing a token", source));
        };
        let unsigned = Unsigned::new(typ, claims, self.as_ref())
            .map_err(|source| Fault::of("writing a token", source))?;
        let turn = key.hsm().turn().await;
        let signer = Arc::clone(&self);
        let (unsigned, signature) = tokio::task::spawn_blocking(move || {
            let signature = signer.sign(unsigned.input());
            (unsigned, signature)
        })
        .await
        .map_err(|source| Fault::of("signing a token", source))?;
        drop(turn);
        Ok(unsigned.with(&signature.map_err(failed)?))
    }

    /// Its public half, named by its thumbprint (RFC 7638).
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.jwk
    }
}

impl Signer for SigningKey {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn kid(&self) -> &str {
        &self.kid
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFault> {
        let failed = |_| SigningFault::new("signing failed");
        match &self.pair {
            Pair::Es256(pair, random) => Ok(pair.sign(random, message).map_err(failed)?.as_ref().to_vec()),
            Pair::EdDsa(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Rsa(pair, padding, random) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*padding, random, message, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
            Pair::Hsm(key) => key.sign(message),
        }
    }
}

/// The service's chance in the shape that the rsa crate wants.
struct Generator<'a>(&'a dyn Chance);

impl rand_core::CryptoRng for Generator<'_> {}

impl rand_core::RngCore for Generator<'_> {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(crate::world::bytes(self.0))
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(crate::world::bytes(self.0))
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(out);
        Ok(())
    }
}

/// RFC 7518 §3.3: at least 2048.
const RSA_BITS: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rules::client::SIGNING, world::SystemChance};
    use sdk_jose::{Expected, JwkSet, Typ, Unverified, sign_compact};

    #[test]
    fn what_each_algorithm_signs_the_published_key_verifies() {
        for algorithm in SIGNING {
            let bytes = generate(algorithm, &SystemChance::default()).unwrap();
            let key = SigningKey::open(algorithm, &bytes).unwrap();
            let token = sign_compact("JWT", &serde_json::json!({"a": 1}), &key).unwrap();
            let keys = JwkSet::new(vec![key.public().clone()]);
            let expected = Expected {
                algorithms: &[algorithm],
                typ: Typ::JwtOrAbsent,
            };
            assert!(
                Unverified::parse(&token)
                    .unwrap()
                    .verify(&keys, &expected)
                    .is_ok(),
                "{algorithm}"
            );
        }
    }

    #[test]
    fn a_key_of_another_kind_is_not_opened() {
        let bytes = generate(Algorithm::ES256, &SystemChance::default()).unwrap();
        assert!(SigningKey::open(Algorithm::EdDSA, &bytes).is_err());
        assert!(SigningKey::open(Algorithm::RS256, &bytes).is_err());
    }
}
