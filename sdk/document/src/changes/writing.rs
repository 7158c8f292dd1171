//! How a revision is written: every byte of it accounted for, objects where it says.

use std::collections::BTreeSet;

use super::Level;
use super::step::{Difference, Step, reference};
use crate::pdf::error::ReadError;
use crate::pdf::lexer::is_space;
use crate::pdf::object::Reference;
use crate::pdf::xref::{Entry, XrefKind};

impl Step<'_> {
    /// Every byte of the revision must belong to an object it lists, or to its cross-reference.
    pub fn writing(&mut self) -> Result<(), ReadError> {
        let revision = self.document.revision(self.after)?;
        let (start, end) = (revision.start, revision.end);
        let mut taken = revision.framing.clone();
        let mut outside = Vec::new();
        for (number, entry) in revision.entries() {
            let Entry::At { offset, .. } = entry else { continue };
            let again = self.document.entry_in(self.before, number) == Some(entry);
            if (start..end).contains(&offset) {
                match self
                    .document
                    .indirect_in(self.after, reference(number, Some(entry)))
                {
                    Err(error) if error.is_final() => return Err(error),
                    at => taken.extend(at.ok().flatten().map(|i| i.extent)),
                }
            } else if !again {
                outside.push(Reference::new(number));
            }
        }
        if revision.kind == XrefKind::Hybrid && self.document.revision(self.before)?.kind != XrefKind::Hybrid
        {
            // Readers that know hybrid files and readers that do not see different updates.
            self.report(Level::Other, "hybrid_update", None);
        }
        for reference in outside {
            self.report(Level::Other, "object_outside_revision", Some(reference));
        }
        taken.sort_by_key(|range| range.start);
        let (mut position, mut taken_before) = (start, None);
        for range in taken {
            if taken_before == Some(range.clone()) {
                continue;
            }
            taken_before = Some(range.clone());
            if range.start < position || !self.blank(position, range.start)? {
                self.report(Level::Other, "unexplained_bytes", None);
                return Ok(());
            }
            position = range.end;
        }
        Ok(())
    }

    /// White space and comments only.
    fn blank(&self, from: u64, to: u64) -> Result<bool, ReadError> {
        let length = to.saturating_sub(from);
        if length == 0 {
            return Ok(true);
        }
        if length > LARGEST_GAP {
            return Ok(false);
        }
        let bytes = self
            .document
            .window
            .bytes(from, usize::try_from(length).unwrap_or(0))?;
        let mut comment = false;
        Ok(bytes.iter().all(|byte| {
            comment = match byte {
                b'%' => true,
                b'\r' | b'\n' => false,
                _ => comment,
            };
            comment || is_space(*byte)
        }))
    }

    /// Cross-reference streams and object streams that only carry this revision.
    pub fn containers(&mut self) -> Result<(), ReadError> {
        let revision = self.document.revision(self.after)?;
        let mut used = BTreeSet::new();
        for (_, entry) in revision.entries() {
            if let Entry::In { container, .. } = entry {
                used.insert(container);
            }
        }
        let mut carriers = used.clone();
        for (number, entry) in revision.entries() {
            if matches!(entry, Entry::At { offset, .. } if revision.framing.iter().any(|f| f.start == offset))
            {
                carriers.insert(number);
            }
        }
        for number in carriers {
            match self.open.get(&number) {
                Some(Difference::New) => {
                    self.open.remove(&number);
                }
                // A cross-reference stream may take the number of the one before.
                Some(Difference::Replaced) if !used.contains(&number) => {
                    let old = self.document.get_in(self.before, Reference::new(number))?;
                    let alone = self.referrers.only(number, &[]);
                    if alone
                        && old
                            .as_dictionary()
                            .is_some_and(|d| d.name(b"Type") == Some(b"XRef"))
                    {
                        self.open.remove(&number);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Between objects writers leave an end of line or a comment.
const LARGEST_GAP: u64 = 4096;
