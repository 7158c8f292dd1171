//! Who may sign what, when. The only place that turns an approval into an [`Authorisation`].

use super::batch::Proposal;
use super::ids::{BatchId, Binding, Digest, DocumentId, KeyId, OfficialId};
use super::national_id::NationalId;
use super::official::Official;
use super::refusal::Refusal;
use super::{Moment, Seconds};

/// What the identity provider vouched for when the official proved presence again.
#[derive(Clone, Debug)]
pub struct Presence {
    /// What presence was proven for.
    pub binding: Binding,
    /// When.
    pub auth_time: Moment,
    /// How strongly: 1, 2 or 3 (NIST SP 800-63B AAL).
    pub assurance: u8,
    /// By whom.
    pub national_id: NationalId,
}

/// Leave to sign exactly these documents with this key until then. Not `Clone`: the write that stores it takes it.
#[derive(Debug)]
pub struct Authorisation {
    batch: BatchId,
    official: OfficialId,
    key: KeyId,
    documents: Vec<(DocumentId, Digest)>,
    expires_at: Moment,
}

impl Authorisation {
    /// The batch.
    #[must_use]
    pub fn batch(&self) -> BatchId {
        self.batch
    }

    /// The official.
    #[must_use]
    pub fn official(&self) -> OfficialId {
        self.official
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> KeyId {
        self.key
    }

    /// The documents, in the order of the approval.
    #[must_use]
    pub fn documents(&self) -> &[(DocumentId, Digest)] {
        &self.documents
    }

    /// No signature is begun after this.
    #[must_use]
    pub fn expires_at(&self) -> Moment {
        self.expires_at
    }
}

/// Decides over a proposal, in this order: the person, the key, the certificate, then the proof of presence.
///
/// # Errors
/// The first check that fails.
pub fn authorise(
    proposal: Proposal,
    official: &Official,
    presence: &Presence,
    now: Moment,
) -> Result<Authorisation, Refusal> {
    own_proposal(&proposal, official)?;
    own_presence(official, presence)?;
    same_key(&proposal, official)?;
    official.chain()?.valid_at(now)?;
    something_to_sign(&proposal)?;
    proposal_fresh(&proposal, now)?;
    presence_for_exactly_this(&proposal, presence)?;
    two_factors(presence)?;
    presence_fresh(&proposal, presence, now)?;
    Ok(Authorisation {
        batch: proposal.batch,
        official: proposal.official,
        key: proposal.key,
        documents: proposal.documents,
        expires_at: now.plus(AUTHORISATION_LIFETIME),
    })
}

fn own_proposal(proposal: &Proposal, official: &Official) -> Result<(), Refusal> {
    // Another official's proposal looks as if it did not exist.
    if proposal.official == official.id {
        Ok(())
    } else {
        Err(Refusal::NotFound)
    }
}

fn own_presence(official: &Official, presence: &Presence) -> Result<(), Refusal> {
    if presence.national_id == official.profile.national_id {
        Ok(())
    } else {
        Err(Refusal::AnotherPerson)
    }
}

fn same_key(proposal: &Proposal, official: &Official) -> Result<(), Refusal> {
    if proposal.key == official.key {
        Ok(())
    } else {
        Err(Refusal::PresenceMismatch)
    }
}

fn something_to_sign(proposal: &Proposal) -> Result<(), Refusal> {
    if proposal.documents.is_empty() {
        Err(Refusal::NothingChosen)
    } else {
        Ok(())
    }
}

fn proposal_fresh(proposal: &Proposal, now: Moment) -> Result<(), Refusal> {
    if now.since(proposal.proposed_at) <= PROPOSAL_LIFETIME {
        Ok(())
    } else {
        Err(Refusal::ProposalSpent)
    }
}

/// EN 419 241-1 SRA_SAP.2.1 asks the activation data to bind the signer, the key and the data to be signed.
fn presence_for_exactly_this(proposal: &Proposal, presence: &Presence) -> Result<(), Refusal> {
    if presence.binding == proposal.binding() {
        Ok(())
    } else {
        Err(Refusal::PresenceMismatch)
    }
}

fn two_factors(presence: &Presence) -> Result<(), Refusal> {
    if presence.assurance >= LEAST_ASSURANCE {
        Ok(())
    } else {
        Err(Refusal::AssuranceTooLow)
    }
}

fn presence_fresh(proposal: &Proposal, presence: &Presence, now: Moment) -> Result<(), Refusal> {
    let after_proposal = presence.auth_time.plus(CLOCK_SKEW) >= proposal.proposed_at;
    let recent = now.since(presence.auth_time) <= PRESENCE_LIFETIME;
    let not_from_the_future = presence.auth_time.since(now) <= CLOCK_SKEW;
    if after_proposal && recent && not_from_the_future {
        Ok(())
    } else {
        Err(Refusal::PresenceStale)
    }
}

/// Activation data lives five minutes at most (row 6 of the signing requirements, after EN 419 241-2).
pub const AUTHORISATION_LIFETIME: Seconds = Seconds(300);
/// Presence counts for as long as the authorisation it leads to.
pub const PRESENCE_LIFETIME: Seconds = Seconds(300);
/// An approval page may stay open over a coffee, not over a night.
pub const PROPOSAL_LIFETIME: Seconds = Seconds(1_800);
/// The identity provider's clock and ours may differ by a minute (OpenID Connect Core §2 allows "a few minutes").
const CLOCK_SKEW: Seconds = Seconds(60);
/// NIST SP 800-63B AAL2.
const LEAST_ASSURANCE: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::certificate::Chain;
    use crate::rules::official::{Profile, Standing};
    use crate::rules::stamp::Stamp;

