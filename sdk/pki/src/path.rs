//! Finding a path from a certificate to a trust anchor (RFC 4158), with bounded work.

use crate::Time;
use crate::algorithm::{AlgorithmIdentifier, SignatureAlgorithm, SignatureError};
use crate::anchors::TrustAnchor;
use crate::budget::Budget;
use crate::certificate::Certificate;
use crate::crl::{Crl, CrlEntry};
use crate::effort::Effort;
use crate::failure::{Reason, ValidationFailure};
use crate::key::PublicKey;
use crate::ocsp::OcspResponse;
use crate::oid::Oid;
use crate::purpose::Purpose;
use crate::question::{Asked, Question};
use crate::revocation::{Revocation, RevocationStatus};
use crate::rfc5280;

/// A path that passed every check.
#[derive(Debug, Clone)]
pub struct ValidPath {
    /// From the certificate asked about up to the one that the anchor signed.
    pub certificates: Vec<Certificate>,
    /// Where it ends.
    pub anchor: TrustAnchor,
    /// What evidence says about each certificate, in the same order.
    pub statuses: Vec<RevocationStatus>,
    /// RFC 5280 §6.1.6: the certificate policies that hold; anyPolicy stands for all.
    pub policies: Vec<Oid>,
}

impl ValidPath {
    /// The weakest of all statuses: good only when every certificate is known to be.
    pub fn revocation(&self) -> RevocationStatus {
        let unknown = self
            .statuses
            .iter()
            .find(|status| matches!(status, RevocationStatus::Unknown));
        *unknown
            .or(self.statuses.first())
            .unwrap_or(&RevocationStatus::Unknown)
    }
}

/// Looks for a valid path from `leaf` to one of the anchors.
///
/// # Errors
/// No path is valid. The one that came furthest says why.
pub fn validate(leaf: &Certificate, question: &Question<'_>) -> Result<ValidPath, ValidationFailure> {
    let asked = Asked(question);
    let own = Budget::new();
    let mut search = Search {
        question: asked,
        budget: asked.budget().unwrap_or(&own),
        signatures: 0,
        steps: 0,
        nesting: 0,
        given_up: false,
    };
    let found = search.run(leaf, asked.ask());
    if search.given_up {
        // Evidence may be among what was not looked at, and speak against the path that was found.
        return Err(ValidationFailure {
            reason: Reason::WorkLimit,
            certificate: leaf.clone(),
            is_leaf: true,
        });
    }
    found
}

/// One search: the whole question, or a smaller one about the signer of evidence.
#[derive(Clone, Copy)]
pub(crate) struct Ask {
    pub purpose: Purpose,
    pub at: Time,
    /// How much evidence is asked for; `None` not to look at any.
    pub revocation: Option<Revocation>,
}

/// The state of one validation: what was spent, and what is already known.
pub(crate) struct Search<'q> {
    pub question: Asked<'q>,
    budget: &'q Budget,
    signatures: u32,
    steps: u32,
    nesting: u8,
    given_up: bool,
}

/// The failure of the path that came furthest.
struct Furthest(u8, Option<ValidationFailure>);

impl Furthest {
    fn note(&mut self, rank: u8, failure: ValidationFailure) {
        if self.1.is_none() || rank > self.0 {
            *self = Self(rank, Some(failure));
        }
    }
}

