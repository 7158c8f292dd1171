//! The question: everything that a validation depends on.

use crate::Time;
use crate::algorithm::{AlgorithmIdentifier, SignatureAlgorithm};
use crate::anchors::TrustAnchors;
use crate::budget::Budget;
use crate::certificate::Certificate;
use crate::key::PublicKey;
use crate::path::Ask;
use crate::policies::PolicyInputs;
use crate::purpose::Purpose;
use crate::revocation::{Evidence, Revocation};
use crate::strength::AlgorithmPolicy;

/// Everything that a validation depends on.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    anchors: &'a TrustAnchors,
    at: Time,
    now: Time,
    evidence_known_at: Option<Time>,
    purpose: Purpose,
    intermediates: Vec<&'a [Certificate]>,
    evidence: &'a Evidence,
    revocation: Revocation,
    algorithms: AlgorithmPolicy,
    policies: PolicyInputs,
    budget: Option<&'a Budget>,
}

impl<'a> Question<'a> {
    /// Is it believed at this time, by whoever trusts these anchors?
    pub fn new(anchors: &'a TrustAnchors, at: Time) -> Self {
        static NONE: Evidence = Evidence {
            crls: Vec::new(),
            ocsp: Vec::new(),
        };
        Self {
            anchors,
            at,
            now: at,
            evidence_known_at: None,
            purpose: Purpose::default(),
            intermediates: Vec::new(),
            evidence: &NONE,
            revocation: Revocation::default(),
            algorithms: AlgorithmPolicy::default(),
            policies: PolicyInputs::default(),
            budget: None,
        }
    }

    /// When the question is about the past: the present. Evidence made in between is used.
    pub fn now(mut self, now: Time) -> Self {
        self.now = now.max(self.at);
        self
    }

    /// When something proves that the evidence existed already: a timestamp over it. Its signers are
    /// judged then; otherwise now, since a key that outlived its certificate could sign any date
    /// (EN 319 102-1 §5.6.2.2).
    pub fn evidence_known_at(mut self, proven: Time) -> Self {
        self.evidence_known_at = Some(proven);
        self
    }

    /// For what. By default for signing documents.
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// Certificates that may lie in between, in any order; nothing about them is believed. May be
    /// given several times.
    pub fn intermediates(mut self, certificates: &'a [Certificate]) -> Self {
        self.intermediates.push(certificates);
        self
    }

    /// Revocation lists and responses.
    pub fn evidence(mut self, evidence: &'a Evidence) -> Self {
        self.evidence = evidence;
        self
    }

    /// How much evidence is asked for. By default what is at hand.
    pub fn revocation(mut self, revocation: Revocation) -> Self {
        self.revocation = revocation;
        self
    }

    /// Which algorithms are believed until when.
    pub fn algorithms(mut self, algorithms: AlgorithmPolicy) -> Self {
        self.algorithms = algorithms;
        self
    }

    /// What this and all other questions about one document may cost together. By default each question has a budget
    /// of its own.
    pub fn budget(mut self, budget: &'a Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// What is asked of certificate policies.
    pub fn policies(mut self, policies: PolicyInputs) -> Self {
        self.policies = policies;
        self
    }
}

/// Read access to a question, by names of its own beside the builder's.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'q>(pub &'q Question<'q>);

impl<'q> Asked<'q> {
    pub(crate) fn ask(self) -> Ask {
        Ask {
            purpose: self.0.purpose,
            at: self.0.at,
            revocation: Some(self.0.revocation),
        }
    }

    /// The time that the whole question is about: smaller ones, about who signed evidence, are asked for other times,
    /// and the same services have to answer for them.
    pub(crate) fn about(self) -> Time {
        self.0.at
    }

    pub(crate) fn budget(self) -> Option<&'q Budget> {
        self.0.budget
    }

    pub(crate) fn now(self) -> Time {
        self.0.now
    }

    /// When the signer of evidence made at `made` is judged.
    pub(crate) fn evidence_judged_at(self, made: Time) -> Time {
        self.0
            .evidence_known_at
            .filter(|known| made <= *known)
            .unwrap_or(self.0.now)
    }

    pub(crate) fn anchors(self) -> &'q TrustAnchors {
        self.0.anchors
    }

    pub(crate) fn evidence(self) -> &'q Evidence {
        self.0.evidence
    }

    pub(crate) fn policies(self) -> &'q PolicyInputs {
        &self.0.policies
    }

    pub(crate) fn algorithms(self) -> &'q AlgorithmPolicy {
        &self.0.algorithms
    }

    pub(crate) fn all_intermediates(self) -> impl Iterator<Item = &'q Certificate> + Clone {
        self.0.intermediates.iter().flat_map(|list| list.iter())
    }

    /// Is a signature of this algorithm and key believed at this time?
    pub(crate) fn believes(self, algorithm: &AlgorithmIdentifier, key: &PublicKey, at: Time) -> bool {
        let algorithm = SignatureAlgorithm::from_identifier(algorithm);
        algorithm.is_ok_and(|algorithm| self.0.algorithms.signature(algorithm, key, at).is_ok())
    }
}
