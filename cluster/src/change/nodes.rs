//! Which nodes are meant: a label selector as kubectl's `-l` takes it, or names, in which `*` and `?` stand for anything.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};
use crate::labels::Selector;
use crate::objects::{Kind, LabelSelector, Object, SelectorRequirement};
use crate::state::Cluster;

/// A selector, or names: `pool=gpu,!spot`, `zone in (a,b)`, `node-07`, `node-0*,node-11`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nodes(pub String);

impl fmt::Display for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Nodes {
    fn from(text: &str) -> Self {
        Nodes(text.to_owned())
    }
}

impl Nodes {
    /// The names of the nodes that are meant, in node order. A single word that is no name of a node is taken for a label's key.
    ///
    /// # Errors
    /// Where the text is no selector, or means no node: that is a mistake wherever nodes are to be changed.
    pub fn select(&self, cluster: &Cluster) -> Result<Vec<String>, Error> {
        let text = self.0.trim();
        let nodes = || {
            let names = cluster.nodes().into_iter();
            names.filter_map(|name| Some((name, cluster.object(Kind::Node, "", name)?)))
        };
        if !text.contains(['=', '!', '(', ' ']) {
            let bare = |word: &'_ str| word.trim().strip_prefix("node/").unwrap_or(word.trim()).to_owned();
            let words: Vec<String> = text.split(',').map(bare).filter(|word| !word.is_empty()).collect();
            let named = nodes().filter(|(name, _)| words.iter().any(|word| is_like(word, name)));
            let named: Vec<String> = named.map(|(name, _)| name.to_owned()).collect();
            let unmet = words.iter().find(|word| !named.iter().any(|name| is_like(word, name)));
            match unmet {
                None if !named.is_empty() => return Ok(named),
                Some(word) if word.contains(['*', '?']) || !named.is_empty() => {
                    return Err(Error::new(ErrorKind::NotFound, format!("there is no node {word}")).hint(SHOW));
                }
                _ => {}
            }
        }
        let selector = parse(text)?;
        let selector = Selector::new(Some(&selector), "selector")?;
        let selected = nodes().filter(|(_, node)| selector.matches(&node.metadata().labels));
        let selected: Vec<String> = selected.map(|(name, _)| name.to_owned()).collect();
        if selected.is_empty() {
            return Err(self.nobody(cluster, text));
        }
        Ok(selected)
    }

    fn nobody(&self, cluster: &Cluster, text: &str) -> Error {
        let key = text.split(['=', '!', ',', ' ']).find(|part| !part.is_empty()).unwrap_or(text);
        let labels = || cluster.objects(Kind::Node).flat_map(|node| node.metadata().labels.iter());
        let like =
            labels().map(|(known, _)| known).find(|known| known.rsplit('/').next() == Some(key) && *known != key);
        let values: std::collections::BTreeSet<&str> =
            labels().filter(|(known, _)| *known == key).map(|(_, value)| value.as_str()).collect();
        let hint = match like {
            _ if !values.is_empty() => {
                let some: Vec<&str> = values.iter().take(8).copied().collect();
                let more = if values.len() > some.len() { ", …" } else { "" };
                format!("nodes have {key}={}{more}", some.join(", "))
            }
            Some(like) => format!("did you mean {}?", text.replacen(key, like, 1)),
            None => SHOW.to_owned(),
        };
        Error::new(ErrorKind::NotFound, format!("no node is meant by `{text}`")).hint(hint)
    }
}

const SHOW: &str = "give names of nodes (node-0*), or a label selector (pool=gpu); `bayplan nodes -c DUMP` shows both";

