//! A client's TLS certificate (RFC 8705): who it says it is for, and the key that it is about.

use std::net::IpAddr;

use sdk_jose::PublicKey;
use x509_parser::{
    certificate::X509Certificate,
    extensions::GeneralName,
    prelude::FromDer,
    public_key::PublicKey as Spki,
    x509::{SubjectPublicKeyInfo, X509Name},
};

use super::{client::TlsSubject, secret::Digest};

/// A certificate whose private key the sender of a request holds: the TLS handshake proved that, or a trusted proxy
/// says so.
#[derive(Debug, Clone)]
pub struct Certificate {
    thumbprint: Digest,
    key: Option<PublicKey>,
    subject: Option<Name>,
    dns: Vec<String>,
    uris: Vec<String>,
    ips: Vec<IpAddr>,
    emails: Vec<String>,
    trusted: bool,
}

/// A distinguished name as RFC 4514 orders it: the most specific first, each type as an object identifier.
type Name = Vec<(String, String)>;

impl Certificate {
    /// Reads a certificate. `trusted`: its chain leads to an authority that the operator named.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(der: &[u8], trusted: bool) -> Result<Self, &'static str> {
        if der.len() > LONGEST {
            return Err("the certificate is too long");
        }
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|_| "not an X.509 certificate")?;
        if !rest.is_empty() {
            return Err("something follows the certificate");
        }
        let mut certificate = Self {
            thumbprint: Digest::of(der),
            key: public_key(parsed.public_key()),
            subject: name(parsed.subject()),
            dns: Vec::new(),
            uris: Vec::new(),
            ips: Vec::new(),
            emails: Vec::new(),
            trusted,
        };
        let names = parsed
            .subject_alternative_name()
            .map_err(|_| "the subject alternative names are malformed")?;
        for name in names.iter().flat_map(|names| &names.value.general_names) {
            match name {
                GeneralName::DNSName(name) => certificate.dns.push((*name).to_owned()),
                GeneralName::URI(uri) => certificate.uris.push((*uri).to_owned()),
                GeneralName::RFC822Name(address) => certificate.emails.push((*address).to_owned()),
                GeneralName::IPAddress(bytes) => certificate.ips.extend(address(bytes)),
                _ => {}
            }
        }
        Ok(certificate)
    }

    /// `x5t#S256` (RFC 8705 §3.1).
    #[must_use]
    pub fn thumbprint(&self) -> Digest {
        self.thumbprint
    }

    /// Its chain leads to an authority that the operator named.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.trusted
    }

    /// It is about this key.
    #[must_use]
    pub fn is_about(&self, key: &PublicKey) -> bool {
        self.key.as_ref() == Some(key)
    }

    /// It carries the one name that a client registered (RFC 8705 §2.1.2). DNS names regard no case (RFC 4343); all
    /// else is compared as it is written.
    #[must_use]
    pub fn names(&self, subject: &TlsSubject) -> bool {
        match subject {
            TlsSubject::SubjectDn(text) => match (&self.subject, read_name(text)) {
                (Some(found), Some(registered)) => *found == registered,
                (_, None) | (None, _) => false,
            },
            TlsSubject::SanDns(name) => self.dns.iter().any(|found| found.eq_ignore_ascii_case(name)),
            TlsSubject::SanUri(uri) => self.uris.contains(uri),
            TlsSubject::SanIp(text) => text
                .parse()
                .is_ok_and(|registered: IpAddr| self.ips.contains(&registered)),
            TlsSubject::SanEmail(address) => self.emails.contains(address),
        }
    }
}

/// RFC 4514 §3: types and values, the last relative name first. `None` for what we do not compare: several values in
/// one relative name, values in hexadecimal.
fn read_name(text: &str) -> Option<Name> {
    let mut parts = vec![Vec::new()];
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                let first = bytes.next()?;
                let byte = match char::from(first).to_digit(16) {
                    Some(high) => {
                        let low = char::from(bytes.next()?).to_digit(16)?;
                        u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok()?
                    }
                    None => first,
                };
                parts.last_mut()?.push(byte);
            }
            b',' => parts.push(Vec::new()),
            b'+' => return None,
            other => parts.last_mut()?.push(other),
        }
    }
    parts
        .into_iter()
        .map(|part| {
            let part = String::from_utf8(part).ok()?;
            let (kind, value) = part.split_once('=')?;
            let value = value.trim();
            (!value.is_empty() && !value.starts_with('#'))
                .then(|| Some((oid(kind.trim())?, value.to_owned())))?
        })
        .collect()
}

/// The object identifier of an attribute type, by its short name or written in numbers.
fn oid(kind: &str) -> Option<String> {
    let known = TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind));
    match known {
        Some((_, oid)) => Some((*oid).to_owned()),
        None if !kind.is_empty() && kind.bytes().all(|c| c.is_ascii_digit() || c == b'.') => {
            Some(kind.to_owned())
        }
        None => None,
    }
}

fn name(name: &X509Name<'_>) -> Option<Name> {
    let mut all = Vec::new();
    for relative in name.iter_rdn() {
        let mut attributes = relative.iter();
        let (Some(only), None) = (attributes.next(), attributes.next()) else {
            return None;
        };
        all.push((
            only.attr_type().to_id_string(),
            only.as_str().ok()?.trim().to_owned(),
        ));
    }
    all.reverse();
    Some(all)
}

