//! Which pages stand beside which, and which of them need no drawing: what a page leads to is the same, object by
//! object, in both revisions.

use std::collections::{HashMap, HashSet};

use sdk_document::{Dictionary, Document, Entry, Object, Page, ReadError, Reference};

/// Bounds of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Pairs of pages that are drawn. Own choice: a person does not compare more by eye.
    pub pairs: usize,
    /// Objects looked at to tell which pages are untouched. Own choice: a fraction of a second.
    pub objects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pairs: 24,
            objects: 200_000,
        }
    }
}

/// Why nothing can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Incomparable {
    /// A revision, or its pages, cannot be read.
    #[error("a revision cannot be read")]
    Unreadable,
    /// Encrypted documents are not drawn.
    #[error("the document is encrypted")]
    Encrypted,
    /// The strict reader and the one that draws count different pages.
    #[error("readers count different pages")]
    ReadersDisagree,
}

impl Incomparable {
    /// A stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Encrypted => "encrypted",
            Self::ReadersDisagree => "readers_disagree",
        }
    }
}

/// A page before and now. At least one side is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Its number in the earlier revision, from 1; none for a page that was added.
    pub before: Option<usize>,
    /// Its number in the newest revision, from 1; none for a page that was removed.
    pub now: Option<usize>,
    /// Something that changed has no appearance of its own, so that every reader draws it differently.
    pub(crate) undrawn: bool,
}

#[derive(Debug)]
pub(crate) struct Plan {
    pub pairs: Vec<Pair>,
    pub untouched: usize,
    pub beyond: Vec<usize>,
    pub pages_before: usize,
    pub pages_now: usize,
}

/// The plan, and where the earlier revision ends.
pub(crate) fn plan(document: &Document, signed: usize, limits: &Limits) -> Result<(Plan, u64), Incomparable> {
    let unreadable = |_: ReadError| Incomparable::Unreadable;
    let end = document.revision(signed).map_err(unreadable)?.end_with_eol;
    let before = document.pages_in(signed).map_err(unreadable)?;
    let now = document.pages_in(document.last()).map_err(unreadable)?;
    let mut survey = Survey::new(document, signed, limits.objects).map_err(unreadable)?;
    let mut plan = Plan {
        pairs: Vec::new(),
        untouched: 0,
        beyond: Vec::new(),
        pages_before: before.len(),
        pages_now: now.len(),
    };
    for (old, new) in beside(&before, &now) {
        let touched = match (old, new) {
            (Some(old), Some(new)) => {
                old.number != new.number || !survey.untouched(old, new).map_err(unreadable)?
            }
            _ => true,
        };
        let number = new.or(old).map_or(0, |page| page.number);
        if !touched {
            plan.untouched = plan.untouched.saturating_add(1);
        } else if plan.pairs.len() < limits.pairs {
            plan.pairs.push(Pair {
                before: old.map(|page| page.number),
                now: new.map(|page| page.number),
                undrawn: new
                    .map_or(Ok(false), |page| survey.undrawn(page))
                    .map_err(unreadable)?,
            });
        } else {
            plan.beyond.push(number);
        }
    }
    Ok((plan, end))
}

/// Pages that are the same object belong together; what is left is paired in order, since a page that was
/// exchanged for another stands where the first one stood.
fn beside<'p>(before: &'p [Page], now: &'p [Page]) -> Vec<(Option<&'p Page>, Option<&'p Page>)> {
    let known: HashMap<Reference, &Page> = before.iter().map(|page| (page.reference, page)).collect();
    let still: HashSet<Reference> = now.iter().map(|page| page.reference).collect();
    let mut gone = before.iter().filter(|page| !still.contains(&page.reference));
    let mut pairs: Vec<_> = now
        .iter()
        .map(|page| {
            (
                known.get(&page.reference).copied().or_else(|| gone.next()),
                Some(page),
            )
        })
        .collect();
    pairs.extend(gone.map(|page| (Some(page), None)));
    pairs
}

/// What differs between the revisions, and what is known to be the same.
struct Survey<'d> {
    document: &'d Document,
    changed: HashSet<u32>,
    /// Objects that lead to nothing that changed.
    same: HashSet<Reference>,
    /// What every page depends on is the same.
    settings_same: bool,
    objects: usize,
}

