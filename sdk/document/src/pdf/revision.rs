//! The chain of cross-reference sections → revisions, oldest first (ISO 32000-2 §7.5.6).

use std::collections::HashSet;
use std::ops::Range;

use super::error::{Code, Irregular, Irregularity, ReadError};
use super::object::{Dictionary, Object, Reference};
use super::window::Window;
use super::xref::{self, Entry, Section, XrefKind};

/// What one save wrote: the first writing of the file, or one incremental update.
#[derive(Debug)]
pub struct Revision {
    /// Oldest = 0.
    pub number: usize,
    /// Its first byte: behind the revision before.
    pub start: u64,
    /// Behind its `%%EOF`, without the end of line that may follow.
    pub end: u64,
    /// Behind that end of line. What is signed ends at `end` or here.
    pub end_with_eol: u64,
    /// Where its cross-reference section is: what `startxref` says and the next `/Prev` must say.
    pub startxref: u64,
    /// How the section is written.
    pub kind: XrefKind,
    /// The trailer dictionary, or the cross-reference stream's.
    pub trailer: Dictionary,
    /// Two sections, for fast viewing over a network (Annex F).
    pub linearized: bool,
    entries: Vec<(u32, Entry)>,
    hidden: Vec<(u32, Entry)>,
    /// The sections with their `startxref … %%EOF`.
    pub(crate) framing: Vec<Range<u64>>,
}

impl Revision {
    /// `/Size` (§7.5.5): one more than the highest object number.
    pub fn size(&self) -> u32 {
        self.trailer
            .integer(b"Size")
            .and_then(|s| u32::try_from(s).ok())
            .unwrap_or(0)
    }

    /// Where the catalogue is.
    pub fn root(&self) -> Option<Reference> {
        self.trailer.reference(b"Root")
    }

    /// What this revision itself says of an object: the table first, then the hybrid stream (§7.5.8.4).
    pub fn entry(&self, number: u32) -> Option<Entry> {
        match xref::find(&self.entries, number) {
            None | Some(Entry::Free) if !self.hidden.is_empty() => {
                xref::find(&self.hidden, number).or_else(|| xref::find(&self.entries, number))
            }
            shown => shown,
        }
    }

    /// Every object that this revision says something of, by number.
    pub fn entries(&self) -> impl Iterator<Item = (u32, Entry)> {
        let beside = self
            .hidden
            .iter()
            .filter(|(number, _)| matches!(xref::find(&self.entries, *number), None | Some(Entry::Free)));
        let shown = self
            .entries
            .iter()
            .filter(|(number, entry)| *entry != Entry::Free || xref::find(&self.hidden, *number).is_none());
        shown.chain(beside).copied()
    }

    /// The highest number that it says something of.
    pub fn highest_number(&self) -> u32 {
        let last = |entries: &[(u32, Entry)]| entries.last().map_or(0, |(number, _)| *number);
        last(&self.entries).max(last(&self.hidden))
    }
}

/// Reads the header, the end, and every section from the last to the first.
pub(crate) fn read(window: &Window) -> Result<(Vec<Revision>, Vec<Irregularity>), ReadError> {
    let mut irregular = Vec::new();
    header(window, &mut irregular)?;
    let tail = tail(window)?;
    let mut sections = chain(window, tail.startxref)?;
    let first = linearized_pair(window, &mut sections)?;
    let mut revisions = Vec::with_capacity(sections.len().saturating_add(1));
    if let Some((first_page, rest)) = first {
        let revision = linearized(window, first_page, rest, &mut irregular);
        revisions.push(revision);
    }
    let mut seen = HashSet::new();
    while let Some(mut section) = sections.pop() {
        if let Some(beside) = section.beside {
            hybrid(&mut section, &revisions, !seen.insert(beside));
        }
        let start = revisions.last().map_or(0, |r: &Revision| r.end_with_eol);
        revisions.push(one(window, section, revisions.len(), start, &mut irregular));
    }
    if let Some(last) = revisions.last()
        && !rest_is_blank(window, last.end_with_eol)?
    {
        irregular.push(Irregularity {
            kind: Irregular::TrailingBytes,
            offset: last.end_with_eol,
            revision: None,
        });
    }
    Ok((revisions, irregular))
}

