//! Identifiers and digests, each its own type.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;

/// Text that is not an identifier of this kind. What was given is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier")]
pub struct NotAnId;

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        /// 128 random bits: unguessable, though no decision rests on that alone.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From fresh random bytes.
            #[must_use]
            pub fn from_chance(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                decode(text).map(Self)
            }
        }
    };
}

random_id! {
    /// An official, as this service knows them.
    OfficialId
}
random_id! {
    /// A document on an official's desk.
    DocumentId
}
random_id! {
    /// Documents approved together.
    BatchId
}

macro_rules! hash_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                decode(text).map(Self)
            }
        }
    };
}

hash_id! {
    /// SHA-256 of a document's bytes, or of the signed attributes made from them.
    Digest
}
hash_id! {
    /// A signing key: SHA-256 of its SubjectPublicKeyInfo.
    KeyId
}
hash_id! {
    /// What an official proves presence for: see [`super::batch::Proposal::binding`].
    Binding
}

impl Digest {
    /// SHA-256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha256(&[bytes]))
    }

    /// The first twelve hexadecimal digits in groups of four: what a person compares at a glance.
    #[must_use]
    pub fn prefix(&self) -> String {
        self.grouped().chars().take(14).collect()
    }

    /// All 64 digits in groups of four.
    #[must_use]
    pub fn grouped(&self) -> String {
        let hex = self.to_string();
        let mut out = String::with_capacity(80);
        for (i, c) in hex.chars().enumerate() {
            if i > 0 && i % 4 == 0 {
                out.push(' ');
            }
            out.push(c);
        }
        out
    }
}

/// SHA-256 over the concatenation of `parts`.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        context.update(part);
    }
    finish(context)
}

/// Ends a SHA-256 computation.
#[must_use]
pub fn finish(context: ring::digest::Context) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

fn decode<const N: usize>(text: &str) -> Result<[u8; N], NotAnId> {
    let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| NotAnId)?;
    bytes.try_into().map_err(|_| NotAnId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_their_text() {
        let id = DocumentId::from_chance([7; 16]);
        assert_eq!(id.to_string().parse::<DocumentId>(), Ok(id));
    }

    #[test]
    fn an_id_of_the_wrong_length_is_refused() {
        assert_eq!("0707".parse::<DocumentId>(), Err(NotAnId));
    }

    #[test]
    fn upper_case_is_refused_so_that_one_id_has_one_spelling() {
        assert_eq!("AB".repeat(16).parse::<BatchId>(), Err(NotAnId));
    }

    #[test]
    fn a_digest_is_shown_in_groups() {
        let digest = Digest::of(b"");
        assert_eq!(digest.prefix(), "e3b0 c442 98fc");
        assert_eq!(digest.grouped().split(' ').count(), 16);
    }
}
