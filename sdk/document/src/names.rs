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
    ("dss", "Evidence to keep the signature was added."),
    ("document_timestamp", "A timestamp was added."),
    ("extensions", "An extension of the format was declared."),
    ("file_identifier", "The file's identifier was changed."),
    (
        "metadata",
        "What the file says about itself (title, author, dates) was changed.",
    ),
    ("unused_object", "Data was added that is not shown."),
    ("version", "The version of PDF that the file states was raised."),
    // Forms and signatures
    ("field", "A form field was changed beyond filling it in."),
    ("field_group", "A group of form fields was added."),
    ("fields_removed", "A form field was removed."),
    ("form", "The form as a whole changed."),
    ("form_fill", "An empty form field was filled in."),
    ("form_overwrite", "What a form field said was replaced."),
    ("new_field", "A form field was added."),
    ("signature", "Another signature was added."),
    ("signature_field", "A place to sign was added."),
    ("signature_replaced", "A signature was replaced."),
    ("signature_reused", "One signature stands in two fields."),
    (
        "unsigned_appearance",
        "A signature field shows something that nobody signed.",
    ),
    (
        "visible_signature",
        "Another signature was added, seen on the page.",
    ),
    // Annotations
    ("annotation_added", "An annotation was added."),
    ("annotation_changed", "An annotation changed."),
    ("annotation_removed", "An annotation was removed."),
    ("annotations_shared", "Pages share one list of annotations."),
    ("covering_widget", "A form field lies over what was signed."),
    // Anything else
    ("action", "Something was added that acts on its own."),
    ("catalog", "How the document is built up was changed."),
    (
        "catalog_exchanged",
        "The document was exchanged for another one in the same file.",
    ),
    ("encryption", "The encryption changed."),
    ("evidence_removed", "Evidence that the signature had was removed."),
    ("font", "A font was exchanged: the text may read differently."),
    ("form_content", "A drawing was exchanged."),
    (
        "hybrid_update",
        "Some readers show the change, and others do not.",
    ),
    ("image", "A picture was exchanged."),
    ("layer", "A layer was exchanged."),
    ("object_added", "Content was added."),
    (
        "object_outside_revision",
        "Content that was hidden in the file is used again.",
    ),
    ("object_removed", "Content was removed."),
    ("object_replaced", "Content was replaced."),
    ("object_stream", "A group of contents was replaced."),
    ("object_unreadable", "Content was added that cannot be read."),
    (
        "object_was_awaited",
        "Something was filled in that the signed document had left open.",
    ),
    ("page", "The page was changed."),
    ("page_content", "What the page shows was changed."),
    ("page_tree", "Pages were added, removed or moved."),
    ("unexplained_bytes", "Data was added that nothing explains."),
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use serde_json::Value;

    use super::*;

    /// Every text in quotes that looks like a name, in these files and folders, their tests left out.
    fn literals(place: &Path, found: &mut BTreeSet<String>) {
        if place.is_dir() {
            for entry in std::fs::read_dir(place).unwrap() {
                literals(&entry.unwrap().path(), found);
            }
            return;
        }
        let text = std::fs::read_to_string(place).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let code = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("//") && !line.starts_with('#'));
        for line in code {
            // Whatever stands between quotes, or between them: too much is no harm.
            let pieces: Vec<&str> = line.split('"').collect();
            for (before, piece) in pieces.iter().zip(pieces.iter().skip(1)) {
                let name = piece.len() > 2 && piece.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                if name && !before.ends_with('b') {
                    found.insert((*piece).to_owned());
                }
            }
        }
    }

    fn written() -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = BTreeSet::new();
        for place in [
            "src/cms",
            "src/changes",
            "src/signature",
            "src/pdf/error.rs",
            "src/report.rs",
            "../pki/src/failure.rs",
        ] {
            literals(&root.join(place), &mut found);
        }
        for entry in std::fs::read_dir(root.join("src/verify")).unwrap() {
            let path = entry.unwrap().path();
            if !path.ends_with("problem.rs") {
                literals(&path, &mut found);
            }
        }
        for other in OTHER {
            found.remove(*other);
        }
        found
    }

    /// Literals in those files that are no names of a report.
    const OTHER: &[&str] = &[
        "algorithm",
        "anchors",
        "attributes",
        "certificates",
        "intact",
        "irregular",
        "signed_data",
        "unknown",
    ];

    #[test]
    fn every_name_in_the_source_is_listed() {
        let unlisted: Vec<String> = written()
            .into_iter()
            .filter(|name| find(name).is_none())
            .collect();
        assert!(unlisted.is_empty(), "{unlisted:?}");
    }

    #[test]
    fn every_listed_name_is_in_the_source() {
        let written = written();
        let listed = SENTENCES.iter().chain(CHANGES).map(|(name, _)| *name);
        let unused: Vec<&str> = listed.filter(|name| !written.contains(*name)).collect();
        assert!(unused.is_empty(), "{unused:?}");
    }

    #[test]
    fn no_name_is_listed_twice() {
        for list in [SENTENCES, CHANGES, LEVELS, INDICATIONS] {
            let names: BTreeSet<&str> = list.iter().map(|(name, _)| *name).collect();
            assert_eq!(names.len(), list.len());
        }
    }

    #[test]
    fn an_unknown_name_is_refused() {
        let told = stable(Value::from("nobody_says_so"));
        assert!(told.is_err());
    }

    fn schema() -> Value {
        serde_json::from_str(include_str!("../report.schema.json")).unwrap()
    }

    fn in_schema(schema: &Value, list: &str) -> Vec<(String, String)> {
        let all = schema["$defs"][list]["oneOf"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        all.map(|one| (text(&one["const"]), text(&one["description"])))
            .collect()
    }

    #[test]
    fn row_67_the_schema_lists_every_name_with_its_meaning() {
        let schema = schema();
        for (list, names) in [
            ("problem_code", SENTENCES),
            ("change_kind", CHANGES),
            ("level", LEVELS),
            ("indication", INDICATIONS),
        ] {
            let names: Vec<(String, String)> = names
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect();
            assert_eq!(in_schema(&schema, list), names, "{list}");
        }
        let sub: Vec<&str> = sdk_pki::SubIndication::ALL
            .iter()
            .map(|sub| sub.as_str())
            .collect();
        assert_eq!(schema["$defs"]["sub_indication"]["enum"], Value::from(sub));
    }

    #[test]
    fn row_67_every_field_in_the_schema_is_described_and_required() {
        let schema = schema();
        let mut waiting = vec![&schema];
        let mut objects = Vec::new();
        while let Some(value) = waiting.pop() {
            if let Some(properties) = value["properties"].as_object() {
                objects.push(value);
                assert_eq!(value["additionalProperties"], Value::Bool(false), "{value}");
                let required: BTreeSet<&str> = value["required"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(Value::as_str)
                    .collect();
                for (name, field) in properties {
                    assert!(field["description"].is_string(), "{name} is not described");
                    // The command tells which file it was, the service what is seen; nobody else does.
                    let told_by_one = matches!(name.as_str(), "path" | "seen");
                    assert!(
                        required.contains(name.as_str()) != told_by_one,
                        "{name} is not required"
                    );
                }
            }
            waiting.extend(value.as_object().into_iter().flat_map(|o| o.values()));
            waiting.extend(value.as_array().into_iter().flatten());
        }
        assert!(objects.len() >= 7, "{}", objects.len());
    }
}
