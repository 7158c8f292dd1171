//! Which revisions speak of which object. In a file of a few revisions one looks through them; in one that hundreds
//! signed, looking for an object in each would take longer than reading it.

use super::revision::Revision;

/// The number of an object and that of a revision that speaks of it, sorted. Eight bytes for each cross-reference
/// entry: 16 MB at [`crate::Limits::entries`].
pub(crate) struct Index(Vec<(u32, u32)>);

impl Index {
    /// None when there are few revisions.
    pub fn of(revisions: &[Revision]) -> Option<Self> {
        if revisions.len() <= FEW {
            return None;
        }
        let mut all = Vec::new();
        for (position, revision) in (0..).zip(revisions) {
            all.extend(revision.entries().map(|(number, _)| (number, position)));
        }
        all.sort_unstable();
        Some(Self(all))
    }

    /// The newest revision, up to this one, that speaks of an object.
    pub fn newest(&self, revision: usize, number: u32) -> Option<usize> {
        let up_to = u32::try_from(revision).unwrap_or(u32::MAX);
        let behind = self.0.partition_point(|one| *one <= (number, up_to));
        let (found, newest) = *self.0.get(behind.checked_sub(1)?)?;
        (found == number).then_some(usize::try_from(newest).ok()?)
    }
}

/// Own choice: looking through so many takes as long as a search in the index.
const FEW: usize = 4;
