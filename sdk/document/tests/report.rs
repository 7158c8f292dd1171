//! The report in its shapes: JSON that is read back as it was written, and XML of the structure that ETSI
//! TS 119 102-2 V1.2.1 demands.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails loudly"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sdk_document::{Bytes, Certificate, NotJudged, Options, Report, TrustAnchors, verify};
use time::macros::datetime;

/// Every PDF of the corpora, and of our own data.
fn files() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("AVAL_SHARED").map_or(here.join("../../../shared"), PathBuf::from);
    let mut found = Vec::new();
    let mut folders = vec![
        here.join("tests/data"),
        shared.join("corpora/pyhanko-tests"),
        shared.join("corpora/dss"),
    ];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "pdf") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn report(path: &Path, anchors: &TrustAnchors) -> Report {
    let options = Options::new(anchors.clone(), datetime!(2026-11-21 12:00 UTC));
    verify(Bytes::new(std::fs::read(path).unwrap()), &options)
}

fn everybody() -> TrustAnchors {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("AVAL_SHARED").map_or(here.join("../../../shared"), PathBuf::from);
    let certificates = std::fs::read_dir(shared.join("corpora/pyhanko-tests/certs"));
    let certificates = certificates.into_iter().flatten().flatten();
    certificates
        .filter_map(|entry| Certificate::from_der(&std::fs::read(entry.path()).ok()?).ok())
        .collect()
}

#[test]
fn row_67_every_report_is_read_back_as_it_was_written_and_has_the_structure_of_ts_119_102_2() {
    let files = files();
    assert!(files.len() >= 2, "our own data at least");
    let anchors = everybody();
    for path in files {
        let report = report(&path, &anchors);
        let json = serde_json::to_string(&report).unwrap();
        let back: Report = serde_json::from_str(&json).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(serde_json::to_string(&back).unwrap(), json, "{}", path.display());
        check(&report.to_xml(), &path.display().to_string());
    }
}

#[test]
fn a_report_on_a_file_that_was_not_read_says_so() {
    let at = datetime!(2026-11-21 12:00 UTC);
    for (why, code) in [
        (NotJudged::Crashed, "reading_crashed"),
        (NotJudged::OutOfTime, "reading_out_of_time"),
    ] {
        let report = Report::not_judged(at, 5, why);
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["verdict"], "indeterminate");
        assert_eq!(json["problems"][0]["code"], code);
        check(&report.to_xml(), code);
    }
}

/// An element of the schema: name, children in order with how often each may come, attributes it must have.
struct Rule {
    name: &'static str,
    children: &'static [(&'static str, usize, usize)],
    attributes: &'static [&'static str],
}

const MANY: usize = usize::MAX;

/// TS 119 102-2 V1.2.1 clause 4, as far as our reports use it: what may stand where, in which order, how often.
const STRUCTURE: &[Rule] = &[
    // §4.2
    Rule {
        name: "ValidationReport",
        children: &[
            ("SignatureValidationReport", 1, MANY),
            ("SignatureValidationObjects", 0, 1),
        ],
        attributes: &["xmlns"],
    },
    // §4.3
    Rule {
        name: "SignatureValidationReport",
        children: &[
            ("SignatureIdentifier", 0, 1),
            ("ValidationTimeInfo", 1, 1),
            ("SignerInformation", 0, 1),
            ("SignatureValidationProcess", 0, 1),
            ("SignatureValidationStatus", 1, 1),
        ],
        attributes: &[],
    },
    Rule {
        name: "SignatureIdentifier",
        children: &[("HashOnly", 1, 1), ("DocHashOnly", 1, 1)],
        attributes: &["id"],
    },
    Rule {
        name: "ValidationTimeInfo",
        children: &[("ValidationTime", 1, 1), ("BestSignatureTime", 1, 1)],
        attributes: &[],
    },
    Rule {
        name: "BestSignatureTime",
        children: &[("POETime", 1, 1), ("TypeOfProof", 1, 1)],
        attributes: &[],
    },
    Rule {
        name: "SignerInformation",
        children: &[("SignerCertificate", 1, 1), ("Signer", 0, 1)],
        attributes: &[],
    },
    Rule {
        name: "SignerCertificate",
        children: &[],
        attributes: &["VOReference"],
    },
    Rule {
        name: "SignatureValidationProcess",
        children: &[("SignatureValidationProcessID", 1, 1)],
        attributes: &[],
    },
    Rule {
        name: "SignatureValidationStatus",
        children: &[
            ("MainIndication", 1, 1),
            ("SubIndication", 0, MANY),
            ("AssociatedValidationReportData", 0, MANY),
        ],
        attributes: &[],
    },
    Rule {
        name: "AssociatedValidationReportData",
        children: &[("AdditionalValidationReportData", 0, 1)],
        attributes: &[],
    },
    Rule {
        name: "AdditionalValidationReportData",
        children: &[("ReportData", 1, MANY)],
        attributes: &[],
    },
    Rule {
        name: "ReportData",
        children: &[("Type", 1, 1), ("Value", 1, 1)],
        attributes: &[],
    },
    Rule {
        name: "Value",
        children: &[],
        attributes: &["xsi:type"],
    },
    // §4.4
    Rule {
        name: "SignatureValidationObjects",
        children: &[("ValidationObject", 1, MANY)],
        attributes: &[],
    },
    Rule {
        name: "ValidationObject",
        children: &[("ObjectType", 1, 1), ("ValidationObjectRepresentation", 1, 1)],
        attributes: &["id"],
    },
    Rule {
        name: "ValidationObjectRepresentation",
        children: &[("DigestAlgAndValue", 1, 1)],
        attributes: &[],
    },
    Rule {
        name: "DigestAlgAndValue",
        children: &[("ds:DigestMethod", 1, 1), ("ds:DigestValue", 1, 1)],
        attributes: &[],
    },
    Rule {
        name: "ds:DigestMethod",
        children: &[],
        attributes: &["Algorithm"],
    },
];

