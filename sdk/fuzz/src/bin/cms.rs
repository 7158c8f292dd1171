//! A CMS signature that stands alone, in DER, BER or PEM: with its content inside, about the content of the tests' own
//! signatures, which are the seeds, and behind the padding of a PDF.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sdk_document::cms::{Content, SignedData};
use sdk_document::{Bytes, verify_cms};
use sdk_fuzz::paper::nobody;
use sdk_fuzz::{STRUCTURE, within};

fuzz_target!(|bytes: &[u8]| {
    let report = within(STRUCTURE, || verify_cms(bytes, None::<Bytes>, &nobody()));
    assert!(!report.is_valid(), "nobody is trusted");
    let content = Bytes::new(CONTENT);
    let report = within(STRUCTURE, || verify_cms(bytes, Some(content), &nobody()));
    assert!(!report.is_valid(), "nobody is trusted");
    within(STRUCTURE, || {
        SignedData::parse_padded(bytes).map(|signed| signed.verify(Content::Embedded, &[]))
    })
    .ok();
});

/// What the tests' own detached signatures are about.
const CONTENT: &[u8] = b"Ordenanza 42\n";
