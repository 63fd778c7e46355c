//! See `bayplan_fuzzing::manifest`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    bayplan_fuzzing::manifest::play(data);
});
