//! Values that carry evidence (ISO 32000-2 §12.8.4.3) or may only grow (form resources).

use std::collections::BTreeSet;

use super::Level;
use super::references;
use super::step::{Difference, Step};
use crate::pdf::error::ReadError;
use crate::pdf::object::{Object, Reference};

impl Step<'_> {
    /// Evidence may be added, exchanged and taken away: nothing of it is seen, and what is missing only
    /// makes the verdict worse. But what is written over must have been evidence, and nothing else.
    pub fn evidence(
        &mut self,
        owner: u32,
        old: Option<&Object>,
        new: Option<&Object>,
        kind: &'static str,
    ) -> Result<(), ReadError> {
        let mut own = BTreeSet::new();
        self.reach(self.before, old, &mut own)?;
        let mut after = BTreeSet::new();
        self.reach(self.after, new, &mut after)?;
        let mut allowed: Vec<u32> = own.iter().map(|r| r.number).collect();
        allowed.push(owner);
        let mut touched = old != new;
        let mut passive = true;
        for reference in after {
            let fine = match self.difference(reference) {
                None | Some(Difference::Removed) => continue,
                Some(Difference::New) => true,
                Some(Difference::Replaced) => {
                    own.contains(&reference) && self.only_from(Some(&Object::Reference(reference)), &allowed)
                }
            };
            touched = true;
            if fine {
                passive &= is_evidence(&self.document.get_in(self.after, reference)?);
                self.explain(reference);
            }
        }
        if touched {
            let level = if passive { Level::LongTerm } else { Level::Other };
            self.report(level, kind, new.and_then(Object::as_reference));
        }
        Ok(())
    }

    /// Every object that a value leads to.
    fn reach(
        &self,
        revision: usize,
        from: Option<&Object>,
        found: &mut BTreeSet<Reference>,
    ) -> Result<(), ReadError> {
        let mut waiting: Vec<Object> = from.cloned().into_iter().collect();
        while let Some(value) = waiting.pop() {
            let mut next = Vec::new();
            references::visit(&value, &mut |to| next.push(to));
            for to in next {
                if found.len() < MOST_EVIDENCE && found.insert(to) {
                    waiting.push(self.document.get_in(revision, to)?);
                }
            }
        }
        Ok(())
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
                for (key, value) in was.iter() {
                    let Some(now) = is.get(key.as_bytes()) else {
                        return Ok(false);
                    };
                    if !self.grown(owner, value, now, deeper)? {
                        return Ok(false);
                    }
                }
                for (key, value) in is.iter() {
                    if !was.contains(key.as_bytes()) && !self.closure(value)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (was, is) => super::step::same(self.document, was, is),
        }
    }
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

/// Resources → fonts → one font, and room.
pub(super) const DEPTH: u8 = 12;

/// Own choice: evidence for some hundred signatures.
const MOST_EVIDENCE: usize = 20_000;
