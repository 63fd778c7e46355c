//! Errors as the caller gets them.

use std::ffi::c_char;

use bayplan::visible::visible;

use crate::guard::drop_handle;
use crate::status::{self, Status};
use crate::text::{Str, Text};

/// Why a call failed, with a message. Free it with bayplan_error_free.
pub struct Error {
    status: Status,
    message: Text,
    /// By the numbers of the parts.
    parts: [Text; PARTS],
}

/// The whole message, as bayplan_error_message gives it.
pub const BAYPLAN_ERROR_MESSAGE: u32 = 0;
/// The object that is wrong, as "Pod shop/web-1".
pub const BAYPLAN_ERROR_OBJECT: u32 = 1;
/// The field that is wrong, as "spec.containers[0].name".
pub const BAYPLAN_ERROR_FIELD: u32 = 2;
/// What is wrong, without where.
pub const BAYPLAN_ERROR_PROBLEM: u32 = 3;
/// What to do about it.
pub const BAYPLAN_ERROR_HINT: u32 = 4;
/// The input that it is in, as the caller named it.
pub const BAYPLAN_ERROR_SOURCE: u32 = 5;

/// How many parts there are beside the message.
const PARTS: usize = 5;

/// Why a call fails, before it is a handle.
#[derive(Debug)]
pub(crate) struct Failure {
    status: Status,
    message: String,
    /// Object, field, problem, hint, source.
    parts: Box<[String; PARTS]>,
}

impl Failure {
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut parts = Box::<[String; PARTS]>::default();
        parts[BAYPLAN_ERROR_PROBLEM as usize - 1].clone_from(&message);
        Failure { status, message, parts }
    }

    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Failure::new(status::BAYPLAN_INVALID_ARGUMENT, message)
    }

    pub(crate) fn status(&self) -> Status {
        self.status
    }
}

impl From<bayplan::Error> for Failure {
    fn from(error: bayplan::Error) -> Self {
        let parts = [error.object(), error.field(), error.problem(), error.hint_text(), error.source_name()];
        Failure {
            status: status::of(error.kind()),
            message: error.to_string(),
            parts: Box::new(parts.map(str::to_owned)),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        // It may quote what the caller gave.
        let text = |said: String| Text::new(visible(&said));
        Error { status: failure.status, message: text(failure.message), parts: failure.parts.map(text) }
    }
}

/// The status of the call that failed; OK for null.
#[must_use]
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

/// A part of the message by its BAYPLAN_ERROR_ number; "" where it has none, for null, and for another number. Lives as long as the error. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_error_part(error: *const Error, part: u32) -> Str {
    static NOTHING: u8 = 0;
    let nothing = Str { data: (&raw const NOTHING).cast(), length: 0 };
    // SAFETY: the caller passes null or an error that it has not freed.
    let Some(error) = (unsafe { error.as_ref() }) else { return nothing };
    match part.checked_sub(1) {
        None => error.message.view(),
        Some(at) => error.parts.get(at as usize).map_or(nothing, Text::view),
    }
}

/// Frees an error; nothing for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_error_free(error: *mut Error) {
    // SAFETY: the caller passes null or an error that it has not freed.
    unsafe { drop_handle(error) }
}
