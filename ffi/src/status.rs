//! Status codes.

use std::ffi::{CStr, c_char};

use bayplan::ErrorKind;

/// What a call came to: OK, or why it failed.
pub type Status = u32;

/// The call did what it should.
pub const BAYPLAN_OK: Status = 0;
/// An argument is null, not UTF-8, too long, or a struct of a size that cannot be.
pub const BAYPLAN_INVALID_ARGUMENT: Status = 1;
/// The input is wrong: not JSON or YAML, or an object with a field that is not legal.
pub const BAYPLAN_INVALID_INPUT: Status = 2;
/// What was named does not exist.
pub const BAYPLAN_NOT_FOUND: Status = 3;
/// The scheduler's configuration or the version is wrong.
pub const BAYPLAN_INVALID_CONFIGURATION: Status = 4;
/// A table has no room left.
pub const BAYPLAN_FULL: Status = 5;
/// The input is legal but asks for something that is not supported.
pub const BAYPLAN_UNSUPPORTED: Status = 6;
/// A fault of the library. The cluster that it happened to can only be freed.
pub const BAYPLAN_INTERNAL: Status = 7;
/// A file could not be read.
pub const BAYPLAN_IO: Status = 8;
/// The caller asked to stop.
pub const BAYPLAN_STOPPED: Status = 9;
/// A workload asks for more pods than options.max_pods allows.
pub const BAYPLAN_TOO_MANY_PODS: Status = 10;

/// The state does not allow it: the pod is on a node already, or on none, or has run to its end.
pub const BAYPLAN_CONFLICT: Status = 12;

/// Two threads are in functions with one cluster, and one of them changes it.
pub const BAYPLAN_MISUSE: Status = 13;

/// There is not enough memory. The cluster is as it was.
pub const BAYPLAN_NO_MEMORY: Status = 17;

/// A plugin of the caller's own failed.
pub const BAYPLAN_PLUGIN: Status = 18;

pub(crate) fn of(kind: ErrorKind) -> Status {
    match kind {
        ErrorKind::Input => BAYPLAN_INVALID_INPUT,
        ErrorKind::NotFound => BAYPLAN_NOT_FOUND,
        ErrorKind::Io => BAYPLAN_IO,
        ErrorKind::Config => BAYPLAN_INVALID_CONFIGURATION,
        ErrorKind::Full => BAYPLAN_FULL,
        ErrorKind::Unsupported => BAYPLAN_UNSUPPORTED,
        ErrorKind::Stopped => BAYPLAN_STOPPED,
        ErrorKind::TooManyPods => BAYPLAN_TOO_MANY_PODS,
        ErrorKind::NoMemory => BAYPLAN_NO_MEMORY,
        ErrorKind::Conflict => BAYPLAN_CONFLICT,
        ErrorKind::Plugin => BAYPLAN_PLUGIN,
        ErrorKind::Internal => BAYPLAN_INTERNAL,
        _ => BAYPLAN_INTERNAL,
    }
}

fn name(status: Status) -> &'static CStr {
    match status {
        BAYPLAN_OK => c"OK",
        BAYPLAN_INVALID_ARGUMENT => c"INVALID_ARGUMENT",
        BAYPLAN_INVALID_INPUT => c"INVALID_INPUT",
        BAYPLAN_NOT_FOUND => c"NOT_FOUND",
        BAYPLAN_INVALID_CONFIGURATION => c"INVALID_CONFIGURATION",
        BAYPLAN_FULL => c"FULL",
        BAYPLAN_UNSUPPORTED => c"UNSUPPORTED",
        BAYPLAN_INTERNAL => c"INTERNAL",
        BAYPLAN_IO => c"IO",
        BAYPLAN_STOPPED => c"STOPPED",
        BAYPLAN_TOO_MANY_PODS => c"TOO_MANY_PODS",
        BAYPLAN_NO_MEMORY => c"NO_MEMORY",
        BAYPLAN_CONFLICT => c"CONFLICT",
        BAYPLAN_MISUSE => c"MISUSE",
        BAYPLAN_PLUGIN => c"PLUGIN",
        _ => c"UNKNOWN",
    }
}

/// The name of a status, as "NOT_FOUND"; "UNKNOWN" for another number. Lives as long as the library is loaded.
#[unsafe(no_mangle)]
pub extern "C" fn bayplan_status_name(status: Status) -> *const c_char {
    name(status).as_ptr()
}
