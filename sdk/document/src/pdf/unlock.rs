//! A password and a document → the key to its strings and streams (ISO 32000-2 §7.6.2).

use super::document::Document;
use super::encryption::Encryption;
use super::error::ReadError;
use super::object::{Dictionary, Object};

impl Document {
    /// §7.6.2: one encryption dictionary and one identifier for all revisions, or there is no telling what a
    /// reader would see.
    pub(crate) fn unlock(&self, password: Option<&str>) -> Result<Option<Encryption>, ReadError> {
        let last = self.last();
        let trailer = self.trailer();
        let stated = trailer.get(b"Encrypt").unwrap_or(&Object::Null);
        let identifier = self.value_in(last, trailer, b"ID")?;
        let entry = |revision| Some(self.entry_in(revision, stated.as_reference()?.number));
        for (number, revision) in self.revisions().iter().enumerate() {
            let first = |id: &Object| id.as_array().and_then(<[_]>::first).cloned();
            let own = self.value_in(number, &revision.trailer, b"ID")?;
            if revision.trailer.get(b"Encrypt") != Some(stated)
                || entry(number) != entry(last)
                || first(&own) != first(&identifier)
            {
                return Ok(None);
            }
        }
        let Object::Dictionary(stated) = self.resolve(stated)? else {
            return Ok(None);
        };
        let mut dictionary = Dictionary::default();
        for (name, value) in stated.into_entries() {
            let value = self.resolve(&value)?;
            if !value.is_null() {
                dictionary.push(name, value);
            }
        }
        let id = identifier.as_array().and_then(<[_]>::first);
        let id = id
            .and_then(Object::as_string)
            .map_or(Vec::new(), |s| s.bytes.clone());
        let with = |password| Encryption::open(&dictionary, id.clone(), password);
        Ok(with("").or_else(|| with(password?)))
    }
}
