//! What can be wrong with the input.

use std::fmt;

/// What is wrong with the input: which object, which field, what is legal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    field: String,
    reason: String,
}

impl Error {
    /// An error in a configuration field.
    pub fn config(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Error { field: field.into(), reason: reason.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.reason)
    }
}

impl std::error::Error for Error {}
