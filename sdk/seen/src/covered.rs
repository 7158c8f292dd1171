//! Whether fields and annotations hide what the page itself shows: a page drawn with and without them.

use std::sync::Arc;

use hayro::hayro_interpret::RenderContent;
use hayro::hayro_syntax::Pdf;
use sdk_document::{Bytes, Dictionary, Document, Page, ReadError};

use crate::draw::{draw_parts, scale, size};
use crate::plan::Limits;

/// Pages, from 1, on which a field or an annotation covers something that is written or drawn below it. At most
/// [`Limits::pairs`] pages are drawn, those in front; a document that cannot be read or drawn gives none.
#[must_use]
pub fn covered(bytes: Arc<[u8]>, limits: &Limits) -> Vec<usize> {
    let document = Document::open(Bytes::new(Arc::clone(&bytes)), &sdk_document::Limits::default());
    let Some(document) = document.ok().filter(|d| !d.encrypted()) else {
        return Vec::new();
    };
    let Ok(pages) = document.pages() else {
        return Vec::new();
    };
    let Ok(pdf) = Pdf::new(Arc::new(bytes)) else {
        return Vec::new();
    };
    pages
        .iter()
        .filter(|page| has_appearances(&document, page).unwrap_or(false))
        .take(limits.pairs)
        .filter(|page| page.number.checked_sub(1).is_some_and(|index| hides(&pdf, index)))
        .map(|page| page.number)
        .collect()
}

fn has_appearances(document: &Document, page: &Page) -> Result<bool, ReadError> {
    let last = document.last();
    let list = document.value_in(last, &page.dictionary, b"Annots")?;
    for annotation in list.as_array().unwrap_or_default().iter().take(MOST_ANNOTATIONS) {
        let about = document.resolve_in(last, annotation)?;
        if about
            .as_dictionary()
            .is_some_and(|d: &Dictionary| d.contains(b"AP"))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn hides(pdf: &Pdf, index: usize) -> bool {
    let Some((width, height)) = size(pdf, index) else {
        return false;
    };
    let scale = scale(width.max(height), SIDE);
    let own = draw_parts(pdf, index, scale, RenderContent::PAGE);
    let all = draw_parts(pdf, index, scale, RenderContent::all());
    let (Some(own), Some(all)) = (own, all) else {
        return false;
    };
    let below = own.pixels.data_as_u8_slice().chunks_exact(CHANNELS);
    let shown = all.pixels.data_as_u8_slice().chunks_exact(CHANNELS);
    let hidden = below.zip(shown).filter(|(below, shown)| {
        let ink = below.iter().any(|channel| *channel < INK);
        ink && below.iter().zip(*shown).any(|(was, is)| was.abs_diff(*is) > GONE)
    });
    hidden.count() >= LETTER
}

/// RGBA
const CHANNELS: usize = 4;
/// The longer side in pixels: one for each point of A4.
const SIDE: u16 = 842;
/// A pixel is ink when a channel is darker than half.
const INK: u8 = 128;
/// Ink is gone when it differs so much: a highlight lets it through, a white box does not.
const GONE: u8 = 96;
/// Pixels of a short word in body text. Own choice: a box drawn over its own printed lines hides less.
const LETTER: usize = 40;
/// Own choice: the largest forms have some hundred on a page.
const MOST_ANNOTATIONS: usize = 10_000;
