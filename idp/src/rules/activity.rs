//! Who looked at a citizen's data, as the audit tells it: agencies that were given some, officials who opened the record.

use serde_json::{Map, Value};

use super::{
    audit::Entry,
    ids::ClientId,
    scope::{Scope, Scopes},
    time::Timestamp,
};

/// One look at a citizen's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// Who looked.
    pub by: Looker,
}

/// Who looked, and what the log says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looker {
    /// An agency was given what these scopes release.
    Agency {
        /// Its client.
        client: ClientId,
        /// What it got; `openid` and `offline_access` release nothing of the citizen's.
        scopes: Vec<Scope>,
    },
    /// An official opened the record.
    Official {
        /// In which role, by its name in the log.
        role: String,
        /// Why, by its name in the log.
        reason: String,
    },
}

impl Look {
    /// The look that a record tells of; `None` for every other record.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        let detail: Map<String, Value> = serde_json::from_str(&entry.detail).ok()?;
        let said = |name: &str| detail.get(name).and_then(Value::as_str).unwrap_or_default();
        let by = match (entry.event.as_str(), entry.outcome.as_str()) {
            (RELEASED, "done") => Looker::Agency {
                client: ClientId::known(entry.client.as_str()),
                scopes: released(said("scope"), said("claims")),
            },
            (READ, "done") => Looker::Official {
                role: said("role").to_owned(),
                reason: said("reason").to_owned(),
            },
            _ => return None,
        };
        Some(Self { at: entry.at, by })
    }
}

/// By whole scopes, by single claims, or both.
fn released(scopes: &str, claims: &str) -> Vec<Scope> {
    let single = claims.split(' ').filter_map(Scope::releasing);
    let mut all: Vec<Scope> = Scopes::parse(scopes).iter().chain(single).collect();
    all.retain(|scope| !matches!(scope, Scope::Openid | Scope::OfflineAccess));
    all.sort_unstable();
    all.dedup();
    all
}

/// Data was released to an agency.
pub const RELEASED: &str = "claims.released";
/// An official opened a citizen's record.
pub const READ: &str = "record.read";

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(event: &str, outcome: &str, detail: &str) -> Entry {
        Entry {
            seq: 1,
            at: Timestamp(5),
            event: event.into(),
            outcome: outcome.into(),
            reason: String::new(),
            citizen: "c".into(),
            client: "tax".into(),
            session: String::new(),
            detail: detail.into(),
        }
    }

    #[test]
    fn scopes_and_single_claims_are_told_once_each() {
        let detail = r#"{"scope":"openid profile offline_access","claims":"name email"}"#;
        let look = Look::of(&entry(RELEASED, "done", detail)).unwrap();
        let Looker::Agency { client, scopes } = look.by else {
            panic!("{look:?}");
        };
        assert_eq!(client.as_str(), "tax");
        assert_eq!(scopes, [Scope::Profile, Scope::Email]);
    }

    #[test]
    fn an_official_is_told_with_role_and_reason() {
        let look = Look::of(&entry(
            READ,
            "done",
            r#"{"role":"help_desk","reason":"asked","by":"x"}"#,
        ));
        assert_eq!(
            look.unwrap().by,
            Looker::Official {
                role: "help_desk".into(),
                reason: "asked".into()
            }
        );
    }

    #[test]
    fn what_was_refused_and_what_is_no_look_is_left_out() {
        assert_eq!(Look::of(&entry(READ, "refused", "{}")), None);
        assert_eq!(Look::of(&entry("session.started", "done", "{}")), None);
    }
}
