//! Is a signature intact: was exactly this content signed by the key of exactly this certificate?

use sdk_pki::der::{self, DerError};
use sdk_pki::{
    AlgorithmIdentifier, AlgorithmPolicy, Budget, Certificate, Digest, DigestAlgorithm, Effort, Exhausted,
    SignatureAlgorithm, SignatureError, SubIndication, Time, Weakness, oid,
};

use super::attributes::Attributes;
use super::ess::{Binding, Named};
use super::signed_data::SignedData;
use super::signer_info::{Signed, SignerInfo};

/// What the signature is checked against.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// Content outside, of which this is the digest by [`SignedData::digest_algorithm`].
    Detached(&'a Digest),
    /// The content inside.
    Embedded,
}

/// What is known about the cryptography; nothing about trust.
#[derive(Debug, Clone)]
pub struct CmsVerdict {
    /// Intact, broken or unknown.
    pub integrity: Integrity,
    /// The certificate that the signature names, whatever the integrity.
    pub signer: Option<Certificate>,
    /// How it names it.
    pub binding: Binding,
    /// With which algorithm it is signed, when that can be checked here.
    pub signature_algorithm: Option<SignatureAlgorithm>,
    /// With which digest the content was digested, when that can be computed here.
    pub digest_algorithm: Option<DigestAlgorithm>,
}

impl CmsVerdict {
    /// Is everything that the integrity rests on believed at this time: the digest of the content,
    /// the signature's algorithm and key? Not the digest that names the certificate: to abuse it
    /// takes a second preimage, and SHA-1 there is what timestamps had for decades (RFC 5816).
    pub fn strength(&self, policy: &AlgorithmPolicy, at: Time) -> Result<(), Weakness> {
        if let Some(digest) = self.digest_algorithm {
            policy.digest(digest, at)?;
        }
        if let (Some(algorithm), Some(signer)) = (self.signature_algorithm, &self.signer) {
            policy.signature(algorithm, signer.public_key(), at)?;
        }
        Ok(())
    }
}

/// Exactly this content was signed, or not, or that cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Integrity {
    /// Signed by the key of the signer's certificate, and unchanged.
    Intact,
    /// Certainly not.
    Broken(Breakage),
    /// It cannot be told here.
    Unknown(Doubt),
}

/// Why a signature is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakage {
    /// The content is not what was signed.
    Content,
    /// The signature value does not verify.
    Signature,
    /// The signed attribute contentType says something else than what is there (RFC 5652 §11.1).
    ContentType,
    /// The digest algorithms of signer and signature contradict each other (RFC 5754 §3, RFC 6211).
    Algorithms,
    /// The signing-certificate attribute names another certificate, or is malformed.
    Certificate,
}

/// Why it cannot be told whether a signature is intact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// The signer's certificate is not at hand.
    NoCertificate,
    /// Something that cannot be checked here.
    Unsupported(String),
    /// The content is neither inside nor given.
    NoContent,
    /// It is both.
    TwoContents,
    /// What the document may cost is spent.
    TooMuchWork,
}

impl Integrity {
    /// EN 319 102-1 §5.2: what this means; `None` when intact.
    pub fn sub_indication(&self) -> Option<SubIndication> {
        Some(match self {
            Self::Intact => return None,
            Self::Broken(Breakage::Content) => SubIndication::HashFailure,
            Self::Broken(Breakage::Signature) => SubIndication::SigCryptoFailure,
            Self::Broken(Breakage::ContentType | Breakage::Algorithms) => SubIndication::FormatFailure,
            Self::Broken(Breakage::Certificate) => SubIndication::SigConstraintsFailure,
            Self::Unknown(Doubt::NoCertificate) => SubIndication::NoSigningCertificateFound,
            Self::Unknown(Doubt::Unsupported(_)) => SubIndication::CryptoConstraintsFailure,
            Self::Unknown(Doubt::NoContent) => SubIndication::SignedDataNotFound,
            Self::Unknown(Doubt::TwoContents) => SubIndication::FormatFailure,
            Self::Unknown(Doubt::TooMuchWork) => SubIndication::SigConstraintsFailure,
        })
    }

    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Intact => "intact",
            Self::Broken(Breakage::Content) => "content_changed",
            Self::Broken(Breakage::Signature) => "signature_invalid",
            Self::Broken(Breakage::ContentType) => "content_type_mismatch",
            Self::Broken(Breakage::Algorithms) => "digest_algorithm_mismatch",
            Self::Broken(Breakage::Certificate) => "signing_certificate_mismatch",
            Self::Unknown(Doubt::NoCertificate) => "signer_certificate_missing",
            Self::Unknown(Doubt::Unsupported(_)) => "algorithm_unsupported",
            Self::Unknown(Doubt::NoContent) => "content_missing",
            Self::Unknown(Doubt::TwoContents) => "cms_encapsulates",
            Self::Unknown(Doubt::TooMuchWork) => "too_many_checks",
        }
    }
}

