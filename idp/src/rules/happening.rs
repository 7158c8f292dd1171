//! What happened to an account as its citizen reads it: which records of the audit say something to them, and what. The
//! words are in the catalogues, under the keys named here.

use serde_json::{Map, Value};

use super::{audit::Entry, ids::ClientId, time::Timestamp};

/// Something that happened, for its citizen's eyes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// The key of its words; they may name the agency.
    pub words: &'static str,
    /// Which agency had to do with it.
    pub client: Option<ClientId>,
    /// How the citizen showed who they are.
    pub ways: Vec<Way>,
    /// From which browser; empty where nobody knows.
    pub device: String,
    /// From roughly where; empty where nobody knows.
    pub network: String,
    /// Why an official did it, by its name in the log; empty for everything else.
    pub reason: String,
}

/// A way of showing who one is, as people tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A password.
    Password,
    /// An app for one-time codes.
    App,
    /// A passkey or a security key.
    Passkey,
}

impl Way {
    /// The key of its word.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Password => "way-password",
            Self::App => "way-app",
            Self::Passkey => "way-passkey",
        }
    }
}

impl Happening {
    /// What a record tells its citizen; `None` where it would only repeat another, or tells of nothing of theirs.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        let detail: Map<String, Value> = serde_json::from_str(&entry.detail).ok()?;
        let said = |name: &str| detail.get(name).and_then(Value::as_str).unwrap_or_default();
        let words = match (entry.event.as_str(), entry.outcome.as_str()) {
            (event, "done") => done(event, &said)?,
            (event, "refused") => refused(event, &entry.reason)?,
            (_, _) => return None,
        };
        let official = entry.event.starts_with("record.");
        Some(Self {
            at: entry.at,
            words,
            client: (!entry.client.is_empty()).then(|| ClientId::known(entry.client.as_str())),
            ways: ways(&entry.event, &said),
            device: said("device").to_owned(),
            network: said("network").to_owned(),
            reason: if official {
                said("reason").to_owned()
            } else {
                String::new()
            },
        })
    }
}

/// What was done. Keys of one kind are told apart by the detail that says which.
fn done<'a>(event: &str, said: &impl Fn(&'static str) -> &'a str) -> Option<&'static str> {
    Some(match event {
        "session.started" => "activity-session-started",
        "session.renewed" => "activity-session-renewed",
        "session.ended" => "activity-session-ended",
        "code.issued" => "activity-code-issued",
        "device.redeemed" => "activity-device-redeemed",
        "claims.released" => "activity-claims-released",
        "token.exchanged" => "activity-token-exchanged",
        "consent.decided" => "activity-consent-decided",
        "consent.withdrawn" => "activity-consent-withdrawn",
        "authenticator.added" => match said("kind") {
            "totp" => "activity-app-added",
            "security-key" => "activity-key-added",
            _ => "activity-passkey-added",
        },
        "authenticator.removed" => match said("kind") {
            "totp" => "activity-app-removed",
            "security-key" => "activity-key-removed",
            "password" => "activity-password-removed",
            _ => "activity-passkey-removed",
        },
        "authenticator.suspect" => "activity-authenticator-suspect",
        "password.changed" => "activity-password-changed",
        "recovery_codes.renewed" => "activity-recovery-codes-renewed",
        "recovery_code.spent" => "activity-recovery-code-spent",
        "contact.added" => "activity-contact-added",
        "contact.confirmed" => "activity-contact-confirmed",
        "contact.removed" => "activity-contact-removed",
        "contact.preferred" => "activity-contact-preferred",
        "data.exported" => "activity-data-exported",
        "citizen.created" => "activity-citizen-created",
        "activation.issued" => "activity-activation-issued",
        "activation.vouched" => "activity-activation-vouched",
        "activation.finished" => "activity-activation-finished",
        "account.frozen" => "activity-account-frozen",
        "account.unfrozen" => "activity-account-unfrozen",
        "account.closed" => "activity-account-closed",
        "account.reopened" => "activity-account-reopened",
        "account.unlocked" => "activity-account-unlocked",
        "account.sessions_ended" => "activity-sessions-ended",
        "recovery.offered" => "activity-recovery-offered",
        "recovery.code_sent" => "activity-recovery-code-sent",
        "recovery.waiting" => "activity-recovery-waiting",
        "recovery.opened" => "activity-recovery-opened",
        "recovery.completed" => "activity-recovery-completed",
        "recovery.cancelled" => "activity-recovery-cancelled",
        "role.given" => "activity-role-given",
        "role.ended" => "activity-role-ended",
        // Each look at an open record is told by `/account/looks`; that it was opened is enough here.
        "record.searched" => "activity-record-opened",
        "record.acted" => match said("act") {
            "start-recovery" => "activity-record-recovery",
            _ => "activity-record-acted",
        },
        _ => return None,
    })
}

