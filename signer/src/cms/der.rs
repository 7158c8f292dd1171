//! A small writer of DER (X.690 §10, §11): definite lengths, shortest form, sorted sets.

/// The universal tags that a signature needs.
#[derive(Clone, Copy)]
pub(super) enum Tag {
    Integer,
    OctetString,
    ObjectIdentifier,
    Sequence,
    Set,
}

impl Tag {
    fn byte(self) -> u8 {
        match self {
            Self::Integer => 0x02,
            Self::OctetString => 0x04,
            Self::ObjectIdentifier => 0x06,
            Self::Sequence => 0x30,
            Self::Set => 0x31,
        }
    }
}

pub(super) fn element(tag: Tag, contents: &[u8]) -> Vec<u8> {
    tagged(tag.byte(), contents)
}

pub(super) fn object_identifier(contents: &[u8]) -> Vec<u8> {
    element(Tag::ObjectIdentifier, contents)
}

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(Tag::Sequence, &parts.concat())
}

/// X.690 §11.6: the elements of a SET OF in ascending order of their encodings.
pub(super) fn set_of(parts: Vec<Vec<u8>>) -> Vec<u8> {
    element(Tag::Set, &sorted(parts).concat())
}

pub(super) fn sorted(mut parts: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    parts.sort();
    parts
}

/// `[n] IMPLICIT` over something constructed.
pub(super) fn implicit(number: u8, contents: &[u8]) -> Vec<u8> {
    tagged(0xa0 | number, contents)
}

/// `[n] EXPLICIT`.
pub(super) fn explicit(number: u8, inner: &[u8]) -> Vec<u8> {
    tagged(0xa0 | number, inner)
}

/// The contents of an element that this module wrote.
pub(super) fn contents(element: &[u8]) -> &[u8] {
    element.get(header_length(element)..).unwrap_or_default()
}

/// Header and contents of the first element, in bytes.
#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test's own few bytes")]
pub(super) fn length_of_first(elements: &[u8]) -> usize {
    let header = header_length(elements);
    let length = match elements[1] {
        short @ 0..=0x7f => usize::from(short),
        _ => elements[2..header]
            .iter()
            .fold(0, |sum, byte| sum * 256 + usize::from(*byte)),
    };
    header + length
}

fn header_length(element: &[u8]) -> usize {
    match element.get(1) {
        Some(long @ 0x80..) => usize::from(long & 0x7f).saturating_add(2),
        _ => 2,
    }
}

fn tagged(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(contents.len()) {
        Ok(short @ 0..=0x7f) => out.push(short),
        _ => {
            let bytes = contents.len().to_be_bytes();
            let significant: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
            out.extend(significant);
        }
    }
    out.extend_from_slice(contents);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_the_shortest_form() {
        assert_eq!(element(Tag::OctetString, &[0; 127])[..2], [4, 127]);
        assert_eq!(element(Tag::OctetString, &[0; 128])[..3], [4, 0x81, 128]);
        assert_eq!(element(Tag::OctetString, &[0; 256])[..4], [4, 0x82, 1, 0]);
    }

    #[test]
    fn sets_are_sorted() {
        assert_eq!(set_of(vec![vec![2], vec![1]]), [0x31, 2, 1, 2]);
    }

    #[test]
    fn contents_are_what_was_put_in() {
        let inner = vec![7; 300];
        assert_eq!(contents(&element(Tag::Set, &inner)), inner);
        assert_eq!(length_of_first(&element(Tag::Set, &inner)), 304);
    }
}
