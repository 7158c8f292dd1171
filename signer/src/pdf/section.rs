//! The end of an update: a cross-reference section of the file's own kind, with its trailer (ISO 32000-2 §7.5.4 to
//! §7.5.8).

use std::collections::BTreeMap;

use sdk_document::{Dictionary, Object, Reference, XrefKind};

use super::append::{CannotAppend, Draft, Request, STREAM_INSIDE};
use super::write::{Writer, value};

impl Draft<'_> {
    /// The catalogue if it changed, then the cross-reference section and the end of the file.
    pub(super) fn finish(mut self, request: &Request<'_>) -> Result<Vec<u8>, CannotAppend> {
        if !self.catalog_replaced.is_empty() {
            let (catalog, replaced) = (
                std::mem::take(&mut self.catalog),
                std::mem::take(&mut self.catalog_replaced),
            );
            let root = self.root;
            self.rewritten(root, &catalog, &replaced)?;
        }
        let newest = self.document.revision(self.document.last())?;
        let previous = newest.startxref;
        let start = match newest.kind {
            XrefKind::Stream => self.cross_reference_stream(previous, request)?,
            XrefKind::Table | XrefKind::Hybrid => self.cross_reference_table(previous, request)?,
        };
        self.writer.text(&format!("startxref\n{start}\n%%EOF\n"));
        Ok(self.writer.bytes)
    }

    /// §7.5.4 and §7.5.5.
    fn cross_reference_table(&mut self, previous: u64, request: &Request<'_>) -> Result<u64, CannotAppend> {
        let start = self.here();
        if start > LARGEST_TABLE_OFFSET {
            return Err(CannotAppend::Structure(
                "the file is too long for a cross-reference table",
            ));
        }
        self.writer.text("xref\n");
        for run in runs(&self.offsets) {
            let first = run.first().map_or(0, |(reference, _)| reference.number);
            self.writer.text(&format!("{first} {}\n", run.len()));
            for (reference, offset) in run {
                self.writer
                    .text(&format!("{offset:010} {:05} n\r\n", reference.generation));
            }
        }
        self.writer.text("trailer\n");
        let keys = self.trailer_keys(previous, self.next, request)?;
        self.trailer_dictionary(&keys)?;
        self.writer.text("\n");
        Ok(start)
    }

    /// §7.5.8. Left without a filter: a few dozen bytes.
    fn cross_reference_stream(&mut self, previous: u64, request: &Request<'_>) -> Result<u64, CannotAppend> {
        let own = self.number();
        let start = self.here();
        self.offsets.insert(own, start);
        let (mut index, mut rows) = (String::new(), Vec::new());
        for run in runs(&self.offsets) {
            let first = run.first().map_or(0, |(reference, _)| reference.number);
            index.push_str(&format!("{first} {} ", run.len()));
            for (reference, offset) in run {
                rows.push(1);
                rows.extend_from_slice(&offset.to_be_bytes());
                rows.extend_from_slice(&reference.generation.to_be_bytes());
            }
        }
        let mut keys = self.trailer_keys(previous, self.next, request)?;
        keys.extend([
            ("Type", b"/XRef".to_vec()),
            ("W", b"[1 8 2]".to_vec()),
            ("Index", format!("[{}]", index.trim_end()).into_bytes()),
            ("Length", rows.len().to_string().into_bytes()),
        ]);
        self.writer.text(&format!("{} 0 obj\n", own.number));
        self.trailer_dictionary(&keys)?;
        self.writer.text("\nstream\n");
        self.writer.bytes.extend_from_slice(&rows);
        self.writer.text("\nendstream\nendobj\n");
        Ok(start)
    }

    /// §7.5.6: the previous trailer's entries, with `Prev` and what changed. Only keys that a trailer may have
    /// travel (§7.5.5): a cross-reference stream's own keys and `XRefStm` belong to that section.
    fn trailer_keys(
        &self,
        previous: u64,
        size: u32,
        request: &Request<'_>,
    ) -> Result<Vec<(&'static str, Vec<u8>)>, CannotAppend> {
        let old = self.document.trailer();
        let mut keys = vec![
            ("Size", size.to_string().into_bytes()),
            ("Prev", previous.to_string().into_bytes()),
        ];
        for key in ["Root", "Info"] {
            if let Some(object) = old.get(key.as_bytes()) {
                keys.push((key, value(object).ok_or(STREAM_INSIDE)?));
            }
        }
        // §14.4: the first identifier stays, the second changes with each update.
        if let Some(id) = old.get(b"ID") {
            let id = self.document.resolve(id)?;
            if let Some(first) = id.as_array().and_then(|a| a.first()).and_then(Object::as_string) {
                let mut writer = Writer::default();
                writer.text("[");
                writer.string(&first.bytes);
                let changed = crate::rules::ids::sha256(&[b"file identifier", &request.digest.0]);
                writer.string(changed.get(..16).unwrap_or(&changed));
                writer.text("]");
                keys.push(("ID", writer.bytes));
            }
        }
        Ok(keys)
    }

    fn trailer_dictionary(&mut self, keys: &[(&str, Vec<u8>)]) -> Result<(), CannotAppend> {
        self.writer
            .dictionary(&Dictionary::default(), keys)
            .ok_or(STREAM_INSIDE)
    }
}

/// Objects of consecutive numbers, together.
fn runs(offsets: &BTreeMap<Reference, u64>) -> Vec<Vec<(Reference, u64)>> {
    let mut runs: Vec<Vec<(Reference, u64)>> = Vec::new();
    for (reference, offset) in offsets {
        let follows = runs
            .last()
            .and_then(|run| run.last())
            .is_some_and(|(before, _)| before.number.checked_add(1) == Some(reference.number));
        match runs.last_mut() {
            Some(run) if follows => run.push((*reference, *offset)),
            _ => runs.push(vec![(*reference, *offset)]),
        }
    }
    runs
}

/// §7.5.4: an offset has ten digits.
const LARGEST_TABLE_OFFSET: u64 = 9_999_999_999;
