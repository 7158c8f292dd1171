//! A timestamp token (RFC 3161), and the TSTInfo inside one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sdk_document::cms::Token;
use sdk_fuzz::{STRUCTURE, within};
use sdk_pki::{DigestAlgorithm, TstInfo};

fuzz_target!(|bytes: &[u8]| {
    within(STRUCTURE, || TstInfo::from_der(bytes)).ok();
    let imprint = DigestAlgorithm::Sha256.of(b"");
    within(STRUCTURE, || {
        Token::parse_padded(bytes).map(|token| token.verify(&imprint, &[]))
    })
    .ok();
});
