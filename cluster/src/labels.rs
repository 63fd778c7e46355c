//! Selectors over labels, node selector terms, and tolerations against taints, over plain strings.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::objects::{
    self, LabelSelector, NodeSelectorTerm, Pod, PreferredSchedulingTerm, SelectorRequirement, StringMap, Taint,
    Toleration,
};

/// The only field of a node that a term can compare with anything but nothing.
const NODE_NAME: &str = "metadata.name";

/// What a requirement asks of the value of its key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// The key is there, with one of the values.
    In(Vec<String>),
    /// The key is not there, or with none of the values.
    NotIn(Vec<String>),
    /// The key is there.
    Exists,
    /// The key is not there.
    DoesNotExist,
    /// The value is a decimal 64-bit integer above this one.
    Gt(i64),
    /// The value is a decimal 64-bit integer below this one.
    Lt(i64),
}

/// One requirement on a label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// The key of the label.
    pub key: String,
    /// What its value must be.
    pub operator: Operator,
}

impl Requirement {
    fn equals(key: &str, value: &str) -> Self {
        Requirement { key: key.to_owned(), operator: Operator::In(vec![value.to_owned()]) }
    }

    /// Checks a requirement; `path` is the field that it stands in.
    fn new(requirement: &SelectorRequirement, is_numeric_legal: bool, path: &str) -> Result<Self, Error> {
        let SelectorRequirement { key, operator, values } = requirement;
        if !is_qualified_name(key) {
            return Err(illegal(
                format!("{path}.key"),
                format!("`{key}` is not a label key, such as example.com/name"),
            ));
        }
        if let Some(value) = values.iter().find(|value| !is_label_value(value)) {
            let legal = "at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at each end";
            return Err(illegal(format!("{path}.values"), format!("`{value}` is not a label value: {legal}")));
        }
        let wrong_count = |legal: &str| {
            Err(illegal(format!("{path}.values"), format!("{operator} takes {legal}, not {}", values.len())))
        };
        let operator = match operator.as_str() {
            "In" | "NotIn" if values.is_empty() => return wrong_count("one or more values"),
            "Exists" | "DoesNotExist" if !values.is_empty() => return wrong_count("no value"),
            "In" => Operator::In(values.clone()),
            "NotIn" => Operator::NotIn(values.clone()),
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            "Gt" | "Lt" if is_numeric_legal => {
                let [value] = values.as_slice() else { return wrong_count("one value") };
                let Ok(number) = value.parse() else {
                    let reason = format!("`{value}` is not a decimal integer of 64 bits, as {operator} needs");
                    return Err(illegal(format!("{path}.values"), reason));
                };
                if operator == "Gt" { Operator::Gt(number) } else { Operator::Lt(number) }
            }
            _ => {
                let numeric = if is_numeric_legal { ", Gt, Lt" } else { "" };
                let reason = format!("`{operator}` is not one of In, NotIn, Exists, DoesNotExist{numeric}");
                return Err(illegal(format!("{path}.operator"), reason));
            }
        };
        Ok(Requirement { key: key.clone(), operator })
    }

    /// Whether a label with this value (`None`: without this key) fulfils it.
    #[must_use]
    pub fn matches(&self, value: Option<&str>) -> bool {
        let is_one_of = |values: &[String]| value.is_some_and(|value| values.iter().any(|v| v == value));
        let number = || value.and_then(|value| value.parse::<i64>().ok());
        match &self.operator {
            Operator::In(values) => is_one_of(values),
            Operator::NotIn(values) => !is_one_of(values),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::Gt(limit) => number().is_some_and(|number| number > *limit),
            Operator::Lt(limit) => number().is_some_and(|number| number < *limit),
        }
    }
}

fn illegal(field: impl Into<String>, problem: impl Into<String>) -> Error {
    Error::input(problem).at(field)
}

fn all_match(requirements: &[Requirement], labels: &StringMap) -> bool {
    requirements.iter().all(|requirement| requirement.matches(labels.get(&requirement.key).map(String::as_str)))
}

/// A label selector that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Selector {
    /// Selects nothing: what an absent selector means.
    Nothing,
    /// Selects what fulfils all; everything, if there are none.
    All(Vec<Requirement>),
}

impl Selector {
    /// Checks a label selector; `path` is the field that it stands in. An absent one selects nothing, an empty one all.
    ///
    /// # Errors
    /// Where an operator, a key or a value is not legal.
    pub fn new(selector: Option<&LabelSelector>, path: &str) -> Result<Self, Error> {
        let Some(selector) = selector else { return Ok(Selector::Nothing) };
        let mut requirements = Vec::with_capacity(selector.match_labels.len() + selector.match_expressions.len());
        for (key, value) in &selector.match_labels {
            let equals =
                SelectorRequirement { key: key.clone(), operator: "In".to_owned(), values: vec![value.clone()] };
            requirements.push(Requirement::new(&equals, false, &format!("{path}.matchLabels"))?);
        }
        for (i, expression) in selector.match_expressions.iter().enumerate() {
            requirements.push(Requirement::new(expression, false, &format!("{path}.matchExpressions[{i}]"))?);
        }
        Ok(Selector::All(requirements))
    }