/// What was tried and refused.
fn refused(event: &str, reason: &str) -> Option<&'static str> {
    Some(match (event, reason) {
        ("login.password" | "login.totp" | "recovery.tried", "throttled") => "activity-throttled",
        ("login.password", _) => "activity-login-password-refused",
        ("login.totp", _) => "activity-login-totp-refused",
        ("login.passkey", _) => "activity-login-passkey-refused",
        ("authenticator.suspect", _) => "activity-authenticator-suspect",
        ("consent.decided", _) => "activity-consent-decided-refused",
        ("recovery.tried", _) => "activity-recovery-refused",
        ("account.frozen", _) => "activity-freeze-refused",
        ("activation.vouched", _) => "activity-activation-vouched-refused",
        _ => return None,
    })
}

/// How the citizen showed who they are: all of a login, the last of a renewed presence.
fn ways<'a>(event: &str, said: &impl Fn(&'static str) -> &'a str) -> Vec<Way> {
    match (event, said("factor")) {
        ("session.renewed", "password") => vec![Way::Password],
        ("session.renewed", "totp") => vec![Way::App],
        ("session.renewed", "passkey") => vec![Way::Passkey],
        ("session.started" | "session.renewed", _) => {
            let named = |amr: &str| said("amr").split(' ').any(|one| one == amr);
            let all = [
                (named("pwd"), Way::Password),
                (named("otp"), Way::App),
                // RFC 8176: possession of a key, in software or in hardware.
                (named("pop"), Way::Passkey),
            ];
            all.into_iter()
                .filter(|(there, _)| *there)
                .map(|(_, way)| way)
                .collect()
        }
        _ => Vec::new(),
    }
}

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
            client: String::new(),
            session: String::new(),
            detail: detail.into(),
        }
    }

    fn words(event: &str, outcome: &str, detail: &str) -> Option<&'static str> {
        Happening::of(&entry(event, outcome, detail)).map(|happening| happening.words)
    }

    #[test]
    fn a_login_is_told_with_how_and_roughly_where() {
        let detail = r#"{"amr":"pwd otp mfa","device":"Firefox, Linux","network":"190.45.0.0/16"}"#;
        let told = Happening::of(&entry("session.started", "done", detail)).unwrap();
        assert_eq!(told.ways, [Way::Password, Way::App]);
        assert_eq!(
            (told.device.as_str(), told.network.as_str()),
            ("Firefox, Linux", "190.45.0.0/16")
        );
    }

    #[test]
    fn presence_is_told_by_what_showed_it_and_not_by_the_whole_session() {
        let detail = r#"{"amr":"pwd otp pop swk mfa","factor":"passkey"}"#;
        let told = Happening::of(&entry("session.renewed", "done", detail)).unwrap();
        assert_eq!(told.ways, [Way::Passkey]);
    }

    #[test]
    fn an_app_is_no_passkey() {
        assert_eq!(
            words("authenticator.added", "done", r#"{"kind":"totp"}"#),
            Some("activity-app-added")
        );
        assert_eq!(
            words("authenticator.removed", "done", r#"{"kind":"totp"}"#),
            Some("activity-app-removed")
        );
        let key = r#"{"kind":"security-key"}"#;
        assert_eq!(
            words("authenticator.added", "done", key),
            Some("activity-key-added")
        );
        assert_eq!(
            words("authenticator.added", "done", r#"{"kind":"passkey"}"#),
            Some("activity-passkey-added")
        );
    }

    #[test]
    fn an_official_is_told_with_the_reason_and_a_refusal_is_not() {
        let detail = r#"{"reason":"lost_access","act":"start-recovery"}"#;
        let told = Happening::of(&entry("record.acted", "done", detail)).unwrap();
        assert_eq!(
            (told.words, told.reason.as_str()),
            ("activity-record-recovery", "lost_access")
        );
        let refused = entry("login.password", "refused", r#"{"reason":"x"}"#);
        assert_eq!(Happening::of(&refused).unwrap().reason, "");
    }

    #[test]
    fn what_repeats_another_record_and_what_is_not_of_the_account_is_left_out() {
        for event in [
            "login.password",
            "record.read",
            "notice.sent",
            "keys.created",
            "code.redeemed",
        ] {
            assert_eq!(words(event, "done", "{}"), None, "{event}");
        }
        assert_eq!(words("data.exported", "intent", "{}"), None);
    }
}
