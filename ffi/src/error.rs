//! Errors as the caller gets them.

use std::ffi::c_char;

use bayplan::visible::visible;

use crate::guard::drop_handle;
use crate::status::{self, Status};
use crate::text::Text;

/// Why a call failed, with a message. Free it with bayplan_error_free.
pub struct Error {
    status: Status,
    message: Text,
}

/// Why a call fails, before it is a handle.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Failure { status: status::BAYPLAN_INVALID_ARGUMENT, message: message.into() }
    }
}

impl From<bayplan::Error> for Failure {
    fn from(error: bayplan::Error) -> Self {
        Failure { status: status::of(error.kind()), message: error.to_string() }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        // It may quote what the caller gave.
        Error { status: failure.status, message: Text::new(visible(&failure.message)) }
    }
}

/// The status of the call that failed; OK for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_error_status(error: *const Error) -> Status {
    // SAFETY: the caller passes null or an error that it has not freed.
    unsafe { error.as_ref() }.map_or(status::BAYPLAN_OK, |error| error.status)
}

/// The message: which object, which field, what is wrong and what is legal. UTF-8, lives as long as the error; "" for
/// null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_error_message(error: *const Error) -> *const c_char {
    // SAFETY: the caller passes null or an error that it has not freed.
    unsafe { error.as_ref() }.map_or(c"".as_ptr(), |error| error.message.c_str())
}

/// Frees an error; nothing for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_error_free(error: *mut Error) {
    // SAFETY: the caller passes null or an error that it has not freed.
    unsafe { drop_handle(error) }
}