    /// Selects what has all these labels; nothing is checked, as for a service's or a pod's own selector.
    #[must_use]
    pub fn of_labels(labels: &StringMap) -> Self {
        Selector::All(labels.iter().map(|(key, value)| Requirement::equals(key, value)).collect())
    }

    /// Whether the labels are selected.
    #[must_use]
    pub fn matches(&self, labels: &StringMap) -> bool {
        match self {
            Selector::Nothing => false,
            Selector::All(requirements) => all_match(requirements, labels),
        }
    }
}

/// One requirement on a field of a node: that it has, or has not, this value. Only `metadata.name` has one at all; any
/// other field is empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldRequirement {
    /// The field.
    pub field: String,
    /// Its value.
    pub value: String,
    /// Whether the field must have the value; otherwise it must not.
    pub is_equal: bool,
}

impl FieldRequirement {
    fn new(requirement: &SelectorRequirement, path: &str) -> Result<Self, Error> {
        let is_equal = match requirement.operator.as_str() {
            "In" => true,
            "NotIn" => false,
            other => {
                let reason =
                    format!("`{other}` is not one of In, NotIn, which are all that a field can be compared by");
                return Err(illegal(format!("{path}.operator"), reason));
            }
        };
        let [value] = requirement.values.as_slice() else {
            let reason = format!("a field is compared with one value, not {}", requirement.values.len());
            return Err(illegal(format!("{path}.values"), reason));
        };
        Ok(FieldRequirement { field: requirement.key.clone(), value: value.clone(), is_equal })
    }

    /// Whether the node of this name fulfils it.
    #[must_use]
    pub fn matches(&self, node: &str) -> bool {
        let have = if self.field == NODE_NAME { node } else { "" };
        (have == self.value) == self.is_equal
    }
}

/// A node selector term that was checked: it has at least one requirement, and all must be fulfilled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeTerm {
    /// Requirements on the node's labels.
    pub labels: Vec<Requirement>,
    /// Requirements on the node's fields.
    pub fields: Vec<FieldRequirement>,
}

impl NodeTerm {
    /// Checks a term; an empty one gives `None`, as it matches no node.
    pub(crate) fn new(term: &NodeSelectorTerm, path: &str) -> Result<Option<Self>, Error> {
        if term.match_expressions.is_empty() && term.match_fields.is_empty() {
            return Ok(None);
        }
        let labels = term.match_expressions.iter().enumerate();
        let labels = labels.map(|(i, r)| Requirement::new(r, true, &format!("{path}.matchExpressions[{i}]")));
        let fields = term.match_fields.iter().enumerate();
        let fields = fields.map(|(i, r)| FieldRequirement::new(r, &format!("{path}.matchFields[{i}]")));
        Ok(Some(NodeTerm { labels: labels.collect::<Result<_, _>>()?, fields: fields.collect::<Result<_, _>>()? }))
    }

    /// Whether the node of this name and these labels fulfils the term.
    #[must_use]
    pub fn matches(&self, node: &str, labels: &StringMap) -> bool {
        all_match(&self.labels, labels) && self.fields.iter().all(|field| field.matches(node))
    }
}

/// Terms of which one must match; without terms nothing matches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NodeSelector {
    /// The terms that can match a node: no empty and no faulty ones.
    pub terms: Vec<NodeTerm>,
}

impl NodeSelector {
    /// As a pod's own required node affinity is read: a faulty term matches nothing, and the others go on.
    #[must_use]
    pub fn lenient(selector: &objects::NodeSelector) -> Self {
        let terms = selector.node_selector_terms.iter();
        NodeSelector { terms: terms.filter_map(|term| NodeTerm::new(term, "").ok().flatten()).collect() }
    }

    /// As `addedAffinity` and the affinity of volumes are read; `path` is the field that it stands in.
    ///
    /// # Errors
    /// Where any term is faulty.
    pub fn strict(selector: &objects::NodeSelector, path: &str) -> Result<Self, Error> {
        let mut terms = Vec::new();
        for (i, term) in selector.node_selector_terms.iter().enumerate() {
            terms.extend(NodeTerm::new(term, &format!("{path}.nodeSelectorTerms[{i}]"))?);
        }
        Ok(NodeSelector { terms })
    }

