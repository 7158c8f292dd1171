//! Writing the values of ISO 32000-2 §7.3, and dictionaries of a document with some keys replaced.

use sdk_document::{Dictionary, Object, Reference};

/// Bytes of an update, with helpers to write values.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A value as another file had it. `None` for a stream, which is never inside another value.
    pub(super) fn object(&mut self, object: &Object) -> Option<()> {
        match object {
            Object::Null => self.text("null"),
            Object::Boolean(value) => self.text(if *value { "true" } else { "false" }),
            Object::Integer(value) => self.text(&value.to_string()),
            Object::Real(value) => self.text(&real(*value)),
            Object::String(value) => self.string(&value.bytes),
            Object::Name(name) => self.name(name.as_bytes()),
            Object::Array(elements) => {
                self.text("[");
                for (element, n) in elements.iter().zip(0_usize..) {
                    if n > 0 {
                        self.text(" ");
                    }
                    self.object(element)?;
                }
                self.text("]");
            }
            Object::Dictionary(dictionary) => self.dictionary(dictionary, &[])?,
            Object::Reference(reference) => self.reference(*reference),
            Object::Stream(_) => return None,
        }
        Some(())
    }

    /// A dictionary, with these keys replaced or added (already written as bytes).
    pub(super) fn dictionary(&mut self, original: &Dictionary, replaced: &[(&str, Vec<u8>)]) -> Option<()> {
        self.text("<<");
        for (key, value) in original.iter() {
            if replaced.iter().any(|(k, _)| k.as_bytes() == key.as_bytes()) {
                continue;
            }
            self.name(key.as_bytes());
            self.text(" ");
            self.object(value)?;
        }
        for (key, value) in replaced {
            self.name(key.as_bytes());
            self.text(" ");
            self.bytes.extend_from_slice(value);
        }
        self.text(">>");
        Some(())
    }

    pub(super) fn reference(&mut self, reference: Reference) {
        self.text(&format!("{} {} R", reference.number, reference.generation));
    }

    /// §7.3.5: regular characters as they are, everything else as `#xx`.
    pub(super) fn name(&mut self, name: &[u8]) {
        self.text("/");
        for byte in name {
            if byte.is_ascii_graphic() && !b"#/%()<>[]{}".contains(byte) {
                self.bytes.push(*byte);
            } else {
                self.text(&format!("#{byte:02X}"));
            }
        }
    }

    /// §7.3.4.3: in hexadecimal, which needs no escapes.
    pub(super) fn string(&mut self, bytes: &[u8]) {
        self.text("<");
        self.text(&data_encoding::HEXUPPER.encode(bytes));
        self.text(">");
    }

    /// A text string (§7.9.2.2): ASCII as it is, anything else as UTF-16.
    pub(super) fn text_string(&mut self, text: &str) {
        if text.is_ascii() {
            self.string(text.as_bytes());
        } else {
            let mut bytes = vec![0xfe, 0xff];
            bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
            self.string(&bytes);
        }
    }
}

/// A value as bytes.
pub(super) fn value(object: &Object) -> Option<Vec<u8>> {
    let mut writer = Writer::default();
    writer.object(object)?;
    Some(writer.bytes)
}

/// An array with one more element.
pub(super) fn array_with(elements: &[Object], added: Reference) -> Option<Vec<u8>> {
    let mut writer = Writer::default();
    writer.text("[");
    for element in elements {
        writer.object(element)?;
        writer.text(" ");
    }
    writer.reference(added);
    writer.text("]");
    Some(writer.bytes)
}

/// §7.3.3: decimal, no exponent. What is not a number becomes 0.
pub(super) fn real(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    format!("{value}")
}

/// A coordinate with three decimals, which is finer than any printer.
pub(super) fn coordinate(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-" || text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped() {
        let mut writer = Writer::default();
        writer.name(b"A#B C/\xf1");
        assert_eq!(writer.bytes, b"/A#23B#20C#2F#F1");
    }

    #[test]
    fn small_numbers_have_no_exponent() {
        assert_eq!(real(1e-7), "0.0000001");
        assert_eq!(coordinate(-0.0001), "0");
        assert_eq!(coordinate(12.500), "12.5");
        assert_eq!(coordinate(100.0), "100");
    }

    #[test]
    fn text_beyond_ascii_is_utf_16() {
        let mut writer = Writer::default();
        writer.text_string("ñ");
        assert_eq!(writer.bytes, b"<FEFF00F1>");
    }
}
