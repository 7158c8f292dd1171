//! One revision against the one before it.

use std::collections::{BTreeMap, BTreeSet};

use super::references::{self, Referrers, TRAILER};
use super::{Change, Level};
use crate::pdf::document::Document;
use crate::pdf::error::ReadError;
use crate::pdf::lexer::is_space;
use crate::pdf::object::{Dictionary, Object, Reference, Stream};
use crate::pdf::xref::{Entry, XrefKind};

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
    /// Widgets of signature fields that this revision adds.
    pub new_widgets: BTreeSet<Reference>,
}

/// What this revision changed.
pub(super) fn changes(
    document: &Document,
    after: usize,
    referrers: &mut Referrers,
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

fn reference(number: u32, entry: Option<Entry>) -> Reference {
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

    /// Every byte of the revision must belong to an object it lists, or to its cross-reference.
    fn writing(&mut self) -> Result<(), ReadError> {
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

    /// Cross-reference streams and object streams that only carry this revision.
    fn containers(&mut self) -> Result<(), ReadError> {
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
                    if old
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

    /// §7.5.5: the catalogue, encryption and the permanent identifier stay.
    fn trailer(&mut self) -> Result<(), ReadError> {
        let document = self.document;
        let (old, new) = (
            &document.revision(self.before)?.trailer,
            &document.revision(self.after)?.trailer,
        );
        for (key, kind) in [(&b"Root"[..], "catalog_exchanged"), (b"Encrypt", "encryption")] {
            if old.get(key) != new.get(key) {
                self.report(Level::Other, kind, new.reference(key));
            }
        }
        let identifier = |t: &Dictionary| {
            t.get(b"ID")
                .and_then(|i| i.as_array())
                .and_then(|i| i.first().cloned())
        };
        if identifier(old).is_some() && identifier(old) != identifier(new) {
            // Only encryption depends on it.
            let level = if self.document.encrypted() {
                Level::Other
            } else {
                Level::LongTerm
            };
            self.report(level, "file_identifier", None);
        }
        let changed = old.get(b"Info") != new.get(b"Info")
            || new
                .reference(b"Info")
                .is_some_and(|i| self.difference(i).is_some());
        if changed && !self.only_from(new.get(b"Info"), &[TRAILER]) {
            self.report(Level::Other, "metadata", new.reference(b"Info"));
        } else if changed {
            let (_, info) = self.slot(TRAILER, old.get(b"Info"), new.get(b"Info"))?;
            let flat = info
                .as_dictionary()
                .is_none_or(|d| d.iter().all(|(_, v)| v.as_dictionary().is_none()));
            let passive = self.closure(&info)?;
            let level = if flat && passive {
                Level::LongTerm
            } else {
                Level::Other
            };
            self.report(level, "metadata", new.reference(b"Info"));
        }
        Ok(())
    }

    /// Whether an object that is replaced serves nobody but these (and nobody, for the trailer).
    pub fn only_from(&self, value: Option<&Object>, allowed: &[u32]) -> bool {
        match value {
            Some(Object::Reference(to)) => self.referrers.only(to.number, allowed),
            _ => true,
        }
    }

    /// §7.7.2, key by key.
    fn catalog(&mut self) -> Result<(), ReadError> {
        let document = self.document;
        let root = document.revision(self.after)?.root();
        if root != document.revision(self.before)?.root() {
            return Ok(());
        }
        let Some(root) = root else { return Ok(()) };
        let (old, new) = (
            document.catalog_in(self.before)?,
            document.catalog_in(self.after)?,
        );
        for (key, was, is) in old.beside(&new) {
            match key {
                b"AcroForm" => self.form(root.number, was, is)?,
                b"DSS" => self.evidence(root.number, was, is, "dss")?,
                b"Extensions" => self.evidence(root.number, was, is, "extensions")?,
                b"Version" if was != is => {
                    self.report(Level::LongTerm, "version", Some(root));
                }
                b"Metadata" => self.metadata(root, was, is)?,
                _ if was != is => {
                    self.report(Level::Other, "catalog", Some(root));
                }
                _ => {}
            }
        }
        self.explain(root);
        Ok(())
    }

    /// Whether two values are the same, references followed one step.
    pub fn alike(&self, old: Option<&Object>, new: Option<&Object>) -> Result<bool, ReadError> {
        let changed = |o: Option<&Object>| o.and_then(Object::as_reference).and_then(|r| self.difference(r));
        if changed(old).is_some() || changed(new) == Some(Difference::Replaced) {
            return Ok(false);
        }
        let was = old.map_or(Ok(Object::Null), |o| self.document.resolve_in(self.before, o))?;
        let is = new.map_or(Ok(Object::Null), |o| self.document.resolve_in(self.after, o))?;
        let (Some(was), Some(is)) = (was.as_dictionary(), is.as_dictionary()) else {
            return Ok(was == is);
        };
        let mut alike = was.len() == is.len();
        for (_, old, new) in was.beside(is) {
            let (Some(old), Some(new)) = (old, new) else {
                return Ok(false);
            };
            alike &=
                self.document.resolve_in(self.before, old)? == self.document.resolve_in(self.after, new)?;
        }
        Ok(alike)
    }

    fn metadata(
        &mut self,
        root: Reference,
        old: Option<&Object>,
        new: Option<&Object>,
    ) -> Result<(), ReadError> {
        let differs = |o: Option<&Object>| o.and_then(Object::as_reference).and_then(|r| self.difference(r));
        let replaced = differs(new).is_some();
        if old == new && !replaced {
            return Ok(());
        }
        if !self.only_from(new, &[root.number]) || new.is_none() {
            self.report(Level::Other, "metadata", None);
            return Ok(());
        }
        let (_, is) = self.slot(root.number, old, new)?;
        let plain = match is.as_stream() {
            Some(s) if s.dictionary.name(b"Type") == Some(b"Metadata") => {
                is_markup(&self.document.decode_in(self.after, s)?.bytes)
            }
            _ => false,
        };
        let level = if plain { Level::LongTerm } else { Level::Other };
        self.report(level, "metadata", new.and_then(Object::as_reference));
        Ok(())
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

/// XMP is XML, which begins and ends with a tag.
fn is_markup(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes)
        .unwrap_or_default()
        .trim_matches(['\u{feff}', '\0'])
        .trim();
    text.starts_with('<') && text.ends_with('>')
}

/// Between objects writers leave an end of line or a comment.
const LARGEST_GAP: u64 = 4096;
