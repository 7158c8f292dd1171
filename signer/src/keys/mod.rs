//! Where private keys are: sealed in the database, opened here for one signature at a time. The only way to a
//! signature.

mod request;
pub mod sealing;
mod secret;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use crate::clock::Chance;
use crate::error::Fault;
use crate::rules::ids::sha256;
use crate::rules::in_force::InForce;
use crate::rules::official::{Official, Profile};
use crate::rules::warrant::Warrant;
use crate::rules::{Digest, KeyId, OfficialId};

pub use sealing::{Sealed, Sealing};
pub use secret::Secret;

/// The officials' signing keys.
#[derive(Clone, Debug)]
pub struct Keyring {
    sealing: Sealing,
}

/// A key that was just made.
#[derive(Debug)]
pub struct NewKey {
    /// Its identifier.
    pub id: KeyId,
    /// The private part, for the store.
    pub sealed: Sealed,
    /// A PKCS#10 request for its certificate, in PEM.
    pub request: String,
}

/// An ECDSA P-256 signature over SHA-256, as `ECDSA-Sig-Value` in DER (RFC 3279 §2.2.3).
#[derive(Debug)]
pub struct Signature(pub Vec<u8>);

impl Keyring {
    /// Keys sealed by `sealing`.
    #[must_use]
    pub fn new(sealing: Sealing) -> Self {
        Self { sealing }
    }

    /// Makes a P-256 key for an official and asks for its certificate. The private key leaves this function sealed.
    ///
    /// # Errors
    /// A fault when randomness fails.
    pub fn generate(
        &self,
        official: OfficialId,
        profile: &Profile,
        country: &str,
        chance: &Chance,
    ) -> Result<NewKey, Fault> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, chance.generator())
            .map_err(|_| Fault::new("generating a key"))?;
        let pkcs8 = Secret::new(document.as_ref().to_vec());
        let request = request::for_key(pkcs8.expose(), profile, country)?;
        let id = KeyId(sha256(&[&request.public_key_info]));
        let sealed = self.sealing.seal(&place(official, id), pkcs8.expose(), chance)?;
        Ok(NewKey {
            id,
            sealed,
            request: request.pem,
        })
    }

    /// Asks again for the certificate of a key that was made before.
    ///
    /// # Errors
    /// A fault when the key cannot be opened.
    pub fn request(&self, official: &Official, sealed: &Sealed, country: &str) -> Result<String, Fault> {
        let pkcs8 = self.sealing.open(&place(official.id, official.key), sealed)?;
        Ok(request::for_key(pkcs8.expose(), &official.profile, country)?.pem)
    }

    /// Signs the one value that `warrant` allows, with the one key that it names, whose certificate is in force.
    ///
    /// # Errors
    /// A fault when the value, the key or the certificate is another than the warrant's, or the key cannot be opened.
    pub fn sign(
        &self,
        warrant: Warrant,
        in_force: &InForce,
        sealed: &Sealed,
        to_be_signed: &[u8],
        chance: &Chance,
    ) -> Result<Signature, Fault> {
        if Digest::of(to_be_signed) != warrant.to_be_signed() {
            return Err(Fault::new("signing another value than the warrant's"));
        }
        if !in_force.chain().is_for(&warrant.key()) {
            return Err(Fault::new("signing with another key than the certificate's"));
        }
        let pkcs8 = self
            .sealing
            .open(&place(warrant.official(), warrant.key()), sealed)?;
        let pair = open(pkcs8.expose(), chance.generator())?;
        let signature = pair
            .sign(chance.generator(), to_be_signed)
            .map_err(|_| Fault::new("signing with a private key"))?;
        let signature = Signature(signature.as_ref().to_vec());
        // A faulty computation must not leave the house: it could tell the key.
        ring::signature::UnparsedPublicKey::new(
            &ring::signature::ECDSA_P256_SHA256_ASN1,
            pair.public_key().as_ref(),
        )
        .verify(to_be_signed, &signature.0)
        .map_err(|_| Fault::new("a signature did not verify right after it was made"))?;
        Ok(signature)
    }
}

/// What a sealed key is bound to: its official and itself, so that rows cannot be exchanged.
fn place(official: OfficialId, key: KeyId) -> String {
    format!("officials.private_key:{official}:{key}")
}