    const NOW: Moment = Moment(1_800_000_000);

    fn chain() -> Chain {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.not_before = Moment(NOW.0 - 1000).utc();
        params.not_after = Moment(NOW.0 + 1000).utc();
        Chain::from_der(vec![params.self_signed(&key).unwrap().der().to_vec()]).unwrap()
    }

    fn official() -> Official {
        Official {
            id: OfficialId::from_chance([2; 16]),
            profile: Profile {
                national_id: "11111111-1".parse().unwrap(),
                given_name: "María".into(),
                family_name: "Muñoz".into(),
                institution: "Municipalidad".into(),
                position: "Directora".into(),
            },
            key: KeyId([3; 32]),
            standing: Standing::Certified(chain()),
        }
    }

    fn proposal() -> Proposal {
        Proposal {
            batch: BatchId::from_chance([1; 16]),
            official: OfficialId::from_chance([2; 16]),
            key: KeyId([3; 32]),
            documents: vec![(DocumentId::from_chance([4; 16]), Digest([5; 32]))],
            stamp: Stamp::None,
            nonce: [8; 16],
            proposed_at: Moment(NOW.0 - 60),
        }
    }

    fn presence() -> Presence {
        Presence {
            binding: proposal().binding(),
            auth_time: Moment(NOW.0 - 10),
            assurance: 2,
            national_id: "11111111-1".parse().unwrap(),
        }
    }

    fn refusal(proposal: Proposal, official: &Official, presence: &Presence) -> Refusal {
        authorise(proposal, official, presence, NOW).unwrap_err()
    }

    #[test]
    fn a_sound_approval_is_authorised_for_five_minutes() {
        let authorisation = authorise(proposal(), &official(), &presence(), NOW).unwrap();
        assert_eq!(authorisation.documents(), proposal().documents);
        assert_eq!(authorisation.expires_at(), Moment(NOW.0 + 300));
    }

    #[test]
    fn another_officials_proposal_does_not_exist() {
        let proposal = Proposal {
            official: OfficialId::from_chance([9; 16]),
            ..proposal()
        };
        assert_eq!(refusal(proposal, &official(), &presence()), Refusal::NotFound);
    }

    #[test]
    fn another_persons_presence_is_refused() {
        let presence = Presence {
            national_id: "22222222-2".parse().unwrap(),
            ..presence()
        };
        assert_eq!(
            refusal(proposal(), &official(), &presence),
            Refusal::AnotherPerson
        );
    }

    #[test]
    fn a_key_replaced_in_between_is_refused() {
        let official = Official {
            key: KeyId([9; 32]),
            ..official()
        };
        assert_eq!(
            refusal(proposal(), &official, &presence()),
            Refusal::PresenceMismatch
        );
    }

    #[test]
    fn an_uncertified_key_is_refused() {
        let official = Official {
            standing: Standing::Registered,
            ..official()
        };
        assert_eq!(refusal(proposal(), &official, &presence()), Refusal::NotCertified);
    }

    #[test]
    fn an_expired_certificate_is_refused() {
        let later = Moment(NOW.0 + 2000);
        let error = authorise(proposal(), &official(), &presence(), later).unwrap_err();
        assert!(matches!(error, Refusal::Certificate(_)));
    }

    #[test]
    fn presence_for_other_documents_is_refused() {
        let presence = Presence {
            binding: Binding([0; 32]),
            ..presence()
        };
        assert_eq!(
            refusal(proposal(), &official(), &presence),
            Refusal::PresenceMismatch
        );
    }

    #[test]
    fn one_factor_is_refused() {
        let presence = Presence {
            assurance: 1,
            ..presence()
        };
        assert_eq!(
            refusal(proposal(), &official(), &presence),
            Refusal::AssuranceTooLow
        );
    }

    #[test]
    fn presence_older_than_the_proposal_is_refused() {
        let presence = Presence {
            auth_time: Moment(NOW.0 - 200),
            ..presence()
        };
        assert_eq!(
            refusal(proposal(), &official(), &presence),
            Refusal::PresenceStale
        );
    }

    #[test]
    fn presence_from_the_future_is_refused() {
        let presence = Presence {
            auth_time: Moment(NOW.0 + 120),
            ..presence()
        };
        assert_eq!(
            refusal(proposal(), &official(), &presence),
            Refusal::PresenceStale
        );
    }

    #[test]
    fn a_forgotten_proposal_is_refused() {
        let proposal = Proposal {
            proposed_at: Moment(NOW.0 - 1_801),
            ..proposal()
        };
        let presence = Presence {
            binding: proposal.binding(),
            ..presence()
        };
        assert_eq!(refusal(proposal, &official(), &presence), Refusal::ProposalSpent);
    }

    #[test]
    fn an_empty_proposal_is_refused() {
        let proposal = Proposal {
            documents: vec![],
            ..proposal()
        };
        assert_eq!(
            refusal(proposal, &official(), &presence()),
            Refusal::NothingChosen
        );
    }
}
