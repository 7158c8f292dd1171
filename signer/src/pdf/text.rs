//! Text in the standard Helvetica fonts (ISO 32000-2 §9.6.2.2) with WinAnsiEncoding (Annex D.2): encoding and widths.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// One of the two standard fonts that a stamp uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Font {
    Regular,
    Bold,
}

/// Encodes text; what WinAnsi lacks loses its diacritics, or becomes a question mark.
pub(super) fn encode(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.nfc() {
        match win_ansi(c) {
            Some(byte) => out.push(byte),
            None => {
                let bare: Vec<u8> = std::iter::once(c)
                    .nfkd()
                    .filter(|c| !is_combining_mark(*c))
                    .filter_map(win_ansi)
                    .collect();
                if bare.is_empty() && !c.is_control() && !is_combining_mark(c) {
                    out.push(b'?');
                }
                out.extend(bare);
            }
        }
    }
    out
}

/// Width in points of encoded text at a size.
pub(super) fn width(text: &[u8], font: Font, size: f64) -> f64 {
    let widths = match font {
        Font::Regular => &REGULAR,
        Font::Bold => &BOLD,
    };
    let sum: u32 = text
        .iter()
        .filter_map(|byte| widths.get(usize::from(*byte).checked_sub(32)?))
        .map(|w| u32::from(*w))
        .fold(0, u32::saturating_add);
    f64::from(sum) * size / 1000.0
}

/// The size at which text fits into `room`, not above `most` nor below `least`; text that is too long even then is
/// cut and ends in an ellipsis.
pub(super) fn fit(text: &str, font: Font, most: f64, least: f64, room: f64) -> (Vec<u8>, f64) {
    let mut bytes = encode(text);
    let natural = width(&bytes, font, most);
    if natural <= room {
        return (bytes, most);
    }
    let size = (most * room / natural).max(least);
    if width(&bytes, font, size) <= room {
        return (bytes, size);
    }
    while !bytes.is_empty() {
        bytes.pop();
        let mut cut = bytes.clone();
        cut.push(ELLIPSIS);
        if width(&cut, font, size) <= room {
            return (cut, size);
        }
    }
    (bytes, size)
}

fn win_ansi(c: char) -> Option<u8> {
    match u32::from(c) {
        code @ (0x20..=0x7e | 0xa0..=0xff) => u8::try_from(code).ok(),
        _ => HIGH
            .iter()
            .position(|h| *h == c)
            .and_then(|at| u8::try_from(at).ok())
            .map(|at| at | 0x80),
    }
}

const ELLIPSIS: u8 = 0x85;

/// Codes 0x80 to 0x9f; U+FFFD where there is none.
const HIGH: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}',
    '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

/// Widths of Helvetica in thousandths of the size, for the WinAnsi codes from 32 on.
#[rustfmt::skip]
const REGULAR: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, 0,
    556, 0, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 0, 611, 0,
    0, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 0, 500, 667,
    278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278, 278, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500,
];

/// Widths of Helvetica-Bold in thousandths of the size, for the WinAnsi codes from 32 on.
#[rustfmt::skip]
const BOLD: [u16; 224] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584, 0,
    556, 0, 278, 556, 500, 1000, 556, 556, 333, 1000, 667, 333, 1000, 0, 611, 0,
    0, 278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944, 0, 500, 667,
    278, 333, 556, 556, 556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 611, 556, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    722, 722, 722, 722, 722, 722, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 556, 556, 556, 556, 556, 278, 278, 278, 278,
    611, 611, 611, 611, 611, 611, 611, 584, 611, 611, 611, 611, 611, 556, 611, 556,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spanish_is_encoded_as_it_is() {
        assert_eq!(encode("Ñandú €"), [0xd1, b'a', b'n', b'd', 0xfa, b' ', 0x80]);
    }

    #[test]
    fn decomposed_letters_are_composed_first() {
        assert_eq!(encode("n\u{303}"), [0xf1]);
    }

    #[test]
    fn a_letter_that_is_missing_loses_its_diacritic() {
        assert_eq!(encode("őŠ"), [b'o', 0x8a]);
    }

    #[test]
    fn another_script_becomes_question_marks() {
        assert_eq!(encode("Ω"), b"?");
    }

    #[test]
    fn known_widths_hold() {
        assert!((width(b"A", Font::Regular, 1000.0) - 667.0).abs() < 1e-9);
        assert!((width(b"A", Font::Bold, 1000.0) - 722.0).abs() < 1e-9);
    }

    #[test]
    fn a_long_name_ends_in_an_ellipsis_inside_the_room() {
        let (text, size) = fit(&"Maximiliano ".repeat(20), Font::Bold, 10.0, 7.0, 180.0);
        assert_eq!(text.last(), Some(&ELLIPSIS));
        assert!(width(&text, Font::Bold, size) <= 180.0);
    }
}
