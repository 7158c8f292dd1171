//! The device grant (RFC 8628): a device without a keyboard shows a short code, the citizen types it where they are
//! logged in, and decides.

use std::net::{IpAddr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::{
    ids::{ClientId, GrantId},
    oauth::{Code, OauthError},
    resource::ScopeTokens,
    scope::Scopes,
    time::{Seconds, Timestamp},
};

/// The code that a citizen types: eight consonants, in two groups of four (RFC 8628 §6.1).
///
/// 20⁸ are 34 bits. Only a citizen who is logged in may try, each try is counted on their account, and a code lives for
/// ten minutes: with a thousand codes waiting, a citizen who guesses finds one in a thousand years (§5.1 asks a
/// reasonable bound for the chance of success).
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode(String);

/// What a device asked, as the citizen decides about it.
#[derive(Debug, Clone)]
pub struct DeviceRequest {
    /// Whose client the device runs.
    pub client: ClientId,
    /// Which of the citizen's data.
    pub scopes: Scopes,
    /// Which resources (RFC 8707).
    pub resources: Vec<String>,
    /// What of them.
    pub resource_scopes: ScopeTokens,
    /// What the citizen may recognise the device by.
    pub origin: Origin,
    /// When.
    pub created_at: Timestamp,
    /// After this nobody can allow it, and nothing can be redeemed.
    pub expires_at: Timestamp,
}

/// Where the request came from, as far as it can be told. A stranger who lures a citizen to this page is elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What the device calls itself, in a few words; empty when it says nothing that we know.
    pub device: String,
    /// The network that it asked from, when that is known.
    pub network: Option<String>,
}

/// The network of an address as a citizen may compare it: the first half of an IPv4 address, the first 48 bits of an
/// IPv6 one. A household's devices share it; it names nobody.
#[must_use]
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            format!("{a}.{b}.0.0/16")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

/// What a device that asks again is told (RFC 8628 §3.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Polled {
    /// The citizen allowed it; this very write spent the code.
    Allowed(GrantId),
    /// It came back after it was spent: somebody has a copy.
    Again(GrantId),
    /// The citizen has not decided.
    Pending,
    /// It asks too often; from now on it waits longer.
    TooFast,
    /// The citizen said no.
    Denied,
    /// Nobody decided in time.
    Expired,
    /// None of ours, or another client's.
    Unknown,
}

impl UserCode {
    /// A new code from eight bytes of chance.
    #[must_use]
    pub fn new(chance: [u8; 8]) -> Self {
        // 2⁶⁴ is 7·10⁸ times 20⁸: no letter is likelier than another by more than that.
        let mut rest = u64::from_le_bytes(chance);
        let mut code = String::with_capacity(LENGTH);
        for _ in 0..LENGTH {
            let letter = usize::try_from(rest.rem_euclid(20)).unwrap_or_default();
            code.extend(ALPHABET.chars().nth(letter));
            rest = rest.div_euclid(20);
        }
        Self(code)
    }

    /// A code as somebody typed it: in small letters, with or without the hyphen (RFC 8628 §6.1).
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let code: String = typed
            .chars()
            .take(LONGEST)
            .filter(|c| c.is_ascii_alphanumeric())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let shaped = code.len() == LENGTH && code.chars().all(|c| ALPHABET.contains(c));
        shaped.then_some(Self(code))
    }

    /// As it is shown: `BCDF-GHJK`.
    #[must_use]
    pub fn shown(&self) -> String {
        let (first, second) = self.0.split_at_checked(GROUP).unwrap_or((&self.0, ""));
        format!("{first}-{second}")
    }

    /// What its stored tag is made of.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for UserCode {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("UserCode(…)")
    }
}

/// What a device is told that gets no tokens.
///
/// # Errors
/// Always, unless the citizen allowed it.
pub fn told(polled: Polled) -> Result<GrantId, OauthError> {
    let error = |code, description| Err(OauthError::new(code, description));
    match polled {
        Polled::Allowed(grant) => Ok(grant),
        Polled::Pending => error(Code::AuthorizationPending, "the citizen has not decided yet"),
        Polled::TooFast => error(Code::SlowDown, "wait five seconds longer between requests"),
        Polled::Denied => error(Code::AccessDenied, "the citizen did not consent"),
        Polled::Expired => error(Code::ExpiredToken, "nobody decided in time"),
        Polled::Again(_) | Polled::Unknown => {
            error(Code::InvalidGrant, "the device code is not good, or no longer")
        }
    }
}

/// RFC 8628 §6.1: no vowels, so that no words appear; no digits, so that none is taken for a letter.
const ALPHABET: &str = "BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;
const GROUP: usize = 4;
/// Nobody types more separators than letters.
const LONGEST: usize = 32;
/// Time to find the phone and log in; RFC 8628 §5.4 wants it short against phishing from afar.
pub const DEVICE_LIFETIME: Seconds = Seconds(600);
/// RFC 8628 §3.2: what a device waits when it is told nothing.
pub const POLL_INTERVAL: Seconds = Seconds(5);
/// RFC 8628 §3.5: `slow_down` adds so much.
pub const SLOWER_BY: Seconds = Seconds(5);
/// Ours: waits do not grow beyond this.
pub const SLOWEST: Seconds = Seconds(60);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_read_however_it_is_typed() {
        let code = UserCode::new([7; 8]);
        let shown = code.shown();
        assert_eq!(shown.len(), 9);
        for typed in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', ""),
            format!("  {} ", shown.replace('-', " ")),
        ] {
            assert!(
                UserCode::parse(&typed).is_some_and(|read| read == code),
                "{typed}"
            );
        }
    }

    #[test]
    fn what_cannot_be_one_is_not_read() {
        for typed in [
            "",
            "BCDF-GHJ",
            "BCDF-GHJKL",
            "BCDF-GHJA",
            "BCDF-GHJ1",
            &"B-".repeat(50),
        ] {
            assert!(UserCode::parse(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn two_devices_of_a_household_are_in_one_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("203.0.113.7"), "203.0.0.0/16");
        assert_eq!(of("::ffff:203.0.113.7"), of("203.0.9.9"));
        assert_eq!(of("2001:db8:1:2::3"), "2001:db8:1::/48");
    }

    #[test]
    fn it_does_not_print() {
        assert_eq!(format!("{:?}", UserCode::new([7; 8])), "UserCode(…)");
    }

    #[test]
    fn who_waits_is_told_so_by_the_names_of_the_specification() {
        for (polled, name) in [
            (Polled::Pending, "authorization_pending"),
            (Polled::TooFast, "slow_down"),
            (Polled::Denied, "access_denied"),
            (Polled::Expired, "expired_token"),
            (Polled::Unknown, "invalid_grant"),
            (Polled::Again(GrantId::known("g")), "invalid_grant"),
        ] {
            assert_eq!(told(polled).unwrap_err().code.name(), name);
        }
    }

    proptest! {
        #[test]
        fn every_code_is_read_as_it_is_shown(chance: [u8; 8]) {
            let code = UserCode::new(chance);
            prop_assert!(UserCode::parse(&code.shown()) == Some(code));
        }

        #[test]
        fn no_text_makes_reading_panic(text in ".{0,100}") {
            let _ = UserCode::parse(&text);
        }
    }
}
