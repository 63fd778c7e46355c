//! Reads the imports of a crate's source and finds those that point upwards: from a layer to one that stands above it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The layers of a crate, from the ground up: in each the modules at the root of the crate (files or folders) that may use each other.
pub type Layers<'a> = &'a [&'a [&'a str]];

/// What is wrong, a line each: imports that point upwards, and modules that are in no layer.
#[must_use]
pub fn faults(src: &Path, layers: Layers<'_>) -> Vec<String> {
    let rank: BTreeMap<&str, usize> = layers
        .iter()
        .enumerate()
        .flat_map(|(rank, modules)| modules.iter().map(move |module| (*module, rank)))
        .collect();
    let reexports = reexports(&fs::read_to_string(src.join("lib.rs")).expect("lib.rs is there"));
    let mut faults = Vec::new();
    let mut seen = Vec::new();
    for file in files(src) {
        let own = module_of(src, &file);
        if own == "lib" {
            continue;
        }
        let text = fs::read_to_string(&file).expect("a file that was listed");
        let Some(own_rank) = rank.get(own.as_str()) else {
            faults.push(format!("{}: the module {own} is in no layer", file.display()));
            continue;
        };
        seen.push(own.clone());
        for name in imports(&text) {
            let module = reexports.get(&name).unwrap_or(&name);
            match rank.get(module.as_str()) {
                Some(other) if other > own_rank => {
                    faults.push(format!("{}: {own} uses {name} of {module}, which stands above it", file.display()));
                }
                _ => {}
            }
        }
    }
    let missing = rank.keys().filter(|module| !seen.iter().any(|s| s == *module));
    faults.extend(missing.map(|module| format!("there is no module {module}")));
    faults.sort();
    faults.dedup();
    faults
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            out.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            out.push(path);
        }
    }
    out.sort();
    out
}

/// The module at the root of the crate that a file belongs to.
fn module_of(src: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(src).expect("a file of the folder");
    let first = inside.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
    first.strip_suffix(".rs").unwrap_or(&first).to_owned()
}

/// What `lib.rs` exports again, by name, with the module that it comes from.
fn reexports(lib: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for statement in statements(lib, "use ") {
        let Some((module, names)) = statement.split_once("::") else { continue };
        let list = names.split_once('{').map_or(names, |(_, list)| list).trim_end_matches('}');
        for name in list.split(',').filter_map(|name| name.trim().rsplit("::").next()).filter(|name| !name.is_empty()) {
            out.insert(name.to_owned(), module.to_owned());
        }
    }
    out
}

/// The first names behind `crate::`, but for tests.
fn imports(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or(text);
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut out = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let list = list.split('}').next().unwrap_or(list);
            out.extend(list.split(',').map(|name| first(name.trim())).filter(|name| !name.is_empty()));
        } else {
            out.push(first(rest));
        }
    }
    out
}

fn first(path: &str) -> String {
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The statements that begin with a word after `pub` or alone, up to their semicolon.
fn statements(text: &str, word: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let begins = rest[..at].rsplit('\n').next().is_some_and(|line| matches!(line, "" | "pub "));
        rest = &rest[at + word.len()..];
        if begins && let Some(end) = rest.find(';') {
            out.push(rest[..end].split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_up_is_found() {
        let folder = std::env::temp_dir().join(format!("bayplan-layers-{}", std::process::id()));
        fs::create_dir_all(folder.join("upper")).unwrap();
        fs::write(folder.join("lib.rs"), "mod lower;\nmod upper;\npub use upper::{Tall, other::Wide};\n").unwrap();
        fs::write(folder.join("lower.rs"), "use crate::{Fine, Tall};\n// crate::upper in words\n").unwrap();
        fs::write(folder.join("upper/mod.rs"), "use crate::lower::Fine;\n").unwrap();
        let found = faults(&folder, &[&["lower"], &["upper"]]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].ends_with("lower uses Tall of upper, which stands above it"), "{found:?}");
        let found = faults(&folder, &[&["lower", "gone"]]);
        assert_eq!(found.len(), 2, "{found:?}");
        fs::remove_dir_all(folder).unwrap();
    }
}
