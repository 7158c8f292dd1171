//! What all evidence together says about one certificate.

use time::Duration;

use super::{RevocationReason, RevocationSource, RevocationStatus, lists, responses};
use crate::Time;
use crate::certificate::Certificate;
use crate::path::Search;

/// What one piece of evidence says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Finding {
    Good {
        source: RevocationSource,
        this_update: Time,
        next_update: Option<Time>,
    },
    Revoked {
        at: Time,
        why: RevocationReason,
        this_update: Time,
    },
}

impl Finding {
    pub fn this_update(&self) -> Time {
        match self {
            Self::Good { this_update, .. } | Self::Revoked { this_update, .. } => *this_update,
        }
    }
}

/// Revoked at the time asked about.
pub(crate) struct Revoked {
    pub at: Time,
    pub why: RevocationReason,
}

/// The subject of a status question.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub certificate: &'a Certificate,
    pub issuer: &'a Certificate,
    pub at: Time,
}

/// What all evidence together says about a certificate at a time.
pub(crate) fn status(
    search: &mut Search<'_>,
    certificate: &Certificate,
    issuer: &Certificate,
    at: Time,
) -> Result<RevocationStatus, Revoked> {
    let asked = Asked {
        certificate,
        issuer,
        at,
    };
    let evidence = search.question.evidence();
    let mut findings: Vec<Finding> = Vec::new();
    for response in &evidence.ocsp {
        findings.extend(responses::finding(search, response, asked));
    }
    findings.extend(lists::findings(search, &evidence.crls, asked));
    decide(&findings, at)
}

/// A revocation outweighs any good word, but for a suspension that a newer word lifts.
pub(super) fn decide(findings: &[Finding], at: Time) -> Result<RevocationStatus, Revoked> {
    let good = findings.iter().filter_map(|finding| match *finding {
        Finding::Good {
            source,
            this_update,
            next_update,
        } => Some((source, this_update, next_update)),
        Finding::Revoked { .. } => None,
    });
    let good = good.max_by_key(|(_, this_update, _)| *this_update);
    for finding in findings {
        if let Finding::Revoked {
            at: since,
            why,
            this_update,
        } = *finding
        {
            let lifted = why == RevocationReason::CertificateHold
                && good.is_some_and(|(_, newer, _)| newer > this_update);
            if since <= at && !lifted {
                return Err(Revoked { at: since, why });
            }
        }
    }
    let later = findings.iter().find_map(|finding| match *finding {
        // Revoked after the time asked about: it was good then.
        Finding::Revoked {
            at: since,
            this_update,
            ..
        } if since > at => Some((RevocationSource::Crl, this_update, None)),
        _ => None,
    });
    Ok(match good.or(later) {
        Some((source, this_update, next_update)) => RevocationStatus::Good {
            source,
            this_update,
            next_update,
        },
        None => RevocationStatus::Unknown,
    })
}

/// Evidence must not come from the future, and must reach the time asked about. Evidence made
/// after that time knows more, not less.
pub(super) fn is_current(
    search: &Search<'_>,
    asked: Asked<'_>,
    this_update: Time,
    next_update: Option<Time>,
) -> bool {
    let ends = match next_update {
        Some(next) => next >= this_update && next >= asked.at,
        None => this_update.saturating_add(MAX_AGE_WITHOUT_END) >= asked.at,
    };
    has_begun(search, this_update) && ends
}

/// Evidence from the future is none.
pub(super) fn has_begun(search: &Search<'_>, this_update: Time) -> bool {
    search.question.now().saturating_add(MAX_SKEW) >= this_update
}

/// RFC 5280 §3.3, X.509 §9.5.2.8: evidence from after the end of a certificate's validity may have
/// forgotten it.
pub(super) fn may_have_forgotten(asked: Asked<'_>, this_update: Time, kept_since: Option<Time>) -> bool {
    this_update > asked.certificate.not_after()
        && kept_since.is_none_or(|kept| kept > asked.certificate.not_after())
}

/// `openssl ocsp -validity_period`: five minutes between two clocks.
const MAX_SKEW: Duration = Duration::minutes(5);

/// RFC 6960 §2.4: without nextUpdate, newer information is always available; a day is what
/// responders that omit it publish in practice.
const MAX_AGE_WITHOUT_END: Duration = Duration::days(1);

/// A responder or list issuer has a current key and, for a while, its former one.
pub(super) const MAX_DELEGATES: usize = 8;