/// A check passed, or this is the answer.
type Check<T = ()> = Result<T, Integrity>;

impl SignedData {
    /// Judges the integrity. `others` are certificates found elsewhere (a document security store)
    /// among which the signer's may be.
    pub fn verify(&self, content: Content<'_>, others: &[Certificate]) -> CmsVerdict {
        self.verify_within(content, others, &Budget::new())
    }

    /// The same, as one of many that share a budget.
    pub fn verify_within(&self, content: Content<'_>, others: &[Certificate], budget: &Budget) -> CmsVerdict {
        let signer = self.signer();
        let named = match signer.signed_attributes().map(Named::read) {
            Some(Ok(named)) => Some(named),
            Some(Err(_)) => return broken_attributes(signer),
            None => None,
        };
        let certificate = find_signer(signer, named.as_ref(), [self.certificates(), others], budget);
        let integrity = match &certificate {
            Some(certificate) => match self.check(content, certificate, named.as_ref(), budget) {
                Ok(()) => Integrity::Intact,
                Err(answer) => answer,
            },
            None if budget.is_exhausted() => Integrity::Unknown(Doubt::TooMuchWork),
            None => Integrity::Unknown(Doubt::NoCertificate),
        };
        CmsVerdict {
            integrity,
            binding: named.map_or(Binding::Absent, |named| named.binding()),
            signature_algorithm: signature_algorithm(signer).ok(),
            digest_algorithm: self.digest_algorithm(),
            signer: certificate,
        }
    }

    /// RFC 5652 §5.4 and §5.6, RFC 5035 §3, RFC 6211 §3, in this order.
    fn check(
        &self,
        content: Content<'_>,
        certificate: &Certificate,
        named: Option<&Named>,
        budget: &Budget,
    ) -> Check {
        let signer = self.signer();
        let algorithm = signature_algorithm(signer)?;
        match &signer.signed {
            Some(signed) => {
                content_type_is_signed(signed, self)?;
                content_is_signed(signed, &self.digest_of(content)?)?;
                algorithms_are_protected(&signed.attributes, signer)?;
                let forms = signed.attributes.signed_forms();
                for form in &forms {
                    pay(budget, algorithm, certificate, form.len())?;
                }
                attributes_are_signed(&forms, algorithm, certificate, signer.signature())?;
            }
            None => {
                let octets = self.content().map_or(0, <[u8]>::len);
                pay(budget, algorithm, certificate, octets)?;
                if matches!(content, Content::Detached(_)) {
                    budget
                        .spend(Effort::over_digest(certificate.public_key()))
                        .map_err(spent)?;
                }
                self.content_is_signed_directly(content, algorithm, certificate)?;
            }
        }
        match named.map(|named| named.is(certificate)) {
            None | Some(Some(true)) => self.one_content(content),
            Some(Some(false)) => Err(Integrity::Broken(Breakage::Certificate)),
            Some(None) => Err(Integrity::Unknown(Doubt::Unsupported(
                "the digest of the signing certificate".to_owned(),
            ))),
        }
    }

    /// RFC 5652 §5.2: the content is inside, or elsewhere. When it is both, nobody knows which was signed.
    fn one_content(&self, content: Content<'_>) -> Check {
        match (content, self.content()) {
            (Content::Detached(_), Some(_)) => Err(Integrity::Unknown(Doubt::TwoContents)),
            _ => Ok(()),
        }
    }

    /// RFC 5652 §5.4, second paragraph: without signed attributes the content itself is signed.
    fn content_is_signed_directly(
        &self,
        content: Content<'_>,
        algorithm: SignatureAlgorithm,
        certificate: &Certificate,
    ) -> Check {
        let (key, signature) = (certificate.public_key(), self.signer().signature());
        match (content, self.content()) {
            // Signed attributes could be stripped and passed off as the content they signed.
            (Content::Embedded, Some(bytes)) if Attributes::are_in(bytes) => {
                Err(Integrity::Broken(Breakage::ContentType))
            }
            (Content::Embedded, Some(bytes)) => algorithm.verify(key, bytes, signature).map_err(answer),
            (Content::Embedded, None) => Err(Integrity::Unknown(Doubt::NoContent)),
            (Content::Detached(_), _) => algorithm
                .verify_digest(key, &self.digest_of(content)?, signature)
                .map_err(answer),
        }
    }

    fn digest_of(&self, content: Content<'_>) -> Check<Digest> {
        let Some(algorithm) = self.digest_algorithm() else {
            let what = format!("digest algorithm {}", self.signer().digest_algorithm().oid());
            return Err(Integrity::Unknown(Doubt::Unsupported(what)));
        };
        match content {
            Content::Detached(digest) if digest.algorithm() == algorithm => Ok(digest.clone()),
            Content::Detached(_) => Err(Integrity::Unknown(Doubt::NoContent)),
            Content::Embedded => {
                let bytes = self.content().ok_or(Integrity::Unknown(Doubt::NoContent))?;
                Ok(algorithm.of(bytes))
            }
        }
    }
}

