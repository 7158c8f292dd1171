//! Annotations that a later revision puts on a page, or lets show something else.

use super::appearance::{FILLING, WRITING};
use super::step::Step;
use crate::pdf::error::ReadError;
use crate::pdf::form::{Field, FieldKind};
use crate::pdf::object::{Dictionary, Object, Reference};
use crate::pdf::xref::Entry;

impl Step<'_> {
    /// Marks that a reader shows as such (§12.5.6), and that write nothing; others draw whatever they like.
    pub fn is_mark(&self, revision: usize, annotation: &Dictionary) -> Result<bool, ReadError> {
        let subtype = annotation.name(b"Subtype");
        if !matches!(
            subtype,
            Some(b"Text" | b"Popup" | b"Highlight" | b"Underline" | b"Squiggly" | b"StrikeOut")
        ) {
            return Ok(false);
        }
        Ok(match self.appearance(revision, annotation)? {
            // §12.5.6.14: it has none.
            Some(_) if subtype == Some(b"Popup") => false,
            Some(drawn) => !self.has_operator(revision, &drawn, WRITING)?,
            None => true,
        })
    }

    /// The area of a widget; none if it cannot be seen.
    pub fn seen(&self, widget: &Dictionary) -> Result<Option<f64>, ReadError> {
        let flags = self.document.value_in(self.after, widget, b"F")?;
        let flags = flags.as_integer().unwrap_or(0);
        // §12.5.3: hidden, no view. Still printed, perhaps (bit 3), or seen under the pointer (bit 9).
        if flags & (2 | 32) != 0 && flags & (4 | 256) == 0 {
            return Ok(None);
        }
        if widget.get(b"Rect").is_none() {
            return Ok(None);
        }
        // What is no rectangle to us may be one to a reader.
        let rectangle = self.document.rectangle_in(self.after, widget, b"Rect")?;
        Ok(Some(rectangle.map_or(f64::INFINITY, area)).filter(|area| *area > 0.0))
    }

    /// Whether widgets hide, together, much of the page they are on.
    pub fn cover(&self, widgets: &[Reference], page: Reference) -> Result<bool, ReadError> {
        let (mut all, mut new) = (0.0, 0.0);
        for widget in widgets {
            let about = self.document.get_in(self.after, *widget)?;
            let seen = about.as_dictionary().map_or(Ok(None), |d| self.seen(d))?;
            let seen = seen.unwrap_or(0.0);
            all += seen;
            let prepared = self.document.entry_in(self.before, widget.number);
            if matches!(prepared, None | Some(Entry::Free)) {
                new += seen;
            }
        }
        if all == 0.0 {
            return Ok(false);
        }
        let page = self.shown(page)?;
        Ok(new > page * LARGEST_SHARE || all > page * LARGEST_PREPARED)
    }

    /// The area of a page that readers show: its media box, cropped (§14.11.2). Nothing for a page of no size.
    fn shown(&self, page: Reference) -> Result<f64, ReadError> {
        let (mut media, mut crop) = (None, None);
        let mut node = self.document.get_in(self.after, page)?;
        for _ in 0..MOST_PARENTS {
            let Some(dictionary) = node.as_dictionary() else {
                break;
            };
            for (key, found) in [(&b"MediaBox"[..], &mut media), (b"CropBox", &mut crop)] {
                if found.is_none() {
                    *found = self.document.rectangle_in(self.after, dictionary, key)?;
                }
            }
            node = self.document.value_in(self.after, dictionary, b"Parent")?;
        }
        Ok(match (media, crop) {
            (Some(media), Some(crop)) => area(both(media, crop)),
            (Some(one), None) | (None, Some(one)) => area(one),
            (None, None) => 0.0,
        })
    }

    /// A text field that was clear and now fills an area: whatever the page shows under it is hidden.
    pub fn turns_opaque(&self, field: &Field) -> Result<bool, ReadError> {
        if field.kind != FieldKind::Text {
            return Ok(false);
        }
        for widget in &field.widgets {
            let was = self.document.get_in(self.before, *widget)?;
            let is = self.document.get_in(self.after, *widget)?;
            let fills = |revision, widget: &Object| -> Result<bool, ReadError> {
                let shown = widget.as_dictionary().map(|w| self.appearance(revision, w));
                match shown.transpose()?.flatten() {
                    Some(shown) => self.has_operator(revision, &shown, FILLING),
                    None => Ok(false),
                }
            };
            if !self.has_background(&was)? && fills(self.after, &is)? && !fills(self.before, &was)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Table 192: what a reader shows without an appearance, too.
    fn has_background(&self, widget: &Object) -> Result<bool, ReadError> {
        let Some(widget) = widget.as_dictionary() else {
            return Ok(false);
        };
        let looks = self.document.value_in(self.before, widget, b"MK")?;
        Ok(looks.as_dictionary().is_some_and(|d| d.contains(b"BG")))
    }

    /// Widgets of a page that this revision lets show something.
    pub fn shown_anew(&self, annotations: &Object) -> Vec<Reference> {
        annotations
            .as_array()
            .unwrap_or_default()
            .iter()
            .filter_map(Object::as_reference)
            .filter(|widget| self.new_widgets.contains(widget))
            .collect()
    }
}

fn both(one: [f64; 4], other: [f64; 4]) -> [f64; 4] {
    let [left, bottom, right, top] = one;
    let [l, b, r, t] = other;
    let (left, bottom) = (left.max(l), bottom.max(b));
    [left, bottom, right.min(r).max(left), top.min(t).max(bottom)]
}

fn area([left, bottom, right, top]: [f64; 4]) -> f64 {
    (right - left) * (top - bottom)
}

/// How much of a page a further signature may cover before it hides what was signed. Own choice: a stamp
/// takes a tenth.
const LARGEST_SHARE: f64 = 0.34;

/// The same where a place to sign was prepared, which the first signer saw. Own choice: two that share a small page.
const LARGEST_PREPARED: f64 = 0.5;

/// Page trees are a few levels deep.
const MOST_PARENTS: usize = 64;
