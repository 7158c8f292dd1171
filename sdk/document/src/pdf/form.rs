//! The interactive form (ISO 32000-2 §12.7): every node of the field tree, bounded, loops refused.

use std::collections::HashSet;
use std::sync::Arc;

use super::document::Document;
use super::error::{Code, ReadError};
use super::object::{Dictionary, Object, Reference};
use super::remembered::{AGAIN, KnownField, held};

/// What a field holds (§12.7.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// `/Sig`
    Signature,
    /// `/Tx`
    Text,
    /// `/Btn`
    Button,
    /// `/Ch`
    Choice,
    /// Something else, or a node that only groups others.
    Unknown,
}

/// A node of the field tree.
#[derive(Clone, Debug)]
pub struct Field {
    /// The fully qualified name (§12.7.4.2).
    pub name: String,
    /// Its kind, its own or inherited.
    pub kind: FieldKind,
    /// Where it is.
    pub reference: Reference,
    /// What it says itself.
    pub dictionary: Dictionary,
    /// Its widget annotations: itself when merged, or its kids without a name.
    pub widgets: Vec<Reference>,
    /// Has kids that are fields, so is none to fill in itself.
    pub groups: bool,
}

struct Waiting {
    reference: Reference,
    name: String,
    kind: FieldKind,
    depth: usize,
}

impl Document {
    /// Every node of the field tree of a revision, in the order of the tree.
    ///
    /// # Errors
    /// When the tree has loops, is too large, or cannot be read.
    pub fn fields_in(&self, revision: usize) -> Result<Vec<Field>, ReadError> {
        let fields = self.field_nodes_in(revision)?.into_iter();
        Ok(fields.map(Arc::unwrap_or_clone).collect())
    }

    /// As [`Document::fields_in`]. A node that two revisions show alike may be the same one.
    pub(crate) fn field_nodes_in(&self, revision: usize) -> Result<Vec<Arc<Field>>, ReadError> {
        let Some(form) = self.form_in(revision)? else {
            return Ok(Vec::new());
        };
        let roots = self.value_in(revision, &form, b"Fields")?;
        let (mut fields, mut visited) = (Vec::new(), HashSet::new());
        let (mut waiting, mut letters) = (Vec::new(), 0_usize);
        wait(
            &mut waiting,
            roots.as_array().unwrap_or_default(),
            "",
            FieldKind::Unknown,
            0,
        )?;
        while let Some(next) = waiting.pop() {
            if !visited.insert(next.reference) || next.depth > self.window.limits.depth {
                return Err(ReadError::new(Code::Form, 0));
            }
            let Some((field, kids)) = self.node(revision, &next)? else {
                // A field that is gone; the comparison of revisions tells when it went.
                continue;
            };
            wait(
                &mut waiting,
                &kids,
                &field.name,
                field.kind,
                next.depth.saturating_add(1),
            )?;
            letters = letters.saturating_add(field.name.len());
            fields.push(field);
            if letters > MOST_LETTERS {
                return Err(ReadError::new(Code::TooLarge, 0));
            }
            if fields.len().saturating_add(waiting.len()) > MOST_FIELDS {
                return Err(ReadError::new(Code::TooLarge, 0));
            }
        }
        Ok(fields)
    }

    /// One node, and those of its kids that are fields: as it was read for another revision, if this one finds all
    /// that it was read from in the same places.
    fn node(&self, revision: usize, at: &Waiting) -> Result<Option<Node>, ReadError> {
        let Some(remembered) = &self.remembered else {
            return self.read_node(revision, at, &mut Vec::new());
        };
        let known = {
            let fields = held(&remembered.fields);
            let known = fields.of(at.reference).filter(|known| {
                let mut read = known.read.iter();
                (&known.above.0, known.above.1) == (&at.name, at.kind)
                    && read.all(|(number, place)| self.place_in(revision, *number) == *place)
            });
            known.map(|known| {
                (
                    known.read.len(),
                    Arc::clone(&known.field),
                    Arc::clone(&known.kids),
                )
            })
        };
        if let Some((looked_at, field, kids)) = known {
            self.window.spend(looked_at.saturating_mul(AGAIN), 0)?;
            return Ok(Some((field, kids)));
        }
        let mut looked_at = Vec::new();
        let read = self.read_node(revision, at, &mut looked_at)?;
        if let Some((field, kids)) = &read
            && looked_at.len() <= MOST_LOOKED_AT
        {
            let places = looked_at
                .into_iter()
                .map(|number| (number, self.place_in(revision, number)));
            held(&remembered.fields).keep(KnownField {
                above: (at.name.clone(), at.kind),
                read: places.collect(),
                field: Arc::clone(field),
                kids: Arc::clone(kids),
            });
        }
        Ok(read)
    }

