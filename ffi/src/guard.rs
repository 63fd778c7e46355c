//! The border: every pointer checked, no panic across it.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use crate::error::{Error, Failure};
use crate::status::{self, Status};

/// The length of a text that ends in a zero byte, where one is asked for: strlen is then the library's.
pub const BAYPLAN_ZERO_ENDED: usize = usize::MAX;

/// Runs a call; where it fails, `error` is set unless it is null.
///
/// # Safety
/// `error` is null or may be written.
pub(crate) unsafe fn call(error: *mut *mut Error, body: impl FnOnce() -> Result<(), Failure>) -> Status {
    let result = quietly(|| catch_unwind(AssertUnwindSafe(body))).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        let at = FAULT.take().map_or(String::new(), |at| format!(" ({at})"));
        Err(Failure::new(status::BAYPLAN_INTERNAL, format!("a fault of bayplan, please report it: {said}{at}")))
    });
    let Err(failure) = result else { return status::BAYPLAN_OK };
    let status = failure.status();
    if !error.is_null() {
        // SAFETY: not null, and the caller lets it be written.
        unsafe { error.write(Box::into_raw(Box::new(failure.into()))) };
    }
    status
}

thread_local! {
    /// How many calls of the library this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// Where the last fault was.
    static FAULT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a call so that a fault in it prints nothing: where it was is said in the error. Faults elsewhere in the process go where they went before.
fn quietly<R>(call: impl FnOnce() -> R) -> R {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if DEPTH.get() == 0 {
                return before(panic);
            }
            FAULT.set(panic.location().map(ToString::to_string));
        }));
    });
    DEPTH.set(DEPTH.get() + 1);
    let result = call();
    DEPTH.set(DEPTH.get() - 1);
    result
}

/// Writes null to the place of a handle, so that nobody frees what was there before where the call fails.
///
/// # Safety
/// `handle` is null or may be written.
pub(crate) unsafe fn clear<T>(handle: *mut *mut T) {
    if !handle.is_null() {
        // SAFETY: as above.
        unsafe { handle.write(std::ptr::null_mut()) };
    }
}

/// A handle or a struct to read.
///
/// # Safety
/// `pointer` is null or points to a live `T` that nobody writes.
pub(crate) unsafe fn get<'a, T>(pointer: *const T, name: &str) -> Result<&'a T, Failure> {
    // SAFETY: as above.
    unsafe { pointer.as_ref() }.ok_or_else(|| null(name))
}

/// A place for a result, checked before any work is done.
pub(crate) fn out<T>(pointer: *mut T, name: &str) -> Result<*mut T, Failure> {
    if pointer.is_null() { Err(null(name)) } else { Ok(pointer) }
}

/// Gives the caller a new handle.
///
/// # Safety
/// `to` may be written.
pub(crate) unsafe fn give<T>(to: *mut *mut T, value: T) {
    // SAFETY: as above.
    unsafe { to.write(Box::into_raw(Box::new(value))) };
}

/// A text that ends in a zero byte.
///
/// # Safety
/// `text` is null or points to a text with a zero byte at its end, and nobody writes it.
pub(crate) unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str, Failure> {
    if text.is_null() {
        return Err(null(name));
    }
    // SAFETY: not null, and as above.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|e| Failure::argument(format!("{name} is not UTF-8: byte {} is wrong", e.valid_up_to())))
}

/// A text that may be left out.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn optional<'a>(text_or_null: *const c_char, name: &str) -> Result<Option<&'a str>, Failure> {
    if text_or_null.is_null() {
        return Ok(None);
    }
    // SAFETY: as above.
    unsafe { text(text_or_null, name) }.map(Some)
}

/// Bytes with their length.
///
/// # Safety
/// `data` is null or points to `length` bytes that nobody writes; null is the empty text where the length is 0.
pub(crate) unsafe fn bytes<'a>(data: *const c_char, length: usize, name: &str) -> Result<&'a [u8], Failure> {
    if data.is_null() {
        // An empty slice of Go, Rust and C++ is that.
        return if length == 0 { Ok(&[]) } else { Err(null(name)) };
    }
    if isize::try_from(length).is_err() {
        return Err(Failure::argument(format!("{name} cannot be {length} bytes long")));
    }
    // SAFETY: not null, no longer than an object can be, and as above.
    Ok(unsafe { std::slice::from_raw_parts(data.cast(), length) })
}

/// A text with its length; a length of [`BAYPLAN_ZERO_ENDED`] says that it ends in a zero byte.
///
/// # Safety
/// As [`bytes`], or as [`text`].
pub(crate) unsafe fn sized<'a>(data: *const c_char, length: usize, name: &str) -> Result<&'a str, Failure> {
    if length == BAYPLAN_ZERO_ENDED {
        // SAFETY: as above.
        return unsafe { text(data, name) };
    }
    // SAFETY: as above.
    let bytes = unsafe { bytes(data, length, name) }?;
    std::str::from_utf8(bytes)
        .map_err(|e| Failure::argument(format!("{name} is not UTF-8: byte {} is wrong", e.valid_up_to())))
}

/// An array to read; null is an empty one.
///
/// # Safety
/// `elements` is null or points to `count` elements that nobody writes.
pub(crate) unsafe fn slice<'a, T>(elements: *const T, count: usize, name: &str) -> Result<&'a [T], Failure> {
    if elements.is_null() {
        return if count == 0 { Ok(&[]) } else { Err(null(name)) };
    }
    if count > isize::MAX as usize / size_of::<T>() {
        return Err(Failure::argument(format!("{name} cannot have {count} elements")));
    }
    // SAFETY: not null, no longer than an object can be, and as above.
    Ok(unsafe { std::slice::from_raw_parts(elements, count) })
}

/// An array to write to; null is an empty one.
///
/// # Safety
/// `array` is null or points to `capacity` elements that may be written.
pub(crate) unsafe fn array<'a, T>(
    array: *mut T,
    capacity: usize,
    name: &str,
) -> Result<&'a mut [MaybeUninit<T>], Failure> {
    if array.is_null() {
        return if capacity == 0 { Ok(&mut []) } else { Err(null(name)) };
    }
    if capacity > isize::MAX as usize / size_of::<T>() {
        return Err(Failure::argument(format!("{name} cannot have {capacity} elements")));
    }
    // SAFETY: not null, no longer than an object can be, and as above.
    Ok(unsafe { std::slice::from_raw_parts_mut(array.cast(), capacity) })
}

/// Frees a handle; nothing for null.
///
/// # Safety
/// `handle` is null or came from [`give`] and was not freed.
pub(crate) unsafe fn drop_handle<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: as above. A panic in a destructor must not cross the border either.
        let _ = quietly(|| catch_unwind(AssertUnwindSafe(|| drop(unsafe { Box::from_raw(handle) }))));
    }
}

fn null(name: &str) -> Failure {
    Failure::argument(format!("{name} is null"))
}
