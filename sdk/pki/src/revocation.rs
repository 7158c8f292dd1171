//! Was a certificate withdrawn? Evidence, and what follows from it for one certificate.
//!
//! Nothing is fetched: evidence is embedded in a document or supplied by the caller. Evidence that
//! cannot be used (of another issuer, unsigned, stale, out of scope) counts as absent.

use std::fmt;

use time::Duration;

use crate::Time;
use crate::algorithm::SignatureAlgorithm;
use crate::certificate::Certificate;
use crate::crl::{Crl, CrlEntry, Scope};
use crate::der::{DerError, Tlv};
use crate::extensions::DistributionPoint;
use crate::general_name::GeneralName;
use crate::ocsp::{CertStatus, OcspResponse, SingleResponse};
use crate::path::Search;
use crate::purpose::Purpose;

/// Revocation lists and OCSP responses that are at hand.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Lists, complete and delta.
    pub crls: Vec<Crl>,
    /// Responses.
    pub ocsp: Vec<OcspResponse>,
}

impl Evidence {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a list and keeps it.
    pub fn add_crl(&mut self, bytes: &[u8]) -> Result<(), DerError> {
        self.crls.push(Crl::from_der(bytes)?);
        Ok(())
    }

    /// Reads a response and keeps it.
    pub fn add_ocsp(&mut self, bytes: &[u8]) -> Result<(), DerError> {
        self.ocsp.push(OcspResponse::from_der(bytes)?);
        Ok(())
    }

    /// There is nothing.
    pub fn is_empty(&self) -> bool {
        self.crls.is_empty() && self.ocsp.is_empty()
    }
}

/// How much evidence a question asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Revocation {
    /// What is at hand is judged; when there is nothing, the status is unknown and says so.
    #[default]
    IfAvailable,
    /// Without usable evidence for every certificate, the path is not valid.
    Required,
}

/// Where a status comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationSource {
    /// A revocation list.
    Crl,
    /// An OCSP response.
    Ocsp,
}

/// What evidence says about one certificate of a valid path. Unknown is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationStatus {
    /// Not revoked at the time asked about.
    Good {
        /// Who says so.
        source: RevocationSource,
        /// Since when that is known to be so.
        this_update: Time,
        /// By when more is known.
        next_update: Option<Time>,
    },
    /// No usable evidence is at hand.
    Unknown,
}

impl fmt::Display for RevocationStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Good { .. } => "good",
            Self::Unknown => "unknown",
        })
    }
}

/// RFC 5280 §5.3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationReason {
    /// Not said.
    Unspecified,
    /// The holder's key is no longer secret.
    KeyCompromise,
    /// The authority's key is no longer secret.
    CaCompromise,
    /// The holder's name or position changed.
    AffiliationChanged,
    /// A newer certificate replaces it.
    Superseded,
    /// No longer needed.
    CessationOfOperation,
    /// Suspended.
    CertificateHold,
    /// In a delta: no longer revoked.
    RemoveFromCrl,
    /// A right it states was withdrawn.
    PrivilegeWithdrawn,
    /// The attribute authority's key is no longer secret.
    AaCompromise,
}

impl RevocationReason {
    pub(crate) fn parse(tlv: &Tlv<'_>) -> Result<Self, DerError> {
        Ok(match tlv.value() {
            [0] => Self::Unspecified,
            [1] => Self::KeyCompromise,
            [2] => Self::CaCompromise,
            [3] => Self::AffiliationChanged,
            [4] => Self::Superseded,
            [5] => Self::CessationOfOperation,
            [6] => Self::CertificateHold,
            [8] => Self::RemoveFromCrl,
            [9] => Self::PrivilegeWithdrawn,
            [10] => Self::AaCompromise,
            _ => return Err(DerError::Value("a reason for revocation is unknown")),
        })
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "no reason given",
            Self::KeyCompromise => "key compromise",
            Self::CaCompromise => "authority's key compromise",
            Self::AffiliationChanged => "affiliation changed",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessation of operation",
            Self::CertificateHold => "on hold",
            Self::RemoveFromCrl => "removed from list",
            Self::PrivilegeWithdrawn => "privilege withdrawn",
            Self::AaCompromise => "attribute authority's key compromise",
        })
    }
}

/// What one piece of evidence says.
#[derive(Debug, Clone, Copy)]
enum Finding {
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
    fn this_update(&self) -> Time {
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
struct Asked<'a> {
    certificate: &'a Certificate,
    issuer: &'a Certificate,
    at: Time,
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
        findings.extend(from_ocsp(search, response, asked));
    }
    findings.extend(from_lists(search, &evidence.crls, asked));
    decide(&findings, at)
}

