//! The https listener, spoken to in bytes: nothing older than TLS 1.2, nothing without forward secrecy.

use std::{
    io::{Read as _, Write as _},
    time::Duration,
};

use crate::binary::Service;

const TLS_1_1: [u8; 2] = [3, 2];
const TLS_1_2: [u8; 2] = [3, 3];
const ECDHE_ECDSA_WITH_AES_128_GCM: [u8; 2] = [0xc0, 0x2b];
const ECDHE_ECDSA_WITH_AES_128_CBC: [u8; 2] = [0xc0, 0x09];
const RSA_WITH_AES_128_GCM: [u8; 2] = [0x00, 0x9c];
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
/// RFC 8446 §6.2.
const HANDSHAKE_FAILURE: u8 = 40;
const PROTOCOL_VERSION: u8 = 70;

/// A ClientHello (RFC 5246 §7.4.1.2) with one cipher suite, P-256 and ECDSA with SHA-256.
fn hello(version: [u8; 2], suite: [u8; 2]) -> Vec<u8> {
    let extensions = [
        &[0, 10, 0, 4, 0, 2, 0, 23][..], // supported_groups: secp256r1
        &[0, 11, 0, 2, 1, 0],            // ec_point_formats: uncompressed
        &[0, 13, 0, 4, 0, 2, 4, 3],      // signature_algorithms: ecdsa_secp256r1_sha256
    ]
    .concat();
    let mut body = version.to_vec();
    body.extend([7; 32]);
    body.push(0);
    body.extend([0, 2]);
    body.extend(suite);
    body.extend([1, 0]);
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    let length = u8::try_from(body.len()).unwrap();
    let mut record = vec![HANDSHAKE, 3, 1, 0, length.saturating_add(4), 1, 0, 0, length];
    record.extend(body);
    record
}

/// The kind of the first record that comes back, and for an alert its description.
fn answer(service: &Service, hello: &[u8]) -> (u8, Option<u8>) {
    let mut stream = service.connect();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(hello).unwrap();
    let mut record = [0; 7];
    stream.read_exact(&mut record).unwrap();
    (record[0], (record[0] == ALERT).then_some(record[6]))
}

#[test]
fn row_91_only_tls_1_2_and_later_with_forward_secrecy_is_spoken() {
    let mut service = Service::new().with_tls();
    service.start();
    let good = hello(TLS_1_2, ECDHE_ECDSA_WITH_AES_128_GCM);
    assert_eq!(answer(&service, &good), (HANDSHAKE, None), "the control");
    let old = hello(TLS_1_1, ECDHE_ECDSA_WITH_AES_128_GCM);
    assert_eq!(answer(&service, &old), (ALERT, Some(PROTOCOL_VERSION)));
    for suite in [RSA_WITH_AES_128_GCM, ECDHE_ECDSA_WITH_AES_128_CBC] {
        let weak = hello(TLS_1_2, suite);
        assert_eq!(
            answer(&service, &weak),
            (ALERT, Some(HANDSHAKE_FAILURE)),
            "{suite:?}"
        );
    }
}
