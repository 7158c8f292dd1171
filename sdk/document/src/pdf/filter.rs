//! Decoding of stream data (ISO 32000-2 §7.4): Flate with predictors. Other filters are handed on as they
//! are: images are for renderers.

use flate2::{Decompress, FlushDecompress, Status};

use super::error::Code;
use super::limits::Limits;
use super::object::{Dictionary, Name, Object};

/// What came out of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The data, decoded as far as possible.
    pub bytes: Vec<u8>,
    /// Filters that are left to undo, in order; empty when fully decoded.
    pub remaining: Vec<Name>,
}

/// Undoes the filters of a stream. The dictionary must hold them directly or resolved. What each filter gives is
/// counted by `spend` as it comes, also when the whole is refused in the end.
pub(crate) fn decode(
    dictionary: &Dictionary,
    raw: Vec<u8>,
    limits: &Limits,
    spend: &mut dyn FnMut(usize) -> Result<(), Code>,
) -> Result<Decoded, Code> {
    if dictionary.contains(b"F") {
        // §7.3.8.2: data in another file. Nothing outside is ever read.
        return Err(Code::Filter);
    }
    let filters = match dictionary.get(b"Filter") {
        None => Vec::new(),
        Some(Object::Name(name)) => vec![name.clone()],
        Some(Object::Array(names)) if names.len() <= MOST_FILTERS => names
            .iter()
            .map(|n| {
                if let Object::Name(n) = n {
                    Ok(n.clone())
                } else {
                    Err(Code::Filter)
                }
            })
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(Code::Filter),
    };
    let parameters: Vec<Option<&Dictionary>> = match dictionary.get(b"DecodeParms") {
        None => Vec::new(),
        Some(Object::Dictionary(one)) => vec![Some(one)],
        Some(Object::Array(many)) => many.iter().map(Object::as_dictionary).collect(),
        Some(_) => return Err(Code::Filter),
    };
    let mut bytes = raw;
    for (position, filter) in filters.iter().enumerate() {
        match filter.as_bytes() {
            b"FlateDecode" | b"Fl" => {
                bytes = inflate(&bytes, limits, spend)?;
                if let Some(Some(parameters)) = parameters.get(position) {
                    spend(bytes.len())?;
                    bytes = unpredict(bytes, parameters)?;
                }
            }
            b"Crypt" if is_identity(parameters.get(position).copied().flatten()) => {}
            _ => {
                let remaining = filters.get(position..).unwrap_or_default().to_vec();
                return Ok(Decoded { bytes, remaining });
            }
        }
    }
    Ok(Decoded {
        bytes,
        remaining: Vec::new(),
    })
}

fn is_identity(parameters: Option<&Dictionary>) -> bool {
    parameters.is_none_or(|p| p.get(b"Name").is_none_or(|n| n.as_name() == Some(b"Identity")))
}

fn inflate(
    raw: &[u8],
    limits: &Limits,
    spend: &mut dyn FnMut(usize) -> Result<(), Code>,
) -> Result<Vec<u8>, Code> {
    let ratio = raw.len().saturating_mul(limits.decoded_ratio).max(1 << 20);
    let most = limits.decoded_bytes.min(ratio);
    let mut state = Decompress::new(true);
    let mut out = Vec::with_capacity(raw.len().saturating_mul(4).clamp(512, most));
    loop {
        let taken = usize::try_from(state.total_in()).map_err(|_| Code::TooLarge)?;
        let rest = raw.get(taken..).unwrap_or_default();
        if out.len() == out.capacity() {
            if out.len() >= most {
                return Err(Code::TooLarge);
            }
            out.reserve(out.len().min(most.saturating_sub(out.len())).max(1));
        }
        let (before, held) = ((state.total_in(), state.total_out()), out.len());
        let status = state
            .decompress_vec(rest, &mut out, FlushDecompress::None)
            .map_err(|_| Code::Filter)?;
        spend(out.len().saturating_sub(held))?;
        match status {
            Status::StreamEnd => {
                return if out.len() > most {
                    Err(Code::TooLarge)
                } else {
                    Ok(out)
                };
            }
            // No progress though there is room: the data ends early.
            _ if before == (state.total_in(), state.total_out()) && out.len() < out.capacity() => {
                return Err(Code::Filter);
            }
            _ => {}
        }
    }
}

/// §7.4.4.4. Bounds on the parameters: own choice, far above what images use.
fn unpredict(bytes: Vec<u8>, parameters: &Dictionary) -> Result<Vec<u8>, Code> {
    let number = |key: &[u8], usual: i64, most: i64| -> Result<usize, Code> {
        let value = parameters.get(key).map_or(Some(usual), Object::as_integer);
        let value = value.filter(|v| (1..=most).contains(v)).ok_or(Code::Filter)?;
        usize::try_from(value).map_err(|_| Code::Filter)
    };
    let predictor = number(b"Predictor", 1, 15)?;
    if predictor == 1 {
        return Ok(bytes);
    }
    let colors = number(b"Colors", 1, 32)?;
    let bits = number(b"BitsPerComponent", 8, 16)?;
    let columns = number(b"Columns", 1, 1 << 24)?;
    let bits_per_pixel = colors.saturating_mul(bits);
    let pixel = bits_per_pixel.div_ceil(8).max(1);
    let row = bits_per_pixel.saturating_mul(columns).div_ceil(8);
    match predictor {
        10..=15 => png(&bytes, pixel, row),
        2 if bits == 8 => Ok(tiff(bytes, pixel, row)),
        _ => Err(Code::Filter),
    }
}

