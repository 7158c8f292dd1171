//! What a person should know of a document before signing it: what is hidden, what acts by itself, what comes from
//! elsewhere, what was prepared to be shown later. Nothing here says that a document is bad; it says what is in it.

mod actions;
mod earlier;
mod layers;
mod reach;
mod words;

use crate::pdf::document::Document;
use crate::pdf::error::ReadError;
use crate::pdf::object::{Dictionary, Object, Reference};
use reach::Reach;
pub use words::warning_sentence;

/// Something worth knowing before signing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// A stable code; [`warning_sentence`] has its words.
    pub code: &'static str,
    /// The first page it is on, from 1; none when it belongs to the whole document.
    pub page: Option<usize>,
}

/// Everything worth knowing, each code once a page, sorted; at most a hundred. What cannot be examined within the
/// document's limits is told as `not_examined`.
pub fn warnings(document: &Document) -> Vec<Warning> {
    let mut examination = Examination {
        document,
        found: Vec::new(),
    };
    if examination.all().is_err() {
        examination.note("not_examined", None);
    }
    let mut found = examination.found;
    found.sort();
    found.dedup();
    found.truncate(MOST_WARNINGS);
    found
}

struct Examination<'d> {
    document: &'d Document,
    found: Vec<Warning>,
}

impl Examination<'_> {
    fn all(&mut self) -> Result<(), ReadError> {
        let reach = Reach::of(self.document)?;
        self.layers(&reach)?;
        self.opening()?;
        self.objects(&reach)?;
        self.earlier(&reach)
    }

    fn note(&mut self, code: &'static str, page: Option<usize>) {
        self.found.push(Warning { code, page });
    }

    /// Every object that the newest revision has, once.
    fn objects(&mut self, reach: &Reach) -> Result<(), ReadError> {
        let mut catalogs = 0_usize;
        for number in 1..self.document.next_object_number() {
            let generation = match self.document.entry_in(self.document.last(), number) {
                Some(crate::Entry::At { generation, .. }) => generation,
                Some(crate::Entry::In { .. }) => 0,
                _ => continue,
            };
            let object = self.document.get(Reference { number, generation })?;
            let page = reach.page(number);
            self.acting(&object, page);
            self.foreign(&object, page);
            if object
                .as_dictionary()
                .is_some_and(|d| d.name(b"Type") == Some(b"Catalog"))
            {
                catalogs = catalogs.saturating_add(1);
            } else if !reach.used(number) && self.could_be_a_page(&object)? {
                match self.was_shown_by(number, reach)? {
                    Some(holder) => self.note("earlier_content", reach.page(holder)),
                    None => self.note("unused_page", None),
                }
            }
        }
        if catalogs > 1 {
            self.note("several_catalogs", None);
        }
        Ok(())
    }

    /// The field or mark that showed it in an earlier revision and that the document still has: writers leave behind
    /// what it showed when it is filled in again.
    fn was_shown_by(&self, number: u32, reach: &Reach) -> Result<Option<u32>, ReadError> {
        for (position, revision) in self.document.revisions().iter().enumerate() {
            for (holder, entry) in revision.entries().filter(|(holder, _)| reach.used(*holder)) {
                let generation = match entry {
                    crate::Entry::At { generation, .. } => generation,
                    crate::Entry::In { .. } => 0,
                    crate::Entry::Free => continue,
                };
                let reference = Reference {
                    number: holder,
                    generation,
                };
                let object = self.document.get_in(position, reference)?;
                let Some(dictionary) = object.as_dictionary() else {
                    continue;
                };
                let appearance = self.document.value_in(position, dictionary, b"AP")?;
                let mut shown = Vec::new();
                references(&appearance, &[], &mut shown);
                if shown.iter().any(|stream| stream.number == number) {
                    return Ok(Some(holder));
                }
            }
        }
        Ok(None)
    }

    /// What a page shows comes from outside the file (ISO 32000-2 §7.3.8.2 `F`, §8.10.4), or other files are inside.
    fn foreign(&mut self, object: &Object, page: Option<usize>) {
        let Some(dictionary) = object.as_dictionary() else {
            return;
        };
        let elsewhere = object.as_stream().is_some() && dictionary.contains(b"F")
            || dictionary.name(b"Subtype") == Some(b"Form") && dictionary.contains(b"Ref")
            || dictionary.contains(b"OPI")
            || dictionary.name(b"FS") == Some(b"URL");
        if elsewhere {
            self.note("external_content", page);
        }
        if dictionary.contains(b"EF") || dictionary.name(b"Subtype") == Some(b"FileAttachment") {
            self.note("attachment", page);
        }
    }

    /// A page, a part of one, or text to be drawn, which nothing shows today: an update of some bytes would.
    fn could_be_a_page(&self, object: &Object) -> Result<bool, ReadError> {
        let Some(dictionary) = object.as_dictionary() else {
            return Ok(false);
        };
        let kind = dictionary.name(b"Type");
        if matches!(kind, Some(b"Page" | b"Pages")) {
            return Ok(true);
        }
        let Some(stream) = object
            .as_stream()
            .filter(|_| kind.is_none() || kind == Some(b"XObject"))
        else {
            return Ok(false);
        };
        if matches!(dictionary.name(b"Subtype"), Some(b"Image")) {
            return Ok(false);
        }
        match self.document.decode(stream) {
            Ok(decoded) => Ok(draws_text(&decoded.bytes)),
            Err(error) if error.is_final() => Err(error),
            Err(_) => Ok(false),
        }
    }
}

/// Whether a content stream shows text (§9.4.3), by its operators between white space.
fn draws_text(content: &[u8]) -> bool {
    let has = |operator: &[u8]| {
        let mut words =
            content.split(|byte| byte.is_ascii_whitespace() || matches!(byte, b')' | b']' | b'>'));
        words.any(|word| word == operator)
    };
    has(b"BT") && has(b"Tf") && (has(b"Tj") || has(b"TJ"))
}

/// Every reference in a value.
fn references(value: &Object, leave: &[&[u8]], found: &mut Vec<Reference>) {
    match value {
        Object::Reference(reference) => found.push(*reference),
        Object::Array(elements) => elements.iter().for_each(|e| references(e, leave, found)),
        other => {
            let entries = other.as_dictionary().into_iter().flat_map(Dictionary::iter);
            for (_, value) in entries.filter(|(key, _)| !leave.contains(&key.as_bytes())) {
                references(value, leave, found);
            }
        }
    }
}

/// Own choice: what a person reads before signing.
const MOST_WARNINGS: usize = 100;
