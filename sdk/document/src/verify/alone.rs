//! A CMS signature that stands alone (CAdES, `.p7s`, `.p7m`): what it signs is inside, or in another file.

use std::sync::Arc;

use data_encoding::BASE64;
use sdk_pki::{Budget, DigestAlgorithm, SubIndication};

use super::answer::describe;
use super::assessor::{Assessor, Findings, Proof};
use super::material::Material;
use super::{Options, digest, note, problem, rfc3339, verdict};
use crate::changes::Level;
use crate::cms::{CmsError, Content, SignedData};
use crate::report::{Coverage, FileFacts, Kind, LaterChanges, Report, SignatureReport, TimeSource, Verdict};
use crate::source::Source;

/// Verifies a signature that stands alone, in DER, BER or PEM. `content` is what it is about; without it, the
/// signature must hold that itself. The report has the same shape as a document's, and the facts are those of
/// what is signed.
pub fn verify_cms(signature: &[u8], content: Option<impl Source + 'static>, options: &Options) -> Report {
    let content = content.map(|c| -> Arc<dyn Source> { Arc::new(c) });
    let mut report = Report {
        verdict: Verdict::Indeterminate,
        at: rfc3339(options.at),
        file: FileFacts {
            size: u64::try_from(signature.len()).unwrap_or(u64::MAX),
            ..FileFacts::default()
        },
        signatures: Vec::new(),
        problems: Vec::new(),
    };
    let signed =
        pem(signature).map_or_else(|| SignedData::parse(signature), |bytes| SignedData::parse(&bytes));
    let (findings, facts) = match &signed {
        Ok(signed) => assess(signed, content.as_deref(), options),
        Err(error) => (unreadable(error, options), None),
    };
    if let Some(facts) = facts {
        report.file = facts;
    } else {
        report.file.sha256 = Some(hexadecimal(signature));
    }
    for code in findings.codes() {
        let told = code == "no_path" && options.anchors.is_empty();
        if !told && !report.problems.iter().any(|p| p.code == code) {
            report.problems.push(note(code, FIELD));
        }
    }
    if options.anchors.is_empty() {
        report.problems.push(problem("no_trust_anchors", None));
    }
    if options.anchors.is_list_outdated(options.at) {
        report.problems.push(problem("trusted_list_outdated", None));
    }
    report
        .signatures
        .push(tell(signed.as_ref().ok(), findings, report.file.size));
    report.verdict = verdict(&report, false);
    report
}

fn assess(
    signed: &SignedData,
    content: Option<&dyn Source>,
    options: &Options,
) -> (Findings, Option<FileFacts>) {
    let mut findings = Findings::at(now(options));
    let budget = Budget::of(options.limits.checks);
    let mut material = Material::of(std::iter::once(signed), options);
    material.reach(options, &budget);
    findings
        .notes
        .extend(material.unfetched.then_some("evidence_not_fetched"));
    let (facts, given) =
        match content.map(|c| (c.len(), digest::whole(c, options, signed.digest_algorithm()))) {
            None => (
                signed
                    .content()
                    .map(|inside| facts(inside.len(), hexadecimal(inside))),
                None,
            ),
            Some((len, Ok((sha256, digest)))) => (
                Some(facts(usize::try_from(len).unwrap_or(usize::MAX), sha256)),
                digest,
            ),
            Some((_, Err(_))) => {
                findings
                    .against
                    .push((SubIndication::SignedDataNotFound, "unreadable"));
                return (findings, None);
            }
        };
    let about = match (&given, content) {
        (Some(digest), _) => Content::Detached(digest),
        (None, None) => Content::Embedded,
        (None, Some(_)) => {
            findings
                .against
                .push((SubIndication::CryptoConstraintsFailure, "algorithm_unsupported"));
            return (findings, facts);
        }
    };
    let verdict = signed.verify_within(about, &material.certificates, &budget);
    let assessor = Assessor {
        options,
        budget: &budget,
    };
    assessor.signature(signed, verdict, false, &material, &mut findings);
    assessor.within_budget(&mut findings);
    (findings, facts)
}

fn unreadable(error: &CmsError, options: &Options) -> Findings {
    let mut findings = Findings::at(now(options));
    findings
        .against
        .push((SubIndication::FormatFailure, error.code()));
    findings
}

fn now(options: &Options) -> Proof {
    Proof {
        time: options.at,
        source: TimeSource::Verification,
    }
}

fn facts(size: usize, sha256: String) -> FileFacts {
    FileFacts {
        size: u64::try_from(size).unwrap_or(u64::MAX),
        sha256: Some(sha256),
        ..FileFacts::default()
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(DigestAlgorithm::Sha256.of(bytes).bytes())
}

fn tell(signed: Option<&SignedData>, findings: Findings, size: u64) -> SignatureReport {
    let (indication, sub_indication) = findings.outcome();
    let stamped = findings.proof.source != TimeSource::Verification;
    let evidence = signed.is_some_and(|s| !s.evidence().is_empty());
    SignatureReport {
        field: FIELD.to_owned(),
        kind: Kind::Signature,
        indication,
        sub_indication,
        integrity: findings.integrity,
        coverage: if signed.is_some() {
            Coverage::WholeFile
        } else {
            Coverage::Malformed
        },
        later_changes: LaterChanges {
            level: Level::None,
            items: Vec::new(),
        },
        trust: findings.trust,
        revocation: findings.revocation,
        revoked_at: findings.revoked_at.map(rfc3339),
        revocation_as_of: findings.revocation_as_of.map(rfc3339),
        // EN 319 122-1 §6: as far as it is verified.
        level: match (findings.bound, stamped, evidence && findings.evidence_complete) {
            (false, ..) => "CMS",
            (true, true, true) => "CAdES-B-LT",
            (true, true, false) => "CAdES-B-T",
            (true, false, _) => "CAdES-B-B",
        },
        best_time: rfc3339(findings.proof.time),
        time_source: findings.proof.source,
        claimed_time: signed.and_then(SignedData::claimed_time).map(rfc3339),
        signer: findings.signer.as_ref().map(describe),
        sub_filter: None,
        digest_algorithm: signed
            .and_then(SignedData::digest_algorithm)
            .map(|d| d.to_string()),
        signature_algorithm: findings.signature_algorithm,
        revision: None,
        byte_ranges: vec![[0, size]],
        page: None,
        certification: None,
        timestamps: findings.timestamps,
        reason: None,
        location: None,
    }
}

/// RFC 7468 §8, §9: the first block with one of these labels. Also as S/MIME and older tools label it.
fn pem(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let (label, body) = LABELS.iter().find_map(|label| {
        let (_, body) = text.split_once(&format!("-----BEGIN {label}-----"))?;
        Some((label, body))
    })?;
    let (body, _) = body.split_once(&format!("-----END {label}-----"))?;
    let base64: Vec<u8> = body.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    BASE64.decode(&base64).ok()
}

const LABELS: [&str; 3] = ["CMS", "PKCS7", "PKCS #7 SIGNED DATA"];

/// It stands in no form field; reports name it so.
const FIELD: &str = "CMS";
