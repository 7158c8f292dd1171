//! Row 60. x509-limbo: RFC 5280 and the web's rules, by a fuzzing laboratory. Names of servers are
//! outside our purpose; everything about paths is inside.

use sdk_pki::{Certificate, Evidence, Purpose, Question, Revocation, TrustAnchors, validate};
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;

use crate::{Tally, corpus, json};

#[derive(Deserialize)]
struct Limbo {
    testcases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    trusted_certs: Vec<String>,
    untrusted_intermediates: Vec<String>,
    peer_certificate: String,
    validation_time: Option<String>,
    expected_result: String,
    #[serde(default)]
    crls: Vec<String>,
}

fn pem(text: &str, label: &str) -> Vec<u8> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----")).unwrap();
    let (body, _) = rest.split_once("-----END").unwrap();
    let body: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    data_encoding::BASE64.decode(&body).unwrap()
}

fn judge(case: &Case) -> Result<(), String> {
    let certificate = |text: &String| Certificate::from_der(&pem(text, "CERTIFICATE"));
    let leaf = certificate(&case.peer_certificate).map_err(|error| format!("leaf: {error}"))?;
    // One that cannot be read is as good as absent.
    let others: Vec<Certificate> = case
        .untrusted_intermediates
        .iter()
        .filter_map(|text| certificate(text).ok())
        .collect();
    let anchors: TrustAnchors = case
        .trusted_certs
        .iter()
        .filter_map(|text| certificate(text).ok())
        .collect();
    let mut evidence = Evidence::new();
    for list in &case.crls {
        evidence
            .add_crl(&pem(list, "X509 CRL"))
            .map_err(|error| format!("list: {error}"))?;
    }
    let at = case
        .validation_time
        .as_ref()
        .map(|text| OffsetDateTime::parse(text, &Rfc3339).unwrap());
    let question = Question::new(&anchors, at.unwrap_or(datetime!(2026-11-21 0:00 UTC)))
        .purpose(Purpose::Any)
        .intermediates(&others)
        .evidence(&evidence)
        .revocation(if case.crls.is_empty() {
            Revocation::IfAvailable
        } else {
            Revocation::Required
        });
    validate(&leaf, &question)
        .map(drop)
        .map_err(|failure| format!("{}: {failure}", failure.code()))
}

#[test]
fn row_60_x509_limbo_agrees() {
    let Some(folder) = corpus("x509-limbo") else {
        return;
    };
    let limbo: Limbo = json(folder.join("limbo.json"));
    let mut tally = Tally::default();
    for case in &limbo.testcases {
        tally.case(&case.id, case.expected_result == "SUCCESS", judge(case));
    }
    tally.finish("limbo", 208);
}