/// Does a name have this form, in which `*` stands for any characters and `?` for one?
pub(crate) fn is_like(form: &str, name: &str) -> bool {
    let (form, name): (Vec<char>, Vec<char>) = (form.chars().collect(), name.chars().collect());
    // Where the last `*` stands, and what it takes so far.
    let (mut f, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match form.get(f) {
            Some('*') => {
                star = Some((f, n));
                f += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => (f, n) = (f + 1, n + 1),
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    (f, n) = (at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    form[f..].iter().all(|c| *c == '*')
}

/// Reads a selector as kubectl does: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, with commas between.
///
/// # Errors
/// Names the part that is none.
pub fn parse(text: &str) -> Result<LabelSelector, Error> {
    let mut selector = LabelSelector::default();
    for part in parts(text) {
        let part = part.trim();
        let wrong = || {
            let hint = "write key=value, key!=value, key in (a,b), key notin (a,b), key or !key, with commas between";
            Error::input(format!("`{part}` is no part of a label selector")).hint(hint)
        };
        let mut add = |key: &str, operator: &str, values: Vec<String>| {
            selector.match_expressions.push(SelectorRequirement {
                key: key.trim().to_owned(),
                operator: operator.to_owned(),
                values,
            });
        };
        if let Some((key, rest)) = part.split_once(" in ").or_else(|| part.split_once(" in(")) {
            add(key, "In", values(rest).ok_or_else(wrong)?);
        } else if let Some((key, rest)) = part.split_once(" notin ").or_else(|| part.split_once(" notin(")) {
            add(key, "NotIn", values(rest).ok_or_else(wrong)?);
        } else if let Some((key, value)) = part.split_once("!=") {
            add(key, "NotIn", vec![value.trim().to_owned()]);
        } else if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
            add(key, "In", vec![value.trim().to_owned()]);
        } else if let Some(key) = part.strip_prefix('!') {
            add(key, "DoesNotExist", Vec::new());
        } else if part.is_empty() {
            return Err(wrong());
        } else {
            add(part, "Exists", Vec::new());
        }
    }
    Selector::new(Some(&selector), "selector").map_err(|error| {
        let hint = "write it as kubectl's -l takes it, as in pool=gpu,zone in (a,b)";
        Error::input(format!("`{text}` is no label selector: {}", error.problem())).hint(hint)
    })?;
    Ok(selector)
}

/// Splits at the commas that stand in no parentheses.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut begin, mut parts) = (0_i32, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

/// `(a, b)`
fn values(text: &str) -> Option<Vec<String>> {
    let inner = text.trim().trim_start_matches('(').strip_suffix(')')?;
    Some(inner.split(',').map(|value| value.trim().to_owned()).collect())
}

/// A value of a label, and the nodes that have it.
pub type Domain = (String, Vec<String>);

/// The nodes of each value of a label, by value; and those that have no such label. `zone` and `node` are short for the well-known keys.
///
/// # Errors
/// Where no node has the label.
pub fn domains(cluster: &Cluster, key: &str) -> Result<(Vec<Domain>, Vec<String>), Error> {
    let key = label_key(key);
    let mut domains: std::collections::BTreeMap<String, Vec<String>> = Default::default();
    let mut without = Vec::new();
    for name in cluster.nodes() {
        let Some(Object::Node(node)) = cluster.object(Kind::Node, "", name) else { continue };
        match node.metadata.labels.get(key) {
            Some(value) => domains.entry(value.clone()).or_default().push(name.to_owned()),
            // A node is a domain of its own, labelled or not.
            None if key == HOSTNAME => domains.entry(name.to_owned()).or_default().push(name.to_owned()),
            None => without.push(name.to_owned()),
        }
    }
    if domains.is_empty() {
        let keys: std::collections::BTreeSet<&str> =
            cluster.objects(Kind::Node).flat_map(|node| node.metadata().labels.keys()).map(String::as_str).collect();
        let keys = keys.into_iter().collect::<Vec<_>>().join(", ");
        let hint = if keys.is_empty() { "no node has any label".to_owned() } else { format!("nodes have {keys}") };
        return Err(Error::new(ErrorKind::NotFound, format!("no node has the label {key}")).hint(hint));
    }
    Ok((domains.into_iter().collect(), without))
}

/// The label that each node has of its own.
pub const HOSTNAME: &str = "kubernetes.io/hostname";

/// The whole key of a label: `zone`, `region`, `node` and `type` are short for the well-known ones.
#[must_use]
pub fn label_key(key: &str) -> &str {
    match key {
        "zone" => "topology.kubernetes.io/zone",
        "region" => "topology.kubernetes.io/region",
        "node" => HOSTNAME,
        "type" => "node.kubernetes.io/instance-type",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_like, parse};

    #[test]
    fn names_are_like_forms() {
        for (form, name, is) in [
            ("node-0*", "node-07", true),
            ("node-0*", "node-17", false),
            ("*-b-*", "pool-b-b-1", true),
            ("n?", "n1", true),
            ("n?", "n", false),
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
        ] {
            assert_eq!(is_like(form, name), is, "{form} {name}");
        }
    }

    #[test]
    fn selectors_are_read_as_kubectl_reads_them() {
        let of = |text: &str| {
            let selector = parse(text).expect("it is one");
            let parts = selector.match_expressions.iter();
            parts.map(|part| format!("{} {} {}", part.key, part.operator, part.values.join("|"))).collect::<Vec<_>>()
        };
        assert_eq!(of("a=b,c==d , e!=f"), ["a In b", "c In d", "e NotIn f"]);
        assert_eq!(
            of("zone in (a, b),pool notin (x),gpu,!spot"),
            ["zone In a|b", "pool NotIn x", "gpu Exists ", "spot DoesNotExist "]
        );
        assert_eq!(of("a="), ["a In "]);
        for wrong in ["", "a,,b", "a in (b", "=b", "a b", "zone in b)c("] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