fn broken_attributes(signer: &SignerInfo) -> CmsVerdict {
    CmsVerdict {
        integrity: Integrity::Broken(Breakage::Certificate),
        signer: None,
        binding: Binding::Absent,
        signature_algorithm: signature_algorithm(signer).ok(),
        digest_algorithm: None,
    }
}

/// The certificate that the signer identifier names; among several, the one that the
/// signing-certificate attribute means.
fn find_signer(
    signer: &SignerInfo,
    named: Option<&Named>,
    [own, others]: [&[Certificate]; 2],
    budget: &Budget,
) -> Option<Certificate> {
    let count = own.len().saturating_add(others.len());
    budget.spend(Effort::comparisons(count)).ok()?;
    let fitting = || {
        own.iter()
            .chain(others)
            .filter(|certificate| signer.id().names(certificate))
    };
    let Some(named) = named else {
        return fitting().next().cloned();
    };
    for certificate in fitting() {
        // Digested, each of those that have the same names.
        budget.spend(Effort::digest(certificate.der().len())).ok()?;
        if named.is(certificate) == Some(true) {
            return Some(certificate.clone());
        }
    }
    fitting().next().cloned()
}

/// For one signature, before it is checked.
fn pay(budget: &Budget, algorithm: SignatureAlgorithm, certificate: &Certificate, octets: usize) -> Check {
    let effort = Effort::signature(algorithm, certificate.public_key(), octets);
    budget.spend(effort).map_err(spent)
}

fn spent(_: Exhausted) -> Integrity {
    Integrity::Unknown(Doubt::TooMuchWork)
}

fn signature_algorithm(signer: &SignerInfo) -> Check<SignatureAlgorithm> {
    let digest = DigestAlgorithm::from_identifier(signer.digest_algorithm());
    // RFC 8419 §3.1: Ed25519 brings its own digest.
    SignatureAlgorithm::with_digest(signer.signature_algorithm(), digest).map_err(|error| match error {
        SignatureError::Unsupported(what) => Integrity::Unknown(Doubt::Unsupported(what)),
        SignatureError::Mismatch | SignatureError::Invalid => Integrity::Broken(Breakage::Algorithms),
    })
}

/// RFC 5652 §11.1.
fn content_type_is_signed(signed: &Signed, data: &SignedData) -> Check {
    if signed.content_type == *data.content_type() {
        Ok(())
    } else {
        Err(Integrity::Broken(Breakage::ContentType))
    }
}

/// RFC 5652 §11.2.
fn content_is_signed(signed: &Signed, digest: &Digest) -> Check {
    if signed.message_digest == digest.bytes() {
        Ok(())
    } else {
        Err(Integrity::Broken(Breakage::Content))
    }
}

/// RFC 6211 §3: when the signer protects the algorithms, they are those.
fn algorithms_are_protected(attributes: &Attributes, signer: &SignerInfo) -> Check {
    let Some(value) = attributes.values(oid::CMS_ALGORITHM_PROTECTION).next() else {
        return Ok(());
    };
    let read = || -> Result<_, DerError> {
        let mut reader = attributes.reader(value).expect(der::SEQUENCE)?.reader()?;
        let digest = AlgorithmIdentifier::parse(&reader.expect(der::SEQUENCE)?)?;
        let signature = reader
            .optional(der::context(1))?
            .map(|tlv| AlgorithmIdentifier::parse(&tlv))
            .transpose()?;
        Ok((digest, signature))
    };
    let same = |one: &AlgorithmIdentifier, two: &AlgorithmIdentifier| {
        let parameters = |id: &AlgorithmIdentifier| {
            id.parameters()
                .filter(|bytes| *bytes != [der::NULL, 0])
                .map(<[u8]>::to_vec)
        };
        one.oid() == two.oid() && parameters(one) == parameters(two)
    };
    match read() {
        Ok((digest, Some(signature)))
            if same(&digest, signer.digest_algorithm()) && same(&signature, signer.signature_algorithm()) =>
        {
            Ok(())
        }
        _ => Err(Integrity::Broken(Breakage::Algorithms)),
    }
}

/// RFC 5652 §5.4.
fn attributes_are_signed(
    forms: &[Vec<u8>],
    algorithm: SignatureAlgorithm,
    certificate: &Certificate,
    signature: &[u8],
) -> Check {
    let mut result = Err(SignatureError::Invalid);
    for form in forms {
        result = algorithm.verify(certificate.public_key(), form, signature);
        if result.is_ok() {
            break;
        }
    }
    result.map_err(answer)
}

fn answer(error: SignatureError) -> Integrity {
    match error {
        SignatureError::Invalid | SignatureError::Mismatch => Integrity::Broken(Breakage::Signature),
        SignatureError::Unsupported(what) => Integrity::Unknown(Doubt::Unsupported(what)),
    }
}
