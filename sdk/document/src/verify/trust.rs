//! Whom to believe, and since when a signature is known to exist.

use sdk_pki::{
    Certificate, Purpose, Question, Reason, RevocationStatus, SubIndication, Time, ValidPath,
    ValidationFailure, validate,
};

use super::answer::name_of;
use super::assessor::{Assessor, Findings, Proof};
use super::material::Material;
use super::rfc3339;
use crate::cms::{SignedData, Token};
use crate::report::{Revoked, TimeSource, TimestampReport, Trust};

impl Assessor<'_> {
    /// RFC 3161 Appendix A: timestamps over the signature value.
    pub fn signature_timestamps(&self, signed: &SignedData, material: &Material, findings: &mut Findings) {
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
        let verdict = token.verify_within(
            &algorithm.of(signed.signer().signature()),
            &material.certificates,
            self.budget,
        );
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
            && validate(
                material.kept(&unit),
                &self.question(Purpose::TimeStamping, judged_at, judged_at, material),
            )
            .is_ok();
        (trusted, authority, (!trusted).then_some("timestamp_untrusted"))
    }

    /// `known` is when a timestamp over the document proves that the evidence was there, else now.
    fn question<'q>(
        &'q self,
        purpose: Purpose,
        at: Time,
        known: Time,
        material: &'q Material,
    ) -> Question<'q> {
        Question::new(&self.options.anchors, at)
            .now(self.options.at)
            .evidence_known_at(known)
            .purpose(purpose)
            .intermediates(&material.certificates)
            .evidence(&material.evidence)
            .revocation(self.options.revocation)
            .algorithms(self.options.algorithms.clone())
            .budget(self.budget)
    }

    pub fn trust(
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
        match validate(
            material.kept(certificate),
            &self.question(purpose, at, findings.evidence_known, material),
        ) {
            Ok(path) => {
                findings.trust = Trust::Trusted;
                if matches!(path.revocation(), RevocationStatus::Good { .. }) {
                    findings.revocation = Revoked::Good;
                    findings.revocation_as_of = oldest_word(&path);
                    findings.evidence_complete = true;
                } else if has_outdated(&path, material, at) {
                    findings.notes.push("revocation_outdated");
                } else {
                    findings.notes.push("revocation_unknown");
                }
            }
            Err(failure) => untrusted(&failure, findings),
        }
    }
}

fn oldest_word(path: &ValidPath) -> Option<Time> {
    let words = path.statuses.iter().filter_map(|status| match status {
        RevocationStatus::Good { this_update, .. } => Some(*this_update),
        RevocationStatus::Unknown => None,
    });
    words.min()
}

/// Something speaks of a certificate whose status is not known, but up to a time that is over.
fn has_outdated(path: &ValidPath, material: &Material, at: Time) -> bool {
    let over = |next: Option<Time>| next.is_some_and(|next| next < at);
    let about = |certificate: &Certificate| {
        let lists = material.evidence.crls.iter();
        let responses = material.evidence.ocsp.iter().flat_map(|r| r.responses());
        lists
            .filter(|list| list.issuer() == certificate.issuer())
            .any(|list| over(list.next_update()))
            || responses
                .filter(|one| one.id.serial == certificate.serial())
                .any(|one| over(one.next_update))
    };
    path.certificates
        .iter()
        .zip(&path.statuses)
        .any(|(certificate, status)| matches!(status, RevocationStatus::Unknown) && about(certificate))
}

fn untrusted(failure: &ValidationFailure, findings: &mut Findings) {
    findings.against.push((failure.sub_indication(), failure.code()));
    if let Reason::Revoked { at, .. } = failure.reason {
        findings.revoked_at = Some(at);
    }
    (findings.trust, findings.revocation) = match &failure.reason {
        Reason::Revoked { .. } => (Trust::Untrusted, Revoked::Revoked),
        // With a proof of the right time the answer might be another.
        Reason::Expired { .. }
        | Reason::NotYetValid { .. }
        | Reason::NotGranted
        // What cannot be checked here may be in order.
        | Reason::Unsupported(_)
        | Reason::RevocationUnknown => (Trust::Unknown, Revoked::Unknown),
        _ => (Trust::Untrusted, Revoked::Unknown),
    };
}