/// §7.5.8.4: the table is looked at first, then the stream beside it, then the sections before. An update
/// that takes over `/XRefStm` from the trailer before names a stream whose entries are among those before
/// already; then nothing is hidden, if no update in between speaks of the same objects.
fn hybrid(section: &mut Section, before: &[Revision], copied: bool) {
    let conflict =
        section
            .hidden
            .iter()
            .any(|(number, hidden)| match xref::find(&section.entries, *number) {
                Some(Entry::Free) | None if copied => before
                    .iter()
                    .rev()
                    .find_map(|r| r.entry(*number))
                    .is_some_and(|known| known != *hidden),
                Some(shown) if shown != Entry::Free => !copied && shown != *hidden,
                _ => false,
            });
    if conflict {
        section
            .irregular
            .push((Irregular::HybridConflict, section.offset));
    }
    if copied {
        section.hidden = Vec::new();
        section.extents.truncate(1);
    }
}

fn header(window: &Window, irregular: &mut Vec<Irregularity>) -> Result<(), ReadError> {
    if window.len == 0 {
        return Err(ReadError::new(Code::Empty, 0));
    }
    let start = window.bytes(0, usize::try_from(window.len.min(1024)).unwrap_or(1024))?;
    match start.windows(5).position(|w| w == b"%PDF-") {
        None => Err(ReadError::new(Code::NotPdf, 0)),
        Some(0) => Ok(()),
        Some(_) => {
            irregular.push(Irregularity {
                kind: Irregular::LeadingBytes,
                offset: 0,
                revision: Some(0),
            });
            Ok(())
        }
    }
}

struct Tail {
    startxref: u64,
}

/// The last `startxref` within the last two kilobytes.
fn tail(window: &Window) -> Result<Tail, ReadError> {
    let length = window.len.min(TAIL);
    let from = window.len.saturating_sub(length);
    let bytes = window.bytes(from, usize::try_from(length).unwrap_or(0))?;
    let none = ReadError::new(Code::NoStartxref, window.len);
    let position = bytes
        .windows(9)
        .rposition(|w| w == b"startxref")
        .ok_or(none.clone())?;
    let at = from.saturating_add(u64::try_from(position).unwrap_or(0));
    let found = window.parse(at, window.len, |lexer| {
        lexer.keyword(b"startxref")?;
        lexer.blank()?;
        let offset = lexer.unsigned()?;
        lexer.blank()?;
        Ok(offset.filter(|_| lexer.exactly(b"%%EOF").unwrap_or(false)))
    })?;
    found.map(|startxref| Tail { startxref }).ok_or(none)
}

/// Newest first.
fn chain(window: &Window, startxref: u64) -> Result<Vec<Section>, ReadError> {
    let mut sections: Vec<Section> = Vec::new();
    let (mut visited, mut room) = (HashSet::new(), window.limits.entries);
    let mut next = Some(startxref);
    while let Some(offset) = next {
        if !visited.insert(offset) {
            return Err(ReadError::new(Code::XrefLoop, offset));
        }
        if sections.len() >= window.limits.sections {
            return Err(ReadError::new(Code::TooLarge, offset));
        }
        if offset >= window.len {
            return Err(ReadError::new(Code::Xref, offset));
        }
        let section = xref::section(window, offset, &mut room)?;
        next = match section.trailer.get(b"Prev") {
            None => None,
            Some(Object::Integer(prev)) => {
                Some(u64::try_from(*prev).map_err(|_| ReadError::new(Code::Xref, offset))?)
            }
            Some(_) => return Err(ReadError::new(Code::Xref, offset)),
        };
        sections.push(section);
    }
    Ok(sections)
}

/// Annex F: the first-page section stands at the start of the file and its `/Prev` leads forward to the
/// main one. Takes both off the chain.
fn linearized_pair(
    window: &Window,
    sections: &mut Vec<Section>,
) -> Result<Option<(Section, Section)>, ReadError> {
    let [.., first_page, main] = sections.as_slice() else {
        return Ok(None);
    };
    if first_page.offset >= main.offset {
        return Ok(None);
    }
    let first = window.parse(0, window.len, |lexer| {
        lexer.space()?;
        lexer.object_header()?;
        lexer.object()
    });
    let says = match first {
        Ok(object) => object.as_dictionary().is_some_and(|d| d.contains(b"Linearized")),
        Err(e) if e.is_fault() => return Err(e),
        Err(_) => false,
    };
    if !says {
        return Ok(None);
    }
    let main = sections.pop();
    Ok(sections.pop().zip(main))
}

