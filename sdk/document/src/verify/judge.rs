//! One signature after the other, the newest first: a verified timestamp over the document proves that
//! everything under it existed then (EN 319 102-1 §5.5, §5.6).

use std::collections::HashMap;

use sdk_pki::{Certificate, Purpose, SubIndication, Time, Weakness};

use super::Options;
use super::material::Material;
use super::subject::{Decoded, Subject};
use crate::cms::{Binding, Content, Integrity as Cryptography, SignedData, Token};
use crate::pdf::document::Document;
use crate::pdf::object::Reference;
use crate::report::{Integrity, Kind, Problem, Revoked, SignatureReport, TimeSource, TimestampReport, Trust};
use crate::signature::byte_range::Covered;

pub(super) struct Judge<'a> {
    pub document: &'a Document,
    pub options: &'a Options,
    pub pages: HashMap<Reference, usize>,
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

impl<'a> Judge<'a> {
    pub fn new(document: &'a Document, options: &'a Options, pages: &[Reference]) -> Self {
        let pages = pages
            .iter()
            .enumerate()
            .map(|(at, page)| (*page, at.saturating_add(1)))
            .collect();
        Self {
            document,
            options,
            pages,
        }
    }

    /// In the order of the subjects.
    pub fn all(&self, subjects: &[Subject], problems: &mut Vec<Problem>) -> Vec<SignatureReport> {
        let material = Material::gather(self.document, subjects, self.options);
        let irregular = self.document.irregularities().iter().any(|i| !i.is_harmless());
        let changes = self.changes(subjects);
        let mut reports = Vec::new();
        let mut proof: Option<Proof> = None;
        let mut archived = false;
        for subject in subjects.iter().rev() {
            let mut findings = self.judge(subject, &material, proof);
            if irregular {
                findings
                    .against
                    .push((SubIndication::SigConstraintsFailure, "irregular"));
            }
            let later = self.later(subject, &changes, &mut findings, problems);
            let report = self.report(subject, findings, later, &material, archived, problems);
            if report.kind == Kind::DocumentTimestamp && report.indication == "TOTAL-PASSED" {
                archived |= material.has_store;
                if let Decoded::Token(token) = &subject.decoded {
                    proof = Some(Proof {
                        time: token.gen_time(),
                        source: TimeSource::DocumentTimestamp,
                    });
                }
            }
            reports.push(report);
        }
        reports.reverse();
        if self.options.anchors.is_empty() && !reports.is_empty() {
            problems.push(super::problem("no_trust_anchors", None));
        }
        reports
    }

    fn judge(&self, subject: &Subject, material: &Material, proven: Option<Proof>) -> Findings {
        let now = Proof {
            time: self.options.at,
            source: TimeSource::Verification,
        };
        let mut findings = Findings {
            integrity: Integrity::Unknown,
            signer: None,
            signature_algorithm: None,
            trust: Trust::Unknown,
            revocation: Revoked::Unknown,
            timestamps: Vec::new(),
            proof: proven.unwrap_or(now),
            evidence_known: proven.unwrap_or(now).time,
            against: Vec::new(),
            notes: Vec::new(),
            evidence_complete: false,
            bound: false,
        };
        match &subject.found.covered {
            Covered::Revision { .. } => {}
            Covered::Partial { .. } => findings
                .against
                .push((SubIndication::FormatFailure, "byte_range_partial")),
            Covered::Malformed { .. } => {
                findings
                    .against
                    .push((SubIndication::FormatFailure, "byte_range_malformed"));
            }
        }
        match &subject.decoded {
            Decoded::Unreadable(code) => findings.against.push((SubIndication::FormatFailure, code)),
            Decoded::Unsupported => {
                findings
                    .against
                    .push((SubIndication::CryptoConstraintsFailure, "sub_filter_unsupported"));
            }
            Decoded::Signature(signed) => self.signature(subject, signed, material, &mut findings),
            Decoded::Token(token) => self.token(subject, token, material, &mut findings),
        }
        findings
    }

