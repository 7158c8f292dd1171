//! What two officials must agree on: one proposes, another approves, and it happens once.

use super::{
    ids::{ApprovalId, CitizenId, ClientId},
    keys::KeyUse,
    staff::Role,
    time::{Seconds, Timestamp},
};

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// Somebody becomes an official; it happens with the approval.
    GiveRole {
        /// Who.
        to: CitizenId,
        /// What.
        role: Role,
    },
    /// Somebody who came in person gets a code for new authenticators; it happens when a registrar prints it, who is
    /// not the one that approved.
    Recovery {
        /// Whose account.
        of: CitizenId,
    },
    /// The key of this use gets a successor before its time; it happens with the approval.
    RotateKey(KeyUse),
    /// The key of this id is taken back: nothing that it signed is accepted any more. It happens with the approval.
    RevokeKey(String),
    /// A client that may ask for sensitive data may act again; it happens with the approval.
    EnableClient(ClientId),
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Nobody has agreed.
    Proposed,
    /// Somebody has; it waits to be carried out.
    Approved {
        /// Who agreed.
        by: CitizenId,
    },
}

/// A proposal that is neither carried out, refused nor too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Which.
    pub id: ApprovalId,
    /// What.
    pub proposal: Proposal,
    /// Who proposed it.
    pub proposed_by: CitizenId,
    /// When.
    pub proposed_at: Timestamp,
    /// Where it stands.
    pub stage: Stage,
}

impl Proposal {
    /// Its name in the store and in the log.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::GiveRole { .. } => "give_role",
            Self::Recovery { .. } => "recovery",
            Self::RotateKey(_) => "rotate_key",
            Self::RevokeKey(_) => "revoke_key",
            Self::EnableClient(_) => "enable_client",
        }
    }

    /// About whom it is, if about anybody: they do not decide it.
    #[must_use]
    pub fn citizen(&self) -> Option<&CitizenId> {
        match self {
            Self::GiveRole { to: citizen, .. } | Self::Recovery { of: citizen } => Some(citizen),
            Self::RotateKey(_) | Self::RevokeKey(_) | Self::EnableClient(_) => None,
        }
    }

    /// What it is about beside a person; empty where nothing is.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::GiveRole { role, .. } => role.name(),
            Self::Recovery { .. } => "",
            Self::RotateKey(key_use) => key_use.name(),
            Self::RevokeKey(kid) => kid,
            Self::EnableClient(client) => client.as_str(),
        }
    }

    /// The proposal of these names.
    #[must_use]
    pub fn named(name: &str, citizen: Option<CitizenId>, subject: &str) -> Option<Self> {
        match (name, citizen) {
            ("give_role", Some(to)) => Role::named(subject).map(|role| Self::GiveRole { to, role }),
            ("recovery", Some(of)) => Some(Self::Recovery { of }),
            ("rotate_key", None) => subject.parse().ok().map(Self::RotateKey),
            ("revoke_key", None) => Some(Self::RevokeKey(subject.to_owned())),
            ("enable_client", None) => Some(Self::EnableClient(ClientId::known(subject))),
            _ => None,
        }
    }
}

/// A working day: whoever approves has seen the proposer today.
pub const WAITS: Seconds = Seconds(8 * 3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_is_read_by_the_names_that_it_is_written_by() {
        let ana = CitizenId::known("ana");
        let mut all = vec![
            Proposal::Recovery { of: ana.clone() },
            Proposal::RevokeKey("kid".to_owned()),
            Proposal::EnableClient(ClientId::known("agency")),
        ];
        all.extend(Role::ALL.map(|role| Proposal::GiveRole {
            to: ana.clone(),
            role,
        }));
        all.extend(KeyUse::every().map(Proposal::RotateKey));
        for proposal in all {
            let (citizen, subject) = (proposal.citizen().cloned(), proposal.subject());
            assert_eq!(
                Proposal::named(proposal.name(), citizen, subject),
                Some(proposal.clone())
            );
        }
        assert_eq!(Proposal::named("give_role", Some(ana), ""), None);
        assert_eq!(Proposal::named("give_role", None, "auditor"), None);
        assert_eq!(Proposal::named("rotate_key", None, "none"), None);
    }
}
