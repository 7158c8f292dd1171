//! The certification request for an official's key (PKCS#10, RFC 2986), with the subject of EN 319 412-2.

use rcgen::{
    CertificateParams, DistinguishedName, DnType, DnValue, KeyPair, KeyUsagePurpose, PublicKeyData,
    string::PrintableString,
};

use crate::error::Fault;
use crate::rules::official::Profile;

/// A request and the public key it is for.
pub(super) struct Request {
    /// PEM.
    pub(super) pem: String,
    /// SubjectPublicKeyInfo in DER.
    pub(super) public_key_info: Vec<u8>,
}

pub(super) fn for_key(pkcs8: &[u8], profile: &Profile, country: &str) -> Result<Request, Fault> {
    let doing = "making a certification request";
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8.into(), &rcgen::PKCS_ECDSA_P256_SHA256)
        .map_err(Fault::when(doing))?;
    let mut params = CertificateParams::new(Vec::new()).map_err(Fault::when(doing))?;
    params.distinguished_name = subject(profile, country)?;
    params.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::ContentCommitment,
    ];
    let request = params.serialize_request(&key).map_err(Fault::when(doing))?;
    Ok(Request {
        pem: request.pem().map_err(Fault::when(doing))?,
        public_key_info: key.subject_public_key_info(),
    })
}

fn subject(profile: &Profile, country: &str) -> Result<DistinguishedName, Fault> {
    let printable = |text: &str| {
        PrintableString::try_from(text)
            .map(DnValue::PrintableString)
            .map_err(Fault::when("writing a subject"))
    };
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, printable(country)?);
    name.push(DnType::OrganizationName, profile.institution.as_str());
    name.push(DnType::CustomDnType(TITLE.to_vec()), profile.position.as_str());
    name.push(
        DnType::CustomDnType(SURNAME.to_vec()),
        profile.family_name.as_str(),
    );
    name.push(
        DnType::CustomDnType(GIVEN_NAME.to_vec()),
        profile.given_name.as_str(),
    );
    name.push(
        DnType::CustomDnType(SERIAL_NUMBER.to_vec()),
        printable(&profile.national_id.subject_serial_number(country))?,
    );
    name.push(DnType::CommonName, profile.full_name());
    Ok(name)
}

/// X.520 attribute types.
const SURNAME: [u64; 4] = [2, 5, 4, 4];
const SERIAL_NUMBER: [u64; 4] = [2, 5, 4, 5];
const TITLE: [u64; 4] = [2, 5, 4, 12];
const GIVEN_NAME: [u64; 4] = [2, 5, 4, 42];
