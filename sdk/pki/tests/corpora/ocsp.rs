//! OpenSSL's OCSP cases.

use std::path::Path;

use sdk_pki::{Certificate, Evidence, Purpose, Question, RevocationStatus, TrustAnchors, validate};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::{Tally, corpus, json, read};

#[derive(Deserialize)]
struct Manifest {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    root: String,
    #[serde(default)]
    other_certs: Vec<String>,
    cert: String,
    ocsps: Vec<String>,
    path_len: usize,
    moment: String,
    error: Option<serde_json::Value>,
}

/// The suite's certificates and responses are from 2012, when SHA-1 was believed. Every response
/// has to count: as many certificates must be known to be good as there are responses.
fn judge(folder: &Path, case: &Case) -> Result<(), String> {
    let certificate = |name: &String| {
        let text = String::from_utf8(read(folder.join(name))).unwrap();
        Certificate::from_pem(&text)
            .map_err(|e| format!("{name}: {e}"))
            .map(|mut all| all.remove(0))
    };
    let leaf = certificate(&case.cert)?;
    let others = case
        .other_certs
        .iter()
        .map(certificate)
        .collect::<Result<Vec<_>, _>>()?;
    let anchors: TrustAnchors = [certificate(&case.root)?].into_iter().collect();
    let mut evidence = Evidence::new();
    for name in &case.ocsps {
        let bytes = read(folder.join(name));
        let text: Vec<u8> = bytes
            .iter()
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        let bytes = data_encoding::BASE64.decode(&text).unwrap_or(bytes);
        evidence
            .add_ocsp(&bytes)
            .map_err(|error| format!("{name}: {error}"))?;
    }
    let question = Question::new(&anchors, OffsetDateTime::parse(&case.moment, &Rfc3339).unwrap())
        .purpose(Purpose::Any)
        .intermediates(&others)
        .evidence(&evidence);
    let path = validate(&leaf, &question).map_err(|failure| format!("{}: {failure}", failure.code()))?;
    assert_eq!(path.certificates.len() + 1, case.path_len, "{}", case.name);
    let good = path
        .statuses
        .iter()
        .filter(|status| matches!(status, RevocationStatus::Good { .. }))
        .count();
    if good == case.ocsps.len() {
        Ok(())
    } else {
        Err(format!("{good} known to be good"))
    }
}

#[test]
fn openssls_ocsp_cases_agree() {
    let Some(folder) = corpus("openssl-ocsp") else {
        return;
    };
    let manifest: Manifest = json(folder.join("manifest.json"));
    let mut tally = Tally::default();
    for case in &manifest.cases {
        tally.case(&case.name, case.error.is_none(), judge(&folder, case));
    }
    tally.finish("openssl-ocsp", 29);
}
