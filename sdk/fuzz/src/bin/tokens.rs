//! Tokens and objects: the input is the body of an object.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sdk_fuzz::paper::{judge, with_object};

fuzz_target!(|bytes: &[u8]| judge(&with_object(bytes)));