impl Search<'_> {
    fn run(&mut self, leaf: &Certificate, ask: Ask) -> Result<ValidPath, ValidationFailure> {
        let mut furthest = Furthest(0, None);
        let mut chain = vec![leaf.clone()];
        match self.extend(&mut chain, ask, &mut furthest) {
            Some(path) => Ok(path),
            None => Err(furthest.1.unwrap_or_else(|| ValidationFailure {
                reason: Reason::NoPath,
                certificate: leaf.clone(),
                is_leaf: true,
            })),
        }
    }

    /// Does the signer of some evidence lead to the same anchors, not revoked as far as is known?
    /// Evidence about evidence ends at [`MAX_NESTING`]: the two may vouch for each other.
    pub(crate) fn leads_to_anchor(&mut self, signer: &Certificate, purpose: Purpose, at: Time) -> bool {
        let revocation = (self.nesting < MAX_NESTING).then_some(Revocation::IfAvailable);
        self.nesting = self.nesting.saturating_add(1);
        let found = self
            .run(
                signer,
                Ask {
                    purpose,
                    at,
                    revocation,
                },
            )
            .is_ok();
        self.nesting = self.nesting.saturating_sub(1);
        found
    }

    /// Depth first: anchors, then intermediates, those whose key identifier fits first.
    fn extend(
        &mut self,
        chain: &mut Vec<Certificate>,
        ask: Ask,
        furthest: &mut Furthest,
    ) -> Option<ValidPath> {
        let top = chain.last()?.clone();
        let is_leaf = chain.len() == 1;
        let fail = |reason| ValidationFailure {
            reason,
            certificate: top.clone(),
            is_leaf,
        };
        self.steps = self.steps.saturating_add(1);
        self.given_up |= self.steps > MAX_STEPS;
        let question = self.question;
        let names = question.anchors().iter().len();
        let names = names.saturating_add(question.all_intermediates().count());
        if !self.spend(Effort::comparisons(names)) || chain.len() > MAX_PATH {
            furthest.note(RANK_BROKEN, fail(Reason::WorkLimit));
            return None;
        }
        for anchor in question.anchors().iter() {
            let is_anchor = *anchor.certificate() == top;
            if !is_anchor && anchor.name() != top.issuer() {
                continue;
            }
            if !is_anchor && let Err(reason) = self.may_be_signed_by(&top, anchor.certificate()) {
                furthest.note(rank(&reason), fail(reason));
                continue;
            }
            if !anchor.vouches(ask.purpose, question.about()) {
                furthest.note(RANK_COMPLETE, fail(Reason::NotGranted));
                continue;
            }
            match rfc5280::path(self, chain, anchor, ask) {
                Ok(path) => {
                    question.anchors().memory().keep(chain, anchor.certificate());
                    return Some(path);
                }
                Err(failure) => furthest.note(RANK_COMPLETE, failure),
            }
        }
        for candidate in candidates(question, &top) {
            if chain.iter().any(|other| same_entity(other, candidate)) {
                continue;
            }
            if let Err(reason) = self.may_be_signed_by(&top, candidate) {
                furthest.note(rank(&reason), fail(reason));
                continue;
            }
            chain.push(candidate.clone());
            let found = self.extend(chain, ask, furthest);
            chain.pop();
            if found.is_some() {
                return found;
            }
        }
        furthest.note(RANK_NO_PATH, fail(Reason::NoPath));
        None
    }

    /// A key without parameters verifies nothing before the path above it is known; then [`rfc5280::path`] asks.
    fn may_be_signed_by(&mut self, child: &Certificate, parent: &Certificate) -> Result<(), Reason> {
        if parent.public_key().lacks_parameters() {
            return Ok(());
        }
        self.is_signed_by(child, parent)
    }

    /// Did `parent` sign `child`? Asked once for each pair.
    pub(crate) fn is_signed_by(&mut self, child: &Certificate, parent: &Certificate) -> Result<(), Reason> {
        if let Some(known) = self.budget.known().certificates.of(child, parent) {
            return known;
        }
        if !self.spend_signature(
            child.signature_algorithm(),
            parent.public_key(),
            child.tbs().len(),
        ) {
            return Err(Reason::WorkLimit);
        }
        // Paid for above all the same: what is known makes an answer faster, not different.
        let result = if self.question.anchors().memory().knows(child, parent) {
            Ok(())
        } else {
            child.verify_signed_by(parent.public_key())
        };
        let result = result.map_err(|error| match error {
            SignatureError::Unsupported(what) => Reason::Unsupported(what),
            // Another key under the same name is nobody's forgery: just not the issuer.
            SignatureError::Invalid | SignatureError::Mismatch if fit(child, parent) == Fit::Other => {
                Reason::NoPath
            }
            SignatureError::Invalid | SignatureError::Mismatch => Reason::BadSignature,
        });
        self.budget
            .known()
            .certificates
            .learn(child, parent, result.clone());
        result
    }

    /// Was the signer of evidence valid when it was made and when it is judged? An anchor always is.
    pub(crate) fn is_within_or_anchor(&self, signer: &Certificate, made: Time, at: Time) -> bool {
        is_within(signer, made, at)
            || self
                .question
                .anchors()
                .iter()
                .any(|anchor| anchor.certificate() == signer)
    }

    /// Did `signer` sign this list? Asked once for each pair.
    pub(crate) fn list_is_signed_by(&mut self, list: &Crl, signer: &Certificate) -> bool {
        if let Some(known) = self.budget.known().lists.of(list, signer) {
            return known;
        }
        let (algorithm, key) = (list.signature_algorithm(), signer.public_key());
        if !self.spend_signature(algorithm, key, list.der().len()) {
            return false;
        }
        let result = list.verify_signed_by(key).is_ok();
        self.budget.known().lists.learn(list, signer, result);
        result
    }

    /// Did `signer` sign this response? Asked once for each pair.
    pub(crate) fn response_is_signed_by(&mut self, response: &OcspResponse, signer: &Certificate) -> bool {
        if let Some(known) = self.budget.known().responses.of(response, signer) {
            return known;
        }
        let (algorithm, key) = (response.signature_algorithm(), signer.public_key());
        if !self.spend_signature(algorithm, key, response.der().len()) {
            return false;
        }
        let result = response.verify_signed_by(key).is_ok();
        self.budget.known().responses.learn(response, signer, result);
        result
    }

    /// What a list says of a certificate, read once; none when it cannot be read.
    pub(crate) fn entry(&mut self, list: &Crl, certificate: &Certificate) -> Option<Option<CrlEntry>> {
        if let Some(known) = self.budget.known().entries.of(list, certificate) {
            return known;
        }
        if !self.spend(Effort::entries(list.entry_octets())) {
            return None;
        }
        let entry = list.entry(certificate.issuer(), certificate.serial()).ok();
        self.budget
            .known()
            .entries
            .learn(list, certificate, entry.clone());
        entry
    }

    /// Pays for one more signature, if that can still be done.
    pub(crate) fn spend_signature(
        &mut self,
        algorithm: &AlgorithmIdentifier,
        key: &PublicKey,
        octets: usize,
    ) -> bool {
        self.signatures = self.signatures.saturating_add(1);
        self.given_up |= self.signatures > MAX_SIGNATURES;
        // What cannot be checked costs nothing but the look at it.
        let effort = SignatureAlgorithm::from_identifier(algorithm)
            .map_or(Effort::comparisons(1), |algorithm| {
                Effort::signature(algorithm, key, octets)
            });
        self.spend(effort)
    }

    /// Pays for other work, if that can still be done. Otherwise the whole search is given up.
    pub(crate) fn spend(&mut self, effort: Effort) -> bool {
        self.given_up |= self.budget.spend(effort).is_err();
        !self.given_up
    }
}

