//! The page tree (ISO 32000-2 §7.7.3), bounded, loops refused.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::document::Document;
use super::error::{Code, ReadError};
use super::object::{Dictionary, Object, Reference};

/// A page with what it inherits (§7.7.3.4).
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it is in the tree, from 1.
    pub number: usize,
    /// The page object.
    pub reference: Reference,
    /// Its own dictionary.
    pub dictionary: Dictionary,
    /// `/MediaBox`: left, bottom, right, top; ordered.
    pub media_box: [f64; 4],
    /// `/CropBox`, else the media box.
    pub crop_box: [f64; 4],
    /// `/Rotate`, from 0 to 270.
    pub rotate: u16,
    /// `/Resources`, its own or inherited, as written: a dictionary or a reference. Shared: what a node hands down
    /// to a hundred thousand pages is kept once.
    pub resources: Option<Arc<Object>>,
}

/// What a node hands down.
#[derive(Clone, Default)]
struct Inherited {
    media_box: Option<[f64; 4]>,
    crop_box: Option<[f64; 4]>,
    rotate: Option<i64>,
    resources: Option<Arc<Object>>,
}

impl Document {
    /// Every page of the newest revision.
    ///
    /// # Errors
    /// `Pages` when the tree is none; `TooLarge`.
    pub fn pages(&self) -> Result<Vec<Page>, ReadError> {
        self.pages_in(self.last())
    }

    /// Every page of a revision.
    ///
    /// # Errors
    /// As [`Document::pages`].
    pub fn pages_in(&self, revision: usize) -> Result<Vec<Page>, ReadError> {
        let mut pages = Vec::new();
        self.walk(revision, &mut |reference, dictionary, inherited| {
            let number = pages.len().saturating_add(1);
            pages.push(page(number, reference, dictionary, inherited));
        })?;
        Ok(pages)
    }

    /// Every page object of a revision, in order.
    ///
    /// # Errors
    /// As [`Document::pages`].
    pub fn page_references_in(&self, revision: usize) -> Result<Vec<Reference>, ReadError> {
        let mut pages = Vec::new();
        self.walk(revision, &mut |reference, _, _| pages.push(reference))?;
        Ok(pages)
    }

    /// How many pages there are, counted, not believed.
    ///
    /// # Errors
    /// As [`Document::pages`].
    pub fn page_count(&self) -> Result<usize, ReadError> {
        let mut count = 0_usize;
        self.walk(self.last(), &mut |_, _, _| count = count.saturating_add(1))?;
        Ok(count)
    }

    fn walk(
        &self,
        revision: usize,
        visit: &mut dyn FnMut(Reference, Dictionary, &Inherited),
    ) -> Result<(), ReadError> {
        let wrong = ReadError::new(Code::Pages, 0);
        let root = self
            .catalog_in(revision)?
            .reference(b"Pages")
            .ok_or(wrong.clone())?;
        let (mut visited, mut leaves) = (BTreeSet::new(), 0_usize);
        let mut waiting = vec![(root, Inherited::default())];
        while let Some((reference, inherited)) = waiting.pop() {
            // A page or node that stands twice in the tree is refused like a loop.
            if !visited.insert(reference) {
                return Err(wrong);
            }
            let Object::Dictionary(node) = self.get_in(revision, reference)? else {
                return Err(wrong);
            };
            let inherited = self.inherit(revision, &node, inherited)?;
            match node.name(b"Type") {
                Some(b"Page") => {
                    leaves = leaves.saturating_add(1);
                    visit(reference, node, &inherited);
                }
                Some(b"Pages") => {
                    let inherited = Inherited {
                        resources: own(&node).or(inherited.resources),
                        ..inherited
                    };
                    let kids = self.value_seen(revision, &node, b"Kids")?;
                    let kids = kids.as_array().ok_or(wrong.clone())?;
                    for kid in kids.iter().rev() {
                        waiting.push((kid.as_reference().ok_or(wrong.clone())?, inherited.clone()));
                    }
                }
                _ => return Err(wrong),
            }
            if leaves.saturating_add(waiting.len()) > self.window.limits.pages {
                return Err(ReadError::new(Code::TooLarge, 0));
            }
        }
        Ok(())
    }

    fn inherit(
        &self,
        revision: usize,
        node: &Dictionary,
        mut from: Inherited,
    ) -> Result<Inherited, ReadError> {
        for (key, into) in [
            (&b"MediaBox"[..], &mut from.media_box),
            (b"CropBox", &mut from.crop_box),
        ] {
            if let Some(found) = self.rectangle_in(revision, node, key)? {
                *into = Some(found);
            }
        }
        if let Some(rotate) = self.value_seen(revision, node, b"Rotate")?.as_integer() {
            from.rotate = Some(rotate);
        }
        Ok(from)
    }

    /// A rectangle (§7.9.5) that a key has as its value, its corners ordered; none if it is no rectangle.
    ///
    /// # Errors
    /// As [`Document::get`].
    pub fn rectangle_in(
        &self,
        revision: usize,
        of: &Dictionary,
        key: &[u8],
    ) -> Result<Option<[f64; 4]>, ReadError> {
        let value = self.value_seen(revision, of, key)?;
        let Some(elements) = value.as_array().filter(|a| a.len() == 4) else {
            return Ok(None);
        };
        let mut numbers = [0.0; 4];
        for (number, element) in numbers.iter_mut().zip(elements) {
            let value = match element {
                Object::Reference(_) => self.resolve_in(revision, element)?.as_number(),
                direct => direct.as_number(),
            };
            match value {
                Some(value) if value.is_finite() => *number = value,
                _ => return Ok(None),
            }
        }
        let [a, b, c, d] = numbers;
        Ok(Some([a.min(c), b.min(d), a.max(c), b.max(d)]))
    }
}

fn own(node: &Dictionary) -> Option<Arc<Object>> {
    node.get(b"Resources").cloned().map(Arc::new)
}

fn page(number: usize, reference: Reference, dictionary: Dictionary, inherited: &Inherited) -> Page {
    let media_box = inherited.media_box.unwrap_or(LETTER);
    let rotate = inherited.rotate.unwrap_or(0).rem_euclid(360);
    Page {
        number,
        reference,
        resources: own(&dictionary).or_else(|| inherited.resources.clone()),
        dictionary,
        media_box,
        crop_box: inherited.crop_box.unwrap_or(media_box),
        rotate: u16::try_from(rotate).unwrap_or(0),
    }
}

/// `/MediaBox` is required; readers take US letter without one.
const LETTER: [f64; 4] = [0.0, 0.0, 612.0, 792.0];
