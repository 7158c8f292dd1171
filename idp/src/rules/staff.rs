//! Officials of the programme: which role may do what. Nobody may do anything else, and no role contains another: who
//! needs two is given two.
//!
//! | action | registrar | help_desk | auditor | operator |
//! |---|---|---|---|---|
//! | open a citizen's record | yes | yes | yes | |
//! | give a newcomer a code | yes | | | |
//! | end a citizen's sessions | yes | yes | | |
//! | freeze a citizen's account | yes | yes | | |
//! | start a recovery | yes | yes | | |
//! | propose a visit's recovery | yes | | | |
//! | approve a recovery | yes | | | |
//! | print a recovery's code | yes | | | |
//! | search the audit | | | yes | |
//! | export the audit | | | yes | |
//! | verify the audit | | | yes | |
//! | propose a role | | | | yes |
//! | approve a role | | | | yes |
//! | take a role away | | | | yes |
//! | see keys and clients | | | | yes |
//! | propose a change of keys | | | | yes |
//! | approve a change of keys | | | | yes |
//! | forbid a client | | | | yes |
//! | allow a client | | | | yes |
//! | approve that a client is allowed | | | | yes |
//!
//! Nobody sees a password, a seed or a token, and nobody chooses one for somebody else (ASVS 5.0 6.4.6).

use super::{
    ids::{CitizenId, Sid},
    refusal::Refusal,
    time::Seconds,
};

/// What an official was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Sees people and their documents, and gives them what opens their account.
    Registrar,
    /// Helps people who call.
    HelpDesk,
    /// Reads what everybody did.
    Auditor,
    /// Decides who is an official.
    Operator,
}

/// What an official wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See a citizen's data.
    OpenRecord,
    /// Open an account for somebody who stands here.
    GiveCode,
    /// Log a citizen out everywhere.
    EndSessions,
    /// Keep everybody out of an account.
    Freeze,
    /// Send a citizen the letter that a recovery begins with.
    StartRecovery,
    /// Ask that a citizen who came in person may set up new authenticators.
    ProposeRecovery,
    /// Agree to that.
    ApproveRecovery,
    /// Hand over the code that it takes.
    PrintRecovery,
    /// Look for records.
    SearchAudit,
    /// Take records away in a file.
    ExportAudit,
    /// Walk the chain.
    VerifyAudit,
    /// Ask that somebody become an official.
    ProposeRole,
    /// Agree to that.
    ApproveRole,
    /// Make somebody an official no more.
    EndRole,
    /// See what the service signs with, and for whom it works.
    SeeService,
    /// Ask that a key be rotated or taken back.
    ProposeKeys,
    /// Agree to that.
    ApproveKeys,
    /// Forbid a client everything, at once.
    DisableClient,
    /// Allow it again, or ask that it be.
    EnableClient,
    /// Agree to that.
    ApproveClient,
}

/// Who does what: the only place that says so.
const TABLE: [(Action, &str, &[Role]); 20] = {
    use Role::{Auditor, HelpDesk, Operator, Registrar};
    [
        (
            Action::OpenRecord,
            "open a citizen's record",
            &[Registrar, HelpDesk, Auditor],
        ),
        (Action::GiveCode, "give a newcomer a code", &[Registrar]),
        (
            Action::EndSessions,
            "end a citizen's sessions",
            &[Registrar, HelpDesk],
        ),
        (
            Action::Freeze,
            "freeze a citizen's account",
            &[Registrar, HelpDesk],
        ),
        (Action::StartRecovery, "start a recovery", &[Registrar, HelpDesk]),
        (
            Action::ProposeRecovery,
            "propose a visit's recovery",
            &[Registrar],
        ),
        (Action::ApproveRecovery, "approve a recovery", &[Registrar]),
        (Action::PrintRecovery, "print a recovery's code", &[Registrar]),
        (Action::SearchAudit, "search the audit", &[Auditor]),
        (Action::ExportAudit, "export the audit", &[Auditor]),
        (Action::VerifyAudit, "verify the audit", &[Auditor]),
        (Action::ProposeRole, "propose a role", &[Operator]),
        (Action::ApproveRole, "approve a role", &[Operator]),
        (Action::EndRole, "take a role away", &[Operator]),
        (Action::SeeService, "see keys and clients", &[Operator]),
        (Action::ProposeKeys, "propose a change of keys", &[Operator]),
        (Action::ApproveKeys, "approve a change of keys", &[Operator]),
        (Action::DisableClient, "forbid a client", &[Operator]),
        (Action::EnableClient, "allow a client", &[Operator]),
        (
            Action::ApproveClient,
            "approve that a client is allowed",
            &[Operator],
        ),
    ]
};

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Registrar, Self::HelpDesk, Self::Auditor, Self::Operator];

    /// Its name in the store, in the log and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::HelpDesk => "help_desk",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// This role may do that.
    #[must_use]
    pub fn may(self, action: Action) -> bool {
        TABLE
            .iter()
            .any(|(listed, _, roles)| *listed == action && roles.contains(&self))
    }
}

