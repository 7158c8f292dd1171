//! Every name that a report may use for something, with its meaning: indications, levels, kinds of change. The
//! problems' are with their sentences in `verify::problem`. The schema of the report and whoever reads reports back
//! rest on these lists.

use serde::de::{Deserialize, Deserializer, Error};

use crate::verify::problem::SENTENCES;

/// A name from one of the closed lists of a report.
pub type Stable = &'static str;

/// EN 319 102-1 §5.1.3.
pub(crate) const INDICATIONS: &[(Stable, &str)] = &[
    ("TOTAL-PASSED", "Everything that was asked is proven."),
    (
        "INDETERMINATE",
        "What is at hand proves neither that it is valid nor that it is not.",
    ),
    ("TOTAL-FAILED", "It is proven not to be valid."),
];

/// EN 319 142-1 §6, and what is no PAdES.
pub(crate) const LEVELS: &[(Stable, &str)] = &[
    (
        "PAdES-B-B",
        "A signature with the signer's certificate bound to it.",
    ),
    ("PAdES-B-T", "With a verified timestamp."),
    (
        "PAdES-B-LT",
        "With all evidence about the certificates in the document.",
    ),
    ("PAdES-B-LTA", "With verified timestamps over that evidence."),
    ("PAdES-DTS", "A timestamp over the document."),
    (
        "CAdES-B-B",
        "A signature that stands alone, with the signer's certificate bound to it.",
    ),
    ("CAdES-B-T", "So too, with a verified timestamp."),
    (
        "CAdES-B-LT",
        "So too, with all evidence about the certificates inside.",
    ),
    (
        "PKCS7",
        "A signature in a format from before PAdES, or whose certificate is not bound to it.",
    ),
];

/// What a later revision may do.
pub(crate) const CHANGES: &[(Stable, &str)] = &[
    // Nothing that anybody sees
    ("dss", "Evidence for long-term validation came."),
    ("document_timestamp", "A timestamp over the document came."),
    ("extensions", "The catalogue names other extensions of PDF."),
    ("file_identifier", "The file's identifier changed."),
    (
        "metadata",
        "What the file says about itself (title, author, dates) changed.",
    ),
    ("unused_object", "An object came that nothing uses."),
    ("version", "The version of PDF that the file states was raised."),
    // Forms and signatures
    ("field", "A form field changed its kind, name or place."),
    ("field_group", "A group of form fields came."),
    ("fields_removed", "A form field is gone."),
    ("form", "The form as a whole changed."),
    ("form_fill", "An empty form field was filled in."),
    (
        "form_overwrite",
        "A form field that was filled in says something else.",
    ),
    ("new_field", "A form field came."),
    ("signature", "A signature came."),
    ("signature_field", "A field for a signature came."),
    ("signature_replaced", "A signature was replaced."),
    ("signature_reused", "One signature stands in two fields."),
    (
        "unsigned_appearance",
        "A signature field shows something that nobody signed.",
    ),
    ("visible_signature", "A signature came that is seen on the page."),
    // Annotations
    ("annotation_added", "An annotation came."),
    ("annotation_changed", "An annotation changed."),
    ("annotation_removed", "An annotation is gone."),
    ("annotations_shared", "Pages share one list of annotations."),
    ("covering_widget", "A form field lies over what was signed."),
    // Anything else
    ("action", "Something came that acts on its own."),
    ("catalog", "The catalogue changed."),
    ("catalog_exchanged", "The file has another catalogue."),
    ("encryption", "The encryption changed."),
    ("evidence_removed", "Evidence for long-term validation is gone."),
    ("font", "A font was exchanged."),
    ("form_content", "Drawn content that pages share was exchanged."),
    ("hybrid_update", "Old and new readers see different updates."),
    ("image", "A picture was exchanged."),
    ("layer", "A layer was exchanged."),
    ("object_added", "An object came that is used and not explained."),
    (
        "object_outside_revision",
        "The revision uses an object of an older one anew.",
    ),
    ("object_removed", "An object is gone."),
    ("object_replaced", "An object was exchanged."),
    ("object_stream", "An object stream was exchanged."),
    ("object_unreadable", "An object cannot be read."),
    (
        "object_was_awaited",
        "An object came to which the signed document referred already.",
    ),
    ("page", "A page was exchanged, or came, or is gone."),
    ("page_content", "What a page shows was exchanged."),
    ("page_tree", "The order of the pages changed."),
    (
        "unexplained_bytes",
        "The revision has bytes that belong to no object.",
    ),
];

/// Every stable code that [`Change::kind`](crate::Change::kind) may have: for whoever puts them into words.
pub fn change_kinds() -> impl Iterator<Item = &'static str> {
    CHANGES.iter().map(|(kind, _)| *kind)
}

/// Reads a name back: the list's own.
pub(crate) fn stable<'de, D: Deserializer<'de>>(from: D) -> Result<Stable, D::Error> {
    let text = String::deserialize(from)?;
    find(&text).ok_or_else(|| D::Error::custom(format_args!("{text} is no name of a report")))
}

/// As [`stable`], for what may be missing.
pub(crate) fn stable_if_any<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Stable>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let Some(text) = text else { return Ok(None) };
    let name = find(&text).ok_or_else(|| D::Error::custom(format_args!("{text} is no name of a report")))?;
    Ok(Some(name))
}

fn find(text: &str) -> Option<Stable> {
    let listed = [SENTENCES, CHANGES, INDICATIONS, LEVELS].into_iter().flatten();
    let sub = sdk_pki::SubIndication::ALL.iter().map(|sub| sub.as_str());
    listed
        .map(|(name, _)| *name)
        .chain(sub)
        .find(|name| *name == text)
}
