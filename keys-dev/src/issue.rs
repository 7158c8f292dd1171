//! Certificates from data: keys, subjects, extensions, revocation lists.

use std::collections::BTreeMap;

use rcgen::string::PrintableString;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertificateSigningRequestParams,
    CustomExtension, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod,
    KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};
use ring::rand::{SecureRandom, SystemRandom};
use time::{Duration, OffsetDateTime};

use crate::Error;
use crate::hierarchy::{
    Entry, ExtendedKeyUsage, Hierarchy, KeyUsage, Profile, Purpose, RevocationReason, Subject,
};
use crate::key::Key;

/// Everything `make` issues, in PEM.
#[derive(Debug, Default)]
pub struct Issued {
    /// By name: the certificate.
    pub certificates: BTreeMap<String, String>,
    /// By name: the private key (PKCS #8).
    pub keys: BTreeMap<String, String>,
    /// By the issuer's name: its revocation list.
    pub crls: BTreeMap<String, String>,
    /// By name: the certificate, then its issuers below the root.
    pub chains: BTreeMap<String, String>,
}

/// Issues the whole hierarchy, from top to bottom.
///
/// # Errors
/// A fault when the data contradict themselves (an unknown profile, an issuer after those it issues).
pub fn hierarchy(data: &Hierarchy, now: OffsetDateTime, chance: &SystemRandom) -> Result<Issued, Error> {
    let mut issued = Issued::default();
    let mut keys = BTreeMap::new();
    let mut revoked: BTreeMap<String, Vec<RevokedCertParams>> = BTreeMap::new();
    for entry in &data.certificate {
        let params = entry_params(data, entry, now, chance)?;
        let key = Key::generate(entry.key, chance)?;
        let pem = if entry.issuer == entry.name {
            params
                .self_signed(key.signing()?)
                .map_err(Error::fault(&entry.name))?
                .pem()
        } else {
            let issuer = authority(&issued, &keys, &entry.issuer)?;
            key.certify(&params, &issuer).map_err(Error::fault(&entry.name))?
        };
        if let (Some(line), Some(serial)) = (&entry.revoked, params.serial_number.clone()) {
            revoked
                .entry(entry.issuer.clone())
                .or_default()
                .push(RevokedCertParams {
                    serial_number: serial,
                    revocation_time: at_day(now, line.day),
                    reason_code: Some(match line.reason {
                        RevocationReason::KeyCompromise => rcgen::RevocationReason::KeyCompromise,
                        RevocationReason::AffiliationChanged => rcgen::RevocationReason::AffiliationChanged,
                    }),
                    invalidity_date: None,
                });
        }
        let above = issued.chains.get(&entry.issuer).cloned().unwrap_or_default();
        let self_signed = entry.issuer == entry.name;
        issued.chains.insert(
            entry.name.clone(),
            if self_signed {
                String::new()
            } else {
                format!("{pem}{above}")
            },
        );
        issued.certificates.insert(entry.name.clone(), pem);
        issued.keys.insert(entry.name.clone(), key.pem());
        keys.insert(entry.name.clone(), key);
    }
    for entry in data.certificate.iter().filter(|entry| is_authority(data, entry)) {
        let lines = revoked.remove(&entry.name).unwrap_or_default();
        let issuer = authority(&issued, &keys, &entry.name)?;
        issued.crls.insert(entry.name.clone(), crl(lines, now, &issuer)?);
    }
    Ok(issued)
}

/// Certifies an official's key from the request that the signer wrote. The subject is the register's, not the
/// request's: a CA names whom it knows.
///
/// Returns the chain, leaf first, without the root.
///
/// # Errors
/// A fault when the request's signature is wrong or the authority cannot be read.
pub fn official(
    data: &Hierarchy,
    authority: &Authority,
    request_pem: &str,
    subject: &Subject,
    now: OffsetDateTime,
    chance: &SystemRandom,
) -> Result<String, Error> {
    let request = CertificateSigningRequestParams::from_pem(request_pem)
        .map_err(Error::fault("reading the signer's certificate request"))?;
    let profile = data.profile("official")?;
    let validity = (now, at_day(now, profile.days));
    let params = params(data, profile, subject, &[], validity, chance)?;
    let issuer = authority.issuer()?;
    let leaf = params
        .signed_by(&request.public_key, &issuer)
        .map_err(Error::fault("certifying an official"))?;
    Ok(format!("{}{}", leaf.pem(), authority.certificate_pem))
}