/// The URIs that the specification lists for an element's content.
const VALUES: &[(&str, &[&str])] = &[
    (
        "MainIndication",
        &[
            "urn:etsi:019102:mainindication:total-passed",
            "urn:etsi:019102:mainindication:total-failed",
            "urn:etsi:019102:mainindication:indeterminate",
        ],
    ),
    (
        "TypeOfProof",
        &[
            "urn:etsi:019102:poetype:validation",
            "urn:etsi:019102:poetype:provided",
            "urn:etsi:019102:poetype:policy",
        ],
    ),
    (
        "SignatureValidationProcessID",
        &[
            "urn:etsi:019102:validationprocess:Basic",
            "urn:etsi:019102:validationprocess:LTVM",
            "urn:etsi:019102:validationprocess:LTA",
        ],
    ),
    ("HashOnly", &["true", "false"]),
    ("DocHashOnly", &["true", "false"]),
    ("ObjectType", &["urn:etsi:019102:validationObject:certificate"]),
];

#[derive(Debug)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

fn check(xml: &str, file: &str) {
    let body = xml
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .unwrap();
    let mut rest = body;
    let root = element(&mut rest);
    assert_eq!(rest.trim(), "", "{file}: one root");
    assert_eq!(root.name, "ValidationReport");
    let (mut names, mut references) = (BTreeSet::new(), BTreeSet::new());
    let mut waiting = vec![&root];
    while let Some(element) = waiting.pop() {
        conforms(element, file);
        for (name, value) in &element.attributes {
            match name.as_str() {
                "id" => assert!(names.insert(value.clone()), "{file}: {value} twice"),
                "VOReference" => drop(references.insert(value.clone())),
                _ => {}
            }
        }
        waiting.extend(&element.children);
    }
    assert!(
        references.is_subset(&names),
        "{file}: {references:?} leads nowhere"
    );
}

fn conforms(element: &Element, file: &str) {
    let name = element.name.as_str();
    if let Some((_, values)) = VALUES.iter().find(|(of, _)| *of == name) {
        assert!(
            values.contains(&element.text.as_str()),
            "{file}: {name} is {}",
            element.text
        );
    }
    if name == "SubIndication" {
        let sub = element
            .text
            .strip_prefix("urn:etsi:019102:subindication:")
            .unwrap();
        assert!(
            sub.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'),
            "{file}: {sub}"
        );
    }
    if name.ends_with("Time") && element.children.is_empty() {
        assert!(
            element.text.len() == 20 && element.text.ends_with('Z'),
            "{file}: {}",
            element.text
        );
    }
    let Some(rule) = STRUCTURE.iter().find(|rule| rule.name == name) else {
        assert!(element.children.is_empty(), "{file}: {name} has children");
        assert!(!element.text.is_empty(), "{file}: {name} is empty");
        return;
    };
    for needed in rule.attributes {
        assert!(
            element.attributes.iter().any(|(name, _)| name == needed),
            "{file}: {name} without {needed}"
        );
    }
    let mut children = element.children.iter().map(|c| c.name.as_str()).peekable();
    for (child, least, most) in rule.children {
        let mut count = 0;
        while children.peek() == Some(child) {
            children.next();
            count += 1;
        }
        assert!(
            (*least..=*most).contains(&count),
            "{file}: {count} of {child} in {name}"
        );
    }
    assert_eq!(children.next(), None, "{file}: in {name}");
}

/// As much of XML as our reports are made of.
fn element(rest: &mut &str) -> Element {
    let trimmed = rest.trim_start();
    let inside = trimmed.strip_prefix('<').unwrap();
    let (tag, after) = inside.split_once('>').unwrap();
    let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
    let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut found = Element {
        name: name.to_owned(),
        attributes: attributes
            .split_inclusive('"')
            .collect::<Vec<_>>()
            .chunks_exact(2)
            .map(|pair| {
                let name = pair[0].trim().strip_suffix("=\"").unwrap();
                (name.to_owned(), pair[1].strip_suffix('"').unwrap().to_owned())
            })
            .collect(),
        children: Vec::new(),
        text: String::new(),
    };
    *rest = after;
    if empty {
        return found;
    }
    let end = format!("</{name}>");
    loop {
        let here = rest.trim_start();
        if let Some(after) = here.strip_prefix(&end) {
            *rest = after;
            return found;
        }
        if here.starts_with('<') {
            found.children.push(element(rest));
        } else {
            let (text, _) = rest.split_once('<').unwrap();
            found.text = text.to_owned();
            *rest = &rest[text.len()..];
        }
    }
}
