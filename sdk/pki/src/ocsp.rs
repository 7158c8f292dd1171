//! OCSP responses (RFC 6960 §4.2): one authority's word about few certificates.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use crate::Time;
use crate::algorithm::{AlgorithmIdentifier, SignatureAlgorithm, SignatureError};
use crate::budget::Kept;
use crate::certificate::Certificate;
use crate::der::{self, DerError, Tlv};
use crate::digest::DigestAlgorithm;
use crate::extensions::raw_extensions;
use crate::key::PublicKey;
use crate::name::Name;
use crate::oid;
use crate::revocation::RevocationReason;

/// A successful basic response, kept as received. Cheap to clone. Reading it says nothing about
/// believing it.
#[derive(Clone)]
pub struct OcspResponse(Arc<Contents>);

struct Contents {
    der: Box<[u8]>,
    basic: Box<[u8]>,
    tbs: Range<usize>,
    responder: ResponderId,
    produced_at: Time,
    responses: Vec<SingleResponse>,
    nonce: Option<Vec<u8>>,
    signature_algorithm: AlgorithmIdentifier,
    signature: Box<[u8]>,
    certificates: Vec<Certificate>,
}

/// §4.2.2.3: who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponderId {
    /// By name.
    Name(Name),
    /// By the SHA-1 digest of the key.
    Key(Vec<u8>),
}

/// §4.2.1: about one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleResponse {
    /// About which.
    pub id: CertId,
    /// What is said.
    pub status: CertStatus,
    /// Since when that is known to be so.
    pub this_update: Time,
    /// By when more is known.
    pub next_update: Option<Time>,
    /// §4.4.4: certificates that expired since then are still answered for.
    pub archive_cutoff: Option<Time>,
    /// RFC 5280 §5.3.2: since when the key is not to be believed, if earlier than its revocation.
    pub invalidity_date: Option<Time>,
    /// A critical extension that is not understood: the answer cannot be used.
    pub unknown_critical: bool,
}

/// §4.1.1: names a certificate by its issuer's name and key, digested, and its serial number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertId {
    /// `None` for a digest that cannot be computed here.
    pub digest: Option<DigestAlgorithm>,
    /// Digest of the issuer's encoded name.
    pub issuer_name: Vec<u8>,
    /// Digest of the issuer's key.
    pub issuer_key: Vec<u8>,
    /// The contents of the INTEGER.
    pub serial: Vec<u8>,
}

/// §4.2.1. Unknown is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertStatus {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// Since when.
        at: Time,
        /// Why.
        reason: RevocationReason,
    },
    /// The responder does not know this certificate.
    Unknown,
}

impl CertId {
    /// Does this name `certificate`, issued by `issuer`?
    pub fn names(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        let Some(digest) = self.digest else { return false };
        self.serial == certificate.serial()
            && (*digest.of(certificate.issuer().der()).bytes() == *self.issuer_name
                || *digest.of(issuer.subject().der()).bytes() == *self.issuer_name)
            && *digest.of(issuer.public_key().octets()).bytes() == *self.issuer_key
    }

    fn read(tlv: &Tlv<'_>) -> Result<Self, DerError> {
        let mut reader = tlv.reader()?;
        let algorithm = AlgorithmIdentifier::parse(&reader.expect(der::SEQUENCE)?)?;
        let issuer_name = reader.expect(der::OCTET_STRING)?.value().to_vec();
        let issuer_key = reader.expect(der::OCTET_STRING)?.value().to_vec();
        let serial = reader.expect(der::INTEGER)?.integer()?.to_vec();
        reader.finish()?;
        Ok(Self {
            digest: DigestAlgorithm::from_identifier(&algorithm),
            issuer_name,
            issuer_key,
            serial,
        })
    }
}

impl OcspResponse {
    /// Responders' answers have a few kilobytes; those with chains stay below this.
    pub const MAX_OCTETS: usize = 1024 * 1024;

