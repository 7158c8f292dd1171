//! NIST PKITS 1.0.1: path validation by RFC 5280 in every corner.

use std::path::Path;

use sdk_pki::oid::Oid;
use sdk_pki::{
    AlgorithmPolicy, Certificate, Evidence, PolicyInputs, Purpose, Question, Revocation, TrustAnchors,
    validate,
};
use serde::Deserialize;
use time::macros::datetime;

use crate::{Tally, corpus, json, read};

#[derive(Deserialize)]
struct Manifest {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    name: String,
    leaf: String,
    intermediates: Vec<String>,
    crls: Vec<String>,
    trust_anchor: String,
    params: Option<Params>,
    check_revocation: bool,
    path_len: usize,
    expected: String,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default, deny_unknown_fields)]
struct Params {
    user_initial_policy_set: Vec<String>,
    initial_explicit_policy: bool,
    initial_policy_mapping_inhibit: bool,
    initial_any_policy_inhibit: bool,
}

impl From<Params> for PolicyInputs {
    fn from(params: Params) -> Self {
        Self {
            acceptable: params
                .user_initial_policy_set
                .iter()
                .map(|text| Oid::from_dotted(text).unwrap())
                .collect(),
            require_explicit: params.initial_explicit_policy,
            inhibit_mapping: params.initial_policy_mapping_inhibit,
            inhibit_any: params.initial_any_policy_inhibit,
        }
    }
}

/// The suite's DSA certificates have 1024 bits and SHA-1: they are judged as when both were believed.
fn algorithms(case: &Case) -> AlgorithmPolicy {
    let mut policy = AlgorithmPolicy::default();
    if case.name.contains("dsa") {
        policy.dsa_until = datetime!(2031-01-01 0:00 UTC);
        policy.sha1_until = policy.dsa_until;
    }
    policy
}

/// Nobody believes them today.
#[test]
fn dsa_is_not_believed_today() {
    let Some(folder) = corpus("nist-pkits") else {
        return;
    };
    let certificate = |name: &str| Certificate::from_der(&read(folder.join("certs").join(name))).unwrap();
    let anchors: TrustAnchors = [certificate("TrustAnchorRootCertificate.crt")]
        .into_iter()
        .collect();
    let issuing = [certificate("DSACACert.crt")];
    let leaf = certificate("ValidDSASignaturesTest4EE.crt");
    let question = Question::new(&anchors, datetime!(2022-05-01 0:00 UTC))
        .purpose(Purpose::Any)
        .intermediates(&issuing);
    assert_eq!(validate(&leaf, &question).unwrap_err().code(), "algorithm_weak");
}

fn judge(folder: &Path, case: &Case) -> Result<(), String> {
    let certificate =
        |name: &String| Certificate::from_der(&read(folder.join(name))).map_err(|e| format!("{name}: {e}"));
    let leaf = certificate(&case.leaf)?;
    let intermediates = case
        .intermediates
        .iter()
        .map(certificate)
        .collect::<Result<Vec<_>, _>>()?;
    let anchors: TrustAnchors = [certificate(&case.trust_anchor)?].into_iter().collect();
    let mut evidence = Evidence::new();
    let mut unreadable = String::new();
    if case.check_revocation {
        for name in &case.crls {
            if let Err(error) = evidence.add_crl(&read(folder.join(name))) {
                unreadable = format!("; {name}: {error}");
            }
        }
    }
    let revocation = if case.check_revocation {
        Revocation::Required
    } else {
        Revocation::IfAvailable
    };
    let question = Question::new(&anchors, datetime!(2022-05-01 0:00 UTC))
        .purpose(Purpose::Any)
        .intermediates(&intermediates)
        .evidence(&evidence)
        .revocation(revocation)
        .algorithms(algorithms(case))
        .policies(case.params.clone().unwrap_or_default().into());
    let path =
        validate(&leaf, &question).map_err(|failure| format!("{}: {failure}{unreadable}", failure.code()))?;
    assert_eq!(path.certificates.len() + 1, case.path_len, "{}", case.name);
    Ok(())
}

#[test]
fn row_60_nist_pkits_agrees() {
    let Some(folder) = corpus("nist-pkits") else {
        return;
    };
    let manifest: Manifest = json(folder.join("manifest.json"));
    let mut tally = Tally::default();
    for case in &manifest.cases {
        tally.case(
            &format!("{} {}", case.id, case.name),
            case.expected == "VALID",
            judge(&folder, case),
        );
    }
    tally.finish("pkits", 246);
}