/// A CA read back from its files.
#[derive(Clone)]
pub struct Authority {
    /// The CA's certificate.
    pub certificate_pem: String,
    /// The CA's private key.
    pub key_pem: String,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority")
            .field("certificate_pem", &self.certificate_pem)
            .finish_non_exhaustive()
    }
}

impl Authority {
    fn issuer(&self) -> Result<Issuer<'static, KeyPair>, Error> {
        let key = KeyPair::from_pem(&self.key_pem).map_err(Error::fault("reading the authority's key"))?;
        Issuer::from_ca_cert_pem(&self.certificate_pem, key)
            .map_err(Error::fault("reading the authority's certificate"))
    }
}

fn authority<'a>(
    issued: &Issued,
    keys: &'a BTreeMap<String, Key>,
    name: &str,
) -> Result<Issuer<'static, &'a KeyPair>, Error> {
    let missing = || Error::Fault {
        doing: "keys-dev/pki.toml".into(),
        cause: format!("{name} must stand before what it issues").into(),
    };
    let key = keys.get(name).ok_or_else(missing)?.signing()?;
    let certificate = issued.certificates.get(name).ok_or_else(missing)?;
    Issuer::from_ca_cert_pem(certificate, key).map_err(Error::fault(name))
}

fn is_authority(data: &Hierarchy, entry: &Entry) -> bool {
    data.profile
        .get(&entry.profile)
        .is_some_and(|profile| profile.authority.is_some())
}

fn entry_params(
    data: &Hierarchy,
    entry: &Entry,
    now: OffsetDateTime,
    chance: &SystemRandom,
) -> Result<CertificateParams, Error> {
    let profile = data.profile(&entry.profile)?;
    let from = at_day(now, entry.from_day.unwrap_or_default());
    let until = at_day(now, entry.until_day.unwrap_or(profile.days));
    params(data, profile, &entry.subject, &entry.names, (from, until), chance)
}

fn params(
    data: &Hierarchy,
    profile: &Profile,
    subject: &Subject,
    names: &[String],
    (from, until): (OffsetDateTime, OffsetDateTime),
    chance: &SystemRandom,
) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(names.to_vec()).map_err(Error::fault("names of a server"))?;
    params.not_before = from.saturating_sub(SLACK);
    params.not_after = until;
    params.serial_number = Some(serial(chance)?);
    params.distinguished_name = distinguished_name(data, subject)?;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = profile.key_usage.iter().map(key_usage).collect();
    params.is_ca = match &profile.authority {
        Some(limits) => IsCa::Ca(BasicConstraints::Constrained(limits.path_length)),
        None => IsCa::ExplicitNoCa,
    };
    if let Some(extended) = &profile.extended_key_usage {
        extended_key_usage(&mut params, extended);
    }
    if profile.ocsp_nocheck {
        params
            .custom_extensions
            .push(CustomExtension::from_oid_content(OCSP_NOCHECK, DER_NULL.to_vec()));
    }
    Ok(params)
}

fn distinguished_name(data: &Hierarchy, subject: &Subject) -> Result<DistinguishedName, Error> {
    // RFC 5280 appendix A: country and serial number are PrintableString
    let printable = |value: &str| {
        PrintableString::try_from(value)
            .map(DnValue::PrintableString)
            .map_err(Error::fault(value.to_owned()))
    };
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, printable(&data.country)?);
    name.push(DnType::OrganizationName, subject.organization.as_str());
    name.push(DnType::OrganizationalUnitName, data.mark.as_str());
    let person = [
        (TITLE, &subject.title),
        (SURNAME, &subject.surname),
        (GIVEN_NAME, &subject.given_name),
    ];
    for (oid, value) in person {
        if let Some(value) = value {
            name.push(DnType::CustomDnType(oid.to_vec()), value.as_str());
        }
    }
    if let Some(number) = &subject.serial_number {
        name.push(DnType::CustomDnType(SERIAL_NUMBER.to_vec()), printable(number)?);
    }
    name.push(DnType::CommonName, subject.common_name.as_str());
    Ok(name)
}

