//! A picture of a page. Drawn in a cell ([`crate::cells`]), so that a hostile file costs one process and nothing else.

use sdk_document::Source;

use crate::error::Fault;

/// A PNG of a document's first page.
///
/// # Errors
/// A fault when it cannot be drawn, or is larger than is drawn.
pub fn first_page(document: &impl Source) -> Result<Vec<u8>, Fault> {
    if document.len() > LARGEST_DOCUMENT {
        return Err(Fault::new("too large to be drawn"));
    }
    let mut bytes = vec![0; usize::try_from(document.len()).unwrap_or(0)];
    document
        .read_at(0, &mut bytes)
        .map_err(Fault::when("reading a document"))?;
    draw(bytes)
}

fn draw(bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
    sdk_seen::first_page(bytes, SIDE).ok_or_else(|| Fault::new("not a document that can be drawn"))
}

/// Drawing needs the whole file in memory; larger ones are listed without a picture.
pub(crate) const LARGEST_DOCUMENT: u64 = 64 << 20;
/// The longer side in pixels: legible on a phone, small to send.
const SIDE: u16 = 1000;