fn tiff(mut bytes: Vec<u8>, pixel: usize, row: usize) -> Vec<u8> {
    for line in bytes.chunks_mut(row) {
        for at in pixel..line.len() {
            let left = at
                .checked_sub(pixel)
                .and_then(|l| line.get(l))
                .copied()
                .unwrap_or(0);
            if let Some(byte) = line.get_mut(at) {
                *byte = byte.wrapping_add(left);
            }
        }
    }
    bytes
}

fn png(bytes: &[u8], pixel: usize, row: usize) -> Result<Vec<u8>, Code> {
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let (mut above, mut current) = (vec![0_u8; row], Vec::new());
    for line in bytes.chunks(row.saturating_add(1)) {
        let Some((kind, data)) = line.split_first() else {
            break;
        };
        current.clear();
        current.extend_from_slice(data);
        // The last row may be short (some writers leave out what is zero).
        for at in 0..current.len() {
            let before = at.checked_sub(pixel);
            let left = before.and_then(|b| current.get(b)).copied().unwrap_or(0);
            let up = above.get(at).copied().unwrap_or(0);
            let corner = before.and_then(|b| above.get(b)).copied().unwrap_or(0);
            let predicted = match kind {
                0 => 0,
                1 => left,
                2 => up,
                3 => left.midpoint(up),
                4 => paeth(left, up, corner),
                _ => return Err(Code::Filter),
            };
            if let Some(byte) = current.get_mut(at) {
                *byte = byte.wrapping_add(predicted);
            }
        }
        out.extend_from_slice(&current);
        std::mem::swap(&mut above, &mut current);
    }
    Ok(out)
}

/// ISO/IEC 15948 §9.4.
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let estimate = i16::from(left)
        .wrapping_add(i16::from(up))
        .wrapping_sub(i16::from(corner));
    let distance = |v: u8| estimate.abs_diff(i16::from(v));
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}

/// Own choice: honest streams have one or two.
const MOST_FILTERS: usize = 8;

#[cfg(test)]
mod tests {
    use super::super::lexer::Lexer;
    use super::*;
    use std::io::Write;

    fn dictionary(text: &str) -> Dictionary {
        let limits = Limits::default();
        let value = Lexer::in_stream(text.as_bytes(), 0, &limits).object().unwrap();
        value.as_dictionary().unwrap().clone()
    }

    fn free(_: usize) -> Result<(), Code> {
        Ok(())
    }

    #[test]
    fn row_68_every_filter_of_a_chain_is_counted_also_when_the_whole_is_refused() {
        let bomb = deflate(&deflate(&vec![0; 20 << 20]));
        let chain = dictionary("<</Filter[/FlateDecode/FlateDecode]>>");
        let mut spent = 0;
        let got = decode(&chain, bomb, &Limits::default(), &mut |bytes| {
            spent += bytes;
            Ok(())
        });
        assert_eq!(got, Err(Code::TooLarge));
        assert!(spent > 1 << 20, "{spent}");
    }

    #[test]
    fn row_68_a_filter_stops_when_the_work_is_done() {
        let bomb = deflate(&vec![0; 900_000]);
        let mut left = 100_000_usize;
        let got = decode(
            &dictionary("<</Filter/FlateDecode>>"),
            bomb,
            &Limits::default(),
            &mut |bytes| {
                left = left.checked_sub(bytes).ok_or(Code::TooMuchWork)?;
                Ok(())
            },
        );
        assert_eq!(got, Err(Code::TooMuchWork));
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn flate_gives_back_what_went_in() {
        for length in [0, 1, 511, 512, 513, 100_000] {
            let bytes: Vec<u8> = (0..length)
                .map(|i: u32| i.to_le_bytes()[0] ^ i.to_le_bytes()[1])
                .collect();
            let got = decode(
                &dictionary("<</Filter/FlateDecode>>"),
                deflate(&bytes),
                &Limits::default(),
                &mut free,
            );
            assert_eq!(got.unwrap().bytes, bytes);
        }
    }

    #[test]
    fn a_bomb_is_cut_off() {
        let bomb = deflate(&vec![0; 20 << 20]);
        let got = decode(
            &dictionary("<</Filter/FlateDecode>>"),
            bomb,
            &Limits::default(),
            &mut free,
        );
        assert_eq!(got, Err(Code::TooLarge));
    }

    #[test]
    fn data_that_ends_early_is_refused() {
        let mut cut = deflate(&[7; 5000]);
        cut.truncate(cut.len() - 6);
        assert_eq!(
            decode(
                &dictionary("<</Filter/FlateDecode>>"),
                cut,
                &Limits::default(),
                &mut free
            ),
            Err(Code::Filter)
        );
    }

    #[test]
    fn png_rows_are_undone() {
        let with = dictionary("<</Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 3>>>>");
        let got = decode(
            &with,
            deflate(&[2, 1, 2, 3, 2, 1, 1, 1, 1, 5, 1, 1]),
            &Limits::default(),
            &mut free,
        )
        .unwrap();
        assert_eq!(got.bytes, [1, 2, 3, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn an_image_filter_is_left() {
        let got = decode(
            &dictionary("<</Filter[/DCTDecode]>>"),
            vec![1, 2],
            &Limits::default(),
            &mut free,
        )
        .unwrap();
        assert_eq!((got.bytes, got.remaining.len()), (vec![1, 2], 1));
    }
}
