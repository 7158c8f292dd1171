//! What a signature lets later revisions do: certification (ISO 32000-2 §12.8.2.2, DocMDP) and locked
//! fields (§12.8.2.4, FieldMDP).

use super::find::Found;
use crate::changes::{Change, Level};
use crate::pdf::document::Document;
use crate::pdf::error::ReadError;
use crate::pdf::object::{Dictionary, Object};

/// What a signature permits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Permissions {
    /// `/P` of a certification: 1 nothing, 2 forms and signatures, 3 annotations too.
    pub certification: Option<u8>,
    /// `/P` of the lock dictionary of the field that was signed (§12.7.5.5 table 236), on the same scale.
    locked_to: Option<u8>,
    locks: Vec<Lock>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Lock {
    All,
    Include(Vec<String>),
    Exclude(Vec<String>),
}

impl Permissions {
    /// Reads the signature references, and the lock dictionary of the field that holds the signature: whoever signs
    /// copies it there, or should have. What cannot be understood permits nothing.
    pub fn of(document: &Document, revision: usize, found: &Found) -> Result<Self, ReadError> {
        let mut permissions = Self::default();
        let references = document.value_in(revision, &found.dictionary, b"Reference")?;
        for reference in references.as_array().unwrap_or_default() {
            let reference = document.resolve_in(revision, reference)?;
            let Some(reference) = reference.as_dictionary() else {
                continue;
            };
            let parameters = document.value_in(revision, reference, b"TransformParams")?;
            let parameters = parameters.as_dictionary().cloned().unwrap_or_default();
            match document
                .value_in(revision, reference, b"TransformMethod")?
                .as_name()
            {
                Some(b"DocMDP") => {
                    let level = level(document, revision, &parameters)?.unwrap_or(2);
                    // Of several, the strictest.
                    permissions.certification =
                        Some(permissions.certification.map_or(level, |c| c.min(level)));
                }
                Some(b"FieldMDP") => permissions.locks.push(lock(document, revision, &parameters)?),
                _ => {}
            }
        }
        let own = document.resolve_in(revision, &found.lock)?;
        if let Some(own) = own.as_dictionary() {
            permissions.locked_to = level(document, revision, own)?;
            permissions.locks.push(lock(document, revision, own)?);
        }
        Ok(permissions)
    }

    /// How far changes may go.
    fn most(&self) -> Level {
        let of = |level| match level {
            1 => Level::LongTerm,
            3 => Level::Annotate,
            _ => Level::FormFill,
        };
        let most = self.certification.map_or(Level::FormFill, of);
        self.locked_to.map_or(most, |level| most.min(of(level)))
    }

    /// The stable code of the rule that a change breaks; none if it is permitted.
    pub fn broken_by(&self, change: &Change) -> Option<&'static str> {
        if change.level == Level::Other {
            return Some("changed_after_signing");
        }
        if change.level > self.most() || self.certification.is_some() && change.kind == "visible_signature" {
            return Some(if self.certification.is_some() || self.locked_to.is_some() {
                "docmdp_violated"
            } else {
                "changed_after_signing"
            });
        }
        // Only a certification says that what was filled in may be replaced.
        if change.kind == "form_overwrite" && self.certification.is_none() {
            return Some("form_overwritten");
        }
        let locked = change
            .field
            .as_deref()
            .is_some_and(|name| self.locks.iter().any(|l| l.holds(name)));
        (locked && change.level == Level::FormFill).then_some("field_locked")
    }
}

impl Lock {
    fn holds(&self, name: &str) -> bool {
        let under = |listed: &String| {
            name.strip_prefix(listed.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        match self {
            Self::All => true,
            Self::Include(names) => names.iter().any(under),
            Self::Exclude(names) => !names.iter().any(under),
        }
    }
}

/// `/P`: 1, 2 or 3; none if it is not there.
fn level(document: &Document, revision: usize, of: &Dictionary) -> Result<Option<u8>, ReadError> {
    Ok(match document.value_in(revision, of, b"P")? {
        Object::Null => None,
        Object::Integer(2) => Some(2),
        Object::Integer(3) => Some(3),
        _ => Some(1),
    })
}

fn lock(document: &Document, revision: usize, parameters: &Dictionary) -> Result<Lock, ReadError> {
    let names = document.value_in(revision, parameters, b"Fields")?;
    let names = names.as_array().unwrap_or_default();
    let names: Vec<String> = names
        .iter()
        .filter_map(|n| n.as_string())
        .map(|s| s.to_text())
        .collect();
    Ok(match parameters.name(b"Action") {
        Some(b"Include") => Lock::Include(names),
        Some(b"Exclude") => Lock::Exclude(names),
        _ => Lock::All,
    })
}
