//! Notices: what a citizen is told by mail, at every address they have, when something about their account changed.
//!
//! SP 800-63B-4 §4.6: notices go to every validated address, in time for the citizen to object, and say how. The words
//! are in the catalogues, as `notice-KIND-subject` and `notice-KIND-text`.

use serde::{Deserialize, Serialize};

use super::{
    contact::MailedCode,
    ids::{CitizenId, NoticeId},
    language::Language,
    person::Email,
    secret::Secret,
    time::{Seconds, Timestamp},
};

/// What a citizen is told. Names and devices are as the citizen knows them; nothing here is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Notice {
    /// Something new opens the account.
    AuthenticatorAdded {
        /// How the citizen calls it.
        name: String,
    },
    /// Something does not open the account any more.
    AuthenticatorRemoved {
        /// How the citizen called it.
        name: String,
    },
    /// The password is another one.
    PasswordChanged,
    /// The recovery codes are other ones.
    RecoveryCodesRenewed,
    /// Somebody asked for a recovery code.
    RecoveryCode {
        /// The code: good for a day, once, and for one recovery.
        code: Told,
    },
    /// Help-desk staff began a recovery.
    RecoveryOffered {
        /// The code that goes on with it. It opens nothing by itself.
        code: Told,
    },
    /// Enough was shown to recover the account; the wait began.
    RecoveryWaiting {
        /// How long it is, in hours.
        hours: String,
    },
    /// The wait is over: whoever recovers can make new factors.
    RecoveryReady,
    /// The account was recovered: other factors open it.
    AccountRecovered,
    /// The account was stopped until its citizen is made sure of.
    AccountFrozen,
    /// Somebody logged in from a device that was not known.
    NewDevice {
        /// As a session is described: browser and system; empty where neither was recognised.
        device: String,
        /// The network, as coarse as the account page tells it.
        #[serde(default)]
        network: Option<String>,
        /// Which agency they went to; their own pages where it is none.
        #[serde(default)]
        agency: Option<String>,
    },
    /// The citizen closed the account.
    AccountClosed,
    /// The code for a new address; only that address gets it.
    ContactAsked {
        /// What to type.
        code: MailedCode,
    },
    /// Notices go to one more address.
    ContactAdded {
        /// It, masked.
        address: String,
    },
    /// Notices do not go to an address any more.
    ContactRemoved {
        /// It, masked.
        address: String,
    },
    /// Agencies that may know the address get another one.
    ContactPreferred {
        /// It, masked.
        address: String,
    },
    /// A passkey's counter went backwards: there may be a copy of it (WebAuthn §6.1.1).
    CounterRegressed {
        /// How the citizen calls it.
        name: String,
    },
    /// The account was opened with a code.
    AccountActivated,
}

impl Notice {
    /// Its stable name: part of the keys of its words, and what the audit calls it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AuthenticatorAdded { .. } => "authenticator-added",
            Self::AuthenticatorRemoved { .. } => "authenticator-removed",
            Self::PasswordChanged => "password-changed",
            Self::RecoveryCodesRenewed => "recovery-codes-renewed",
            Self::RecoveryCode { .. } => "recovery-code",
            Self::RecoveryOffered { .. } => "recovery-offered",
            Self::RecoveryWaiting { .. } => "recovery-waiting",
            Self::RecoveryReady => "recovery-ready",
            Self::AccountRecovered => "account-recovered",
            Self::AccountFrozen => "account-frozen",
            Self::NewDevice { .. } => "new-device",
            Self::CounterRegressed { .. } => "counter-regressed",
            Self::AccountActivated => "account-activated",
            Self::AccountClosed => "account-closed",
            Self::ContactAsked { .. } => "contact-asked",
            Self::ContactAdded { .. } => "contact-added",
            Self::ContactRemoved { .. } => "contact-removed",
            Self::ContactPreferred { .. } => "contact-preferred",
        }
    }

    /// The variables of its words.
    #[must_use]
    pub fn values(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::AuthenticatorAdded { name }
            | Self::AuthenticatorRemoved { name }
            | Self::CounterRegressed { name } => vec![("name", name)],
            Self::NewDevice {
                device,
                network,
                agency,
            } => vec![
                ("device", if device.is_empty() { UNKNOWN } else { device }),
                ("network", network.as_deref().unwrap_or(UNKNOWN)),
                ("agency", agency.as_deref().unwrap_or(UNKNOWN)),
            ],
            Self::RecoveryCode { code } | Self::RecoveryOffered { code } => vec![("code", code.expose())],
            Self::ContactAsked { code } => vec![("code", code.expose())],
            Self::ContactAdded { address }
            | Self::ContactRemoved { address }
            | Self::ContactPreferred { address } => vec![("address", address)],
            Self::RecoveryWaiting { hours } => vec![("hours", hours)],
            Self::PasswordChanged
            | Self::RecoveryCodesRenewed
            | Self::RecoveryReady
            | Self::AccountRecovered
            | Self::AccountFrozen
            | Self::AccountActivated
            | Self::AccountClosed => Vec::new(),
        }
    }
}

/// What the words are told instead of a value that nobody knows: each language says that in its own way.
const UNKNOWN: &str = "unknown";

/// A code that a letter tells. Where the letter waits it is sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Told(String);

impl Told {
    /// Takes charge of a code.
    #[must_use]
    pub fn new(code: &str) -> Self {
        Self(code.to_owned())
    }

    /// The code, for the letter.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Told {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Told(…)")
    }
}

/// What whoever gets a notice can object to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Something happened to the account: it can be stopped.
    Account,
    /// Somebody recovers the account: that can be stopped, or the account.
    Recovery,
    /// The account was stopped: it can be recovered.
    Frozen,
}

