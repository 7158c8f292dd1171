//! What was read before. Each revision of a file is compared with the one before it, and most of what they show is
//! the same: in a file that hundreds signed, every field would be read hundreds of times.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::document::Document;
use super::error::ReadError;
use super::form::{Field, FieldKind};
use super::object::{Indirect, Object, Reference, Stream};
use super::xref::Entry;

/// What a document of many revisions remembers.
#[derive(Default)]
pub(crate) struct Remembered {
    objects: Mutex<Objects>,
    pub(super) fields: Mutex<Fields>,
}

impl Document {
    /// The object at an offset, if it was read before.
    pub(super) fn known_at(&self, offset: u64, reference: Reference) -> Result<Option<Indirect>, ReadError> {
        let Some(remembered) = &self.remembered else {
            return Ok(None);
        };
        let known = held(&remembered.objects).at(offset, reference);
        let Some(known) = known else { return Ok(None) };
        let length = known.extent.end.saturating_sub(known.extent.start);
        let length = usize::try_from(length / COPIED).unwrap_or(usize::MAX);
        let length = if known.object.as_stream().is_some() {
            0
        } else {
            length
        };
        self.window.spend(length.saturating_add(AGAIN), offset)?;
        Ok(Some(Indirect::clone(&known)))
    }

    /// Keeps an object for when it is asked for again.
    pub(super) fn keep(&self, offset: u64, indirect: &Indirect) {
        if let Some(remembered) = &self.remembered {
            held(&remembered.objects).keep(offset, indirect);
        }
    }

    /// Where a revision finds an object.
    pub(super) fn place_in(&self, revision: usize, number: u32) -> Place {
        let entry = self.entry_in(revision, number);
        let container = match entry {
            Some(Entry::In { container, .. }) => self.entry_in(revision, container),
            _ => None,
        };
        Place { entry, container }
    }
}

pub(super) fn held<T>(all: &Mutex<T>) -> MutexGuard<'_, T> {
    all.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Objects by the offset they stand at, up to [`MOST_KEPT`]. Beyond, all are forgotten: reading them anew is always
/// right.
#[derive(Default)]
pub(crate) struct Objects {
    kept: HashMap<u64, Arc<Indirect>>,
    held: usize,
}

impl Objects {
    /// The object at an offset, if it was kept under this reference.
    pub fn at(&self, offset: u64, reference: Reference) -> Option<Arc<Indirect>> {
        let known = self.kept.get(&offset)?;
        (known.reference == reference).then(|| Arc::clone(known))
    }

    /// Keeps what stands at an offset, if that is the same for every revision: where a stream ends may depend on
    /// another object, which later revisions write over.
    pub fn keep(&mut self, offset: u64, indirect: &Indirect) {
        let elsewhere = |stream: &Stream| stream.dictionary.reference(b"Length").is_some();
        if indirect.object.as_stream().is_some_and(elsewhere) {
            return;
        }
        let size = size(&indirect.object);
        if size > MOST_KEPT {
            return;
        }
        if self.held.saturating_add(size) > MOST_KEPT {
            self.kept.clear();
            self.held = 0;
        }
        self.held = self.held.saturating_add(size);
        self.kept.insert(offset, Arc::new(indirect.clone()));
    }
}

/// About how much memory a value takes.
fn size(object: &Object) -> usize {
    let inside = match object {
        Object::String(text) => text.bytes.len(),
        Object::Array(elements) => elements.iter().map(size).fold(0, usize::saturating_add),
        other => other.as_dictionary().map_or(0, |dictionary| {
            let values = dictionary
                .iter()
                .map(|(_, value)| size(value).saturating_add(ONE));
            values.fold(0, usize::saturating_add)
        }),
    };
    inside.saturating_add(ONE)
}

/// A node of the field tree, with what it was read from.
#[derive(Clone)]
pub(crate) struct KnownField {
    /// What it inherits.
    pub above: (String, FieldKind),
    /// Every object that was looked at, and where it was.
    pub read: Vec<(u32, Place)>,
    pub field: Arc<Field>,
    /// Those of its kids that are fields.
    pub kids: Arc<[Object]>,
}

