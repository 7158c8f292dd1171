//! Models of hardware keys that reach AAL3: those that the operator allowed, as the FIDO metadata on disk describes them.

mod kept;

pub use kept::{Kept, forever};

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;
use webauthn_rs_core::{
    attestation::verify_attestation_ca_chain,
    proto::{
        AttestationCaList, AttestationCaListBuilder, AttestationMetadata, Credential, ParsedAttestationData,
    },
};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::{
    config::Issuer,
    error::Fault,
    rules::{
        metadata::{self, Model},
        time::{Seconds, Timestamp},
    },
};

/// `[passkeys]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Other origins of this very service, where passkeys made here are also used (WebAuthn §5.11).
    pub related_origins: Vec<Issuer>,
    /// A metadata service's BLOB (a JWT), or a folder of metadata statements (`*.json`).
    pub metadata: Option<PathBuf>,
    /// PEM, the root that a BLOB's certificates lead to. A folder is believed as it is.
    pub metadata_root: Option<PathBuf>,
    /// Whom a BLOB's certificate must name.
    pub metadata_signer: Option<String>,
    /// AAGUIDs of the models whose keys reach AAL3. None by default: then nobody reaches it.
    pub allow: Vec<Uuid>,
}

impl Settings {
    /// What the configuration has wrong.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !self.allow.is_empty() && self.metadata.is_none() {
            problems.push("passkeys.allow: needs passkeys.metadata, by which models are known".to_owned());
        }
        if self.allow.contains(&Uuid::nil()) {
            problems.push("passkeys.allow: the AAGUID of zeros names no model".to_owned());
        }
        for (name, file) in [
            ("metadata", &self.metadata),
            ("metadata_root", &self.metadata_root),
        ] {
            if let Some(Err(error)) = file.as_ref().map(std::fs::metadata) {
                problems.push(format!("passkeys.{name}: {error}"));
            }
        }
        problems
    }
}

/// The models, as they were read at one moment.
#[derive(Debug, Default)]
pub struct Models {
    roots: AttestationCaList,
    names: BTreeMap<Uuid, String>,
}

impl Models {
    /// Those that are allowed. One that the metadata condemns is left out, and the log says why: a list that grew
    /// overnight must not keep the service from starting.
    ///
    /// # Errors
    /// A fault when the metadata cannot be read or believed, or knows nothing of an allowed model.
    pub fn read(settings: &Settings, now: Timestamp) -> Result<Self, Fault> {
        let Some(place) = settings
            .metadata
            .as_deref()
            .filter(|_| !settings.allow.is_empty())
        else {
            return Ok(Self::default());
        };
        let all = if place.is_dir() {
            folder(place)?
        } else {
            blob(place, settings, now)?
        };
        let (mut roots, mut names) = (AttestationCaListBuilder::new(), BTreeMap::new());
        for aaguid in &settings.allow {
            let Some(model) = all.iter().find(|model| model.aaguid == *aaguid) else {
                return Err(told(place, format!("has no statement about {aaguid}")));
            };
            if let Some(why) = model.unfit() {
                tracing::warn!(%aaguid, why, "a model in passkeys.allow does not reach AAL3");
                continue;
            }
            for root in &model.roots {
                roots
                    .insert_device_der(root, *aaguid, model.description.clone(), BTreeMap::new())
                    .map_err(|error| told(place, format!("{aaguid}: {error}")))?;
            }
            names.insert(*aaguid, model.description.clone());
        }
        Ok(Self {
            roots: roots.build(),
            names,
        })
    }

    /// Nobody reaches AAL3 here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Keys of this model reach AAL3 today.
    #[must_use]
    pub fn allows(&self, model: Uuid) -> bool {
        self.names.contains_key(&model)
    }

    /// The model of a key that was just registered, if its attestation leads to a root of that very model (WebAuthn
    /// §7.1 steps 22 to 24). The library has verified the statement itself.
    #[must_use]
    pub fn attested(&self, credential: &Credential, now: Timestamp) -> Option<Uuid> {
        let (AttestationMetadata::Packed { aaguid } | AttestationMetadata::Tpm { aaguid, .. }) =
            credential.attestation.metadata
        else {
            return None;
        };
        let found = verify_attestation_ca_chain(&credential.attestation.data, &self.roots, at(now))
            .inspect_err(|error| tracing::info!(%error, %aaguid, "an attestation leads to no root of ours"));
        let root = found.ok().flatten()?;
        root.aaguids().contains_key(&aaguid).then_some(aaguid)
    }
}

/// Every statement of a folder.
fn folder(place: &Path) -> Result<Vec<Model>, Fault> {
    let mut models = Vec::new();
    let entries = std::fs::read_dir(place).map_err(|error| told(place, error.to_string()))?;
    for entry in entries {
        let file = entry.map_err(|error| told(place, error.to_string()))?.path();
        if file.extension().is_some_and(|extension| extension == "json") {
            let text = read(&file)?;
            models.extend(metadata::statement(&text).map_err(|problem| told(&file, problem))?);
        }
    }
    Ok(models)
}

