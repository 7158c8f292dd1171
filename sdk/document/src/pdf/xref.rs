//! Cross-reference sections (ISO 32000-2 §7.5.4, §7.5.5, §7.5.8), read where they are said to be.

use std::ops::Range;

use super::error::{Code, Irregular, ReadError};
use super::filter;
use super::lexer::decimal;
use super::object::{Dictionary, Indirect, Object, Reference, Stream};
use super::window::Window;

/// How a section is written; an update must be written the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XrefKind {
    /// `xref` … `trailer`.
    Table,
    /// A cross-reference stream.
    Stream,
    /// A table with `/XRefStm` beside it.
    Hybrid,
}

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Deleted, or never there.
    Free,
    /// At a byte offset.
    At {
        /// From the start of the file.
        offset: u64,
        /// The generation it must have.
        generation: u16,
    },
    /// In an object stream.
    In {
        /// The object stream's number.
        container: u32,
        /// Which of its objects.
        index: u32,
    },
}

/// One section as written.
pub(crate) struct Section {
    pub offset: u64,
    pub kind: XrefKind,
    pub trailer: Dictionary,
    /// Sorted by number.
    pub entries: Vec<(u32, Entry)>,
    /// From `/XRefStm`: objects that the table does not show. Sorted.
    pub hidden: Vec<(u32, Entry)>,
    /// What the section covers in the file, itself and the hybrid stream.
    pub extents: Vec<Range<u64>>,
    /// Behind its `%%EOF`, the end of line not counted; and what `startxref` said.
    pub end: Option<SectionEnd>,
    pub irregular: Vec<(Irregular, u64)>,
    /// What `/XRefStm` says.
    pub beside: Option<u64>,
}

pub(crate) struct SectionEnd {
    pub startxref: u64,
    /// From behind the section to behind `%%EOF`.
    pub extent: Range<u64>,
}

/// Reads the section at an offset. `room`: how many entries may still be kept.
pub(crate) fn section(window: &Window, offset: u64, room: &mut usize) -> Result<Section, ReadError> {
    let is_table = window.parse(offset, window.len, |lexer| lexer.keyword(b"xref"))?;
    let mut section = if is_table {
        table(window, offset, room)?
    } else {
        stream(window, offset, room)?
    };
    sort(&mut section.entries, &mut section.irregular, offset);
    if let Some(hybrid) = section.trailer.get(b"XRefStm") {
        hybrid_stream(window, hybrid.as_integer(), &mut section, room)?;
    }
    if let Some(last) = section.extents.first() {
        section.end = end(window, last.end)?;
    }
    Ok(section)
}

fn hybrid_stream(
    window: &Window,
    at: Option<i64>,
    section: &mut Section,
    room: &mut usize,
) -> Result<(), ReadError> {
    let at = at.and_then(|o| u64::try_from(o).ok());
    let at = at
        .filter(|_| section.kind == XrefKind::Table)
        .ok_or(ReadError::new(Code::Xref, section.offset))?;
    let mut beside = stream(window, at, room)?;
    sort(&mut beside.entries, &mut section.irregular, at);
    section.beside = Some(at);
    section.kind = XrefKind::Hybrid;
    section.hidden = beside.entries;
    section.extents.extend(beside.extents);
    Ok(())
}

/// In a list sorted by number.
pub(crate) fn find(entries: &[(u32, Entry)], number: u32) -> Option<Entry> {
    let position = entries.binary_search_by_key(&number, |(n, _)| *n).ok()?;
    entries.get(position).map(|(_, entry)| *entry)
}

fn sort(entries: &mut Vec<(u32, Entry)>, irregular: &mut Vec<(Irregular, u64)>, offset: u64) {
    if !entries.is_sorted_by_key(|(number, _)| *number) {
        entries.sort_by_key(|(number, _)| *number);
    }
    let before = entries.len();
    entries.dedup_by_key(|(number, _)| *number);
    if entries.len() != before {
        irregular.push((Irregular::EntryTwice, offset));
    }
    entries.shrink_to_fit();
}

fn keep(room: &mut usize, count: u64, offset: u64) -> Result<(), ReadError> {
    let left = usize::try_from(count).ok().and_then(|c| room.checked_sub(c));
    *room = left.ok_or(ReadError::new(Code::TooLarge, offset))?;
    Ok(())
}

