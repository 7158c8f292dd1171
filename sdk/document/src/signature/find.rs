//! Every signature that any revision shows, so that one which a later revision hides is still told of.

use std::collections::{BTreeMap, BTreeSet};

use super::byte_range::{self, Covered};
use crate::pdf::document::{Document, is_signature};
use crate::pdf::error::{Code, ReadError};
use crate::pdf::form::FieldKind;
use crate::pdf::lexer::is_space;
use crate::pdf::object::{Dictionary, Object, Reference};
use crate::pdf::xref::Entry;

/// A signature dictionary in a signature field.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The field's fully qualified name.
    pub field: String,
    /// Its widgets.
    pub widgets: Vec<Reference>,
    /// The signature dictionary.
    pub dictionary: Dictionary,
    /// Where the object it is starts, if it is one of its own.
    pub offset: Option<u64>,
    /// `/Lock` of the field, as written.
    pub lock: Object,
    /// What it covers.
    pub covered: Covered,
    /// The newest revision shows it in this field with this value.
    pub present: bool,
}

/// In the order of what they cover; those with malformed ranges last.
pub(crate) fn signatures(document: &Document) -> Result<Vec<Found>, ReadError> {
    let mut found: BTreeMap<(u64, String), Found> = BTreeMap::new();
    let (mut newer, mut known): (Option<Looked>, _) = (None, BTreeMap::new());
    for revision in (0..document.revisions().len()).rev() {
        if newer.as_ref().is_some_and(|n| n.same_before(document, revision)) {
            continue;
        }
        match in_revision(document, revision, &mut found, &mut known) {
            Ok(looked) => newer = Some(looked),
            // An old revision that cannot be read hides nothing that the newest shows.
            Err(e) if revision == document.last() || e.is_final() => return Err(e),
            Err(_) => newer = None,
        }
    }
    if found.len() > MOST_SIGNATURES {
        return Err(ReadError::new(Code::TooLarge, 0));
    }
    let mut found: Vec<Found> = found.into_values().collect();
    one_for_each_revision(&mut found);
    found.sort_by_key(|f| f.covered.ranges().map_or(u64::MAX, |[_, second]| second.end));
    Ok(found)
}

/// A revision is written to hold one signature. Two that claim the same one cannot both be what it was
/// written for (and would make us digest the same bytes over and over).
fn one_for_each_revision(found: &mut [Found]) {
    let mut claims: BTreeMap<usize, usize> = BTreeMap::new();
    for revision in found.iter().filter_map(|f| f.covered.revision()) {
        let count = claims.entry(revision).or_default();
        *count = count.saturating_add(1);
    }
    for one in found {
        if one
            .covered
            .revision()
            .is_some_and(|r| claims.get(&r).is_some_and(|count| *count > 1))
        {
            one.covered = Covered::Malformed {
                why: "two signatures claim the same revision",
            };
        }
    }
}

/// What decides which signatures a revision shows.
struct Looked {
    root: Option<Reference>,
    /// The catalogue, the form, every node of the field tree and what they refer to.
    numbers: BTreeSet<u32>,
}

impl Looked {
    /// Whether this revision shows the same signatures as the next one, which touched nothing of all that.
    fn same_before(&self, document: &Document, revision: usize) -> bool {
        let next = document.revisions().get(revision.saturating_add(1));
        let root = document.revisions().get(revision).and_then(crate::Revision::root);
        root == self.root
            && next.is_some_and(|n| n.entries().all(|(number, _)| !self.numbers.contains(&number)))
    }
}