/// The models of a BLOB whose signature leads to the configured root (Metadata Service v3.0 §3.2).
fn blob(place: &Path, settings: &Settings, now: Timestamp) -> Result<Vec<Model>, Fault> {
    let root = settings.metadata_root.as_deref().ok_or_else(|| {
        told(
            place,
            "is a BLOB: name its root in passkeys.metadata_root".to_owned(),
        )
    })?;
    let signer = settings.metadata_signer.as_deref().unwrap_or(SIGNER);
    let (text, root) = (read(place)?, read(root)?);
    let payload = verified(&text, &root, signer, now).map_err(|problem| told(place, problem))?;
    let blob = metadata::payload(&payload).map_err(|problem| told(place, problem))?;
    let today = at(now);
    let next = time::Date::parse(&blob.next_update, &DAY)
        .map_err(|error| told(place, format!("nextUpdate: {error}")))?;
    if time::OffsetDateTime::from(today).date() > next {
        tracing::warn!(next_update = blob.next_update, file = %place.display(), "there is newer FIDO metadata");
    }
    Ok(blob.models)
}

/// The payload of a JWS whose certificates lead to `root` and name `signer`.
fn verified(text: &[u8], root: &[u8], signer: &str, now: Timestamp) -> Result<Vec<u8>, String> {
    let text = std::str::from_utf8(text)
        .map_err(|_| "is not a JWS".to_owned())?
        .trim();
    let [header, payload, signature]: [&str; 3] = text
        .split('.')
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "is not a compact JWS".to_owned())?;
    let decoded = |part: &str| {
        BASE64URL_NOPAD
            .decode(part.as_bytes())
            .map_err(|error| format!("is not base64url: {error}"))
    };
    let said: Header =
        serde_json::from_slice(&decoded(header)?).map_err(|error| format!("its header: {error}"))?;
    let chain: Vec<Vec<u8>> = said
        .x5c
        .iter()
        .map(|one| BASE64.decode(one.as_bytes()))
        .collect::<Result<_, _>>()
        .map_err(|error| format!("its x5c: {error}"))?;
    leads(&chain, root, now)?;
    let leaf = chain.first().ok_or("its x5c is empty")?;
    let (_, leaf) = X509Certificate::from_der(leaf).map_err(|error| format!("its certificate: {error}"))?;
    names(&leaf, signer)?;
    let algorithm: &dyn ring::signature::VerificationAlgorithm = match said.alg.as_str() {
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        "ES256" => &ECDSA_P256_SHA256_FIXED,
        other => return Err(format!("its algorithm is {other}, and neither RS256 nor ES256")),
    };
    let key = &leaf.tbs_certificate.subject_pki.subject_public_key.data;
    let signed = format!("{header}.{payload}");
    UnparsedPublicKey::new(algorithm, key)
        .verify(signed.as_bytes(), &decoded(signature)?)
        .map_err(|_| "its signature is wrong".to_owned())?;
    decoded(payload)
}

/// The chain leads to the root, each certificate being in its time.
fn leads(chain: &[Vec<u8>], root: &[u8], now: Timestamp) -> Result<(), String> {
    let encoded: Vec<String> = chain.iter().map(|der| BASE64URL_NOPAD.encode(der)).collect();
    let chain: ParsedAttestationData =
        serde_json::from_value(json!({ "Basic": encoded })).map_err(|error| format!("its x5c: {error}"))?;
    let roots =
        AttestationCaList::try_from(root).map_err(|error| format!("passkeys.metadata_root: {error}"))?;
    match verify_attestation_ca_chain(&chain, &roots, at(now)) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err("its certificates do not lead to passkeys.metadata_root".to_owned()),
        Err(error) => Err(format!(
            "its certificates do not lead to passkeys.metadata_root: {error}"
        )),
    }
}

/// The root may be a public one, below which anybody gets a certificate: this one must be the metadata service's.
fn names(leaf: &X509Certificate<'_>, signer: &str) -> Result<(), String> {
    let names = leaf.subject_alternative_name().ok().flatten();
    let named = names.is_some_and(|names| {
        names
            .value
            .general_names
            .iter()
            .any(|name| matches!(name, GeneralName::DNSName(name) if name.eq_ignore_ascii_case(signer)))
    });
    named
        .then_some(())
        .ok_or_else(|| format!("its certificate is not of {signer}"))
}

fn read(file: &Path) -> Result<Vec<u8>, Fault> {
    let size = std::fs::metadata(file).map_err(|error| told(file, error.to_string()))?;
    if size.len() > MAX_FILE {
        return Err(told(file, "is larger than any metadata".to_owned()));
    }
    std::fs::read(file).map_err(|error| told(file, error.to_string()))
}

