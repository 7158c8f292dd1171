//! A whole document.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sdk_fuzz::paper::judge;

fuzz_target!(|bytes: &[u8]| judge(bytes));
