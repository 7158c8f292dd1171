//! Two drawings of a page → what differs, framed in both.

use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::Pixmap;

use crate::draw::{Drawing, draw, scale, size};
use crate::plan::Pair;

/// What is known of a pair of pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Drawn, and the same in every pixel.
    Alike,
    /// Drawn, and not the same; or one of them is not there.
    Different(Pictures),
    /// Nothing is known.
    Unknown(Doubt),
}

/// Both sides as PNG, with a frame around each area that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// The earlier revision's page; none when it had none.
    pub before: Option<Vec<u8>>,
    /// The newest revision's page; none when it has none.
    pub now: Option<Vec<u8>>,
    /// Framed areas; 0 when the pages differ as a whole (size, added, removed).
    pub areas: usize,
}

/// Why nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// A side cannot be drawn.
    CannotDraw,
    /// What could be drawn is the same, but a font, an image or an appearance could not.
    DrawnInPart,
    /// What changed has no appearance of its own: every reader draws it differently.
    NoAppearance,
}

impl Doubt {
    /// A stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CannotDraw => "cannot_draw",
            Self::DrawnInPart => "drawn_in_part",
            Self::NoAppearance => "no_appearance",
        }
    }
}

pub(crate) fn look(before: &Pdf, now: &Pdf, pair: &Pair) -> Finding {
    let index = |page: Option<usize>| page.and_then(|number| number.checked_sub(1));
    let (old, new) = (index(pair.before), index(pair.now));
    let sizes = [old.map(|i| size(before, i)), new.map(|i| size(now, i))];
    let mut longer = 0.0_f32;
    for size in sizes.into_iter().flatten() {
        let Some((width, height)) = size else {
            return Finding::Unknown(Doubt::CannotDraw);
        };
        longer = longer.max(width).max(height);
    }
    let scale = scale(longer, SIDE);
    let drawn = |pdf: &Pdf, page: Option<usize>| page.map(|i| draw(pdf, i, scale));
    match (drawn(before, old), drawn(now, new)) {
        (Some(None), _) | (_, Some(None)) | (None, None) => Finding::Unknown(Doubt::CannotDraw),
        (Some(Some(old)), Some(Some(new))) => both(old, new, pair),
        (old, new) => pictures(old.flatten(), new.flatten(), 0),
    }
}

fn both(mut old: Drawing, mut new: Drawing, pair: &Pair) -> Finding {
    let size = |drawing: &Drawing| (drawing.pixels.width(), drawing.pixels.height());
    if size(&old) != size(&new) {
        return pictures(Some(old), Some(new), 0);
    }
    let areas = areas(&old.pixels, &new.pixels);
    if !areas.is_empty() {
        for area in &areas {
            frame(&mut old.pixels, area);
            frame(&mut new.pixels, area);
        }
        return pictures(Some(old), Some(new), areas.len());
    }
    if pair.undrawn {
        Finding::Unknown(Doubt::NoAppearance)
    } else if old.partly || new.partly {
        Finding::Unknown(Doubt::DrawnInPart)
    } else if pair.before != pair.now {
        // The same page in another place: both are shown, nothing in them differs.
        pictures(Some(old), Some(new), 0)
    } else {
        Finding::Alike
    }
}

fn pictures(before: Option<Drawing>, now: Option<Drawing>, areas: usize) -> Finding {
    let png = |side: Option<Drawing>| match side {
        None => Some(None),
        Some(drawing) => drawing.pixels.into_png().ok().map(Some),
    };
    match (png(before), png(now)) {
        (Some(before), Some(now)) => Finding::Different(Pictures { before, now, areas }),
        _ => Finding::Unknown(Doubt::CannotDraw),
    }
}