fn linearized(
    window: &Window,
    first_page: Section,
    main: Section,
    irregular: &mut Vec<Irregularity>,
) -> Revision {
    let startxref = first_page.offset;
    let framing: Vec<Range<u64>> = first_page
        .end
        .iter()
        .chain(&main.end)
        .map(|e| e.extent.clone())
        .chain(main.extents.clone())
        .collect();
    let says = main.end.as_ref().is_some_and(|e| e.startxref == startxref);
    if !says {
        irregular.push(Irregularity {
            kind: Irregular::RevisionEnd,
            offset: main.offset,
            revision: Some(0),
        });
    }
    let end = main.end.as_ref().map_or(main.offset, |e| e.extent.end);
    let mut revision = one(window, first_page, 0, 0, &mut Vec::new());
    for (kind, offset) in main.irregular {
        irregular.push(Irregularity {
            kind,
            offset,
            revision: Some(0),
        });
    }
    revision.entries.extend(
        main.entries
            .iter()
            .filter(|(n, _)| xref::find(&revision.entries, *n).is_none())
            .copied()
            .collect::<Vec<_>>(),
    );
    revision.entries.sort_by_key(|(number, _)| *number);
    revision.hidden.extend(main.hidden);
    revision.hidden.sort_by_key(|(number, _)| *number);
    revision.framing.extend(framing);
    revision.end = end;
    revision.end_with_eol = behind_eol(window, end);
    revision.linearized = true;
    revision
}

fn one(
    window: &Window,
    section: Section,
    number: usize,
    start: u64,
    irregular: &mut Vec<Irregularity>,
) -> Revision {
    let mut report = |kind, offset| {
        irregular.push(Irregularity {
            kind,
            offset,
            revision: Some(number),
        })
    };
    for (kind, offset) in &section.irregular {
        report(*kind, *offset);
    }
    if section.offset < start {
        report(Irregular::PrevForward, section.offset);
    }
    if section.end.as_ref().is_none_or(|e| e.startxref != section.offset) {
        report(Irregular::RevisionEnd, section.offset);
    }
    let behind = section.extents.first().map_or(section.offset, |e| e.end);
    let end = section.end.as_ref().map_or(behind, |e| e.extent.end).max(start);
    let mut framing = section.extents;
    framing.extend(section.end.map(|e| e.extent));
    let revision = Revision {
        number,
        start,
        end,
        end_with_eol: behind_eol(window, end),
        startxref: section.offset,
        kind: section.kind,
        trailer: section.trailer,
        linearized: false,
        entries: section.entries,
        hidden: section.hidden,
        framing,
    };
    if revision.highest_number() >= revision.size() {
        report(Irregular::Size, revision.startxref);
    }
    if xref::find(&revision.entries, 0).is_some_and(|e| e != Entry::Free) {
        report(Irregular::FreeHead, revision.startxref);
    }
    revision
}

fn behind_eol(window: &Window, at: u64) -> u64 {
    let length = usize::try_from(window.len.saturating_sub(at).min(2)).unwrap_or(0);
    let eol = match window.bytes(at, length).as_deref() {
        Ok([b'\r', b'\n', ..]) => 2,
        Ok([b'\n' | b'\r', ..]) => 1,
        _ => 0,
    };
    at.saturating_add(eol)
}

fn rest_is_blank(window: &Window, from: u64) -> Result<bool, ReadError> {
    let length = window.len.saturating_sub(from);
    if length > TAIL {
        return Ok(false);
    }
    let bytes = window.bytes(from, usize::try_from(length).unwrap_or(0))?;
    Ok(bytes.iter().all(|b| super::lexer::is_space(*b)))
}

/// Implementation notes to ISO 32000-1 let `%%EOF` be within the last 1024 bytes; own choice: twice that.
const TAIL: u64 = 2048;
