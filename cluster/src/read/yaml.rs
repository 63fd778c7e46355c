//! YAML, read as kubectl reads it: turned into JSON by the rules of YAML 1.1.

mod scalar;
mod tree;

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, Span, StrInput};

use self::tree::{Child, Key, Open, Tree};
use super::sink::Sink;
use crate::error::Error;

/// Nesting beyond this is refused.
const DEPTH: usize = 500;

pub(super) fn read(text: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
    let mut count = 0;
    let mut documents = Documents::new(text);
    let mut read = |json: Result<String, String>, line| {
        count += 1;
        let place = format!("document {count} (line {line})");
        let json = json.map_err(|problem| of_template(Error::input(problem).in_object(&place), text))?;
        sink.document();
        sink.value(&json, &place)
    };
    documents.each(&mut read).map_err(|error| match error.hint_text() {
        "" if error.refusal().is_none() => of_template(error, text),
        _ => error,
    })?;
    sink.input.warnings.append(&mut documents.warnings);
    Ok(())
}

/// Templates are given by mistake for what they render to.
fn of_template(error: Error, text: &str) -> Error {
    if !text.contains("{{") {
        return error;
    }
    error.hint("{{ }} is an unrendered template: give what it renders to, as helm template prints it")
}

struct Documents<'a> {
    parser: Parser<'a, StrInput<'a>>,
    tree: Tree,
    /// What anchors name in the document.
    anchors: HashMap<usize, Child>,
    warnings: Vec<String>,
}

impl<'a> Documents<'a> {
    fn new(text: &'a str) -> Self {
        Documents {
            parser: Parser::new_from_str(text),
            tree: Tree::default(),
            anchors: HashMap::new(),
            warnings: Vec::new(),
        }
    }

    /// Calls for every document that is not empty with its JSON, or what is wrong with it, and the line on which it begins.
    fn each(&mut self, mut take: impl FnMut(Result<String, String>, usize) -> Result<(), Error>) -> Result<(), Error> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart(_), _) => {
                    let (event, span) = self.next()?;
                    let line = span.start.line();
                    let root = self.value(event, span)?;
                    // `---` with nothing behind it, as templates leave it.
                    if !self.tree.is_null(root) {
                        take(self.tree.json(root), line)?;
                    }
                    self.anchors.clear();
                    self.tree.clear();
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

    /// Builds the tree that begins with an event, without recursion.
    fn value(&mut self, event: Event<'a>, span: Span) -> Result<Child, Error> {
        let mut stack: Vec<Open> = Vec::new();
        let (mut event, mut span) = (event, span);
        loop {
            let line = span.start.line();
            let at = |problem: String| Error::input(format!("{problem} at line {line}"));
            let done = match event {
                Event::SequenceStart(anchor, _) => {
                    stack.push(Open::list(anchor));
                    None
                }
                Event::MappingStart(anchor, _) => {
                    stack.push(Open::map(anchor));
                    None
                }
                Event::Scalar(text, style, anchor, tag) => match stack.last_mut() {
                    Some(Open::Map { key: key @ None, .. })
                        if text == "<<" && scalar::is_plain(style) && tag.is_none() =>
                    {
                        *key = Some(Key::Merge);
                        None
                    }
                    _ => {
                        let value = scalar::resolve(&text, style, tag.as_deref()).map_err(at)?;
                        let child = self.tree.scalar(value);
                        Some(self.anchored(child, anchor))
                    }
                },
                Event::Alias(id) => match self.anchors.get(&id) {
                    Some(child) => Some(child.copied()),
                    None => return Err(at("an alias stands inside what it refers to".to_owned())),
                },
                Event::SequenceEnd | Event::MappingEnd => {
                    let Some(open) = stack.pop() else {
                        return Err(at("this is not YAML: something ends that did not begin".to_owned()));
                    };
                    let (child, anchor) = self.tree.close(open);
                    Some(self.anchored(child, anchor))
                }
                Event::Nothing
                | Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart(_)
                | Event::DocumentEnd => None,
            };
            if stack.len() > DEPTH {
                return Err(at(tree::too_deep()));
            }
            if let Some(child) = done {
                match stack.last_mut() {
                    None => return Ok(child),
                    Some(open) => self.tree.put(open, child).map_err(at)?,
                }
                for key in self.tree.doubled.drain(..) {
                    self.warnings.push(format!(
                        "line {line}: the key {key:?} is twice in one mapping; as with kubectl, the last value is taken"
                    ));
                }
            }
            (event, span) = self.next()?;
            if matches!(event, Event::StreamEnd) {
                return Err(Error::input("this is not YAML: it ends too early"));
            }
        }
    }

    fn anchored(&mut self, child: Child, anchor: usize) -> Child {
        if anchor > 0 {
            self.anchors.insert(anchor, child);
        }
        child
    }
}

#[cfg(test)]
mod tests;
