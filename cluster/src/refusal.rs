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
    /// What it belongs to is not there.
    NotFound,
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
            Reason::NotFound => "NotFound",
        }
    }
}

/// A text as Go quotes it (`%q`).
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\x07' => out += "\\a",
            '\x08' => out += "\\b",
            '\x0b' => out += "\\v",
            '\x0c' => out += "\\f",
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            '\r' => out += "\\r",
            '\0'..='\x1f' | '\x7f' => out += &format!("\\x{:02x}", c as u32),
            // Of what looks empty or turns text around only the plain space stands as it is.
            '\u{80}'..='\u{a0}'
            | '\u{ad}'
            | '\u{2000}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{206f}'
            | '\u{3000}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{feff}' => out += &format!("\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out + "\""
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
            Reason::BadRequest | Reason::Forbidden | Reason::NotFound => return self.causes.join(", "),
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
        format!("{kind}{dot}{group} {} is invalid: {causes}", quoted(name))
    }

    /// What `kubectl apply -f FILE` prints where nothing else went wrong (`alone`), or among other errors.
    #[must_use]
    pub fn kubectl(&self, file: &str, alone: bool) -> String {
        let Refusal { reason, kind, name, causes, .. } = self;
        match reason {
            Reason::NoMatch => format!("error: {}", causes.join(", ").replace("\"FILE\"", &quoted(file))),
            Reason::Invalid if alone => match &causes[..] {
                [one] => format!("The {kind} {} is invalid: {one}", quoted(name)),
                several => {
                    let lines: Vec<String> = several.iter().map(|cause| format!("* {cause}")).collect();
                    format!("The {kind} {} is invalid: \n{}", quoted(name), lines.join("\n"))
                }
            },
            _ => format!(
                "Error from server ({}): error when creating {}: {}",
                reason.name(),
                quoted(file),
                self.message()
            ),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}
