//! What a maker says of a model of authenticator (FIDO Metadata Statement v3.0 §4), and what is known against it (FIDO
//! Metadata Service v3.0 §3.1). Only what AAL3 depends on is read.

use serde::Deserialize;
use uuid::Uuid;

/// One model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Which.
    pub aaguid: Uuid,
    /// What its maker calls it.
    pub description: String,
    /// DER, the roots that its attestations lead to.
    pub roots: Vec<Vec<u8>>,
    hardware: bool,
    condemned: Option<String>,
}

impl Model {
    /// Why keys of this model do not reach AAL3; none when they do.
    #[must_use]
    pub fn unfit(&self) -> Option<String> {
        if let Some(status) = &self.condemned {
            return Some(format!("its status is {status}"));
        }
        if !self.hardware {
            return Some("its keys are not kept in hardware".to_owned());
        }
        self.roots
            .is_empty()
            .then(|| "it has no root to attest by".to_owned())
    }
}

/// The payload of a metadata service's BLOB (Metadata Service v3.0 §3.1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// After this day there is a newer one (`YYYY-MM-DD`).
    pub next_update: String,
    /// Its models. Authenticators of protocols older than FIDO2 have no AAGUID and are left out.
    pub models: Vec<Model>,
}

/// Reads one statement; none when it is of an authenticator without AAGUID.
///
/// # Errors
/// One sentence that says what is wrong.
pub fn statement(json: &[u8]) -> Result<Option<Model>, String> {
    let said: Statement = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    said.model(None)
}

/// Reads the payload of a BLOB. Whoever calls has verified its signature.
///
/// # Errors
/// One sentence that says what is wrong.
pub fn payload(json: &[u8]) -> Result<Blob, String> {
    let said: Payload = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let models = said.entries.into_iter().filter_map(|entry| {
        let condemned = entry
            .status_reports
            .into_iter()
            .map(|report| report.status)
            .find(|status| CONDEMNING.contains(&status.as_str()));
        entry.metadata_statement?.model(condemned).transpose()
    });
    Ok(Blob {
        next_update: said.next_update,
        models: models.collect::<Result<_, _>>()?,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    next_update: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    metadata_statement: Option<Statement>,
    #[serde(default)]
    status_reports: Vec<Report>,
}

#[derive(Deserialize)]
struct Report {
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    aaguid: Option<Uuid>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    key_protection: Vec<String>,
    #[serde(default)]
    attestation_root_certificates: Vec<String>,
}

impl Statement {
    fn model(self, condemned: Option<String>) -> Result<Option<Model>, String> {
        let Some(aaguid) = self.aaguid else {
            return Ok(None);
        };
        let root = |text: &String| {
            let plain: String = text.split_whitespace().collect();
            data_encoding::BASE64
                .decode(plain.as_bytes())
                .map_err(|error| format!("{aaguid}: a root is not base64: {error}"))
        };
        let roots = self.attestation_root_certificates.iter().map(root);
        Ok(Some(Model {
            aaguid,
            description: self.description,
            roots: roots.collect::<Result<_, _>>()?,
            hardware: self
                .key_protection
                .iter()
                .any(|place| HARDWARE.contains(&place.as_str())),
            condemned,
        }))
    }
}

/// FIDO Registry of Predefined Values §3.2: where a key cannot be read out by software.
const HARDWARE: [&str; 3] = ["hardware", "tee", "secure_element"];
/// Metadata Service v3.0 §3.1.4: what a relying party should not go on trusting.
const CONDEMNING: [&str; 5] = [
    "REVOKED",
    "USER_VERIFICATION_BYPASS",
    "ATTESTATION_KEY_COMPROMISE",
    "USER_KEY_REMOTE_COMPROMISE",
    "USER_KEY_PHYSICAL_COMPROMISE",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn said() -> Value {
        json!({ "aaguid": "c5ef55ff-ad9a-4b9f-b580-adebafe026d0", "description": "Llave de prueba",
            "keyProtection": ["hardware", "secure_element"], "attestationRootCertificates": ["AQID\nBA=="] })
    }

    fn read(said: &Value) -> Model {
        statement(said.to_string().as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn a_model_in_hardware_with_a_root_is_fit() {
        let model = read(&said());
        assert_eq!(model.unfit(), None);
        assert_eq!(model.roots, [vec![1, 2, 3, 4]]);
        assert_eq!(model.aaguid.to_string(), "c5ef55ff-ad9a-4b9f-b580-adebafe026d0");
    }

    #[test]
    fn keys_in_software_are_not_fit() {
        let mut said = said();
        said["keyProtection"] = json!(["software"]);
        assert!(read(&said).unfit().unwrap().contains("hardware"));
    }

    #[test]
    fn a_model_without_a_root_is_not_fit() {
        let mut said = said();
        said["attestationRootCertificates"] = json!([]);
        assert!(read(&said).unfit().unwrap().contains("root"));
    }

    #[test]
    fn a_model_that_was_condemned_is_not_fit() {
        for status in CONDEMNING {
            let blob = json!({ "no": 7, "nextUpdate": "2026-12-01", "legalHeader": "", "entries": [
                { "aaguid": said()["aaguid"], "metadataStatement": said(),
                  "statusReports": [{ "status": "FIDO_CERTIFIED_L1" }, { "status": status }] },
                { "aaid": "4e4e#4005", "metadataStatement": { "description": "older" }, "statusReports": [] }] });
            let blob = payload(blob.to_string().as_bytes()).unwrap();
            assert_eq!((blob.next_update.as_str(), blob.models.len()), ("2026-12-01", 1));
            assert!(blob.models[0].unfit().unwrap().contains(status));
        }
    }

    #[test]
    fn a_root_that_is_not_base64_is_said() {
        let mut said = said();
        said["attestationRootCertificates"] = json!(["*"]);
        assert!(
            statement(said.to_string().as_bytes())
                .unwrap_err()
                .contains("base64")
        );
    }

    proptest! {
        #[test]
        fn whatever_is_in_a_file_nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = statement(&bytes);
            let _ = payload(&bytes);
        }
    }
}
