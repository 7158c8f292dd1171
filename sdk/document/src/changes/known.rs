//! What is carried from one step to the next: most fields are untouched by a revision, and stay explained.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::step::Step;
use crate::pdf::document::Document;
use crate::pdf::error::ReadError;
use crate::pdf::form::Field;
use crate::pdf::object::{Dictionary, Reference};
use crate::pdf::window::EACH;
use crate::pdf::xref::Entry;

/// What the step before has looked at.
#[derive(Default)]
pub(super) struct Known {
    /// Every field of a revision.
    fields: Option<(usize, Vec<Arc<Field>>)>,
    /// Each field with the objects that decide whether anything of it changed.
    decisive: HashMap<Reference, (Arc<Field>, Arc<[u32]>)>,
    /// How many objects these are.
    held: usize,
}

impl Known {
    /// The fields of the earlier revision of a step, which are those of the later one of the step before.
    pub fn fields_before(
        &mut self,
        document: &Document,
        revision: usize,
    ) -> Result<Vec<Arc<Field>>, ReadError> {
        match self.fields.take() {
            Some((known, fields)) if known == revision => Ok(fields),
            _ => {
                // A step in between did not look at them.
                *self = Self::default();
                document.field_nodes_in(revision)
            }
        }
    }

    /// For the next step.
    pub fn keep_fields(&mut self, revision: usize, fields: Vec<Arc<Field>>) {
        self.fields = Some((revision, fields));
    }

    fn decisive(&self, field: &Arc<Field>) -> Option<Arc<[u32]>> {
        let (known, numbers) = self.decisive.get(&field.reference)?;
        Arc::ptr_eq(known, field).then(|| Arc::clone(numbers))
    }

    fn keep(&mut self, field: &Arc<Field>, numbers: &Arc<[u32]>) {
        self.forget(field);
        let held = self.held.saturating_add(numbers.len());
        if held <= MOST_DECISIVE {
            self.held = held;
            let kept = (Arc::clone(field), Arc::clone(numbers));
            self.decisive.insert(field.reference, kept);
        }
    }

    fn forget(&mut self, field: &Field) {
        if let Some((_, numbers)) = self.decisive.remove(&field.reference) {
            self.held = self.held.saturating_sub(numbers.len());
        }
    }
}

impl Step<'_> {
    /// Whether this revision says nothing of a field, its widgets, its value and its appearances, nor of any object
    /// stream they are in: then there is nothing to compare, and nothing to explain.
    pub fn untouched(&mut self, was: &Arc<Field>, is: &Arc<Field>) -> Result<bool, ReadError> {
        if !Arc::ptr_eq(was, is) {
            return Ok(false);
        }
        let numbers = match self.known.decisive(is) {
            Some(numbers) => numbers,
            None => {
                let numbers = self.decisive(is)?.into();
                self.known.keep(is, &numbers);
                numbers
            }
        };
        let work = numbers.len().saturating_mul(ONE_LOOKED_UP);
        self.document.window.spend(work, 0)?;
        let touched = numbers.iter().any(|number| self.speaks_of(*number));
        if touched {
            self.known.forget(is);
        }
        Ok(!touched)
    }

    /// The field and its widgets, and what their values and appearances lead to, as the later revision sees it.
    fn decisive(&self, field: &Field) -> Result<Vec<u32>, ReadError> {
        let mut numbers = HashSet::from([field.reference.number]);
        self.shown_by(&field.dictionary, &mut numbers)?;
        for widget in field.widgets.iter().filter(|w| **w != field.reference) {
            numbers.insert(widget.number);
            if let Some(about) = self.document.get_in(self.after, *widget)?.as_dictionary() {
                self.shown_by(about, &mut numbers)?;
            }
        }
        Ok(numbers.into_iter().collect())
    }

    fn shown_by(&self, node: &Dictionary, numbers: &mut HashSet<u32>) -> Result<(), ReadError> {
        for key in [&b"V"[..], b"AP", b"I"] {
            let near = self.near(None, node.get(key))?;
            numbers.extend(near.into_iter().map(|to| to.number));
        }
        Ok(())
    }

    /// Whether this revision writes an object, frees it, or writes the object stream that it is in.
    fn speaks_of(&self, number: u32) -> bool {
        let says = |number| {
            let revision = self.document.revision(self.after);
            revision.is_ok_and(|revision| revision.entry(number).is_some())
        };
        says(number)
            || matches!(self.document.entry_in(self.before, number), Some(Entry::In { container, .. }) if says(container))
    }
}

/// What it costs to see whether a revision speaks of an object: an eighth of reading one.
const ONE_LOOKED_UP: usize = EACH / 8;

/// Own choice: a few for each of a hundred thousand fields. Of more fields, the same is found out each time.
const MOST_DECISIVE: usize = 1_000_000;
