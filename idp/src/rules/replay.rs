//! What counts once: the `jti` of an assertion, of a proof, of a request object.

use ring::digest::{Context, SHA256};

use super::{secret::Digest, time::Timestamp};

/// Something that must not come twice, and until when it could.
///
/// It counts when it was spent in the store ([`crate::store::replays::spend`]). Kept until it is refused for its age
/// anyway: forgotten earlier, it could come again while still accepted.
#[derive(Debug)]
pub struct Once {
    /// Of what makes it this one.
    pub digest: Digest,
    /// It is refused for its age from then on.
    pub until: Timestamp,
}

impl Once {
    /// The one that `parts` name; each is preceded by its length, so that no two lists look alike.
    #[must_use]
    pub fn new(parts: &[&[u8]], until: Timestamp) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        Self {
            digest: Digest::of(context.finish().as_ref()),
            until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let now = Timestamp(0);
        assert_ne!(
            Once::new(&[b"ab", b"c"], now).digest,
            Once::new(&[b"a", b"bc"], now).digest
        );
        assert_eq!(
            Once::new(&[b"ab", b"c"], now).digest,
            Once::new(&[b"ab", b"c"], now).digest
        );
    }
}
