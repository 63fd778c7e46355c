//! See `bayplan_fuzzing::damaged_block`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    bayplan_fuzzing::damaged_block::play(data);
});
