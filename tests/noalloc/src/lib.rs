//! Proof that the core allocates nothing: a static library without a global allocator that uses all of it. If
//! anything in the core or below it could allocate, this would not build or not link.
//!
//! Each check that fails gives its line number; `bayplan_worlds::small` is the cluster; `decide.rs`, `room.rs` and `keep.rs` the checks.
#![no_std]

mod decide;
mod keep;
mod room;

#[cfg(feature = "allocate")]
extern crate alloc;

use core::panic::{Location, PanicInfo};

use bayplan_core::Error;

/// Where a check failed: a file (1 decide, 2 keep, 3 another, 4 room, 9 a panic) and a line.
#[derive(Debug)]
pub(crate) struct Failed(i32);

impl From<Error> for Failed {
    #[track_caller]
    fn from(_: Error) -> Self {
        Failed::at(Location::caller())
    }
}

impl Failed {
    fn at(location: &Location<'_>) -> Self {
        let file = location.file();
        let number = if file.ends_with("decide.rs") {
            1
        } else if file.ends_with("keep.rs") {
            2
        } else if file.ends_with("room.rs") {
            4
        } else {
            3
        };
        Failed(number * 10_000 + location.line() as i32)
    }
}

/// A check.
#[track_caller]
pub(crate) fn ensure(holds: bool) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(Failed::at(Location::caller())) }
}

/// How many words each of the two blocks needs at least.
#[unsafe(no_mangle)]
pub extern "C" fn bayplan_probe_words() -> usize {
    bayplan_core::block_words(&bayplan_worlds::small::larger())
}

/// Uses the whole core in two blocks of `words` words each. 0, or where a check failed: file × 10,000 + line.
///
/// # Safety
/// Both blocks are that long, and nobody else uses them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_probe(first: *mut u64, second: *mut u64, words: usize) -> i32 {
    if first.is_null() || second.is_null() || words == 0 {
        return -1;
    }
    // SAFETY: not null, and the caller's promise.
    let (first, second) =
        unsafe { (core::slice::from_raw_parts_mut(first, words), core::slice::from_raw_parts_mut(second, words)) };
    #[cfg(feature = "allocate")]
    let first = alloc::boxed::Box::leak(alloc::vec::Vec::from(first).into_boxed_slice());
    match decide::check(first).and_then(|()| room::check(first)).and_then(|()| keep::check(first, second)) {
        Ok(()) => 0,
        Err(Failed(place)) => place,
    }
}

unsafe extern "C" {
    /// The host's way out.
    safe fn bayplan_probe_panicked(line: i32) -> !;
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    bayplan_probe_panicked(90_000 + info.location().map_or(0, |l| l.line() as i32))
}
