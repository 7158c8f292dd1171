//! Base32 as Crockford writes it: no I, L, O or U, so that what was printed can be read out and typed again.
//!
//! Written in upper case and in groups of four; read in any case, with any spaces and dashes, `O` taken for `0`, `I` and
//! `L` for `1`.

use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// `bytes` in groups of four characters. A multiple of five bytes fills its characters whole.
#[must_use]
pub fn write(bytes: &[u8]) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::new());
    let Some(encoding) = ENCODING.as_ref() else {
        return out;
    };
    let plain = Zeroizing::new(encoding.encode(bytes));
    for (at, character) in plain.chars().enumerate() {
        if at > 0 && at.is_multiple_of(GROUP) {
            out.push('-');
        }
        out.push(character);
    }
    out
}

/// Exactly `N` bytes from what somebody typed; `None` when it is not that.
#[must_use]
pub fn read<const N: usize>(typed: &str) -> Option<Zeroizing<[u8; N]>> {
    let plain = tidy(typed);
    let bytes = Zeroizing::new(ENCODING.as_ref()?.decode(plain.as_bytes()).ok()?);
    <[u8; N]>::try_from(bytes.as_slice()).ok().map(Zeroizing::new)
}

/// What somebody typed, as it is written: whether every character is one of [`ALPHABET`] is not looked at.
#[must_use]
pub fn tidy(typed: &str) -> Zeroizing<String> {
    Zeroizing::new(
        typed
            .chars()
            .take(LONGEST_TYPED)
            .nfkc()
            .filter(|c| !c.is_whitespace() && !DASHES.contains(c))
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            })
            .collect(),
    )
}

static ENCODING: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str(ALPHABET);
    specification.encoding().ok()
});

/// Five bits each, in this order.
pub const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP: usize = 4;
/// Many times a code with its separators; what is longer is no code.
const LONGEST_TYPED: usize = 128;
/// What phones and word processors make of a hyphen.
const DASHES: [char; 7] = [
    '-', '\u{ad}', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}',
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_that_look_like_digits_are_not_written() {
        let all: Vec<u8> = (0..=255).collect();
        let text = write(&all);
        assert!(!text.contains(['I', 'L', 'O', 'U']), "{}", *text);
        assert!(text.split('-').rev().skip(1).all(|group| group.len() == 4));
    }

    #[test]
    fn it_is_read_however_it_was_typed() {
        let bytes = [0x08, 0x42, 0x10, 0x84, 0x01];
        let text = write(&bytes);
        assert_eq!(&*text, "1111-1101");
        for typed in [
            "1111-1101",
            "1111 1101",
            "ilIL-1i0L",
            "  1 1 1 1\u{2013}1101\n",
            "１１１１-１１０１",
            "1111-11o1",
        ] {
            let again = read::<5>(typed);
            assert_eq!(again.as_deref(), Some(&bytes), "{typed}");
        }
    }

    #[test]
    fn what_is_not_exactly_that_long_or_of_other_characters_is_not_read() {
        for bad in [
            "",
            "1111-110",
            "1111-1101-1",
            "1111-110U",
            "1111-110!",
            "1111-110ñ",
        ] {
            assert!(read::<5>(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(bytes: [u8; 15]) {
            let again = read::<15>(&write(&bytes));
            prop_assert_eq!(again.as_deref(), Some(&bytes));
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,300}") {
            let _ = read::<15>(&text);
        }
    }
}