fn in_revision(
    document: &Document,
    revision: usize,
    found: &mut BTreeMap<(u64, String), Found>,
    known: &mut BTreeMap<(u64, Reference), String>,
) -> Result<Looked, ReadError> {
    let root = document.revision(revision)?.root();
    let mut numbers: BTreeSet<u32> = root.iter().map(|r| r.number).collect();
    let catalog = document.catalog_in(revision)?;
    let form = document.form_in(revision)?.unwrap_or_default();
    let mut note = |of: &Dictionary, keys: &[&[u8]]| {
        numbers.extend(keys.iter().filter_map(|key| of.reference(key)).map(|r| r.number));
    };
    note(&catalog, &[b"AcroForm"]);
    note(&form, &[b"Fields"]);
    let fields = document.field_nodes_in(revision)?;
    for field in &fields {
        note(&field.dictionary, &[b"V", b"Kids", b"T", b"FT"]);
    }
    numbers.extend(fields.iter().map(|f| f.reference.number));
    numbers.extend(fields.iter().flat_map(|f| &f.widgets).map(|w| w.number));
    for field in fields.into_iter().filter(|f| f.kind == FieldKind::Signature) {
        // A newer revision shows the same signature in this field: most do, in a file that many signed.
        let at = place_of_value(document, revision, &field.dictionary);
        if at.and_then(|at| known.get(&at)) == Some(&field.name) {
            continue;
        }
        let value = document.value_in(revision, &field.dictionary, b"V")?;
        let Object::Dictionary(dictionary) = value else {
            continue;
        };
        let key = (place(&dictionary).unwrap_or(u64::MAX), field.name.clone());
        found.entry(key).or_insert_with(|| Found {
            covered: byte_range::covered(document, &dictionary),
            field: field.name.clone(),
            lock: field.dictionary.get(b"Lock").cloned().unwrap_or(Object::Null),
            widgets: field.widgets.clone(),
            offset: field
                .dictionary
                .reference(b"V")
                .and_then(|value| document.offset_in(revision, value.number)),
            dictionary,
            present: revision == document.last(),
        });
        known.extend(at.map(|at| (at, field.name.clone())));
    }
    Ok(Looked { root, numbers })
}

/// Where a revision finds the value of a field, if that is an object of its own.
fn place_of_value(document: &Document, revision: usize, field: &Dictionary) -> Option<(u64, Reference)> {
    let value = field.reference(b"V")?;
    match document.entry_in(revision, value.number)? {
        Entry::At { offset, generation } if generation == value.generation => Some((offset, value)),
        _ => None,
    }
}

/// Whether there are signature dictionaries in no field: neither a reader nor we can say what they are
/// about. Looked for in documents of usual size.
pub(crate) fn without_field(document: &Document, found: &[&Found]) -> bool {
    let entries: usize = document.revisions().iter().map(|r| r.entries().count()).sum();
    if entries > MOST_LOOKED_AT {
        return false;
    }
    let read: BTreeSet<u64> = found.iter().filter_map(|f| f.offset).collect();
    let mut known: Vec<u64> = found.iter().filter_map(|f| place(&f.dictionary)).collect();
    for revision in 0..document.revisions().len() {
        known.extend(usage_rights(document, revision));
    }
    for revision in document.revisions() {
        for (number, entry) in revision.entries() {
            // A signature in an object stream has no place in the file, so it cannot be one.
            let Entry::At { generation, offset } = entry else {
                continue;
            };
            if read.contains(&offset) || document.is_known_unsigned(offset) {
                continue;
            }
            // Most of what is left are streams, which a look at their first bytes tells.
            let all = document.source().as_slice().unwrap_or_default();
            let start = usize::try_from(offset).ok().and_then(|at| all.get(at..));
            if start.is_some_and(is_plainly_unsigned) {
                continue;
            }
            let object = document.get_in(revision.number, Reference { number, generation });
            let Ok(Object::Dictionary(dictionary)) = object else {
                continue;
            };
            if is_signature(&dictionary) && place(&dictionary).is_none_or(|p| !known.contains(&p)) {
                return true;
            }
        }
    }
    false
}

