//! What a signature lets later revisions do: certification (ISO 32000-2 §12.8.2.2, DocMDP) and locked
//! fields (§12.8.2.4, FieldMDP).

use crate::changes::{Change, Level};
use crate::pdf::document::Document;
use crate::pdf::error::ReadError;
use crate::pdf::object::{Dictionary, Object};

/// What a signature permits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Permissions {
    /// `/P` of a certification: 1 nothing, 2 forms and signatures, 3 annotations too.
    pub certification: Option<u8>,
    locks: Vec<Lock>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Lock {
    All,
    Include(Vec<String>),
    Exclude(Vec<String>),
}

impl Permissions {
    /// Reads the signature references. What cannot be understood permits nothing.
    pub fn of(document: &Document, revision: usize, signature: &Dictionary) -> Result<Self, ReadError> {
        let mut permissions = Self::default();
        let references = document.value_in(revision, signature, b"Reference")?;
        for reference in references.as_array().unwrap_or_default() {
            let reference = document.resolve_in(revision, reference)?;
            let Some(reference) = reference.as_dictionary() else {
                continue;
            };
            let parameters = document.value_in(revision, reference, b"TransformParams")?;
            let parameters = parameters.as_dictionary().cloned().unwrap_or_default();
            match reference.name(b"TransformMethod") {
                Some(b"DocMDP") => {
                    let level = match document.value_in(revision, &parameters, b"P")? {
                        Object::Null => 2,
                        Object::Integer(2) => 2,
                        Object::Integer(3) => 3,
                        _ => 1,
                    };
                    permissions.certification = Some(level);
                }
                Some(b"FieldMDP") => permissions.locks.push(lock(document, revision, &parameters)?),
                _ => {}
            }
        }
        Ok(permissions)
    }

    /// The stable code of the rule that a change breaks; none if it is permitted.
    pub fn broken_by(&self, change: &Change) -> Option<&'static str> {
        if change.level == Level::Other {
            return Some("changed_after_signing");
        }
        let most = match self.certification {
            Some(1) => Level::LongTerm,
            Some(3) => Level::Annotate,
            _ => Level::FormFill,
        };
        if change.level > most || self.certification.is_some() && change.kind == "visible_signature" {
            return Some(if self.certification.is_some() {
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
