//! Filters and predictors: the first octet chooses them, the rest is what they are given.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sdk_fuzz::paper::{judge, with_filters};

fuzz_target!(|bytes: &[u8]| judge(&with_filters(bytes)));