    fn read_node(
        &self,
        revision: usize,
        at: &Waiting,
        looked_at: &mut Vec<u32>,
    ) -> Result<Option<Node>, ReadError> {
        looked_at.push(at.reference.number);
        let Object::Dictionary(dictionary) = self.get_in(revision, at.reference)? else {
            return Ok(None);
        };
        let direct = [&b"T"[..], b"FT", b"Kids"].into_iter();
        looked_at.extend(
            direct
                .filter_map(|key| dictionary.reference(key))
                .map(|r| r.number),
        );
        let (field, kids) = self.field(revision, at, dictionary, looked_at)?;
        Ok(Some((Arc::new(field), kids.into())))
    }

    fn field(
        &self,
        revision: usize,
        at: &Waiting,
        dictionary: Dictionary,
        looked_at: &mut Vec<u32>,
    ) -> Result<(Field, Vec<Object>), ReadError> {
        let own = self
            .value_in(revision, &dictionary, b"T")?
            .as_string()
            .map(|s| s.to_text());
        let name = match own {
            Some(own) if at.name.is_empty() => own,
            Some(own) => format!("{}.{own}", at.name),
            None => at.name.clone(),
        };
        let kind = match self.value_in(revision, &dictionary, b"FT")?.as_name() {
            None => at.kind,
            Some(b"Sig") => FieldKind::Signature,
            Some(b"Tx") => FieldKind::Text,
            Some(b"Btn") => FieldKind::Button,
            Some(b"Ch") => FieldKind::Choice,
            Some(_) => FieldKind::Unknown,
        };
        let kids = self.value_in(revision, &dictionary, b"Kids")?;
        let (mut widgets, mut named) = (Vec::new(), Vec::new());
        for kid in kids.as_array().unwrap_or_default() {
            let reference = kid.as_reference().ok_or(ReadError::new(Code::Form, 0))?;
            looked_at.push(reference.number);
            let about = self.get_in(revision, reference)?;
            match about.as_dictionary() {
                Some(d) if d.contains(b"T") => named.push(kid.clone()),
                Some(_) => widgets.push(reference),
                None => {}
            }
        }
        if kids.as_array().is_none_or(<[Object]>::is_empty) && dictionary.contains(b"Rect") {
            widgets.push(at.reference);
        }
        let groups = !named.is_empty();
        Ok((
            Field {
                name,
                kind,
                reference: at.reference,
                dictionary,
                widgets,
                groups,
            },
            named,
        ))
    }
}

/// A node with those of its kids that are fields.
type Node = (Arc<Field>, Arc<[Object]>);

fn wait(
    waiting: &mut Vec<Waiting>,
    references: &[Object],
    name: &str,
    kind: FieldKind,
    depth: usize,
) -> Result<(), ReadError> {
    if name.len() > LONGEST_NAME {
        return Err(ReadError::new(Code::TooLarge, 0));
    }
    for object in references.iter().rev() {
        let reference = object.as_reference().ok_or(ReadError::new(Code::Form, 0))?;
        waiting.push(Waiting {
            reference,
            name: name.to_owned(),
            kind,
            depth,
        });
    }
    Ok(())
}

/// Own choice: the largest forms have some thousand fields.
const MOST_FIELDS: usize = 100_000;

/// A node that was read from more objects is read anew each time. Own choice: a field is shown on a few pages.
const MOST_LOOKED_AT: usize = 32;

/// In all names together. Own choice: 100 for each field.
const MOST_LETTERS: usize = 10_000_000;

/// Own choice, so that names of deep trees do not add up.
const LONGEST_NAME: usize = 4096;
