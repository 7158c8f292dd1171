//! Encrypted documents, as qpdf and pyHanko write them.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::path::PathBuf;

use sdk_document::{Bytes, Code, Document, Limits, Options, Reference, TrustAnchors, verify};

const FILES: [(&str, &[u8]); 5] = [
    ("RC4, 40 bits", include_bytes!("data/pdf/r2.pdf")),
    ("RC4, 128 bits", include_bytes!("data/pdf/r3.pdf")),
    ("AES-128", include_bytes!("data/pdf/r4.pdf")),
    ("AES-256 of 2008", include_bytes!("data/pdf/r5.pdf")),
    ("AES-256", include_bytes!("data/pdf/r6.pdf")),
];

fn open(file: &[u8], password: Option<&str>) -> Document {
    Document::open_with(Bytes::new(file), &Limits::default(), password).unwrap()
}

/// The page's content and the title: a stream and a string.
fn shown(document: &Document) -> (Vec<u8>, String) {
    let page = document.pages().unwrap().remove(0);
    let content = document
        .get(page.dictionary.reference(b"Contents").unwrap())
        .unwrap();
    let content = document.decode(content.as_stream().unwrap()).unwrap();
    let info = document
        .get(document.trailer().reference(b"Info").unwrap())
        .unwrap();
    let title = info.as_dictionary().unwrap().get(b"Title").unwrap();
    (content.bytes, title.as_string().unwrap().to_text())
}

#[test]
fn either_password_opens_every_revision_of_the_handler() {
    for (name, file) in FILES {
        for password in ["usuaria", "dueña"] {
            let document = open(file, Some(password));
            assert!(!document.locked(), "{name}, {password}");
            let (content, title) = shown(&document);
            assert!(content.starts_with(b"BT /F1 24 Tf"), "{name}");
            assert_eq!(title, "Permiso de obra", "{name}");
        }
    }
}

#[test]
fn another_password_opens_nothing() {
    for (name, file) in FILES {
        for password in [
            None,
            Some(""),
            Some("usuario"),
            Some("una clave larguísima que no es de nadie"),
        ] {
            let document = open(file, password);
            assert!(document.locked() && document.encrypted(), "{name}");
            let page = document.pages().unwrap().remove(0);
            let content = page.dictionary.reference(b"Contents").unwrap();
            let content = document.get(content).unwrap();
            let error = document.decode(content.as_stream().unwrap()).unwrap_err();
            assert_eq!(error.code, Code::Encrypted);
        }
    }
}

#[test]
fn no_user_password_is_needed_where_there_is_none() {
    let document = open(include_bytes!("data/pdf/r6_streams.pdf"), None);
    assert!(!document.locked());
    assert_eq!(shown(&document).1, "Permiso de obra");
}

#[test]
fn row_59_a_broken_dictionary_stays_locked() {
    for (name, file) in FILES {
        for needle in [&b"/O <"[..], b"/U <", b"/V ", b"/R ", b"/P "] {
            let mut broken = file.to_vec();
            let Some(at) = broken.windows(needle.len()).position(|w| w == needle) else {
                panic!("{name}: no {needle:?}");
            };
            broken[at + 1] = b'Z';
            let document = open(&broken, Some("usuaria"));
            assert!(document.locked(), "{name}: {needle:?}");
            assert!(document.get(Reference::new(1)).is_ok());
        }
    }
}

/// pyHanko's own encrypted tests, signed and not.
#[test]
fn files_of_another_maker_open_with_their_passwords() {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("AVAL_SHARED").map_or(beside, PathBuf::from);
    let Ok(folder) = std::fs::read_dir(shared.join("corpora/pyhanko-tests/pdf")) else {
        eprintln!("skipped: no corpora; set AVAL_SHARED to the folder that holds them");
        return;
    };
    let (mut opened, mut signed) = (0, 0);
    for entry in folder {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        if !bytes.windows(8).any(|w| w == b"/Encrypt") {
            continue;
        }
        for password in ["ownersecret", "usersecret", "secret"] {
            let mut options = Options::new(TrustAnchors::new(), time::macros::datetime!(2020-11-01 0:00 UTC));
            options.password = Some(password.to_owned());
            let report = verify(Bytes::new(&bytes[..]), &options);
            if report.file.encrypted && !report.problems.iter().any(|p| p.code == "encrypted") {
                opened += 1;
                signed += usize::from(!report.signatures.is_empty());
                let unread = ["changes_unknown", "filter", "string"];
                let told = report.problems.iter().find(|p| unread.contains(&p.code));
                assert!(told.is_none(), "{told:?}");
                break;
            }
        }
    }
    println!("{opened} opened, {signed} of them signed");
    assert!(opened >= 10 && signed >= 5, "{opened} {signed}");
}
