//! Object identifiers: the names that X.509 and CMS give to everything.

use std::fmt;

use crate::der::DerError;

/// An object identifier, as its encoded contents.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid(Box<[u8]>);

impl Oid {
    /// Checks the contents of an encoded OBJECT IDENTIFIER: arcs complete and in the fewest octets.
    pub fn from_contents(contents: &[u8]) -> Result<Self, DerError> {
        const BAD: DerError = DerError::Value("an OBJECT IDENTIFIER is malformed");
        if contents.is_empty()
            || contents.len() > MAX_CONTENTS
            || contents.last().is_some_and(|last| *last >= 0x80)
        {
            return Err(BAD);
        }
        let mut arc_begins = true;
        for octet in contents {
            if arc_begins && *octet == 0x80 {
                return Err(BAD);
            }
            arc_begins = *octet < 0x80;
        }
        Ok(Self(contents.into()))
    }

    /// The encoded contents.
    pub fn contents(&self) -> &[u8] {
        &self.0
    }

    /// Is this the identifier with these encoded contents?
    pub fn is(&self, contents: &[u8]) -> bool {
        *self.0 == *contents
    }

    /// Reads dotted decimal notation.
    pub fn from_dotted(text: &str) -> Option<Self> {
        let mut arcs = text.split('.').map(|arc| arc.parse::<u64>().ok());
        let (first, second) = (arcs.next()??, arcs.next()??);
        if first > 2 || (first < 2 && second > 39) {
            return None;
        }
        let mut contents = Vec::new();
        push_arc(&mut contents, first.checked_mul(40)?.checked_add(second)?);
        for arc in arcs {
            push_arc(&mut contents, arc?);
        }
        Self::from_contents(&contents).ok()
    }
}

