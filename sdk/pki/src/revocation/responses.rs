//! What an OCSP response says about one certificate (RFC 6960 §3.2, §4.2.2).

use super::RevocationSource;
use super::lists;
use super::status::{Asked, Finding, MAX_DELEGATES, decide, has_begun, is_current, may_have_forgotten};
use crate::Time;
use crate::certificate::Certificate;
use crate::effort::Effort;
use crate::ocsp::{CertStatus, OcspResponse, SingleResponse};
use crate::path::{Search, is_within};
use crate::purpose::Purpose;

pub(super) fn finding(search: &mut Search<'_>, response: &OcspResponse, asked: Asked<'_>) -> Option<Finding> {
    let about = |single: &&SingleResponse| single.id.serial == asked.certificate.serial();
    let named = response.responses().iter().filter(about).count();
    let names = asked
        .issuer
        .subject()
        .der()
        .len()
        .saturating_add(asked.certificate.issuer().der().len());
    let octets = names.saturating_add(asked.issuer.public_key().octets().len());
    let looked_at = Effort::comparisons(response.responses().len());
    if !search.spend(looked_at.and(Effort::digest(octets).times(named))) {
        return None;
    }
    let single = response
        .responses()
        .iter()
        .find(|single| single.id.names(asked.certificate, asked.issuer))?;
    let said = said(single, asked)?;
    // Only good words grow old: what was revoked is so still.
    let in_time = match said {
        Finding::Revoked { .. } => has_begun(search, single.this_update),
        Finding::Good { .. } => is_current(search, asked, single.this_update, single.next_update),
    };
    if single.unknown_critical || !in_time {
        return None;
    }
    is_authorised(search, response, asked).then_some(said)
}

fn said(single: &SingleResponse, asked: Asked<'_>) -> Option<Finding> {
    match single.status {
        CertStatus::Good if may_have_forgotten(asked, single.this_update, single.archive_cutoff) => None,
        CertStatus::Good => Some(Finding::Good {
            source: RevocationSource::Ocsp,
            this_update: single.this_update,
            next_update: single.next_update,
        }),
        CertStatus::Revoked { at, reason } => Some(Finding::Revoked {
            at: single.invalidity_date.map_or(at, |invalid| invalid.min(at)),
            why: reason,
            this_update: single.this_update,
        }),
        CertStatus::Unknown => None,
    }
}

/// RFC 6960 §4.2.2.2: signed by the issuer itself, or by a responder that this same issuer
/// certified for exactly that.
fn is_authorised(search: &mut Search<'_>, response: &OcspResponse, asked: Asked<'_>) -> bool {
    let made = response.produced_at();
    let at = search.question.evidence_judged_at(made);
    if response.is_by(asked.issuer)
        && search.is_within_or_anchor(asked.issuer, made, at)
        && signed(search, response, asked.issuer, at)
    {
        return true;
    }
    let supplied = search.question.all_intermediates();
    let all = response.certificates().iter().chain(supplied.clone());
    let octets = all.map(|one| one.public_key().octets().len()).sum();
    if !search.spend(Effort::digest(octets).and(Effort::digest(0).times(octets / SHORTEST_KEY))) {
        return false;
    }
    let delegates = response
        .certificates()
        .iter()
        .chain(supplied)
        .filter(|delegate| response.is_by(delegate));
    for delegate in delegates.take(MAX_DELEGATES) {
        let certified = delegate.issuer() == asked.issuer.subject()
            && Purpose::OcspSigning.check(delegate).is_ok()
            && delegate.extensions().unknown_critical.is_empty()
            && is_within(delegate, made, at)
            && search
                .question
                .believes(delegate.signature_algorithm(), asked.issuer.public_key(), at)
            && search.is_signed_by(delegate, asked.issuer).is_ok();
        if certified
            && !is_revoked_delegate(search, delegate, asked)
            && signed(search, response, delegate, at)
        {
            return true;
        }
    }
    false
}

/// §4.2.2.2.1: unless marked as needing no check, a responder's own status counts, by lists only:
/// asking responders about responders does not end.
fn is_revoked_delegate(search: &mut Search<'_>, delegate: &Certificate, asked: Asked<'_>) -> bool {
    if delegate.extensions().ocsp_no_check {
        return false;
    }
    let about = Asked {
        certificate: delegate,
        ..asked
    };
    let evidence = search.question.evidence();
    let findings = lists::findings(search, &evidence.crls, about);
    decide(&findings, asked.at).is_err()
}

fn signed(search: &mut Search<'_>, response: &OcspResponse, by: &Certificate, at: Time) -> bool {
    search
        .question
        .believes(response.signature_algorithm(), by.public_key(), at)
        && search.response_is_signed_by(response, by)
}

/// Ed25519.
const SHORTEST_KEY: usize = 32;
