//! One signature after the other, the newest first: a verified timestamp over the document proves that
//! everything under it existed then (EN 319 102-1 §5.5, §5.6).

use std::collections::BTreeMap;

use sdk_pki::{
    Budget, Digest, DigestAlgorithm, Effort, Purpose, SignatureAlgorithm, SignatureError, SubIndication,
};

use super::Options;
use super::assessor::{Assessor, Findings, Proof};
use super::material::Material;
use super::subject::{Bare, Decoded, Subject};
use crate::cms::{Binding, Breakage, Content, Doubt, Integrity as Cryptography, SignedData, Token};
use crate::pdf::document::Document;
use crate::pdf::object::Reference;
use crate::report::{Integrity, Kind, Problem, SignatureReport, TimeSource};
use crate::signature::byte_range::Covered;

pub(super) struct Judge<'a> {
    pub document: &'a Document,
    pub options: &'a Options,
    pub assessor: Assessor<'a>,
    pub pages: BTreeMap<Reference, usize>,
}

impl<'a> Judge<'a> {
    pub fn new(
        document: &'a Document,
        options: &'a Options,
        budget: &'a Budget,
        pages: &[Reference],
    ) -> Self {
        let pages = pages
            .iter()
            .enumerate()
            .map(|(at, page)| (*page, at.saturating_add(1)))
            .collect();
        Self {
            document,
            options,
            assessor: Assessor { options, budget },
            pages,
        }
    }

    /// In the order of the subjects.
    pub fn all(&self, subjects: &[Subject], problems: &mut Vec<Problem>) -> Vec<SignatureReport> {
        let mut material = Material::gather(self.document, subjects, self.options);
        material.reach(self.options, self.assessor.budget);
        if material.unfetched {
            problems.push(super::problem("evidence_not_fetched", None));
        }
        let irregular = self.document.irregularities().iter().any(|i| !i.is_harmless());
        let changes = self.changes(subjects);
        let mut reports = Vec::new();
        let mut proof: Option<Proof> = None;
        let mut archived = false;
        for subject in subjects.iter().rev() {
            let mut findings = self.judge(subject, &material, proof);
            self.assessor.within_budget(&mut findings);
            if irregular {
                findings
                    .against
                    .push((SubIndication::SigConstraintsFailure, "irregular"));
            }
            let later = self.later(subject, &changes, &mut findings, problems, subjects.len());
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
        if self.options.anchors.is_list_outdated(self.options.at) && !reports.is_empty() {
            problems.push(super::problem("trusted_list_outdated", None));
        }
        reports
    }

    fn judge(&self, subject: &Subject, material: &Material, proven: Option<Proof>) -> Findings {
        let now = Proof {
            time: self.options.at,
            source: TimeSource::Verification,
        };
        let mut findings = Findings::at(proven.unwrap_or(now));
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
            Decoded::Signature(signed) => self.detached(subject, signed, material, &mut findings),
            Decoded::OverSha1(signed) => self.over_sha1(subject, signed, material, &mut findings),
            Decoded::Bare(bare) => self.bare(subject, bare, material, &mut findings),
            Decoded::Token(token) => self.token(subject, token, material, &mut findings),
        }
        findings
    }

    /// Over the covered bytes, as PAdES and its predecessor sign them.
    fn detached(&self, subject: &Subject, signed: &SignedData, material: &Material, findings: &mut Findings) {
        let Some(digest) = digest(subject, findings) else {
            return;
        };
        if signed.content().is_some() {
            // ISO 32000-2 §12.8.3.3.1: no data is encapsulated, so that nobody asks what was signed.
            findings
                .against
                .push((SubIndication::FormatFailure, "cms_encapsulates"));
        }
        let verdict = signed.verify_within(
            Content::Detached(digest),
            &material.certificates,
            self.assessor.budget,
        );
        let cades = subject.sub_filter.as_deref() == Some("ETSI.CAdES.detached");
        self.assessor
            .signature(signed, verdict, cades, material, findings);
    }

