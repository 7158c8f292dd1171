//! Pages → pixels.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hayro::hayro_interpret::{InterpreterSettings, RenderContent};
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::Pixmap;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};

use crate::plan::Incomparable;

/// A drawn page.
pub(crate) struct Drawing {
    pub pixels: Pixmap,
    /// Something on it (a font, an image, an appearance) could not be drawn.
    pub partly: bool,
}

/// A PNG of the first page, its longer side at most so many pixels (and at most [`LARGEST_SIDE`]); none when it
/// cannot be drawn.
#[must_use]
pub fn first_page(bytes: Vec<u8>, side: u16) -> Option<Vec<u8>> {
    let pdf = Pdf::new(bytes).ok()?;
    let (width, height) = size(&pdf, 0)?;
    let drawing = draw(&pdf, 0, scale(width.max(height), side))?;
    drawing.pixels.into_png().ok()
}

pub(crate) fn open(bytes: Arc<[u8]>) -> Result<Pdf, Incomparable> {
    Pdf::new(Arc::new(bytes)).map_err(|_| Incomparable::ReadersDisagree)
}

/// Width and height in points, turned as the page says; none for a page that is not there or has no size.
pub(crate) fn size(pdf: &Pdf, index: usize) -> Option<(f32, f32)> {
    let (width, height) = pdf.pages().get(index)?.render_dimensions();
    (width > 0.0 && height > 0.0).then_some((width, height))
}

/// Pixels per point, so that the longer side fits.
pub(crate) fn scale(longer: f32, side: u16) -> f32 {
    (f32::from(side.min(LARGEST_SIDE)) / longer).min(MOST_SCALE)
}

/// Draws a page. A page that brings the drawing code to panic is one that cannot be drawn.
pub(crate) fn draw(pdf: &Pdf, index: usize, scale: f32) -> Option<Drawing> {
    draw_parts(pdf, index, scale, RenderContent::all())
}

/// As [`draw`], the page's own content or its annotations only.
pub(crate) fn draw_parts(pdf: &Pdf, index: usize, scale: f32, parts: RenderContent) -> Option<Drawing> {
    let page = pdf.pages().get(index)?;
    let (width, height) = page.render_dimensions();
    // A page as thin as a hair has no pixel.
    if width * scale < 1.0 || height * scale < 1.0 {
        return None;
    }
    let partly = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&partly);
    let interpreter = InterpreterSettings {
        warning_sink: Arc::new(move |_| told.store(true, Ordering::Relaxed)),
        render_content: parts,
        ..InterpreterSettings::default()
    };
    let settings = PixmapSettings {
        x_scale: scale,
        y_scale: scale,
        bg_color: WHITE,
    };
    let pixels = catch_unwind(AssertUnwindSafe(|| {
        render(
            page,
            &RenderCache::new(),
            &interpreter,
            &RenderSettings::default(),
            &settings,
        )
    }))
    .ok()?;
    Some(Drawing {
        pixels,
        partly: partly.load(Ordering::Relaxed),
    })
}

/// The most pixels on the longer side. Own choice: four million pixels at most, sixteen MB.
pub const LARGEST_SIDE: u16 = 2000;
/// A postage stamp is not blown up.
const MOST_SCALE: f32 = 3.0;
