//! Certificates, evidence, time-stamps and signatures with values that nobody computed, by keys that take long to check.

use ring::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
use sdk_pki::der::{self, encode};
use sdk_pki::{Certificate, oid};

use super::super::keys::Kind;
use super::super::verify::now;
use crate::browser::Trouble;

/// The same certificate under another serial number, so that its signature no longer fits.
///
/// # Errors
/// When its serial number is not in it.
pub fn renumbered(certificate: &Certificate, number: usize) -> Result<Vec<u8>, Trouble> {
    let serial = certificate.serial();
    let found = certificate
        .der()
        .windows(serial.len())
        .position(|window| window == serial);
    let end = found.ok_or("no serial")?.saturating_add(serial.len());
    let digits = u16::try_from(number)?.to_be_bytes();
    let mut bytes = certificate.der().to_vec();
    let places = bytes.iter_mut().skip(end.saturating_sub(2)).zip(digits);
    places.for_each(|(old, new)| *old ^= new ^ 0x80);
    Ok(bytes)
}

/// The same certificate as this kind of key would have signed it.
///
/// # Errors
/// When it cannot be taken apart.
pub fn signed_by(certificate: &Certificate, kind: &Kind) -> Result<Certificate, Trouble> {
    rebuilt(certificate, &kind.algorithm, &kind.value, None)
}

/// The same certificate with a key of this kind, by an issuer of that one.
///
/// # Errors
/// When it cannot be taken apart.
pub fn with_key(certificate: &Certificate, kind: &Kind, issuer: &Kind) -> Result<Certificate, Trouble> {
    rebuilt(certificate, &issuer.algorithm, &issuer.value, Some(&kind.key))
}

/// RFC 5280 §4.1: the signature's algorithm is the third element of seven or eight, the key the seventh.
fn rebuilt(
    certificate: &Certificate,
    algorithm: &[u8],
    value: &[u8],
    key: Option<&[u8]>,
) -> Result<Certificate, Trouble> {
    let elements = der::whole(certificate.tbs(), der::SEQUENCE)?.elements()?;
    let parts = elements
        .iter()
        .enumerate()
        .map(|(place, element)| match (place, key) {
            (2, _) => algorithm.to_vec(),
            (6, Some(key)) => key.to_vec(),
            _ => element.raw().to_vec(),
        });
    let parts: Vec<Vec<u8>> = parts.collect();
    Ok(Certificate::from_der(&signed(
        sequence(&parts),
        algorithm,
        value,
    ))?)
}

/// A revocation list by this issuer, that says nothing.
pub fn list(issuer: &Certificate, kind: &Kind, ago: usize) -> Vec<u8> {
    let tbs = sequence(&[
        encode(der::INTEGER, &[1]),
        kind.algorithm.clone(),
        issuer.subject().der().to_vec(),
        moment(ago),
    ]);
    signed(tbs, &kind.algorithm, &kind.value)
}

/// An OCSP response about this certificate: good, says whoever has the key with this hash.
pub fn response(about: &Certificate, issuer: &Certificate, by: &[u8], kind: &Kind, ago: usize) -> Vec<u8> {
    let hash = |bytes: &[u8]| encode(der::OCTET_STRING, digest(&SHA256, bytes).as_ref());
    let id = sequence(&[
        algorithm(oid::SHA256),
        hash(issuer.subject().der()),
        hash(issuer.public_key().octets()),
        encode(der::INTEGER, about.serial()),
    ]);
    let single = sequence(&[id, vec![der::context_primitive(0), 0], moment(ago)]);
    let key = encode(der::OCTET_STRING, by);
    let tbs = sequence(&[encode(der::context(2), &key), moment(ago), sequence(&[single])]);
    signed(tbs, &kind.algorithm, &kind.value)
}

/// How a response names its maker (RFC 6960 §4.2.1, KeyHash).
pub fn key_hash(certificate: &Certificate) -> Vec<u8> {
    let octets = certificate.public_key().octets();
    digest(&SHA1_FOR_LEGACY_USE_ONLY, octets).as_ref().to_vec()
}

