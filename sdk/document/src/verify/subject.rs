//! A signature under judgement: what was found, decoded, with the digest of what it covers.

use sdk_pki::der::{Reader, Rules};
use sdk_pki::{Certificate, Digest, DigestAlgorithm, Time};
use time::{Date, Month, PrimitiveDateTime, UtcOffset};

use crate::cms::{CmsError, SignedData, Token};
use crate::pdf::document::Document;
use crate::pdf::object::{Dictionary, Object};
use crate::report::Kind;
use crate::signature::byte_range;
use crate::signature::find::Found;
use crate::signature::permissions::Permissions;

pub(super) struct Subject {
    pub found: Found,
    pub kind: Kind,
    pub sub_filter: Option<String>,
    pub decoded: Decoded,
    pub digest: Option<Digest>,
    pub permissions: Option<Permissions>,
    /// `/M`, as the signer states it.
    pub stated_time: Option<Time>,
    pub reason: Option<String>,
    pub location: Option<String>,
}

/// The value of `/Contents`.
pub(super) enum Decoded {
    Signature(Box<SignedData>),
    Token(Box<Token>),
    /// `adbe.pkcs7.sha1`
    OverSha1(Box<SignedData>),
    /// `adbe.x509.rsa_sha1`
    Bare(Bare),
    /// A format that is known and not checked, or not known.
    Unsupported,
    Unreadable(&'static str),
}

/// A signature value with the certificates that stand beside it, the signer's first.
pub(super) struct Bare {
    pub value: Vec<u8>,
    pub certificates: Vec<Certificate>,
}

impl Subject {
    pub fn new(document: &Document, found: Found) -> Self {
        let dictionary = &found.dictionary;
        let sub_filter = dictionary.name(b"SubFilter");
        let revision = found.covered.revision().unwrap_or(document.last());
        let decoded = decode(document, revision, &found, sub_filter);
        let timestamp = sub_filter == Some(b"ETSI.RFC3161");
        let text = |key: &[u8]| {
            // In a locked file, nobody can read any string but the signature itself.
            let value = document
                .value_in(revision, dictionary, key)
                .unwrap_or(Object::Null);
            let text = value.as_string().filter(|_| !document.locked());
            text.map(|t| t.to_text().chars().take(LONGEST_TEXT).collect::<String>())
        };
        Self {
            kind: if timestamp {
                Kind::DocumentTimestamp
            } else {
                Kind::Signature
            },
            sub_filter: sub_filter.map(|s| s.escape_ascii().to_string()),
            decoded,
            digest: None,
            permissions: Permissions::of(document, revision, &found).ok(),
            stated_time: text(b"M").as_deref().and_then(date),
            reason: text(b"Reason").filter(|r| !r.is_empty()),
            location: text(b"Location").filter(|l| !l.is_empty()),
            found,
        }
    }

    /// With which digest the covered bytes have to be digested.
    pub fn digest_algorithm(&self) -> Option<DigestAlgorithm> {
        match &self.decoded {
            Decoded::Signature(signed) => signed.digest_algorithm(),
            Decoded::Token(token) => token.imprint_algorithm(),
            Decoded::OverSha1(_) | Decoded::Bare(_) => Some(DigestAlgorithm::Sha1),
            _ => None,
        }
    }

