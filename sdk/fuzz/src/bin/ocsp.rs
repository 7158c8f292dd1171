//! A response of OCSP (RFC 6960).

#![no_main]

use libfuzzer_sys::fuzz_target;
use sdk_fuzz::{STRUCTURE, within};
use sdk_pki::{Evidence, OcspResponse};

fuzz_target!(|bytes: &[u8]| {
    within(STRUCTURE, || Evidence::new().add_ocsp(bytes)).ok();
    within(STRUCTURE, || {
        OcspResponse::from_der(bytes).map(|response| format!("{response:?}"))
    })
    .ok();
});
