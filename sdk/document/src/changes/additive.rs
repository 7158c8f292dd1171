//! Values that carry evidence (ISO 32000-2 §12.8.4.3) or may only grow (form resources).

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Level;
use super::references;
use super::step::{Difference, Step};
use crate::pdf::document::Document;
use crate::pdf::error::ReadError;
use crate::pdf::object::{Dictionary, Object, Reference};

impl Step<'_> {
    /// Evidence may be added and exchanged: nothing of it is seen. But what is written over must have
    /// been evidence, and nothing else. What was there when somebody signed is asked for separately
    /// ([`evidence_kept`]).
    pub fn evidence(
        &mut self,
        owner: u32,
        old: Option<&Object>,
        new: Option<&Object>,
        kind: &'static str,
    ) -> Result<(), ReadError> {
        let own = self.own(owner, old)?;
        let found = evidence(self.document, self.after, new)?;
        let mut touched = old != new;
        // What evidence leads to and is none may be there already, for whatever it is; nothing new may come this way.
        let passive = found
            .others
            .iter()
            .all(|to| self.difference(*to) != Some(Difference::New));
        for reference in found.pieces {
            match self.difference(reference) {
                Some(Difference::New) => {}
                Some(Difference::Replaced) if own.contains(&reference.number) => {}
                None | Some(Difference::Removed | Difference::Replaced) => continue,
            }
            touched = true;
            self.explain(reference);
        }
        touched |= !passive;
        if touched {
            let passive = passive && (kind != "dss" || self.is_store(new)? && self.not_emptied(old, new)?);
            let level = if passive { Level::LongTerm } else { Level::Other };
            self.report(level, kind, new.and_then(Object::as_reference));
        }
        Ok(())
    }

    /// Whether a store that held something holds something still.
    fn not_emptied(&self, old: Option<&Object>, new: Option<&Object>) -> Result<bool, ReadError> {
        let was = old.map_or(Ok(Object::Null), |o| self.document.resolve_in(self.before, o))?;
        let is = new.map_or(Ok(Object::Null), |o| self.document.resolve_in(self.after, o))?;
        let holds = |store: &Object| {
            store
                .as_dictionary()
                .is_some_and(|d| LISTS.iter().any(|key| d.contains(key)))
        };
        Ok(!holds(&was) || holds(&is))
    }

    /// §12.8.4.3 table 261: arrays of streams, and a dictionary of dictionaries.
    fn is_store(&self, store: Option<&Object>) -> Result<bool, ReadError> {
        let Some(store) = store else { return Ok(true) };
        let store = self.document.resolve_in(self.after, store)?;
        let Some(store) = store.as_dictionary() else {
            return Ok(false);
        };
        for key in LISTS {
            if store.contains(key) && !self.are_streams(store.get(key))? {
                return Ok(false);
            }
        }
        let each = self.document.value_in(self.after, store, b"VRI")?;
        if store.contains(b"VRI") && each.as_dictionary().is_none() {
            return Ok(false);
        }
        let entries = each.as_dictionary().into_iter().flat_map(Dictionary::iter);
        for (_, one) in entries.filter(|(name, _)| name.as_bytes() != b"Type") {
            let one = self.document.resolve_in(self.after, one)?;
            let Some(one) = one.as_dictionary() else {
                return Ok(false);
            };
            for key in [&b"Cert"[..], b"OCSP", b"CRL"] {
                if one.contains(key) && !self.are_streams(one.get(key))? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn are_streams(&self, list: Option<&Object>) -> Result<bool, ReadError> {
        let list = list.map_or(Ok(Object::Null), |l| self.document.resolve_in(self.after, l))?;
        let Some(list) = list.as_array() else {
            return Ok(false);
        };
        for element in list {
            let found = self.document.resolve_in(self.after, element)?;
            if element.as_reference().is_none() || found.as_stream().is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Evidence that was there and may be written over: nothing rests on it but evidence of that kind.
    fn own(&self, owner: u32, old: Option<&Object>) -> Result<HashSet<u32>, ReadError> {
        let found = evidence(self.document, self.before, old)?;
        let mut own: HashSet<u32> = found.pieces.iter().map(|r| r.number).collect();
        let itself = old.and_then(Object::as_reference).map(|r| r.number);
        let mut leads_to: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut shared = Vec::new();
        for number in &own {
            let mut alone = self.referrers.knows(*number);
            for from in self.referrers.of(*number) {
                alone &= if from == owner {
                    // The owner refers to it as this evidence, and as nothing else.
                    itself.is_none_or(|itself| itself == *number) && self.referrers.once(*number, owner)
                } else {
                    own.contains(&from)
                };
                leads_to.entry(from).or_default().push(*number);
            }
            if !alone {
                shared.push(*number);
            }
        }
        while let Some(number) = shared.pop() {
            if own.remove(&number) {
                shared.extend(leads_to.remove(&number).unwrap_or_default());
            }
        }
        Ok(own)
    }

    /// Whether all that was there is there still.
    pub fn grown(&mut self, owner: u32, old: &Object, new: &Object, depth: u8) -> Result<bool, ReadError> {
        let Some(deeper) = depth.checked_sub(1) else {
            return Ok(false);
        };
        let differs = new.as_reference().is_some_and(|r| self.difference(r).is_some());
        if old == new && !differs && depth < DEPTH {
            return Ok(true);
        }
        let (was, is) = self.slot(owner, Some(old), Some(new))?;
        let owner = new.as_reference().map_or(owner, |r| r.number);
        match (&was, &is) {
            (Object::Null, added) => self.closure(added),
            (Object::Dictionary(was), Object::Dictionary(is)) => {
                for (_, old, new) in was.beside(is) {
                    let fine = match (old, new) {
                        (Some(old), Some(new)) => self.grown(owner, old, new, deeper)?,
                        (None, Some(new)) => self.closure(new)?,
                        _ => false,
                    };
                    if !fine {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (was, is) => super::step::same(self.document, was, is),
        }
    }
}

/// Whether the newest revision still has all evidence that a signed one had: without it, a certificate
/// that was known to be revoked could look better.
pub(super) fn evidence_kept(document: &Document, signed: usize) -> Result<bool, ReadError> {
    let last = document.last();
    let store = |revision| -> Result<Dictionary, ReadError> {
        let catalog = document.catalog_in(revision)?;
        Ok(document
            .dictionary_in(revision, &catalog, b"DSS")?
            .unwrap_or_default())
    };
    let (was, is) = (store(signed)?, store(last)?);
    for key in LISTS {
        if !listed(document, (signed, &was), (last, &is), key)? {
            return Ok(false);
        }
    }
    let was = document.dictionary_in(signed, &was, b"VRI")?.unwrap_or_default();
    let is = document.dictionary_in(last, &is, b"VRI")?.unwrap_or_default();
    for (name, _) in was.iter().filter(|(name, _)| name.as_bytes() != b"Type") {
        let old = document
            .dictionary_in(signed, &was, name.as_bytes())?
            .unwrap_or_default();
        let Some(new) = document.dictionary_in(last, &is, name.as_bytes())? else {
            return Ok(false);
        };
        for key in [&b"Cert"[..], b"OCSP", b"CRL"] {
            if !listed(document, (signed, &old), (last, &new), key)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Whether every element of a list is in the later one still. Streams that are written over are told
/// of by the comparison.
fn listed(
    document: &Document,
    (before, was): (usize, &Dictionary),
    (after, is): (usize, &Dictionary),
    key: &[u8],
) -> Result<bool, ReadError> {
    let (was, is) = (
        document.value_in(before, was, key)?,
        document.value_in(after, is, key)?,
    );
    let is: HashSet<Reference> = is
        .as_array()
        .unwrap_or_default()
        .iter()
        .filter_map(Object::as_reference)
        .collect();
    let was = was.as_array().unwrap_or_default();
    Ok(was
        .iter()
        .all(|element| element.as_reference().is_none_or(|r| is.contains(&r))))
}

/// What a value leads to.
#[derive(Default)]
pub(super) struct Reached {
    /// What may be evidence.
    pub pieces: BTreeSet<Reference>,
    /// What is something else; where that leads to is not followed.
    pub others: BTreeSet<Reference>,
}

/// Every piece of evidence that a value leads to, as a revision sees it.
pub(super) fn evidence(
    document: &Document,
    revision: usize,
    from: Option<&Object>,
) -> Result<Reached, ReadError> {
    let mut reached = Reached::default();
    let mut waiting: Vec<Object> = from.cloned().into_iter().collect();
    while let Some(value) = waiting.pop() {
        let mut next = Vec::new();
        references::visit(&value, &mut |to| next.push(to));
        for to in next {
            if reached.pieces.len() >= MOST_EVIDENCE
                || reached.pieces.contains(&to)
                || reached.others.contains(&to)
            {
                continue;
            }
            let object = document.get_in(revision, to)?;
            if is_evidence(&object) {
                reached.pieces.insert(to);
                waiting.push(object);
            } else {
                reached.others.insert(to);
            }
        }
    }
    Ok(reached)
}

/// Dictionaries, arrays and plain streams; nothing that a page could show.
fn is_evidence(object: &Object) -> bool {
    object.as_dictionary().is_none_or(|d| {
        matches!(
            d.name(b"Type"),
            None | Some(b"DSS" | b"VRI" | b"DeveloperExtensions" | b"Stream")
        ) && !d.contains(b"Subtype")
    })
}

/// §12.8.4.3 table 261.
const LISTS: [&[u8]; 3] = [b"Certs", b"OCSPs", b"CRLs"];

/// Resources → fonts → one font, and room.
pub(super) const DEPTH: u8 = 12;

/// Own choice: evidence for some hundred signatures.
const MOST_EVIDENCE: usize = 20_000;
