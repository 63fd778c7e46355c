//! What an API server, or kubectl before it, says of an object that it does not take.

use std::fmt;

/// Why an object was refused, as the reason of an API status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Fields are wrong.
    Invalid,
    /// It cannot be decoded.
    BadRequest,
    /// Admission does not let it in.
    Forbidden,
    /// No server knows the kind in this version.
    NoMatch,
}

impl Reason {
    /// The word that kubectl shows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Invalid => "Invalid",
            Reason::BadRequest => "BadRequest",
            Reason::Forbidden => "Forbidden",
            Reason::NoMatch => "NoMatch",
        }
    }
}

/// A refused object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub(crate) reason: Reason,
    /// `Pod`
    pub(crate) kind: String,
    /// The group behind the kind in the server's words, as in `Deployment.apps`.
    pub(crate) group: String,
    pub(crate) name: String,
    /// The faults, where fields are wrong; else what is said of the whole.
    pub(crate) causes: Vec<String>,
}

impl Refusal {
    /// The reason.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The faults one by one: `spec.containers: Required value`.
    #[must_use]
    pub fn causes(&self) -> &[String] {
        &self.causes
    }

    /// What the server's status says.
    #[must_use]
    pub fn message(&self) -> String {
        match self.reason {
            Reason::Invalid => {}
            // The file stands before the message already.
            Reason::NoMatch => return self.causes.join(", ").replace(" from \"FILE\"", ""),
            Reason::BadRequest | Reason::Forbidden => return self.causes.join(", "),
        }
        let Refusal { kind, group, name, .. } = self;
        let dot = if group.is_empty() { "" } else { "." };
        let mut causes: Vec<&str> = Vec::new();
        // An aggregate says the same thing once.
        self.causes.iter().for_each(|cause| {
            if !causes.contains(&cause.as_str()) {
                causes.push(cause)
            }
        });
        let causes = if let [one] = causes[..] { one.to_owned() } else { format!("[{}]", causes.join(", ")) };
        format!("{kind}{dot}{group} {name:?} is invalid: {causes}")
    }

    /// What `kubectl apply -f FILE` prints where nothing else went wrong (`alone`), or among other errors.
    #[must_use]
    pub fn kubectl(&self, file: &str, alone: bool) -> String {
        let Refusal { reason, kind, name, causes, .. } = self;
        match reason {
            Reason::NoMatch => format!("error: {}", causes.join(", ").replace("\"FILE\"", &format!("{file:?}"))),
            Reason::Invalid if alone => match &causes[..] {
                [one] => format!("The {kind} {name:?} is invalid: {one}"),
                several => {
                    let lines: Vec<String> = several.iter().map(|cause| format!("* {cause}")).collect();
                    format!("The {kind} {name:?} is invalid: \n{}", lines.join("\n"))
                }
            },
            _ => format!("Error from server ({}): error when creating {file:?}: {}", reason.name(), self.message()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}
