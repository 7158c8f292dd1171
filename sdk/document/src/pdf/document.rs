//! A document: its revisions, and any object as any revision sees it.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::container::Container;
use super::encryption::Encryption;
use super::error::{Code, Irregular, Irregularity, ReadError};
use super::filter::{self, Decoded};
use super::index::Index;
use super::indirect;
use super::limits::Limits;
use super::object::{Dictionary, Indirect, Object, Reference, Stream};
use super::remembered::Remembered;
use super::revision::{self, Revision};
use super::window::Window;
use super::xref::Entry;
use crate::source::Source;

/// A document, read strictly: what its cross-reference sections say, or an error.
pub struct Document {
    pub(crate) window: Window,
    revisions: Vec<Revision>,
    /// With many revisions.
    index: Option<Index>,
    /// With many revisions, most of which show the same.
    pub(crate) remembered: Option<Remembered>,
    irregularities: Vec<Irregularity>,
    pub(crate) containers: Mutex<HashMap<u64, Arc<Container>>>,
    /// The last large object that was read: a catalogue of a megabyte is asked for again and again.
    large: Mutex<Option<(u64, Arc<Indirect>)>>,
    /// Where objects were read that are no signature: in the end, those without a field are looked for.
    unsigned: Mutex<BTreeSet<u64>>,
    encryption: Option<Encryption>,
}

impl Document {
    /// Reads every cross-reference section. Objects are read when asked for.
    ///
    /// # Errors
    /// When the bytes are no PDF, are cut off, or a section cannot be read.
    pub fn open(source: impl Source + 'static, limits: &Limits) -> Result<Self, ReadError> {
        Self::open_with(source, limits, None)
    }

    /// As [`Document::open`]. An encrypted document is opened with this password, if it is the user's or the
    /// owner's, or without one, if none is needed; else it stays [locked](Document::locked).
    ///
    /// # Errors
    /// As [`Document::open`].
    pub fn open_with(
        source: impl Source + 'static,
        limits: &Limits,
        password: Option<&str>,
    ) -> Result<Self, ReadError> {
        let window = Window::new(Arc::new(source), limits);
        let (revisions, irregularities) = revision::read(&window)?;
        let index = Index::of(&revisions);
        let mut document = Self {
            window,
            revisions,
            remembered: index.is_some().then(Remembered::default),
            index,
            irregularities,
            containers: Mutex::default(),
            large: Mutex::default(),
            unsigned: Mutex::default(),
            encryption: None,
        };
        if document.encrypted() {
            document.encryption = document.unlock(password).unwrap_or(None);
            // What was read on the way was read without the key.
            document.large = Mutex::default();
            document.containers = Mutex::default();
            document.remembered = document.index.is_some().then(Remembered::default);
        }
        Ok(document)
    }

    /// Every revision, oldest first; at least one.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// The newest revision's number.
    pub fn last(&self) -> usize {
        self.revisions.len().saturating_sub(1)
    }

    /// The revision with this number.
    ///
    /// # Errors
    /// `Xref` when there is none.
    pub fn revision(&self, number: usize) -> Result<&Revision, ReadError> {
        self.revisions
            .get(number)
            .ok_or(ReadError::new(Code::Xref, self.window.len))
    }

    /// What lenient readers may understand differently.
    pub fn irregularities(&self) -> &[Irregularity] {
        &self.irregularities
    }

    /// The bytes.
    pub fn source(&self) -> &Arc<dyn Source> {
        &self.window.source
    }

    /// The newest trailer.
    pub fn trailer(&self) -> &Dictionary {
        static NONE: std::sync::LazyLock<Dictionary> = std::sync::LazyLock::new(Dictionary::default);
        self.revisions.last().map_or(&NONE, |r| &r.trailer)
    }

    /// Whether strings and streams are encrypted in the file (§7.6).
    pub fn encrypted(&self) -> bool {
        self.revisions.iter().any(|r| r.trailer.contains(b"Encrypt"))
    }

    /// Whether they are and no key is at hand: then strings are as in the file, and no stream is decoded.
    pub fn locked(&self) -> bool {
        self.encrypted() && self.encryption.is_none()
    }

