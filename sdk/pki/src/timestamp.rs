//! TSTInfo (RFC 3161 §2.4.2): what a timestamping unit says. The signature around it is CMS.

use crate::Time;
use crate::algorithm::AlgorithmIdentifier;
use crate::der::{self, DerError};
use crate::digest::{Digest, DigestAlgorithm};
use crate::extensions::raw_extensions;
use crate::general_name::GeneralName;
use crate::oid::Oid;

/// What was there, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TstInfo {
    /// Under which policy.
    pub policy: Oid,
    /// The digest of what was there; `None` for a digest that cannot be computed here.
    pub imprint: Option<Digest>,
    /// The contents of the INTEGER.
    pub serial: Vec<u8>,
    /// When.
    pub gen_time: Time,
    /// How exactly.
    pub accuracy: Accuracy,
    /// Tokens of this unit can be ordered by time alone.
    pub ordering: bool,
    /// Repeated from the request; the contents of the INTEGER.
    pub nonce: Option<Vec<u8>>,
    /// The unit's name, as a hint.
    pub tsa: Option<GeneralName>,
}

/// How far the clock may be off; zero when the unit does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accuracy {
    /// Whole seconds.
    pub seconds: u32,
    /// Thousandths.
    pub millis: u32,
    /// Millionths.
    pub micros: u32,
}

impl TstInfo {
    /// Reads the DER inside the token's encapsulated content.
    pub fn from_der(bytes: &[u8]) -> Result<Self, DerError> {
        let mut reader = der::whole(bytes, der::SEQUENCE)?.reader()?;
        if reader.expect(der::INTEGER)?.small()? != 1 {
            return Err(DerError::Value("the token is of an unknown version"));
        }
        let policy = reader.oid()?;
        let mut imprint = reader.expect(der::SEQUENCE)?.reader()?;
        let algorithm = AlgorithmIdentifier::parse(&imprint.expect(der::SEQUENCE)?)?;
        let digest = imprint.expect(der::OCTET_STRING)?.value();
        imprint.finish()?;
        let imprint = match DigestAlgorithm::from_identifier(&algorithm) {
            Some(algorithm) => Some(
                Digest::new(algorithm, digest)
                    .ok_or(DerError::Value("the imprint does not fit its algorithm"))?,
            ),
            None => None,
        };
        let serial = reader.expect(der::INTEGER)?.integer()?.to_vec();
        let gen_time = reader.expect(der::GENERALIZED_TIME)?.time_with_fraction()?;
        let accuracy = match reader.optional(der::SEQUENCE)? {
            Some(tlv) => Accuracy::read(&tlv)?,
            None => Accuracy::default(),
        };
        let ordering = reader
            .optional(der::BOOLEAN)?
            .map_or(Ok(false), |tlv| tlv.boolean())?;
        let nonce = reader
            .optional(der::INTEGER)?
            .map(|tlv| tlv.integer().map(<[u8]>::to_vec))
            .transpose()?;
        let tsa = match reader.optional(der::context(0))? {
            Some(tlv) => {
                let mut inner = tlv.reader()?;
                let name = GeneralName::parse(&inner.read()?)?;
                inner.finish()?;
                Some(name)
            }
            None => None,
        };
        if let Some(tlv) = reader.optional(der::context(1))?
            && raw_extensions(&tlv)?.iter().any(|extension| extension.critical)
        {
            return Err(DerError::Value("a critical extension is unknown"));
        }
        reader.finish()?;
        Ok(Self {
            policy,
            imprint,
            serial,
            gen_time,
            accuracy,
            ordering,
            nonce,
            tsa,
        })
    }
}

impl Accuracy {
    fn read(tlv: &der::Tlv<'_>) -> Result<Self, DerError> {
        let mut reader = tlv.reader()?;
        let seconds = reader.optional(der::INTEGER)?.map_or(Ok(0), |tlv| tlv.small())?;
        let mut thousandths = |number| match reader.optional(der::context_primitive(number))? {
            Some(tlv) => match tlv.small()? {
                value @ 1..=999 => Ok(value),
                _ => Err(DerError::Value("an accuracy is out of bounds")),
            },
            None => Ok(0),
        };
        let (millis, micros) = (thousandths(0)?, thousandths(1)?);
        reader.finish()?;
        Ok(Self {
            seconds,
            millis,
            micros,
        })
    }
}
