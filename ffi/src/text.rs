//! Texts and lists of texts that the library hands out.

use std::ffi::c_char;

use crate::error::{Error, Failure};
use crate::guard::{call, drop_handle, get, out};
use crate::status::Status;

/// A text that a handle owns: UTF-8, with a zero byte after its last that the length leaves out. Never null; an absent
/// text is "". Lives as long as the handle that it was read from.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Str {
    /// The first byte.
    pub data: *const c_char,
    /// How many bytes.
    pub length: usize,
}

/// An owned text with a zero byte behind it.
pub(crate) struct Text(Box<[u8]>);

impl Text {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        let mut bytes = text.into().into_bytes();
        bytes.push(0);
        Text(bytes.into_boxed_slice())
    }

    pub(crate) fn c_str(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }

    pub(crate) fn view(&self) -> Str {
        Str { data: self.c_str(), length: self.0.len() - 1 }
    }
}

/// A list of texts. Free it with bayplan_strings_free.
pub struct Strings(Vec<Text>);

impl<S: Into<String>> FromIterator<S> for Strings {
    fn from_iter<I: IntoIterator<Item = S>>(texts: I) -> Self {
        Strings(texts.into_iter().map(Text::new).collect())
    }
}

impl Strings {
    /// Bytes that need not be UTF-8.
    pub(crate) fn of_bytes(mut bytes: Vec<u8>) -> Self {
        bytes.push(0);
        Strings(vec![Text(bytes.into_boxed_slice())])
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn view(&self, index: usize) -> Result<Str, Failure> {
        let none = || Failure::argument(format!("index {index} is out of range: there are {}", self.0.len()));
        self.0.get(index).map(Text::view).ok_or_else(none)
    }
}

/// How many texts there are; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_strings_count(strings: *const Strings) -> usize {
    // SAFETY: the caller passes null or a list that it has not freed.
    unsafe { strings.as_ref() }.map_or(0, Strings::len)
}

/// One of the texts; it lives as long as the list.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_strings_get(
    strings: *const Strings,
    index: usize,
    text: *mut Str,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        call(error, || {
            let strings = get(strings, "strings")?;
            let text = out(text, "text")?;
            text.write(strings.view(index)?);
            Ok(())
        })
    }
}

/// Frees a list; nothing for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_strings_free(strings: *mut Strings) {
    // SAFETY: the caller passes null or a list that it has not freed.
    unsafe { drop_handle(strings) }
}
