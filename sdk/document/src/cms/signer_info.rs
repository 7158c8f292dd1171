//! SignerInfo (RFC 5652 §5.3): one signer's part.

use sdk_pki::der::{self, DerError, Rules, Tlv};
use sdk_pki::{AlgorithmIdentifier, Certificate, Name, Time, oid};

use super::attributes::Attributes;
use super::error::CmsError;

/// How the signer's certificate is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerId {
    /// By its issuer and serial number.
    IssuerAndSerial {
        /// Who issued it.
        issuer: Name,
        /// The contents of the INTEGER.
        serial: Vec<u8>,
    },
    /// By its subject key identifier.
    SubjectKeyId(Vec<u8>),
}

impl SignerId {
    /// Does this name the certificate?
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                *serial == certificate.serial() && issuer == certificate.issuer()
            }
            Self::SubjectKeyId(id) => certificate.extensions().subject_key_id.as_ref() == Some(id),
        }
    }
}

/// One signer's part, its attributes checked for what RFC 5652 requires of them.
#[derive(Debug, Clone)]
pub struct SignerInfo {
    pub(super) id: SignerId,
    pub(super) digest_algorithm: AlgorithmIdentifier,
    pub(super) signature_algorithm: AlgorithmIdentifier,
    pub(super) signature: Vec<u8>,
    pub(super) signed: Option<Signed>,
    pub(super) unsigned: Attributes,
}

/// The signed attributes and the two that must be among them.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub attributes: Attributes,
    pub content_type: oid::Oid,
    pub message_digest: Vec<u8>,
}

impl SignerInfo {
    pub(super) fn read(tlv: &Tlv<'_>, rules: Rules) -> Result<Self, CmsError> {
        let mut reader = tlv.reader()?;
        let version = reader.expect(der::INTEGER)?.small()?;
        let id = signer_id(&reader.read()?)?;
        // §5.3: 1 goes with the issuer and serial number, 3 with the key identifier. Producers mix
        // them up, and nothing depends on it.
        if !matches!(version, 1 | 3) {
            return Err(CmsError::Encoding(DerError::Value(
                "the signer is of an unknown version",
            )));
        }
        let digest_algorithm = AlgorithmIdentifier::parse(&reader.expect(der::SEQUENCE)?)?;
        let signed = reader
            .optional(der::context(0))?
            .map(|set| Signed::read(&set, rules))
            .transpose()?;
        let signature_algorithm = AlgorithmIdentifier::parse(&reader.expect(der::SEQUENCE)?)?;
        let signature = reader.octets()?.into_owned();
        let unsigned = match reader.optional(der::context(1))? {
            Some(set) => Attributes::read(&set, rules)?,
            None => Attributes::default(),
        };
        reader.finish()?;
        Ok(Self {
            id,
            digest_algorithm,
            signature_algorithm,
            signature,
            signed,
            unsigned,
        })
    }

    /// How the signer's certificate is named.
    pub fn id(&self) -> &SignerId {
        &self.id
    }

    /// With which digest the content was digested.
    pub fn digest_algorithm(&self) -> &AlgorithmIdentifier {
        &self.digest_algorithm
    }

    /// With which algorithm it is signed.
    pub fn signature_algorithm(&self) -> &AlgorithmIdentifier {
        &self.signature_algorithm
    }

    /// The signature value: what a signature timestamp digests.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The signed attributes; `None` when the content is signed directly.
    pub fn signed_attributes(&self) -> Option<&Attributes> {
        self.signed.as_ref().map(|signed| &signed.attributes)
    }

    /// The unsigned attributes: anyone may have added them.
    pub fn unsigned_attributes(&self) -> &Attributes {
        &self.unsigned
    }

    /// The time that the signer claims (§11.3); proves nothing. `Err` when it cannot be read.
    pub(super) fn signing_time(&self) -> Result<Option<Time>, CmsError> {
        let Some(attributes) = self.signed_attributes() else {
            return Ok(None);
        };
        let Some(value) = attributes.single(oid::SIGNING_TIME, "signingTime")? else {
            return Ok(None);
        };
        Ok(Some(attributes.reader(value).read()?.time()?))
    }
}

impl Signed {
    fn read(set: &Tlv<'_>, rules: Rules) -> Result<Self, CmsError> {
        let attributes = Attributes::read(set, rules)?;
        attributes.refuse_duplicates()?;
        let required = |oid, name| attributes.single(oid, name)?.ok_or(CmsError::Attribute(name));
        let content_type = attributes
            .reader(required(oid::CONTENT_TYPE, "contentType")?)
            .oid()?;
        let digest = attributes
            .reader(required(oid::MESSAGE_DIGEST, "messageDigest")?)
            .octets()?
            .into_owned();
        Ok(Self {
            attributes,
            content_type,
            message_digest: digest,
        })
    }
}

fn signer_id(tlv: &Tlv<'_>) -> Result<SignerId, DerError> {
    match tlv.tag() {
        der::SEQUENCE => {
            let mut reader = tlv.reader()?;
            let issuer = Name::parse(&reader.expect(der::SEQUENCE)?)?;
            let serial = reader.expect(der::INTEGER)?.integer()?.to_vec();
            reader.finish()?;
            Ok(SignerId::IssuerAndSerial { issuer, serial })
        }
        KEY_ID => Ok(SignerId::SubjectKeyId(tlv.value().to_vec())),
        _ => Err(DerError::Value("the signer is not named")),
    }
}

const KEY_ID: u8 = der::context_primitive(0);