/// Valid when evidence was made and when it is judged.
pub(crate) fn is_within(signer: &Certificate, made: Time, at: Time) -> bool {
    signer.not_before() <= made && at <= signer.not_after()
}

/// Those named as the issuer, the ones with the fitting key identifier first (RFC 4158 §3.5.12).
fn candidates<'q>(question: Asked<'q>, child: &Certificate) -> Vec<&'q Certificate> {
    let named = question
        .all_intermediates()
        .filter(|candidate| candidate.subject() == child.issuer());
    let mut named: Vec<&Certificate> = named.collect();
    named.sort_by_key(|candidate| fit(child, candidate));
    named
}

/// Does the key identifier that a certificate gives for its issuer fit?
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Same,
    Unsaid,
    Other,
}

fn fit(child: &Certificate, parent: &Certificate) -> Fit {
    let authority = child.extensions().authority_key_id.as_ref();
    let wanted = authority.and_then(|id| id.key_id.as_ref());
    match (wanted, &parent.extensions().subject_key_id) {
        (Some(wanted), Some(own)) if wanted == own => Fit::Same,
        (Some(_), Some(_)) => Fit::Other,
        _ => Fit::Unsaid,
    }
}

/// RFC 4158 §2.4.2: the same name and key twice in a path is a loop, whatever certificate they
/// came in.
fn same_entity(one: &Certificate, two: &Certificate) -> bool {
    one.subject() == two.subject() && one.public_key() == two.public_key()
}

fn rank(reason: &Reason) -> u8 {
    match reason {
        Reason::NoPath => RANK_NO_PATH,
        _ => RANK_BROKEN,
    }
}

const RANK_NO_PATH: u8 = 0;
const RANK_BROKEN: u8 = 1;
const RANK_COMPLETE: u8 = 2;

/// NSS's bound (`CERT_MAX_CERT_CHAIN`); national hierarchies have two to four levels.
pub const MAX_PATH: usize = 20;

/// rustls-webpki's budget of signatures for one path search; a document's questions have a [`Budget`] together.
pub const MAX_SIGNATURES: u32 = 100;

/// A list's signer, and the signer of the list about it: RFC 5280 §6.3.3 f asks for no more.
const MAX_NESTING: u8 = 2;

/// A tenth of rustls-webpki's budget would still take milliseconds; no honest set needs a hundred.
const MAX_STEPS: u32 = 1_000;