impl About {
    /// What notices of this kind are about.
    #[must_use]
    pub fn of_kind(kind: &str) -> Self {
        match kind {
            "recovery-code" | "recovery-offered" | "recovery-waiting" | "recovery-ready" => Self::Recovery,
            "account-frozen" => Self::Frozen,
            _ => Self::Account,
        }
    }

    /// What the keys of its words begin with.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Account => "notice",
            Self::Recovery => "notice-recovery",
            Self::Frozen => "notice-frozen",
        }
    }
}

/// A notice on its way to one address.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Which one.
    pub id: NoticeId,
    /// Who is told.
    pub citizen: CitizenId,
    /// When it happened.
    pub at: Timestamp,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// Where to.
    pub to: Email,
    /// How the letter greets.
    pub given_name: String,
    /// In which language.
    pub language: Language,
    /// What is told.
    pub notice: Notice,
    /// The token of its link "it wasn't me"; a letter that only carries a code has none.
    pub not_me: Option<Secret<String>>,
}

/// What came of carrying a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The mail server took it: it is responsible now (RFC 5321 §6.1).
    Taken,
    /// There is no such mailbox, or it takes nothing from us (a permanent answer about the address, RFC 5321 §4.2.1).
    NoSuchMailbox,
    /// No answer, "later", or an answer that an operator can mend.
    Nothing,
}

/// What becomes of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is on its way.
    Sent,
    /// To be tried again at this moment.
    Again(Timestamp),
    /// Not tried any more; why, in a stable name for the audit.
    GivenUp(&'static str),
}

/// Weighs an answer. A mailbox that is refused is tried a few times, since a mail server that was just set up wrongly
/// refuses everybody; silence for three days. `jitter` is any byte of chance.
#[must_use]
pub fn fate(heard: Heard, attempts: i64, at: Timestamp, now: Timestamp, jitter: u8) -> Fate {
    let next = now.after(pause(attempts, jitter));
    match heard {
        Heard::Taken => Fate::Sent,
        Heard::NoSuchMailbox if attempts >= MOST_REFUSALS => Fate::GivenUp("no-such-mailbox"),
        Heard::NoSuchMailbox | Heard::Nothing if at.after(LONGEST).reached(next) => {
            Fate::GivenUp("unreachable")
        }
        Heard::NoSuchMailbox | Heard::Nothing => Fate::Again(next),
    }
}

/// Two seconds after the first failure, then twice as long each time up to ten minutes, and up to half as much again.
fn pause(attempts: i64, jitter: u8) -> Seconds {
    let power = u32::try_from(attempts.clamp(1, 16)).unwrap_or(1);
    let base = 1_i64.checked_shl(power).unwrap_or(i64::MAX).min(LONGEST_PAUSE.0);
    let extra = base.saturating_mul(i64::from(jitter)).saturating_div(510);
    Seconds(base.saturating_add(extra))
}

/// Long enough for somebody who reads their mail once a week or is away for one; later the link could do more harm, to
/// whoever left an old mailbox to others, than good.
pub const NOT_ME_LIFETIME: Seconds = Seconds(14 * 86_400);
/// RFC 5321 §4.5.4.1 asks senders to try for four to five days; a notice older than three is no warning any more.
pub const LONGEST: Seconds = Seconds(3 * 86_400);
/// A mail server that comes back hears soon: notices must arrive within a minute where they can.
const LONGEST_PAUSE: Seconds = Seconds(600);
/// About four minutes with the pauses above.
const MOST_REFUSALS: i64 = 7;

#[cfg(test)]
mod tests {
    use super::*;

    const BORN: Timestamp = Timestamp(1_000);

    #[test]
    fn silence_is_tried_again_after_twice_the_time_up_to_ten_minutes() {
        let wait = |attempts| match fate(Heard::Nothing, attempts, BORN, BORN, 0) {
            Fate::Again(at) => at.since(BORN).0,
            other => panic!("{other:?}"),
        };
        assert_eq!([wait(1), wait(2), wait(3), wait(200)], [2, 4, 8, 600]);
    }

    #[test]
    fn silence_is_given_up_after_three_days() {
        let late = BORN.after(LONGEST);
        assert_eq!(
            fate(Heard::Nothing, 300, BORN, late, 0),
            Fate::GivenUp("unreachable")
        );
        let before = late.before(Seconds(601));
        assert!(matches!(
            fate(Heard::Nothing, 300, BORN, before, 0),
            Fate::Again(_)
        ));
    }

    #[test]
    fn a_refused_mailbox_is_tried_a_few_times() {
        assert!(matches!(
            fate(Heard::NoSuchMailbox, 6, BORN, BORN, 0),
            Fate::Again(_)
        ));
        assert_eq!(
            fate(Heard::NoSuchMailbox, 7, BORN, BORN, 0),
            Fate::GivenUp("no-such-mailbox")
        );
    }

    #[test]
    fn what_can_be_objected_to_follows_from_the_kind() {
        assert_eq!(About::of_kind(Notice::RecoveryReady.kind()), About::Recovery);
        assert_eq!(About::of_kind(Notice::AccountFrozen.kind()), About::Frozen);
        let renewed = Notice::RecoveryCodesRenewed.kind();
        assert_eq!(About::of_kind(renewed), About::Account);
    }

    #[test]
    fn a_notice_is_kept_under_its_kind() {
        let notice = Notice::NewDevice {
            device: "Firefox en Linux".into(),
            network: None,
            agency: Some("Impuestos".into()),
        };
        let kept = serde_json::to_value(&notice).unwrap();
        assert_eq!(kept["kind"], notice.kind());
        assert_eq!(serde_json::from_value::<Notice>(kept).unwrap(), notice);
    }
}
