//! Looking at a document that arrived: can it be signed, and what is in it.

use std::sync::Arc;

use sdk_document::{Code, Dictionary, Document, Limits, Object, ReadError, Reference};

use crate::error::Fault;
use crate::rules::Moment;
use crate::rules::document::{Facts, Warning};
use crate::rules::intake::Unfit;

/// Why a document was not taken: its own fault or ours.
#[derive(Debug)]
pub enum Rejected {
    /// The document will not do.
    Unfit(Unfit),
    /// We could not look.
    Fault(Fault),
}

impl From<ReadError> for Rejected {
    fn from(error: ReadError) -> Self {
        match error.code {
            Code::Unreadable(_) => Self::Fault(Fault::caused("reading a document", error)),
            Code::Empty => Self::Unfit(Unfit::Empty),
            Code::NotPdf => Self::Unfit(Unfit::NotAPdf),
            Code::NoStartxref | Code::Truncated => Self::Unfit(Unfit::Truncated),
            Code::TooDeep | Code::TooLarge | Code::TooMuchWork => Self::Unfit(Unfit::TooDeep),
            Code::Encrypted => Self::Unfit(Unfit::Encrypted),
            _ => Self::Unfit(Unfit::Damaged),
        }
    }
}

/// Reads a document from nothing. Bounded work; takes at most some seconds. Done in a cell.
///
/// # Errors
/// [`Rejected`].
pub fn inspect(source: &Arc<sdk_document::File>, now: Moment) -> Result<Facts, Rejected> {
    let document = Document::open(Arc::clone(source), &Limits::default())?;
    not_encrypted(&document)?;
    every_object_is_readable(&document)?;
    let catalog = document.catalog()?;
    not_final(&document, &catalog)?;
    no_dynamic_form(&document, &catalog)?;
    let pages = document.page_count()?;
    if pages == 0 {
        return Err(Rejected::Unfit(Unfit::NoPages));
    }
    Ok(Facts {
        pages: u32::try_from(pages).unwrap_or(u32::MAX),
        signatures: super::verify::earlier_signatures(source, now),
        annotated: annotated(&document)?,
        warnings: warnings(source)?,
    })
}

fn annotated(document: &Document) -> Result<bool, Rejected> {
    let pages = document.pages()?;
    Ok(pages.iter().any(|page| page.dictionary.contains(b"Annots")))
}

/// With work of its own to spend: what was looked at above must not keep it from looking.
fn warnings(source: &Arc<sdk_document::File>) -> Result<Vec<Warning>, Rejected> {
    let document = Document::open(Arc::clone(source), &Limits::default())?;
    let told = sdk_document::warnings(&document).into_iter();
    let warning = |w: sdk_document::Warning| Warning {
        code: w.code.to_owned(),
        page: w.page,
    };
    Ok(told.map(warning).collect())
}

fn not_encrypted(document: &Document) -> Result<(), Rejected> {
    if document.encrypted() {
        Err(Rejected::Unfit(Unfit::Encrypted))
    } else {
        Ok(())
    }
}

/// Every object is read once. One that cannot be read by the letter could be understood differently by two readers,
/// and would keep a later signature from telling what changed; one nested without end would harm the citizen's reader.
fn every_object_is_readable(document: &Document) -> Result<(), Rejected> {
    for number in 1..document.next_object_number() {
        let generation = match document.entry_in(document.last(), number) {
            Some(sdk_document::Entry::At { generation, .. }) => generation,
            Some(sdk_document::Entry::In { .. }) => 0,
            _ => continue,
        };
        document.get(Reference { number, generation })?;
    }
    Ok(())
}

/// ISO 32000-2 §12.8.2.2, table 257: P=1 permits no change at all, not even a signature; the default is 2.
fn not_final(document: &Document, catalog: &Dictionary) -> Result<(), Rejected> {
    let newest = document.last();
    let Some(permissions) = document.dictionary_in(newest, catalog, b"Perms")? else {
        return Ok(());
    };
    let Some(certification) = document.dictionary_in(newest, &permissions, b"DocMDP")? else {
        return Ok(());
    };
    let references = document.value_in(newest, &certification, b"Reference")?;
    for reference in references.as_array().unwrap_or_default() {
        let reference = document.resolve(reference)?;
        let Some(reference) = reference.as_dictionary() else {
            continue;
        };
        if let Some(parameters) = document.dictionary_in(newest, reference, b"TransformParams")?
            && document.value_in(newest, &parameters, b"P")? == Object::Integer(1)
        {
            return Err(Rejected::Unfit(Unfit::CertifiedFinal));
        }
    }
    Ok(())
}

fn no_dynamic_form(document: &Document, catalog: &Dictionary) -> Result<(), Rejected> {
    match document.dictionary_in(document.last(), catalog, b"AcroForm")? {
        Some(form) if form.contains(b"XFA") => Err(Rejected::Unfit(Unfit::DynamicForm)),
        _ => Ok(()),
    }
}
