//! Selectors, requirements and topologies in words.

use crate::labels::{FieldRequirement, NodeTerm, Operator, Requirement, Selector};
use crate::objects::{LabelSelector, Node};

/// A requirement as kubectl writes it.
pub(super) fn requirement(requirement: &Requirement) -> String {
    let key = &requirement.key;
    match &requirement.operator {
        Operator::In(values) => one_of(key, values),
        Operator::NotIn(values) => format!("{key} notin ({})", values.join(",")),
        Operator::Exists => key.clone(),
        Operator::DoesNotExist => format!("!{key}"),
        Operator::Gt(number) => format!("{key} Gt {number}"),
        Operator::Lt(number) => format!("{key} Lt {number}"),
    }
}

/// A label that must have one of some values.
pub(super) fn one_of(key: &str, values: &[String]) -> String {
    match values {
        [only] => format!("{key}={only}"),
        _ => format!("{key} in ({})", values.join(",")),
    }
}

fn field(field: &FieldRequirement) -> String {
    format!("{}{}{}", field.field, if field.is_equal { "=" } else { "!=" }, field.value)
}

/// A selector as kubectl writes it.
pub(super) fn selector(selector: Option<&LabelSelector>) -> String {
    match Selector::new(selector, "") {
        Ok(Selector::All(requirements)) if requirements.is_empty() => "any label".to_owned(),
        Ok(Selector::All(requirements)) => requirements.iter().map(requirement).collect::<Vec<_>>().join(","),
        Ok(Selector::Nothing) | Err(_) => "no pods".to_owned(),
    }
}

/// The requirements on labels that the node does not fulfil.
pub(super) fn unmet_labels(requirements: &[Requirement], node: &Node) -> Vec<String> {
    let value = |key: &String| node.metadata.labels.get(key).map(String::as_str);
    requirements.iter().filter(|r| !r.matches(value(&r.key))).map(requirement).collect()
}

/// The requirements of a term that the node does not fulfil.
pub(super) fn unmet(term: &NodeTerm, node: &Node) -> Vec<String> {
    let mut out = unmet_labels(&term.labels, node);
    out.extend(term.fields.iter().filter(|f| !f.matches(&node.metadata.name)).map(field));
    out
}

/// A topology key as people say it.
pub(super) fn short(key: &str) -> &str {
    match key.rsplit('/').next() {
        Some("hostname") => "node",
        Some(last) => last,
        None => key,
    }
}