fn told(file: &Path, problem: String) -> Fault {
    Fault::of(
        "reading passkeys.metadata",
        format!("{}: {problem}", file.display()),
    )
}

fn at(now: Timestamp) -> std::time::SystemTime {
    UNIX_EPOCH
        .checked_add(Seconds(now.0).duration())
        .unwrap_or(UNIX_EPOCH)
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    x5c: Vec<String>,
}

/// Metadata Service v3.0 §3.2: the name in the certificate of the Alliance's own service.
const SIGNER: &str = "mds.fidoalliance.org";
/// The whole BLOB of the Alliance is some six megabytes, icons included.
const MAX_FILE: u64 = 64 * 1024 * 1024;
const DAY: &[time::format_description::BorrowedFormatItem<'_>] =
    time::macros::format_description!("[year]-[month]-[day]");

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, DnType, IsCa, Issuer as Authority, KeyPair, KeyUsagePurpose,
    };
    use ring::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
    };

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_260_000);

    /// A metadata service: its root in PEM, and a certificate of this name with its key.
    struct Service {
        root: String,
        leaf: String,
        key: EcdsaKeyPair,
    }

    fn service(name: &str) -> Service {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
            .distinguished_name
            .push(DnType::CommonName, "Una raíz pública");
        let root = params.self_signed(&key).unwrap().pem();
        let authority = Authority::new(params, key);
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &authority).unwrap();
        let pkcs8 = key.serialize_der();
        let chance = SystemRandom::new();
        Service {
            root,
            leaf: BASE64.encode(leaf.der()),
            key: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &chance).unwrap(),
        }
    }

    fn signed(by: &Service, payload: &str) -> String {
        let header = json!({ "alg": "ES256", "typ": "JWT", "x5c": [by.leaf] }).to_string();
        let text = format!(
            "{}.{}",
            BASE64URL_NOPAD.encode(header.as_bytes()),
            BASE64URL_NOPAD.encode(payload.as_bytes())
        );
        let signature = by.key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }

    fn read(text: &str, root: &str) -> Result<Vec<u8>, String> {
        verified(text.as_bytes(), root.as_bytes(), SIGNER, NOW)
    }

    #[test]
    fn a_blob_of_the_service_is_believed() {
        let service = service(SIGNER);
        assert_eq!(read(&signed(&service, "{}"), &service.root).unwrap(), b"{}");
    }

    #[test]
    fn a_blob_of_somebody_else_below_the_same_root_is_not() {
        let service = service("evil.example");
        let problem = read(&signed(&service, "{}"), &service.root).unwrap_err();
        assert!(problem.contains(SIGNER), "{problem}");
    }

    #[test]
    fn a_blob_below_another_root_is_not() {
        let (ours, theirs) = (service(SIGNER), service(SIGNER));
        let problem = read(&signed(&theirs, "{}"), &ours.root).unwrap_err();
        assert!(problem.contains("do not lead"), "{problem}");
    }

    #[test]
    fn a_blob_that_was_changed_is_not() {
        let service = service(SIGNER);
        let text = signed(&service, "{}");
        let [header, _, signature]: [&str; 3] = text.split('.').collect::<Vec<_>>().try_into().unwrap();
        let changed = format!("{header}.{}.{signature}", BASE64URL_NOPAD.encode(b"{ }"));
        let problem = read(&changed, &service.root).unwrap_err();
        assert!(problem.contains("signature"), "{problem}");
    }

    #[test]
    fn a_blob_of_another_algorithm_or_shape_is_not() {
        let service = service(SIGNER);
        let header = json!({ "alg": "none", "x5c": [service.leaf] }).to_string();
        let unsigned = format!("{}.e30.", BASE64URL_NOPAD.encode(header.as_bytes()));
        assert!(read(&unsigned, &service.root).unwrap_err().contains("none"));
        for text in ["", "a.b", "a.b.c.d", "*.e30.e30"] {
            assert!(read(text, &service.root).is_err(), "{text}");
        }
    }

    #[test]
    fn a_list_without_metadata_and_a_model_of_zeros_are_said() {
        let settings = Settings {
            allow: vec![Uuid::nil()],
            ..Settings::default()
        };
        let problems = settings.problems().join(" ");
        assert!(problems.contains("needs passkeys.metadata") && problems.contains("zeros"));
    }

    #[test]
    fn a_model_that_the_metadata_does_not_know_keeps_the_service_from_starting() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            allow: vec![Uuid::from_bytes([1; 16])],
            metadata: Some(folder.path().to_owned()),
            ..Settings::default()
        };
        let fault = Models::read(&settings, NOW).unwrap_err().to_string();
        assert!(fault.contains("no statement about"), "{fault}");
    }
}