fn key_usage(usage: &KeyUsage) -> KeyUsagePurpose {
    match usage {
        KeyUsage::DigitalSignature => KeyUsagePurpose::DigitalSignature,
        KeyUsage::ContentCommitment => KeyUsagePurpose::ContentCommitment,
        KeyUsage::KeyAgreement => KeyUsagePurpose::KeyAgreement,
        KeyUsage::KeyCertSign => KeyUsagePurpose::KeyCertSign,
        KeyUsage::CrlSign => KeyUsagePurpose::CrlSign,
    }
}

/// `rcgen` writes the extension as not critical; a timestamping unit needs it critical, so it is written here.
fn extended_key_usage(params: &mut CertificateParams, extended: &ExtendedKeyUsage) {
    if !extended.critical {
        params.extended_key_usages = extended
            .purposes
            .iter()
            .map(|purpose| match purpose {
                Purpose::TimeStamping => ExtendedKeyUsagePurpose::TimeStamping,
                Purpose::OcspSigning => ExtendedKeyUsagePurpose::OcspSigning,
                Purpose::ServerAuth => ExtendedKeyUsagePurpose::ServerAuth,
            })
            .collect();
        return;
    }
    let purposes: Vec<u8> = extended
        .purposes
        .iter()
        .flat_map(|purpose| key_purpose(*purpose))
        .collect();
    // At most three purposes of ten bytes: the short form of a DER length holds them
    let length = u8::try_from(purposes.len()).unwrap_or(u8::MAX);
    let mut content = vec![0x30, length];
    content.extend(purposes);
    let mut extension = CustomExtension::from_oid_content(EXTENDED_KEY_USAGE, content);
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
}

/// A `KeyPurposeId` in DER: id-kp and its last arc.
fn key_purpose(purpose: Purpose) -> [u8; 10] {
    let arc = match purpose {
        Purpose::ServerAuth => 1,
        Purpose::TimeStamping => 8,
        Purpose::OcspSigning => 9,
    };
    [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, arc]
}

fn crl(
    lines: Vec<RevokedCertParams>,
    now: OffsetDateTime,
    issuer: &Issuer<'_, &KeyPair>,
) -> Result<String, Error> {
    let list = CertificateRevocationListParams {
        this_update: now.saturating_sub(SLACK),
        // As long as officials' certificates: nobody renews a development CRL, and nobody signs without a current one
        next_update: at_day(now, 1095),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: lines,
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(issuer)
        .and_then(|list| list.pem())
        .map_err(Error::fault("writing a revocation list"))
}

/// RFC 5280 §4.1.2.2: positive, at most 20 octets; CA/Browser Forum §7.1: at least 64 random bits.
fn serial(chance: &SystemRandom) -> Result<SerialNumber, Error> {
    let mut bytes = [0_u8; 16];
    chance.fill(&mut bytes).map_err(|_unspecified| Error::Fault {
        doing: "drawing a serial number".into(),
        cause: "the system gave no randomness".into(),
    })?;
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x3f) | 0x40;
    }
    Ok(SerialNumber::from_slice(&bytes))
}

fn at_day(now: OffsetDateTime, day: i64) -> OffsetDateTime {
    now.saturating_add(Duration::days(day))
}

/// A verifier whose clock is a little slow accepts what was made just now.
const SLACK: Duration = Duration::minutes(5);
const TITLE: &[u64] = &[2, 5, 4, 12];
const SURNAME: &[u64] = &[2, 5, 4, 4];
const GIVEN_NAME: &[u64] = &[2, 5, 4, 42];
const SERIAL_NUMBER: &[u64] = &[2, 5, 4, 5];
const EXTENDED_KEY_USAGE: &[u64] = &[2, 5, 29, 37];
const OCSP_NOCHECK: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 48, 1, 5];
const DER_NULL: [u8; 2] = [5, 0];
