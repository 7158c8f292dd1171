//! What widgets and marks show: their normal appearance (ISO 32000-2 §12.5.5), judged by its operators; and whether
//! readers show that, or draw fields anew by their values.

use super::step::Step;
use crate::pdf::error::ReadError;
use crate::pdf::form::FieldKind;
use crate::pdf::object::{Dictionary, Object, Stream};

impl Step<'_> {
    /// The normal appearance of an annotation as a revision shows it: of several, that of its state.
    pub fn appearance(&self, revision: usize, annotation: &Dictionary) -> Result<Option<Stream>, ReadError> {
        let all = self.document.value_in(revision, annotation, b"AP")?;
        let Some(all) = all.as_dictionary() else {
            return Ok(None);
        };
        match self.document.value_in(revision, all, b"N")? {
            Object::Stream(normal) => Ok(Some(*normal)),
            Object::Dictionary(states) => {
                let state = self.document.value_in(revision, annotation, b"AS")?;
                let state = self
                    .document
                    .value_in(revision, &states, state.as_name().unwrap_or(b"Off"))?;
                Ok(state.as_stream().cloned())
            }
            _ => Ok(None),
        }
    }

    /// Whether an appearance has one of these operators, itself or in a form that it draws; one that cannot be
    /// decoded may have any.
    pub fn has_operator(
        &self,
        revision: usize,
        appearance: &Stream,
        operators: &[&[u8]],
    ) -> Result<bool, ReadError> {
        let mut waiting = vec![appearance.clone()];
        for _ in 0..MOST_FORMS {
            let Some(form) = waiting.pop() else {
                return Ok(false);
            };
            let drawn = self.document.decode_in(revision, &form)?;
            if !drawn.remaining.is_empty() || mentions(&drawn.bytes, operators) {
                return Ok(true);
            }
            if !mentions(&drawn.bytes, &[b"Do"]) {
                continue;
            }
            let resources = self.document.value_in(revision, &form.dictionary, b"Resources")?;
            let Some(resources) = resources.as_dictionary() else {
                return Ok(true);
            };
            let external = self.document.value_in(revision, resources, b"XObject")?;
            for (_, object) in external.as_dictionary().into_iter().flat_map(Dictionary::iter) {
                match self.document.resolve_in(revision, object)? {
                    Object::Stream(inner) if inner.dictionary.name(b"Subtype") == Some(b"Form") => {
                        waiting.push(*inner);
                    }
                    _ => return Ok(true),
                }
            }
        }
        Ok(true)
    }

    /// §12.7.3: readers draw fields anew by their values where the form asks for it, and what their appearances say is
    /// not seen. So where something is filled in, asking for it or no longer may show what nobody saw.
    pub fn drawn_alike(&self, old: Option<&Object>, new: Option<&Object>) -> Result<bool, ReadError> {
        let asks = |revision, value: Option<&Object>| -> Result<bool, ReadError> {
            let value = value.map_or(Ok(Object::Null), |v| self.document.resolve_in(revision, v))?;
            Ok(matches!(value, Object::Boolean(true)))
        };
        let (was, is) = (asks(self.before, old)?, asks(self.after, new)?);
        Ok(was == is || was && !self.has_filled()?)
    }

    /// Whether a field that is no signature has a value.
    fn has_filled(&self) -> Result<bool, ReadError> {
        let fields = self.document.fields_in(self.before)?;
        let mut others = fields.iter().filter(|f| f.kind != FieldKind::Signature);
        Ok(others.any(|f| f.dictionary.contains(b"V")))
    }

    /// Whether there are fields that a default of the form gives its looks.
    pub fn has_texts(&self) -> Result<bool, ReadError> {
        let fields = self.document.fields_in(self.before)?;
        Ok(fields
            .iter()
            .any(|f| matches!(f.kind, FieldKind::Text | FieldKind::Choice)))
    }
}

/// By its words, so a string that looks like an operator counts too.
fn mentions(content: &[u8], operators: &[&[u8]]) -> bool {
    content
        .split(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'\'' | b'"' | b'*'))
        .any(|word| operators.contains(&word))
}

/// Operators that show text, shadings and pictures (§9.4.3, §8.7.4.2, §8.9.7).
pub(super) const WRITING: &[&[u8]] = &[b"Tj", b"TJ", b"'", b"\"", b"sh", b"BI"];

/// Operators that fill areas, with colours, shadings and pictures (§8.5.3.1).
pub(super) const FILLING: &[&[u8]] = &[b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"sh", b"BI"];

/// Forms that an appearance draws. Own choice: writers nest two or three.
const MOST_FORMS: usize = 16;
