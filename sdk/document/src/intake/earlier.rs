//! Earlier revisions that showed something else: whoever has such a file can bring them back.

use super::Examination;
use super::reach::Reach;
use crate::changes::{self, Change, Level};
use crate::pdf::error::ReadError;
use crate::pdf::object::{Object, Reference};
use crate::pdf::xref::{Entry, XrefKind};

impl Examination<'_> {
    pub(super) fn earlier(&mut self, reach: &Reach) -> Result<(), ReadError> {
        let roots: Vec<_> = self.document.revisions().iter().map(|r| r.root()).collect();
        if roots.iter().any(|root| Some(root) != roots.first()) {
            self.note("several_catalogs", None);
        }
        match changes::since(self.document, self.first_whole(reach)) {
            Ok(changes) => {
                for change in changes.iter().filter(|c| c.level == Level::Other) {
                    match change.kind {
                        "font" => self.note("font_replaced", change.page),
                        "page" if !self.shows_else(change)? => {}
                        kind if SHOWN.contains(&kind) => self.note("earlier_content", change.page),
                        _ => {}
                    }
                }
                Ok(())
            }
            Err(error) if error.is_final() => Err(error),
            Err(_) => {
                self.note("earlier_unknown", None);
                Ok(())
            }
        }
    }

    /// Some writers (Word) save a new file in two revisions: a classic table, and behind it a cross-reference stream for
    /// what old readers have no use for, the document's structure. The second is where such a file begins.
    fn first_whole(&self, reach: &Reach) -> usize {
        let adds_nothing_seen = |number: u32, entry: Entry| match self.document.entry_in(0, number) {
            None | Some(Entry::Free) => reach.page(number).is_none(),
            Some(first) => first == entry,
        };
        let completes = self.document.revisions().get(1).is_some_and(|second| {
            second.kind == XrefKind::Hybrid
                && second
                    .entries()
                    .all(|(number, entry)| adds_nothing_seen(number, entry))
        });
        usize::from(completes)
    }

    /// Writers save pages anew for many reasons; only some of what a page says of itself is seen.
    fn shows_else(&self, change: &Change) -> Result<bool, ReadError> {
        let object = change
            .object
            .as_deref()
            .and_then(|text| text.split(' ').next()?.parse().ok());
        let (Some(number), Some(before)) = (object, change.revision.checked_sub(1)) else {
            return Ok(true);
        };
        let was = self.document.get_in(before, Reference::new(number))?;
        let is = self.document.get_in(change.revision, Reference::new(number))?;
        let says = |page: &Object, key: &[u8]| page.as_dictionary().and_then(|d| d.get(key)).cloned();
        Ok(SEEN.iter().any(|key| says(&was, key) != says(&is, key)))
    }
}

/// What a page says of itself and a reader sees; annotations and resources are compared by themselves.
const SEEN: [&[u8]; 5] = [b"Contents", b"MediaBox", b"CropBox", b"Rotate", b"UserUnit"];

/// Kinds of change that touch what a page shows.
const SHOWN: [&str; 9] = [
    "page",
    "page_content",
    "page_tree",
    "image",
    "form_content",
    "layer",
    "catalog_exchanged",
    "object_outside_revision",
    "object_was_awaited",
];