    /// The lowest number that no revision has ever used.
    pub fn next_object_number(&self) -> u32 {
        self.revisions
            .iter()
            .map(|r| r.size().max(r.highest_number().saturating_add(1)))
            .max()
            .unwrap_or(1)
    }

    /// An object as the newest revision sees it. One that is not there is null (§7.3.10).
    ///
    /// # Errors
    /// When what is there cannot be read.
    pub fn get(&self, reference: Reference) -> Result<Object, ReadError> {
        self.get_in(self.last(), reference)
    }

    /// An object as the revision with this number sees it.
    ///
    /// # Errors
    /// As [`Document::get`].
    pub fn get_in(&self, revision: usize, reference: Reference) -> Result<Object, ReadError> {
        Ok(self
            .indirect_in(revision, reference)?
            .map_or(Object::Null, |i| i.object))
    }

    /// An object with the place it was read from; none if there is none in this revision.
    ///
    /// # Errors
    /// As [`Document::get`].
    pub fn indirect_in(&self, revision: usize, reference: Reference) -> Result<Option<Indirect>, ReadError> {
        self.indirect_within(revision, reference, INDIRECTION)
    }

    /// Where this revision finds an object: the newest entry in it or an older one.
    pub fn entry_in(&self, revision: usize, number: u32) -> Option<Entry> {
        if let Some(index) = &self.index {
            let newest = index.newest(revision, number)?;
            return self.revisions.get(newest)?.entry(number);
        }
        let seen = self.revisions.get(..=revision).unwrap_or(&self.revisions);
        seen.iter().rev().find_map(|r| r.entry(number))
    }

    /// Where the object starts that a revision finds under this number, if it stands in the file itself.
    pub(crate) fn offset_in(&self, revision: usize, number: u32) -> Option<u64> {
        match self.entry_in(revision, number)? {
            Entry::At { offset, .. } => Some(offset),
            _ => None,
        }
    }

    /// Follows a reference; anything else is handed back.
    ///
    /// # Errors
    /// As [`Document::get`].
    pub fn resolve(&self, object: &Object) -> Result<Object, ReadError> {
        self.resolve_in(self.last(), object)
    }

    /// Follows a reference as a revision sees it.
    ///
    /// # Errors
    /// As [`Document::get`]; `Type` when references lead to references.
    pub fn resolve_in(&self, revision: usize, object: &Object) -> Result<Object, ReadError> {
        match object {
            Object::Reference(reference) => match self.get_in(revision, *reference)? {
                // §7.3.10 knows no reference to a reference.
                Object::Reference(_) => Err(ReadError::new(Code::Type, 0)),
                object => Ok(object),
            },
            other => Ok(other.clone()),
        }
    }

    /// The value of a key, references followed; null when there is none.
    ///
    /// # Errors
    /// As [`Document::get`].
    pub fn value_in(&self, revision: usize, of: &Dictionary, key: &[u8]) -> Result<Object, ReadError> {
        of.get(key)
            .map_or(Ok(Object::Null), |value| self.resolve_in(revision, value))
    }

