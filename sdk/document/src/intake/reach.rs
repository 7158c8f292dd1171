//! What the document uses, and the first page that each object is seen on.

use std::collections::{HashMap, HashSet};

use super::references;
use crate::pdf::document::Document;
use crate::pdf::error::ReadError;
use crate::pdf::object::{Object, Reference};

pub(super) struct Reach {
    used: HashSet<u32>,
    pages: HashMap<u32, usize>,
}

impl Reach {
    /// Follows every reference from the trailer, and from each page those that belong to it.
    pub fn of(document: &Document) -> Result<Self, ReadError> {
        let mut reach = Self {
            used: HashSet::new(),
            pages: HashMap::new(),
        };
        let trailers: Vec<Object> = document
            .revisions()
            .iter()
            .map(|revision| Object::Dictionary(revision.trailer.clone()))
            .collect();
        follow(document, Object::Array(trailers), &[], &mut |number| {
            reach.used.insert(number)
        })?;
        // What carries objects, or is a cross-reference, is used by being there.
        for revision in document.revisions() {
            for (number, entry) in revision.entries() {
                match entry {
                    crate::Entry::In { container, .. } => reach.used.insert(container),
                    crate::Entry::At { offset, .. } if offset == revision.startxref => {
                        reach.used.insert(number)
                    }
                    _ => false,
                };
            }
        }
        for (position, page) in document
            .page_references_in(document.last())?
            .into_iter()
            .enumerate()
        {
            let number = position.saturating_add(1);
            reach.pages.entry(page.number).or_insert(number);
            let object = document.get(page)?;
            follow(document, object, ELSEWHERE, &mut |found| {
                let fresh = !reach.pages.contains_key(&found);
                reach.pages.entry(found).or_insert(number);
                fresh
            })?;
        }
        Ok(reach)
    }

    pub fn used(&self, number: u32) -> bool {
        self.used.contains(&number)
    }

    pub fn page(&self, number: u32) -> Option<usize> {
        self.pages.get(&number).copied()
    }
}

/// `fresh` takes an object's number and says whether it was not known yet.
fn follow(
    document: &Document,
    from: Object,
    leave: &[&[u8]],
    fresh: &mut dyn FnMut(u32) -> bool,
) -> Result<(), ReadError> {
    let mut waiting = vec![from];
    while let Some(value) = waiting.pop() {
        let mut found: Vec<Reference> = Vec::new();
        references(&value, leave, &mut found);
        for reference in found {
            if fresh(reference.number) {
                waiting.push(document.get(reference)?);
            }
        }
    }
    Ok(())
}

/// Keys that lead to other pages or up the tree.
const ELSEWHERE: &[&[u8]] = &[
    b"Parent",
    b"P",
    b"Dest",
    b"D",
    b"StructParent",
    b"StructParents",
    b"B",
];
