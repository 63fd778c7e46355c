//! The one error type: which input, which object, which field, what is wrong and what is legal.

use std::fmt;
use std::sync::Arc;

use crate::refusal::{Reason, Refusal};
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
    /// A table has no room left: the cluster is larger than the tables can be.
    Full,
    /// The input is legal but asks for something that is not supported.
    Unsupported,
    /// The caller asked to stop.
    Stopped,
    /// A workload asks for more pods than may be made in one call.
    TooManyPods,
    /// There is not enough memory for the tables.
    NoMemory,
    /// The state does not allow it: the pod is on a node already, or on none, or has run to its end.
    Conflict,
    /// A plugin of the caller's own failed.
    Plugin,
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
    refusal: Option<Refusal>,
    more: Vec<Error>,
    cause: Cause,
}

/// The error behind an error, which plays no part in whether two are equal.
#[derive(Clone, Default)]
struct Cause(Option<Arc<dyn std::error::Error + Send + Sync>>);

impl PartialEq for Cause {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Cause {}

impl Error {
    /// An error of a kind; `problem` is a sentence without a full stop.
    pub fn new(kind: ErrorKind, problem: impl Into<String>) -> Self {
        let (source, object, field, hint, refusal, more, cause) = Default::default();
        Error(Arc::new(Parts { kind, source, object, field, problem: problem.into(), hint, refusal, more, cause }))
    }

    /// An object that an API server, or kubectl, refuses; `object` as messages name it.
    pub(crate) fn refused(refusal: Refusal, object: impl Into<String>) -> Self {
        let field = match &refusal.causes[..] {
            [first, ..] if refusal.reason == Reason::Invalid => {
                first.split_once(": ").map_or("", |(field, _)| field).to_owned()
            }
            _ => String::new(),
        };
        let mut error = Error::input(refusal.message()).at(field).in_object(object);
        Arc::make_mut(&mut error.0).refusal = Some(refusal);
        error
    }

    /// One error for all of several; none for none.
    pub(crate) fn all(errors: impl IntoIterator<Item = Error>) -> Option<Error> {
        let mut errors = errors.into_iter();
        let mut first = errors.next()?;
        Arc::make_mut(&mut first.0).more.extend(errors);
        Some(first)
    }

    /// The input is wrong.
    pub fn input(problem: impl Into<String>) -> Self {
        Error::new(ErrorKind::Input, problem)
    }

    /// Keeps the error that this one comes of, for [`source`](std::error::Error::source).
    #[must_use]
    pub(crate) fn caused_by(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.0).cause = Cause(Some(Arc::new(cause)));
        self
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
            let source = parts.source.clone();
            parts.more = std::mem::take(&mut parts.more).into_iter().map(|more| more.in_source(&source)).collect();
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

    /// What an API server says of the object, where it is one that it refuses.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.0.refusal.as_ref()
    }

    /// What else was wrong in the same input.
    pub fn more(&self) -> &[Error] {
        &self.0.more
    }

    /// What is legal or what to do; may be empty.
    pub fn hint_text(&self) -> &str {
        &self.0.hint
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A server names the object itself where it could be decoded.
        let refused = self.0.refusal.as_ref().is_some_and(|refusal| refusal.reason() != Reason::BadRequest);
        for (i, part) in [&self.0.source, &self.0.object, &self.0.field].into_iter().enumerate() {
            if !(part.is_empty() || refused && i > 0) {
                write!(f, "{}: ", visible(part))?;
            }
        }
        // kubectl's own words may have a second line.
        match &self.0.refusal {
            Some(_) => f.write_str(&visible(&self.0.problem.replace('\n', "; ")))?,
            None => f.write_str(&visible(&self.0.problem))?,
        }
        if !self.0.hint.is_empty() {
            write!(f, "; {}", visible(&self.0.hint))?;
        }
        self.0.more.iter().try_for_each(|more| write!(f, "\n{more}"))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} error: {self}", self.0.kind)
    }
}

impl std::error::Error for Error {
    /// What the file system or the parser said, where it comes of that.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.cause.0 {
            Some(cause) => Some(&**cause),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_input_object_and_field() {
        let error =
            Error::input("-1 is negative").at("spec.x").in_object("Pod a/b").in_object("Pod c/d").in_source("f");
        assert_eq!(error.hint("write 0").to_string(), "f: Pod a/b: spec.x: -1 is negative; write 0");
        let nasty = Error::input("\x1b[2J is no\nname").at("a\u{202e}b").in_object("Pod a/\u{9b}2J").hint("c\td");
        assert_eq!(nasty.to_string(), "Pod a/\\u{9b}2J: a\\u{202e}b: \\x1b[2J is no\\nname; c\\td");
        assert_eq!(nasty.problem(), "\x1b[2J is no\nname", "the parts stay as they are");
        fn sendable<T: Send + Sync + Clone + std::error::Error>() {}
        sendable::<Error>();
    }
}