fn open(pkcs8: &[u8], random: &SystemRandom) -> Result<EcdsaKeyPair, Fault> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, random)
        .map_err(|_| Fault::new("opening a private key"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::rules::DocumentId;
    use crate::rules::certificate::Chain;

    pub(crate) fn profile() -> Profile {
        Profile {
            national_id: "11111111-1".parse().unwrap(),
            given_name: "María José".into(),
            family_name: "Muñoz del Río".into(),
            institution: "Municipalidad de Temuco".into(),
            position: "Directora de Obras".into(),
        }
    }

    pub(crate) fn keyring() -> Keyring {
        Keyring::new(Sealing::new(&Secret::new([7; 32])))
    }

    const OFFICIAL: [u8; 16] = [2; 16];

    fn warrant(key: KeyId, value: &[u8]) -> Warrant {
        let document = DocumentId::from_chance([1; 16]);
        Warrant::consumed(
            OfficialId::from_chance(OFFICIAL),
            key,
            document,
            Digest::of(value),
        )
    }

    /// A certificate for this key, found in force.
    fn certified(key: &NewKey) -> InForce {
        let authority = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        let issuer = rcgen::Issuer::from_params(&params, &authority);
        let request = rcgen::CertificateSigningRequestParams::from_pem(&key.request).unwrap();
        let leaf = request.signed_by(&issuer).unwrap().der().to_vec();
        InForce::supposed(Chain::from_der(vec![leaf]).unwrap())
    }

    #[test]
    fn a_key_signs_what_its_warrant_names() {
        let (keyring, chance) = (keyring(), Chance::system());
        let key = keyring
            .generate(OfficialId::from_chance(OFFICIAL), &profile(), "CL", &chance)
            .unwrap();
        assert!(
            keyring
                .sign(
                    warrant(key.id, b"value"),
                    &certified(&key),
                    &key.sealed,
                    b"value",
                    &chance
                )
                .is_ok()
        );
    }

    #[test]
    fn another_value_is_not_signed() {
        let (keyring, chance) = (keyring(), Chance::system());
        let key = keyring
            .generate(OfficialId::from_chance(OFFICIAL), &profile(), "CL", &chance)
            .unwrap();
        assert!(
            keyring
                .sign(
                    warrant(key.id, b"value"),
                    &certified(&key),
                    &key.sealed,
                    b"other",
                    &chance
                )
                .is_err()
        );
    }

    #[test]
    fn row_39_another_keys_certificate_opens_no_key() {
        let (keyring, chance) = (keyring(), Chance::system());
        let official = OfficialId::from_chance(OFFICIAL);
        let generate = || keyring.generate(official, &profile(), "CL", &chance).unwrap();
        let (key, other) = (generate(), generate());
        let signed = |of: &NewKey| {
            let warrant = warrant(key.id, b"value");
            keyring.sign(warrant, &certified(of), &key.sealed, b"value", &chance)
        };
        assert!(signed(&key).is_ok());
        assert!(signed(&other).is_err());
    }

    #[test]
    fn a_key_does_not_open_in_another_officials_row() {
        let (keyring, chance) = (keyring(), Chance::system());
        let key = keyring
            .generate(OfficialId::from_chance([9; 16]), &profile(), "CL", &chance)
            .unwrap();
        assert!(
            keyring
                .sign(
                    warrant(key.id, b"value"),
                    &certified(&key),
                    &key.sealed,
                    b"value",
                    &chance
                )
                .is_err()
        );
    }

    #[test]
    fn the_request_names_the_official_and_proves_possession() {
        let key = keyring()
            .generate(
                OfficialId::from_chance(OFFICIAL),
                &profile(),
                "CL",
                &Chance::system(),
            )
            .unwrap();
        let request = rcgen::CertificateSigningRequestParams::from_pem(&key.request).unwrap();
        let subject = format!("{:?}", request.params.distinguished_name);
        for part in [
            "PNOCL-11111111-1",
            "Directora de Obras",
            "Muñoz del Río",
            "Municipalidad de Temuco",
        ] {
            assert!(subject.contains(part), "{part} in {subject}");
        }
    }
}
