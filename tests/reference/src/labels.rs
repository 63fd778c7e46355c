//! Label selectors and node selectors.

use bayplan::objects::{LabelSelector, Node, NodeSelector, NodeSelectorTerm, SelectorRequirement, StringMap};

/// What a label selector comes to: requirements that must all hold, or nothing at all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    requirements: Vec<SelectorRequirement>,
    nothing: bool,
}

impl Selector {
    /// An absent selector selects nothing, an empty one everything.
    pub(crate) fn new(selector: Option<&LabelSelector>) -> Selector {
        let Some(selector) = selector else { return Selector { requirements: Vec::new(), nothing: true } };
        let mut all = Selector::equal(&selector.match_labels);
        all.requirements.extend(selector.match_expressions.iter().cloned());
        all
    }

    /// Every one of these labels, with its value.
    pub(crate) fn equal(labels: &StringMap) -> Selector {
        let requirement = |(key, value): (&String, &String)| SelectorRequirement {
            key: key.clone(),
            operator: "In".into(),
            values: vec![value.clone()],
        };
        Selector { requirements: labels.iter().map(requirement).collect(), nothing: false }
    }

    /// Both at once; selecting nothing isn't handed on.
    pub(crate) fn and(mut self, other: Selector) -> Selector {
        self.requirements.extend(other.requirements);
        self
    }

    /// Whether everything is selected.
    pub(crate) fn is_everything(&self) -> bool {
        !self.nothing && self.requirements.is_empty()
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.nothing
    }

    pub(crate) fn matches(&self, labels: &StringMap) -> bool {
        !self.nothing && self.requirements.iter().all(|r| requirement_matches(r, labels))
    }
}

/// Whether the labels are as the requirement asks.
pub(crate) fn requirement_matches(requirement: &SelectorRequirement, labels: &StringMap) -> bool {
    let value = labels.get(&requirement.key);
    match requirement.operator.as_str() {
        "In" => value.is_some_and(|v| requirement.values.contains(v)),
        "NotIn" => value.is_none_or(|v| !requirement.values.contains(v)),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" | "Lt" => {
            let Some(Ok(have)) = value.map(|v| v.parse::<i64>()) else { return false };
            let [Ok(want)] = requirement.values.iter().map(|v| v.parse::<i64>()).collect::<Vec<_>>()[..] else {
                return false;
            };
            if requirement.operator == "Gt" { have > want } else { have < want }
        }
        _ => false,
    }
}

/// Whether one of the terms matches the node; no terms match no node.
pub(crate) fn node_selector_matches(selector: &NodeSelector, node: &Node) -> bool {
    selector.node_selector_terms.iter().any(|term| node_term_matches(term, node))
}

/// Whether every requirement of the term holds; an empty term, or one with an error in it, matches nothing.
pub(crate) fn node_term_matches(term: &NodeSelectorTerm, node: &Node) -> bool {
    let empty = term.match_expressions.is_empty() && term.match_fields.is_empty();
    !empty
        && term.match_expressions.iter().all(|r| is_valid(r) && requirement_matches(r, &node.metadata.labels))
        && term.match_fields.iter().all(|r| field_matches(r, node))
        && term.match_expressions.iter().all(is_valid)
}

/// The only field there is, is the name; exactly one value is allowed. Where no name is given, none is asked for.
fn field_matches(requirement: &SelectorRequirement, node: &Node) -> bool {
    let name = node.metadata.name.as_str();
    let field = if requirement.key == "metadata.name" { name } else { "" };
    match (requirement.operator.as_str(), &requirement.values[..]) {
        ("In" | "NotIn", [_]) if name.is_empty() => true,
        ("In", [value]) => field == value,
        ("NotIn", [value]) => field != value,
        _ => false,
    }
}

/// Whether the requirement is one that label selectors accept.
fn is_valid(requirement: &SelectorRequirement) -> bool {
    let values = &requirement.values;
    let counts = match requirement.operator.as_str() {
        "In" | "NotIn" => !values.is_empty(),
        "Exists" | "DoesNotExist" => values.is_empty(),
        "Gt" | "Lt" => values.len() == 1 && values[0].parse::<i64>().is_ok(),
        _ => false,
    };
    counts && is_qualified_name(&requirement.key) && values.iter().all(|v| v.is_empty() || is_name(v))
}

/// What is wrong with the term's values, in the scheduler's words. The API server lets such terms in where they are only
/// preferred.
pub(crate) fn term_errors(term: &NodeSelectorTerm, path: &str) -> Vec<String> {
    let mut errors = Vec::new();
    for (index, requirement) in term.match_expressions.iter().enumerate() {
        let path = format!("{path}.matchExpressions[{index}]");
        for (index, value) in requirement.values.iter().enumerate() {
            if matches!(requirement.operator.as_str(), "Gt" | "Lt") && value.parse::<i64>().is_err() {
                let problem = "for 'Gt', 'Lt' operators, the value must be an integer";
                errors.push(format!("{path}.values[{index}]: Invalid value: {value:?}: {problem}"));
            }
        }
        for (index, value) in requirement.values.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            let mut problems = Vec::new();
            if value.len() > 63 {
                problems.push("must be no more than 63 bytes");
            }
            if !has_name_characters(value) {
                problems.push(
                    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and \
                     must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', \
                     regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
                );
            }
            if !problems.is_empty() {
                let (key, problems) = (&requirement.key, problems.join("; "));
                errors.push(format!("{path}.values[{index}][{key}]: Invalid value: {value:?}: {problems}"));
            }
        }
    }
    errors
}

/// `name` or `domain/name`, as label keys and resource names are spelt.
pub(crate) fn is_qualified_name(text: &str) -> bool {
    match text.split('/').collect::<Vec<_>>()[..] {
        [name] => is_name(name),
        [domain, name] => is_domain(domain) && is_name(name),
        _ => false,
    }
}

/// At most 63 characters.
fn is_name(text: &str) -> bool {
    text.len() <= 63 && has_name_characters(text)
}

/// Letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit.
fn has_name_characters(text: &str) -> bool {
    let bytes = text.as_bytes();
    let inner = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(inner)
}

/// Lower-case words with `-` inside, joined by dots, at most 253 characters.
fn is_domain(text: &str) -> bool {
    let lower = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let word = |w: &str| {
        let b = w.as_bytes();
        b.first().is_some_and(|b| lower(*b))
            && b.last().is_some_and(|b| lower(*b))
            && b.iter().all(|b| lower(*b) || *b == b'-')
    };
    text.len() <= 253 && text.split('.').all(word)
}
