//! See `bayplan_fuzzing::read_bytes`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    bayplan_fuzzing::read_bytes::play(data);
});
