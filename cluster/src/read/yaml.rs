//! YAML, read as kubectl reads it: turned into JSON values by the rules of YAML 1.1.

mod scalar;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use saphyr_parser::{Event, Parser, Span, StrInput};
use serde_json::{Map, Value};

use super::sink::Sink;
use crate::error::Error;

/// Nesting beyond this is refused, so that no recursion over a value can exhaust the stack.
const DEPTH: usize = 500;

/// How many values aliases may add to a document, so that a few lines can't fill the memory.
const ALIASED: usize = 1_000_000;

pub(super) fn read(text: &str, sink: &mut Sink) -> Result<(), Error> {
    let mut count = 0;
    Documents::new(text).each(|value, line| {
        count += 1;
        let place = format!("document {count} (line {line})");
        let raw = serde_json::value::to_raw_value(&value).map_err(|e| Error::input(e.to_string()).in_object(&place))?;
        sink.document();
        sink.raw(&raw, None, &place)
    })
}

struct Documents<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// Values with an anchor, and how many values each holds.
    anchors: HashMap<usize, (Rc<Value>, usize)>,
    aliased: usize,
}

/// A collection that is still open.
enum Open {
    List { items: Vec<Value>, anchor: usize },
    Map { map: Map<String, Value>, merged: HashSet<String>, key: Option<Key>, anchor: usize },
}

enum Key {
    Plain(String),
    Merge,
}

impl<'a> Documents<'a> {
    fn new(text: &'a str) -> Self {
        Documents { parser: Parser::new_from_str(text), anchors: HashMap::new(), aliased: 0 }
    }

    /// Calls for every document that is not empty, with the line on which it begins.
    fn each(&mut self, mut take: impl FnMut(Value, usize) -> Result<(), Error>) -> Result<(), Error> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart(_), _) => {
                    let (event, span) = self.next()?;
                    let line = span.start.line();
                    let value = self.value(event, span)?;
                    self.anchors.clear();
                    // `---` with nothing behind it, as templates leave it.
                    if !value.is_null() {
                        take(value, line)?;
                    }
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Error> {
        match self.parser.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(fault)) => {
                let marker = fault.marker();
                Err(Error::input(format!(
                    "this is not YAML: {} at line {}, column {}",
                    fault.info(),
                    marker.line(),
                    marker.col() + 1
                )))
            }
            None => Err(Error::input("this is not YAML: it ends too early")),
        }
    }

    /// Builds the value that begins with an event, without recursion.
    fn value(&mut self, event: Event<'a>, span: Span) -> Result<Value, Error> {
        let mut stack: Vec<Open> = Vec::new();
        let (mut event, mut span) = (event, span);
        loop {
            let line = span.start.line();
            let at = |problem: String| Error::input(format!("{problem} at line {line}"));
            let done = match event {
                Event::SequenceStart(anchor, _) => {
                    stack.push(Open::List { items: Vec::new(), anchor });
                    None
                }
                Event::MappingStart(anchor, _) => {
                    stack.push(Open::Map { map: Map::new(), merged: HashSet::new(), key: None, anchor });
                    None
                }
                Event::Scalar(text, style, anchor, tag) => {
                    let key = matches!(stack.last(), Some(Open::Map { key: None, .. }));
                    if key && text == "<<" && scalar::is_plain(style) && tag.is_none() {
                        if let Some(Open::Map { key, .. }) = stack.last_mut() {
                            *key = Some(Key::Merge);
                        }
                        None
                    } else {
                        let value = scalar::resolve(&text, style, tag.as_deref()).map_err(at)?;
                        self.anchor(anchor, &value);
                        Some(value)
                    }
                }
                Event::Alias(id) => {
                    let Some((value, size)) = self.anchors.get(&id) else {
                        return Err(at("an alias stands inside what it refers to".to_owned()));
                    };
                    self.aliased += size;
                    if self.aliased > ALIASED {
                        return Err(at(format!("aliases add more than {ALIASED} values")));
                    }
                    Some(Value::clone(value))
                }
                Event::SequenceEnd => match stack.pop() {
                    Some(Open::List { items, anchor }) => {
                        let value = Value::Array(items);
                        self.anchor(anchor, &value);
                        Some(value)
                    }
                    _ => return Err(at("this is not YAML: a list ends that did not begin".to_owned())),
                },
                Event::MappingEnd => match stack.pop() {
                    Some(Open::Map { map, anchor, .. }) => {
                        let value = Value::Object(map);
                        self.anchor(anchor, &value);
                        Some(value)
                    }
                    _ => return Err(at("this is not YAML: a mapping ends that did not begin".to_owned())),
                },
                Event::Nothing
                | Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart(_)
                | Event::DocumentEnd => None,
            };
            if stack.len() > DEPTH {
                return Err(at(format!("it is nested more than {DEPTH} levels deep")));
            }
            if let Some(value) = done {
                match stack.last_mut() {
                    None => return Ok(value),
                    Some(open) => open.take(value).map_err(at)?,
                }
            }
            (event, span) = self.next()?;
            if matches!(event, Event::StreamEnd) {
                return Err(Error::input("this is not YAML: it ends too early"));
            }
        }
    }

    fn anchor(&mut self, id: usize, value: &Value) {
        if id > 0 {
            self.anchors.insert(id, (Rc::new(value.clone()), size(value)));
        }
    }
}

impl Open {
    fn take(&mut self, value: Value) -> Result<(), String> {
        match self {
            Open::List { items, .. } => items.push(value),
            Open::Map { map, merged, key, .. } => match key.take() {
                None => *key = Some(Key::Plain(scalar::key(&value)?)),
                Some(Key::Merge) => {
                    let maps =
                        |v: &Value| v.is_object() || v.as_array().is_some_and(|a| a.iter().all(Value::is_object));
                    if !maps(&value) {
                        return Err("<< takes a mapping or a list of mappings".to_owned());
                    }
                    // Kubernetes lets a merge win over what stands before it, and what stands behind it over the merge.
                    for (key, value) in merge_parts(value) {
                        merged.insert(key.clone());
                        map.insert(key, value);
                    }
                }
                Some(Key::Plain(key)) => {
                    if map.contains_key(&key) && !merged.remove(&key) {
                        return Err(format!("the key {key:?} is twice in one mapping, the second time"));
                    }
                    map.insert(key, value);
                }
            },
        }
        Ok(())
    }
}

/// The entries that a merge key adds, in the order to set them in: of several mappings the earlier ones win.
fn merge_parts(value: Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(map) => map.into_iter().collect(),
        Value::Array(maps) => maps.into_iter().rev().flat_map(merge_parts).collect(),
        _ => Vec::new(),
    }
}

/// How many values a value holds, itself included.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests;
