//! What two officials must agree on: one proposes, another approves, and it happens once.

use super::{
    ids::{ApprovalId, CitizenId},
    staff::Role,
    time::{Seconds, Timestamp},
};

/// What is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proposal {
    /// Somebody becomes an official; it happens with the approval.
    GiveRole(Role),
    /// Somebody who came in person gets a code for new authenticators; it happens when a registrar prints it, who is
    /// not the one that approved.
    Recovery,
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
    /// About whom.
    pub citizen: CitizenId,
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
    pub fn name(self) -> &'static str {
        match self {
            Self::GiveRole(_) => "give_role",
            Self::Recovery => "recovery",
        }
    }

    /// The role that is given; empty where none is.
    #[must_use]
    pub fn role(self) -> &'static str {
        match self {
            Self::GiveRole(role) => role.name(),
            Self::Recovery => "",
        }
    }

    /// The proposal of these names.
    #[must_use]
    pub fn named(name: &str, role: &str) -> Option<Self> {
        match name {
            "give_role" => Role::named(role).map(Self::GiveRole),
            "recovery" => Some(Self::Recovery),
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
        let all = Role::ALL.map(Proposal::GiveRole);
        for proposal in all.into_iter().chain([Proposal::Recovery]) {
            assert_eq!(Proposal::named(proposal.name(), proposal.role()), Some(proposal));
        }
        assert_eq!(Proposal::named("give_role", ""), None);
    }
}
