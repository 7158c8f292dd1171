//! Names for things, one type each, so that one cannot be passed for another.

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(String);

        impl $name {
            /// A new id from 16 bytes of chance.
            #[must_use]
            pub fn new(chance: [u8; 16]) -> Self {
                Self(data_encoding::HEXLOWER.encode(&chance))
            }

            /// An id as it was stored or sent.
            #[must_use]
            pub fn known(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

id! {
    /// A person. Internal: it never leaves the provider; agencies see a pairwise subject.
    CitizenId
}
id! {
    /// A registered client (RFC 6749 §2.2). May be chosen at registration.
    ClientId
}
id! {
    /// A login session, as agencies know it (claim `sid`). Not a secret: the cookie holds another value.
    Sid
}
id! {
    /// A token family: everything that came from one authorization (RFC 9700 §4.14).
    GrantId
}
id! {
    /// One authenticator of a citizen (a passkey, a TOTP seed, a password).
    AuthenticatorId
}
id! {
    /// A recovery of an account, as the audit knows it. Not its secret.
    RecoveryId
}
id! {
    /// A set of saved recovery codes, so that a page knows whether it was made anew meanwhile.
    RecoverySetId
}
id! {
    /// A further address of a citizen.
    ContactId
}
id! {
    /// A notice to one address of a citizen; also the `Message-ID` of its letter, so that one delivered twice is known.
    NoticeId
}
id! {
    /// One activation of an account, as the audit knows it. Not its code.
    ActivationId
}
id! {
    /// A citizen's record that is open on an official's desk.
    CaseId
}
id! {
    /// A proposal that waits for a second official.
    ApprovalId
}
id! {
    /// An initial access token (RFC 7591 §1.2), as operators and the audit know it. Not its value.
    InitialTokenId
}

impl GrantId {
    /// A new id: when, the how manyeth of its node, and chance. What belongs to one family is found by it in several
    /// indexes; ids that grow touch the last page of each, ids of chance alone any page. It is not a secret.
    #[must_use]
    pub fn growing(now: Timestamp, place: u32, chance: [u8; 8]) -> Self {
        let seconds = u32::try_from(now.0).unwrap_or(u32::MAX);
        Self(format!(
            "{seconds:08x}{place:08x}{}",
            data_encoding::HEXLOWER.encode(&chance)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_grants_grow_and_are_as_long_as_others() {
        let first = GrantId::growing(Timestamp(1_795_260_000), 7, [255; 8]);
        let next = GrantId::growing(Timestamp(1_795_260_000), 8, [0; 8]);
        let later = GrantId::growing(Timestamp(1_795_260_001), 0, [0; 8]);
        assert!(first < next && next < later);
        assert_eq!(first.as_str().len(), GrantId::new([1; 16]).as_str().len());
    }

    #[test]
    fn two_nodes_make_different_ids_in_the_same_second() {
        let at = Timestamp(1_795_260_000);
        assert_ne!(GrantId::growing(at, 7, [1; 8]), GrantId::growing(at, 7, [2; 8]));
    }
}