    /// ISO 32000-1 §12.8.3.3.1, `adbe.pkcs7.sha1`: what is signed is the SHA-1 of the covered bytes, held inside.
    fn over_sha1(
        &self,
        subject: &Subject,
        signed: &SignedData,
        material: &Material,
        findings: &mut Findings,
    ) {
        let Some(digest) = digest(subject, findings) else {
            return;
        };
        let mut verdict =
            signed.verify_within(Content::Embedded, &material.certificates, self.assessor.budget);
        if verdict.integrity == Cryptography::Intact && signed.content() != Some(digest.bytes()) {
            verdict.integrity = Cryptography::Broken(Breakage::Content);
        }
        self.assessor
            .signature(signed, verdict, false, material, findings);
        let at = findings.proof.time;
        self.assessor.strength(
            self.options.algorithms.digest(DigestAlgorithm::Sha1, at),
            findings,
        );
    }

    /// ISO 32000-2 §12.8.3.2, `adbe.x509.rsa_sha1`: a bare RSA value, its certificates beside it.
    fn bare(&self, subject: &Subject, bare: &Bare, material: &Material, findings: &mut Findings) {
        let Some(digest) = digest(subject, findings) else {
            return;
        };
        let algorithm = SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha1);
        findings.signature_algorithm = Some(algorithm.to_string());
        let Some(signer) = bare.certificates.first() else {
            let missing = Cryptography::Unknown(Doubt::NoCertificate);
            return self.assessor.cryptography(&missing, findings);
        };
        let effort = Effort::over_digest(signer.public_key());
        if self.assessor.budget.spend(effort).is_err() {
            let unchecked = Cryptography::Unknown(Doubt::TooMuchWork);
            return self.assessor.cryptography(&unchecked, findings);
        }
        let integrity = match algorithm.verify_digest(signer.public_key(), digest, &bare.value) {
            Ok(()) => Cryptography::Intact,
            Err(SignatureError::Unsupported(what)) => Cryptography::Unknown(Doubt::Unsupported(what)),
            Err(_) => Cryptography::Broken(Breakage::Signature),
        };
        self.assessor.cryptography(&integrity, findings);
        let at = findings.proof.time;
        let strength = self
            .options
            .algorithms
            .signature(algorithm, signer.public_key(), at);
        self.assessor.strength(strength, findings);
        self.assessor
            .trust(signer, Purpose::DocumentSigning, at, material, findings);
        findings.signer = Some(signer.clone());
    }

    /// A timestamp over the document: judged at the time that a newer one proves, else now.
    fn token(&self, subject: &Subject, token: &Token, material: &Material, findings: &mut Findings) {
        let Some(digest) = digest(subject, findings) else {
            return;
        };
        let verdict = token.verify_within(digest, &material.certificates, self.assessor.budget);
        self.assessor.cryptography(&verdict.integrity, findings);
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
        self.assessor.strength(
            verdict.strength(&self.options.algorithms, findings.proof.time),
            findings,
        );
        if let Some(unit) = verdict.unit {
            if unit.not_before() > token.gen_time() {
                findings
                    .against
                    .push((SubIndication::OutOfBoundsNoPoe, "certificate_not_yet_valid"));
            }
            self.assessor.trust(
                &unit,
                Purpose::TimeStamping,
                findings.proof.time,
                material,
                findings,
            );
            findings.signer = Some(unit);
        }
    }
}

/// The digest of the covered bytes; if there is none though bytes are covered, it cannot be computed here. One that
/// covers only a part fails for that, and may not have been digested for it.
fn digest<'s>(subject: &'s Subject, findings: &mut Findings) -> Option<&'s Digest> {
    let covered = &subject.found.covered;
    let left_out = matches!(covered, Covered::Partial { .. }) && subject.digest_algorithm().is_some();
    if subject.digest.is_none() && covered.ranges().is_some() && !left_out {
        findings
            .against
            .push((SubIndication::CryptoConstraintsFailure, "algorithm_unsupported"));
    }
    subject.digest.as_ref()
}
