//! Changes of pages: annotations added; everything else is named with its page.

use std::collections::{HashMap, HashSet};

use super::step::{Difference, Step};
use super::{Level, references};
use crate::pdf::error::ReadError;
use crate::pdf::object::{Dictionary, Object, Reference};

impl Step<'_> {
    /// Pages may get annotations: widgets of new signature fields, marks.
    pub fn pages(&mut self) -> Result<(), ReadError> {
        if !self.open.values().any(|d| *d != Difference::Removed) && self.new_widgets.is_empty() {
            return Ok(());
        }
        let pages = self.document.page_references_in(self.before)?;
        for (position, page) in pages.iter().enumerate() {
            let number = position.saturating_add(1);
            let old = self.document.get_in(self.before, *page)?;
            let new = self.document.get_in(self.after, *page)?;
            let (Some(old), Some(new)) = (old.as_dictionary(), new.as_dictionary()) else {
                continue;
            };
            self.page(number, *page, old, new)?;
        }
        Ok(())
    }

    fn page(
        &mut self,
        number: usize,
        at: Reference,
        old: &Dictionary,
        new: &Dictionary,
    ) -> Result<(), ReadError> {
        let (was, is) = (old.get(b"Annots"), new.get(b"Annots"));
        let list_differs = [was, is]
            .into_iter()
            .flatten()
            .any(|o| o.as_reference().is_some_and(|r| self.difference(r).is_some()));
        if self.difference(at).is_some() {
            let rest: [&[u8]; 2] = [b"Annots", b"Resources"];
            let same = old.without(&rest) == new.without(&rest)
                && self.alike(old.get(b"Resources"), new.get(b"Resources"))?;
            if !same {
                self.report(Level::Other, "page", Some(at)).page = Some(number);
            } else if let Some(Object::Reference(resources)) = new.get(b"Resources") {
                self.explain(*resources);
            }
            self.explain(at);
        }
        if was != is || list_differs {
            self.annotations(number, at, was, is)?;
        }
        let now = self.document.value_in(self.after, new, b"Annots")?;
        let widgets = self.shown_anew(&now);
        if self.cover(&widgets, at)? {
            let first = widgets.first().copied();
            self.report(Level::Other, "covering_widget", first).page = Some(number);
        }
        for annotation in now
            .as_array()
            .unwrap_or_default()
            .iter()
            .filter_map(Object::as_reference)
        {
            if self.difference(annotation) == Some(Difference::Replaced) {
                self.annotation_changed(number, annotation)?;
            }
        }
        Ok(())
    }

    fn annotations(
        &mut self,
        number: usize,
        page: Reference,
        old: Option<&Object>,
        new: Option<&Object>,
    ) -> Result<(), ReadError> {
        // The array must be this page's alone.
        if !self.only_from(old, &[page.number]) || !self.only_from(new, &[page.number]) {
            self.report(Level::Other, "annotations_shared", Some(page)).page = Some(number);
        }
        if !self.kept(page.number, old, new)? {
            self.report(Level::Other, "annotation_removed", Some(page)).page = Some(number);
        }
        let was = old.map_or(Ok(Object::Null), |o| self.document.resolve_in(self.before, o))?;
        let is = new.map_or(Ok(Object::Null), |o| self.document.resolve_in(self.after, o))?;
        let known: HashSet<Reference> = was
            .as_array()
            .unwrap_or_default()
            .iter()
            .filter_map(Object::as_reference)
            .collect();
        let direct = was.as_array().unwrap_or_default().iter();
        let mut direct = direct.filter(|a| a.as_reference().is_none()).peekable();
        for added in is.as_array().unwrap_or_default() {
            let was_there = match added.as_reference() {
                Some(reference) => known.contains(&reference),
                // Annotations that are written in the array itself: all that were there, in their order.
                None => direct.next_if(|old| *old == added).is_some(),
            };
            if was_there {
                continue;
            }
            let reference = added.as_reference();
            if let Some(widget) = reference.filter(|r| self.new_widgets.contains(r)) {
                let of_it = widget.to_string();
                for change in self
                    .changes
                    .iter_mut()
                    .filter(|c| c.object.as_ref() == Some(&of_it))
                {
                    change.page = Some(number);
                }
                continue;
            }
            self.annotation_added(number, added)?;
        }
        Ok(())
    }

    fn annotation_added(&mut self, number: usize, added: &Object) -> Result<(), ReadError> {
        let reference = added.as_reference();
        let about = self.document.resolve_in(self.after, added)?;
        let dictionary = about.as_dictionary().cloned().unwrap_or_default();
        let fresh = reference.is_none_or(|r| self.difference(r) == Some(Difference::New));
        if let Some(reference) = reference.filter(|_| fresh) {
            self.explain(reference);
        }
        let passive = self.closure(&Object::Dictionary(
            dictionary.without(&[b"P", b"Parent", b"Popup"]),
        ))?;
        let mark = passive && fresh && self.is_mark(self.after, &dictionary)?;
        let level = if mark { Level::Annotate } else { Level::Other };
        self.report(level, "annotation_added", reference).page = Some(number);
        Ok(())
    }

    fn annotation_changed(&mut self, number: usize, at: Reference) -> Result<(), ReadError> {
        let (old, new) = (
            self.document.get_in(self.before, at)?,
            self.document.get_in(self.after, at)?,
        );
        self.explain(at);
        let passive = self.closure(&new)?;
        let mark = match (old.as_dictionary(), new.as_dictionary()) {
            (Some(old), Some(new)) => {
                passive && old.name(b"Subtype") == new.name(b"Subtype") && self.is_mark(self.after, new)?
            }
            _ => false,
        };
        let level = if mark { Level::Annotate } else { Level::Other };
        self.report(level, "annotation_changed", Some(at)).page = Some(number);
        Ok(())
    }

    /// Whatever nobody has explained, with the page it is seen on.
    pub fn unexplained(&mut self) -> Result<(), ReadError> {
        let open: Vec<(u32, Difference)> = self.open.iter().map(|(n, d)| (*n, *d)).collect();
        if open.is_empty() {
            return Ok(());
        }
        let used = self.used()?;
        let pages = self.pages_of(open.iter().map(|(number, _)| *number).collect())?;
        for (number, difference) in open {
            let reference = Reference::new(number);
            let side = if difference == Difference::Removed {
                self.before
            } else {
                self.after
            };
            let object = self.document.get_in(side, reference)?;
            if difference == Difference::New && !used.contains(&number) && !could_be_seen(&object) {
                self.report(Level::LongTerm, "unused_object", Some(reference));
                continue;
            }
            let (kind, page) = (name(difference, &object), pages.get(&number).copied());
            self.report(Level::Other, kind, Some(reference)).page = page;
        }
        Ok(())
    }

    /// New objects to which something refers, before or after. Only this revision can refer to them:
    /// whatever awaited them is told of elsewhere.
    fn used(&self) -> Result<HashSet<u32>, ReadError> {
        let new = |number: &u32| self.open.get(number) == Some(&Difference::New);
        let (mut used, mut waiting) = (HashSet::new(), Vec::new());
        for (number, entry) in self.document.revision(self.after)?.entries() {
            let inside = matches!(entry, crate::Entry::In { .. });
            if !new(&number) && (inside || matches!(entry, crate::Entry::At { .. })) {
                waiting.push(number);
            }
            if self.referrers.of(number).any(|from| from != references::TRAILER) && used.insert(number) {
                waiting.push(number);
            }
        }
        while let Some(number) = waiting.pop() {
            let object = self
                .document
                .get_in(self.after, Reference::new(number))
                .unwrap_or(Object::Null);
            references::visit(&object, &mut |to| {
                if new(&to.number) && used.insert(to.number) {
                    waiting.push(to.number);
                }
            });
        }
        Ok(used)
    }

    /// The first page from which each of these objects can be reached, looking so far and no farther.
    fn pages_of(&self, mut wanted: HashSet<u32>) -> Result<HashMap<u32, usize>, ReadError> {
        let (mut found, mut steps) = (HashMap::new(), MOST_STEPS);
        let pages = match self.document.page_references_in(self.before) {
            Err(e) if e.is_fault() => return Err(e),
            other => other.unwrap_or_default(),
        };
        for (position, page) in pages.into_iter().enumerate() {
            let (mut visited, mut waiting) = (HashSet::new(), vec![page]);
            while let Some(next) = waiting.pop() {
                if wanted.is_empty() || steps == 0 {
                    return Ok(found);
                }
                if !visited.insert(next) {
                    continue;
                }
                steps = steps.saturating_sub(1);
                if wanted.remove(&next.number) {
                    found.insert(next.number, position.saturating_add(1));
                }
                let object = self.document.get_in(self.after, next).unwrap_or(Object::Null);
                let object = match object.as_dictionary() {
                    Some(d) => Object::Dictionary(d.without(&[b"Parent", b"P", b"Dest", b"StructParent"])),
                    None => object,
                };
                references::visit(&object, &mut |to| waiting.push(to));
            }
        }
        Ok(found)
    }
}

