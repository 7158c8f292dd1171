//! Annotations that a later revision puts on a page.

use super::step::Step;
use crate::pdf::error::ReadError;
use crate::pdf::object::{Dictionary, Reference};

/// Marks that a reader shows as such (§12.5.6); others draw whatever they like.
pub(super) fn is_mark(subtype: Option<&[u8]>) -> bool {
    matches!(
        subtype,
        Some(b"Text" | b"Popup" | b"Highlight" | b"Underline" | b"Squiggly" | b"StrikeOut")
    )
}

impl Step<'_> {
    /// The area of a widget; none if it cannot be seen.
    pub fn seen(&self, widget: &Dictionary) -> Result<Option<f64>, ReadError> {
        let flags = widget.integer(b"F").unwrap_or(0);
        // §12.5.3: hidden, no view. Still printed, perhaps: bit 3 is print.
        if flags & (2 | 32) != 0 && flags & 4 == 0 {
            return Ok(None);
        }
        let rectangle = self.document.rectangle_in(self.after, widget, b"Rect")?;
        Ok(rectangle.map(area).filter(|area| *area > 0.0))
    }

    /// Whether a widget hides much of the page it is put on.
    pub fn covers(&self, widget: Reference, page: Reference) -> Result<bool, ReadError> {
        let about = self.document.get_in(self.after, widget)?;
        let Some(seen) = about.as_dictionary().map_or(Ok(None), |d| self.seen(d))? else {
            return Ok(false);
        };
        let mut node = self.document.get_in(self.after, page)?;
        for _ in 0..MOST_PARENTS {
            let Some(dictionary) = node.as_dictionary() else {
                break;
            };
            if let Some(whole) = self.document.rectangle_in(self.after, dictionary, b"MediaBox")? {
                return Ok(seen > area(whole) * LARGEST_SHARE);
            }
            node = self.document.value_in(self.after, dictionary, b"Parent")?;
        }
        // A page of no size.
        Ok(true)
    }
}

fn area([left, bottom, right, top]: [f64; 4]) -> f64 {
    (right - left) * (top - bottom)
}

/// How much of a page a further signature may cover before it hides what was signed. Own choice: a stamp
/// takes a tenth.
const LARGEST_SHARE: f64 = 0.34;

/// Page trees are a few levels deep.
const MOST_PARENTS: usize = 64;
