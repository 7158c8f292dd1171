//! Countersignatures (RFC 5652 §11.4): whether one that came along is about the signature that bears it. They are
//! unsigned attributes, which anyone may exchange: one of another signature says nothing of this one. Who made one is
//! not judged here.

use sdk_pki::der::{self, Rules, Tlv};
use sdk_pki::{AlgorithmIdentifier, DigestAlgorithm, oid};

use super::attributes::Attributes;
use super::error::{CmsError, Irregularity};
use super::signer_info::SignerInfo;

impl SignerInfo {
    /// What is to be said of the countersignatures that came along.
    pub(super) fn countersignatures(&self, rules: Rules) -> impl Iterator<Item = Irregularity> {
        let values = self.unsigned_attributes().values(oid::COUNTERSIGNATURE);
        values.take(MAX_COUNTERSIGNATURES).map(move |value| {
            let own = self
                .unsigned_attributes()
                .reader(value)
                .expect(der::SEQUENCE)
                .map_err(CmsError::from)
                .and_then(|info| is_about(&info, self.signature(), rules));
            match own {
                Ok(true) => Irregularity::Countersigned,
                Ok(false) | Err(_) => Irregularity::Countersignature,
            }
        })
    }
}

/// Its messageDigest is over the value of the signature, or it has no signed attributes and only its own value could
/// tell.
fn is_about(info: &Tlv<'_>, signature: &[u8], rules: Rules) -> Result<bool, CmsError> {
    let mut reader = info.reader()?;
    reader.expect(der::INTEGER)?;
    reader.read()?;
    let digest = AlgorithmIdentifier::parse(&reader.expect(der::SEQUENCE)?)?;
    let Some(set) = reader.optional(der::context(0))? else {
        return Ok(true);
    };
    let attributes = Attributes::read(&set, rules)?;
    attributes.refuse_duplicates()?;
    let value = attributes
        .single(oid::MESSAGE_DIGEST, "messageDigest")?
        .ok_or(CmsError::Attribute("messageDigest"))?;
    let stated = attributes.reader(value).octets()?;
    let over = DigestAlgorithm::from_identifier(&digest).map(|digest| digest.of(signature));
    Ok(over.is_none_or(|over| over.bytes() == &*stated))
}

/// A secretary's and a superior's are two; each costs a digest of a few hundred bytes.
const MAX_COUNTERSIGNATURES: usize = 16;
