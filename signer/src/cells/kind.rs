//! What a cell may use, by what is done in it.

use std::time::Duration;

/// What is done in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Verifying, and looking at what arrives.
    Reader,
    /// Drawing pages.
    Painter,
}

impl Kind {
    /// The word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Painter => "painter",
        }
    }

    /// Reads [`Kind::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Reader, Self::Painter]
            .into_iter()
            .find(|kind| kind.word() == word)
    }

    /// Address space in bytes. A reader: the 256 MB that the worst document may cost (`sdk_document::Limits`), the
    /// program and its libraries, and room. A painter holds the whole document, its objects and a page of pixels.
    #[must_use]
    pub fn memory(self) -> u64 {
        match self {
            Self::Reader => 512 << 20,
            Self::Painter => 768 << 20,
        }
    }

    /// How many documents a cell sees before it is replaced. A reader is kept because opening one takes as long as
    /// three verifications, and what it knows of the authorities saves more; a picture takes so long that a fresh
    /// cell for each costs nothing.
    #[must_use]
    pub fn documents(self) -> u32 {
        match self {
            Self::Reader => 1_000,
            Self::Painter => 1,
        }
    }

    /// Seconds of the processor for one document of so many bytes. Worst documents take two; hashing a gigabyte takes
    /// four on a machine without instructions for it.
    #[must_use]
    pub fn cpu_seconds(self, bytes: u64) -> u64 {
        bytes
            .checked_div(SLOWEST_HASHING)
            .unwrap_or(0)
            .saturating_add(ANY)
    }

    /// How long an answer is waited for: a machine under load is slower than its processor's time.
    #[must_use]
    pub fn patience(self, bytes: u64) -> Duration {
        Duration::from_secs(self.cpu_seconds(bytes).saturating_mul(2))
    }
}

/// Bytes hashed in a second by a slow machine that does other things, too.
const SLOWEST_HASHING: u64 = 50 << 20;
/// Five times the worst document.
const ANY: u64 = 10;

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn every_word_is_read_back() {
        for kind in [Kind::Reader, Kind::Painter] {
            assert_eq!(Kind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(Kind::from_word("serve"), None);
    }

    #[test]
    fn a_gigabyte_gets_more_time_than_a_page() {
        assert!(Kind::Reader.cpu_seconds(1 << 30) > 2 * Kind::Reader.cpu_seconds(1 << 10));
    }
}