    /// EN 319 102-1 §5.3: a signature with what the time-stamps on it prove.
    fn signature(
        &self,
        subject: &Subject,
        signed: &SignedData,
        material: &Material,
        findings: &mut Findings,
    ) {
        let Some(digest) = &subject.digest else {
            if subject.found.covered.ranges().is_some() {
                findings
                    .against
                    .push((SubIndication::CryptoConstraintsFailure, "algorithm_unsupported"));
            }
            return;
        };
        findings
            .notes
            .extend(signed.irregularities().iter().map(|i| i.code()));
        if signed.content().is_some() {
            // ISO 32000-2 §12.8.3.3.1: no data is encapsulated, so that nobody asks what was signed.
            findings
                .against
                .push((SubIndication::FormatFailure, "cms_encapsulates"));
        }
        let verdict = signed.verify(Content::Detached(digest), &material.certificates);
        self.cryptography(&verdict.integrity, findings);
        findings.signature_algorithm = verdict.signature_algorithm.map(|a| a.to_string());
        findings.bound = verdict.binding != Binding::Absent;
        if subject.sub_filter.as_deref() == Some("ETSI.CAdES.detached") && !findings.bound {
            // EN 319 142-1 §5.3: required.
            findings.against.push((
                SubIndication::SigConstraintsFailure,
                "signing_certificate_unbound",
            ));
        }
        self.signature_timestamps(signed, material, findings);
        // Judged when the time is known: the timestamps on the signature count.
        let verdict_strength = verdict.strength(&self.options.algorithms, findings.proof.time);
        let Some(signer) = verdict.signer else { return };
        self.strength(verdict_strength, findings);
        self.trust(
            &signer,
            Purpose::DocumentSigning,
            findings.proof.time,
            material,
            findings,
        );
        findings.signer = Some(signer);
    }

    /// A timestamp over the document: judged at the time that a newer one proves, else now.
    fn token(&self, subject: &Subject, token: &Token, material: &Material, findings: &mut Findings) {
        let Some(digest) = &subject.digest else {
            if subject.found.covered.ranges().is_some() {
                findings
                    .against
                    .push((SubIndication::CryptoConstraintsFailure, "algorithm_unsupported"));
            }
            return;
        };
        let verdict = token.verify(digest, &material.certificates);
        self.cryptography(&verdict.integrity, findings);
        if verdict.integrity == Cryptography::Intact && !verdict.covers {
            findings.integrity = Integrity::Broken;
            findings
                .against
                .push((SubIndication::HashFailure, "content_changed"));
        }
        findings.bound = verdict.binding != Binding::Absent;
        if !findings.bound {
            findings.against.push((
                SubIndication::SigConstraintsFailure,
                "signing_certificate_unbound",
            ));
        }
        if token.gen_time() > findings.proof.time {
            let code = match findings.proof.source {
                TimeSource::Verification => "timestamp_future",
                _ => "timestamp_order",
            };
            findings
                .against
                .push((SubIndication::TimestampOrderFailure, code));
        }
        self.strength(
            verdict.strength(&self.options.algorithms, findings.proof.time),
            findings,
        );
        if let Some(unit) = verdict.unit {
            if unit.not_before() > token.gen_time() {
                findings
                    .against
                    .push((SubIndication::OutOfBoundsNoPoe, "certificate_not_yet_valid"));
            }
            self.trust(
                &unit,
                Purpose::TimeStamping,
                findings.proof.time,
                material,
                findings,
            );
            findings.signer = Some(unit);
        }
    }

    /// TS 119 312: what the integrity rests on has to be believed at the proven time.
    fn strength(&self, strength: Result<(), Weakness>, findings: &mut Findings) {
        let Err(weakness) = strength else { return };
        let why = if weakness.is_final() {
            SubIndication::CryptoConstraintsFailure
        } else {
            SubIndication::CryptoConstraintsFailureNoPoe
        };
        findings.against.push((why, "algorithm_weak"));
    }

    fn cryptography(&self, integrity: &Cryptography, findings: &mut Findings) {
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
