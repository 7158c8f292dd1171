//! Whether an official's certificate is in force: by its dates, and by what its authorities published of revocation.
//! Asked when documents are proposed, when they are approved, and for each of them right before the key is used.

use sdk_pki::{
    Certificate, Evidence, Purpose, Question, Reason, RevocationReason, RevocationStatus, TrustAnchors,
    ValidationFailure, validate,
};
use serde::Deserialize;

use super::Moment;
use super::certificate::{CertificateRefusal, Chain};

/// Whom to believe, and what is known of certificates.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// Whom to believe.
    pub anchors: &'k TrustAnchors,
    /// Certificates that may lie between.
    pub certificates: &'k [Certificate],
    /// Revocation lists and responses.
    pub evidence: &'k Evidence,
}

/// What happens while nothing current says whether a certificate, or one of those above it, was revoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WithoutNews {
    /// Nobody signs. EN 319 102-1 §5.2.6 calls such a signature indeterminate, and we make none.
    #[default]
    Refuse,
    /// Officials sign. What is known to be revoked is refused all the same.
    Sign,
}

/// A chain whose certificates were all found in force. Only [`in_force`] makes one, and no key is used without.
///
/// ```compile_fail
/// # use signer::rules::{certificate::Chain, in_force::InForce};
/// fn believed(chain: Chain) -> InForce { InForce { chain } }
/// ```
/// ```
/// # use signer::rules::{certificate::Chain, in_force::InForce};
/// fn asked(found: InForce) -> Chain { found.chain().clone() }
/// ```
#[derive(Debug)]
pub struct InForce {
    chain: Chain,
}

impl InForce {
    /// The certificates.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Without asking, for tests of what comes after.
    #[cfg(test)]
    pub(crate) fn supposed(chain: Chain) -> Self {
        Self { chain }
    }
}

/// Asks what is known, in this order: its own dates; a path to whom the service believes (RFC 5280 §6.1), on which
/// nothing is revoked; news of every certificate on that path.
///
/// # Errors
/// The first reason for which nothing is signed with it now.
pub fn in_force(
    chain: Chain,
    known: &Known<'_>,
    now: Moment,
    without_news: WithoutNews,
) -> Result<InForce, CertificateRefusal> {
    chain.valid_at(now)?;
    let certificates = chain.certificates()?;
    let (leaf, issuers) = certificates
        .split_first()
        .ok_or(CertificateRefusal::NoCertificate)?;
    let question = Question::new(known.anchors, now.utc())
        .purpose(Purpose::DocumentSigning)
        .intermediates(issuers)
        .intermediates(known.certificates)
        .evidence(known.evidence);
    let news = match validate(leaf, &question) {
        Ok(path) => !path.statuses.contains(&RevocationStatus::Unknown),
        Err(failure) => match refusal(&failure) {
            CertificateRefusal::NotTrusted if nobody_to_ask(&failure) => match without_news {
                WithoutNews::Refuse => return Err(CertificateRefusal::NotTrusted),
                WithoutNews::Sign => false,
            },
            refusal => return Err(refusal),
        },
    };
    match (news, without_news) {
        (true, _) | (false, WithoutNews::Sign) => Ok(InForce { chain }),
        (false, WithoutNews::Refuse) => Err(CertificateRefusal::NoNews),
    }
}

fn refusal(failure: &ValidationFailure) -> CertificateRefusal {
    let moment = |at: sdk_pki::Time| Moment(at.unix_timestamp());
    match failure.reason {
        Reason::Revoked { .. } if !failure.is_leaf => CertificateRefusal::AuthorityRevoked,
        // RFC 5280 §5.3.1: a hold is for a while; every other reason is for good.
        Reason::Revoked {
            at,
            why: RevocationReason::CertificateHold,
        } => CertificateRefusal::OnHold { since: moment(at) },
        Reason::Revoked { at, .. } => CertificateRefusal::Revoked { since: moment(at) },
        Reason::RevocationUnknown => CertificateRefusal::NoNews,
        _ => CertificateRefusal::NotTrusted,
    }
}