    /// Whether one of the terms matches the node.
    #[must_use]
    pub fn matches(&self, node: &str, labels: &StringMap) -> bool {
        self.terms.iter().any(|term| term.matches(node, labels))
    }
}

/// The preferred terms that can match a node, each with its weight: terms of weight 0 and empty ones are left out
/// unchecked. `path` is the field that they stand in.
///
/// # Errors
/// Where any other term is faulty; the scheduler then does not score at all, and the pod is not placed.
pub fn preferred_terms(terms: &[PreferredSchedulingTerm], path: &str) -> Result<Vec<(i32, NodeTerm)>, Error> {
    let mut checked = Vec::new();
    for (i, term) in terms.iter().enumerate().filter(|(_, term)| term.weight != 0) {
        let node_term = NodeTerm::new(&term.preference, &format!("{path}[{i}].preference"))?;
        checked.extend(node_term.map(|node_term| (term.weight, node_term)));
    }
    Ok(checked)
}

/// The nodes that a pod accepts: by its `nodeSelector` and its required node affinity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequiredNodes {
    /// `spec.nodeSelector`, read unchecked.
    pub labels: Vec<Requirement>,
    /// The required node affinity, where there is one.
    pub affinity: Option<NodeSelector>,
    /// The nodes that the affinity names, where each of its terms names some by `metadata.name`: the scheduler then looks
    /// at no other. If there are none left, the terms conflict, and the pod is rejected as a whole.
    pub names: Option<BTreeSet<String>>,
}

/// The union over the terms of the names that all of a term's name requirements share, faulty terms too.
fn names(selector: &objects::NodeSelector) -> Option<BTreeSet<String>> {
    let mut union = BTreeSet::new();
    for term in &selector.node_selector_terms {
        let requirements = term.match_fields.iter().filter(|r| r.key == NODE_NAME && r.operator == "In");
        let sets = requirements.map(|r| r.values.iter().cloned().collect::<BTreeSet<_>>());
        union.append(&mut sets.reduce(|a, b| a.intersection(&b).cloned().collect())?);
    }
    (!selector.node_selector_terms.is_empty()).then_some(union)
}

impl RequiredNodes {
    /// What the pod accepts.
    #[must_use]
    pub fn of(pod: &Pod) -> Self {
        let labels = pod.spec.node_selector.iter().map(|(key, value)| Requirement::equals(key, value)).collect();
        let affinity = pod.spec.affinity.as_ref().and_then(|a| a.node_affinity.as_ref()?.required.as_ref());
        RequiredNodes { labels, affinity: affinity.map(NodeSelector::lenient), names: affinity.and_then(names) }
    }

    /// Whether the pod accepts the node.
    #[must_use]
    pub fn matches(&self, node: &str, labels: &StringMap) -> bool {
        all_match(&self.labels, labels) && self.affinity.as_ref().is_none_or(|affinity| affinity.matches(node, labels))
    }
}

/// Whether the toleration tolerates the taint. The operators `Lt` and `Gt` tolerate nothing: they are behind a feature
/// gate that is off by default in every version up to 1.37.
#[must_use]
pub fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    (toleration.effect.is_empty() || toleration.effect == taint.effect)
        && (toleration.key.is_empty() || toleration.key == taint.key)
        && match toleration.operator.as_str() {
            "" | "Equal" => toleration.value == taint.value,
            "Exists" => true,
            _ => false,
        }
}

/// The first taint that keeps the pod off the node: of effect NoSchedule or NoExecute, and tolerated by nothing.
#[must_use]
pub fn untolerated<'a>(taints: &'a [Taint], tolerations: &[Toleration]) -> Option<&'a Taint> {
    let repelling = taints.iter().filter(|taint| matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute"));
    repelling.into_iter().find(|taint| !tolerations.iter().any(|toleration| tolerates(toleration, taint)))
}

/// Whether the text can be a label key: a name, or a DNS subdomain, a slash and a name.
#[must_use]
pub fn is_qualified_name(text: &str) -> bool {
    match text.split_once('/') {
        None => is_name(text),
        Some((prefix, name)) => is_dns_subdomain(prefix) && is_name(name),
    }
}

/// Whether the text can be the value of a label.
#[must_use]
pub fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_name(text)
}

fn is_name(text: &str) -> bool {
    let is_alphanumeric_at = |end: Option<&u8>| end.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && is_alphanumeric_at(bytes.first())
        && is_alphanumeric_at(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn is_dns_subdomain(text: &str) -> bool {
    let is_alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.len() <= 253
        && text.split('.').all(|label| {
            let bytes = label.as_bytes();
            bytes.first().is_some_and(is_alphanumeric)
                && bytes.last().is_some_and(is_alphanumeric)
                && bytes.iter().all(|b| is_alphanumeric(b) || *b == b'-')
        })
}
