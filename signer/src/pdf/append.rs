//! The incremental update that carries one signature: a signature dictionary with room for `Contents`, a field that
//! is also its widget, the form and the page that name it, and a cross-reference section of the file's own kind.

use std::collections::BTreeMap;

use sdk_document::{Dictionary, Document, Object, Page, ReadError, Reference};

use super::stamp::{PageView, StampText, content};
use super::write::{Writer, array_with, coordinate};
use crate::rules::stamp::{Place, Stamp};
use crate::rules::{Digest, Moment};

/// What to append.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The claimed time.
    pub at: Moment,
    /// The signer's name, for readers that show the dictionary's `Name`.
    pub name: &'a str,
    /// Bytes that `Contents` must hold.
    pub contents: usize,
    /// The visible stamp, and what it says.
    pub stamp: Stamp,
    /// What the stamp says.
    pub text: StampText,
    /// Digest of the document so far: makes the new file identifier, without chance.
    pub digest: Digest,
}

/// The update's bytes, to be written right behind the document.
#[derive(Debug)]
pub struct Update {
    /// Everything, with `ByteRange` filled in and `Contents` all zeros.
    pub bytes: Vec<u8>,
    /// Where in `bytes` the token `<00…00>` begins and ends, angle brackets included.
    pub gap: std::ops::Range<usize>,
    /// The new field's name.
    pub field: String,
}

