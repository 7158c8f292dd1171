//! One signature after the other, the newest first: a verified timestamp over the document proves that
//! everything under it existed then (EN 319 102-1 §5.5, §5.6).

use std::collections::HashMap;

use sdk_pki::{
    Certificate, Purpose, Question, Reason, RevocationStatus, SubIndication, Time, ValidationFailure,
    Weakness, validate,
};

use super::material::Material;
use super::subject::{Decoded, Subject};
use super::{Options, note, rfc3339};
use crate::changes::{self, Change, Level};
use crate::cms::{Binding, Content, Integrity as Cryptography, SignedData, Token};
use crate::pdf::document::Document;
use crate::pdf::error::ReadError;
use crate::pdf::object::Reference;
use crate::report::{
    Coverage, Integrity, Kind, LaterChanges, Problem, Revoked, SignatureReport, Signer, TimeSource,
    TimestampReport, Trust,
};
use crate::signature::byte_range::Covered;

pub(super) struct Judge<'a> {
    document: &'a Document,
    options: &'a Options,
    pages: HashMap<Reference, usize>,
}

/// The earliest proof that something existed.
#[derive(Clone, Copy)]
struct Proof {
    time: Time,
    source: TimeSource,
}

/// What is known of one signature so far.
struct Findings {
    integrity: Integrity,
    signer: Option<Certificate>,
    signature_algorithm: Option<String>,
    trust: Trust,
    revocation: Revoked,
    timestamps: Vec<TimestampReport>,
    proof: Proof,
    /// Why it does not pass; the first reason counts.
    against: Vec<(SubIndication, &'static str)>,
    notes: Vec<&'static str>,
    evidence_complete: bool,
    bound: bool,
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

    /// RFC 3161 Appendix A: timestamps over the signature value.
    fn signature_timestamps(&self, signed: &SignedData, material: &Material, findings: &mut Findings) {
        let judged_at = findings.proof.time;
        let mut earliest: Option<Time> = None;
        for token in signed.signature_timestamps() {
            let token = match token {
                Ok(token) => token,
                Err(error) => {
                    findings.notes.push(error.code());
                    continue;
                }
            };
            let (verified, authority, problem) =
                self.signature_timestamp(signed, &token, material, judged_at);
            let time = token.gen_time();
            if verified && earliest.is_none_or(|e| time < e) {
                earliest = Some(time);
            }
            findings.notes.extend(problem);
            findings.timestamps.push(TimestampReport {
                time: rfc3339(time),
                verified,
                authority,
                problem,
            });
        }
        if let Some(time) = earliest {
            findings.proof = Proof {
                time,
                source: TimeSource::SignatureTimestamp,
            };
        }
    }

    fn signature_timestamp(
        &self,
        signed: &SignedData,
        token: &Token,
        material: &Material,
        judged_at: Time,
    ) -> (bool, Option<String>, Option<&'static str>) {
        let Some(algorithm) = token.imprint_algorithm() else {
            return (false, None, Some("timestamp_broken"));
        };
        let verdict = token.verify(&algorithm.of(signed.signer().signature()), &material.certificates);
        let sound = verdict.is_sound();
        let strong = verdict.strength(&self.options.algorithms, judged_at).is_ok();
        let authority = verdict.unit.as_ref().map(name_of);
        let Some(unit) = verdict.unit.filter(|_| sound) else {
            return (false, authority, Some("timestamp_broken"));
        };
        if token.gen_time() > judged_at {
            return (false, authority, Some("timestamp_future"));
        }
        let trusted = unit.not_before() <= token.gen_time()
            && strong
            && validate(&unit, &self.question(Purpose::TimeStamping, judged_at, material)).is_ok();
        (trusted, authority, (!trusted).then_some("timestamp_untrusted"))
    }

    fn question<'q>(&'q self, purpose: Purpose, at: Time, material: &'q Material) -> Question<'q> {
        Question::new(&self.options.anchors, at)
            .now(self.options.at)
            .purpose(purpose)
            .intermediates(&material.certificates)
            .evidence(&material.evidence)
            .revocation(self.options.revocation)
            .algorithms(self.options.algorithms.clone())
    }

    fn trust(
        &self,
        certificate: &Certificate,
        purpose: Purpose,
        at: Time,
        material: &Material,
        findings: &mut Findings,
    ) {
        if self.options.anchors.is_empty() {
            findings
                .against
                .push((SubIndication::NoCertificateChainFound, "no_path"));
            return;
        }
        match validate(certificate, &self.question(purpose, at, material)) {
            Ok(path) => {
                findings.trust = Trust::Trusted;
                if matches!(path.revocation(), RevocationStatus::Good { .. }) {
                    findings.revocation = Revoked::Good;
                    findings.evidence_complete = true;
                } else {
                    findings.notes.push("revocation_unknown");
                }
            }
            Err(failure) => untrusted(&failure, findings),
        }
    }

    /// What followed the oldest signed revision, told once and read for each signature.
    fn changes(&self, subjects: &[Subject]) -> Result<Vec<Change>, ReadError> {
        let oldest = subjects.iter().filter_map(|s| s.found.covered.revision()).min();
        oldest.map_or(Ok(Vec::new()), |signed| changes::since(self.document, signed))
    }

    fn later(
        &self,
        subject: &Subject,
        changes: &Result<Vec<Change>, ReadError>,
        findings: &mut Findings,
        problems: &mut Vec<Problem>,
    ) -> LaterChanges {
        let nothing = LaterChanges {
            level: Level::None,
            items: Vec::new(),
        };
        let Some(signed) = subject.found.covered.revision() else {
            return nothing;
        };
        let lost = changes::evidence_lost(self.document, signed);
        let (changes, lost) = match (changes, &lost) {
            (Ok(changes), Ok(lost)) => (changes, lost),
            _ => {
                findings
                    .against
                    .push((SubIndication::SigConstraintsFailure, "changes_unknown"));
                return LaterChanges {
                    level: Level::Other,
                    items: Vec::new(),
                };
            }
        };
        let mut items: Vec<Change> = changes.iter().filter(|c| c.revision > signed).cloned().collect();
        items.extend(lost.clone());
        for change in &items {
            let broken = match &subject.permissions {
                Some(permissions) => permissions.broken_by(change),
                None => Some("changes_unknown"),
            };
            if let Some(code) = broken {
                findings
                    .against
                    .push((SubIndication::SigConstraintsFailure, code));
                let mut problem = note(code, &subject.found.field);
                problem.page = change.page;
                if problems.len() < MOST_PROBLEMS && !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
        let level = items.iter().map(|c| c.level).max().unwrap_or(Level::None);
        if items.len() > MOST_ITEMS {
            items.sort_by_key(|c| std::cmp::Reverse(c.level));
            items.truncate(MOST_ITEMS);
        }
        LaterChanges { level, items }
    }

    fn report(
        &self,
        subject: &Subject,
        mut findings: Findings,
        later_changes: LaterChanges,
        material: &Material,
        archived: bool,
        problems: &mut Vec<Problem>,
    ) -> SignatureReport {
        let field = &subject.found.field;
        if !subject.found.present {
            findings
                .against
                .push((SubIndication::SigConstraintsFailure, "signature_removed"));
        }
        let claimed = subject
            .signed_data()
            .and_then(SignedData::claimed_time)
            .or(subject.stated_time);
        if subject.kind == Kind::Signature
            && findings.proof.source == TimeSource::Verification
            && claimed.is_some()
        {
            findings.notes.push("time_claimed");
        }
        let codes = findings
            .against
            .iter()
            .map(|(_, code)| *code)
            .chain(findings.notes.iter().copied());
        for code in codes.filter(|c| *c != "irregular") {
            let about = |p: &Problem| p.code == code && p.field.as_deref() == Some(field);
            let told = problems.iter().any(about) || code == "no_path" && self.options.anchors.is_empty();
            if !told {
                problems.push(note(code, field));
            }
        }
        // EN 319 102-1 §5.1.3: what is proven to fail outweighs what cannot be decided.
        let failed =
            |(why, _): &&(SubIndication, &'static str)| why.indication() == sdk_pki::Indication::TotalFailed;
        let worst = findings.against.iter().find(failed).or(findings.against.first());
        let covered = &subject.found.covered;
        SignatureReport {
            field: field.clone(),
            kind: subject.kind,
            indication: match worst {
                None => "TOTAL-PASSED",
                Some(worst) if failed(&worst) => "TOTAL-FAILED",
                Some(_) => "INDETERMINATE",
            },
            sub_indication: worst.map(|(why, _)| why.as_str()),
            integrity: findings.integrity,
            coverage: match covered {
                Covered::Revision { whole_file: true, .. } => Coverage::WholeFile,
                Covered::Revision { .. } => Coverage::WholeRevision,
                Covered::Partial { .. } => Coverage::Partial,
                Covered::Malformed { .. } => Coverage::Malformed,
            },
            later_changes,
            trust: findings.trust,
            revocation: findings.revocation,
            level: level(subject, &findings, material, archived),
            best_time: rfc3339(findings.proof.time),
            time_source: findings.proof.source,
            claimed_time: claimed.map(rfc3339),
            signer: findings.signer.as_ref().map(describe),
            sub_filter: subject.sub_filter.clone(),
            digest_algorithm: subject.digest_algorithm().map(|d| d.to_string()),
            signature_algorithm: findings.signature_algorithm,
            revision: covered.revision(),
            byte_ranges: covered
                .ranges()
                .map_or_else(Vec::new, |r| r.iter().map(|r| [r.start, r.end]).collect()),
            page: self.page(subject),
            certification: subject.permissions.as_ref().and_then(|p| p.certification),
            timestamps: findings.timestamps,
            reason: subject.reason.clone(),
            location: subject.location.clone(),
        }
    }

    fn page(&self, subject: &Subject) -> Option<usize> {
        subject.found.widgets.iter().find_map(|widget| {
            let about = self.document.get(*widget).ok()?;
            self.pages.get(&about.as_dictionary()?.reference(b"P")?).copied()
        })
    }
}

fn untrusted(failure: &ValidationFailure, findings: &mut Findings) {
    findings.against.push((failure.sub_indication(), failure.code()));
    (findings.trust, findings.revocation) = match &failure.reason {
        Reason::Revoked { .. } => (Trust::Untrusted, Revoked::Revoked),
        // With a proof of the right time the answer might be another.
        Reason::Expired { .. } | Reason::NotYetValid { .. } | Reason::RevocationUnknown => {
            (Trust::Unknown, Revoked::Unknown)
        }
        _ => (Trust::Untrusted, Revoked::Unknown),
    };
}

/// EN 319 142-1 §6: the level that the signature has, as far as it is verified.
fn level(subject: &Subject, findings: &Findings, material: &Material, archived: bool) -> &'static str {
    if subject.kind == Kind::DocumentTimestamp {
        return "PAdES-DTS";
    }
    if subject.sub_filter.as_deref() != Some("ETSI.CAdES.detached") || !findings.bound {
        return "PKCS7";
    }
    let stamped = findings.proof.source != TimeSource::Verification;
    let lasting = stamped && findings.evidence_complete && material.has_store;
    match (stamped, lasting, archived) {
        (_, true, true) => "PAdES-B-LTA",
        (_, true, false) => "PAdES-B-LT",
        (true, ..) => "PAdES-B-T",
        _ => "PAdES-B-B",
    }
}

fn name_of(certificate: &Certificate) -> String {
    certificate
        .subject()
        .common_name()
        .map_or_else(|| certificate.subject().to_string(), str::to_owned)
}

fn describe(certificate: &Certificate) -> Signer {
    let subject = certificate.subject();
    let text = |oid: &[u8]| subject.attribute(oid).map(str::to_owned);
    let digest = certificate.fingerprint(sdk_pki::DigestAlgorithm::Sha256);
    Signer {
        common_name: subject.common_name().map(str::to_owned),
        serial: certificate.serial_hex(),
        issuer: certificate.issuer().to_string(),
        given_name: text(sdk_pki::oid::GIVEN_NAME),
        surname: text(sdk_pki::oid::SURNAME),
        serial_number: text(sdk_pki::oid::SERIAL_NUMBER),
        institution: text(sdk_pki::oid::ORGANIZATION),
        position: text(sdk_pki::oid::TITLE),
        country: text(sdk_pki::oid::COUNTRY),
        not_before: rfc3339(certificate.not_before()),
        not_after: rfc3339(certificate.not_after()),
        sha256: data_encoding::HEXLOWER.encode(digest.bytes()),
    }
}

/// Changes told of one signature, the farthest first. Own choice: what a person reads.
const MOST_ITEMS: usize = 200;

/// Own choice, so that a report stays one.
const MOST_PROBLEMS: usize = 1_000;
