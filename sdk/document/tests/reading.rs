//! The reader over files that others made: real ones, and ones made to break readers.

use std::path::PathBuf;

use sdk_document::{Bytes, Code, Document, File, Limits, Options, verify};
use sdk_pki::TrustAnchors;

/// The folder of corpora, if it is there.
fn corpora() -> Option<PathBuf> {
    let shared = std::env::var_os("AVAL_SHARED").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let found = [shared, Some(beside)]
        .into_iter()
        .flatten()
        .map(|p| p.join("corpora"))
        .find(|p| p.is_dir());
    if found.is_none() {
        eprintln!("skipped: no corpora; set AVAL_SHARED to the folder that holds them");
    }
    found
}

fn files() -> Vec<PathBuf> {
    let Some(corpora) = corpora() else {
        return Vec::new();
    };
    let folders = ["pyhanko-tests/pdf", "dss/dss-pades"];
    let entries = folders
        .iter()
        .flat_map(|f| std::fs::read_dir(corpora.join(f)).into_iter().flatten());
    let mut files: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "pdf"));
    files.sort();
    files
}

#[test]
fn corpus_files_open_or_say_why() {
    let (mut read, mut refused) = (0, Vec::new());
    for path in files() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match Document::open(File::open(&path).unwrap(), &Limits::default()) {
            Ok(document) => {
                read += 1;
                let pages = document.page_count();
                if pages.is_err() || !document.irregularities().is_empty() {
                    refused.push(format!(
                        "{name}: {} revisions, {pages:?}, {:?}",
                        document.revisions().len(),
                        document.irregularities()
                    ));
                }
            }
            Err(error) => refused.push(format!("{name}: {error}")),
        }
    }
    eprintln!("{read} read; not wholly regular:\n{}", refused.join("\n"));
}

#[test]
fn a_file_and_its_bytes_read_alike() {
    for path in files().into_iter().step_by(7) {
        let bytes = Bytes::new(std::fs::read(&path).unwrap());
        let here = Document::open(bytes, &Limits::default());
        let there = Document::open(File::open(&path).unwrap(), &Limits::default());
        match (here, there) {
            (Ok(here), Ok(there)) => {
                assert_eq!(here.irregularities(), there.irregularities());
                assert_eq!(here.page_count(), there.page_count());
                for revision in 0..here.revisions().len() {
                    for (number, _) in here.revisions()[revision].entries() {
                        let reference = sdk_document::Reference::new(number);
                        assert_eq!(
                            here.get_in(revision, reference),
                            there.get_in(revision, reference)
                        );
                    }
                }
            }
            (here, there) => assert_eq!(here.err(), there.err()),
        }
    }
}

#[test]
fn an_empty_file_is_empty() {
    let error = Document::open(Bytes::new(*b""), &Limits::default()).unwrap_err();
    assert_eq!(error.code, Code::Empty);
}

#[test]
fn zeros_are_no_pdf() {
    let error = Document::open(Bytes::new(vec![0; 1 << 20]), &Limits::default()).unwrap_err();
    assert_eq!(error.code, Code::NotPdf);
}

#[test]
fn a_truncated_file_says_so() {
    let error = Document::open(
        Bytes::new(*b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"),
        &Limits::default(),
    );
    assert_eq!(error.unwrap_err().code, Code::NoStartxref);
}

/// Row 59: bytes changed at random, but the same ones each time; a panic (and in a debug build, an
/// overflow) fails the test.
#[test]
fn row_59_mutated_files_get_a_report() {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below.max(1)).unwrap()).unwrap()
    };
    let options = Options::new(TrustAnchors::new(), time::macros::datetime!(2026-11-21 12:00 UTC));
    let mut judged = 0;
    for path in files().into_iter().step_by(9) {
        let original = std::fs::read(&path).unwrap();
        if original.len() > 300_000 {
            continue;
        }
        for round in 0..6 {
            let mut bytes = original.clone();
            for _ in 0..=round * 3 {
                let at = random(bytes.len());
                match random(4) {
                    0 => bytes[at] = u8::try_from(random(256)).unwrap(),
                    1 => bytes[at] = b"0123456789<>[]()/ %\n"[random(20)],
                    2 => drop(bytes.drain(at..(at + random(40)).min(bytes.len()))),
                    _ => {
                        let piece = bytes[at..(at + random(60)).min(bytes.len())].to_vec();
                        let into = random(bytes.len());
                        bytes.splice(into..into, piece);
                    }
                }
            }
            let report = verify(Bytes::new(bytes), &options);
            assert!(!report.is_valid(), "nobody is trusted here");
            judged += 1;
        }
    }
    eprintln!("{judged} mutants judged");
}
