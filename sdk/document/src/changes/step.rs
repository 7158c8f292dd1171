//! One revision against the one before it.

use std::collections::{BTreeMap, BTreeSet};

use super::known::Known;
use super::references::{self, Referrers, TRAILER};
use super::{Change, Level};
use crate::pdf::document::Document;
use crate::pdf::error::ReadError;
use crate::pdf::object::{Object, Reference, Stream};
use crate::pdf::xref::Entry;

/// How an object differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    New,
    Replaced,
    Removed,
}

/// The comparison of two neighbouring revisions.
pub(super) struct Step<'a> {
    pub document: &'a Document,
    pub before: usize,
    pub after: usize,
    /// What differs and is not explained yet.
    pub open: BTreeMap<u32, Difference>,
    pub changes: Vec<Change>,
    pub referrers: &'a Referrers,
    pub known: &'a mut Known,
    /// Widgets of signature fields that this revision adds.
    pub new_widgets: BTreeSet<Reference>,
}

/// What this revision changed.
pub(super) fn changes(
    document: &Document,
    after: usize,
    referrers: &mut Referrers,
    known: &mut Known,
) -> Result<Vec<Change>, ReadError> {
    let before = after.saturating_sub(1);
    let (differences, unreadable) = differences(document, before, after)?;
    let all: Vec<(u32, Difference)> = differences.iter().map(|(n, d)| (*n, *d)).collect();
    let mut step = Step {
        document,
        before,
        after,
        open: differences,
        changes: Vec::new(),
        referrers,
        known,
        new_widgets: BTreeSet::new(),
    };
    for reference in unreadable {
        step.report(Level::Other, "object_unreadable", Some(reference));
    }
    step.writing()?;
    step.anticipated(&all);
    step.containers()?;
    step.trailer()?;
    step.catalog()?;
    step.pages()?;
    step.unexplained()?;
    let changes = std::mem::take(&mut step.changes);
    referrers.add_trailer(&document.revision(after)?.trailer);
    for (number, _) in all {
        referrers.add(document, after, number)?;
    }
    Ok(changes)
}

pub(super) fn reference(number: u32, entry: Option<Entry>) -> Reference {
    match entry {
        Some(Entry::At { generation, .. }) => Reference { number, generation },
        _ => Reference::new(number),
    }
}

/// What differs, and what cannot be read: where the cross-reference leads astray, readers that repair
/// show what they like.
type Differences = (BTreeMap<u32, Difference>, Vec<Reference>);

fn differences(document: &Document, before: usize, after: usize) -> Result<Differences, ReadError> {
    let (mut found, mut unreadable) = (BTreeMap::new(), Vec::new());
    for (number, entry) in document.revision(after)?.entries() {
        let old = document.entry_in(before, number);
        let was = !matches!(old, None | Some(Entry::Free));
        // Cross-reference tables may say again what was said before.
        if old == Some(entry) && matches!(entry, Entry::At { .. }) {
            continue;
        }
        let is = entry != Entry::Free;
        let at = reference(number, Some(entry));
        let new = match document.get_in(after, at) {
            Ok(object) => object,
            Err(error) if error.is_final() => return Err(error),
            Err(_) => {
                unreadable.push(at);
                continue;
            }
        };
        let difference = match (was, is) {
            (false, false) => continue,
            (false, true) => Difference::New,
            (true, false) => Difference::Removed,
            (true, true) => {
                let was = reference(number, old);
                if was == at && same(document, &document.get_in(before, was)?, &new)? {
                    continue;
                }
                Difference::Replaced
            }
        };
        found.insert(number, difference);
    }
    Ok((found, unreadable))
}

/// Whether two values are the same, streams by their raw bytes.
pub(super) fn same(document: &Document, old: &Object, new: &Object) -> Result<bool, ReadError> {
    match (old, new) {
        (Object::Stream(old), Object::Stream(new)) => Ok(old.dictionary.without(&[b"Length"])
            == new.dictionary.without(&[b"Length"])
            && same_bytes(document, old, new)?),
        (old, new) => Ok(old == new),
    }
}