/// Something that a page tree or a list of annotations may take in later.
fn could_be_seen(object: &Object) -> bool {
    let kind = object.as_dictionary().and_then(|d| d.name(b"Type"));
    matches!(kind, Some(b"Page" | b"Pages" | b"Catalog" | b"Annot" | b"Action"))
}

fn name(difference: Difference, object: &Object) -> &'static str {
    let dictionary = object.as_dictionary();
    let says = |key: &[u8]| dictionary.and_then(|d| d.name(key));
    match (difference, says(b"Type"), says(b"Subtype")) {
        (Difference::Removed, ..) => "object_removed",
        (Difference::New, ..) => "object_added",
        (_, Some(b"Page"), _) => "page",
        (_, Some(b"Pages"), _) => "page_tree",
        (_, Some(b"Catalog"), _) => "catalog",
        (_, Some(b"Font" | b"FontDescriptor"), _) => "font",
        (_, Some(b"ObjStm"), _) => "object_stream",
        (_, Some(b"OCG" | b"OCMD"), _) => "layer",
        (_, Some(b"Sig" | b"DocTimeStamp"), _) => "signature_replaced",
        (_, _, Some(b"Image")) => "image",
        (_, _, Some(b"Form")) => "form_content",
        (_, Some(b"Annot"), _) => "annotation_changed",
        _ if object.as_stream().is_some() => "page_content",
        _ => "object_replaced",
    }
}

/// Own choice: enough for documents with many pages, a fraction of a second.
const MOST_STEPS: usize = 100_000;
