//! See `bayplan_fuzzing::structured_world`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    bayplan_fuzzing::structured_world::play(data);
});
