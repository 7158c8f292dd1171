//! Object streams (ISO 32000-2 §7.5.7): decoded once, kept up to a bound.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use super::document::Document;
use super::error::{Code, ReadError};
use super::lexer::Lexer;
use super::object::{Indirect, Reference};
use super::xref::Entry;

/// A decoded object stream.
pub(crate) struct Container {
    data: Vec<u8>,
    /// Number and start of each object.
    directory: Vec<(u32, usize)>,
    extent: std::ops::Range<u64>,
}

impl Document {
    pub(crate) fn contained(
        &self,
        revision: usize,
        reference: Reference,
        container: u32,
        index: u32,
        depth: u8,
    ) -> Result<Indirect, ReadError> {
        let container = self.container(revision, container, depth)?;
        let wrong = || ReadError::new(Code::ObjectStream, container.extent.start);
        let place = usize::try_from(index)
            .ok()
            .and_then(|i| container.directory.get(i));
        let (number, start) = *place.ok_or_else(wrong)?;
        if number != reference.number {
            return Err(wrong());
        }
        let mut lexer = Lexer::in_stream(&container.data, start, &self.window.limits);
        let object = lexer.object()?;
        self.window.spend(
            lexer
                .cost()
                .saturating_sub(start)
                .saturating_add(super::window::EACH),
            container.extent.start,
        )?;
        Ok(Indirect {
            reference,
            object,
            extent: container.extent.clone(),
        })
    }

    fn container(&self, revision: usize, number: u32, depth: u8) -> Result<Arc<Container>, ReadError> {
        // §7.5.7: an object stream is not in an object stream, and has generation 0.
        let Some(Entry::At {
            offset,
            generation: 0,
        }) = self.entry_in(revision, number)
        else {
            return Err(ReadError::new(Code::ObjectStream, 0));
        };
        let known = |all: &HashMap<u64, Arc<Container>>| all.get(&offset).cloned();
        if let Some(known) = known(&self.containers.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(known);
        }
        let indirect = self.indirect_at(revision, Reference::new(number), offset, depth)?;
        let read = Arc::new(self.read_container(revision, &indirect, depth)?);
        let mut all = self.containers.lock().unwrap_or_else(PoisonError::into_inner);
        let held: usize = all.values().map(|c| c.data.len()).sum();
        if held.saturating_add(read.data.len()) > CONTAINERS_KEPT {
            all.clear();
        }
        all.insert(offset, Arc::clone(&read));
        Ok(read)
    }

    fn read_container(&self, revision: usize, at: &Indirect, depth: u8) -> Result<Container, ReadError> {
        let wrong = || ReadError::new(Code::ObjectStream, at.extent.start);
        let stream = at.object.as_stream().ok_or_else(wrong)?;
        let about = &stream.dictionary;
        let number = |key| {
            about
                .integer(key)
                .and_then(|v| usize::try_from(v).ok())
                .ok_or_else(wrong)
        };
        if about.name(b"Type") != Some(b"ObjStm") {
            return Err(wrong());
        }
        let deeper = depth.checked_sub(1).ok_or_else(wrong)?;
        let (count, first) = (number(b"N")?, number(b"First")?);
        let decoded = self.decode_within(revision, stream, deeper)?;
        let data = decoded.bytes;
        if !decoded.remaining.is_empty() || first > data.len() || count > self.window.limits.object_values {
            return Err(wrong());
        }
        let mut directory = Vec::new();
        let mut numbers = HashSet::new();
        let mut lexer = Lexer::in_stream(data.get(..first).unwrap_or_default(), 0, &self.window.limits);
        for _ in 0..count {
            lexer.blank()?;
            let number = lexer
                .unsigned()?
                .and_then(|n| u32::try_from(n).ok())
                .ok_or_else(wrong)?;
            lexer.blank()?;
            let start = lexer
                .unsigned()?
                .and_then(|s| usize::try_from(s).ok())
                .ok_or_else(wrong)?;
            let start = first
                .checked_add(start)
                .filter(|s| *s < data.len())
                .ok_or_else(wrong)?;
            if !numbers.insert(number) {
                return Err(wrong());
            }
            directory.push((number, start));
        }
        Ok(Container {
            data,
            directory,
            extent: at.extent.clone(),
        })
    }
}

/// Decoded object streams kept at a time.
const CONTAINERS_KEPT: usize = 32 << 20;
