//! Hundreds of signatures, issuers of one name, and evidence, each of which costs a check.

use std::sync::OnceLock;

use keys_dev::hierarchy::KeyKind;
use ring::digest::{SHA256, digest};
use sdk_pki::der::{self, encode};
use sdk_pki::{Certificate, oid};

use super::super::sample::Signer;
use super::super::verify::now;
use super::draft::Draft;
use super::families::{Family, SIZE, fill, references};
use crate::browser::Trouble;

/// In the order in which a verifier meets what they abuse.
pub const FAMILIES: [Family; 4] = [
    ("signatures_one_after_the_other", real),
    ("signatures_under_a_crowd_of_issuers", crowd),
    ("signatures_with_lists_that_nobody_signed", lists),
    ("signatures_with_responses_by_a_key_that_nobody_has", responses),
];

/// Whose root is trusted; authorities on P-384, which take the longest of what officials have.
///
/// # Errors
/// When keys-dev cannot issue.
pub fn signer() -> Result<&'static Signer, Trouble> {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    if let Some(signer) = SIGNER.get() {
        return Ok(signer);
    }
    let made = Signer::new(KeyKind::P384, now())?;
    Ok(SIGNER.get_or_init(|| made))
}

/// Every one is intact and covers its revision.
fn real() -> Result<Vec<u8>, Trouble> {
    let (signer, mut draft) = (signer()?, Draft::signed(""));
    draft.object(4, "<</Fields[]/SigFlags 3>>");
    draft.stream(12, "", &vec![b' '; SIZE / 2]);
    draft.save("");
    for one in 0..REVISIONS {
        let (field, value) = (one.saturating_add(1_000), one.saturating_add(2_000));
        draft.object(
            4,
            &format!(
                "<</Fields[{}]/SigFlags 3>>",
                references(1_000..field.saturating_add(1))
            ),
        );
        draft.object(
            field,
            &format!("<</FT/Sig/T(s{one})/V {value} 0 R/Rect[0 0 0 0]>>"),
        );
        let place = reserve(&mut draft, value, &vec![0; GAP / 2])?;
        draft.save("");
        let rest = draft.len().saturating_sub(place.behind);
        draft.replace(
            place.range,
            format!("{:010} {:010} {rest:010}", place.gap, place.behind).as_bytes(),
        );
        let parts = [
            draft.so_far().get(..place.gap),
            draft.so_far().get(place.behind..),
        ];
        let covered = parts.map(Option::unwrap_or_default).concat();
        let cms = signer.cms(digest(&SHA256, &covered).as_ref())?;
        draft.replace(
            place.gap.saturating_add(1),
            data_encoding::HEXLOWER.encode(&cms).as_bytes(),
        );
    }
    Ok(draft.into_bytes())
}

/// Each by an official of its own, who names an authority that a hundred certificates are made out to.
fn crowd() -> Result<Vec<u8>, Trouble> {
    let signer = signer()?;
    let authorities = (0..CROWD).map(|one| renumbered(signer.issuing(), one));
    let authorities = authorities.collect::<Result<Vec<_>, _>>()?;
    let mut draft = Draft::signed(&format!(
        "/DSS<</Certs[{}]>>",
        references(100..CROWD.saturating_add(100))
    ));
    for (place, authority) in authorities.iter().enumerate() {
        draft.stream(place.saturating_add(100), "", authority);
    }
    fill(signed(draft, |one| {
        unsigned_value(&renumbered(signer.leaf(), one)?)
    })?)
}

fn lists() -> Result<Vec<u8>, Trouble> {
    let issuer = signer()?.issuing().subject().der().to_vec();
    let list = |one: usize| {
        let tbs = sequence(&[
            encode(der::INTEGER, &[1]),
            algorithm(oid::ECDSA_WITH_SHA384),
            issuer.clone(),
            moment(one),
        ]);
        sequence(&[tbs, algorithm(oid::ECDSA_WITH_SHA384), garbage()])
    };
    evidence("CRLs", list)
}

/// Each answers for the official; a verifier has to look for the responder's key among all certificates.
fn responses() -> Result<Vec<u8>, Trouble> {
    let (leaf, issuing) = (signer()?.leaf(), signer()?.issuing());
    let hash = |bytes: &[u8]| encode(der::OCTET_STRING, digest(&SHA256, bytes).as_ref());
    let id = sequence(&[
        algorithm(oid::SHA256),
        hash(issuing.subject().der()),
        hash(issuing.public_key().octets()),
        encode(der::INTEGER, leaf.serial()),
    ]);
    let response = |one: usize| {
        let key = encode(der::OCTET_STRING, &[0x5a; 20]);
        let single = sequence(&[id.clone(), vec![der::context_primitive(0), 0], moment(one)]);
        let tbs = sequence(&[encode(der::context(2), &key), moment(one), sequence(&[single])]);
        sequence(&[tbs, algorithm(oid::ECDSA_WITH_SHA256), garbage()])
    };
    evidence("OCSPs", response)
}

