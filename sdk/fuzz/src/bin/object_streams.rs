//! Object streams: the input is the contents of one, whose objects a cross-reference stream names.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sdk_fuzz::paper::{judge, with_object_stream};

fuzz_target!(|bytes: &[u8]| judge(&with_object_stream(bytes)));
