//! The one error type: which input, which object, which field, what is wrong and what is legal.

use std::fmt;
use std::sync::Arc;

use crate::visible::visible;

/// What kind of thing went wrong, for callers that act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input is wrong: not JSON or YAML, or an object with a field that is not legal.
    Input,
    /// Something that was named does not exist.
    NotFound,
    /// A file could not be read.
    Io,
    /// The scheduler's configuration is wrong.
    Config,
    /// A table has no room left.
    Full,
    /// The input is legal but asks for something that is not supported.
    Unsupported,
    /// The caller asked to stop.
    Stopped,
    /// A workload asks for more pods than may be made in one call.
    TooManyPods,
    /// A fault of this library.
    Internal,
}

/// An error with its parts; [`Display`](fmt::Display) gives the whole sentence, with control characters written out.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Arc<Parts>);

#[derive(Clone, PartialEq, Eq)]
struct Parts {
    kind: ErrorKind,
    source: String,
    object: String,
    field: String,
    problem: String,
    hint: String,
}

impl Error {
    /// An error of a kind; `problem` is a sentence without a full stop.
    pub fn new(kind: ErrorKind, problem: impl Into<String>) -> Self {
        let (source, object, field, hint) = Default::default();
        Error(Arc::new(Parts { kind, source, object, field, problem: problem.into(), hint }))
    }

    /// The input is wrong.
    pub fn input(problem: impl Into<String>) -> Self {
        Error::new(ErrorKind::Input, problem)
    }

    /// The caller asked to stop.
    pub(crate) fn stopped() -> Self {
        Error::new(ErrorKind::Stopped, "stopped by the caller")
    }

    /// Names the input, unless it is named already.
    #[must_use]
    pub fn in_source(mut self, source: impl Into<String>) -> Self {
        let parts = Arc::make_mut(&mut self.0);
        if parts.source.is_empty() {
            parts.source = source.into();
        }
        self
    }

    /// Names the object (`Pod default/web`), unless it is named already.
    #[must_use]
    pub fn in_object(mut self, object: impl Into<String>) -> Self {
        let parts = Arc::make_mut(&mut self.0);
        if parts.object.is_empty() {
            parts.object = object.into();
        }
        self
    }

    /// Names the field (`spec.containers[0].image`).
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).field = field.into();
        self
    }

    /// Puts a field in front of the path.
    #[must_use]
    pub(crate) fn under(mut self, prefix: &str) -> Self {
        let field = &mut Arc::make_mut(&mut self.0).field;
        let dot = if field.is_empty() || field.starts_with('[') { "" } else { "." };
        *field = format!("{prefix}{dot}{field}");
        self
    }

    /// Says what is legal or what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).hint = hint.into();
        self
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The file, or `stdin`; empty where there is none.
    pub fn source_name(&self) -> &str {
        &self.0.source
    }

    /// The object, as `Pod default/web`; empty where there is none.
    pub fn object(&self) -> &str {
        &self.0.object
    }

    /// The path of the field in the object; empty where there is none.
    pub fn field(&self) -> &str {
        &self.0.field
    }

    /// What is wrong.
    pub fn problem(&self) -> &str {
        &self.0.problem
    }

    /// What is legal or what to do; may be empty.
    pub fn hint_text(&self) -> &str {
        &self.0.hint
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.0.source, &self.0.object, &self.0.field] {
            if !part.is_empty() {
                write!(f, "{}: ", visible(part))?;
            }
        }
        f.write_str(&visible(&self.0.problem))?;
        if !self.0.hint.is_empty() {
            write!(f, "; {}", visible(&self.0.hint))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} error: {self}", self.0.kind)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_input_object_and_field() {
        let error =
            Error::input("-1 is negative").at("spec.x").in_object("Pod a/b").in_object("Pod c/d").in_source("f");
        assert_eq!(error.hint("write 0").to_string(), "f: Pod a/b: spec.x: -1 is negative; write 0");
        fn sendable<T: Send + Sync + Clone + std::error::Error>() {}
        sendable::<Error>();
    }
}