    /// Reads an OCSPResponse, or the BasicOCSPResponse inside one (RFC 5940 and older PDF
    /// producers embed either). A response that reports an error holds no evidence: it is refused.
    pub fn from_der(bytes: &[u8]) -> Result<Self, DerError> {
        if bytes.len() > Self::MAX_OCTETS {
            return Err(DerError::Length);
        }
        let mut reader = der::whole(bytes, der::SEQUENCE)?.reader()?;
        let basic = match reader.optional(der::ENUMERATED)? {
            Some(status) => {
                if status.value() != [0] {
                    return Err(DerError::Value("the responder reports an error"));
                }
                let mut inner = reader.expect(der::context(0))?.inner(der::SEQUENCE)?.reader()?;
                reader.finish()?;
                if !inner.oid()?.is(oid::OCSP_BASIC) {
                    return Err(DerError::Value("the response is of an unknown type"));
                }
                let basic = inner.expect(der::OCTET_STRING)?.value();
                inner.finish()?;
                basic
            }
            None => bytes,
        };
        Self::read_basic(bytes, basic)
    }

    fn read_basic(whole: &[u8], basic: &[u8]) -> Result<Self, DerError> {
        let mut outer = der::whole(basic, der::SEQUENCE)?.reader()?;
        let tbs = outer.expect(der::SEQUENCE)?;
        let signature_algorithm = AlgorithmIdentifier::parse(&outer.expect(der::SEQUENCE)?)?;
        let signature = outer.expect(der::BIT_STRING)?.bit_octets()?;
        let mut certificates = Vec::new();
        if let Some(tlv) = outer.optional(der::context(0))? {
            for element in tlv
                .inner(der::SEQUENCE)?
                .sequences()?
                .into_iter()
                .take(MAX_CERTIFICATES)
            {
                // One that cannot be read can only be missing, which is judged later.
                certificates.extend(Certificate::from_der(element.raw()).ok());
            }
        }
        outer.finish()?;

        let mut inner = tbs.reader()?;
        if let Some(version) = inner.optional(der::context(0))?
            && version.inner(der::INTEGER)?.small()? != 0
        {
            return Err(DerError::Value("the response is of an unknown version"));
        }
        let responder = responder(&inner.read()?)?;
        let produced_at = inner.expect(der::GENERALIZED_TIME)?.time_with_fraction()?;
        let list = inner.expect(der::SEQUENCE)?.sequences()?;
        if list.len() > MAX_RESPONSES {
            return Err(DerError::Value("the response answers for too many certificates"));
        }
        let responses = list.iter().map(SingleResponse::read).collect::<Result<_, _>>()?;
        let mut nonce = None;
        if let Some(tlv) = inner.optional(der::context(1))? {
            for extension in raw_extensions(&tlv.inner(der::SEQUENCE)?)? {
                match extension.oid.contents() {
                    oid::OCSP_NONCE => nonce = Some(extension.value.to_vec()),
                    _ if extension.critical => {
                        return Err(DerError::Value("a critical extension is unknown"));
                    }
                    _ => {}
                }
            }
        }
        inner.finish()?;
        Ok(Self(Arc::new(Contents {
            der: whole.into(),
            basic: basic.into(),
            tbs: tbs.span(),
            responder,
            produced_at,
            responses,
            nonce,
            signature_algorithm,
            signature: signature.into(),
            certificates,
        })))
    }

    /// The response as received.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// Who answers.
    pub fn responder(&self) -> &ResponderId {
        &self.0.responder
    }

    /// When the answer was signed.
    pub fn produced_at(&self) -> Time {
        self.0.produced_at
    }

    /// The answers.
    pub fn responses(&self) -> &[SingleResponse] {
        &self.0.responses
    }

    /// The value of the nonce extension, still encoded (§4.4.1).
    pub fn nonce(&self) -> Option<&[u8]> {
        self.0.nonce.as_deref()
    }