    pub fn signed_data(&self) -> Option<&SignedData> {
        match &self.decoded {
            Decoded::Signature(signed) | Decoded::OverSha1(signed) => Some(signed),
            Decoded::Token(token) => Some(token.signed_data()),
            _ => None,
        }
    }
}

fn decode(document: &Document, revision: usize, found: &Found, sub_filter: Option<&[u8]>) -> Decoded {
    let Ok(contents) = byte_range::contents(&found.dictionary) else {
        return Decoded::Unreadable("cms_malformed");
    };
    let unreadable = |error: CmsError| Decoded::Unreadable(error.code());
    match sub_filter {
        Some(b"ETSI.CAdES.detached" | b"adbe.pkcs7.detached") => SignedData::parse_padded(&contents.bytes)
            .map_or_else(unreadable, |signed| Decoded::Signature(Box::new(signed))),
        Some(b"adbe.pkcs7.sha1") => SignedData::parse_padded(&contents.bytes)
            .map_or_else(unreadable, |signed| Decoded::OverSha1(Box::new(signed))),
        Some(b"adbe.x509.rsa_sha1") => match value(&contents.bytes) {
            Some(value) => Decoded::Bare(Bare {
                value,
                certificates: beside(document, revision, &found.dictionary),
            }),
            None => Decoded::Unreadable("cms_malformed"),
        },
        Some(b"ETSI.RFC3161") => Token::parse_padded(&contents.bytes)
            .map_or_else(unreadable, |token| Decoded::Token(Box::new(token))),
        _ => Decoded::Unsupported,
    }
}

/// ISO 32000-2 §12.8.3.2: the value is an OCTET STRING in DER; zeros may follow.
fn value(contents: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(contents, Rules::Der);
    let value = reader.octets().ok()?.into_owned();
    reader.rest().iter().all(|byte| *byte == 0).then_some(value)
}

/// Table 255, `Cert`: one string, or an array of them.
fn beside(document: &Document, revision: usize, signature: &Dictionary) -> Vec<Certificate> {
    let Ok(value) = document.value_in(revision, signature, b"Cert") else {
        return Vec::new();
    };
    let one = std::slice::from_ref(&value);
    let all = value.as_array().unwrap_or(one).iter().take(MOST_BESIDE);
    all.filter_map(|c| Certificate::from_der(&c.as_string()?.bytes).ok())
        .collect()
}

/// §7.9.4: `D:YYYYMMDDHHmmSSOHH'mm'`, cut off anywhere behind the year.
fn date(text: &str) -> Option<Time> {
    let rest = text.strip_prefix("D:").unwrap_or(text);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count().min(14);
    let (stated, zone) = rest.split_at_checked(digits)?;
    let part = |from: usize, to: usize, usual: u8| -> Option<u8> {
        stated.get(from..to).map_or(Some(usual), |d| d.parse().ok())
    };
    let year: i32 = stated.get(..4)?.parse().ok()?;
    let month = Month::try_from(part(4, 6, 1)?).ok()?;
    let date = Date::from_calendar_date(year, month, part(6, 8, 1)?).ok()?;
    let time = time::Time::from_hms(part(8, 10, 0)?, part(10, 12, 0)?, part(12, 14, 0)?).ok()?;
    let sign = zone.bytes().next();
    let mut parts = zone
        .get(1..)
        .unwrap_or_default()
        .split('\'')
        .map(|p| p.parse::<i8>().ok());
    let (hours, minutes) = (
        parts.next().flatten().unwrap_or(0),
        parts.next().flatten().unwrap_or(0),
    );
    let offset = match sign {
        Some(b'+') => UtcOffset::from_hms(hours, minutes, 0).ok()?,
        Some(b'-') => UtcOffset::from_hms(hours.checked_neg()?, minutes.checked_neg()?, 0).ok()?,
        _ => UtcOffset::UTC,
    };
    Some(PrimitiveDateTime::new(date, time).assume_offset(offset))
}

/// Reason and place are one line each. Own choice.
const LONGEST_TEXT: usize = 500;

/// The longest path that is followed, and room.
const MOST_BESIDE: usize = 32;

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::{Certificate, MOST_BESIDE, beside, date};
    use crate::pdf::document::Document;
    use crate::pdf::limits::Limits;
    use crate::pdf::object::{Dictionary, Name, Object, PdfString};
    use crate::source::Bytes;

    const NO_OBJECTS: &[u8] =
        b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1>>\nstartxref\n9\n%%EOF\n";

    #[test]
    fn certificates_beside_a_bare_value_are_read_up_to_their_bound() {
        let document = Document::open(Bytes::new(NO_OBJECTS), &Limits::default()).unwrap();
        let one = |name: usize| {
            let key = rcgen::KeyPair::generate().unwrap();
            let params = rcgen::CertificateParams::new(vec![format!("{name}.test")]).unwrap();
            params.self_signed(&key).unwrap().der().to_vec()
        };
        let all: Vec<Vec<u8>> = (0..=MOST_BESIDE).map(one).collect();
        let read = |count: usize| {
            let strings = all.iter().take(count).map(|der| {
                Object::String(Box::new(PdfString {
                    bytes: der.clone(),
                    hexadecimal: true,
                    extent: None,
                }))
            });
            let mut signature = Dictionary::default();
            signature.push(Name::new(b"Cert"), Object::Array(strings.collect()));
            beside(&document, 0, &signature)
        };
        let ders = |read: Vec<Certificate>| read.iter().map(|c| c.der().to_vec()).collect::<Vec<_>>();
        assert_eq!(ders(read(MOST_BESIDE)), all[..MOST_BESIDE]);
        assert_eq!(ders(read(MOST_BESIDE + 1)), all[..MOST_BESIDE]);
    }

    #[test]
    fn dates_are_read_with_their_zone() {
        assert_eq!(
            date("D:20210104201125+01'00'"),
            Some(datetime!(2021-01-04 20:11:25 +1))
        );
        assert_eq!(
            date("D:20261121114200-03'00"),
            Some(datetime!(2026-11-21 11:42:00 -3))
        );
        assert_eq!(date("D:20201101000000Z"), Some(datetime!(2020-11-01 00:00 UTC)));
        assert_eq!(date("D:2020"), Some(datetime!(2020-01-01 00:00 UTC)));
    }

    #[test]
    fn impossible_dates_are_none() {
        for wrong in [
            "",
            "D:",
            "D:20201301",
            "D:2020110125",
            "ñ",
            "D:20201101000000+99'99'",
        ] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }
}
