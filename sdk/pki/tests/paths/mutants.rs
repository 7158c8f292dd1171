//! Whatever bytes arrive: no panic, and a second reader agrees where both can read.

use proptest::prelude::*;
use rcgen::RevocationReason;
use sdk_pki::der::{Reader, Rules};
use sdk_pki::{Certificate, Crl, Evidence, OcspResponse, Purpose, TstInfo, validate};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::maker::{AT, Answer, Three};

/// One of each kind.
fn seeds() -> Vec<Vec<u8>> {
    let three = Three::new();
    vec![
        three.leaf.certificate.der().to_vec(),
        three.root.certificate.der().to_vec(),
        three
            .issuing
            .list(AT, &[(&three.leaf, AT, RevocationReason::Superseded)]),
        Answer::good(&three.leaf, &three.issuing).signed(&three.issuing),
        TST_INFO.to_vec(),
    ]
}

/// Every reader gets every input; what is read is used.
fn read_all(bytes: &[u8]) {
    let mut evidence = Evidence::new();
    let _ = (
        evidence.add_crl(bytes),
        evidence.add_ocsp(bytes),
        TstInfo::from_der(bytes),
    );
    if let Ok(list) = Crl::from_der(bytes) {
        let _ = list.entry(list.issuer(), &[0x2a]);
    }
    let _ = OcspResponse::from_der(bytes).map(|response| format!("{response:?}"));
    if let Ok(certificate) = Certificate::from_der(bytes) {
        let _ = (certificate.subject().to_string(), certificate.serial_hex());
        let three = Three::new();
        let question = three.question().purpose(Purpose::Any).evidence(&evidence);
        assert!(
            validate(&certificate, &question).is_err() || *certificate.der() == *bytes,
            "only what was read is believed"
        );
        agree(&certificate, bytes);
    }
    let armoured = format!(
        "-----BEGIN CERTIFICATE-----{}-----END",
        String::from_utf8_lossy(bytes)
    );
    let _ = (
        Certificate::from_pem(&armoured),
        Certificate::from_pem(&String::from_utf8_lossy(bytes)),
    );
    walk(Reader::new(bytes, Rules::Ber), 0);
}

/// Every element to the bottom, whatever it holds.
fn walk(mut reader: Reader<'_>, depth: u8) {
    while let Ok(element) = reader.read() {
        let _ = (
            element.oid(),
            element.time(),
            element.integer(),
            element.named_bits(),
            element.octets(),
        );
        if let Ok(inside) = element.reader() {
            walk(inside, depth.saturating_add(1));
        }
    }
}

/// x509-parser is the second reader. It repairs some dates, so only what both read alike counts.
fn agree(certificate: &Certificate, bytes: &[u8]) {
    let Ok((rest, other)) = X509Certificate::from_der(bytes) else {
        return;
    };
    assert!(rest.is_empty());
    assert_eq!(other.raw_serial(), certificate.serial());
    assert_eq!(other.subject().as_raw(), certificate.subject().der());
    assert_eq!(other.issuer().as_raw(), certificate.issuer().der());
    assert_eq!(other.public_key().raw, certificate.public_key().der());
    assert_eq!(other.tbs_certificate.as_ref(), certificate.tbs());
    assert_eq!(
        other.validity().not_after.timestamp(),
        certificate.not_after().unix_timestamp()
    );
    assert_eq!(
        other.is_ca(),
        certificate
            .extensions()
            .basic_constraints
            .is_some_and(|constraints| constraints.ca)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn row_59_changed_and_cut_bytes_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        for mut bytes in SEEDS.with(Clone::clone) {
            for (at, value) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *value;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            read_all(&bytes);
        }
    }

    #[test]
    fn row_59_arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        read_all(&bytes);
    }
}

thread_local! {
    static SEEDS: Vec<Vec<u8>> = seeds();
}

#[test]
fn both_readers_agree_about_what_is_in_order() {
    let three = Three::new();
    for party in [&three.root, &three.issuing, &three.leaf] {
        agree(&party.certificate, party.certificate.der());
    }
}

#[test]
fn row_59_a_truncated_certificate_is_refused_at_every_length() {
    let three = Three::new();
    let bytes = three.leaf.certificate.der();
    for length in 0..bytes.len() {
        assert!(Certificate::from_der(&bytes[..length]).is_err());
    }
    assert!(Certificate::from_der(&[bytes, &[0]].concat()).is_err());
}

/// SHA-256 imprint, one second of accuracy, a nonce.
const TST_INFO: &[u8] = &[
    0x30, 0x56, 0x02, 0x01, 0x01, 0x06, 0x04, 0x2a, 0x03, 0x04, 0x01, 0x30, 0x2f, 0x30, 0x0b, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x04, 0x20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 0x02, 0x01, 0x01, 0x18,
    0x0f, b'2', b'0', b'2', b'6', b'1', b'1', b'2', b'1', b'1', b'2', b'0', b'0', b'0', b'0', b'Z', 0x30,
    0x03, 0x02, 0x01, 0x01, 0x02, 0x01, 0x07,
];

#[test]
fn the_seed_of_a_timestamp_is_one() {
    let info = TstInfo::from_der(TST_INFO).unwrap();
    assert_eq!(
        (info.gen_time, info.accuracy.seconds, info.nonce),
        (AT, 1, Some(vec![7]))
    );
}
