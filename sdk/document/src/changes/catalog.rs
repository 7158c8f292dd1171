//! Changes of the trailer and the catalogue, key by key (ISO 32000-2 §7.5.5, §7.7.2).

use super::Level;
use super::references::TRAILER;
use super::step::{Difference, Step};
use crate::pdf::error::ReadError;
use crate::pdf::object::{Dictionary, Object, Reference};

impl Step<'_> {
    /// §7.5.5: the catalogue, encryption and the permanent identifier stay.
    pub fn trailer(&mut self) -> Result<(), ReadError> {
        let document = self.document;
        let (old, new) = (
            &document.revision(self.before)?.trailer,
            &document.revision(self.after)?.trailer,
        );
        for (key, kind) in [(&b"Root"[..], "catalog_exchanged"), (b"Encrypt", "encryption")] {
            if old.get(key) != new.get(key) {
                self.report(Level::Other, kind, new.reference(key));
            }
        }
        let identifier = |t: &Dictionary| {
            t.get(b"ID")
                .and_then(|i| i.as_array())
                .and_then(|i| i.first().cloned())
        };
        if identifier(old).is_some() && identifier(old) != identifier(new) {
            // Only encryption depends on it.
            let level = if self.document.encrypted() {
                Level::Other
            } else {
                Level::LongTerm
            };
            self.report(level, "file_identifier", None);
        }
        let changed = old.get(b"Info") != new.get(b"Info")
            || new
                .reference(b"Info")
                .is_some_and(|i| self.difference(i).is_some());
        if changed && !self.only_from(new.get(b"Info"), &[TRAILER]) {
            self.report(Level::Other, "metadata", new.reference(b"Info"));
        } else if changed {
            let (_, info) = self.slot(TRAILER, old.get(b"Info"), new.get(b"Info"))?;
            let flat = info
                .as_dictionary()
                .is_none_or(|d| d.iter().all(|(_, v)| v.as_dictionary().is_none()));
            let passive = self.closure(&info)?;
            let level = if flat && passive {
                Level::LongTerm
            } else {
                Level::Other
            };
            self.report(level, "metadata", new.reference(b"Info"));
        }
        Ok(())
    }

    /// §7.7.2, key by key.
    pub fn catalog(&mut self) -> Result<(), ReadError> {
        let document = self.document;
        let root = document.revision(self.after)?.root();
        if root != document.revision(self.before)?.root() {
            return Ok(());
        }
        let Some(root) = root else { return Ok(()) };
        let (old, new) = (
            document.catalog_in(self.before)?,
            document.catalog_in(self.after)?,
        );
        for (key, was, is) in old.beside(&new) {
            match key {
                b"AcroForm" => self.form(root.number, was, is)?,
                b"DSS" => self.evidence(root.number, was, is, "dss")?,
                b"Extensions" => self.evidence(root.number, was, is, "extensions")?,
                b"Version" if was != is => {
                    self.report(Level::LongTerm, "version", Some(root));
                }
                b"Metadata" => self.metadata(root, was, is)?,
                _ if was != is => {
                    self.report(Level::Other, "catalog", Some(root));
                }
                _ => {}
            }
        }
        self.explain(root);
        Ok(())
    }

    /// Whether two values are the same, references followed one step.
    pub fn alike(&self, old: Option<&Object>, new: Option<&Object>) -> Result<bool, ReadError> {
        let changed = |o: Option<&Object>| o.and_then(Object::as_reference).and_then(|r| self.difference(r));
        if changed(old).is_some() || changed(new) == Some(Difference::Replaced) {
            return Ok(false);
        }
        let was = old.map_or(Ok(Object::Null), |o| self.document.resolve_in(self.before, o))?;
        let is = new.map_or(Ok(Object::Null), |o| self.document.resolve_in(self.after, o))?;
        let (Some(was), Some(is)) = (was.as_dictionary(), is.as_dictionary()) else {
            return Ok(was == is);
        };
        let mut alike = was.len() == is.len();
        for (_, old, new) in was.beside(is) {
            let (Some(old), Some(new)) = (old, new) else {
                return Ok(false);
            };
            alike &=
                self.document.resolve_in(self.before, old)? == self.document.resolve_in(self.after, new)?;
        }
        Ok(alike)
    }

    fn metadata(
        &mut self,
        root: Reference,
        old: Option<&Object>,
        new: Option<&Object>,
    ) -> Result<(), ReadError> {
        let differs = |o: Option<&Object>| o.and_then(Object::as_reference).and_then(|r| self.difference(r));
        let replaced = differs(new).is_some();
        if old == new && !replaced {
            return Ok(());
        }
        if !self.only_from(new, &[root.number]) || new.is_none() {
            self.report(Level::Other, "metadata", None);
            return Ok(());
        }
        let (_, is) = self.slot(root.number, old, new)?;
        let plain = match is.as_stream() {
            Some(s) if s.dictionary.name(b"Type") == Some(b"Metadata") => {
                is_markup(&self.document.decode_in(self.after, s)?.bytes)
            }
            _ => false,
        };
        let level = if plain { Level::LongTerm } else { Level::Other };
        self.report(level, "metadata", new.and_then(Object::as_reference));
        Ok(())
    }
}

/// XMP is XML, which begins and ends with a tag.
fn is_markup(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes)
        .unwrap_or_default()
        .trim_matches(['\u{feff}', '\0'])
        .trim();
    text.starts_with('<') && text.ends_with('>')
}
