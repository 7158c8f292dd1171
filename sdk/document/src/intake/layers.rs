//! Layers (ISO 32000-2 §8.11) that are not shown, or not everywhere.

use super::Examination;
use super::reach::Reach;
use crate::pdf::error::ReadError;
use crate::pdf::object::{Dictionary, Object};

impl Examination<'_> {
    pub(super) fn layers(&mut self, reach: &Reach) -> Result<(), ReadError> {
        let last = self.document.last();
        let catalog = self.document.catalog()?;
        let Object::Dictionary(properties) = self.document.value_in(last, &catalog, b"OCProperties")? else {
            return Ok(());
        };
        let all = self.document.value_in(last, &properties, b"OCGs")?;
        let usual = self.document.value_in(last, &properties, b"D")?;
        let usual = usual.as_dictionary().cloned().unwrap_or_default();
        let listed = |list: &Object| list.as_array().unwrap_or_default().to_vec();
        let shown = listed(&self.document.value_in(last, &usual, b"ON")?);
        let mut hidden = listed(&self.document.value_in(last, &usual, b"OFF")?);
        if usual.name(b"BaseState") == Some(b"OFF") {
            hidden.extend(listed(&all).into_iter().filter(|layer| !shown.contains(layer)));
        }
        // §8.11.4.4: what a reader switches by itself, on the screen or on paper.
        let switched = self.document.value_in(last, &usual, b"AS")?;
        if switched.as_array().is_some_and(|events| !events.is_empty()) {
            for layer in listed(&all) {
                if self.off_somewhere(&layer)? {
                    hidden.push(layer);
                }
            }
        }
        for layer in hidden {
            let page = layer.as_reference().and_then(|r| reach.page(r.number));
            self.note("hidden_layer", page);
        }
        Ok(())
    }

    fn off_somewhere(&self, layer: &Object) -> Result<bool, ReadError> {
        let layer = self.document.resolve(layer)?;
        let Some(layer) = layer.as_dictionary() else {
            return Ok(false);
        };
        let usage = self.document.value_in(self.document.last(), layer, b"Usage")?;
        let usage = usage.as_dictionary().cloned().unwrap_or_default();
        for (purpose, state) in STATES {
            let purpose = self.document.value_in(self.document.last(), &usage, purpose)?;
            if purpose.as_dictionary().and_then(|p: &Dictionary| p.name(state)) == Some(b"OFF") {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// §8.11.4.4 table 100.
const STATES: [(&[u8], &[u8]); 2] = [(b"View", b"ViewState"), (b"Print", b"PrintState")];
