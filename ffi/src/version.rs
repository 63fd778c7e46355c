//! Versions.

use std::ffi::c_char;

/// The version of this interface: raised when a function or a struct changes in a way that breaks programs built
/// before, never when one is added.
pub const BAYPLAN_ABI_VERSION: u32 = 0;

/// The version of the library that this header is of: 1 in 1.2.3.
pub const BAYPLAN_VERSION_MAJOR: u32 = 0;
/// 2 in 1.2.3.
pub const BAYPLAN_VERSION_MINOR: u32 = 1;
/// 3 in 1.2.3.
pub const BAYPLAN_VERSION_PATCH: u32 = 0;

/// The BAYPLAN_ABI_VERSION of the library that is loaded; a program should compare it with the header's.
#[unsafe(no_mangle)]
pub extern "C" fn bayplan_abi_version() -> u32 {
    BAYPLAN_ABI_VERSION
}

/// The version of the library, as "0.1.0"; lives as long as the library is loaded.
#[unsafe(no_mangle)]
pub extern "C" fn bayplan_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}