    /// As [`Document::value_in`], without a copy of what stands there directly.
    pub(crate) fn value_seen<'o>(
        &self,
        revision: usize,
        of: &'o Dictionary,
        key: &[u8],
    ) -> Result<Cow<'o, Object>, ReadError> {
        match of.get(key) {
            None => Ok(Cow::Owned(Object::Null)),
            Some(reference @ Object::Reference(_)) => self.resolve_in(revision, reference).map(Cow::Owned),
            Some(direct) => Ok(Cow::Borrowed(direct)),
        }
    }

    /// Whether the object at this offset was read before and is no signature dictionary.
    pub(crate) fn is_known_unsigned(&self, offset: u64) -> bool {
        let known = self.unsigned.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(&offset)
    }

    /// The dictionary that a key has as its value, references followed.
    ///
    /// # Errors
    /// As [`Document::get`]; `Type` when it is something else.
    pub fn dictionary_in(
        &self,
        revision: usize,
        of: &Dictionary,
        key: &[u8],
    ) -> Result<Option<Dictionary>, ReadError> {
        match self.value_in(revision, of, key)? {
            Object::Null => Ok(None),
            Object::Dictionary(dictionary) => Ok(Some(dictionary)),
            _ => Err(ReadError::new(Code::Type, 0)),
        }
    }

    /// The document catalogue (§7.7.2) of the newest revision.
    ///
    /// # Errors
    /// `Catalog` when there is none.
    pub fn catalog(&self) -> Result<Dictionary, ReadError> {
        self.catalog_in(self.last())
    }

    /// The document catalogue of a revision.
    ///
    /// # Errors
    /// `Catalog` when there is none.
    pub fn catalog_in(&self, revision: usize) -> Result<Dictionary, ReadError> {
        let at = self.revision(revision)?;
        let none = ReadError::new(Code::Catalog, at.startxref);
        let root = at.root().ok_or(none.clone())?;
        match self.get_in(revision, root)? {
            Object::Dictionary(catalog) if catalog.name(b"Type") == Some(b"Catalog") => Ok(catalog),
            _ => Err(none),
        }
    }

    /// The interactive form (§12.7.3) of a revision.
    ///
    /// # Errors
    /// As [`Document::get`].
    pub fn form_in(&self, revision: usize) -> Result<Option<Dictionary>, ReadError> {
        let catalog = self.catalog_in(revision)?;
        self.dictionary_in(revision, &catalog, b"AcroForm")
    }

    /// A stream's raw bytes.
    ///
    /// # Errors
    /// `TooLarge`, `TooMuchWork`.
    pub fn raw(&self, stream: &Stream) -> Result<Vec<u8>, ReadError> {
        let length = stream.extent.end.saturating_sub(stream.extent.start);
        let length = usize::try_from(length)
            .ok()
            .filter(|l| *l <= self.window.limits.decoded_bytes);
        let length = length.ok_or(ReadError::new(Code::TooLarge, stream.extent.start))?;
        Ok(self.window.bytes(stream.extent.start, length)?.into_owned())
    }

    /// A stream's bytes with its filters undone, as far as they are Flate.
    ///
    /// # Errors
    /// `Filter` for damaged data; `Encrypted`; `TooLarge`, `TooMuchWork`.
    pub fn decode(&self, stream: &Stream) -> Result<Decoded, ReadError> {
        self.decode_in(self.last(), stream)
    }

    /// As [`Document::decode`], filters and parameters looked up as a revision sees them.
    ///
    /// # Errors
    /// As [`Document::decode`].
    pub fn decode_in(&self, revision: usize, stream: &Stream) -> Result<Decoded, ReadError> {
        self.decode_within(revision, stream, INDIRECTION)
    }

    pub(crate) fn decode_within(
        &self,
        revision: usize,
        stream: &Stream,
        depth: u8,
    ) -> Result<Decoded, ReadError> {
        let at = stream.extent.start;
        if self.locked() {
            return Err(ReadError::new(Code::Encrypted, at));
        }
        let mut direct = Dictionary::default();
        for (key, value) in stream.dictionary.iter() {
            if matches!(key.as_bytes(), b"Filter" | b"DecodeParms" | b"F") {
                direct.push(key.clone(), self.direct(revision, value, depth)?);
            }
        }
        let mut raw = self.raw(stream)?;
        let mut spend = |bytes| self.window.spend(bytes, at).map_err(|e| e.code);
        if let Some(encryption) = &self.encryption {
            raw = encryption
                .stream(stream, raw)
                .map_err(|code| ReadError::new(code, at))?;
        }
        filter::decode(&direct, raw, &self.window.limits, &mut spend).map_err(|code| ReadError::new(code, at))
    }

    /// A value, and its elements if it is an array, with references followed.
    fn direct(&self, revision: usize, value: &Object, depth: u8) -> Result<Object, ReadError> {
        let follow = |value: &Object| match value {
            Object::Reference(to) => Ok(self
                .indirect_within(revision, *to, depth)?
                .map_or(Object::Null, |i| i.object)),
            other => Ok(other.clone()),
        };
        match follow(value)? {
            Object::Array(elements) => elements
                .iter()
                .map(follow)
                .collect::<Result<_, _>>()
                .map(Object::Array),
            other => Ok(other),
        }
    }

    fn indirect_within(
        &self,
        revision: usize,
        reference: Reference,
        depth: u8,
    ) -> Result<Option<Indirect>, ReadError> {
        match self.entry_in(revision, reference.number) {
            None | Some(Entry::Free) => Ok(None),
            Some(Entry::At { generation, .. }) if generation != reference.generation => Ok(None),
            Some(Entry::At { offset, .. }) => self.indirect_at(revision, reference, offset, depth).map(Some),
            Some(Entry::In { .. }) if reference.generation != 0 => Ok(None),
            Some(Entry::In { container, index }) => self
                .contained(revision, reference, container, index, depth)
                .map(Some),
        }
    }

    pub(crate) fn indirect_at(
        &self,
        revision: usize,
        reference: Reference,
        offset: u64,
        depth: u8,
    ) -> Result<Indirect, ReadError> {
        let deeper = depth
            .checked_sub(1)
            .ok_or(ReadError::new(Code::TooDeep, offset))?;
        if let Some((at, known)) = &*self.large.lock().unwrap_or_else(PoisonError::into_inner)
            && *at == offset
            && known.reference == reference
        {
            let cost = known.extent.end.saturating_sub(known.extent.start) / CLONED;
            self.window
                .spend(usize::try_from(cost).unwrap_or(usize::MAX), offset)?;
            return Ok(Indirect::clone(known));
        }
        if let Some(known) = self.known_at(offset, reference)? {
            return Ok(known);
        }
        let mut indirect = indirect::indirect(&self.window, offset, self.window.len, &mut |length| {
            let found = self.indirect_within(revision, length, deeper)?;
            let value = found
                .and_then(|i| i.object.as_integer())
                .and_then(|l| u64::try_from(l).ok());
            value.ok_or(ReadError::new(Code::Stream, offset))
        })?;
        if indirect.reference != reference {
            return Err(ReadError::new(Code::ObjectHeader, offset));
        }
        if let Some(encryption) = self
            .encryption
            .as_ref()
            .filter(|_| !self.is_encryption(reference))
        {
            indirect.object = encryption
                .strings(reference, indirect.object)
                .map_err(|code| ReadError::new(code, offset))?;
        }
        let stream = indirect.object.as_stream().is_some();
        if !indirect.object.as_dictionary().is_some_and(is_signature) {
            let mut unsigned = self.unsigned.lock().unwrap_or_else(PoisonError::into_inner);
            if unsigned.len() < MOST_REMEMBERED {
                unsigned.insert(offset);
            }
        }
        if !stream && indirect.extent.end.saturating_sub(indirect.extent.start) > LARGE {
            let mut large = self.large.lock().unwrap_or_else(PoisonError::into_inner);
            *large = Some((offset, Arc::new(indirect.clone())));
        }
        self.keep(offset, &indirect);
        Ok(indirect)
    }

    /// The strings of the encryption dictionary itself are plain (§7.6.2).
    fn is_encryption(&self, reference: Reference) -> bool {
        self.trailer().reference(b"Encrypt") == Some(reference)
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("len", &self.window.len)
            .field("revisions", &self.revisions.len())
            .field("irregularities", &self.irregularities)
            .finish_non_exhaustive()
    }
}

/// Whether an irregularity makes readers see different documents.
impl Irregularity {
    pub(crate) fn is_harmless(&self) -> bool {
        matches!(self.kind, Irregular::EntryWidth | Irregular::FreeHead)
    }
}

/// A stream in an object stream needs its length, which may be in another one. Own choice: twice that.
const INDIRECTION: u8 = 4;

/// §12.8.1: what makes a dictionary a signature, whatever its `/Type` says.
pub(crate) fn is_signature(dictionary: &Dictionary) -> bool {
    dictionary.contains(b"ByteRange") && dictionary.contains(b"Contents")
}

/// Own choice: in documents with more objects, signatures without a field are not looked for.
const MOST_REMEMBERED: usize = 20_000;

/// Own choice: a twentieth of what a catalogue of hundreds of pages takes.
const LARGE: u64 = 32 << 10;

/// Copying a value takes about so much less than reading it.
const CLONED: u64 = 4;
