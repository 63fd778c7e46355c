//! What can be played against the vectors: one line an engine.

use bayplan_reference::vector::{Case, Engine, Expected};

use crate::Options;
use crate::report::Report;
use crate::suite::suite;

/// An engine by name.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The word after `--engine`.
    pub name: &'static str,
    /// Plays cases on it.
    pub suite: fn(Options<'_>, &[(Case, Expected)]) -> Report,
}

/// Every engine; the first is the default.
pub const ENGINES: &[Entry] =
    &[entry::<crate::library::Library>("bayplan"), entry::<bayplan_reference::Reference>("reference")];

/// The line of an engine.
pub const fn entry<E: Engine>(name: &'static str) -> Entry {
    Entry { name, suite: suite::<E> }
}

/// The engine of that name, or the default one.
///
/// # Errors
/// Where there is none, with the names that there are.
pub fn find(name: Option<&str>) -> Result<&'static Entry, String> {
    let names: Vec<&str> = ENGINES.iter().map(|entry| entry.name).collect();
    let found = ENGINES.iter().find(|entry| name.is_none_or(|name| name == entry.name));
    found.ok_or_else(|| format!("no engine {}; there are: {}", name.unwrap_or("to play"), names.join(", ")))
}
