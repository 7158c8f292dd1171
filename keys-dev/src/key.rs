//! Private keys, sound ones and the weak one that a test needs.

use rcgen::{CertificateParams, Issuer, KeyPair, PublicKeyData, SubjectPublicKeyInfo};
use ring::rand::{SecureRandom, SystemRandom};
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::rand_core;

use crate::Error;
use crate::hierarchy::KeyKind;

/// A private key: one that can sign here, or a flaw that only others can use.
pub(crate) enum Key {
    Signing(Box<KeyPair>),
    Weak {
        public: SubjectPublicKeyInfo,
        pem: String,
    },
}

impl Key {
    /// Makes a key.
    pub(crate) fn generate(kind: KeyKind, chance: &SystemRandom) -> Result<Self, Error> {
        let doing = "making a key";
        match kind {
            KeyKind::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)
                .map(|pair| Self::Signing(Box::new(pair))),
            KeyKind::P384 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384)
                .map(|pair| Self::Signing(Box::new(pair))),
            KeyKind::Rsa1024 => return Self::weak(chance),
        }
        .map_err(Error::fault(doing))
    }

    /// ring refuses to handle such a key, rightly; the `rsa` crate does.
    fn weak(chance: &SystemRandom) -> Result<Self, Error> {
        let doing = "making the weak key";
        let key = rsa::RsaPrivateKey::new(&mut Chance(chance), 1024).map_err(Error::fault(doing))?;
        let public = key
            .to_public_key()
            .to_public_key_der()
            .map_err(Error::fault(doing))?;
        Ok(Self::Weak {
            public: SubjectPublicKeyInfo::from_der(public.as_bytes()).map_err(Error::fault(doing))?,
            pem: key
                .to_pkcs8_pem(LineEnding::LF)
                .map_err(Error::fault(doing))?
                .to_string(),
        })
    }

    /// The key to issue with.
    pub(crate) fn signing(&self) -> Result<&KeyPair, Error> {
        match self {
            Self::Signing(pair) => Ok(pair),
            Self::Weak { .. } => Err(Error::Fault {
                doing: "keys-dev/pki.toml".into(),
                cause: "a weak key cannot issue".into(),
            }),
        }
    }

    /// Certifies the public half, in PEM.
    pub(crate) fn certify(
        &self,
        params: &CertificateParams,
        issuer: &Issuer<'_, &KeyPair>,
    ) -> Result<String, rcgen::Error> {
        let public: &dyn PublicKeyData = match self {
            Self::Signing(pair) => pair.as_ref(),
            Self::Weak { public, .. } => public,
        };
        Ok(params.signed_by(&PublicKey(public), issuer)?.pem())
    }

    /// PKCS #8 in PEM.
    pub(crate) fn pem(&self) -> String {
        match self {
            Self::Signing(pair) => pair.serialize_pem(),
            Self::Weak { pem, .. } => pem.clone(),
        }
    }
}

/// `rcgen` wants a sized type.
struct PublicKey<'a>(&'a dyn PublicKeyData);

impl PublicKeyData for PublicKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.der_bytes()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.0.algorithm()
    }
}

/// ring's randomness, in the shape the `rsa` crate asks for.
struct Chance<'a>(&'a SystemRandom);

impl rand_core::RngCore for Chance<'_> {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    #[expect(
        clippy::expect_used,
        reason = "RngCore offers no error here; without randomness nothing can be made"
    )]
    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.0.fill(dest).expect("the system gives randomness");
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

impl rand_core::CryptoRng for Chance<'_> {}
