//! Cross-reference sections: the input begins with the newest one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sdk_fuzz::paper::{judge, with_section};

fuzz_target!(|bytes: &[u8]| judge(&with_section(bytes)));