/// A thousand pieces of evidence and as many certificates, for signatures by an official whose path holds.
fn evidence(kind: &str, piece: impl Fn(usize) -> Vec<u8>) -> Result<Vec<u8>, Trouble> {
    let signer = signer()?;
    let count = 990;
    let (certificates, pieces) = (
        references(10_000..10_000 + count),
        references(20_000..20_000 + count),
    );
    let mut draft = Draft::signed(&format!("/DSS<</Certs[{certificates} 9 0 R]/{kind}[{pieces}]>>"));
    draft.stream(9, "", signer.issuing().der());
    for one in 0..count {
        draft.stream(
            10_000_usize.saturating_add(one),
            "",
            &renumbered(signer.leaf(), one.saturating_add(1_000))?,
        );
        draft.stream(20_000_usize.saturating_add(one), "", &piece(one));
    }
    fill(signed(draft, |_| unsigned_value(signer.leaf().der()))?)
}

/// So many signatures, each over the file up to itself and a byte behind it.
fn signed(mut draft: Draft, cms: impl Fn(usize) -> Result<Vec<u8>, Trouble>) -> Result<Draft, Trouble> {
    draft.object(
        4,
        &format!("<</Fields[{}]>>", references(1_000..MOST.saturating_add(1_000))),
    );
    for one in 0..MOST {
        let (field, value) = (one.saturating_add(1_000), one.saturating_add(2_000));
        draft.object(
            field,
            &format!("<</FT/Sig/T(s{one})/V {value} 0 R/Rect[0 0 0 0]>>"),
        );
        let place = reserve(&mut draft, value, &cms(one)?)?;
        draft.replace(
            place.range,
            format!("{:010} {:010} {:010}", place.gap, place.behind, 1).as_bytes(),
        );
    }
    Ok(draft)
}

/// Where the parts of a signature's dictionary are.
struct Place {
    range: usize,
    gap: usize,
    behind: usize,
}

/// Writes a signature's dictionary with this value, its byte range still to be told.
fn reserve(draft: &mut Draft, number: usize, value: &[u8]) -> Result<Place, Trouble> {
    let head = "<</Type/Sig/Filter/X/SubFilter/ETSI.CAdES.detached/ByteRange[0 ";
    let value = data_encoding::HEXLOWER.encode(value);
    let start = draft.len();
    let zeros = "0".repeat(32);
    draft.object(number, &format!("{head}{zeros}]/Contents<{value}>>>"));
    let inside = draft.so_far().get(start..).unwrap_or_default();
    let found = inside
        .windows(head.len())
        .position(|window| window == head.as_bytes());
    let range = start
        .saturating_add(found.ok_or("no head")?)
        .saturating_add(head.len());
    let gap = range.saturating_add(32).saturating_add("]/Contents".len());
    Ok(Place {
        range,
        gap,
        behind: gap.saturating_add(value.len()).saturating_add(2),
    })
}

/// The same certificate under another serial number, so that its signature no longer fits.
fn renumbered(certificate: &Certificate, number: usize) -> Result<Vec<u8>, Trouble> {
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

/// CMS by this official, with a value that nobody computed.
fn unsigned_value(leaf: &[u8]) -> Result<Vec<u8>, Trouble> {
    let certificate = Certificate::from_der(leaf)?;
    let name = [
        certificate.issuer().der().to_vec(),
        encode(der::INTEGER, certificate.serial()),
    ];
    let number = encode(der::INTEGER, &[1]);
    let value = sequence(&[number.clone(), number.clone()]);
    let signer = sequence(&[
        number.clone(),
        sequence(&name),
        algorithm(oid::SHA256),
        algorithm(oid::ECDSA_WITH_SHA256),
        encode(der::OCTET_STRING, &value),
    ]);
    let data = sequence(&[
        number,
        encode(der::SET, &algorithm(oid::SHA256)),
        sequence(&[encode(der::OID, oid::CMS_DATA)]),
        encode(der::context(0), leaf),
        encode(der::SET, &signer),
    ]);
    Ok(sequence(&[
        encode(der::OID, oid::CMS_SIGNED_DATA),
        encode(der::context(0), &data),
    ]))
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    encode(der::SEQUENCE, &parts.concat())
}

fn algorithm(oid: &[u8]) -> Vec<u8> {
    sequence(&[encode(der::OID, oid)])
}

/// A signature value in the form of ECDSA.
fn garbage() -> Vec<u8> {
    let number = encode(der::INTEGER, &[0x5a; 32]);
    encode(
        der::BIT_STRING,
        &[vec![0], sequence(&[number.clone(), number])].concat(),
    )
}

/// So many seconds ago.
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

/// With twice as many, reading the form anew in each revision costs more than a document may.
const REVISIONS: usize = 100;
/// Below what a verifier reads at all.
const MOST: usize = 450;
/// Certificates of one name: as many as one path search tries.
const CROWD: usize = 99;
/// Digits of `/Contents`: what the certificates of P-384 authorities need.
const GAP: usize = 8192;
