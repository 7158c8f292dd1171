//! SignedData (RFC 5652 §5.1): the content, the signer, and what came along.

use sdk_pki::der::{self, DerError, Reader, Rules, Tlv};
use sdk_pki::oid::{self, Oid};
use sdk_pki::{AlgorithmIdentifier, Certificate, Crl, DigestAlgorithm, Evidence, OcspResponse, Time};

use super::error::{CmsError, Irregularity};
use super::signer_info::SignerInfo;
use super::token::Token;

/// A CMS signature with exactly one signer, read and not yet believed.
#[derive(Debug, Clone)]
pub struct SignedData {
    content_type: Oid,
    content: Option<Vec<u8>>,
    digest_algorithms: Vec<AlgorithmIdentifier>,
    certificates: Vec<Certificate>,
    evidence: Evidence,
    signer: SignerInfo,
    irregularities: Vec<Irregularity>,
    octets: usize,
}

impl SignedData {
    /// With chains and revocation lists embedded, signatures reach a few megabytes.
    pub const MAX_OCTETS: usize = 32 * 1024 * 1024;

    /// Reads a ContentInfo that holds a SignedData, without a byte too many.
    pub fn parse(bytes: &[u8]) -> Result<Self, CmsError> {
        let signed = Self::parse_padded(bytes)?;
        if signed.octets == bytes.len() {
            Ok(signed)
        } else {
            Err(CmsError::Trailing)
        }
    }

    /// Reads one that zeros may follow: the gap of a PDF is larger than its signature.
    pub fn parse_padded(bytes: &[u8]) -> Result<Self, CmsError> {
        if bytes.len() > Self::MAX_OCTETS {
            return Err(CmsError::TooLarge);
        }
        match Self::read(bytes, Rules::Der) {
            Err(CmsError::Encoding(
                DerError::NotDer
                | DerError::Tag {
                    expected: der::OCTET_STRING,
                    ..
                },
            )) => {
                let mut signed = Self::read(bytes, Rules::Ber)?;
                signed.irregularities.push(Irregularity::NotDer);
                Ok(signed)
            }
            result => result,
        }
    }

    /// How many of the bytes given were read: the rest is padding.
    pub fn octets(&self) -> usize {
        self.octets
    }

    /// What kind of content was signed: [`oid::CMS_DATA`] for documents.
    pub fn content_type(&self) -> &Oid {
        &self.content_type
    }

    /// The content, unless it is detached.
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// With which digest detached content has to be digested; `None` for one that cannot be
    /// computed here, see [`SignerInfo::digest_algorithm`].
    pub fn digest_algorithm(&self) -> Option<DigestAlgorithm> {
        DigestAlgorithm::from_identifier(&self.signer.digest_algorithm)
    }

    /// The signer's part.
    pub fn signer(&self) -> &SignerInfo {
        &self.signer
    }

    /// Certificates that came along, in their order; nothing about them is believed.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Revocation lists and responses that came along: in the SignedData (RFC 5652 §10.2.1, RFC
    /// 5940) and in Adobe's signed attribute (ISO 32000-2 §12.8.3.3.2).
    pub fn evidence(&self) -> Evidence {
        self.evidence.clone()
    }

    /// The time that the signer claims; proves nothing.
    pub fn claimed_time(&self) -> Option<Time> {
        self.signer.signing_time().ok().flatten()
    }

    /// Timestamps over the signature value (RFC 3161, appendix A), unsigned attributes.
    pub fn signature_timestamps(&self) -> impl Iterator<Item = Result<Token, CmsError>> {
        self.signer
            .unsigned
            .values(oid::SIGNATURE_TIME_STAMP_TOKEN)
            .take(MAX_TIMESTAMPS)
            .map(Token::parse)
    }

    /// What a strict producer would have done otherwise.
    pub fn irregularities(&self) -> &[Irregularity] {
        &self.irregularities
    }

    fn read(bytes: &[u8], rules: Rules) -> Result<Self, CmsError> {
        let mut reader = Reader::new(bytes, rules);
        let info = reader.expect(der::SEQUENCE)?;
        if !are_zeros(reader.rest()) {
            return Err(CmsError::Trailing);
        }
        let mut inner = info.reader()?;
        if !inner.oid()?.is(oid::CMS_SIGNED_DATA) {
            return Err(CmsError::NotSignedData);
        }
        let signed_data = inner.expect(der::context(0))?.inner(der::SEQUENCE)?;
        inner.finish()?;
        Self::read_signed_data(&signed_data, rules, info.raw().len())
    }

    fn read_signed_data(tlv: &Tlv<'_>, rules: Rules, octets: usize) -> Result<Self, CmsError> {
        let mut reader = tlv.reader()?;
        // §5.1: 1 to 5, by what is inside. Producers differ, and nothing depends on it.
        if !(1..=5).contains(&reader.expect(der::INTEGER)?.small()?) {
            return Err(CmsError::Encoding(DerError::Value(
                "the signature is of an unknown version",
            )));
        }
        let algorithms = reader.expect(der::SET)?.sequences()?;
        if algorithms.len() > MAX_ALGORITHMS {
            return Err(CmsError::TooMany("digest algorithms"));
        }
        let digest_algorithms = algorithms
            .iter()
            .map(AlgorithmIdentifier::parse)
            .collect::<Result<_, _>>()?;
        let (content_type, content) = encapsulated(&reader.expect(der::SEQUENCE)?)?;
        let mut along = Along::default();
        if let Some(set) = reader.optional(der::context(0))? {
            along.certificates(&set)?;
        }
        if let Some(set) = reader.optional(der::context(1))? {
            along.revocation(&set)?;
        }
        let signers = reader.expect(der::SET)?.sequences()?;
        reader.finish()?;
        let signer = match signers.as_slice() {
            [signer] => SignerInfo::read(signer, rules)?,
            [] => return Err(CmsError::NoSigner),
            several => return Err(CmsError::SeveralSigners(several.len())),
        };
        along.adobe(&signer);
        let mut signed = Self {
            content_type,
            content,
            digest_algorithms,
            certificates: along.certificates,
            evidence: along.evidence,
            signer,
            irregularities: along.irregularities,
            octets,
        };
        signed.note_irregularities(rules);
        Ok(signed)
    }