/// Somebody who is signed in and holds at least one role.
#[derive(Debug, Clone)]
pub struct Official {
    citizen: CitizenId,
    session: Sid,
    roles: Vec<Role>,
}

/// Proof that this official may do this one thing, made by [`Official::permit`] and consumed by the flow that does it.
#[derive(Debug)]
pub struct Permit {
    official: CitizenId,
    session: Sid,
    role: Role,
}

impl Official {
    /// Who holds `roles` now; `None` for somebody who holds none.
    #[must_use]
    pub fn new(citizen: CitizenId, session: Sid, roles: Vec<Role>) -> Option<Self> {
        (!roles.is_empty()).then_some(Self {
            citizen,
            session,
            roles,
        })
    }

    /// Who they are.
    #[must_use]
    pub fn citizen(&self) -> &CitizenId {
        &self.citizen
    }

    /// What they hold.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// One of their roles may do that.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        self.roles.iter().any(|role| role.may(action))
    }

    /// The right to do `action` once.
    ///
    /// # Errors
    /// [`Refusal::NotStaff`].
    pub fn permit(&self, action: Action) -> Result<Permit, Refusal> {
        let role = self.roles.iter().find(|role| role.may(action));
        Ok(Permit {
            official: self.citizen.clone(),
            session: self.session.clone(),
            role: *role.ok_or(Refusal::NotStaff)?,
        })
    }
}

impl Permit {
    /// Whose.
    #[must_use]
    pub fn official(&self) -> &CitizenId {
        &self.official
    }

    /// In which session.
    #[must_use]
    pub fn session(&self) -> &Sid {
        &self.session
    }

    /// By which role.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }
}

/// Why an official opens a citizen's record. The citizen reads it in their own language, so it is chosen and not
/// written; nothing of another person's can slip into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The citizen asked for help.
    Asked,
    /// The citizen cannot log in.
    LostAccess,
    /// Somebody else may be using the account.
    SuspectedFraud,
    /// Something in the data is wrong.
    Correction,
    /// A court or an authority ordered it.
    Order,
}

impl Reason {
    /// Every reason, in the order of the page.
    pub const ALL: [Self; 5] = [
        Self::Asked,
        Self::LostAccess,
        Self::SuspectedFraud,
        Self::Correction,
        Self::Order,
    ];

    /// Its name in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::LostAccess => "lost_access",
            Self::SuspectedFraud => "suspected_fraud",
            Self::Correction => "correction",
            Self::Order => "order",
        }
    }

    /// The reason of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// The number of the ticket, call or order that a record was opened for; may be empty. Letters, digits and a few marks,
/// so that nobody writes a story into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference(String);

impl Reference {
    /// What somebody typed; `None` when it is more than a number.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.' | '_');
        (typed.len() <= LONGEST_REFERENCE && typed.chars().all(plain)).then(|| Self(typed.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An invitation waits for its official this long.
pub const INVITATION: Seconds = Seconds(86_400);
/// A record stays open for one talk with its citizen.
pub const CASE: Seconds = Seconds(1_800);
const LONGEST_REFERENCE: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_100_the_documented_table_is_the_one_that_decides() {
        let documented: Vec<&str> = include_str!("staff.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | "))
            .filter(|line| !line.starts_with("action"))
            .collect();
        let mut printed = Vec::new();
        for (action, words, _) in TABLE {
            let cell = |role: Role| if role.may(action) { " yes |" } else { " |" };
            printed.push(format!("{words} |{}", Role::ALL.map(cell).concat()));
        }
        assert_eq!(documented, printed);
    }

    #[test]
    fn row_63_the_help_desk_starts_a_recovery_and_completes_none() {
        assert!(Role::HelpDesk.may(Action::StartRecovery));
        for action in [
            Action::ProposeRecovery,
            Action::ApproveRecovery,
            Action::PrintRecovery,
            Action::GiveCode,
        ] {
            assert!(!Role::HelpDesk.may(action), "{action:?}");
        }
    }

    #[test]
    fn whoever_gives_roles_sees_no_citizen() {
        assert!(!Role::Operator.may(Action::OpenRecord));
    }

    #[test]
    fn nobody_is_an_official_without_a_role() {
        assert!(Official::new(CitizenId::known("c"), Sid::known("s"), Vec::new()).is_none());
        let auditor = Official::new(CitizenId::known("c"), Sid::known("s"), vec![Role::Auditor]).unwrap();
        assert!(auditor.permit(Action::SearchAudit).is_ok());
        assert_eq!(auditor.permit(Action::Freeze).unwrap_err(), Refusal::NotStaff);
    }

    #[test]
    fn a_reference_is_a_number_and_no_story() {
        assert!(Reference::parse(" CASO-2026/118 ").is_some());
        assert!(Reference::parse("").is_some());
        for bad in ["Ana Soto dice", "a\nb", "\u{1b}[31m", "ñ", &"1".repeat(41)] {
            assert!(Reference::parse(bad).is_none(), "{bad:?}");
        }
    }
}
