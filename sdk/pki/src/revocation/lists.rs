//! What revocation lists say about one certificate (RFC 5280 §6.3).

use super::status::{Asked, Finding, MAX_DELEGATES, has_begun, is_current, may_have_forgotten};
use super::{RevocationReason, RevocationSource};
use crate::Time;
use crate::certificate::Certificate;
use crate::crl::{Crl, CrlEntry, Scope};
use crate::effort::Effort;
use crate::extensions::DistributionPoint;
use crate::general_name::GeneralName;
use crate::path::Search;
use crate::purpose::Purpose;

/// RFC 5280 §6.3.3 over all lists at hand. Every revocation is told; the newest good word counts
/// when the reasons that lists cover, gathered point by point, are all.
pub(super) fn findings(search: &mut Search<'_>, lists: &[Crl], asked: Asked<'_>) -> Vec<Finding> {
    let mut covered = 0_u16;
    let mut newest: Option<Finding> = None;
    let mut findings = Vec::new();
    let implied = DistributionPoint {
        names: vec![GeneralName::Directory(asked.certificate.issuer().clone())],
        ..DistributionPoint::default()
    };
    let points = asked
        .certificate
        .extensions()
        .crl_distribution_points
        .iter()
        .chain([&implied]);
    for point in points.take(MAX_POINTS) {
        if !search.spend(Effort::comparisons(lists.len())) {
            break;
        }
        for base in lists {
            if !in_scope(point, base, asked) {
                continue;
            }
            let said = match base.extensions().delta_base {
                None => from_list(search, lists, base, asked),
                Some(_) if lists.iter().any(|list| is_delta_to(base, list)) => None,
                Some(_) => outdated(search, base, asked),
            };
            match said {
                Some(revoked @ Finding::Revoked { .. }) => findings.push(revoked),
                Some(good @ Finding::Good { .. }) => {
                    covered |= reasons(point, base);
                    newest = newest
                        .filter(|other| other.this_update() > good.this_update())
                        .or(Some(good));
                }
                None => {}
            }
        }
    }
    findings.extend(newest.filter(|_| covered & ALL_REASONS == ALL_REASONS));
    findings
}

/// §6.3.3 d: the reasons that both the point and the list cover.
fn reasons(point: &DistributionPoint, list: &Crl) -> u16 {
    let scope = list
        .extensions()
        .scope
        .as_ref()
        .and_then(|scope| scope.only_reasons);
    point.reasons.unwrap_or(ALL_REASONS) & scope.unwrap_or(ALL_REASONS) & ALL_REASONS
}

/// §6.3.3 b: issuer and scope fit the certificate and the point.
fn in_scope(point: &DistributionPoint, list: &Crl, asked: Asked<'_>) -> bool {
    let names = |names: &[GeneralName]| names.contains(&GeneralName::Directory(list.issuer().clone()));
    let everything = Scope::default();
    let scope = list.extensions().scope.as_ref().unwrap_or(&everything);
    let issuer_fits = if point.crl_issuer.is_empty() {
        list.issuer() == asked.certificate.issuer()
    } else {
        names(&point.crl_issuer) && scope.indirect
    };
    let point_names = if point.names.is_empty() {
        &point.crl_issuer
    } else {
        &point.names
    };
    let point_fits = scope.names.is_empty() || scope.names.iter().any(|name| point_names.contains(name));
    let is_authority = asked
        .certificate
        .extensions()
        .basic_constraints
        .is_some_and(|constraints| constraints.ca);
    let kind_excluded = if is_authority {
        scope.only_users
    } else {
        scope.only_authorities
    };
    let kind_fits = !kind_excluded && !scope.only_attributes;
    issuer_fits && point_fits && kind_fits && !list.extensions().unknown_critical
}

