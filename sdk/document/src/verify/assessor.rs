//! One signature's cryptography, time and trust, wherever it stands: in a document or alone.

use sdk_pki::{Budget, Certificate, Purpose, SubIndication, Time, Weakness};

use super::Options;
use super::material::Material;
use crate::cms::{Binding, CmsVerdict, Doubt, Integrity as Cryptography, SignedData};
use crate::report::{Integrity, Revoked, TimeSource, TimestampReport, Trust};

/// Assesses under these options.
#[derive(Clone, Copy)]
pub(super) struct Assessor<'a> {
    pub options: &'a Options,
    /// What all signatures of the document may cost together.
    pub budget: &'a Budget,
}

/// The earliest proof that something existed.
#[derive(Clone, Copy)]
pub(super) struct Proof {
    pub time: Time,
    pub source: TimeSource,
}

/// What is known of one signature so far.
pub(super) struct Findings {
    pub integrity: Integrity,
    pub signer: Option<Certificate>,
    pub signature_algorithm: Option<String>,
    pub trust: Trust,
    pub revocation: Revoked,
    /// Since when.
    pub revoked_at: Option<Time>,
    /// When the oldest word was given that it is not.
    pub revocation_as_of: Option<Time>,
    pub timestamps: Vec<TimestampReport>,
    pub proof: Proof,
    /// When a timestamp over the document proves that its evidence was there, else now.
    pub evidence_known: Time,
    /// Why it does not pass; the first reason counts.
    pub against: Vec<(SubIndication, &'static str)>,
    pub notes: Vec<&'static str>,
    pub evidence_complete: bool,
    pub bound: bool,
}

impl Findings {
    /// Nothing is known yet but since when it existed.
    pub fn at(proof: Proof) -> Self {
        Self {
            integrity: Integrity::Unknown,
            signer: None,
            signature_algorithm: None,
            trust: Trust::Unknown,
            revocation: Revoked::Unknown,
            revoked_at: None,
            revocation_as_of: None,
            timestamps: Vec::new(),
            proof,
            evidence_known: proof.time,
            against: Vec::new(),
            notes: Vec::new(),
            evidence_complete: false,
            bound: false,
        }
    }

    /// EN 319 102-1 §5.1.3: what is proven to fail outweighs what cannot be decided.
    pub fn outcome(&self) -> (&'static str, Option<&'static str>) {
        let failed =
            |(why, _): &&(SubIndication, &'static str)| why.indication() == sdk_pki::Indication::TotalFailed;
        let worst = self.against.iter().find(failed).or(self.against.first());
        let indication = match worst {
            None => "TOTAL-PASSED",
            Some(worst) if failed(&worst) => "TOTAL-FAILED",
            Some(_) => "INDETERMINATE",
        };
        (indication, worst.map(|(why, _)| why.as_str()))
    }

    /// Every code that was found, what stands against the signature first.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> {
        let against = self.against.iter().map(|(_, code)| *code);
        against.chain(self.notes.iter().copied())
    }
}

impl Assessor<'_> {
    /// EN 319 102-1 §5.3: a signature with what the time-stamps on it prove. `cades`: its format requires that
    /// the certificate is bound.
    pub fn signature(
        &self,
        signed: &SignedData,
        verdict: CmsVerdict,
        cades: bool,
        material: &Material,
        findings: &mut Findings,
    ) {
        findings
            .notes
            .extend(signed.irregularities().iter().map(|i| i.code()));
        self.cryptography(&verdict.integrity, findings);
        findings.signature_algorithm = verdict.signature_algorithm.map(|a| a.to_string());
        findings.bound = verdict.binding != Binding::Absent;
        if cades && !findings.bound {
            // EN 319 142-1 §5.3, EN 319 122-1 §5.2.2: required.
            findings.against.push((
                SubIndication::SigConstraintsFailure,
                "signing_certificate_unbound",
            ));
        }
        self.signature_timestamps(signed, material, findings);
        // Judged when the time is known: the timestamps on the signature count.
        let at = findings.proof.time;
        let strength = match &verdict.integrity {
            // What is not checked here need not be weak: brainpool curves, Ed448.
            Cryptography::Unknown(Doubt::Unsupported(_)) => Ok(()),
            _ => verdict.strength(&self.options.algorithms, at),
        };
        let Some(signer) = verdict.signer else { return };
        self.strength(strength, findings);
        self.trust(&signer, Purpose::DocumentSigning, at, material, findings);
        findings.signer = Some(signer);
    }

    /// What was not checked for want of budget may be what speaks against the signature: it does not pass.
    pub fn within_budget(&self, findings: &mut Findings) {
        if self.budget.is_exhausted() {
            findings
                .against
                .push((SubIndication::SigConstraintsFailure, "too_many_checks"));
        }
    }

    /// TS 119 312: what the integrity rests on has to be believed at the proven time.
    pub fn strength(&self, strength: Result<(), Weakness>, findings: &mut Findings) {
        let Err(weakness) = strength else { return };
        let why = if weakness.is_final() {
            SubIndication::CryptoConstraintsFailure
        } else {
            SubIndication::CryptoConstraintsFailureNoPoe
        };
        findings.against.push((why, "algorithm_weak"));
    }

    pub fn cryptography(&self, integrity: &Cryptography, findings: &mut Findings) {
        findings.integrity = match integrity {
            Cryptography::Intact => Integrity::Intact,
            Cryptography::Broken(_) => Integrity::Broken,
            Cryptography::Unknown(_) => Integrity::Unknown,
        };
        if let Some(why) = integrity.sub_indication() {
            findings.against.push((why, integrity.code()));
        }
    }
}
