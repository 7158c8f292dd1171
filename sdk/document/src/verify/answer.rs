//! Findings → what the report says of a signature.

use sdk_pki::{Certificate, SubIndication};

use super::assessor::Findings;
use super::judge::Judge;
use super::material::Material;
use super::subject::Subject;
use super::{note, rfc3339};
use crate::cms::SignedData;
use crate::report::{Coverage, Kind, LaterChanges, Problem, SignatureReport, Signer, TimeSource};
use crate::signature::byte_range::Covered;

impl Judge<'_> {
    pub fn report(
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
        for code in findings.codes().filter(|c| *c != "irregular") {
            let about = |p: &Problem| p.code == code && p.field.as_deref() == Some(field);
            let told = problems.iter().any(about) || code == "no_path" && self.options.anchors.is_empty();
            if !told {
                problems.push(note(code, field));
            }
        }
        let (indication, sub_indication) = findings.outcome();
        let covered = &subject.found.covered;
        SignatureReport {
            field: field.clone(),
            kind: subject.kind,
            indication,
            sub_indication,
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
            revoked_at: findings.revoked_at.map(rfc3339),
            revocation_as_of: findings.revocation_as_of.map(rfc3339),
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

/// EN 319 142-1 §6: the level that the signature has, as far as it is verified.
fn level(subject: &Subject, findings: &Findings, material: &Material, archived: bool) -> &'static str {
    if subject.kind == Kind::DocumentTimestamp {
        return "PAdES-DTS";
    }
    // EN 319 142-1 §4.1: of a signature that names its certificate and holds no data.
    let detached = subject.signed_data().is_some_and(|s| s.content().is_none());
    if subject.sub_filter.as_deref() != Some("ETSI.CAdES.detached") || !findings.bound || !detached {
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

pub fn name_of(certificate: &Certificate) -> String {
    certificate
        .subject()
        .common_name()
        .map_or_else(|| certificate.subject().to_string(), str::to_owned)
}

pub(super) fn describe(certificate: &Certificate) -> Signer {
    let (subject, issuer) = (certificate.subject(), certificate.issuer());
    let text = |oid: &[u8]| subject.attribute(oid).map(str::to_owned);
    let digest = certificate.fingerprint(sdk_pki::DigestAlgorithm::Sha256);
    Signer {
        common_name: subject.common_name().map(str::to_owned),
        serial: certificate.serial_hex(),
        issuer: certificate.issuer().to_string(),
        issuer_name: issuer
            .common_name()
            .or(issuer.attribute(sdk_pki::oid::ORGANIZATION))
            .map(str::to_owned),
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