/// What one complete list says, together with the newest delta to it.
fn from_list(search: &mut Search<'_>, lists: &[Crl], base: &Crl, asked: Asked<'_>) -> Option<Finding> {
    if !search.spend(Effort::comparisons(lists.len())) {
        return None;
    }
    let deltas = lists.iter().filter(|list| is_delta_to(list, base));
    let mut newest: Option<&Crl> = None;
    for delta in deltas {
        let newer = newest.is_none_or(|other| delta.this_update() > other.this_update());
        if newer
            && is_current(search, asked, delta.this_update(), delta.next_update())
            && is_signed(search, delta, asked)
        {
            newest = Some(delta);
        }
    }
    let current = is_current(search, asked, base.this_update(), base.next_update());
    if !(current || newest.is_some()) {
        return outdated(search, base, asked);
    }
    if !is_signed(search, base, asked) {
        return None;
    }
    let mut entry = search.entry(base, asked.certificate)?;
    if let Some(delta) = newest {
        match search.entry(delta, asked.certificate)? {
            Some(CrlEntry {
                reason: RevocationReason::RemoveFromCrl,
                ..
            }) => entry = None,
            Some(changed) => entry = Some(changed),
            None => {}
        }
    }
    let newest = newest.unwrap_or(base);
    let (this_update, next_update) = (newest.this_update(), newest.next_update());
    match entry {
        Some(entry) => Some(Finding::Revoked {
            at: entry.effective(),
            why: entry.reason,
            this_update,
        }),
        None if may_have_forgotten(asked, this_update, newest.extensions().expired_since) => None,
        None => Some(Finding::Good {
            source: RevocationSource::Crl,
            this_update,
            next_update,
        }),
    }
}

/// A list that says nothing of the time asked about, for it has ended or is a delta to what is not at hand: what it
/// says was revoked is so still. Only good words grow old.
fn outdated(search: &mut Search<'_>, list: &Crl, asked: Asked<'_>) -> Option<Finding> {
    if !has_begun(search, list.this_update()) {
        return None;
    }
    let entry = search.entry(list, asked.certificate)?;
    let entry = entry.filter(|entry| entry.reason != RevocationReason::RemoveFromCrl)?;
    is_signed(search, list, asked).then_some(Finding::Revoked {
        at: entry.effective(),
        why: entry.reason,
        this_update: list.this_update(),
    })
}

/// §5.2.4, §6.3.3 c: same issuer, same scope, same key, and no gap between them.
fn is_delta_to(delta: &Crl, base: &Crl) -> bool {
    let (changed, whole) = (delta.extensions(), base.extensions());
    let (Some(from), Some(to), Some(number)) = (&changed.delta_base, &changed.number, &whole.number) else {
        return false;
    };
    let ascending = |one: &[u8], two: &[u8]| one.len() < two.len() || (one.len() == two.len() && one <= two);
    delta.issuer() == base.issuer()
        && !changed.unknown_critical
        && changed.scope == whole.scope
        && changed.authority_key_id == whole.authority_key_id
        && ascending(from, number)
        && ascending(number, to)
}

/// §6.3.3 f, g: the list is signed by somebody whose path leads to the same anchors and who may
/// sign lists.
fn is_signed(search: &mut Search<'_>, list: &Crl, asked: Asked<'_>) -> bool {
    if list.issuer() == asked.issuer.subject() && signs(search, list, asked.issuer) {
        return true;
    }
    let question = search.question;
    let supplied = question.all_intermediates();
    let names = supplied
        .clone()
        .count()
        .saturating_add(question.anchors().iter().len());
    if !search.spend(Effort::comparisons(names)) {
        return false;
    }
    let anchors = question.anchors().iter().map(|anchor| anchor.certificate());
    let signers = supplied
        .chain(anchors)
        .filter(|signer| signer.subject() == list.issuer() && *signer != asked.issuer);
    for signer in signers.take(MAX_DELEGATES) {
        if signs(search, list, signer)
            && search.leads_to_anchor(signer, Purpose::CrlSigning, judged_at(search, list))
        {
            return true;
        }
    }
    false
}

fn signs(search: &mut Search<'_>, list: &Crl, signer: &Certificate) -> bool {
    let at = judged_at(search, list);
    Purpose::CrlSigning.check(signer).is_ok()
        && search.is_within_or_anchor(signer, list.this_update(), at)
        && search
            .question
            .believes(list.signature_algorithm(), signer.public_key(), at)
        && search.list_is_signed_by(list, signer)
}

fn judged_at(search: &Search<'_>, list: &Crl) -> Time {
    search.question.evidence_judged_at(list.this_update())
}

/// RFC 5280 §5.2.5: ReasonFlags, bits 1 to 8.
const ALL_REASONS: u16 = 0b1_1111_1110;

/// Certificates name one or two points.
const MAX_POINTS: usize = 16;