    fn note_irregularities(&mut self, rules: Rules) {
        let own = self.signer.digest_algorithm.oid();
        if !self.digest_algorithms.iter().any(|listed| listed.oid() == own) {
            self.irregularities.push(Irregularity::DigestNotListed);
        }
        if self
            .signer
            .signed_attributes()
            .is_some_and(|attributes| !attributes.is_in_der_order())
        {
            self.irregularities.push(Irregularity::AttributeOrder);
        }
        if self.signer.signing_time().is_err() {
            self.irregularities.push(Irregularity::SigningTime);
        }
        self.irregularities.extend(self.signer.countersignatures(rules));
        self.irregularities.sort_unstable();
        self.irregularities.dedup();
    }
}

/// Room for signatures is kept in thousands of bytes: looked at many at once.
fn are_zeros(bytes: &[u8]) -> bool {
    bytes
        .chunks(64)
        .all(|chunk| chunk.iter().fold(0, |all, byte| all | byte) == 0)
}

/// EncapsulatedContentInfo (§5.2).
fn encapsulated(tlv: &Tlv<'_>) -> Result<(Oid, Option<Vec<u8>>), CmsError> {
    let mut reader = tlv.reader()?;
    let content_type = reader.oid()?;
    let content = match reader.optional(der::context(0))? {
        Some(explicit) => {
            let mut inner = explicit.reader()?;
            let octets = inner.octets()?.into_owned();
            inner.finish()?;
            Some(octets)
        }
        None => None,
    };
    reader.finish()?;
    Ok((content_type, content))
}

/// What came along beside the signature.
#[derive(Default)]
struct Along {
    certificates: Vec<Certificate>,
    evidence: Evidence,
    irregularities: Vec<Irregularity>,
}

impl Along {
    /// CertificateSet (§10.2.3); attribute certificates and other formats are passed over.
    fn certificates(&mut self, set: &Tlv<'_>) -> Result<(), CmsError> {
        let elements = set.elements()?;
        if elements.len() > MAX_CERTIFICATES {
            return Err(CmsError::TooMany("certificates"));
        }
        for element in elements.iter().filter(|element| element.tag() == der::SEQUENCE) {
            match Certificate::from_der(element.raw()) {
                Ok(certificate) => self.certificates.push(certificate),
                Err(_) => self.irregularities.push(Irregularity::UnreadableCertificate),
            }
        }
        Ok(())
    }

    /// RevocationInfoChoices (§10.2.1).
    fn revocation(&mut self, set: &Tlv<'_>) -> Result<(), CmsError> {
        let elements = set.elements()?;
        if elements.len() > MAX_EVIDENCE {
            return Err(CmsError::TooMany("revocation lists"));
        }
        for element in elements {
            match element.tag() {
                der::SEQUENCE => self.crl(element.raw()),
                OTHER_REVOCATION => {
                    let mut reader = element.reader()?;
                    if reader.oid()?.is(oid::RI_OCSP_RESPONSE) {
                        self.ocsp(reader.read()?.raw());
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// RevocationInfoArchival: `[0]` lists, `[1]` responses, `[2]` others.
    fn adobe(&mut self, signer: &SignerInfo) {
        let Some(attributes) = signer.signed_attributes() else {
            return;
        };
        for value in attributes.values(oid::ADOBE_REVOCATION_INFO) {
            let mut take = || -> Result<(), DerError> {
                let mut reader = attributes.reader(value).expect(der::SEQUENCE)?.reader()?;
                if let Some(lists) = reader.optional(der::context(0))? {
                    let lists = lists.inner(der::SEQUENCE)?.sequences()?;
                    lists
                        .iter()
                        .take(MAX_EVIDENCE)
                        .for_each(|list| self.crl(list.raw()));
                }
                if let Some(responses) = reader.optional(der::context(1))? {
                    let responses = responses.inner(der::SEQUENCE)?.sequences()?;
                    responses
                        .iter()
                        .take(MAX_EVIDENCE)
                        .for_each(|response| self.ocsp(response.raw()));
                }
                Ok(())
            };
            if take().is_err() {
                self.irregularities.push(Irregularity::UnreadableEvidence);
            }
        }
    }

    fn crl(&mut self, bytes: &[u8]) {
        match Crl::from_der(bytes) {
            Ok(list) => self.evidence.crls.push(list),
            Err(_) => self.irregularities.push(Irregularity::UnreadableEvidence),
        }
    }

    fn ocsp(&mut self, bytes: &[u8]) {
        match OcspResponse::from_der(bytes) {
            Ok(response) => self.evidence.ocsp.push(response),
            Err(_) => self.irregularities.push(Irregularity::UnreadableEvidence),
        }
    }
}

const OTHER_REVOCATION: u8 = der::context(1);

/// One signer has one digest; a few producers list all that they know.
const MAX_ALGORITHMS: usize = 16;
/// A signer's chain has two to five; trusted-list producers add some.
const MAX_CERTIFICATES: usize = 128;
/// One list or response for each certificate.
const MAX_EVIDENCE: usize = 128;
/// One is usual; a second may come from another unit.
const MAX_TIMESTAMPS: usize = 8;