fn push_arc(contents: &mut Vec<u8>, arc: u64) {
    let groups = (0..10_u32)
        .rev()
        .map(|group| (arc >> group.saturating_mul(7)) & 0x7f);
    let groups: Vec<u8> = groups
        .skip_while(|bits| *bits == 0)
        .filter_map(|bits| u8::try_from(bits).ok())
        .collect();
    let Some((last, high)) = groups.split_last() else {
        contents.push(0);
        return;
    };
    contents.extend(high.iter().map(|bits| bits | 0x80));
    contents.push(*last);
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arc = 0_u128;
        let mut first = true;
        for octet in &self.0 {
            if arc > u128::MAX >> 8 {
                return f.write_str("?");
            }
            arc = (arc << 7) | u128::from(octet & 0x7f);
            if *octet >= 0x80 {
                continue;
            }
            if first {
                let top = (arc / 40).min(2);
                write!(f, "{top}.{}", arc.saturating_sub(top.saturating_mul(40)))?;
                first = false;
            } else {
                write!(f, ".{arc}")?;
            }
            arc = 0;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}

/// X.660 sets no bound; the longest in use (with a UUID arc) have about twenty octets.
const MAX_CONTENTS: usize = 64;

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident = $dotted:literal [$($octet:literal),+];)+) => {
        $($(#[$doc])* #[doc = concat!(" `", $dotted, "`")] pub const $name: &[u8] = &[$($octet),+];)+
        #[cfg(test)]
        const ALL: &[(&str, &[u8])] = &[$(($dotted, $name)),+];
    };
}

identifiers! {
    /// RFC 8017: an RSA key, or PKCS#1 v1.5 with the digest named elsewhere.
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    /// RFC 8017.
    MD5_WITH_RSA = "1.2.840.113549.1.1.4" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04];
    /// RFC 8017.
    SHA1_WITH_RSA = "1.2.840.113549.1.1.5" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05];
    /// RFC 8017: the mask generation function of PSS.
    MGF1 = "1.2.840.113549.1.1.8" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08];
    /// RFC 8017.
    RSASSA_PSS = "1.2.840.113549.1.1.10" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
    /// RFC 8017.
    SHA256_WITH_RSA = "1.2.840.113549.1.1.11" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    /// RFC 8017.
    SHA384_WITH_RSA = "1.2.840.113549.1.1.12" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c];
    /// RFC 8017.
    SHA512_WITH_RSA = "1.2.840.113549.1.1.13" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d];
    /// RFC 8017.
    SHA224_WITH_RSA = "1.2.840.113549.1.1.14" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0e];
    /// RFC 5480: an elliptic curve key.
    EC_PUBLIC_KEY = "1.2.840.10045.2.1" [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    /// RFC 5480: P-256.
    SECP256R1 = "1.2.840.10045.3.1.7" [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    /// RFC 5480: P-384.
    SECP384R1 = "1.3.132.0.34" [0x2b, 0x81, 0x04, 0x00, 0x22];
    /// RFC 5480: P-521.
    SECP521R1 = "1.3.132.0.35" [0x2b, 0x81, 0x04, 0x00, 0x23];
    /// RFC 5758.
    ECDSA_WITH_SHA1 = "1.2.840.10045.4.1" [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];
    /// RFC 5758.
    ECDSA_WITH_SHA224 = "1.2.840.10045.4.3.1" [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x01];
    /// RFC 5758.
    ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2" [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    /// RFC 5758.
    ECDSA_WITH_SHA384 = "1.2.840.10045.4.3.3" [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
    /// RFC 5758.
    ECDSA_WITH_SHA512 = "1.2.840.10045.4.3.4" [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];
    /// RFC 8410.
    ED25519 = "1.3.101.112" [0x2b, 0x65, 0x70];
    /// RFC 8410.
    ED448 = "1.3.101.113" [0x2b, 0x65, 0x71];
    /// RFC 3279: a DSA key.
    DSA = "1.2.840.10040.4.1" [0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];
    /// RFC 3279.
    DSA_WITH_SHA1 = "1.2.840.10040.4.3" [0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03];
    /// RFC 5758.
    DSA_WITH_SHA256 = "2.16.840.1.101.3.4.3.2" [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x02];
    /// RFC 1321.
    MD5 = "1.2.840.113549.2.5" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05];
    /// RFC 3279.
    SHA1 = "1.3.14.3.2.26" [0x2b, 0x0e, 0x03, 0x02, 0x1a];
    /// RFC 5754.
    SHA224 = "2.16.840.1.101.3.4.2.4" [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04];
    /// RFC 5754.
    SHA256 = "2.16.840.1.101.3.4.2.1" [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
    /// RFC 5754.
    SHA384 = "2.16.840.1.101.3.4.2.2" [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
    /// RFC 5754.
    SHA512 = "2.16.840.1.101.3.4.2.3" [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];

    /// X.520 commonName.
    COMMON_NAME = "2.5.4.3" [0x55, 0x04, 0x03];
    /// X.520 surname.
    SURNAME = "2.5.4.4" [0x55, 0x04, 0x04];
    /// X.520 serialNumber: in EN 319 412-1 the person's identifier.
    SERIAL_NUMBER = "2.5.4.5" [0x55, 0x04, 0x05];
    /// X.520 countryName.
    COUNTRY = "2.5.4.6" [0x55, 0x04, 0x06];
    /// X.520 localityName.
    LOCALITY = "2.5.4.7" [0x55, 0x04, 0x07];
    /// X.520 stateOrProvinceName.
    STATE = "2.5.4.8" [0x55, 0x04, 0x08];
    /// X.520 organizationName.
    ORGANIZATION = "2.5.4.10" [0x55, 0x04, 0x0a];
    /// X.520 organizationalUnitName.
    ORGANIZATIONAL_UNIT = "2.5.4.11" [0x55, 0x04, 0x0b];
    /// X.520 title: a position.
    TITLE = "2.5.4.12" [0x55, 0x04, 0x0c];
    /// X.520 givenName.
    GIVEN_NAME = "2.5.4.42" [0x55, 0x04, 0x2a];
    /// X.520 pseudonym.
    PSEUDONYM = "2.5.4.65" [0x55, 0x04, 0x41];
    /// X.520 organizationIdentifier.
    ORGANIZATION_IDENTIFIER = "2.5.4.97" [0x55, 0x04, 0x61];
    /// RFC 2985 emailAddress.
    EMAIL_ADDRESS = "1.2.840.113549.1.9.1" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01];
    /// RFC 4519 domainComponent.
    DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25" [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19];

    /// RFC 5280 §4.2.1.2.
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14" [0x55, 0x1d, 0x0e];
    /// RFC 5280 §4.2.1.3.
    KEY_USAGE = "2.5.29.15" [0x55, 0x1d, 0x0f];
    /// RFC 5280 §4.2.1.6.
    SUBJECT_ALT_NAME = "2.5.29.17" [0x55, 0x1d, 0x11];
    /// RFC 5280 §4.2.1.7.
    ISSUER_ALT_NAME = "2.5.29.18" [0x55, 0x1d, 0x12];
    /// RFC 5280 §4.2.1.9.
    BASIC_CONSTRAINTS = "2.5.29.19" [0x55, 0x1d, 0x13];
    /// RFC 5280 §5.2.3.
    CRL_NUMBER = "2.5.29.20" [0x55, 0x1d, 0x14];
    /// RFC 5280 §5.3.1.
    CRL_REASON = "2.5.29.21" [0x55, 0x1d, 0x15];
    /// RFC 5280 §5.3.2.
    INVALIDITY_DATE = "2.5.29.24" [0x55, 0x1d, 0x18];
    /// RFC 5280 §5.2.4.
    DELTA_CRL_INDICATOR = "2.5.29.27" [0x55, 0x1d, 0x1b];
    /// RFC 5280 §5.2.5.
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28" [0x55, 0x1d, 0x1c];
    /// RFC 5280 §5.3.3.
    CERTIFICATE_ISSUER = "2.5.29.29" [0x55, 0x1d, 0x1d];
    /// RFC 5280 §4.2.1.10.
    NAME_CONSTRAINTS = "2.5.29.30" [0x55, 0x1d, 0x1e];
    /// RFC 5280 §4.2.1.13.
    CRL_DISTRIBUTION_POINTS = "2.5.29.31" [0x55, 0x1d, 0x1f];
    /// RFC 5280 §4.2.1.4.
    CERTIFICATE_POLICIES = "2.5.29.32" [0x55, 0x1d, 0x20];
    /// RFC 5280 §4.2.1.4: any policy.
    ANY_POLICY = "2.5.29.32.0" [0x55, 0x1d, 0x20, 0x00];
    /// RFC 5280 §4.2.1.5.
    POLICY_MAPPINGS = "2.5.29.33" [0x55, 0x1d, 0x21];
    /// RFC 5280 §4.2.1.1.
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35" [0x55, 0x1d, 0x23];
    /// RFC 5280 §4.2.1.11.
    POLICY_CONSTRAINTS = "2.5.29.36" [0x55, 0x1d, 0x24];
    /// RFC 5280 §4.2.1.12.
    EXTENDED_KEY_USAGE = "2.5.29.37" [0x55, 0x1d, 0x25];
    /// RFC 5280 §5.2.6.
    FRESHEST_CRL = "2.5.29.46" [0x55, 0x1d, 0x2e];
    /// RFC 5280 §4.2.1.14.
    INHIBIT_ANY_POLICY = "2.5.29.54" [0x55, 0x1d, 0x36];
    /// X.509 §9.5.2.8: since when a list keeps expired certificates.
    EXPIRED_CERTS_ON_CRL = "2.5.29.60" [0x55, 0x1d, 0x3c];
    /// RFC 5280 §4.2.2.1.
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01];
    /// RFC 3739 §3.2.6.
    QC_STATEMENTS = "1.3.6.1.5.5.7.1.3" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x03];
    /// RFC 5280 §4.2.2.1.
    AD_OCSP = "1.3.6.1.5.5.7.48.1" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01];
    /// RFC 6960 §4.2.1.
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01];
    /// RFC 6960 §4.4.1.
    OCSP_NONCE = "1.3.6.1.5.5.7.48.1.2" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02];
    /// RFC 6960 §4.2.2.2.1.
    OCSP_NOCHECK = "1.3.6.1.5.5.7.48.1.5" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x05];
    /// RFC 6960 §4.4.4.
    OCSP_ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x06];
    /// RFC 5280 §4.2.2.1.
    AD_CA_ISSUERS = "1.3.6.1.5.5.7.48.2" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];

    /// RFC 5280 §4.2.1.12.
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0" [0x55, 0x1d, 0x25, 0x00];
    /// RFC 5280 §4.2.1.12.
    KP_CLIENT_AUTH = "1.3.6.1.5.5.7.3.2" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];
    /// RFC 5280 §4.2.1.12.
    KP_EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x04];
    /// RFC 5280 §4.2.1.12, RFC 3161 §2.3.
    KP_TIME_STAMPING = "1.3.6.1.5.5.7.3.8" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
    /// RFC 6960 §4.2.2.2.
    KP_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x09];
    /// RFC 9336.
    KP_DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x24];
    /// Microsoft's document signing, from before RFC 9336.
    MS_DOCUMENT_SIGNING = "1.3.6.1.4.1.311.10.3.12" [0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x0a, 0x03, 0x0c];
    /// Adobe's Authentic Documents Trust, from before RFC 9336.
    ADOBE_AUTHENTIC_DOCUMENTS = "1.2.840.113583.1.1.5" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x2f, 0x01, 0x01, 0x05];

    /// RFC 5652 §4.
    CMS_DATA = "1.2.840.113549.1.7.1" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    /// RFC 5652 §5.
    CMS_SIGNED_DATA = "1.2.840.113549.1.7.2" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    /// RFC 3161 §2.4.2.
    TST_INFO = "1.2.840.113549.1.9.16.1.4" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
    /// RFC 5652 §11.1.
    CONTENT_TYPE = "1.2.840.113549.1.9.3" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
    /// RFC 5652 §11.2.
    MESSAGE_DIGEST = "1.2.840.113549.1.9.4" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
    /// RFC 5652 §11.3.
    SIGNING_TIME = "1.2.840.113549.1.9.5" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05];
    /// RFC 5652 §11.4.
    COUNTERSIGNATURE = "1.2.840.113549.1.9.6" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x06];
    /// RFC 6211.
    CMS_ALGORITHM_PROTECTION = "1.2.840.113549.1.9.52" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x34];
    /// RFC 2634 §5.4.
    SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0c];
    /// RFC 3161, appendix A.
    SIGNATURE_TIME_STAMP_TOKEN = "1.2.840.113549.1.9.16.2.14" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0e];
    /// RFC 5126 §5.8.1.
    SIGNATURE_POLICY_ID = "1.2.840.113549.1.9.16.2.15" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0f];
    /// RFC 5126 §5.11.1.
    COMMITMENT_TYPE = "1.2.840.113549.1.9.16.2.16" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x10];
    /// RFC 5126 §5.11.4.
    CONTENT_TIME_STAMP = "1.2.840.113549.1.9.16.2.20" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x14];
    /// RFC 5035 §3.
    SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];
    /// Adobe's revocation information, ISO 32000-1 §12.8.3.3.2.
    ADOBE_REVOCATION_INFO = "1.2.840.113583.1.1.8" [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x2f, 0x01, 0x01, 0x08];
    /// RFC 5940 §2.1: an OCSP response among the revocation information of CMS.
    RI_OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2" [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x10, 0x02];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_constant_is_the_identifier_it_says() {
        for (dotted, contents) in ALL {
            assert_eq!(Oid::from_contents(contents).unwrap().to_string(), *dotted);
            assert_eq!(Oid::from_dotted(dotted).unwrap().contents(), *contents);
        }
    }

    #[test]
    fn incomplete_padded_and_endless_arcs_are_refused() {
        for bad in [&[][..], &[0x2a, 0x86], &[0x2a, 0x80, 0x01], &[0x01; 65]] {
            assert!(Oid::from_contents(bad).is_err());
        }
        assert_eq!(Oid::from_dotted("1.40.1"), None);
    }
}
