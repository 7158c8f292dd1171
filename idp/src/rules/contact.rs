//! Where a citizen gets their notices: one address is part of their identity data, others can be added; each counts once
//! its owner has shown that they read it (SP 800-63B-4 §4.6: at least two addresses shall be supported).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    ids::ContactId,
    person::Email,
    time::{Seconds, Timestamp},
};

/// A further address of a citizen.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Which one.
    pub id: ContactId,
    /// The address.
    pub address: Email,
    /// Whether it counts.
    pub standing: Standing,
}

/// Whether an address counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its owner has shown that they read it.
    Confirmed {
        /// When.
        at: Timestamp,
    },
    /// It counts because the registry says so, as a first address does: nobody has shown yet that they read it.
    Registered,
    /// A code is on its way, or was not typed in time.
    Waiting,
}

impl Contact {
    /// Notices go there.
    #[must_use]
    pub fn counts(&self) -> bool {
        match self.standing {
            Standing::Confirmed { .. } | Standing::Registered => true,
            Standing::Waiting => false,
        }
    }

    /// Its owner has shown that they read it.
    #[must_use]
    pub fn confirmed(&self) -> bool {
        matches!(self.standing, Standing::Confirmed { .. })
    }
}

/// The code that shows that somebody reads an address: six digits. It proves nothing about who they are, so it is never
/// a factor of a login (SP 800-63B-4 §3.1.3.1: e-mail shall not be used for that).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailedCode(String);

impl MailedCode {
    /// A code from eight bytes of chance.
    #[must_use]
    pub fn new(chance: [u8; 8]) -> Self {
        // 2⁶⁴ is so much more than a million that no code is noticeably likelier than another.
        Self(format!("{:06}", u64::from_be_bytes(chance).rem_euclid(1_000_000)))
    }

    /// A code as somebody typed it, spaces and hyphens aside; `None` when it is no code of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MOST_TYPED {
            return None;
        }
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let whole = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        whole.then_some(Self(digits))
    }

    /// The digits, for the letter and for the digest.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MailedCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MailedCode(…)")
    }
}

/// An address as it may be shown to whoever reads another one: `a…@correo.example`.
#[must_use]
pub fn masked(address: &Email) -> String {
    let (local, domain) = address.as_str().split_once('@').unwrap_or_default();
    let first: String = local.chars().take(1).collect();
    format!("{first}…@{domain}")
}

/// Further addresses of a citizen. More would only multiply letters.
pub const MOST_CONTACTS: usize = 4;
/// ASVS 6.6.2: ten minutes.
pub const CODE_LIFETIME: Seconds = Seconds(600);
/// A million codes and five guesses at an address in a day: nobody confirms an address that they do not read.
pub const MOST_TRIES: i64 = 5;
/// Letters to an address that did not answer, in a day: nobody fills a stranger's mailbox through us.
pub const MOST_LETTERS: i64 = 5;
/// For how long letters and guesses count.
pub const COUNTED_FOR: Seconds = Seconds(86_400);
/// Six digits with room for how people group them.
const MOST_TYPED: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits_however_they_are_grouped() {
        assert_eq!(MailedCode::new([0; 8]).expose(), "000000");
        assert_eq!(
            MailedCode::parse(" 123-456 ").unwrap(),
            MailedCode("123456".into())
        );
        for bad in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", &" ".repeat(40)] {
            assert!(MailedCode::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_code_does_not_print() {
        assert!(!format!("{:?}", MailedCode::new([1; 8])).contains(MailedCode::new([1; 8]).expose()));
    }

    #[test]
    fn a_masked_address_tells_its_owner_and_nobody_else() {
        let masked = masked(&Email::parse("ñandú@correo.example").unwrap());
        assert_eq!(masked, "ñ…@correo.example");
    }
}
