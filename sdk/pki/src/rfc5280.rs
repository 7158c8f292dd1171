//! Judging one path (RFC 5280 §6.1), in the order of the RFC.

use crate::algorithm::SignatureAlgorithm;
use crate::anchors::TrustAnchor;
use crate::certificate::Certificate;
use crate::constraints::Subtrees;
use crate::failure::{Reason, ValidationFailure};
use crate::key::{KeyKind, PublicKey};
use crate::path::{Ask, Search, ValidPath};
use crate::policies::PolicyState;
use crate::revocation::{self, Revocation, RevocationStatus, Revoked};

/// The working variables of §6.1.2.
struct State<'a> {
    policies: PolicyState<'a>,
    subtrees: Subtrees,
    path_length: u32,
    /// §6.1.2 g to i: the key above, with its parameters.
    working_key: PublicKey,
    statuses: Vec<RevocationStatus>,
}

/// Judges the path `chain` (the leaf first), whose signatures are already verified.
pub(crate) fn path(
    search: &mut Search<'_>,
    chain: &[Certificate],
    anchor: &TrustAnchor,
    ask: Ask,
) -> Result<ValidPath, ValidationFailure> {
    let Some(leaf) = chain.first() else {
        return Err(fail(Reason::NoPath, anchor.certificate(), true));
    };
    let length = u32::try_from(chain.len()).unwrap_or(u32::MAX);
    let policies =
        PolicyState::new(search.question.policies(), length).map_err(|reason| fail(reason, leaf, true))?;
    let mut state = State {
        policies,
        subtrees: Subtrees::default(),
        path_length: length,
        working_key: anchor.public_key().clone(),
        statuses: Vec::new(),
    };
    if anchor.certificate() != leaf {
        state
            .begin(anchor)
            .map_err(|reason| fail(reason, anchor.certificate(), false))?;
    }
    let mut issuer = anchor.certificate();
    for (depth, certificate) in chain.iter().enumerate().rev() {
        let is_leaf = depth == 0;
        let judged = state
            .certificate(search, certificate, issuer, is_leaf, ask)
            .and_then(|()| {
                if is_leaf {
                    leaf_only(certificate, ask)
                } else {
                    state.authority(certificate)
                }
            });
        judged.map_err(|reason| fail(reason, certificate, is_leaf))?;
        issuer = certificate;
    }
    state.statuses.reverse();
    let policies = state
        .policies
        .finish(leaf)
        .map_err(|reason| fail(reason, leaf, true))?;
    Ok(ValidPath {
        certificates: chain.to_vec(),
        anchor: anchor.clone(),
        statuses: state.statuses,
        policies,
    })
}

impl State<'_> {
    /// RFC 5937 §3: what the anchor's own certificate restricts.
    fn begin(&mut self, anchor: &TrustAnchor) -> Result<(), Reason> {
        let certificate = anchor.certificate();
        if certificate.version() == 3 {
            is_authority(certificate)?;
            no_unknown_critical(certificate)?;
        }
        let extensions = certificate.extensions();
        if let Some(limit) = extensions
            .basic_constraints
            .and_then(|constraints| constraints.path_length)
        {
            self.path_length = self.path_length.min(limit);
        }
        if let Some(constraints) = &extensions.name_constraints {
            self.subtrees.narrow(constraints);
        }
        Ok(())
    }

    /// §6.1.3: for every certificate.
    fn certificate(
        &mut self,
        search: &mut Search<'_>,
        certificate: &Certificate,
        issuer: &Certificate,
        is_leaf: bool,
        ask: Ask,
    ) -> Result<(), Reason> {
        let is_anchor = certificate == issuer;
        if !is_anchor {
            if issuer.public_key().lacks_parameters() {
                signed_by_inherited(search, certificate, &self.working_key)?;
            }
            self.working_key = certificate.public_key().inheriting(&self.working_key);
            strong_enough(search, certificate, issuer, ask)?;
        }
        within_validity(search, certificate, issuer, is_leaf, ask)?;
        if ask.revocation.is_some() && !is_anchor {
            self.statuses.push(not_revoked(search, certificate, issuer, ask)?);
        } else {
            self.statuses.push(RevocationStatus::Unknown);
        }
        // §6.1.3 b: a self-issued authority may carry the name of what it replaces.
        if is_leaf || !certificate.is_self_issued() {
            if !search.spend(self.subtrees.effort(certificate)) {
                return Err(Reason::WorkLimit);
            }
            self.subtrees.allow(certificate)?;
        }
        self.policies.certificate(certificate, is_leaf)
    }

    /// §6.1.4: for every certificate but the last.
    fn authority(&mut self, certificate: &Certificate) -> Result<(), Reason> {
        self.policies.authority(certificate)?;
        if let Some(constraints) = &certificate.extensions().name_constraints {
            self.subtrees.narrow(constraints);
        }
        is_authority(certificate)?;
        if !certificate.is_self_issued() {
            self.path_length = self.path_length.checked_sub(1).ok_or(Reason::PathLength)?;
        }
        if let Some(limit) = certificate
            .extensions()
            .basic_constraints
            .and_then(|constraints| constraints.path_length)
        {
            self.path_length = self.path_length.min(limit);
        }
        no_unknown_critical(certificate)
    }
}

