//! Who refers to what: to find objects that were referred to before they existed, and objects that serve
//! two purposes.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::additive::evidence;
use crate::pdf::document::Document;
use crate::pdf::error::ReadError;
use crate::pdf::object::{Dictionary, Object, Reference};
use crate::pdf::xref::Entry;

/// For each object that a later revision writes: the objects that refer to it.
pub(crate) struct Referrers {
    /// Referring object → how often, at most, in one version of it.
    of: HashMap<u32, BTreeMap<u32, usize>>,
}

impl Referrers {
    /// Reads every object that the signed revision shows.
    pub fn scan(document: &Document, signed: usize) -> Result<Self, ReadError> {
        let later = document
            .revisions()
            .get(signed.saturating_add(1)..)
            .unwrap_or_default();
        let of = later
            .iter()
            .flat_map(|r| r.entries())
            .map(|(number, _)| (number, BTreeMap::new()))
            .collect();
        let mut referrers = Self { of };
        referrers.want_appearances(document, signed)?;
        referrers.want_evidence(document, signed)?;
        for revision in document.revisions().iter().take(signed.saturating_add(1)) {
            referrers.add_trailer(&revision.trailer);
        }
        let mut seen = HashSet::new();
        for revision in document.revisions().iter().take(signed.saturating_add(1)).rev() {
            for (number, _) in revision.entries() {
                if seen.insert(number) {
                    // An object that nobody can read shows nothing; one that lenient readers repair
                    // shows what they like. So the changes stay unknown.
                    referrers.add(document, signed, number)?;
                }
            }
        }
        Ok(referrers)
    }

    /// Counts what an object refers to, as a revision sees it.
    pub fn add(&mut self, document: &Document, revision: usize, number: u32) -> Result<(), ReadError> {
        let generation = match document.entry_in(revision, number) {
            None | Some(Entry::Free) => return Ok(()),
            Some(Entry::At { generation, .. }) => generation,
            Some(Entry::In { container, .. }) => {
                // Whoever writes over an object stream writes over what is in it.
                if let Some(from) = self.of.get_mut(&container) {
                    from.entry(number).or_insert(1);
                }
                0
            }
        };
        let object = document.get_in(revision, Reference { number, generation })?;
        if object
            .as_dictionary()
            .is_some_and(|d| d.name(b"Type") == Some(b"XRef"))
        {
            // A trailer, counted as such.
            return Ok(());
        }
        self.count(&object, number);
        Ok(())
    }

    /// Counts what a trailer refers to, as object 0.
    pub fn add_trailer(&mut self, trailer: &Dictionary) {
        self.count(&Object::Dictionary(trailer.clone()), TRAILER);
    }

    fn count(&mut self, value: &Object, number: u32) {
        let mut here: HashMap<u32, usize> = HashMap::new();
        visit(value, &mut |to| {
            if self.of.contains_key(&to.number) {
                let count = here.entry(to.number).or_default();
                *count = count.saturating_add(1);
            }
        });
        for (to, count) in here {
            if let Some(from) = self.of.get_mut(&to) {
                let most = from.entry(number).or_default();
                *most = count.max(*most);
            }
        }
    }

    /// Appearances that a later revision may exchange: whether a page shows them too matters.
    fn want_appearances(&mut self, document: &Document, signed: usize) -> Result<(), ReadError> {
        for field in document.field_nodes_in(signed)? {
            for widget in &field.widgets {
                let about = document.get_in(signed, *widget)?;
                let appearance = about.as_dictionary().and_then(|d| d.reference(b"AP"));
                appearance.map(|a| self.of.entry(a.number).or_default());
            }
        }
        Ok(())
    }

    /// Evidence that a later revision may exchange: whether something else rests on it matters.
    fn want_evidence(&mut self, document: &Document, signed: usize) -> Result<(), ReadError> {
        let catalog = document.catalog_in(signed)?;
        for key in [&b"DSS"[..], b"Extensions"] {
            let found = evidence(document, signed, catalog.get(key))?;
            for at in found.pieces {
                self.of.entry(at.number).or_default();
            }
        }
        Ok(())
    }

    /// Whether it is known who refers to this object.
    pub fn knows(&self, number: u32) -> bool {
        self.of.contains_key(&number)
    }

    /// The objects that refer to this one.
    pub fn of(&self, number: u32) -> impl Iterator<Item = u32> {
        self.of.get(&number).into_iter().flatten().map(|(from, _)| *from)
    }

    /// Whether this object refers to it no more than once.
    pub fn once(&self, number: u32, from: u32) -> bool {
        let count = self.of.get(&number).and_then(|all| all.get(&from));
        count.is_none_or(|count| *count < 2)
    }

    /// Whether nobody but these refers to it, and each only once.
    pub fn only(&self, number: u32, allowed: &[u32]) -> bool {
        let mut all = self.of.get(&number).into_iter().flatten();
        all.all(|(from, count)| allowed.contains(from) && *count < 2)
    }
}

/// Every reference in a value; its depth is bounded by the lexer.
pub(crate) fn visit(object: &Object, found: &mut dyn FnMut(Reference)) {
    match object {
        Object::Reference(reference) => found(*reference),
        Object::Array(elements) => elements.iter().for_each(|e| visit(e, found)),
        _ => {
            if let Some(dictionary) = object.as_dictionary() {
                dictionary.iter().for_each(|(_, value)| visit(value, found));
            }
        }
    }
}

/// No object has this number (§7.5.4).
pub(super) const TRAILER: u32 = 0;