/// Why a document cannot be extended.
#[derive(Debug, thiserror::Error)]
pub enum CannotAppend {
    /// It cannot be read that far.
    #[error("reading the document: {0}")]
    Read(#[from] ReadError),
    /// A structure is not what ISO 32000-2 asks for.
    #[error("{0}")]
    Structure(&'static str),
}

/// Makes the update. Pure: the same request and document give the same bytes.
///
/// # Errors
/// When the document's structure does not allow one.
pub fn update(document: &Document, request: &Request<'_>) -> Result<Update, CannotAppend> {
    let length = document.source().len();
    let mut draft = Draft::new(document, length)?;
    let page = chosen_page(document, request.stamp)?;
    let signature = draft.number();
    let field = draft.number();
    let field_name = draft.field_name()?;

    draft.form(field)?;
    draft.annotation(&page, field)?;
    let appearance = match request.stamp {
        Stamp::None => None,
        Stamp::Visible { place, .. } => Some(draft.appearance(&page, place, &request.text)),
    };
    draft.widget(field, signature, &field_name, &page, appearance);
    let holes = draft.signature(signature, request);
    let bytes = draft.finish(request)?;
    fill(bytes, length, holes, field_name)
}

/// Positions in the update that are only known once it is whole.
struct Holes {
    byte_range: std::ops::Range<usize>,
    contents: std::ops::Range<usize>,
}

/// `ByteRange` (§12.8.1): everything but the `Contents` token. Padded with blanks to the room that was left.
fn fill(mut bytes: Vec<u8>, before: u64, holes: Holes, field: String) -> Result<Update, CannotAppend> {
    let position = |n: usize| u64::try_from(n).ok().and_then(|n| before.checked_add(n));
    let (start, end, total) = match (
        position(holes.contents.start),
        position(holes.contents.end),
        position(bytes.len()),
    ) {
        (Some(start), Some(end), Some(total)) => (start, end, total),
        _ => return Err(CannotAppend::Structure("the file would be too long")),
    };
    let text = format!("[0 {start} {end} {}]", total.saturating_sub(end));
    let room = bytes
        .get_mut(holes.byte_range)
        .ok_or(CannotAppend::Structure("no room for ByteRange"))?;
    if text.len() > room.len() {
        return Err(CannotAppend::Structure("the file would be too long"));
    }
    for (slot, byte) in room.iter_mut().zip(text.bytes().chain(std::iter::repeat(b' '))) {
        *slot = byte;
    }
    Ok(Update {
        bytes,
        gap: holes.contents,
        field,
    })
}

fn chosen_page(document: &Document, stamp: Stamp) -> Result<Page, CannotAppend> {
    let mut pages = document.pages()?;
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    let index = match stamp {
        Stamp::None => 0,
        Stamp::Visible { page, .. } => page.index(count),
    };
    let index = usize::try_from(index).unwrap_or(0);
    if index < pages.len() {
        Ok(pages.swap_remove(index))
    } else {
        Err(CannotAppend::Structure("the document has no page"))
    }
}

/// An update being written.
pub(super) struct Draft<'a> {
    pub(super) document: &'a Document,
    pub(super) catalog: Dictionary,
    pub(super) catalog_replaced: Vec<(&'static str, Vec<u8>)>,
    pub(super) root: Reference,
    pub(super) next: u32,
    pub(super) writer: Writer,
    /// Length of the document, and so the offset of the update's first byte.
    before: u64,
    /// Where each object was written, from the file's first byte.
    pub(super) offsets: BTreeMap<Reference, u64>,
}

impl<'a> Draft<'a> {
    fn new(document: &'a Document, before: u64) -> Result<Self, CannotAppend> {
        let root = document
            .trailer()
            .reference(b"Root")
            .ok_or(CannotAppend::Structure("no catalogue"))?;
        let mut writer = Writer::default();
        // The update begins on a line of its own; the document's last byte may be a marker's.
        writer.text("\n");
        Ok(Self {
            catalog: document.catalog()?,
            catalog_replaced: Vec::new(),
            root,
            next: document.next_object_number(),
            writer,
            before,
            offsets: BTreeMap::new(),
            document,
        })
    }

    pub(super) fn number(&mut self) -> Reference {
        let reference = Reference::new(self.next);
        self.next = self.next.saturating_add(1);
        reference
    }

    pub(super) fn here(&self) -> u64 {
        self.before
            .saturating_add(u64::try_from(self.writer.bytes.len()).unwrap_or(u64::MAX))
    }

    fn begin(&mut self, reference: Reference) {
        self.offsets.insert(reference, self.here());
        self.writer
            .text(&format!("{} {} obj\n", reference.number, reference.generation));
    }

    fn end(&mut self) {
        self.writer.text("\nendobj\n");
    }

    fn whole(&mut self, reference: Reference, body: &[u8]) {
        self.begin(reference);
        self.writer.bytes.extend_from_slice(body);
        self.end();
    }

    /// A dictionary of the document, rewritten with some keys replaced.
    pub(super) fn rewritten(
        &mut self,
        reference: Reference,
        original: &Dictionary,
        replaced: &[(&str, Vec<u8>)],
    ) -> Result<(), CannotAppend> {
        self.begin(reference);
        self.writer.dictionary(original, replaced).ok_or(STREAM_INSIDE)?;
        self.end();
        Ok(())
    }

    /// A name that no field of the form has: `Aval1`, `Aval2`, …
    fn field_name(&self) -> Result<String, CannotAppend> {
        let mut taken = Vec::new();
        if let Some(form) = self
            .document
            .dictionary_in(self.document.last(), &self.catalog, b"AcroForm")?
        {
            let fields = self.document.value_in(self.document.last(), &form, b"Fields")?;
            for field in fields.as_array().unwrap_or_default() {
                if let Some(dictionary) = self.document.resolve(field)?.as_dictionary()
                    && let Some(name) = dictionary.get(b"T").and_then(Object::as_string)
                {
                    taken.push(name.to_text());
                }
            }
        }
        let free = |n: u32| Some(format!("Aval{n}")).filter(|name| !taken.contains(name));
        (1..=u32::MAX)
            .find_map(free)
            .ok_or(CannotAppend::Structure("no field name is free"))
    }

    /// The form names the field (§12.7.3): in the array where it has one of its own, else in the form, else in the
    /// catalogue that has it directly or gets one.
    fn form(&mut self, field: Reference) -> Result<(), CannotAppend> {
        let Some(form) = self
            .document
            .dictionary_in(self.document.last(), &self.catalog, b"AcroForm")?
        else {
            let reference = self.number();
            let body = format!("<</Fields [{} 0 R]/SigFlags {SIG_FLAGS}>>", field.number);
            self.whole(reference, body.as_bytes());
            self.catalog_replaced
                .push(("AcroForm", format!("{} 0 R", reference.number).into_bytes()));
            return Ok(());
        };
        let flags = form.integer(b"SigFlags").unwrap_or(0) | SIG_FLAGS;
        let mut replaced = vec![("SigFlags", flags.to_string().into_bytes())];
        let mut form_changes = form.integer(b"SigFlags") != Some(flags);
        let fields = self.document.value_in(self.document.last(), &form, b"Fields")?;
        let fields = match &fields {
            Object::Array(elements) => elements.as_slice(),
            Object::Null => &[],
            _ => return Err(CannotAppend::Structure("the form's Fields is not an array")),
        };
        let fields = array_with(fields, field).ok_or(STREAM_INSIDE)?;
        match form.get(b"Fields") {
            Some(Object::Reference(array)) => self.whole(*array, &fields),
            _ => {
                replaced.push(("Fields", fields));
                form_changes = true;
            }
        }
        match self.catalog.get(b"AcroForm") {
            Some(Object::Reference(reference)) if form_changes => {
                let reference = *reference;
                self.rewritten(reference, &form, &replaced)
            }
            Some(Object::Reference(_)) => Ok(()),
            _ => {
                let mut inline = Writer::default();
                inline.dictionary(&form, &replaced).ok_or(STREAM_INSIDE)?;
                self.catalog_replaced.push(("AcroForm", inline.bytes));
                Ok(())
            }
        }
    }

    /// The page names the widget (§12.5.2).
    fn annotation(&mut self, page: &Page, field: Reference) -> Result<(), CannotAppend> {
        let existing = self
            .document
            .value_in(self.document.last(), &page.dictionary, b"Annots")?;
        let existing = match &existing {
            Object::Array(elements) => elements.as_slice(),
            Object::Null => &[],
            _ => return Err(CannotAppend::Structure("the page's Annots is not an array")),
        };
        let annotations = array_with(existing, field).ok_or(STREAM_INSIDE)?;
        match page.dictionary.get(b"Annots") {
            Some(Object::Reference(array)) => {
                self.whole(*array, &annotations);
                Ok(())
            }
            _ => self.rewritten(page.reference, &page.dictionary, &[("Annots", annotations)]),
        }
    }

    /// The stamp's appearance stream, and the widget's rectangle.
    fn appearance(&mut self, page: &Page, place: Place, text: &StampText) -> (Reference, [f64; 4]) {
        let view = PageView {
            crop: visible_box(page),
            rotate: page.rotate,
        };
        let (width, height) = view.size();
        let seen = place.rectangle(width, height);
        let (regular, bold, form) = (self.number(), self.number(), self.number());
        for (reference, font) in [(regular, "Helvetica"), (bold, "Helvetica-Bold")] {
            let body = format!("<</Type/Font/Subtype/Type1/BaseFont/{font}/Encoding/WinAnsiEncoding>>");
            self.whole(reference, body.as_bytes());
        }
        let stream = content(text, seen.width, seen.height);
        self.begin(form);
        self.writer.text(&format!(
            "<</Type/XObject/Subtype/Form/BBox [0 0 {} {}]/Matrix {}/Resources<</Font<</F1 {} 0 R/F2 {} 0 R>>>>/Length {}>>\nstream\n",
            coordinate(seen.width),
            coordinate(seen.height),
            view.upright(),
            regular.number,
            bold.number,
            stream.len()
        ));
        self.writer.bytes.extend_from_slice(&stream);
        self.writer.text("\nendstream");
        self.end();
        (form, view.widget_rectangle(seen))
    }

    /// The field, which is also its only widget (§12.7.5.5, §12.5.6.19). Without a stamp its rectangle is empty
    /// (§12.7.5.5: "has zero height and width"). Flags: print, locked (§12.5.3).
    fn widget(
        &mut self,
        field: Reference,
        signature: Reference,
        name: &str,
        page: &Page,
        appearance: Option<(Reference, [f64; 4])>,
    ) {
        self.begin(field);
        self.writer.text("<</Type/Annot/Subtype/Widget/FT/Sig/F 132/T ");
        self.writer.text_string(name);
        self.writer.text("/P ");
        self.writer.reference(page.reference);
        self.writer.text("/V ");
        self.writer.reference(signature);
        match appearance {
            None => self.writer.text("/Rect [0 0 0 0]"),
            Some((form, rectangle)) => {
                let [left, bottom, right, top] = rectangle.map(coordinate);
                self.writer.text(&format!(
                    "/Rect [{left} {bottom} {right} {top}]/AP<</N {} 0 R>>",
                    form.number
                ));
            }
        }
        self.writer.text(">>");
        self.end();
    }

    /// The signature dictionary (§12.8.1, table 255) for `ETSI.CAdES.detached` (§12.8.3.4).
    fn signature(&mut self, signature: Reference, request: &Request<'_>) -> Holes {
        self.begin(signature);
        self.writer
            .text("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M (");
        self.writer.text(&date(request.at));
        self.writer.text(")/Name ");
        self.writer.text_string(request.name);
        self.writer.text("/ByteRange ");
        let start = self.writer.bytes.len();
        self.writer
            .bytes
            .extend(std::iter::repeat_n(b' ', BYTE_RANGE_ROOM));
        let byte_range = start..self.writer.bytes.len();
        self.writer.text("/Contents ");
        let start = self.writer.bytes.len();
        self.writer.text("<");
        self.writer
            .bytes
            .extend(std::iter::repeat_n(b'0', request.contents.saturating_mul(2)));
        self.writer.text(">");
        let contents = start..self.writer.bytes.len();
        self.writer.text(">>");
        self.end();
        Holes { byte_range, contents }
    }
}

/// The page's visible box: the crop box within the media box (§14.11.2.1).
fn visible_box(page: &Page) -> [f64; 4] {
    let ([ml, mb, mr, mt], [cl, cb, cr, ct]) = (page.media_box, page.crop_box);
    let inside = [cl.max(ml), cb.max(mb), cr.min(mr), ct.min(mt)];
    let [left, bottom, right, top] = inside;
    if left < right && bottom < top {
        inside
    } else {
        page.media_box
    }
}

/// §7.9.4: `D:YYYYMMDDHHmmSSZ`
fn date(at: Moment) -> String {
    let t = at.utc();
    format!(
        "D:{:04}{:02}{:02}{:02}{:02}{:02}Z",
        t.year(),
        u8::from(t.month()),
        t.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

/// §12.7.3, table 225: SignaturesExist and AppendOnly.
const SIG_FLAGS: i64 = 3;
/// `[0 ` and three numbers of up to twelve digits: files up to a terabyte.
const BYTE_RANGE_ROOM: usize = 44;

pub(super) const STREAM_INSIDE: CannotAppend =
    CannotAppend::Structure("a stream stands inside another value");
