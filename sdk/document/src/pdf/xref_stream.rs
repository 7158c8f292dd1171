//! Cross-reference streams (ISO 32000-2 §7.5.8).

use super::error::{Code, ReadError};
use super::filter;
use super::indirect::indirect;
use super::lexer::HIGHEST_NUMBER;
use super::object::{Dictionary, Object};
use super::window::Window;
use super::xref::{Entry, Section, XrefKind, keep};

pub(crate) fn stream(window: &Window, offset: u64, room: &mut usize) -> Result<Section, ReadError> {
    let wrong = || ReadError::new(Code::Xref, offset);
    // Its length must be direct: there is no table yet to look it up.
    let indirect = indirect(window, offset, window.len, &mut |_| Err(wrong()))?;
    let Object::Stream(stream) = indirect.object else {
        return Err(wrong());
    };
    if stream.dictionary.name(b"Type") != Some(b"XRef") {
        return Err(wrong());
    }
    let length =
        usize::try_from(stream.extent.end.saturating_sub(stream.extent.start)).map_err(|_| wrong())?;
    let raw = window.bytes(stream.extent.start, length)?.into_owned();
    let mut spend = |bytes| window.spend(bytes, offset).map_err(|e| e.code);
    let data = filter::decode(&stream.dictionary, raw, &window.limits, &mut spend)
        .map_err(|code| ReadError::new(code, offset))?;
    if !data.remaining.is_empty() {
        return Err(wrong());
    }
    let entries = unpack(&stream.dictionary, &data.bytes, room).ok_or_else(wrong)?;
    Ok(Section {
        offset,
        kind: XrefKind::Stream,
        trailer: stream.dictionary,
        entries,
        hidden: Vec::new(),
        extents: vec![indirect.extent],
        end: None,
        irregular: Vec::new(),
        beside: None,
    })
}

/// §7.5.8.2, §7.5.8.3.
fn unpack(dictionary: &Dictionary, data: &[u8], room: &mut usize) -> Option<Vec<(u32, Entry)>> {
    let widths: Vec<usize> = dictionary
        .get(b"W")?
        .as_array()?
        .iter()
        .map(|w| {
            w.as_integer()
                .and_then(|w| usize::try_from(w).ok())
                .filter(|w| *w <= 8)
        })
        .collect::<Option<_>>()?;
    let [kind, second, third] = widths.try_into().ok()?;
    let width = kind.checked_add(second)?.checked_add(third)?;
    let size = dictionary.integer(b"Size").and_then(|s| u64::try_from(s).ok())?;
    let index: Vec<u64> = match dictionary.get(b"Index") {
        None => vec![0, size],
        Some(index) => index
            .as_array()?
            .iter()
            .map(|i| i.as_integer().and_then(|i| u64::try_from(i).ok()))
            .collect::<Option<_>>()?,
    };
    if width == 0 || second == 0 || !index.len().is_multiple_of(2) {
        return None;
    }
    let mut rows = data.chunks_exact(width);
    let mut entries = Vec::new();
    for range in index.chunks_exact(2) {
        let [first, count] = *range else { return None };
        if count > u64::try_from(rows.len()).ok()? {
            return None;
        }
        keep(room, count, 0).ok()?;
        for (number, row) in (first..first.checked_add(count)?).zip(rows.by_ref()) {
            let (k, rest) = row.split_at_checked(kind)?;
            let (a, b) = rest.split_at_checked(second)?;
            let entry = match (
                if kind == 0 { 1 } else { big_endian(k) },
                big_endian(a),
                big_endian(b),
            ) {
                (0, ..) => Entry::Free,
                (1, offset, generation) => Entry::At {
                    offset,
                    generation: u16::try_from(generation).ok()?,
                },
                (2, container, index) => Entry::In {
                    container: u32::try_from(container).ok()?,
                    index: u32::try_from(index).ok()?,
                },
                // §7.5.8.3: other types are references to the null object.
                _ => Entry::Free,
            };
            entries.push((
                u32::try_from(number).ok().filter(|n| *n <= HIGHEST_NUMBER)?,
                entry,
            ));
        }
    }
    Some(entries)
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}
