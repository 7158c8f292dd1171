//! Whether somebody may log in to an account at all, whatever they can show.

/// How an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Whoever shows the factors is let in.
    Open,
    /// Its citizen stopped it ("it wasn't me"): a recovery or a visit opens it again.
    Frozen,
    /// An operator closed it, and an operator opens it again.
    Closed,
}

impl Standing {
    /// What the two marks of an account amount to; closing is the stronger one.
    #[must_use]
    pub fn of(frozen: bool, closed: bool) -> Self {
        match (closed, frozen) {
            (true, _) => Self::Closed,
            (false, true) => Self::Frozen,
            (false, false) => Self::Open,
        }
    }
}

/// Who stopped an account, or opened it again; its name is in the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The citizen, signed in.
    Citizen,
    /// Whoever followed "it wasn't me" in a notice.
    Notice,
    /// Whoever showed one factor or a saved code on the page for emergencies.
    Emergency,
    /// A recovery that was completed.
    Recovery,
    /// An operator on the command line.
    Operator,
    /// Help-desk or registry staff.
    Staff,
}

impl By {
    /// Its name in the audit.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::Notice => "notice",
            Self::Emergency => "emergency",
            Self::Recovery => "recovery",
            Self::Operator => "operator",
            Self::Staff => "staff",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_is_stronger_than_freezing() {
        assert_eq!(Standing::of(false, false), Standing::Open);
        assert_eq!(Standing::of(true, false), Standing::Frozen);
        assert_eq!(Standing::of(false, true), Standing::Closed);
        assert_eq!(Standing::of(true, true), Standing::Closed);
    }
}
