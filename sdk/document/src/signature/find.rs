//! Every signature that any revision shows, so that one which a later revision hides is still told of.

use std::collections::{BTreeMap, HashMap};

use super::byte_range::{self, Covered};
use crate::pdf::document::Document;
use crate::pdf::error::{Code, ReadError};
use crate::pdf::form::FieldKind;
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
    /// What it covers.
    pub covered: Covered,
    /// The newest revision shows it in this field with this value.
    pub present: bool,
}

/// In the order of what they cover; those with malformed ranges last.
pub(crate) fn signatures(document: &Document) -> Result<Vec<Found>, ReadError> {
    let mut found: BTreeMap<(u64, String), Found> = BTreeMap::new();
    for revision in (0..document.revisions().len()).rev() {
        let present = revision == document.last();
        match in_revision(document, revision, present, &mut found) {
            // An old revision that cannot be read hides nothing that the newest shows.
            Err(e) if present || e.is_fault() => return Err(e),
            _ => {}
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
    let mut claims: HashMap<usize, usize> = HashMap::new();
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

fn in_revision(
    document: &Document,
    revision: usize,
    present: bool,
    found: &mut BTreeMap<(u64, String), Found>,
) -> Result<(), ReadError> {
    for field in document.fields_in(revision)? {
        if field.kind != FieldKind::Signature {
            continue;
        }
        let value = document.value_in(revision, &field.dictionary, b"V")?;
        let Object::Dictionary(dictionary) = value else {
            continue;
        };
        let place = dictionary
            .get(b"Contents")
            .and_then(|c| c.as_string())
            .and_then(|c| c.extent.clone());
        let key = (place.map_or(u64::MAX, |p| p.start), field.name.clone());
        found.entry(key).or_insert_with(|| Found {
            covered: byte_range::covered(document, &dictionary),
            field: field.name,
            widgets: field.widgets,
            dictionary,
            present,
        });
    }
    Ok(())
}

/// Whether there are signature dictionaries in no field: neither a reader nor we can say what they are
/// about. Looked for in documents of usual size.
pub(crate) fn without_field(document: &Document, found: &[&Found]) -> bool {
    let entries: usize = document.revisions().iter().map(|r| r.entries().count()).sum();
    if entries > MOST_LOOKED_AT {
        return false;
    }
    let mut known: Vec<u64> = found.iter().filter_map(|f| place(&f.dictionary)).collect();
    for revision in 0..document.revisions().len() {
        known.extend(usage_rights(document, revision));
    }
    for revision in document.revisions() {
        for (number, entry) in revision.entries() {
            // A signature in an object stream has no place in the file, so it cannot be one.
            let Entry::At { generation, .. } = entry else {
                continue;
            };
            let object = document.get_in(revision.number, Reference { number, generation });
            let Ok(Object::Dictionary(dictionary)) = object else {
                continue;
            };
            let signs = dictionary.contains(b"ByteRange") && dictionary.contains(b"Contents");
            if signs && place(&dictionary).is_none_or(|p| !known.contains(&p)) {
                return true;
            }
        }
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

/// Own choice: some milliseconds.
const MOST_LOOKED_AT: usize = 20_000;

/// Own choice: the most-signed files seen have some dozens; each costs a path search.
const MOST_SIGNATURES: usize = 500;
