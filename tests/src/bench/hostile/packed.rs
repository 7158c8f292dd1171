//! Zlib streams (RFC 1950, RFC 1951) that nobody packs by chance: millions of zeros, and what grew by being packed.

/// So many zeros: each block of 258 takes 13 bits.
pub fn zeros(count: usize) -> Vec<u8> {
    before_zeros(&[], count)
}

/// These bytes (ASCII), and so many zeros behind them.
pub fn before_zeros(text: &[u8], count: usize) -> Vec<u8> {
    let mut bits = Bits {
        out: vec![0x78, 0x9c],
        held: 0,
        count: 0,
    };
    // The last block, with the fixed codes (RFC 1951 §3.2.6)
    bits.put(0b011, 3);
    for byte in text {
        // The codes of literals below 144, their first bit lowest.
        bits.put(u32::from(byte.saturating_add(0x30).reverse_bits()), 8);
    }
    let (runs, rest) = (
        count.saturating_sub(1) / LONGEST,
        count.saturating_sub(1) % LONGEST,
    );
    for _ in 0..rest.saturating_add(1) {
        bits.put(ZERO, 8);
    }
    for _ in 0..runs {
        bits.put(REPEAT, 13);
    }
    bits.put(0, 7);
    bits.put(0, 7);
    let mut out = bits.out;
    let (first, second) = adler(text);
    let zeros = (count % ADLER).saturating_mul(first);
    let second = second.saturating_add(zeros) % ADLER;
    for half in [second, first] {
        out.extend_from_slice(&u16::try_from(half).unwrap_or(0).to_be_bytes());
    }
    out
}

/// The same bytes in stored blocks (§3.2.4): a little longer than before.
pub fn stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = data.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    let (first, second) = adler(data);
    for half in [second, first] {
        out.extend_from_slice(&u16::try_from(half).unwrap_or(0).to_be_bytes());
    }
    out
}

/// RFC 1950 §9.
fn adler(data: &[u8]) -> (usize, usize) {
    data.iter().fold((1, 0), |(first, second), byte| {
        let first: usize = first;
        let first = first.saturating_add(usize::from(*byte)) % ADLER;
        let second: usize = second;
        (first, second.saturating_add(first) % ADLER)
    })
}

/// Written from the lowest bit on (RFC 1951 §3.1.1).
struct Bits {
    out: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, bits: u32, count: u32) {
        self.held |= bits << self.count;
        self.count = self.count.saturating_add(count);
        while self.count >= 8 {
            self.out.push(self.held.to_le_bytes()[0]);
            self.held >>= 8;
            self.count = self.count.saturating_sub(8);
        }
    }
}

/// The longest match.
const LONGEST: usize = 258;
/// The literal 0: the code 00110000, its first bit lowest.
const ZERO: u32 = 0b0000_1100;
/// 258 bytes at the distance of one: the codes 11000101 and 00000.
const REPEAT: u32 = 0b0_0000_1010_0011;
/// RFC 1950 §9.
const ADLER: usize = 65_521;

#[cfg(test)]
mod tests {
    use sdk_document::{Bytes, Document, Limits, Object, Reference};

    use super::super::draft::Draft;
    use super::*;

    fn unpacked(data: &[u8]) -> Vec<u8> {
        let mut draft = Draft::signed("");
        draft.stream(10, "/Filter/FlateDecode", data);
        let document = Document::open(Bytes::new(draft.finish()), &Limits::default()).unwrap();
        let Object::Stream(stream) = document.get(Reference::new(10)).unwrap() else {
            panic!("no stream");
        };
        document.decode(&stream).unwrap().bytes
    }

    #[test]
    fn zeros_come_out_as_many_as_went_in() {
        for count in [1, 2, 258, 259, 260, 1_000_000] {
            assert_eq!(unpacked(&zeros(count)), vec![0; count], "{count}");
        }
    }

    #[test]
    fn text_comes_out_before_its_zeros() {
        let text = b"10 0 <</FT/Tx>>";
        assert_eq!(
            unpacked(&before_zeros(text, 1_000)),
            [&text[..], &[0; 1_000]].concat()
        );
    }

    #[test]
    fn what_is_stored_comes_out_as_it_was() {
        let data: Vec<u8> = (0..200_000_u32).map(|number| number.to_le_bytes()[1]).collect();
        assert_eq!(unpacked(&stored(&data)), data);
    }
}