/// CMS by this official, without signed attributes, around time-stamps if any.
pub fn signature(by: &Certificate, kind: &Kind, stamps: &[Vec<u8>]) -> Vec<u8> {
    let unsigned = match stamps {
        [] => Vec::new(),
        stamps => encode(
            der::context(1),
            &sequence(&[
                encode(der::OID, oid::SIGNATURE_TIME_STAMP_TOKEN),
                encode(der::SET, &stamps.concat()),
            ]),
        ),
    };
    let content = sequence(&[encode(der::OID, oid::CMS_DATA)]);
    let held = encode(der::context(0), by.der());
    signed_data(&content, &held, by, (kind, &[]), &unsigned)
}

/// A time-stamp token over the value of this kind, whose maker's certificate is elsewhere; its own value fits nothing.
pub fn stamp(over: &Kind, by: &Certificate, kind: &Kind, number: usize) -> Vec<u8> {
    let hash = |bytes: &[u8]| encode(der::OCTET_STRING, digest(&SHA256, bytes).as_ref());
    let serial = u32::try_from(number).unwrap_or(0).to_be_bytes();
    let info = sequence(&[
        encode(der::INTEGER, &[1]),
        encode(der::OID, oid::ANY_POLICY),
        sequence(&[algorithm(oid::SHA256), hash(&over.value)]),
        encode(der::INTEGER, &[&[1], &serial[..]].concat()),
        moment(number),
    ]);
    let content = sequence(&[
        encode(der::OID, oid::TST_INFO),
        encode(der::context(0), &encode(der::OCTET_STRING, &info)),
    ]);
    let attribute = |oid: &[u8], value: &[u8]| sequence(&[encode(der::OID, oid), encode(der::SET, value)]);
    let digested = digest(digest_of(kind).1, &info);
    let attributes = [
        attribute(oid::CONTENT_TYPE, &encode(der::OID, oid::TST_INFO)),
        attribute(oid::MESSAGE_DIGEST, &encode(der::OCTET_STRING, digested.as_ref())),
    ];
    let attributes = encode(der::context(0), &attributes.concat());
    signed_data(&content, &[], by, (kind, &attributes), &[])
}

/// RFC 5652 §5.1 and §5.3, one signer.
fn signed_data(
    content: &[u8],
    certificates: &[u8],
    by: &Certificate,
    (kind, attributes): (&Kind, &[u8]),
    unsigned: &[u8],
) -> Vec<u8> {
    let number = |number: u8| encode(der::INTEGER, &[number]);
    let name = [by.issuer().der().to_vec(), encode(der::INTEGER, by.serial())];
    let digests = algorithm(digest_of(kind).0);
    let signer = sequence(&[
        number(1),
        sequence(&name),
        digests.clone(),
        attributes.to_vec(),
        kind.algorithm.clone(),
        encode(der::OCTET_STRING, &kind.value),
        unsigned.to_vec(),
    ]);
    let data = sequence(&[
        number(if certificates.is_empty() { 3 } else { 1 }),
        encode(der::SET, &digests),
        content.to_vec(),
        certificates.to_vec(),
        encode(der::SET, &signer),
    ]);
    sequence(&[
        encode(der::OID, oid::CMS_SIGNED_DATA),
        encode(der::context(0), &data),
    ])
}

/// The digest that a signature of this kind is over.
fn digest_of(kind: &Kind) -> (&'static [u8], &'static Algorithm) {
    if kind.algorithm == algorithm(oid::ECDSA_WITH_SHA512) {
        (oid::SHA512, &SHA512)
    } else if kind.algorithm == algorithm(oid::ECDSA_WITH_SHA384) {
        (oid::SHA384, &SHA384)
    } else {
        (oid::SHA256, &SHA256)
    }
}

fn signed(tbs: Vec<u8>, algorithm: &[u8], value: &[u8]) -> Vec<u8> {
    let value = encode(der::BIT_STRING, &[&[0], value].concat());
    sequence(&[tbs, algorithm.to_vec(), value])
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    encode(der::SEQUENCE, &parts.concat())
}

fn algorithm(oid: &[u8]) -> Vec<u8> {
    sequence(&[encode(der::OID, oid)])
}

/// So many seconds ago, and a minute.
fn moment(ago: usize) -> Vec<u8> {
    let seconds = i64::try_from(ago).unwrap_or(0).saturating_add(60);
    let time = now().saturating_sub(time::Duration::seconds(seconds));
    let (hour, minute, second) = time.to_hms();
    let month = u8::from(time.month());
    let text = format!(
        "{:04}{month:02}{:02}{hour:02}{minute:02}{second:02}Z",
        time.year(),
        time.day()
    );
    encode(der::GENERALIZED_TIME, text.as_bytes())
}
