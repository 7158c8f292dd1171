//! Drawing the visible stamp: who, in what position, for which institution, when. The appearance stream of the
//! signature's widget (ISO 32000-2 §12.5.5), in standard Helvetica.

use super::text::{Font, fit, width};
use super::write::coordinate;
use crate::rules::Moment;
use crate::rules::official::Profile;
use crate::rules::stamp::Rectangle;
use crate::zone::Zone;
use sdk_document::offset_name;

/// What the stamp says. It comes from the certified profile; the verifier shows the certificate, never this.
#[derive(Clone, Debug)]
pub struct StampText {
    name: String,
    position: String,
    institution: String,
    date: String,
}

impl StampText {
    /// For an official and the claimed time, as clocks there show it.
    #[must_use]
    pub fn new(profile: &Profile, at: Moment, zone: &Zone) -> Self {
        let t = zone.shows(at);
        Self {
            name: profile.full_name(),
            position: profile.position.clone(),
            institution: profile.institution.clone(),
            date: format!(
                "{:02}-{:02}-{:04} {:02}:{:02} {}",
                t.day(),
                u8::from(t.month()),
                t.year(),
                t.hour(),
                t.minute(),
                offset_name(t.offset())
            ),
        }
    }
}

/// The page's box and rotation, as the reader's eye needs them.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageView {
    /// Left, bottom, right, top in the page's own coordinates.
    pub(super) crop: [f64; 4],
    /// Clockwise, 0, 90, 180 or 270.
    pub(super) rotate: u16,
}

impl PageView {
    /// Width and height as seen.
    pub(super) fn size(&self) -> (f64, f64) {
        let [left, bottom, right, top] = self.crop;
        let (width, height) = (right - left, top - bottom);
        if self.turned() {
            (height, width)
        } else {
            (width, height)
        }
    }

    fn turned(&self) -> bool {
        matches!(self.rotate, 90 | 270)
    }

    /// A rectangle as seen → the widget's `Rect` in the page's own coordinates.
    pub(super) fn widget_rectangle(&self, seen: Rectangle) -> [f64; 4] {
        let [left, bottom, right, top] = self.crop;
        let (x, y, w, h) = (seen.left, seen.bottom, seen.width, seen.height);
        match self.rotate {
            90 => [right - y - h, bottom + x, right - y, bottom + x + w],
            180 => [right - x - w, top - y - h, right - x, top - y],
            270 => [left + y, top - x - w, left + y + h, top - x],
            _ => [left + x, bottom + y, left + x + w, bottom + y + h],
        }
    }

    /// The appearance's `Matrix` that keeps it upright on a rotated page.
    pub(super) fn upright(&self) -> &'static str {
        match self.rotate {
            90 => "[0 1 -1 0 0 0]",
            180 => "[-1 0 0 -1 0 0]",
            270 => "[0 -1 1 0 0 0]",
            _ => "[1 0 0 1 0 0]",
        }
    }
}

/// The content stream for a box of this size. Fonts are `/F1` (Helvetica) and `/F2` (Helvetica-Bold).
pub(super) fn content(text: &StampText, box_width: f64, box_height: f64) -> Vec<u8> {
    let scale = box_height / DESIGN_HEIGHT;
    let mut out = Vec::new();
    let mut add = |s: String| out.extend_from_slice(s.as_bytes());
    let half = LINE_WIDTH / 2.0;
    // A white ground keeps the text legible over anything; a thin frame, a bar in the house's blue.
    add(format!(
        "q 1 1 1 rg {LINE_WIDTH} w 0.79 0.82 0.85 RG {} {} {} {} re B Q\n",
        coordinate(half),
        coordinate(half),
        coordinate(box_width - LINE_WIDTH),
        coordinate(box_height - LINE_WIDTH)
    ));
    add(format!(
        "q 0.071 0.275 0.482 rg 0 0 {} {} re f Q\n",
        coordinate(BAR * scale),
        coordinate(box_height)
    ));
    let left = INDENT * scale;
    let room = box_width - left - MARGIN * scale;
    let caption = "Firmado electrónicamente";
    for (line, font, size, from_top, grey) in [
        (caption, Font::Regular, 6.5, 11.5, true),
        (text.name.as_str(), Font::Bold, 10.0, 24.0, false),
        (text.position.as_str(), Font::Regular, 8.0, 35.0, false),
        (text.institution.as_str(), Font::Regular, 8.0, 45.0, false),
        (text.date.as_str(), Font::Regular, 6.5, 55.0, true),
    ] {
        let (bytes, size) = fit(line, font, size * scale, size * scale * 0.7, room);
        debug_assert!(width(&bytes, font, size) <= room + 1e-6 || bytes.is_empty());
        let name = match font {
            Font::Regular => "F1",
            Font::Bold => "F2",
        };
        let colour = if grey {
            "0.29 0.345 0.408 rg"
        } else {
            "0.078 0.125 0.18 rg"
        };
        out.extend_from_slice(
            format!(
                "BT {colour} /{name} {} Tf {} {} Td <{}> Tj ET\n",
                coordinate(size),
                coordinate(left),
                coordinate(box_height - from_top * scale),
                data_encoding::HEXUPPER.encode(&bytes)
            )
            .as_bytes(),
        );
    }
    out
}

/// The height for which the sizes below were drawn: [`crate::rules::stamp`]'s full size, in points.
const DESIGN_HEIGHT: f64 = 62.0;
const LINE_WIDTH: f64 = 0.75;
const BAR: f64 = 3.0;
const INDENT: f64 = 11.0;
const MARGIN: f64 = 6.0;

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: Rectangle = Rectangle {
        left: 10.0,
        bottom: 20.0,
        width: 200.0,
        height: 62.0,
    };

    fn view(rotate: u16) -> PageView {
        PageView {
            crop: [0.0, 0.0, 600.0, 800.0],
            rotate,
        }
    }

    #[test]
    fn a_stamp_shows_the_time_of_the_place_and_says_so() {
        let at = Moment(1_795_293_840);
        let date = |zone: &Zone| StampText::new(&crate::keys::tests::profile(), at, zone).date;
        assert_eq!(date(&Zone::default()), "21-11-2026 20:44 UTC");
        let santiago = Zone::named("America/Santiago").unwrap();
        assert_eq!(date(&santiago), "21-11-2026 17:44 UTC-3");
    }

    #[test]
    fn an_upright_page_takes_the_rectangle_as_it_is() {
        assert_eq!(view(0).widget_rectangle(SEEN), [10.0, 20.0, 210.0, 82.0]);
    }

    #[test]
    fn a_page_turned_to_the_right_swaps_the_axes() {
        assert_eq!(view(90).size(), (800.0, 600.0));
        assert_eq!(view(90).widget_rectangle(SEEN), [518.0, 10.0, 580.0, 210.0]);
    }

    #[test]
    fn a_page_upside_down_mirrors_both() {
        assert_eq!(view(180).widget_rectangle(SEEN), [390.0, 718.0, 590.0, 780.0]);
    }

    #[test]
    fn a_page_turned_to_the_left_swaps_the_axes() {
        assert_eq!(view(270).widget_rectangle(SEEN), [20.0, 590.0, 82.0, 790.0]);
    }
}