fn same_bytes(document: &Document, old: &Stream, new: &Stream) -> Result<bool, ReadError> {
    let length = |s: &Stream| s.extent.end.saturating_sub(s.extent.start);
    if old.extent == new.extent {
        return Ok(true);
    }
    if length(old) != length(new) {
        return Ok(false);
    }
    let mut done = 0;
    while done < length(old) {
        let batch = length(old).saturating_sub(done).min(1 << 20);
        let size = usize::try_from(batch).unwrap_or(0);
        let one = document
            .window
            .bytes(old.extent.start.saturating_add(done), size)?;
        let other = document
            .window
            .bytes(new.extent.start.saturating_add(done), size)?;
        if one != other {
            return Ok(false);
        }
        done = done.saturating_add(batch);
    }
    Ok(true)
}

impl Step<'_> {
    /// Records a change.
    pub fn report(&mut self, level: Level, kind: &'static str, object: Option<Reference>) -> &mut Change {
        self.changes.push(Change {
            level,
            kind,
            revision: self.after,
            page: None,
            field: None,
            object: object.map(|o| o.to_string()),
            is_signature: false,
        });
        let last = self.changes.len().saturating_sub(1);
        #[expect(clippy::indexing_slicing, reason = "pushed just now")]
        &mut self.changes[last]
    }

    /// How an object differs, if it does and nobody has explained it yet.
    pub fn difference(&self, reference: Reference) -> Option<Difference> {
        self.open.get(&reference.number).copied()
    }

    /// The caller has compared this object wholly.
    pub fn explain(&mut self, reference: Reference) {
        self.open.remove(&reference.number);
    }

    /// A value as both revisions see it. The caller compares it wholly, so it is explained: a new object,
    /// or one that is written over in the same place and serves nobody but its owner.
    pub fn slot(
        &mut self,
        owner: u32,
        old: Option<&Object>,
        new: Option<&Object>,
    ) -> Result<(Object, Object), ReadError> {
        let was = old.map_or(Ok(Object::Null), |o| self.document.resolve_in(self.before, o))?;
        let is = new.map_or(Ok(Object::Null), |o| self.document.resolve_in(self.after, o))?;
        if let Some(Object::Reference(to)) = new {
            let fine = match self.difference(*to) {
                Some(Difference::New) => true,
                Some(Difference::Replaced) => old == new && self.only_from(new, &[owner]),
                _ => false,
            };
            if fine {
                self.explain(*to);
            }
        }
        Ok((was, is))
    }

    /// Explains every new object that a new value leads to. False when one of them acts on its own
    /// (scripts, actions).
    pub fn closure(&mut self, value: &Object) -> Result<bool, ReadError> {
        let mut waiting = vec![value.clone()];
        let mut passive = true;
        while let Some(value) = waiting.pop() {
            passive &= !acts(&value);
            let mut found = Vec::new();
            references::visit(&value, &mut |to| found.push(to));
            for to in found {
                if self.difference(to) == Some(Difference::New) {
                    self.explain(to);
                    waiting.push(self.document.get_in(self.after, to)?);
                }
            }
        }
        Ok(passive)
    }

    /// A new object to which an older one referred already: what was signed changes its meaning.
    fn anticipated(&mut self, all: &[(u32, Difference)]) {
        for (number, difference) in all {
            // Trailers may name what does not exist: readers use none of it but what is compared below.
            let awaited = self.referrers.of(*number).any(|from| from != TRAILER);
            if *difference == Difference::New && awaited {
                self.report(Level::Other, "object_was_awaited", Some(Reference::new(*number)));
            }
        }
    }

    /// Whether an object that is replaced serves nobody but these (and nobody, for the trailer).
    pub fn only_from(&self, value: Option<&Object>, allowed: &[u32]) -> bool {
        match value {
            Some(Object::Reference(to)) => self.referrers.only(to.number, allowed),
            _ => true,
        }
    }
}

/// A dictionary that makes a reader do something (§12.6).
fn acts(value: &Object) -> bool {
    match value {
        Object::Array(elements) => elements.iter().any(acts),
        other => other.as_dictionary().is_some_and(|d| {
            [&b"AA"[..], b"JS", b"OpenAction"].iter().any(|k| d.contains(k))
                || d.get(b"A")
                    .is_some_and(|a| !matches!(a, Object::Name(_) | Object::Integer(_)))
                || d.name(b"Type") == Some(b"Action")
                || d.iter().any(|(_, value)| acts(value))
        }),
    }
}