impl<'d> Survey<'d> {
    fn new(document: &'d Document, signed: usize, objects: usize) -> Result<Self, ReadError> {
        let mut changed = HashSet::new();
        for number in signed.saturating_add(1)..=document.last() {
            for (object, entry) in document.revision(number)?.entries() {
                // A table may say again what was said before.
                if document.entry_in(signed, object) != Some(entry) || matches!(entry, Entry::In { .. }) {
                    changed.insert(object);
                }
            }
        }
        let mut survey = Self {
            document,
            changed,
            same: HashSet::new(),
            settings_same: false,
            objects,
        };
        let (was, is) = (document.catalog_in(signed)?, document.catalog()?);
        let layers = b"OCProperties";
        survey.settings_same = was.get(layers) == is.get(layers)
            && is
                .get(layers)
                .map_or(Ok(true), |layers| survey.leads_to_nothing_new(layers.clone()))?;
        Ok(survey)
    }

    fn untouched(&mut self, old: &Page, new: &Page) -> Result<bool, ReadError> {
        let alike = old.media_box == new.media_box
            && old.crop_box == new.crop_box
            && old.rotate == new.rotate
            && old.resources == new.resources;
        if !self.settings_same || !alike || self.changed.contains(&new.reference.number) {
            return Ok(false);
        }
        let mut own = vec![Object::Dictionary(new.dictionary.clone())];
        own.extend(new.resources.as_deref().cloned());
        self.leads_to_nothing_new(Object::Array(own))
    }

    /// Follows every reference that drawing may follow. What takes too long to tell may have changed.
    fn leads_to_nothing_new(&mut self, from: Object) -> Result<bool, ReadError> {
        let (mut waiting, mut visited) = (vec![from], HashSet::new());
        while let Some(value) = waiting.pop() {
            let mut found = Vec::new();
            references(&value, &mut found);
            for reference in found {
                if self.changed.contains(&reference.number) || self.in_changed_stream(reference) {
                    return Ok(false);
                }
                if self.same.contains(&reference) || !visited.insert(reference) {
                    continue;
                }
                match self.objects.checked_sub(1) {
                    Some(left) => self.objects = left,
                    None => return Ok(false),
                }
                waiting.push(self.document.get(reference)?);
            }
        }
        self.same.extend(visited);
        Ok(true)
    }

    /// An object stream that is written anew changes every object in it.
    fn in_changed_stream(&self, reference: Reference) -> bool {
        let entry = self.document.entry_in(self.document.last(), reference.number);
        matches!(entry, Some(Entry::In { container, .. }) if self.changed.contains(&container))
    }

    /// Whether an annotation of this page that changed leaves its looks to the reader (ISO 32000-2 §12.5.5).
    fn undrawn(&self, page: &Page) -> Result<bool, ReadError> {
        let last = self.document.last();
        let list = self.document.value_in(last, &page.dictionary, b"Annots")?;
        for annotation in list.as_array().unwrap_or_default().iter().take(MOST_ANNOTATIONS) {
            let changed = annotation
                .as_reference()
                .is_none_or(|reference| self.changed.contains(&reference.number));
            let about = self.document.resolve_in(last, annotation)?;
            let Some(about) = about.as_dictionary().filter(|_| changed) else {
                continue;
            };
            if !about.contains(b"AP") && self.could_be_seen(about)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn could_be_seen(&self, annotation: &Dictionary) -> Result<bool, ReadError> {
        let hidden = annotation.integer(b"F").unwrap_or(0) & (HIDDEN | NO_VIEW) != 0;
        let quiet = matches!(annotation.name(b"Subtype"), Some(b"Link" | b"Popup"));
        let area = self
            .document
            .rectangle_in(self.document.last(), annotation, b"Rect")?;
        let empty = area.is_some_and(|[left, bottom, right, top]| left >= right || bottom >= top);
        Ok(!hidden && !quiet && !empty)
    }
}

/// Every reference in a value, but those that lead to other pages or up the tree.
fn references(value: &Object, found: &mut Vec<Reference>) {
    match value {
        Object::Reference(reference) => found.push(*reference),
        Object::Array(elements) => elements.iter().for_each(|element| references(element, found)),
        other => {
            let entries = other.as_dictionary().into_iter().flat_map(Dictionary::iter);
            for (key, value) in entries {
                if !ELSEWHERE.contains(&key.as_bytes()) {
                    references(value, found);
                }
            }
        }
    }
}

/// Keys that no drawing follows: to the parent, to the page, to other pages, to what happens on a click.
const ELSEWHERE: [&[u8]; 9] = [
    b"Parent",
    b"P",
    b"Dest",
    b"A",
    b"AA",
    b"StructParent",
    b"StructParents",
    b"B",
    b"Popup",
];
/// §12.5.3 table 167.
const HIDDEN: i64 = 2;
const NO_VIEW: i64 = 32;
/// Own choice: the largest forms have some hundred on a page.
const MOST_ANNOTATIONS: usize = 10_000;
