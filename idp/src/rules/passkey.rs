//! What a passkey is worth and when it looks like a copy: WebAuthn Level 3 §6.1, §7.2.

use std::fmt;

use serde::{Deserialize, Serialize, de::IgnoredAny};
use unicode_normalization::UnicodeNormalization;

use super::{assurance::Factor, ids::AuthenticatorId, time::Timestamp};

/// What a person calls a passkey: 1 to [`PasskeyName::MOST`] code points, one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyName(String);

/// How a key was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// It logs in by itself: discoverable, and it checks who uses it.
    Passkey,
    /// A security key. It completes a password; one that checks a PIN logs in by itself, too.
    SecurityKey,
}

impl KeyKind {
    /// Its name in the store and in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::SecurityKey => "security-key",
        }
    }

    /// It is a security key.
    #[must_use]
    pub fn is_security_key(self) -> bool {
        self == Self::SecurityKey
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Passkey, Self::SecurityKey]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// A passkey as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id in this service.
    pub id: AuthenticatorId,
    /// What they call it.
    pub name: PasskeyName,
    /// How it was added, and what it can do.
    pub kind: KeyKind,
    /// It may be copied to the owner's other devices (flag BE, §6.1.3).
    pub synced: bool,
    /// Its model is one that reaches the highest level today.
    pub attested: bool,
    /// Its counter went backwards: perhaps there is a copy.
    pub suspect: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last logged in.
    pub used_at: Option<Timestamp>,
}

/// Why a name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameRefused {
    /// Nothing in it.
    Empty,
    /// Too long.
    TooLong,
}

impl PasskeyName {
    /// Fits on one line of a phone; a bound, not a judgement.
    pub const MOST: usize = 60;

    /// Tidies and checks what the person typed.
    ///
    /// # Errors
    /// [`NameRefused`].
    pub fn parse(text: &str) -> Result<Self, NameRefused> {
        if text.len() > Self::MOST.saturating_mul(8) {
            return Err(NameRefused::TooLong);
        }
        let clean: String = text.nfc().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let tidy = clean.split_whitespace().collect::<Vec<_>>().join(" ");
        match tidy.chars().count() {
            0 => Err(NameRefused::Empty),
            n if n > Self::MOST => Err(NameRefused::TooLong),
            _ => Ok(Self(tidy)),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PasskeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The ceremony ran in a page of ours at the top of its window (§7.2 step 13): not inside another site's frame, where
/// a person cannot see whom they answer. Data that does not say is older than the member and passes.
#[must_use]
pub fn top_level(client_data_json: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ClientData {
        #[serde(default)]
        cross_origin: bool,
        top_origin: Option<IgnoredAny>,
    }
    serde_json::from_slice::<ClientData>(client_data_json)
        .is_ok_and(|data| !data.cross_origin && data.top_origin.is_none())
}

/// What an assertion's signature counter says (§7.2 step 22).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// It grew, or this authenticator does not count.
    Fine,
    /// It did not grow although it counts: perhaps somebody holds a copy.
    Regressed,
}

/// Judges a counter. Both zero: the authenticator does not count, as synced passkeys do not.
#[must_use]
pub fn judge_counter(stored: u32, seen: u32) -> Counter {
    if (stored == 0 && seen == 0) || seen > stored {
        Counter::Fine
    } else {
        Counter::Regressed
    }
}

/// The factor that a verified assertion proves. A key that may be backed up is not bound to its device (§6.1.3), and
/// no attestation makes it so.
#[must_use]
pub fn factor(user_verified: bool, backup_eligible: bool, attested: bool) -> Factor {
    Factor::Passkey {
        user_verified,
        device_bound: !backup_eligible,
        attested: attested && !backup_eligible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_must_grow_once_it_counts() {
        assert_eq!(judge_counter(0, 0), Counter::Fine);
        assert_eq!(judge_counter(0, 1), Counter::Fine);
        assert_eq!(judge_counter(5, 6), Counter::Fine);
        for (stored, seen) in [(5, 5), (5, 4), (5, 0)] {
            assert_eq!(judge_counter(stored, seen), Counter::Regressed);
        }
    }

    #[test]
    fn a_ceremony_in_a_frame_is_told_from_one_at_the_top() {
        assert!(top_level(br#"{"type":"webauthn.get","crossOrigin":false}"#));
        assert!(top_level(br#"{"type":"webauthn.get"}"#));
        assert!(!top_level(br#"{"type":"webauthn.get","crossOrigin":true}"#));
        assert!(!top_level(
            br#"{"type":"webauthn.get","topOrigin":"https://evil.example"}"#
        ));
        assert!(!top_level(b"not json"));
    }

    #[test]
    fn a_name_is_one_tidy_line() {
        assert_eq!(
            PasskeyName::parse("  Teléfono\n de  Ana ").unwrap().as_str(),
            "Teléfono de Ana"
        );
        assert_eq!(PasskeyName::parse(" \t ").unwrap_err(), NameRefused::Empty);
        assert_eq!(
            PasskeyName::parse(&"n".repeat(61)).unwrap_err(),
            NameRefused::TooLong
        );
    }

    #[test]
    fn a_synced_key_is_not_bound_to_its_device() {
        let key = |device_bound, attested| Factor::Passkey {
            user_verified: true,
            device_bound,
            attested,
        };
        assert_eq!(factor(true, true, true), key(false, false));
        assert_eq!(factor(true, false, false), key(true, false));
        assert_eq!(factor(true, false, true), key(true, true));
    }
}
