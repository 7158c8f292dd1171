//! A maker of security keys: a root, models, and the statements by which others know them.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use crate::authenticator::Attestation;

/// The model that is allowed.
pub const MODEL: Uuid = Uuid::from_bytes(*b"llave de prueba!");

/// One maker, and the folder where its statement lies.
pub struct Maker {
    issuer: Issuer<'static, KeyPair>,
    root: Vec<u8>,
    folder: TempDir,
}

impl Maker {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
            .distinguished_name
            .push(DnType::CommonName, "Llaves de prueba");
        let root = params.self_signed(&key).unwrap().der().to_vec();
        let maker = Self {
            issuer: Issuer::new(params, key),
            root,
            folder: tempfile::tempdir().unwrap(),
        };
        maker.state(MODEL, &["hardware"]);
        maker
    }

    /// Publishes what it says of a model.
    pub fn state(&self, model: Uuid, protection: &[&str]) {
        let statement = json!({ "aaguid": model, "description": "Llave de prueba", "keyProtection": protection,
            "attestationRootCertificates": [data_encoding::BASE64.encode(&self.root)] });
        let file = self.folder.path().join(format!("{model}.json"));
        std::fs::write(file, statement.to_string()).unwrap();
    }

    /// Configuration that allows [`MODEL`].
    pub fn allowed(&self) -> String {
        let folder = self.folder.path().display();
        format!("[passkeys]\nmetadata = \"{folder}\"\nallow = [\"{MODEL}\"]\n")
    }

    /// What it puts into its keys of this model.
    pub fn attestation(&self, model: Uuid) -> Attestation {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::ExplicitNoCa;
        for (name, value) in [
            (DnType::CountryName, "CL"),
            (DnType::OrganizationName, "Llaves de prueba"),
            (DnType::OrganizationalUnitName, "Authenticator Attestation"),
            (DnType::CommonName, "Lote 1"),
        ] {
            params.distinguished_name.push(name, value);
        }
        let value = [&[0x04, 0x10], model.as_bytes().as_slice()].concat();
        params.custom_extensions = vec![CustomExtension::from_oid_content(AAGUID_EXTENSION, value)];
        let leaf = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        let document = key.serialize_der();
        let chance = SystemRandom::new();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &document, &chance).unwrap();
        Attestation {
            aaguid: *model.as_bytes(),
            chain: vec![leaf],
            key: Arc::new(key),
        }
    }
}

/// WebAuthn §8.2.1: id-fido-gen-ce-aaguid.
const AAGUID_EXTENSION: &[u64] = &[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];