    /// Certificates that came along: a delegated responder's, usually.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0.certificates
    }

    /// With which algorithm it is signed.
    pub fn signature_algorithm(&self) -> &AlgorithmIdentifier {
        &self.0.signature_algorithm
    }

    /// Did the holder of this key sign it?
    pub fn verify_signed_by(&self, key: &PublicKey) -> Result<(), SignatureError> {
        let tbs = self.0.basic.get(self.0.tbs.clone()).unwrap_or_default();
        SignatureAlgorithm::from_identifier(&self.0.signature_algorithm)?.verify(key, tbs, &self.0.signature)
    }

    /// Does the responder's name or key identifier fit this certificate?
    pub(crate) fn is_by(&self, certificate: &Certificate) -> bool {
        match &self.0.responder {
            ResponderId::Name(name) => name == certificate.subject(),
            ResponderId::Key(digest) => {
                *DigestAlgorithm::Sha1
                    .of(certificate.public_key().octets())
                    .bytes()
                    == **digest
            }
        }
    }
}

fn responder(tlv: &Tlv<'_>) -> Result<ResponderId, DerError> {
    match tlv.tag() {
        BY_NAME => Ok(ResponderId::Name(Name::parse(&tlv.inner(der::SEQUENCE)?)?)),
        BY_KEY => Ok(ResponderId::Key(tlv.inner(der::OCTET_STRING)?.value().to_vec())),
        _ => Err(DerError::Value("the responder is not named")),
    }
}

impl SingleResponse {
    fn read(tlv: &Tlv<'_>) -> Result<Self, DerError> {
        let mut reader = tlv.reader()?;
        let id = CertId::read(&reader.expect(der::SEQUENCE)?)?;
        let status = status(&reader.read()?)?;
        let this_update = reader.expect(der::GENERALIZED_TIME)?.time_with_fraction()?;
        let next_update = match reader.optional(der::context(0))? {
            Some(tlv) => Some(tlv.inner(der::GENERALIZED_TIME)?.time_with_fraction()?),
            None => None,
        };
        let mut single = Self {
            id,
            status,
            this_update,
            next_update,
            archive_cutoff: None,
            invalidity_date: None,
            unknown_critical: false,
        };
        if let Some(tlv) = reader.optional(der::context(1))? {
            for extension in raw_extensions(&tlv.inner(der::SEQUENCE)?)? {
                match extension.oid.contents() {
                    oid::OCSP_ARCHIVE_CUTOFF => {
                        let cutoff = der::whole(extension.value, der::GENERALIZED_TIME)?;
                        single.archive_cutoff = Some(cutoff.time_with_fraction()?);
                    }
                    // §4.4.5: what entries of lists may say, answers may say too.
                    oid::INVALIDITY_DATE => {
                        let invalid = der::whole(extension.value, der::GENERALIZED_TIME)?;
                        single.invalidity_date = Some(invalid.time_with_fraction()?);
                    }
                    _ => single.unknown_critical |= extension.critical,
                }
            }
        }
        reader.finish()?;
        Ok(single)
    }
}

fn status(tlv: &Tlv<'_>) -> Result<CertStatus, DerError> {
    match tlv.tag() {
        GOOD => Ok(CertStatus::Good),
        REVOKED => {
            let mut reader = tlv.reader()?;
            let at = reader.expect(der::GENERALIZED_TIME)?.time_with_fraction()?;
            let reason = match reader.optional(der::context(0))? {
                Some(tlv) => RevocationReason::parse(&tlv.inner(der::ENUMERATED)?)?,
                None => RevocationReason::Unspecified,
            };
            reader.finish()?;
            Ok(CertStatus::Revoked { at, reason })
        }
        UNKNOWN => Ok(CertStatus::Unknown),
        _ => Err(DerError::Value("a status is unknown")),
    }
}

impl Kept for OcspResponse {
    fn place(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl PartialEq for OcspResponse {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

impl Eq for OcspResponse {}

/// By the whole bytes, as it is compared.
impl Hash for OcspResponse {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.der.hash(state);
    }
}

impl fmt::Debug for OcspResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "OcspResponse({:?} of {})",
            self.0.responder, self.0.produced_at
        )
    }
}

const BY_NAME: u8 = der::context(1);
const BY_KEY: u8 = der::context(2);
const GOOD: u8 = der::context_primitive(0);
const REVOKED: u8 = der::context(1);
const UNKNOWN: u8 = der::context_primitive(2);

/// A delegated responder and its chain have two or three.
const MAX_CERTIFICATES: usize = 16;
/// RFC 5019 §2.2.1: one; some responders answer for a chain.
const MAX_RESPONSES: usize = 64;
