//! Changes of the interactive form: values filled in, signature fields added and signed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Level;
use super::additive::DEPTH;
use super::appearance::WRITING;
use super::step::{Difference, Step};
use crate::pdf::error::ReadError;
use crate::pdf::form::{Field, FieldKind};
use crate::pdf::object::{Dictionary, Object, Reference};

impl Step<'_> {
    /// §12.7.3, key by key; then every field.
    pub fn form(&mut self, owner: u32, old: Option<&Object>, new: Option<&Object>) -> Result<(), ReadError> {
        let at = new.and_then(Object::as_reference);
        let (was, is) = self.slot(owner, old, new)?;
        let owner = at.map_or(owner, |r| r.number);
        let nothing = Dictionary::default();
        let (was, is) = match (&was, &is) {
            (Object::Null, Object::Null) => return Ok(()),
            (Object::Null, Object::Dictionary(is)) => (&nothing, is),
            (Object::Dictionary(was), Object::Dictionary(is)) => (was, is),
            _ => {
                self.report(Level::Other, "form", at);
                return Ok(());
            }
        };
        for (key, old, new) in was.beside(is) {
            let fine = match key {
                b"Fields" => self.kept(owner, old, new)?,
                b"SigFlags" => flags_grown(old, new),
                b"DR" => {
                    let null = Object::Null;
                    self.grown(owner, old.unwrap_or(&null), new.unwrap_or(&null), DEPTH)?
                }
                b"NeedAppearances" => self.drawn_alike(old, new)?,
                b"DA" | b"Q" => old == new || old.is_none() && !self.has_texts()?,
                _ => old == new,
            };
            if !fine {
                let kind = if key == b"Fields" {
                    "fields_removed"
                } else {
                    "form"
                };
                self.report(Level::Other, kind, at);
            }
        }
        self.fields()
    }

    /// Whether an array of references still has all it had, in the same order.
    pub fn kept(
        &mut self,
        owner: u32,
        old: Option<&Object>,
        new: Option<&Object>,
    ) -> Result<bool, ReadError> {
        let (was, is) = self.slot(owner, old, new)?;
        let (Some(was), Some(is)) = (list(&was), list(&is)) else {
            return Ok(false);
        };
        let mut rest = is.iter();
        Ok(was.iter().all(|element| rest.any(|e| e == element)))
    }

    fn fields(&mut self) -> Result<(), ReadError> {
        let old = self.known.fields_before(self.document, self.before)?;
        let new = self.document.field_nodes_in(self.after)?;
        let known: HashMap<Reference, &Arc<Field>> = old.iter().map(|f| (f.reference, f)).collect();
        let names: HashSet<&str> = old.iter().map(|f| f.name.as_str()).collect();
        let mut values = HashSet::new();
        for field in &new {
            let value = field.dictionary.reference(b"V");
            if field.kind == FieldKind::Signature && value.is_some_and(|v| !values.insert(v)) {
                // One signature cannot speak for two fields.
                self.report(Level::Other, "signature_reused", value).field = Some(field.name.clone());
            }
            if let Some(was) = known.get(&field.reference) {
                if !self.untouched(was, field)? {
                    self.known_field(was, field)?;
                }
            } else {
                self.new_field(field, names.contains(field.name.as_str()))?;
            }
        }
        let still: HashSet<Reference> = new.iter().map(|f| f.reference).collect();
        for gone in old.iter().filter(|f| !still.contains(&f.reference)) {
            self.report(Level::Other, "fields_removed", Some(gone.reference))
                .field = Some(gone.name.clone());
        }
        self.known.keep_fields(self.after, new);
        Ok(())
    }

    /// A field that was there: filled in or signed. Groups of fields stay as they are.
    fn known_field(&mut self, was: &Field, is: &Field) -> Result<(), ReadError> {
        if was.kind != is.kind || was.name != is.name {
            self.report(Level::Other, "field", Some(is.reference)).field = Some(is.name.clone());
            return Ok(());
        }
        let kids = (was.dictionary.get(b"Kids"), is.dictionary.get(b"Kids"));
        if kids.0 != kids.1 || was.widgets != is.widgets || was.groups != is.groups {
            self.report(Level::Other, "field", Some(is.reference)).field = Some(is.name.clone());
            return Ok(());
        }
        let signed_before = was.dictionary.contains(b"V");
        let mut touched = false;
        let before = self.changes.len();
        touched |= self.node(is, is.reference, (&was.dictionary, &is.dictionary), signed_before)?;
        for widget in is.widgets.iter().filter(|w| **w != is.reference) {
            let (old, new) = (Object::Reference(*widget), Object::Reference(*widget));
            let (was, now) = (
                self.document.resolve_in(self.before, &old)?,
                self.document.resolve_in(self.after, &new)?,
            );
            if let (Some(was), Some(now)) = (was.as_dictionary(), now.as_dictionary()) {
                touched |= self.node(is, *widget, (was, now), signed_before)?;
            }
        }
        if touched && self.changes.len() == before && self.turns_opaque(is)? {
            self.report(Level::Other, "covering_widget", Some(is.reference))
                .field = Some(is.name.clone());
        }
        if touched && self.changes.len() == before {
            let signed = !was.dictionary.contains(b"V") && is.dictionary.contains(b"V");
            let signature = is.kind == FieldKind::Signature;
            let (level, kind) = match (signature, signed) {
                (true, true) => match self.kind_of_signature(is)? {
                    (_, "document_timestamp") if self.is_seen(is)? => SEEN_TIMESTAMP,
                    other => other,
                },
                (true, false) => (Level::FormFill, "signature_field"),
                (false, _) if self.showed(was)? => (Level::FormFill, "form_overwrite"),
                (false, _) => (Level::FormFill, "form_fill"),
            };
            if signature && signed {
                for widget in &is.widgets {
                    self.new_widgets.insert(*widget);
                }
            }
            let change = self.report(level, kind, Some(is.reference));
            change.field = Some(is.name.clone());
            change.is_signature = signature && signed;
        }
        Ok(())
    }

    /// Whether a field showed something already: then filling it in replaces what the signer saw.
    fn showed(&self, field: &Field) -> Result<bool, ReadError> {
        let value = self.document.value_in(self.before, &field.dictionary, b"V")?;
        let filled = match &value {
            Object::String(text) => !text.bytes.is_empty(),
            Object::Name(state) => state.as_bytes() != b"Off",
            Object::Array(choices) => !choices.is_empty(),
            other => !other.is_null(),
        };
        if filled {
            return Ok(true);
        }
        for widget in &field.widgets {
            let about = self.document.get_in(self.before, *widget)?;
            let Some(about) = about.as_dictionary() else {
                continue;
            };
            if let Some(shown) = self.appearance(self.before, about)?
                && self.has_operator(self.before, &shown, WRITING)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// One dictionary of a field: the field itself or a widget. True when something changed.
    fn node(
        &mut self,
        field: &Field,
        at: Reference,
        (was, is): (&Dictionary, &Dictionary),
        field_was_signed: bool,
    ) -> Result<bool, ReadError> {
        let mut touched = self.difference(at).is_some();
        let signature = field.kind == FieldKind::Signature;
        // What shows a signature changes no more once it is there.
        let open = !signature || !field_was_signed;
        let may_fill = field.kind != FieldKind::Unknown && !field.groups && open;
        for (key, old, new) in was.beside(is) {
            let followed = matches!(key, b"V" | b"AP" | b"I");
            let leads_to_change = followed && self.leads_to_change(old, new)?;
            if old == new && !leads_to_change {
                continue;
            }
            let fine = match key {
                b"V" if signature => may_fill && self.is_fresh(new) && self.value(at, old, new)?,
                b"V" | b"AP" | b"I" if may_fill => self.value(at, old, new)?,
                b"AS" | b"M" => may_fill,
                // Signing a prepared field may print and lock it.
                b"F" => signature && may_fill,
                b"Type" => old.is_none() && new.and_then(Object::as_name) == Some(b"Annot"),
                _ => false,
            };
            touched = true;
            if !fine {
                self.report(Level::Other, "field", Some(at)).field = Some(field.name.clone());
            }
        }
        self.explain(at);
        Ok(touched)
    }

    /// Whether a value or an appearance refers, directly or by its dictionary, to an object that differs.
    fn leads_to_change(&self, old: Option<&Object>, new: Option<&Object>) -> Result<bool, ReadError> {
        Ok(self
            .near(old, new)?
            .into_iter()
            .any(|to| self.difference(to).is_some()))
    }

    /// What a value or an appearance refers to, itself or by its plain dictionaries.
    pub fn near(&self, old: Option<&Object>, new: Option<&Object>) -> Result<Vec<Reference>, ReadError> {
        let mut found = Vec::new();
        for (value, revision) in [(old, self.before), (new, self.after)] {
            let Some(value) = value else { continue };
            let mut here = Vec::new();
            super::references::visit(value, &mut |to| here.push(to));
            for to in here {
                found.push(to);
                let inner = self.document.get_in(revision, to)?;
                if matches!(&inner, Object::Dictionary(d) if !d.contains(b"ByteRange")) {
                    super::references::visit(&inner, &mut |to| found.push(to));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// A signature that this revision writes, not one that was lying about.
    fn is_fresh(&self, value: Option<&Object>) -> bool {
        let reference = value.and_then(Object::as_reference);
        reference.is_some_and(|r| self.difference(r) == Some(Difference::New))
    }

    /// A new value or appearance. Objects written over must serve this field alone.
    fn value(
        &mut self,
        at: Reference,
        old: Option<&Object>,
        new: Option<&Object>,
    ) -> Result<bool, ReadError> {
        if !self.only_from(old, &[at.number]) {
            return Ok(false);
        }
        let replaced = self.near(old, new)?;
        let mut own = vec![at.number];
        own.extend(replaced.iter().map(|r| r.number));
        for to in replaced {
            if self.difference(to) == Some(Difference::Replaced) {
                if !self.only_from(Some(&Object::Reference(to)), &own) {
                    return Ok(false);
                }
                self.explain(to);
                let now = self.document.get_in(self.after, to)?;
                if !self.closure(&now)? {
                    return Ok(false);
                }
            }
        }
        new.map_or(Ok(true), |new| self.closure(new))
    }

    /// A field that was not there: only signature fields, and nodes that group them.
    fn new_field(&mut self, field: &Field, name_taken: bool) -> Result<(), ReadError> {
        let at = field.reference;
        if self.difference(at) != Some(Difference::New) {
            self.report(Level::Other, "new_field", Some(at)).field = Some(field.name.clone());
            return Ok(());
        }
        self.explain(at);
        let is_sig = field.kind == FieldKind::Signature;
        let fresh = field.dictionary.get(b"V").is_none_or(|v| self.is_fresh(Some(v)));
        if name_taken || !is_sig || field.groups || !fresh {
            self.report(Level::Other, "new_field", Some(at)).field = Some(field.name.clone());
            return Ok(());
        }
        let mut passive = true;
        self.slot(at.number, None, field.dictionary.get(b"Kids"))?;
        for key in ["V", "AP", "Lock", "SV", "MK", "DR"] {
            if let Some(value) = field.dictionary.get(key.as_bytes()) {
                passive &= self.closure(value)?;
            }
        }
        passive &= !field.dictionary.contains(b"AA") && !field.dictionary.contains(b"A");
        let mut visible = false;
        for widget in &field.widgets {
            let Object::Dictionary(about) = self.document.get_in(self.after, *widget)? else {
                continue;
            };
            if *widget != at && self.difference(*widget) != Some(Difference::New) {
                self.report(Level::Other, "new_field", Some(*widget)).field = Some(field.name.clone());
                continue;
            }
            self.explain(*widget);
            self.new_widgets.insert(*widget);
            passive &= self.closure(&Object::Dictionary(about.without(&[b"P", b"Parent"])))?;
            visible |= self.seen(&about)?.is_some();
        }
        let (level, kind) = if field.groups {
            (Level::FormFill, "field_group")
        } else {
            self.kind_of_signature(field)?
        };
        let signed = is_sig && field.dictionary.contains(b"V");
        let (level, kind) = match () {
            () if !passive => (Level::Other, "action"),
            // An appearance that nobody signed would put anything on the page.
            () if visible && !signed && self.has_appearance(field)? => (Level::Other, "unsigned_appearance"),
            () if visible && kind == "document_timestamp" => SEEN_TIMESTAMP,
            () => (level, kind),
        };
        // A certification may allow to sign, but not to put something new on a page.
        let kind = if kind == "signature" && visible {
            "visible_signature"
        } else {
            kind
        };
        let change = self.report(level, kind, Some(at));
        change.field = Some(field.name.clone());
        change.is_signature = signed && level < Level::Other;
        Ok(())
    }

    fn has_appearance(&self, field: &Field) -> Result<bool, ReadError> {
        for widget in &field.widgets {
            let about = self.document.get_in(self.after, *widget)?;
            if about
                .as_dictionary()
                .is_some_and(|d| d.contains(b"AP") || d.contains(b"MK"))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a field is seen on a page.
    fn is_seen(&self, field: &Field) -> Result<bool, ReadError> {
        for widget in &field.widgets {
            let about = self.document.get_in(self.after, *widget)?;
            if let Some(about) = about.as_dictionary()
                && self.seen(about)?.is_some()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn kind_of_signature(&self, field: &Field) -> Result<(Level, &'static str), ReadError> {
        let value = self.document.value_in(self.after, &field.dictionary, b"V")?;
        Ok(match value.as_dictionary() {
            None => (Level::FormFill, "signature_field"),
            Some(value) if value.name(b"SubFilter") == Some(b"ETSI.RFC3161") => {
                (Level::LongTerm, "document_timestamp")
            }
            Some(_) => (Level::FormFill, "signature"),
        })
    }
}

/// Anybody gets a timestamp from an authority that everybody trusts: nobody answers for what it shows.
const SEEN_TIMESTAMP: (Level, &str) = (Level::Other, "unsigned_appearance");

/// An array; nothing is an empty one.
fn list(object: &Object) -> Option<&[Object]> {
    if object.is_null() {
        Some(&[])
    } else {
        object.as_array()
    }
}

/// §12.7.3: signatures exist, append only; bits are never taken back.
fn flags_grown(old: Option<&Object>, new: Option<&Object>) -> bool {
    let bits = |o: Option<&Object>| o.map_or(Some(0), Object::as_integer);
    match (bits(old), bits(new)) {
        (Some(old), Some(new)) => old & !new == 0,
        _ => false,
    }
}
