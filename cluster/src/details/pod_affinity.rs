//! Which pods are missed near a node, and which are too near.

use super::text;
use crate::cluster::Cluster;
use crate::labels::Selector;
use crate::objects::{Kind, Node, Object, Pod, PodAffinity, PodAffinityTerm, StringMap};

/// A bound pod: its name, the pod, and its node.
type Bound<'c> = (&'c String, &'c Pod, &'c Node);

impl Cluster {
    /// Which terms find no pod near, or one too near.
    pub(super) fn pod_affinity_details(&self, node: &Node, pod: &Pod) -> Vec<String> {
        let affinity = pod.spec.affinity.as_ref();
        let bound = self.bound();
        let mut out = self.missed(required(affinity.and_then(|a| a.pod_affinity.as_ref())), &bound, node, pod);
        for term in required(affinity.and_then(|a| a.pod_anti_affinity.as_ref())) {
            if let Some(other) = in_domain(&term.topology_key, &bound, node, &self.meant_by(term, pod)) {
                out.push(format!("{} has {other} of {}", here(term, node), pods_of(term, pod)));
            }
        }
        let keeps_away = bound.iter().filter_map(|(key, other, there)| {
            let terms = other.spec.affinity.as_ref().and_then(|a| a.pod_anti_affinity.as_ref());
            let mut terms = required(terms).iter();
            let term = terms.find(|t| same_domain(&t.topology_key, there, node) && self.meant_by(t, other)(pod))?;
            Some(format!("{key} in {} keeps away pods of {}", here(term, node), pods_of(term, other)))
        });
        out.extend(keeps_away.min());
        out
    }

    /// Which of the terms that want pods near find none.
    fn missed(&self, terms: &[PodAffinityTerm], bound: &[Bound<'_>], node: &Node, pod: &Pod) -> Vec<String> {
        // Without the label a node is in no domain, so that nothing can be near it.
        let lacking = terms.iter().filter(|term| !node.metadata.labels.contains_key(&term.topology_key));
        let mut out: Vec<String> = lacking.map(|term| format!("the node has no label {}", term.topology_key)).collect();
        out.dedup();
        // Only pods that all terms mean count.
        let each: Vec<_> = terms.iter().map(|term| self.meant_by(term, pod)).collect();
        let by_all = |other: &Pod| each.iter().all(|means| means(other));
        if !out.is_empty() || is_first(terms, bound, pod, &by_all) {
            return out;
        }
        for (term, means) in terms.iter().zip(&each) {
            let key = &term.topology_key;
            if in_domain(key, bound, node, &by_all).is_some() {
                continue;
            }
            let by_this = if terms.len() > 1 { in_domain(key, bound, node, means) } else { None };
            let (here, pods) = (here(term, node), pods_of(term, pod));
            out.push(match by_this {
                _ if term.label_selector.is_none() => {
                    format!("the term for {key} has no labelSelector, so it means no pod")
                }
                Some(other) => format!("{other} of {pods} in {here} is not meant by every term"),
                None => format!("no pod of {pods} in {here}"),
            });
        }
        out
    }

    fn bound(&self) -> Vec<Bound<'_>> {
        let node = |name: &String| match &**self.store.get(Kind::Node, "", name)? {
            Object::Node(node) => Some(&**node),
            _ => None,
        };
        let nodes: Vec<Option<&Node>> = self.compiler.node_names.iter().map(node).collect();
        let pods = self.store.pods.iter();
        pods.filter_map(|(key, entry)| Some((key, &*entry.pod, (*nodes.get(entry.row?.1.at())?)?))).collect()
    }

    /// Whether a term of `owner` means a pod.
    fn meant_by<'c>(&'c self, term: &'c PodAffinityTerm, owner: &'c Pod) -> impl Fn(&Pod) -> bool + 'c {
        let [of_pods, of_namespaces] =
            [&term.label_selector, &term.namespace_selector].map(|s| Selector::new(s.as_ref(), ""));
        let own = term.namespaces.is_empty() && term.namespace_selector.is_none();
        let none = StringMap::new();
        move |other| {
            let namespace = &other.metadata.namespace;
            let labels = || self.store.get(Kind::Namespace, "", namespace).map(|found| &found.metadata().labels);
            of_pods.as_ref().is_ok_and(|selector| selector.matches(&other.metadata.labels))
                && (own && *namespace == owner.metadata.namespace
                    || term.namespaces.contains(namespace)
                    || of_namespaces.as_ref().is_ok_and(|selector| selector.matches(labels().unwrap_or(&none))))
        }
    }
}

/// Whether the pod is the first of a group that wants to be near itself: it may go to any node that has the labels.
fn is_first(terms: &[PodAffinityTerm], bound: &[Bound<'_>], pod: &Pod, by_all: &dyn Fn(&Pod) -> bool) -> bool {
    let counts = |there: &Node| terms.iter().any(|term| there.metadata.labels.contains_key(&term.topology_key));
    by_all(pod) && !bound.iter().any(|(_, other, there)| counts(there) && by_all(other))
}

/// A bound pod in the node's domain that is as wanted: the first by name.
fn in_domain<'c>(key: &str, bound: &[Bound<'c>], node: &Node, wanted: &dyn Fn(&Pod) -> bool) -> Option<&'c String> {
    let found = bound.iter().filter(|(_, other, there)| same_domain(key, there, node) && wanted(other));
    found.map(|(key, ..)| *key).min()
}

fn required(affinity: Option<&PodAffinity>) -> &[PodAffinityTerm] {
    affinity.map_or(&[], |affinity| &affinity.required)
}

/// Whether both nodes have the label, with the same value.
fn same_domain(key: &str, one: &Node, other: &Node) -> bool {
    let value = one.metadata.labels.get(key);
    value.is_some() && value == other.metadata.labels.get(key)
}

/// The node's domain in the term's topology; only asked where the node has the label.
fn here(term: &PodAffinityTerm, node: &Node) -> String {
    let domain = node.metadata.labels.get(&term.topology_key).map_or("", String::as_str);
    format!("{} {domain}", text::short(&term.topology_key))
}

/// The pods that a term of `owner` means, with the namespaces that are looked at where these are not just the owner's.
fn pods_of(term: &PodAffinityTerm, owner: &Pod) -> String {
    let pods = text::selector(term.label_selector.as_ref());
    let listed = match &term.namespaces[..] {
        [] => None,
        [own] if *own == owner.metadata.namespace && term.namespace_selector.is_none() => None,
        [only] => Some(format!("of namespace {only}")),
        several => Some(format!("of namespaces {}", several.join(", "))),
    };
    let selected = term.namespace_selector.as_ref().map(|selector| {
        let is_empty = selector.match_labels.is_empty() && selector.match_expressions.is_empty();
        let labels = text::selector(Some(selector));
        if is_empty { "of any namespace".to_owned() } else { format!("of namespaces that match {labels}") }
    });
    match (listed, selected) {
        (None, None) => pods,
        (Some(only), None) | (None, Some(only)) => format!("{pods} {only}"),
        (Some(listed), Some(selected)) => format!("{pods} {listed} or {selected}"),
    }
}
