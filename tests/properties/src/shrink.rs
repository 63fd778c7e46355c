//! The fewest operations, with the smallest objects, that still fail.

use serde_json::Value;

use crate::Setup;
use crate::operation::{Change, Operation};
use crate::player::Player;

/// The first failure of the operations.
#[must_use]
pub fn failure(setup: &Setup, operations: &[Operation]) -> Option<String> {
    let play = || {
        let mut player = Player::new(setup.version, setup.config.as_ref())?;
        operations.iter().try_for_each(|operation| player.play(operation).map(drop))
    };
    crate::guarded(play).err()
}

/// Leaves out operations, questions and parts of objects, as long as what is left fails in the same way, which the first
/// word of a failure tells.
#[must_use]
pub fn shrink(setup: &Setup, mut operations: Vec<Operation>) -> Vec<Operation> {
    let way = |failure: Option<String>| failure.map(|text| text.split(' ').next().unwrap_or_default().to_owned());
    let first = way(failure(setup, &operations));
    let fails = |operations: &[Operation]| first.is_some() && way(failure(setup, operations)) == first;
    let mut size = operations.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < operations.len() {
            let mut fewer = operations.clone();
            fewer.drain(at..(at + size).min(fewer.len()));
            if fails(&fewer) { operations = fewer } else { at += size }
        }
        size /= 2;
    }
    for at in 0..operations.len() {
        let mut fewer = operations.clone();
        if fewer[at].ask.take().is_some() && fails(&fewer) {
            operations = fewer;
        }
        let Change::Put(object) = &operations[at].change else { continue };
        for path in paths(object) {
            let mut smaller = operations.clone();
            let Change::Put(object) = &mut smaller[at].change else { continue };
            if remove(object, &path) && fails(&smaller) {
                operations = smaller;
            }
        }
    }
    operations
}

/// Every member and element that may be left out, the outer ones first.
fn paths(object: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let mut level = vec![(String::new(), object)];
    while !level.is_empty() {
        let mut next = Vec::new();
        for (path, value) in level {
            match value {
                Value::Object(map) => next.extend(
                    map.iter()
                        .map(|(key, value)| (format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), value)),
                ),
                // From the end, as taking one out moves those behind it.
                Value::Array(list) => {
                    next.extend(list.iter().enumerate().rev().map(|(at, value)| (format!("{path}/{at}"), value)));
                }
                _ => {}
            }
        }
        out.extend(next.iter().map(|(path, _)| path.clone()));
        level = next;
    }
    let kept = ["/apiVersion", "/kind", "/metadata", "/metadata/name", "/metadata/namespace", "/metadata/uid"];
    out.retain(|path| !kept.contains(&path.as_str()));
    out
}

fn remove(object: &mut Value, path: &str) -> bool {
    let Some((parent, key)) = path.rsplit_once('/') else { return false };
    match object.pointer_mut(parent) {
        Some(Value::Object(map)) => map.remove(&key.replace("~1", "/").replace("~0", "~")).is_some(),
        Some(Value::Array(list)) => match key.parse::<usize>() {
            Ok(at) if at < list.len() => {
                list.remove(at);
                true
            }
            _ => false,
        },
        _ => false,
    }
}