/// Where a revision finds an object: the same place, the same object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub entry: Option<Entry>,
    /// Of the object stream it is in.
    pub container: Option<Entry>,
}

/// The last version of each node of the field tree that was read, up to [`MOST_FIELDS`].
#[derive(Default)]
pub(crate) struct Fields(HashMap<Reference, KnownField>);

impl Fields {
    /// The node as it was read last.
    pub fn of(&self, reference: Reference) -> Option<&KnownField> {
        self.0.get(&reference)
    }

    /// Keeps a node.
    pub fn keep(&mut self, field: KnownField) {
        let reference = field.field.reference;
        if self.0.len() < MOST_FIELDS || self.0.contains_key(&reference) {
            self.0.insert(reference, field);
        }
    }
}

/// Own choice: the objects of a file that a thousand signed, and a fraction of what a document may take in memory.
const MOST_KEPT: usize = 16 << 20;

/// Own choice: the largest forms have some thousand.
const MOST_FIELDS: usize = 10_000;

/// A value of its own, or a key.
const ONE: usize = 32;

/// What looking something up costs: half of reading it.
pub(super) const AGAIN: usize = super::window::EACH / 2;

/// Copying a value takes about so much less than reading it.
const COPIED: u64 = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::object::{Dictionary, Name, PdfString};

    const FIRST: Reference = Reference {
        number: 1,
        generation: 0,
    };

    fn text(length: usize) -> Indirect {
        Indirect {
            reference: FIRST,
            object: Object::String(Box::new(PdfString {
                bytes: vec![0; length],
                hexadecimal: true,
                extent: None,
            })),
            extent: 0..1,
        }
    }

    #[test]
    fn an_object_is_known_by_its_offset_and_its_reference() {
        let mut objects = Objects::default();
        objects.keep(9, &text(1));
        assert!(objects.at(9, FIRST).is_some());
        assert!(objects.at(8, FIRST).is_none());
        assert!(objects.at(9, Reference::new(2)).is_none());
    }

    #[test]
    fn a_stream_that_ends_where_another_object_says_is_not_kept() {
        let stream = |length| {
            let mut dictionary = Dictionary::default();
            dictionary.push(Name::new(b"Length"), length);
            Indirect {
                object: Object::Stream(Box::new(Stream {
                    dictionary,
                    extent: 0..1,
                    owner: FIRST,
                })),
                ..text(0)
            }
        };
        let mut objects = Objects::default();
        objects.keep(1, &stream(Object::Integer(1)));
        objects.keep(2, &stream(Object::Reference(Reference::new(2))));
        assert!(objects.at(1, FIRST).is_some());
        assert!(objects.at(2, FIRST).is_none());
    }

    #[test]
    fn what_is_kept_stays_within_its_bound() {
        let mut objects = Objects::default();
        objects.keep(1, &text(MOST_KEPT - ONE));
        assert_eq!(objects.held, MOST_KEPT);
        assert!(objects.at(1, FIRST).is_some());
        objects.keep(2, &text(MOST_KEPT));
        assert!(objects.at(2, FIRST).is_none(), "larger than all that is kept");
        objects.keep(3, &text(1));
        assert!(objects.at(1, FIRST).is_none(), "forgotten for the newer one");
        assert!(objects.at(3, FIRST).is_some());
    }

    #[test]
    fn fields_are_kept_up_to_their_bound() {
        let field = |number| KnownField {
            above: (String::new(), FieldKind::Unknown),
            read: Vec::new(),
            field: Arc::new(Field {
                name: String::new(),
                kind: FieldKind::Text,
                reference: Reference::new(number),
                dictionary: Dictionary::default(),
                widgets: Vec::new(),
                groups: false,
            }),
            kids: Arc::from([]),
        };
        let mut fields = Fields::default();
        let most = u32::try_from(MOST_FIELDS).unwrap();
        for number in 0..most {
            fields.keep(field(number));
        }
        assert!(fields.of(Reference::new(most - 1)).is_some());
        fields.keep(field(most));
        assert!(fields.of(Reference::new(most)).is_none());
    }
}
