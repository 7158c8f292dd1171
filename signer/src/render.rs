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
    use hayro::hayro_interpret::InterpreterSettings;
    use hayro::vello_cpu::color::palette::css::WHITE;
    use hayro::{PixmapSettings, RenderCache, RenderSettings, render};

    let pdf =
        hayro::hayro_syntax::Pdf::new(bytes).map_err(|_| Fault::new("not a document that can be drawn"))?;
    let pages = pdf.pages();
    let page = pages.first().ok_or_else(|| Fault::new("no page to draw"))?;
    let (width, height) = page.render_dimensions();
    if !(width > 0.0 && height > 0.0) {
        return Err(Fault::new("a page without a size"));
    }
    let scale = (SIDE / width.max(height)).min(MOST_SCALE);
    let settings = PixmapSettings {
        x_scale: scale,
        y_scale: scale,
        bg_color: WHITE,
    };
    let picture = render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &settings,
    );
    picture.into_png().map_err(Fault::when("writing a picture"))
}

/// Drawing needs the whole file in memory; larger ones are listed without a picture.
const LARGEST_DOCUMENT: u64 = 64 << 20;
/// The longer side in pixels: legible on a phone, small to send.
const SIDE: f32 = 1000.0;
/// A postage stamp is not blown up.
const MOST_SCALE: f32 = 3.0;