/// Pixels from the upper left: left, top, right, bottom; the last two outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Area {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Area {
    fn touches(&self, other: &Self) -> bool {
        let apart = self.right.saturating_add(NEAR) < other.left
            || other.right.saturating_add(NEAR) < self.left
            || self.bottom.saturating_add(NEAR) < other.top
            || other.bottom.saturating_add(NEAR) < self.top;
        !apart
    }

    fn with(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// Where two drawings of one size differ. Runs of differing pixels in a row are joined with what is near them; more
/// areas than a person can follow become one.
fn areas(old: &Pixmap, new: &Pixmap) -> Vec<Area> {
    let width = usize::from(old.width()).max(1);
    let row = width.saturating_mul(CHANNELS);
    let rows = old
        .data_as_u8_slice()
        .chunks_exact(row)
        .zip(new.data_as_u8_slice().chunks_exact(row));
    let mut found: Vec<Area> = Vec::new();
    for (top, (was, is)) in rows.enumerate() {
        if was == is {
            continue;
        }
        let pixels = was.chunks_exact(CHANNELS).zip(is.chunks_exact(CHANNELS));
        for (left, _) in pixels.enumerate().filter(|(_, (was, is))| was != is) {
            let pixel = Area {
                left,
                top,
                right: left.saturating_add(1),
                bottom: top.saturating_add(1),
            };
            match found.iter_mut().rev().find(|area| area.touches(&pixel)) {
                Some(area) => *area = area.with(&pixel),
                None => found.push(pixel),
            }
            if found.len() > MOST_PIECES {
                found = whole(&found);
            }
        }
    }
    let joined = join(found);
    if joined.len() > MOST_AREAS {
        whole(&joined)
    } else {
        joined
    }
}

/// Areas that grew into each other become one.
fn join(mut areas: Vec<Area>) -> Vec<Area> {
    let mut apart: Vec<Area> = Vec::new();
    while let Some(mut area) = areas.pop() {
        match apart.iter().position(|other| other.touches(&area)) {
            Some(position) => {
                area = area.with(&apart.swap_remove(position));
                areas.push(area);
            }
            None => apart.push(area),
        }
    }
    apart.sort_by_key(|area| (area.top, area.left));
    apart
}

fn whole(areas: &[Area]) -> Vec<Area> {
    let all = areas.iter().copied().reduce(|one, other| one.with(&other));
    all.into_iter().collect()
}

/// A frame around an area: a light line beside a dark one, so that it is seen on any ground.
fn frame(pixels: &mut Pixmap, area: &Area) {
    let (width, height) = (usize::from(pixels.width()), usize::from(pixels.height()));
    let bytes = pixels.data_as_u8_slice_mut();
    for (distance, colour) in [
        (GAP, DARK),
        (GAP.saturating_add(1), DARK),
        (GAP.saturating_add(2), LIGHT),
    ] {
        let (left, top) = (
            area.left.saturating_sub(distance),
            area.top.saturating_sub(distance),
        );
        let right = area.right.saturating_add(distance).min(width).saturating_sub(1);
        let bottom = area.bottom.saturating_add(distance).min(height).saturating_sub(1);
        let mut paint = |x: usize, y: usize| {
            let at = y.saturating_mul(width).saturating_add(x).saturating_mul(CHANNELS);
            if let Some(pixel) = bytes.get_mut(at..at.saturating_add(CHANNELS)) {
                pixel.copy_from_slice(&colour);
            }
        };
        for x in left..=right {
            paint(x, top);
            paint(x, bottom);
        }
        for y in top..=bottom {
            paint(left, y);
            paint(right, y);
        }
    }
}

/// RGBA
const CHANNELS: usize = 4;
/// The longer side of a page in pixels: one for each point of A4, so that body text can be read.
const SIDE: u16 = 842;
/// Differences that are so near to each other are one: a word, a line.
const NEAR: usize = 12;
/// Between what differs and its frame.
const GAP: usize = 4;
/// Own choice: more frames than this say less than one.
const MOST_AREAS: usize = 12;
/// So that a page of noise does not take time.
const MOST_PIECES: usize = 400;
const DARK: [u8; CHANNELS] = [0xB0, 0x00, 0x20, 0xFF];
const LIGHT: [u8; CHANNELS] = [0xFF, 0xFF, 0xFF, 0xFF];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn blank() -> Pixmap {
        let mut pixels = Pixmap::new(100, 100);
        pixels.data_as_u8_slice_mut().fill(0xFF);
        pixels
    }

    fn ink(pixels: &mut Pixmap, x: usize, y: usize) {
        let row = pixels
            .data_as_u8_slice_mut()
            .chunks_exact_mut(400)
            .nth(y)
            .unwrap();
        let pixel = row.chunks_exact_mut(CHANNELS).nth(x);
        pixel.unwrap()[0] = 0;
    }

    #[test]
    fn one_pixel_is_a_difference() {
        let mut other = blank();
        ink(&mut other, 40, 60);
        let found = areas(&blank(), &other);
        assert_eq!(
            found,
            [Area {
                left: 40,
                top: 60,
                right: 41,
                bottom: 61
            }]
        );
    }

    #[test]
    fn what_is_near_is_one_area_and_what_is_far_another() {
        let mut other = blank();
        for (x, y) in [(10, 10), (15, 12), (90, 90)] {
            ink(&mut other, x, y);
        }
        assert_eq!(areas(&blank(), &other).len(), 2);
    }

    #[test]
    fn the_frame_leaves_what_it_frames_visible() {
        let mut pixels = blank();
        let area = Area {
            left: 40,
            top: 40,
            right: 50,
            bottom: 50,
        };
        frame(&mut pixels, &area);
        let at = |x: usize, y: usize| pixels.data_as_u8_slice()[(y * 100 + x) * CHANNELS + 1];
        assert_eq!(at(45, 45), 0xFF);
        assert_eq!(at(36, 45), DARK[1]);
    }

    proptest! {
        #[test]
        fn every_differing_pixel_is_in_some_area(points in proptest::collection::vec((0usize..100, 0usize..100), 0..60)) {
            let mut other = blank();
            for (x, y) in &points {
                ink(&mut other, *x, *y);
            }
            let found = areas(&blank(), &other);
            for (x, y) in points {
                prop_assert!(found.iter().any(|a| (a.left..a.right).contains(&x) && (a.top..a.bottom).contains(&y)));
            }
            for area in &found {
                let mut pixels = blank();
                frame(&mut pixels, area);
            }
        }
    }
}
