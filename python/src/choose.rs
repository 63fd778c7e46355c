//! The workload that a name means, as kubectl's users write it.

use bayplan::objects::Object;
use bayplan::reference::Reference;
use bayplan::{Error, ErrorKind};

/// So many workloads are named where none is meant.
const SHOWN: usize = 6;

/// The workload of a name (`web`, `deploy/web`, `shop/web`), or the only one. What another workload made is meant where its kind is said, or
/// nothing else has the name.
pub(crate) fn choose(workloads: Vec<Object>, name: Option<&str>, namespace: Option<&str>) -> Result<Object, Error> {
    let is_own = |object: &&Object| object.metadata().controller().is_none();
    let Some(name) = name else {
        let here = |object: &&Object| namespace.is_none_or(|namespace| object.namespace() == namespace);
        let found: Vec<&Object> = workloads.iter().filter(here).collect();
        return match found[..] {
            [one] => Ok(one.clone()),
            [] => Err(Error::input("there is no workload to fit").hint("give a Pod, or what makes pods")),
            [first, .., last] => {
                let problem = format!("there are {} workloads to fit, {first} to {last}", found.len());
                Err(Error::input(problem).hint(format!("name one with --name, as in --name {}", named(first))))
            }
        };
    };
    let reference = Reference::parse(name, namespace)?;
    let chosen = match reference.kind {
        None => reference.choose(workloads.iter().filter(is_own)).or_else(|error| match error.kind() {
            ErrorKind::NotFound => reference.choose(&workloads).map_err(|_| error),
            _ => Err(error),
        }),
        Some(_) => reference.choose(&workloads),
    };
    chosen.cloned().map_err(|error| {
        // Where one of the name is elsewhere, that is said already.
        let is_there = error.hint_text().starts_with("there is");
        let mut names: Vec<String> = workloads.iter().filter(is_own).map(named).collect();
        names.dedup();
        if error.kind() != ErrorKind::NotFound {
            return error;
        }
        let place = namespace.map_or_else(String::new, |namespace| format!(" in namespace {namespace}"));
        let unknown = Error::new(ErrorKind::NotFound, format!("there is no workload {name}{place}"));
        if is_there || names.is_empty() {
            return unknown.hint(error.hint_text());
        }
        let more = if names.len() > SHOWN { ", …" } else { "" };
        names.truncate(SHOWN);
        unknown.hint(format!("there are {}{more}", names.join(", ")))
    })
}

/// `shop/web`
fn named(object: &Object) -> String {
    format!("{}/{}", object.namespace(), object.name())
}
