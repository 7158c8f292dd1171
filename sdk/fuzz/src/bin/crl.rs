//! A revocation list, and what it says of a certificate.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sdk_fuzz::{STRUCTURE, within};
use sdk_pki::{Crl, Evidence};

fuzz_target!(|bytes: &[u8]| {
    within(STRUCTURE, || Evidence::new().add_crl(bytes)).ok();
    let Ok(list) = within(STRUCTURE, || Crl::from_der(bytes)) else {
        return;
    };
    assert_eq!(list.der(), bytes, "kept as received");
    within(STRUCTURE, || list.entry(list.issuer(), &[1])).ok();
});