/// A revocation outweighs any good word, but for a suspension that a newer word lifts.
fn decide(findings: &[Finding], at: Time) -> Result<RevocationStatus, Revoked> {
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
fn is_current(search: &Search<'_>, asked: Asked<'_>, this_update: Time, next_update: Option<Time>) -> bool {
    let begins = search.question.now().saturating_add(MAX_SKEW) >= this_update;
    let ends = match next_update {
        Some(next) => next >= this_update && next >= asked.at,
        None => this_update.saturating_add(MAX_AGE_WITHOUT_END) >= asked.at,
    };
    begins && ends
}

/// RFC 5280 §3.3, X.509 §9.5.2.8: evidence from after the end of a certificate's validity may have
/// forgotten it.
fn may_have_forgotten(asked: Asked<'_>, this_update: Time, kept_since: Option<Time>) -> bool {
    this_update > asked.certificate.not_after()
        && kept_since.is_none_or(|kept| kept > asked.certificate.not_after())
}

fn from_ocsp(search: &mut Search<'_>, response: &OcspResponse, asked: Asked<'_>) -> Option<Finding> {
    let single = response
        .responses()
        .iter()
        .find(|single| single.id.names(asked.certificate, asked.issuer))?;
    if single.unknown_critical || !is_current(search, asked, single.this_update, single.next_update) {
        return None;
    }
    let finding = finding(single, asked)?;
    is_authorised(search, response, asked).then_some(finding)
}

fn finding(single: &SingleResponse, asked: Asked<'_>) -> Option<Finding> {
    match single.status {
        CertStatus::Good if may_have_forgotten(asked, single.this_update, single.archive_cutoff) => None,
        CertStatus::Good => Some(Finding::Good {
            source: RevocationSource::Ocsp,
            this_update: single.this_update,
            next_update: single.next_update,
        }),
        CertStatus::Revoked { at, reason } => Some(Finding::Revoked {
            at,
            why: reason,
            this_update: single.this_update,
        }),
        CertStatus::Unknown => None,
    }
}

/// RFC 6960 §4.2.2.2: signed by the issuer itself, or by a responder that this same issuer
/// certified for exactly that.
fn is_authorised(search: &mut Search<'_>, response: &OcspResponse, asked: Asked<'_>) -> bool {
    let at = response.produced_at();
    if response.is_by(asked.issuer) && signed(search, response, asked.issuer, at) {
        return true;
    }
    let supplied = search.question.all_intermediates();
    let delegates = response
        .certificates()
        .iter()
        .chain(supplied)
        .filter(|delegate| response.is_by(delegate));
    for delegate in delegates.take(MAX_DELEGATES) {
        let certified = delegate.issuer() == asked.issuer.subject()
            && Purpose::OcspSigning.check(delegate).is_ok()
            && delegate.extensions().unknown_critical.is_empty()
            && (delegate.not_before()..=delegate.not_after()).contains(&at)
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
    let findings = from_lists(search, &evidence.crls, about);
    decide(&findings, asked.at).is_err()
}

fn signed(search: &mut Search<'_>, response: &OcspResponse, by: &Certificate, at: Time) -> bool {
    search
        .question
        .believes(response.signature_algorithm(), by.public_key(), at)
        && search.spend_signature()
        && response.verify_signed_by(by.public_key()).is_ok()
}

/// RFC 5280 §6.3.3 over all lists at hand. Every revocation is told; the newest good word counts
/// when the reasons that lists cover, gathered point by point, are all.
fn from_lists(search: &mut Search<'_>, lists: &[Crl], asked: Asked<'_>) -> Vec<Finding> {
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
        for base in lists.iter().filter(|list| list.extensions().delta_base.is_none()) {
            if !in_scope(point, base, asked) {
                continue;
            }
            match from_list(search, lists, base, asked) {
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
    if !(current || newest.is_some()) || !is_signed(search, base, asked) {
        return None;
    }
    let (issuer, serial) = (asked.certificate.issuer(), asked.certificate.serial());
    let mut entry = base.entry(issuer, serial).ok()?;
    if let Some(delta) = newest {
        match delta.entry(issuer, serial).ok()? {
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
            at: entry.revoked_at,
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
    let anchors = question.anchors().iter().map(|anchor| anchor.certificate());
    let signers = supplied
        .chain(anchors)
        .filter(|signer| signer.subject() == list.issuer() && *signer != asked.issuer);
    for signer in signers.take(MAX_DELEGATES) {
        if signs(search, list, signer)
            && search.leads_to_anchor(signer, Purpose::CrlSigning, list.this_update())
        {
            return true;
        }
    }
    false
}

fn signs(search: &mut Search<'_>, list: &Crl, signer: &Certificate) -> bool {
    let key = signer.public_key();
    Purpose::CrlSigning.check(signer).is_ok()
        && SignatureAlgorithm::from_identifier(list.signature_algorithm()).is_ok()
        && search
            .question
            .believes(list.signature_algorithm(), key, list.this_update())
        && search.list_is_signed_by(list, signer)
}

/// `openssl ocsp -validity_period`: five minutes between two clocks.
const MAX_SKEW: Duration = Duration::minutes(5);

/// RFC 6960 §2.4: without nextUpdate, newer information is always available; a day is what
/// responders that omit it publish in practice.
const MAX_AGE_WITHOUT_END: Duration = Duration::days(1);

/// RFC 5280 §5.2.5: ReasonFlags, bits 1 to 8.
const ALL_REASONS: u16 = 0b1_1111_1110;

/// Certificates name one or two points.
const MAX_POINTS: usize = 16;

/// A responder or list issuer has a current key and, for a while, its former one.
const MAX_DELEGATES: usize = 8;
