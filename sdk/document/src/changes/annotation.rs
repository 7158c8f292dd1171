//! Annotations that a later revision puts on a page.

use super::step::Step;
use crate::pdf::error::ReadError;
use crate::pdf::object::Dictionary;

/// Marks that a reader shows as such (§12.5.6); others draw whatever they like.
pub(super) fn is_mark(subtype: Option<&[u8]>) -> bool {
    matches!(
        subtype,
        Some(b"Text" | b"Popup" | b"Highlight" | b"Underline" | b"Squiggly" | b"StrikeOut")
    )
}

impl Step<'_> {
    /// How much of its page a widget covers; none if it cannot be seen.
    pub fn seen(&self, widget: &Dictionary) -> Result<Option<f64>, ReadError> {
        let flags = widget.integer(b"F").unwrap_or(0);
        // §12.5.3: hidden, no view. Still printed, perhaps: bit 3 is print.
        if flags & (2 | 32) != 0 && flags & 4 == 0 {
            return Ok(None);
        }
        let Some([left, bottom, right, top]) = self.document.rectangle_in(self.after, widget, b"Rect")?
        else {
            return Ok(None);
        };
        let area = (right - left) * (top - bottom);
        if area <= 0.0 {
            return Ok(None);
        }
        let page = match widget.reference(b"P") {
            Some(page) => self.document.get_in(self.after, page)?,
            None => crate::Object::Null,
        };
        let own = match page.as_dictionary() {
            Some(page) => self.document.rectangle_in(self.after, page, b"MediaBox")?,
            None => None,
        };
        let [x, y, r, t] = own.unwrap_or([0.0, 0.0, 595.0, 842.0]);
        let whole = ((r - x) * (t - y)).max(1.0);
        Ok(Some(area / whole))
    }
}