fn table(window: &Window, offset: u64, room: &mut usize) -> Result<Section, ReadError> {
    let mut section = Section {
        offset,
        kind: XrefKind::Table,
        trailer: Dictionary::default(),
        entries: Vec::new(),
        hidden: Vec::new(),
        extents: Vec::new(),
        end: None,
        irregular: Vec::new(),
        beside: None,
    };
    let mut position = window.parse(offset, window.len, |lexer| {
        lexer.keyword(b"xref")?;
        lexer.space()?;
        Ok(lexer.offset())
    })?;
    loop {
        let header = window.parse(position, window.len, |lexer| {
            let Some(first) = lexer.unsigned()? else {
                return Ok(None);
            };
            lexer.blank()?;
            let count = lexer.unsigned()?.ok_or_else(|| lexer.error(Code::Xref))?;
            lexer.blank()?;
            Ok(Some((first, count, lexer.offset())))
        })?;
        let Some((first, count, start)) = header else {
            break;
        };
        keep(room, count, start)?;
        if first.saturating_add(count) > u64::from(super::lexer::HIGHEST_NUMBER) {
            return Err(ReadError::new(Code::Xref, position));
        }
        position = subsection(window, &mut section, first, count, start)?;
    }
    let (trailer, end) = window.parse(position, window.len, |lexer| {
        if !lexer.keyword(b"trailer")? {
            return Err(lexer.error(Code::Xref));
        }
        match lexer.object()? {
            Object::Dictionary(trailer) => Ok((trailer, lexer.offset())),
            _ => Err(lexer.error(Code::Xref)),
        }
    })?;
    section.trailer = trailer;
    section.extents.push(offset..end);
    Ok(section)
}

/// Entries of one subsection; returns where the next line starts.
fn subsection(
    window: &Window,
    section: &mut Section,
    first: u64,
    count: u64,
    start: u64,
) -> Result<u64, ReadError> {
    let mut position = start;
    let mut done = 0_u64;
    while done < count {
        let batch = count.saturating_sub(done).min(ENTRIES_AT_ONCE);
        let fits = window.len.saturating_sub(position) / ENTRY_WIDTH;
        let length = usize::try_from(batch.min(fits).saturating_mul(ENTRY_WIDTH)).unwrap_or(0);
        let bytes = window.bytes(position, length)?;
        let mut regular = 0_u64;
        for line in bytes.chunks_exact(20) {
            let Some(entry) = fixed_entry(line) else { break };
            push(section, first.saturating_add(done), entry, position)?;
            done = done.saturating_add(1);
            regular = regular.saturating_add(1);
        }
        position = position.saturating_add(regular.saturating_mul(ENTRY_WIDTH));
        if regular < batch {
            // One entry of another width, token by token.
            let (entry, next) = window.parse(position, window.len, loose_entry)?;
            if !section
                .irregular
                .iter()
                .any(|(kind, _)| *kind == Irregular::EntryWidth)
            {
                section.irregular.push((Irregular::EntryWidth, position));
            }
            push(section, first.saturating_add(done), entry, position)?;
            done = done.saturating_add(1);
            position = next;
        }
    }
    window.parse(position, window.len, |lexer| {
        lexer.blank()?;
        Ok(lexer.offset())
    })
}

fn push(section: &mut Section, number: u64, entry: Entry, offset: u64) -> Result<(), ReadError> {
    let number = u32::try_from(number).map_err(|_| ReadError::new(Code::Xref, offset))?;
    section.entries.push((number, entry));
    Ok(())
}

/// `nnnnnnnnnn ggggg n` and two bytes of end of line.
fn fixed_entry(line: &[u8]) -> Option<Entry> {
    let end = line.get(18..20)?;
    if !matches!(end, b"\r\n" | b" \n" | b" \r") || line.get(10) != Some(&b' ') || line.get(16) != Some(&b' ')
    {
        return None;
    }
    let offset = decimal(line.get(..10)?)?;
    let generation = decimal(line.get(11..16)?)?;
    entry(offset, generation, *line.get(17)?)
}

fn entry(offset: u64, generation: u64, kind: u8) -> Option<Entry> {
    match kind {
        b'f' => Some(Entry::Free),
        b'n' => Some(Entry::At {
            offset,
            generation: u16::try_from(generation).ok()?,
        }),
        _ => None,
    }
}

