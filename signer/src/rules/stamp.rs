//! The visible stamp: whether, on which page, where. Geometry only; drawing is [`crate::pdf::stamp`]'s.

use std::fmt;
use std::str::FromStr;

use super::ids::NotAnId;

/// What the official chose for all documents of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// No visible mark.
    None,
    /// A box with name, position, institution and date.
    Visible {
        /// On which page.
        page: StampPage,
        /// Where on it.
        place: Place,
    },
}

/// The page that carries the stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StampPage {
    /// The first.
    First,
    /// The last.
    Last,
    /// This one, counted from 1; a shorter document is stamped on its last page.
    Number(u32),
}

/// One of nine places: a grid that needs no dragging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// 0 top, 1 middle, 2 bottom.
    row: u8,
    /// 0 left, 1 centre, 2 right.
    column: u8,
}

/// A rectangle in points, as seen by the reader (after the page's rotation), origin at the lower left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rectangle {
    /// Left edge.
    pub left: f64,
    /// Lower edge.
    pub bottom: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl StampPage {
    /// Index from 0 in a document of `pages` pages.
    #[must_use]
    pub fn index(self, pages: u32) -> u32 {
        let last = pages.saturating_sub(1);
        match self {
            Self::First => 0,
            Self::Last => last,
            Self::Number(n) => n.saturating_sub(1).min(last),
        }
    }
}

impl Place {
    /// Where a stamp goes on a page of this visible size: inside a margin, smaller where the page is small.
    #[must_use]
    pub fn rectangle(self, page_width: f64, page_height: f64) -> Rectangle {
        let width = WIDTH.min(page_width * 0.9);
        let height = (width * HEIGHT / WIDTH).min(page_height * 0.9);
        let margin_x = MARGIN.min((page_width - width) / 2.0);
        let margin_y = MARGIN.min((page_height - height) / 2.0);
        let left = match self.column {
            0 => margin_x,
            1 => (page_width - width) / 2.0,
            _ => page_width - width - margin_x,
        };
        let bottom = match self.row {
            0 => page_height - height - margin_y,
            1 => (page_height - height) / 2.0,
            _ => margin_y,
        };
        Rectangle {
            left,
            bottom,
            width,
            height,
        }
    }

    /// All nine, row by row from the top left: the order of the form.
    #[must_use]
    pub fn all() -> [Self; 9] {
        let mut all = [Self { row: 0, column: 0 }; 9];
        for (place, n) in all.iter_mut().zip(0u8..) {
            *place = Self {
                row: n / 3,
                column: n % 3,
            };
        }
        all
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = match self.row {
            0 => "top",
            1 => "middle",
            _ => "bottom",
        };
        let column = match self.column {
            0 => "left",
            1 => "centre",
            _ => "right",
        };
        write!(f, "{row}-{column}")
    }
}

impl FromStr for Place {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        Self::all()
            .into_iter()
            .find(|place| place.to_string() == text)
            .ok_or(NotAnId)
    }
}

impl fmt::Display for StampPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => f.write_str("first"),
            Self::Last => f.write_str("last"),
            Self::Number(n) => write!(f, "{n}"),
        }
    }
}

impl FromStr for StampPage {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        match text {
            "first" => Ok(Self::First),
            "last" => Ok(Self::Last),
            number => match number.parse() {
                Ok(n) if n >= 1 => Ok(Self::Number(n)),
                _ => Err(NotAnId),
            },
        }
    }
}

/// Canonical text, part of what the official proves presence for: `none` or `first bottom-right`.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Visible { page, place } => write!(f, "{page} {place}"),
        }
    }
}

impl FromStr for Stamp {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        if text == "none" {
            return Ok(Self::None);
        }
        let (page, place) = text.split_once(' ').ok_or(NotAnId)?;
        Ok(Self::Visible {
            page: page.parse()?,
            place: place.parse()?,
        })
    }
}

/// 200 × 62 points, 7 × 2.2 cm: legible when printed on A4 or letter and no wider than a third of the page.
const WIDTH: f64 = 200.0;
const HEIGHT: f64 = 62.0;
/// A printer's margin: 1 cm.
const MARGIN: f64 = 28.35;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_choice_is_read_back() {
        for place in Place::all() {
            for page in [StampPage::First, StampPage::Last, StampPage::Number(7)] {
                let stamp = Stamp::Visible { page, place };
                assert_eq!(stamp.to_string().parse(), Ok(stamp));
            }
        }
        assert_eq!("none".parse(), Ok(Stamp::None));
    }

    #[test]
    fn page_zero_is_refused() {
        assert_eq!("0".parse::<StampPage>(), Err(NotAnId));
    }

    #[test]
    fn a_short_document_is_stamped_on_its_last_page() {
        assert_eq!(StampPage::Number(9).index(3), 2);
    }

    proptest! {
        #[test]
        fn a_stamp_stays_on_the_page(width in 10.0..5000.0f64, height in 10.0..5000.0f64, n in 0usize..9) {
            let r = Place::all()[n].rectangle(width, height);
            prop_assert!(r.left >= 0.0 && r.bottom >= 0.0);
            prop_assert!(r.left + r.width <= width + 1e-9 && r.bottom + r.height <= height + 1e-9);
        }
    }
}
