//! What is asked for when something is missing, and what is made of the answers.

use std::collections::HashMap;
use std::sync::Mutex;

use rcgen::{CertificateParams, CrlDistributionPoint, CustomExtension, RevocationReason};
use sdk_pki::der::{self, encode};
use sdk_pki::{
    Certificate, Fetch, Gathered, OcspResponse, Question, Reason, RevocationStatus, Unfetched, Wanted,
    gather, oid, validate,
};
use time::Duration;

use crate::maker::{AT, Answer, Party, Three, authority, person};

const ISSUER: &str = "http://a.example/issuing.crt";
const RESPONDER: &str = "http://a.example/ocsp";
const LIST: &str = "http://a.example/issuing.crl";

/// Answers from memory, and remembers what it was asked.
#[derive(Default)]
struct Shelf {
    held: HashMap<&'static str, Vec<u8>>,
    asked: Mutex<Vec<String>>,
}

impl Shelf {
    fn with(held: impl IntoIterator<Item = (&'static str, Vec<u8>)>) -> Self {
        Self {
            held: held.into_iter().collect(),
            ..Self::default()
        }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Fetch for Shelf {
    fn fetch(&self, wanted: &Wanted<'_>) -> Result<Vec<u8>, Unfetched> {
        self.asked.lock().unwrap().push(wanted.address().to_owned());
        self.held
            .get(wanted.address())
            .cloned()
            .ok_or(Unfetched::Status(404))
    }
}

/// RFC 5280 §4.2.2.1.
fn access(params: &mut CertificateParams, places: &[(&[u8], &str)]) {
    let place = |(method, address): &(&[u8], &str)| {
        encode(
            der::SEQUENCE,
            &[encode(der::OID, method), encode(0x86, address.as_bytes())].concat(),
        )
    };
    let all: Vec<u8> = places.iter().flat_map(place).collect();
    params.custom_extensions.push(CustomExtension::from_oid_content(
        &[1, 3, 6, 1, 5, 5, 7, 1, 1],
        encode(der::SEQUENCE, &all),
    ));
}

fn three() -> Three {
    let mut leaf = person("Ana");
    access(
        &mut leaf,
        &[(oid::AD_OCSP, RESPONDER), (oid::AD_CA_ISSUERS, ISSUER)],
    );
    leaf.crl_distribution_points = vec![CrlDistributionPoint {
        uris: vec![LIST.to_owned()],
    }];
    Three::with(authority("Root"), authority("Issuing"), leaf)
}

fn found(three: &Three, shelf: &Shelf) -> Gathered {
    gather(&three.leaf.certificate, &Question::new(&three.anchors, AT), shelf)
}

/// The status of the leaf with what was found.
fn status(three: &Three, found: &Gathered) -> Result<RevocationStatus, Reason> {
    let question = Question::new(&three.anchors, AT)
        .intermediates(&found.certificates)
        .evidence(&found.evidence);
    let path = validate(&three.leaf.certificate, &question).map_err(|failure| failure.reason)?;
    Ok(path.statuses[0])
}

fn issuer(three: &Three) -> (&'static str, Vec<u8>) {
    (ISSUER, three.issuing.certificate.der().to_vec())
}

fn good(three: &Three) -> Answer {
    Answer::good(&three.leaf, &three.issuing)
}

#[test]
fn an_issuer_and_a_status_are_asked_for_where_the_certificate_says() {
    let three = three();
    let shelf = Shelf::with([issuer(&three), (RESPONDER, good(&three).signed(&three.issuing))]);
    let found = found(&three, &shelf);
    assert!(matches!(
        status(&three, &found),
        Ok(RevocationStatus::Good { .. })
    ));
    assert!(found.missing.is_empty());
    assert_eq!(
        shelf.asked(),
        [ISSUER, RESPONDER],
        "and for no list, since the responder answered"
    );
}

#[test]
fn a_revoked_certificate_is_revoked_by_response_and_by_list() {
    let three = three();
    let since = AT - Duration::days(1);
    let response = good(&three).revoked(since).signed(&three.issuing);
    let list = three.issuing.list(
        AT - Duration::hours(1),
        &[(&three.leaf, since, RevocationReason::KeyCompromise)],
    );
    for (place, evidence) in [(RESPONDER, response), (LIST, list)] {
        let shelf = Shelf::with([issuer(&three), (place, evidence)]);
        let found = found(&three, &shelf);
        assert!(
            matches!(status(&three, &found), Err(Reason::Revoked { .. })),
            "{place}"
        );
    }
}

#[test]
fn an_answer_that_says_nothing_leads_on_to_the_list() {
    let three = three();
    let list = three.issuing.list(AT - Duration::hours(1), &[]);
    let mut unknown = good(&three);
    unknown.status = encode(0x82, &[]);
    let mut stale = good(&three);
    stale.this_update = AT - Duration::days(9);
    stale.next_update = Some(AT - Duration::days(2));
    let stranger = Party::root(authority("Issuing"));
    for answer in [
        unknown.signed(&three.issuing),
        stale.signed(&three.issuing),
        good(&three).signed(&stranger),
        b"<html>captive portal</html>".to_vec(),
    ] {
        let shelf = Shelf::with([issuer(&three), (RESPONDER, answer.clone())]);
        let alone = found(&three, &shelf);
        assert_eq!(status(&three, &alone), Ok(RevocationStatus::Unknown));
        let shelf = Shelf::with([issuer(&three), (RESPONDER, answer), (LIST, list.clone())]);
        let both = found(&three, &shelf);
        assert!(matches!(status(&three, &both), Ok(RevocationStatus::Good { .. })));
        assert_eq!(shelf.asked(), [ISSUER, RESPONDER, LIST]);
    }
}

#[test]
fn what_does_not_come_is_told() {
    let three = three();
    let html = b"<html>not here</html>".to_vec();
    let shelf = Shelf::with([issuer(&three), (LIST, html)]);
    let found = found(&three, &shelf);
    assert_eq!(
        found.missing,
        [
            (RESPONDER.to_owned(), Unfetched::Status(404)),
            (LIST.to_owned(), Unfetched::Content)
        ]
    );
}

#[test]
fn row_61_who_leads_to_no_anchor_makes_us_ask_for_issuers_alone() {
    let three = three();
    let strangers: sdk_pki::TrustAnchors = [Party::root(authority("Other")).certificate]
        .into_iter()
        .collect();
    let shelf = Shelf::with([issuer(&three)]);
    gather(&three.leaf.certificate, &Question::new(&strangers, AT), &shelf);
    assert_eq!(shelf.asked(), [ISSUER]);
}

#[test]
fn row_61_a_circle_of_issuers_comes_to_an_end() {
    let mut params = authority("Circle");
    access(&mut params, &[(oid::AD_CA_ISSUERS, ISSUER)]);
    let circle = Party::root(params);
    let mut leaf = person("Ana");
    access(&mut leaf, &[(oid::AD_CA_ISSUERS, ISSUER)]);
    let leaf = circle.issue(leaf);
    let shelf = Shelf::with([(ISSUER, circle.certificate.der().to_vec())]);
    let strangers: sdk_pki::TrustAnchors = [Party::root(authority("Other")).certificate]
        .into_iter()
        .collect();
    gather(&leaf.certificate, &Question::new(&strangers, AT), &shelf);
    assert!(shelf.asked().len() <= 6, "{:?}", shelf.asked());
}

#[test]
fn nothing_is_asked_for_that_is_at_hand() {
    let three = three();
    let mut evidence = sdk_pki::Evidence::new();
    evidence
        .ocsp
        .push(OcspResponse::from_der(&good(&three).signed(&three.issuing)).unwrap());
    let shelf = Shelf::default();
    let question = three.question().evidence(&evidence);
    assert!(
        gather(&three.leaf.certificate, &question, &shelf)
            .missing
            .is_empty()
    );
    assert!(shelf.asked().is_empty());
}

#[test]
fn issuers_come_in_der_in_pem_or_in_cms() {
    let three = three();
    let der = three.issuing.certificate.der();
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        data_encoding::BASE64.encode(der)
    );
    let inner = [
        encode(der::INTEGER, &[1]),
        encode(der::SET, &[]),
        encode(
            der::SEQUENCE,
            &encode(der::OID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1]),
        ),
        encode(0xa0, der),
        encode(der::SET, &[]),
    ];
    let cms = [
        encode(der::OID, oid::CMS_SIGNED_DATA),
        encode(0xa0, &encode(der::SEQUENCE, &inner.concat())),
    ];
    for bytes in [
        der.to_vec(),
        pem.into_bytes(),
        encode(der::SEQUENCE, &cms.concat()),
    ] {
        let found = found(&three, &Shelf::with([(ISSUER, bytes)]));
        assert_eq!(found.certificates, [Certificate::from_der(der).unwrap()]);
    }
}