/// §6.1.5 and the use that is made of the key.
fn leaf_only(leaf: &Certificate, ask: Ask) -> Result<(), Reason> {
    no_unknown_critical(leaf)?;
    ask.purpose.check(leaf)
}

/// §6.1.4 k and n; §4.1.2.6: an authority has a name.
fn is_authority(certificate: &Certificate) -> Result<(), Reason> {
    let extensions = certificate.extensions();
    if certificate.subject().is_empty()
        || !extensions
            .basic_constraints
            .is_some_and(|constraints| constraints.ca)
    {
        return Err(Reason::NotAnAuthority);
    }
    match extensions.key_usage {
        Some(usage) if !usage.key_cert_sign() => Err(Reason::AuthorityKeyUsage),
        _ => Ok(()),
    }
}

/// §6.1.4 o, §6.1.5 e.
fn no_unknown_critical(certificate: &Certificate) -> Result<(), Reason> {
    match certificate.extensions().unknown_critical.first() {
        Some(oid) => Err(Reason::CriticalExtension(oid.clone())),
        None => Ok(()),
    }
}

/// §6.1.3 a 1, with parameters that the path handed down (§6.1.4 e).
fn signed_by_inherited(
    search: &mut Search<'_>,
    certificate: &Certificate,
    key: &PublicKey,
) -> Result<(), Reason> {
    if !search.spend_signature(certificate.signature_algorithm(), key, certificate.tbs().len()) {
        return Err(Reason::WorkLimit);
    }
    certificate
        .verify_signed_by(key)
        .map_err(|_| Reason::BadSignature)
}

/// TS 119 312: the issuer's signature is believed at the time of the question.
fn strong_enough(
    search: &Search<'_>,
    certificate: &Certificate,
    issuer: &Certificate,
    ask: Ask,
) -> Result<(), Reason> {
    let algorithm = SignatureAlgorithm::from_identifier(certificate.signature_algorithm())
        .map_err(|_| Reason::Unsupported(certificate.signature_algorithm().oid().to_string()))?;
    if let KeyKind::Other(_) = certificate.public_key().kind() {
        return Err(Reason::Unsupported(certificate.public_key().to_string()));
    }
    let policy = search.question.algorithms();
    policy
        .signature(algorithm, issuer.public_key(), ask.at)
        .map_err(Reason::WeakAlgorithm)?;
    policy
        .key(certificate.public_key(), ask.at)
        .map_err(Reason::WeakAlgorithm)
}

/// §6.1.3 a 2. For an expired leaf, EN 319 102-1 §5.2.6.4 asks whether it was still good at its end.
fn within_validity(
    search: &mut Search<'_>,
    certificate: &Certificate,
    issuer: &Certificate,
    is_leaf: bool,
    ask: Ask,
) -> Result<(), Reason> {
    // §4.1.2.5: dates have whole seconds, and the last second belongs to the validity.
    let at = ask.at.replace_nanosecond(0).unwrap_or(ask.at);
    if at < certificate.not_before() {
        return Err(Reason::NotYetValid {
            from: certificate.not_before(),
        });
    }
    if at <= certificate.not_after() {
        return Ok(());
    }
    let end = certificate.not_after();
    let not_revoked = is_leaf
        && ask.revocation.is_some()
        && matches!(
            revocation::status(search, certificate, issuer, end),
            Ok(RevocationStatus::Good { .. })
        );
    Err(Reason::Expired {
        since: end,
        not_revoked,
    })
}

/// §6.1.3 a 3.
fn not_revoked(
    search: &mut Search<'_>,
    certificate: &Certificate,
    issuer: &Certificate,
    ask: Ask,
) -> Result<RevocationStatus, Reason> {
    let required = ask.revocation == Some(Revocation::Required);
    match revocation::status(search, certificate, issuer, ask.at) {
        Err(Revoked { at, why }) => Err(Reason::Revoked { at, why }),
        Ok(RevocationStatus::Unknown) if required => Err(Reason::RevocationUnknown),
        Ok(status) => Ok(status),
    }
}

fn fail(reason: Reason, certificate: &Certificate, is_leaf: bool) -> ValidationFailure {
    ValidationFailure {
        reason,
        certificate: certificate.clone(),
        is_leaf,
    }
}