fn loose_entry(lexer: &mut super::lexer::Lexer<'_>) -> Result<(Entry, u64), ReadError> {
    let offset = lexer.unsigned()?;
    lexer.blank()?;
    let generation = lexer.unsigned()?;
    lexer.blank()?;
    let kind = if lexer.keyword(b"n")? {
        b'n'
    } else if lexer.keyword(b"f")? {
        b'f'
    } else {
        return Err(lexer.error(Code::Xref));
    };
    let found = offset.zip(generation).and_then(|(o, g)| entry(o, g, kind));
    let found = found.ok_or_else(|| lexer.error(Code::Xref))?;
    lexer.blank()?;
    Ok((found, lexer.offset()))
}

fn stream(window: &Window, offset: u64, room: &mut usize) -> Result<Section, ReadError> {
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
    let data = filter::decode(&stream.dictionary, raw, &window.limits)
        .map_err(|code| ReadError::new(code, offset))?;
    if !data.remaining.is_empty() {
        return Err(wrong());
    }
    window.spend(data.bytes.len(), offset)?;
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
                u32::try_from(number)
                    .ok()
                    .filter(|n| *n <= super::lexer::HIGHEST_NUMBER)?,
                entry,
            ));
        }
    }
    Some(entries)
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// `startxref`, an offset, `%%EOF`, from behind a section on.
fn end(window: &Window, from: u64) -> Result<Option<SectionEnd>, ReadError> {
    let found = window.parse(from, window.len, |lexer| {
        lexer.space()?;
        if !lexer.keyword(b"startxref")? {
            return Ok(None);
        }
        lexer.blank()?;
        let Some(startxref) = lexer.unsigned()? else {
            return Ok(None);
        };
        lexer.blank()?;
        let ends = lexer.exactly(b"%%EOF")?;
        Ok(ends.then(|| SectionEnd {
            startxref,
            extent: from..lexer.offset(),
        }))
    });
    match found {
        Err(e) if !e.is_fault() && e.code != Code::TooMuchWork => Ok(None),
        other => other,
    }
}

/// Reads `N G obj … endobj` at an offset. `length` answers an indirect `/Length`.
pub(crate) fn indirect(
    window: &Window,
    offset: u64,
    end: u64,
    length: &mut dyn FnMut(Reference) -> Result<u64, ReadError>,
) -> Result<Indirect, ReadError> {
    enum Kind {
        Value(Object, u64),
        Stream(Dictionary, u64),
    }
    let (reference, kind) = window.parse(offset, end, |lexer| {
        let reference = lexer.object_header()?;
        let object = lexer.object()?;
        lexer.space()?;
        if let Object::Dictionary(dictionary) = object {
            if lexer.stream_start()? {
                return Ok((reference, Kind::Stream(dictionary, lexer.offset())));
            }
            return end_of_object(lexer).map(|e| (reference, Kind::Value(Object::Dictionary(dictionary), e)));
        }
        end_of_object(lexer).map(|e| (reference, Kind::Value(object, e)))
    })?;
    let (dictionary, start) = match kind {
        Kind::Value(object, behind) => {
            return Ok(Indirect {
                reference,
                object,
                extent: offset..behind,
            });
        }
        Kind::Stream(dictionary, start) => (dictionary, start),
    };
    let wrong = ReadError::new(Code::Stream, start);
    let long = match dictionary.get(b"Length") {
        Some(Object::Integer(long)) => u64::try_from(*long).map_err(|_| wrong.clone())?,
        Some(Object::Reference(at)) => length(*at)?,
        _ => return Err(wrong),
    };
    let behind = start
        .checked_add(long)
        .filter(|b| *b <= end)
        .ok_or_else(|| wrong.clone())?;
    let extent = window.parse(behind, end, |lexer| {
        lexer.blank()?;
        if !lexer.keyword(b"endstream")? {
            return Err(lexer.error(Code::Stream));
        }
        lexer.space()?;
        end_of_object(lexer).map(|e| offset..e)
    })?;
    let object = Object::Stream(Box::new(Stream {
        dictionary,
        extent: start..behind,
    }));
    Ok(Indirect {
        reference,
        object,
        extent,
    })
}

fn end_of_object(lexer: &mut super::lexer::Lexer<'_>) -> Result<u64, ReadError> {
    if lexer.keyword(b"endobj")? {
        Ok(lexer.offset())
    } else {
        Err(lexer.error(Code::Syntax))
    }
}

/// §7.5.4: an entry is 20 bytes long.
const ENTRY_WIDTH: u64 = 20;

/// 64 kB at a time.
const ENTRIES_AT_ONCE: u64 = 3276;