/// Nothing speaks against the certificate: nobody whom the service believes speaks of it at all.
fn nobody_to_ask(failure: &ValidationFailure) -> bool {
    matches!(failure.reason, Reason::NoPath)
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer, KeyPair,
        KeyUsagePurpose, RevokedCertParams, SerialNumber,
    };

    use super::*;

    const NOW: Moment = Moment(1_800_000_000);
    const HOUR: i64 = 3_600;

    /// An authority above another, above an official.
    struct Authorities {
        root: (CertificateParams, KeyPair),
        issuing: (CertificateParams, KeyPair),
        anchors: TrustAnchors,
        chain: Chain,
    }

    fn params(name: &str, serial: u64, usages: &[KeyUsagePurpose]) -> CertificateParams {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.serial_number = Some(SerialNumber::from(serial));
        params.not_before = Moment(NOW.0 - HOUR).utc();
        params.not_after = Moment(NOW.0 + HOUR).utc();
        params.key_usages = usages.to_vec();
        params
    }

    impl Authorities {
        fn new() -> Self {
            let authority = |name: &str, serial: u64| {
                let mut params = params(
                    name,
                    serial,
                    &[KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign],
                );
                params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                (params, KeyPair::generate().unwrap())
            };
            let (root, issuing) = (authority("Root", 1), authority("Issuing", 2));
            let leaf = params("Official", 3, &[KeyUsagePurpose::ContentCommitment]);
            let key = KeyPair::generate().unwrap();
            let by = |authority: &(CertificateParams, KeyPair), params: &CertificateParams, key: &KeyPair| {
                let issuer = Issuer::from_params(&authority.0, &authority.1);
                params.signed_by(key, &issuer).unwrap().der().to_vec()
            };
            let chain = vec![by(&issuing, &leaf, &key), by(&root, &issuing.0, &issuing.1)];
            let mut anchors = TrustAnchors::new();
            let itself = root.0.self_signed(&root.1).unwrap();
            anchors.add(Certificate::from_der(itself.der()).unwrap());
            Self {
                root,
                issuing,
                anchors,
                chain: Chain::from_der(chain).unwrap(),
            }
        }

        /// Lists of both, the one of the issuing authority ending after so many seconds.
        fn lists(
            &self,
            authorities: Option<rcgen::RevocationReason>,
            officials: Option<rcgen::RevocationReason>,
            until: i64,
        ) -> Evidence {
            let mut evidence = Evidence::new();
            for (by, serial, why, until) in [
                (&self.root, 2, authorities, HOUR),
                (&self.issuing, 3, officials, until),
            ] {
                let revoked = why.map(|why| RevokedCertParams {
                    serial_number: SerialNumber::from(serial),
                    revocation_time: Moment(NOW.0 - 60).utc(),
                    reason_code: Some(why),
                    invalidity_date: None,
                });
                let list = CertificateRevocationListParams {
                    this_update: Moment(NOW.0 - 30).utc(),
                    next_update: NOW.plus(crate::rules::Seconds(until)).utc(),
                    crl_number: SerialNumber::from(1_u64),
                    issuing_distribution_point: None,
                    revoked_certs: revoked.into_iter().collect(),
                    key_identifier_method: rcgen::KeyIdMethod::Sha256,
                };
                let list = list.signed_by(&Issuer::from_params(&by.0, &by.1)).unwrap();
                evidence.add_crl(list.der()).unwrap();
            }
            evidence
        }

        fn ask(&self, evidence: &Evidence, without: WithoutNews) -> Result<InForce, CertificateRefusal> {
            self.ask_at(evidence, without, NOW)
        }

        fn ask_at(
            &self,
            evidence: &Evidence,
            without: WithoutNews,
            at: Moment,
        ) -> Result<InForce, CertificateRefusal> {
            let known = Known {
                anchors: &self.anchors,
                certificates: &[],
                evidence,
            };
            in_force(self.chain.clone(), &known, at, without)
        }
    }

    const BOTH: [WithoutNews; 2] = [WithoutNews::Refuse, WithoutNews::Sign];
    const SINCE: Moment = Moment(NOW.0 - 60);

    #[test]
    fn row_39_a_certificate_that_no_list_names_is_in_force() {
        let of = Authorities::new();
        let found = of.ask(&of.lists(None, None, HOUR), WithoutNews::Refuse).unwrap();
        assert_eq!(found.chain(), &of.chain);
    }

    #[test]
    fn row_39_a_revoked_certificate_is_refused_whatever_the_reason() {
        let of = Authorities::new();
        for why in [
            rcgen::RevocationReason::Unspecified,
            rcgen::RevocationReason::KeyCompromise,
            rcgen::RevocationReason::AffiliationChanged,
            rcgen::RevocationReason::CessationOfOperation,
        ] {
            for without in BOTH {
                let refused = of.ask(&of.lists(None, Some(why), HOUR), without).unwrap_err();
                assert_eq!(refused, CertificateRefusal::Revoked { since: SINCE });
            }
        }
    }

    #[test]
    fn row_39_a_certificate_on_hold_is_refused() {
        let of = Authorities::new();
        let held = of.lists(None, Some(rcgen::RevocationReason::CertificateHold), HOUR);
        for without in BOTH {
            let refused = of.ask(&held, without).unwrap_err();
            assert_eq!(refused, CertificateRefusal::OnHold { since: SINCE });
        }
    }

    #[test]
    fn row_39_a_certificate_below_a_revoked_authority_is_refused() {
        let of = Authorities::new();
        let revoked = of.lists(Some(rcgen::RevocationReason::CaCompromise), None, HOUR);
        for without in BOTH {
            let refused = of.ask(&revoked, without).unwrap_err();
            assert_eq!(refused, CertificateRefusal::AuthorityRevoked);
        }
    }

    #[test]
    fn row_39_an_expired_certificate_is_refused() {
        let of = Authorities::new();
        let later = Moment(NOW.0 + HOUR + 1);
        for without in BOTH {
            let refused = of
                .ask_at(&of.lists(None, None, 2 * HOUR), without, later)
                .unwrap_err();
            assert_eq!(refused, CertificateRefusal::Expired);
        }
    }

    #[test]
    fn row_39_a_list_that_has_ended_is_no_news() {
        let of = Authorities::new();
        let ended = of.lists(None, None, -1);
        let refused = of.ask(&ended, WithoutNews::Refuse).unwrap_err();
        assert_eq!(refused, CertificateRefusal::NoNews);
        assert!(of.ask(&ended, WithoutNews::Sign).is_ok());
    }

    #[test]
    fn row_39_news_of_the_official_alone_says_nothing_of_the_authority_above() {
        let of = Authorities::new();
        let mut evidence = of.lists(None, None, HOUR);
        evidence.crls.remove(0);
        let refused = of.ask(&evidence, WithoutNews::Refuse).unwrap_err();
        assert_eq!(refused, CertificateRefusal::NoNews);
    }

    #[test]
    fn row_39_a_list_that_another_authority_signed_is_no_news() {
        let (of, others) = (Authorities::new(), Authorities::new());
        let refused = of
            .ask(&others.lists(None, None, HOUR), WithoutNews::Refuse)
            .unwrap_err();
        assert_eq!(refused, CertificateRefusal::NoNews);
    }

    #[test]
    fn row_39_without_anybody_to_believe_signing_is_the_operators_decision() {
        let mut of = Authorities::new();
        of.anchors = TrustAnchors::new();
        let lists = of.lists(None, None, HOUR);
        let refused = of.ask(&lists, WithoutNews::Refuse).unwrap_err();
        assert_eq!(refused, CertificateRefusal::NotTrusted);
        assert!(of.ask(&lists, WithoutNews::Sign).is_ok());
    }
}
