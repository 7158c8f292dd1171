//! Cross-reference sections (ISO 32000-2 §7.5.4, §7.5.5, §7.5.8), read where they are said to be.

use std::ops::Range;

use super::error::{Code, Irregular, ReadError};
use super::lexer::decimal;
use super::object::{Dictionary, Object};
use super::window::Window;
use super::xref_stream::stream;

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

pub(crate) fn keep(room: &mut usize, count: u64, offset: u64) -> Result<(), ReadError> {
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

/// §7.5.4: an entry is 20 bytes long.
const ENTRY_WIDTH: u64 = 20;

/// 64 kB at a time.
const ENTRIES_AT_ONCE: u64 = 3276;
