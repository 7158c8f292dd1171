//! What a reader sees of a document before and now, as the pages and the API tell it.

use serde::{Deserialize, Serialize};

/// The revision that one signature covers, beside the newest one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Since {
    /// The signature's field.
    pub signature: String,
    /// What is known.
    #[serde(flatten)]
    pub seen: Seen,
}

/// Two revisions compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Pages whose objects are the same in both revisions.
    pub untouched: usize,
    /// Every other page.
    pub pages: Vec<PageSeen>,
    /// Why nothing, or not all, could be compared.
    pub doubt: Option<Doubt>,
}

/// One page before and now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageSeen {
    /// Its number when it was signed; none for one that was added.
    pub before: Option<usize>,
    /// Its number now; none for one that was removed.
    pub now: Option<usize>,
    /// What is known of it.
    #[serde(flatten)]
    pub finding: Finding,
}

/// What is known of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "finding")]
pub enum Finding {
    /// Drawn, and the same in every pixel.
    Alike,
    /// Drawn, and not the same.
    Different {
        /// Areas that differ; 0 when the pages differ as a whole.
        areas: usize,
        /// As it was signed.
        #[serde(skip_serializing_if = "Option::is_none")]
        picture_before: Option<Picture>,
        /// As it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        picture_now: Option<Picture>,
    },
    /// Nothing is known.
    Unknown {
        /// Why.
        doubt: Doubt,
    },
}

/// A PNG in base64, as a page carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Picture(String);

impl Picture {
    /// Of the bytes of a PNG.
    #[must_use]
    pub fn of(png: &[u8]) -> Self {
        Self(data_encoding::BASE64.encode(png))
    }

    /// The base64.
    #[must_use]
    pub fn base64(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Picture {
    type Error = super::ids::NotAnId;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        // `iVBORw0KGgo` is how the eight bytes in front of every PNG begin in base64.
        if text.starts_with("iVBORw0KGgo") && text.bytes().all(known) {
            Ok(Self(text))
        } else {
            Err(super::ids::NotAnId)
        }
    }
}

impl From<Picture> for String {
    fn from(picture: Picture) -> Self {
        picture.0
    }
}

/// Why a page, or all of them, could not be compared. Stable codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// A revision, or its pages, cannot be read.
    Unreadable,
    /// Encrypted documents are not drawn.
    Encrypted,
    /// Two readers count different pages.
    ReadersDisagree,
    /// A side cannot be drawn.
    CannotDraw,
    /// A font, an image or an appearance cannot be drawn; the rest is the same.
    DrawnInPart,
    /// What changed has no appearance of its own.
    NoAppearance,
    /// More pages than we draw.
    TooManyPages,
    /// Larger than what we draw.
    TooLarge,
    /// Drawing took more time or memory than we give.
    TooMuchWork,
    /// Others were being drawn all the time.
    Busy,
}

impl Doubt {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        CODES
            .iter()
            .find(|(doubt, _)| *doubt == self)
            .map_or("cannot_draw", |(_, code)| code)
    }
}

/// Every reason with its code.
pub const CODES: [(Doubt, &str); 10] = [
    (Doubt::Unreadable, "unreadable"),
    (Doubt::Encrypted, "encrypted"),
    (Doubt::ReadersDisagree, "readers_disagree"),
    (Doubt::CannotDraw, "cannot_draw"),
    (Doubt::DrawnInPart, "drawn_in_part"),
    (Doubt::NoAppearance, "no_appearance"),
    (Doubt::TooManyPages, "too_many_pages"),
    (Doubt::TooLarge, "too_large"),
    (Doubt::TooMuchWork, "too_much_work"),
    (Doubt::Busy, "busy"),
];

impl From<sdk_seen::Incomparable> for Doubt {
    fn from(reason: sdk_seen::Incomparable) -> Self {
        match reason {
            sdk_seen::Incomparable::Unreadable => Self::Unreadable,
            sdk_seen::Incomparable::Encrypted => Self::Encrypted,
            sdk_seen::Incomparable::ReadersDisagree => Self::ReadersDisagree,
        }
    }
}

impl From<sdk_seen::Doubt> for Doubt {
    fn from(doubt: sdk_seen::Doubt) -> Self {
        match doubt {
            sdk_seen::Doubt::CannotDraw => Self::CannotDraw,
            sdk_seen::Doubt::DrawnInPart => Self::DrawnInPart,
            sdk_seen::Doubt::NoAppearance => Self::NoAppearance,
        }
    }
}

impl Seen {
    /// Nothing is known of any page.
    #[must_use]
    pub fn unknown(doubt: Doubt) -> Self {
        Self {
            untouched: 0,
            pages: Vec::new(),
            doubt: Some(doubt),
        }
    }

    /// For programs, which ask for words only.
    #[must_use]
    pub fn without_pictures(mut self) -> Self {
        for page in &mut self.pages {
            if let Finding::Different {
                picture_before,
                picture_now,
                ..
            } = &mut page.finding
            {
                (*picture_before, *picture_now) = (None, None);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_the_one_that_is_written() {
        for (doubt, code) in CODES {
            assert_eq!(serde_json::to_value(doubt).unwrap(), code);
            assert_eq!(doubt.code(), code);
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let read = |text: &str| serde_json::from_str::<Picture>(&format!("\"{text}\""));
        assert!(read(Picture::of(b"\x89PNG\r\n\x1a\n1234").base64()).is_ok());
        for wrong in ["", "PHN2Zz4=", "iVBORw0KGgo' onload='x"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
