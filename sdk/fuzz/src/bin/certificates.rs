//! A certificate, its names shown, and a path asked for that begins and ends with it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sdk_fuzz::{STRUCTURE, within};
use sdk_pki::{Certificate, Purpose, Question, TrustAnchors, validate};

fuzz_target!(|bytes: &[u8]| {
    let Ok(certificate) = within(STRUCTURE, || Certificate::from_der(bytes)) else {
        return;
    };
    assert_eq!(certificate.der(), bytes, "kept as received");
    within(STRUCTURE, || {
        (certificate.subject().to_string(), certificate.serial_hex())
    });
    let anchors: TrustAnchors = [certificate.clone()].into_iter().collect();
    let question = Question::new(&anchors, certificate.not_before()).purpose(Purpose::Any);
    within(STRUCTURE, || validate(&certificate, &question)).ok();
});
