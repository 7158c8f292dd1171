//! What acts (ISO 32000-2 §12.6): scripts, programs started, forms sent, addresses opened without a click.

use super::Examination;
use crate::pdf::error::ReadError;
use crate::pdf::object::{Dictionary, Object};

impl Examination<'_> {
    /// Actions anywhere in an object. A link that a person clicks is none of these.
    pub(super) fn acting(&mut self, object: &Object, page: Option<usize>) {
        match object {
            Object::Array(elements) => elements.iter().for_each(|e| self.acting(e, page)),
            other => {
                let Some(dictionary) = other.as_dictionary() else {
                    return;
                };
                match dictionary.name(b"S") {
                    Some(b"JavaScript") => self.note("script", page),
                    Some(b"Launch") => self.note("launch", page),
                    Some(b"SubmitForm" | b"ImportData") => self.note("submit", page),
                    _ if dictionary.contains(b"JS") => self.note("script", page),
                    _ => {}
                }
                if let Some(Object::Dictionary(events)) = dictionary.get(b"AA") {
                    self.unasked(events, page);
                }
                for (_, value) in dictionary.iter() {
                    self.acting(value, page);
                }
            }
        }
    }

    /// What happens when the document is opened (§7.7.2 `OpenAction`, `AA`).
    pub(super) fn opening(&mut self) -> Result<(), ReadError> {
        let catalog = self.document.catalog()?;
        let last = self.document.last();
        if let Object::Dictionary(action) = self.document.value_in(last, &catalog, b"OpenAction")? {
            self.unasked_action(&action, None);
        }
        if let Object::Dictionary(events) = self.document.value_in(last, &catalog, b"AA")? {
            self.unasked(&events, None);
        }
        Ok(())
    }

    fn unasked(&mut self, events: &Dictionary, page: Option<usize>) {
        for (_, action) in events.iter() {
            let action = self.document.resolve(action).unwrap_or(Object::Null);
            if let Some(action) = action.as_dictionary() {
                self.unasked_action(action, page);
            }
        }
    }

    /// An action that no click asks for. Showing a place in the document is what every reader does.
    fn unasked_action(&mut self, action: &Dictionary, page: Option<usize>) {
        match action.name(b"S") {
            Some(b"GoTo" | b"Named") | None => {}
            Some(b"JavaScript") => self.note("script", page),
            Some(b"Launch") => self.note("launch", page),
            Some(b"SubmitForm" | b"ImportData") => self.note("submit", page),
            Some(b"URI" | b"GoToR" | b"GoToE") => self.note("opens_by_itself", page),
            Some(_) => self.note("acts_by_itself", page),
        }
    }
}
