//! Row 59: encodings made to hurt, one thing wrong in each. Every reader answers at once.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use sdk_pki::der::{self, Reader, Rules, encode};
use sdk_pki::{
    Certificate, CertificateError, Crl, Evidence, KeyKind, Name, OcspResponse, PublicKey, TstInfo, oid,
};

use crate::maker::Three;

/// The row's bound.
const SOON: Duration = Duration::from_millis(100);

/// Everything that reads bytes; none of them believes these.
fn refused(name: &str, bytes: &[u8]) {
    let begin = Instant::now();
    assert!(Certificate::from_der(bytes).is_err(), "{name}");
    assert!(Crl::from_der(bytes).is_err(), "{name}");
    assert!(OcspResponse::from_der(bytes).is_err(), "{name}");
    assert!(TstInfo::from_der(bytes).is_err(), "{name}");
    let mut evidence = Evidence::new();
    assert!(
        evidence.add_crl(bytes).is_err() && evidence.add_ocsp(bytes).is_err(),
        "{name}"
    );
    assert!(begin.elapsed() < SOON, "{name}: {:?}", begin.elapsed());
}

#[test]
fn row_59_lengths_that_lie_are_refused() {
    for (name, bytes) in [
        ("longer than the file", &[0x30, 0x7f, 0x02, 0x01, 0x01][..]),
        (
            "four gigabytes",
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x02, 0x01, 0x01],
        ),
        (
            "more octets than a length may have",
            &[0x30, 0x88, 0, 0, 0, 1, 0, 0, 0, 0],
        ),
        ("two to the power of 64", &[0x30, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("reserved", &[0x30, 0xff]),
        ("indefinite", &[0x30, 0x80, 0x30, 0x80, 0, 0, 0, 0]),
        ("cut off", &[0x30, 0x82, 0x01]),
        ("nothing", &[]),
    ] {
        refused(name, bytes);
    }
}

#[test]
fn row_59_depth_does_not_cost_more_than_length() {
    let mut deep = Vec::new();
    for _ in 0..10_000 {
        deep = [
            &[0x30, 0x83][..],
            &u32::try_from(deep.len()).unwrap().to_be_bytes()[1..],
            &deep,
        ]
        .concat();
    }
    refused("ten thousand levels", &deep);
    refused("ten thousand levels without an end", &[0x30, 0x80].repeat(10_000));
    refused("ten thousand constructed strings", &[0x24, 0x80].repeat(10_000));
}

/// The certificate with one element's bytes exchanged for others, its lengths as they should be.
fn exchanged(from: &[u8], to: &[u8]) -> Vec<u8> {
    fn rebuilt(bytes: &[u8], from: &[u8], to: &[u8], done: &mut bool) -> Vec<u8> {
        let mut out = Vec::new();
        let mut reader = Reader::new(bytes, Rules::Der);
        while let Ok(tlv) = reader.read() {
            if tlv.raw() == from && !*done {
                *done = true;
                out.extend(to);
            } else if tlv.tag() & 0x20 != 0 {
                out.extend(encode(tlv.tag(), &rebuilt(tlv.value(), from, to, done)));
            } else {
                out.extend(tlv.raw());
            }
        }
        out
    }
    let three = Three::new();
    let (der, mut done) = (three.leaf.certificate.der().to_vec(), false);
    let out = rebuilt(&der, from, to, &mut done);
    assert!(done, "nothing was exchanged");
    assert_ne!(out, der);
    out
}

/// A certificate whose tag, length or value is exchanged somewhere is not read, or is another certificate.
#[test]
fn row_59_elements_of_another_kind_are_refused() {
    let version = encode(0xa0, &[2, 1, 2]);
    for (name, from, to) in [
        ("version 5", version.clone(), encode(0xa0, &[2, 1, 4])),
        ("no version in its place", version.clone(), encode(0xa0, &[])),
        ("NULL as version", version.clone(), encode(0xa0, &[5, 0])),
        ("a version in two octets", version, encode(0xa0, &[2, 2, 0, 2])),
    ] {
        refused(name, &exchanged(&from, &to));
    }
}

#[test]
fn row_59_a_serial_number_of_megabytes_is_refused() {
    let three = Three::new();
    let own = encode(der::INTEGER, three.leaf.certificate.serial());
    let long = exchanged(&own, &encode(der::INTEGER, &[1; 22]));
    assert_eq!(
        Certificate::from_der(&long).unwrap_err(),
        CertificateError::Serial
    );
    let huge = encode(
        der::SEQUENCE,
        &encode(der::SEQUENCE, &encode(der::INTEGER, &vec![1; 4 << 20])),
    );
    refused("four megabytes", &huge);
}

#[test]
fn row_59_identifiers_with_padded_or_endless_arcs_are_refused() {
    for contents in [
        &[][..],
        &[0x80, 0x01],
        &[0x2a, 0x80, 0x01],
        &[0x2a, 0x86],
        &[0xff; 80],
    ] {
        assert!(oid::Oid::from_contents(contents).is_err(), "{contents:02x?}");
    }
    let endless = [&[0x2a][..], &[0xff; 40], &[0x7f]].concat();
    let read = oid::Oid::from_contents(&endless).map(|oid| oid.to_string());
    assert!(
        read.is_err() || read.is_ok_and(|text| text.ends_with('?')),
        "shown without computing it"
    );
}

fn named(tag: u8, value: &[u8]) -> Option<String> {
    let pair = [encode(der::OID, oid::COMMON_NAME), encode(tag, value)].concat();
    let name = encode(der::SEQUENCE, &encode(der::SET, &encode(der::SEQUENCE, &pair)));
    let name = Name::parse(&der::whole(&name, der::SEQUENCE).unwrap()).unwrap();
    name.common_name().map(str::to_owned)
}

#[test]
fn row_59_broken_characters_are_not_repaired() {
    for (name, tag, value) in [
        ("half a surrogate", der::BMP_STRING, &[0xd8, 0x00][..]),
        ("an odd octet", der::BMP_STRING, &[0, b'A', 0]),
        ("no UTF-8", der::UTF8_STRING, &[b'A', 0xff]),
        ("UTF-8 in too many octets", der::UTF8_STRING, &[0xc0, 0x80]),
        ("a surrogate in UTF-8", der::UTF8_STRING, &[0xed, 0xa0, 0x80]),
        ("beyond Unicode", der::UNIVERSAL_STRING, &[0, 0x11, 0, 0]),
        ("above ASCII", der::PRINTABLE_STRING, &[0xe1]),
    ] {
        assert_eq!(named(tag, value), None, "{name}");
    }
    assert_eq!(named(der::BMP_STRING, &[0, 0xd1]).as_deref(), Some("Ñ"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any header before a certificate's contents.
    #[test]
    fn row_59_any_header_is_answered_at_once(header in prop::collection::vec(any::<u8>(), 1..12)) {
        let three = Three::new();
        let contents = three.leaf.certificate.der().get(4..).unwrap_or_default();
        let bytes = [&header[..], contents].concat();
        let begin = Instant::now();
        if bytes != three.leaf.certificate.der() {
            prop_assert!(Certificate::from_der(&bytes).is_err());
        }
        prop_assert!(begin.elapsed() < SOON);
    }
}

/// Arithmetic with an even modulus takes several times as long, and no prime is one.
#[test]
fn row_58_dsa_keys_whose_primes_are_even_are_refused() {
    let read = |p: u8, q: u8| {
        let large = |octets: usize, last: u8| {
            let digits = vec![0xb5; octets - 1];
            encode(der::INTEGER, &[&[0], &digits[..], &[last]].concat())
        };
        let numbers = [large(384, p), large(32, q), encode(der::INTEGER, &[2])].concat();
        let parameters = encode(der::SEQUENCE, &numbers);
        let algorithm = encode(der::SEQUENCE, &[encode(der::OID, oid::DSA), parameters].concat());
        let key = [&[0][..], &encode(der::INTEGER, &[3])].concat();
        let info = encode(
            der::SEQUENCE,
            &[algorithm, encode(der::BIT_STRING, &key)].concat(),
        );
        let key = PublicKey::parse(&der::whole(&info, der::SEQUENCE).unwrap());
        key.map(|key| key.kind().clone())
    };
    assert_eq!(read(0xb5, 0xb5), Ok(KeyKind::Dsa { bits: Some(3072) }));
    assert!(read(0xb4, 0xb5).is_err());
    assert!(read(0xb5, 0xb4).is_err());
}