/// Whether these bytes cannot begin a signature dictionary: one dictionary at most, with nothing in it that could hide a
/// key or the end of it (no string, comment, escape or further dictionary), which ends before it says `/ByteRange`. What
/// says `stream` or `endobj` there is a stream, has ended, or cannot be read (§7.3.8.1, §7.3.10).
fn is_plainly_unsigned(bytes: &[u8]) -> bool {
    let (mut opened, mut token) = (0_u8, false);
    for (at, byte) in bytes.iter().enumerate().take(PLAIN) {
        let rest = bytes.get(at..).unwrap_or_default();
        match byte {
            b'(' | b'%' | b'#' => return false,
            b'B' if rest.starts_with(b"ByteRange") => return false,
            b's' if token && rest.starts_with(b"stream") => return true,
            b'e' if token && rest.starts_with(b"endobj") => return true,
            b'<' if opened == 2 => return false,
            b'<' => opened = opened.saturating_add(1),
            _ => {}
        }
        token = is_space(*byte) || *byte == b'>';
    }
    false
}

/// §12.8.2.3: usage rights are signed by a maker of readers and say nothing about the document.
fn usage_rights(document: &Document, revision: usize) -> Option<u64> {
    let catalog = document.catalog_in(revision).ok()?;
    let permissions = document.dictionary_in(revision, &catalog, b"Perms").ok()??;
    place(&document.dictionary_in(revision, &permissions, b"UR3").ok()??)
}

fn place(signature: &Dictionary) -> Option<u64> {
    Some(signature.get(b"Contents")?.as_string()?.extent.as_ref()?.start)
}

/// What a stream with a few parameters says of itself.
const PLAIN: usize = 128;

/// Own choice: some milliseconds.
const MOST_LOOKED_AT: usize = 20_000;

/// Own choice: the most-signed files seen have some dozens; each costs a path search.
const MOST_SIGNATURES: usize = 1_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pdf::lexer::Lexer;
    use crate::pdf::limits::Limits;

    /// As the reader of objects sees it: a stream is none.
    fn is_signed(bytes: &[u8]) -> bool {
        let limits = Limits::default();
        let mut lexer = Lexer::in_file(bytes, 0, true, &limits);
        let read = lexer.object_header().and_then(|_| lexer.object());
        let stream = lexer.space().and_then(|()| lexer.stream_start());
        matches!(read, Ok(Object::Dictionary(d)) if is_signature(&d)) && stream != Ok(true)
    }

    #[test]
    fn a_stream_is_told_by_its_first_bytes() {
        assert!(is_plainly_unsigned(
            b"7 0 obj\n<</Length 3928/Filter/FlateDecode>>\nstream\n"
        ));
        assert!(is_plainly_unsigned(b"7 0 obj<</Type/Font/Widths[1 2]>>endobj"));
        for other in [
            &b"7 0 obj<</ByteRange[0 1 2 3]/Contents<41>>>endobj"[..],
            b"7 0 obj<</Byte#52ange[0 1 2 3]>>endobj",
            b"7 0 obj<</A(endobj)/ByteRange[0 1 2 3]>>endobj",
            b"7 0 obj<</Downstream/stream/ByteRange[0 1 2 3]>>endobj",
            b"7 0 obj<</A%\nendobj\n/ByteRange[0 1 2 3]>>endobj",
            b"7 0 obj<</A<</B 1>>",
            b"7 0 obj<</A 1",
            b"",
        ] {
            assert!(!is_plainly_unsigned(other), "{}", other.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn what_is_plainly_no_signature_is_none(
            tokens in proptest::collection::vec(
                prop::sample::select(vec![
                    "<<", ">>", "/ByteRange", "/Contents", "[0 1 2 3]", "<41>", "(a)", "stream", "endobj", "/Xstream",
                    "/endobj", "1", " ", "\n", "%", "#42", "\0",
                ]),
                0..12,
            ),
        ) {
            let bytes = format!("1 0 obj<<{}/ByteRange 1/Contents 1>>", tokens.concat());
            prop_assert!(!(is_plainly_unsigned(bytes.as_bytes()) && is_signed(bytes.as_bytes())));
        }
    }
}
