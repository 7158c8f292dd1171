//! Timestamp tokens (RFC 3161 §2.4.2, RFC 5816): a SignedData around a TSTInfo.

use sdk_pki::{
    AlgorithmPolicy, Budget, Certificate, Digest, DigestAlgorithm, Evidence, Purpose, Question, Time,
    TrustAnchors, TstInfo, Weakness, oid,
};

use super::error::CmsError;
use super::ess::Binding;
use super::signed_data::SignedData;
use super::verify::{CmsVerdict, Content, Integrity};

/// A timestamp token, read and not yet believed.
#[derive(Debug, Clone)]
pub struct Token {
    signed: SignedData,
    info: TstInfo,
}

/// What is known about a token's cryptography; nothing about trust in the unit.
#[derive(Debug, Clone)]
pub struct TokenVerdict {
    /// Is the token itself intact?
    pub integrity: Integrity,
    /// Was the token made over the data asked about?
    pub covers: bool,
    /// The timestamping unit's certificate.
    pub unit: Option<Certificate>,
    /// How the token names that certificate. RFC 3161 §2.4.2 requires that it does.
    pub binding: Binding,
    signature: CmsVerdict,
    imprint: Option<DigestAlgorithm>,
}

impl TokenVerdict {
    /// The token is intact, covers the data, and is bound to its certificate: if the unit is
    /// trusted at [`Token::gen_time`], the data existed then.
    pub fn is_sound(&self) -> bool {
        self.integrity == Integrity::Intact && self.covers && self.binding != Binding::Absent
    }

    /// Is everything that this rests on believed at this time, the imprint's digest included?
    pub fn strength(&self, policy: &AlgorithmPolicy, at: Time) -> Result<(), Weakness> {
        if let Some(digest) = self.imprint {
            policy.digest(digest, at)?;
        }
        self.signature.strength(policy, at)
    }
}

impl Token {
    /// Reads a token, without a byte too many.
    pub fn parse(bytes: &[u8]) -> Result<Self, CmsError> {
        Self::from_signed(SignedData::parse(bytes)?)
    }

    /// Reads one that zeros may follow: a PDF's document timestamp.
    pub fn parse_padded(bytes: &[u8]) -> Result<Self, CmsError> {
        Self::from_signed(SignedData::parse_padded(bytes)?)
    }

    fn from_signed(signed: SignedData) -> Result<Self, CmsError> {
        let content = signed
            .content()
            .filter(|_| signed.content_type().is(oid::TST_INFO));
        let info = TstInfo::from_der(content.ok_or(CmsError::NotToken)?)?;
        Ok(Self { signed, info })
    }

    /// What the unit says.
    pub fn info(&self) -> &TstInfo {
        &self.info
    }

    /// When the data existed, if the token is to be believed.
    pub fn gen_time(&self) -> Time {
        self.info.gen_time
    }

    /// With which digest the data has to be digested; `None` for one that cannot be computed here.
    pub fn imprint_algorithm(&self) -> Option<DigestAlgorithm> {
        self.info.imprint.as_ref().map(Digest::algorithm)
    }

    /// The signature around it.
    pub fn signed_data(&self) -> &SignedData {
        &self.signed
    }

    /// Judges the integrity, and whether the token is about the data with this digest.
    pub fn verify(&self, data: &Digest, others: &[Certificate]) -> TokenVerdict {
        self.verify_within(data, others, &Budget::new())
    }

    /// The same, as one of many that share a budget.
    pub fn verify_within(&self, data: &Digest, others: &[Certificate], budget: &Budget) -> TokenVerdict {
        let signature = self.signed.verify_within(Content::Embedded, others, budget);
        TokenVerdict {
            integrity: signature.integrity.clone(),
            covers: self.info.imprint.as_ref() == Some(data),
            unit: signature.signer.clone(),
            binding: signature.binding,
            signature,
            imprint: self.imprint_algorithm(),
        }
    }

    /// The question whether the unit is to be believed at the time it states. Give it further
    /// certificates as needed, then ask [`sdk_pki::validate`].
    pub fn question<'a>(
        &'a self,
        anchors: &'a TrustAnchors,
        evidence: &'a Evidence,
        now: Time,
    ) -> Question<'a> {
        Question::new(anchors, self.info.gen_time)
            .now(now)
            .purpose(Purpose::TimeStamping)
            .intermediates(self.signed.certificates())
            .evidence(evidence)
    }
}
