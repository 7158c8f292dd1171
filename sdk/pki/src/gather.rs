//! Asking for what is missing: issuers' certificates, OCSP responses and revocation lists, where certificates say
//! that they are. What comes back is evidence like any other: believed for its signatures alone.

use crate::budget::Budget;
use crate::certificate::Certificate;
use crate::der;
use crate::digest::DigestAlgorithm;
use crate::failure::Reason;
use crate::general_name::GeneralName;
use crate::oid;
use crate::path::{ValidPath, validate};
use crate::purpose::Purpose;
use crate::question::{Asked, Question};
use crate::revocation::{Evidence, Revocation, RevocationStatus};

/// Calls addresses that strangers wrote into certificates: whoever implements it decides which ones, and bounds what
/// comes back in size and time. It waits; in an asynchronous program it belongs on a thread that may.
pub trait Fetch: Send + Sync {
    /// The bytes that are asked for.
    ///
    /// # Errors
    /// Why there are none.
    fn fetch(&self, wanted: &Wanted<'_>) -> Result<Vec<u8>, Unfetched>;
}

/// What is asked for, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// An issuer's certificate (RFC 5280 §4.2.2.1): one in DER or PEM, or CMS with certificates alone.
    Issuer {
        /// Where.
        address: &'a str,
    },
    /// A revocation list (§4.2.1.13).
    List {
        /// Where.
        address: &'a str,
    },
    /// An OCSP response (RFC 6960 Appendix A.1: by POST).
    Answer {
        /// Where.
        address: &'a str,
        /// The OCSPRequest.
        request: &'a [u8],
    },
}

impl Wanted<'_> {
    /// Where.
    pub fn address(&self) -> &str {
        match self {
            Self::Issuer { address } | Self::List { address } | Self::Answer { address, .. } => address,
        }
    }
}

/// Why nothing was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfetched {
    /// Neither http nor https, or with a user name.
    #[error("the address is not fetched from")]
    Address,
    /// The host is, or resolves to, an address that is not on the public internet.
    #[error("the address is not on the public internet")]
    NotPublic,
    /// No answer.
    #[error("nobody answers there")]
    Unreachable,
    /// More redirects than are followed.
    #[error("the server sends us on and on")]
    Redirects,
    /// Another status than 200.
    #[error("the server answers with status {0}")]
    Status(u16),
    /// Longer than is read.
    #[error("the answer is too long")]
    TooLarge,
    /// Later than is waited for.
    #[error("the answer takes too long")]
    TooSlow,
    /// Not what was asked for.
    #[error("the answer is something else")]
    Content,
    /// There were more questions than are asked.
    #[error("too much is asked for")]
    TooMany,
}

/// What was found, beside what the question held already.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// Issuers.
    pub certificates: Vec<Certificate>,
    /// Responses and lists.
    pub evidence: Evidence,
    /// Where nothing was found, and why.
    pub missing: Vec<(String, Unfetched)>,
}

/// Asks for what a question about `leaf` lacks, and for nothing when it lacks nothing: first for issuers, until a path
/// leads to an anchor; then, along that path alone, for the status of each certificate of which nothing is known, from
/// responders before lists. Who leads to no anchor makes us fetch issuers and nothing else.
pub fn gather(leaf: &Certificate, question: &Question<'_>, fetch: &dyn Fetch) -> Gathered {
    let own = Budget::new();
    let question = &question.clone().budget(Asked(question).budget().unwrap_or(&own));
    let mut gathering = Gathering {
        question,
        fetch,
        left: MOST_FETCHES,
        all: question_evidence(question),
        found: Gathered::default(),
    };
    for _ in 0..MOST_LEVELS {
        match gathering.judge(leaf) {
            Err(Some(top)) if gathering.issuers(&top) => {}
            Ok(path) => {
                gathering.statuses(leaf, &path);
                break;
            }
            Err(_) => break,
        }
    }
    gathering.found
}

struct Gathering<'g, 'q> {
    question: &'g Question<'q>,
    fetch: &'g dyn Fetch,
    left: usize,
    /// What the question held, and what was found.
    all: Evidence,
    found: Gathered,
}

fn question_evidence(question: &Question<'_>) -> Evidence {
    Asked(question).evidence().clone()
}

impl Gathering<'_, '_> {
    /// A path, or the certificate whose issuer is not at hand.
    fn judge(&self, leaf: &Certificate) -> Result<ValidPath, Option<Certificate>> {
        let question = self
            .question
            .clone()
            .purpose(Purpose::Any)
            .revocation(Revocation::IfAvailable)
            .intermediates(&self.found.certificates)
            .evidence(&self.all);
        validate(leaf, &question).map_err(|failure| match failure.reason {
            Reason::NoPath => Some(failure.certificate),
            _ => None,
        })
    }

    /// Whether anything was found.
    fn issuers(&mut self, child: &Certificate) -> bool {
        let before = self.found.certificates.len();
        for address in child.extensions().ca_issuers.iter().take(MOST_PLACES) {
            if let Some(bytes) = self.ask(&Wanted::Issuer { address }) {
                let found = certificates_in(&bytes);
                if found.is_empty() {
                    self.note(address, Unfetched::Content);
                }
                let found = found.into_iter().filter(|c| c.subject() == child.issuer());
                let found: Vec<_> = found.filter(|c| !self.found.certificates.contains(c)).collect();
                self.found.certificates.extend(found);
            }
            if self.found.certificates.len() > before {
                return true;
            }
        }
        false
    }

