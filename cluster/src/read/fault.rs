//! What is wrong with an object that can't be read: the object, the field, and the problem in words of JSON.

use serde::Deserialize;

use crate::error::Error;
use crate::objects::{Free, Kind};

/// An object's name as far as it can be made out.
#[derive(Default, Deserialize)]
pub(super) struct Named {
    #[serde(default)]
    metadata: Option<NamedMeta>,
}

#[derive(Default, Deserialize)]
struct NamedMeta {
    #[serde(default)]
    name: Option<Free>,
    #[serde(default)]
    namespace: Option<Free>,
    #[serde(default)]
    uid: Option<Free>,
}

impl Named {
    pub(super) fn of_json(text: &str) -> Named {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// Has an API server seen it?
    pub(super) fn has_uid(&self) -> bool {
        let uid = self.metadata.as_ref().and_then(|meta| meta.uid.as_ref());
        uid.and_then(|uid| uid.as_str()).is_some_and(|uid| !uid.is_empty())
    }

    pub(super) fn describe(&self, kind: Kind, place: &str) -> String {
        let meta = self.metadata.as_ref();
        match meta.and_then(|m| m.name.as_ref()).and_then(|v| v.as_str()) {
            Some(name) if !name.is_empty() => {
                let namespace =
                    meta.and_then(|m| m.namespace.as_ref()).and_then(|v| v.as_str()).filter(|n| !n.is_empty());
                kind.describe(namespace.unwrap_or("default"), name)
            }
            _ if place.is_empty() => kind.to_string(),
            _ => format!("{kind} ({place})"),
        }
    }
}

/// Reads a faulty object once more, this time with an eye on the path.
#[inline(never)]
pub(super) fn explain(kind: Kind, text: &str, place: &str) -> Error {
    let mut track = serde_path_to_error::Track::new();
    let mut json = serde_json::Deserializer::from_str(text);
    let error = match kind.deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track)) {
        Ok(_) => Error::input("it can't be read"),
        Err(e) => {
            let problem = message(&e);
            let error = Error::input(&problem).at(path(&track.path())).caused_by(e);
            let number = problem.contains("expected a whole number");
            match problem.strip_prefix("invalid type: ") {
                Some(problem) if problem.ends_with("expected a string") => error.hint("put it in quotes"),
                Some(problem) if number && problem.starts_with("string ") => error.hint("write it without quotes"),
                _ => error,
            }
        }
    };
    error.in_object(Named::of_json(text).describe(kind, place))
}

/// A path as in `spec.containers[0].image`; keys that hold a dot stand in brackets.
fn path(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => text += &format!("[{index}]"),
            Segment::Map { key } if key.contains(['.', '/']) => text += &format!("[{key:?}]"),
            Segment::Map { key } if text.is_empty() => text += key,
            Segment::Map { key } => text += &format!(".{key}"),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    text
}

/// What the parser says, without a position that counts from the object's own beginning.
pub(super) fn message(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    plain(match text.rfind(" at line ") {
        Some(end) => &text[..end],
        None => &text,
    })
}

/// The sentence of a parser that names types as this program does, with the names that JSON has for them.
pub(crate) fn plain(sentence: &str) -> String {
    const EXPECTED: &str = ", expected ";
    // What comes before is of the input, and stays as it is.
    let Some((found, expected)) = sentence.rsplit_once(EXPECTED) else { return sentence.to_owned() };
    let found = match found {
        "invalid type: map" => "invalid type: an object",
        "invalid type: sequence" => "invalid type: a list",
        other => other,
    };
    let whole = |from: &str, to: &str| format!("a whole number from {from} to {to}");
    let expected = match expected {
        "a map" => "an object".to_owned(),
        "a sequence" => "a list".to_owned(),
        "i32" => whole(&i32::MIN.to_string(), &i32::MAX.to_string()),
        "i64" => whole(&i64::MIN.to_string(), &i64::MAX.to_string()),
        "u32" => whole("0", &u32::MAX.to_string()),
        "u64" => whole("0", &u64::MAX.to_string()),
        name if name.starts_with("struct ") => "an object".to_owned(),
        other => other.to_owned(),
    };
    format!("{found}{EXPECTED}{expected}")
}