fn public_key(info: &SubjectPublicKeyInfo<'_>) -> Option<PublicKey> {
    match info.parsed() {
        Ok(Spki::RSA(rsa)) => PublicKey::from_rsa(rsa.modulus, rsa.exponent).ok(),
        Ok(Spki::EC(point)) => PublicKey::from_point(point.data()).ok(),
        _ if info.algorithm.algorithm.to_id_string() == ED25519 => {
            PublicKey::from_point(&info.subject_public_key.data).ok()
        }
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::from(four));
    }
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
}

/// RFC 4514 §3 and RFC 4519, with what certificates of agencies also carry.
const TYPES: [(&str, &str); 16] = [
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("serialNumber", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("title", "2.5.4.12"),
    ("GN", "2.5.4.42"),
    ("organizationIdentifier", "2.5.4.97"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
    ("jurisdictionC", "1.3.6.1.4.1.311.60.2.1.3"),
];
/// RFC 8410 §3.
const ED25519: &str = "1.3.101.112";
/// Ours: one with a large RSA key and a dozen names has three kilobytes.
const LONGEST: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};

    use super::*;

    /// A certificate of an agency, its key in it.
    fn der() -> (Vec<u8>, Vec<u8>) {
        let pair = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["Agency.example".to_owned()]).unwrap();
        let mut subject = DistinguishedName::new();
        subject.push(DnType::CountryName, "CL");
        subject.push(DnType::OrganizationName, "Impuestos, Servicio de");
        subject.push(DnType::CommonName, "Ñandú");
        params.distinguished_name = subject;
        params.subject_alt_names.extend([
            SanType::URI("https://agency.example/client".try_into().unwrap()),
            SanType::Rfc822Name("it@agency.example".try_into().unwrap()),
            SanType::IpAddress("192.0.2.1".parse().unwrap()),
            SanType::IpAddress("2001:db8::1".parse().unwrap()),
        ]);
        let point = pair.public_key_raw().to_vec();
        (params.self_signed(&pair).unwrap().der().to_vec(), point)
    }

    fn certificate() -> Certificate {
        Certificate::parse(&der().0, true).unwrap()
    }

    #[test]
    fn a_subject_is_compared_as_rfc_4514_writes_it() {
        let certificate = certificate();
        for good in [
            "CN=Ñandú,O=Impuestos\\, Servicio de,C=CL",
            "cn=\\C3\\91and\\C3\\BA,o=Impuestos\\2C Servicio de,c=CL",
            "2.5.4.3=Ñandú, 2.5.4.10=Impuestos\\, Servicio de, C=CL",
        ] {
            assert!(
                certificate.names(&TlsSubject::SubjectDn(good.to_owned())),
                "{good}"
            );
        }
        for bad in [
            "C=CL,O=Impuestos\\, Servicio de,CN=Ñandú",
            "CN=Ñandú,O=Impuestos\\, Servicio de",
            "CN=ñandú,O=Impuestos\\, Servicio de,C=CL",
            "CN=Ñandú+O=Impuestos\\, Servicio de,C=CL",
            "CN=Ñandú,O=Impuestos, Servicio de,C=CL",
            "",
            "CN=",
            "\\",
        ] {
            assert!(
                !certificate.names(&TlsSubject::SubjectDn(bad.to_owned())),
                "{bad}"
            );
        }
    }

    #[test]
    fn each_alternative_name_is_found_in_its_own_kind() {
        let certificate = certificate();
        let text = str::to_owned;
        for good in [
            TlsSubject::SanDns(text("agency.example")),
            TlsSubject::SanUri(text("https://agency.example/client")),
            TlsSubject::SanEmail(text("it@agency.example")),
            TlsSubject::SanIp(text("192.0.2.1")),
            TlsSubject::SanIp(text("2001:DB8:0::1")),
        ] {
            assert!(certificate.names(&good), "{good:?}");
        }
        for bad in [
            TlsSubject::SanDns(text("other.example")),
            TlsSubject::SanDns(text("https://agency.example/client")),
            TlsSubject::SanUri(text("agency.example")),
            TlsSubject::SanEmail(text("IT@agency.example")),
            TlsSubject::SanIp(text("192.0.2.2")),
            TlsSubject::SanIp(text("")),
        ] {
            assert!(!certificate.names(&bad), "{bad:?}");
        }
    }

    #[test]
    fn it_is_about_its_key_and_no_other() {
        let (other, (der, point)) = (der().1, der());
        let certificate = Certificate::parse(&der, false).unwrap();
        assert!(certificate.is_about(&PublicKey::from_point(&point).unwrap()));
        assert!(!certificate.is_about(&PublicKey::from_point(&other).unwrap()));
        assert!(!certificate.is_trusted());
    }

    #[test]
    fn its_thumbprint_is_the_digest_of_all_of_it() {
        let (der, _) = der();
        assert_eq!(
            Certificate::parse(&der, false).unwrap().thumbprint(),
            Digest::of(&der)
        );
    }

    #[test]
    fn what_follows_a_certificate_is_refused() {
        let (mut der, _) = der();
        der.push(0);
        assert!(Certificate::parse(&der, true).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_and_nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(Certificate::parse(&bytes, true).is_err());
        }

        #[test]
        fn any_registered_name_is_read_or_not(text in ".{0,80}") {
            let _ = read_name(&text);
        }

        #[test]
        fn a_damaged_certificate_does_not_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let (mut der, _) = der();
            let at = at.index(der.len());
            der[at] = byte;
            let _ = Certificate::parse(&der, true);
        }
    }
}