    fn statuses(&mut self, leaf: &Certificate, path: &ValidPath) {
        let issuers = path.certificates.iter().skip(1);
        let issuers = issuers.chain(std::iter::once(path.anchor.certificate()));
        for (depth, (certificate, issuer)) in path.certificates.iter().zip(issuers).enumerate() {
            if certificate != issuer && !self.is_known(leaf, depth) {
                self.status(leaf, depth, certificate, issuer);
            }
        }
    }

    /// Good, or so bad that the path no longer holds.
    fn is_known(&self, leaf: &Certificate, depth: usize) -> bool {
        self.judge(leaf).map_or(true, |path| {
            matches!(path.statuses.get(depth), Some(RevocationStatus::Good { .. }))
        })
    }

    fn status(&mut self, leaf: &Certificate, depth: usize, certificate: &Certificate, issuer: &Certificate) {
        let request = ocsp_request(certificate, issuer);
        for address in certificate.extensions().ocsp.iter().take(MOST_PLACES) {
            let request = &request;
            let Some(bytes) = self.ask(&Wanted::Answer { address, request }) else {
                continue;
            };
            if self.found.evidence.add_ocsp(&bytes).is_err() {
                self.note(address, Unfetched::Content);
            }
            self.all.ocsp.extend(self.found.evidence.ocsp.last().cloned());
            if self.is_known(leaf, depth) {
                return;
            }
        }
        let points = &certificate.extensions().crl_distribution_points;
        let addresses = points.iter().flat_map(|point| &point.names);
        let addresses = addresses.filter_map(|name| match name {
            GeneralName::Uri(address) if address.starts_with("http") => Some(address),
            _ => None,
        });
        for address in addresses.take(MOST_PLACES) {
            let Some(bytes) = self.ask(&Wanted::List { address }) else {
                continue;
            };
            if self.found.evidence.add_crl(&bytes).is_err() {
                self.note(address, Unfetched::Content);
            }
            self.all.crls.extend(self.found.evidence.crls.last().cloned());
            if self.is_known(leaf, depth) {
                return;
            }
        }
    }

    fn ask(&mut self, wanted: &Wanted<'_>) -> Option<Vec<u8>> {
        let answer = match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                self.fetch.fetch(wanted)
            }
            None => Err(Unfetched::TooMany),
        };
        answer.map_err(|why| self.note(wanted.address(), why)).ok()
    }

    fn note(&mut self, address: &str, why: Unfetched) {
        self.found.missing.push((address.to_owned(), why));
    }
}

/// RFC 6960 §4.1.1, about one certificate. Named by SHA-1, as RFC 5019 §2.1.1 has it and every responder understands;
/// nothing is believed for this digest. Without a nonce: what comes back is judged by its dates.
fn ocsp_request(certificate: &Certificate, issuer: &Certificate) -> Vec<u8> {
    let sequence = |parts: &[Vec<u8>]| der::encode(der::SEQUENCE, &parts.concat());
    let digest = |bytes: &[u8]| der::encode(der::OCTET_STRING, DigestAlgorithm::Sha1.of(bytes).bytes());
    let id = sequence(&[
        sequence(&[der::encode(der::OID, oid::SHA1), vec![der::NULL, 0]]),
        digest(issuer.subject().der()),
        digest(issuer.public_key().octets()),
        der::encode(der::INTEGER, certificate.serial()),
    ]);
    sequence(&[sequence(&[sequence(&[sequence(&[id])])])])
}

/// RFC 5280 §4.2.2.1: one certificate, or CMS that holds nothing else (RFC 5652 §5.1); PEM as some serve it.
fn certificates_in(bytes: &[u8]) -> Vec<Certificate> {
    if let Ok(one) = Certificate::from_der(bytes) {
        return vec![one];
    }
    if let Some(text) = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.contains("-----BEGIN"))
    {
        return Certificate::from_pem(text).unwrap_or_default();
    }
    let read = || -> Result<Vec<Certificate>, der::DerError> {
        let mut outer = der::whole(bytes, der::SEQUENCE)?.reader()?;
        if !outer.oid()?.is(oid::CMS_SIGNED_DATA) {
            return Ok(Vec::new());
        }
        let mut inner = outer.expect(der::context(0))?.inner(der::SEQUENCE)?.reader()?;
        inner.expect(der::INTEGER)?;
        inner.expect(der::SET)?;
        inner.expect(der::SEQUENCE)?;
        let set = inner.expect(der::context(0))?;
        let elements = set.elements()?;
        let certificates = elements.iter().take(MOST_CERTIFICATES);
        Ok(certificates
            .filter_map(|tlv| Certificate::from_der(tlv.raw()).ok())
            .collect())
    };
    read().unwrap_or_default()
}

/// Own choice, as are all below: two or three authorities stand above a signer.
const MOST_LEVELS: usize = 6;
/// An authority names one or two places for each kind.
const MOST_PLACES: usize = 2;
/// Issuers, responders and lists of a path of four, each at its second place.
const MOST_FETCHES: usize = 16;
const MOST_CERTIFICATES: usize = 16;
