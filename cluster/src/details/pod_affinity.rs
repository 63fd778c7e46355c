//! Which pods are missed near a node, and which are too near.

use super::text;
use crate::cluster::Cluster;
use crate::labels::Selector;
use crate::objects::{Kind, Node, Object, Pod, PodAffinity, PodAffinityTerm};

impl Cluster {
    /// Which terms find no pod near, or one too near.
    pub(super) fn pod_affinity_details(&self, node: &Node, pod: &Pod) -> Vec<String> {
        let affinity = pod.spec.affinity.as_ref();
        let mut out = self.missed(required(affinity.and_then(|a| a.pod_affinity.as_ref())), node, pod);
        for term in required(affinity.and_then(|a| a.pod_anti_affinity.as_ref())) {
            if let Some(other) = self.in_domain(&term.topology_key, node, &|other| self.means(term, pod, other)) {
                out.push(format!("{} has {other} of {}", here(term, node), pods_of(term, pod)));
            }
        }
        let keeps_away = self.bound().filter_map(|(key, other, there)| {
            let terms = other.spec.affinity.as_ref().and_then(|a| a.pod_anti_affinity.as_ref());
            let mut terms = required(terms).iter();
            let term = terms.find(|t| same_domain(&t.topology_key, there, node) && self.means(t, other, pod))?;
            Some(format!("{key} in {} keeps away pods of {}", here(term, node), pods_of(term, other)))
        });
        out.extend(keeps_away.min());
        out
    }

    /// Which of the terms that want pods near find none.
    fn missed(&self, terms: &[PodAffinityTerm], node: &Node, pod: &Pod) -> Vec<String> {
        // Without the label a node is in no domain, so that nothing can be near it.
        let lacking = terms.iter().filter(|term| !node.metadata.labels.contains_key(&term.topology_key));
        let mut out: Vec<String> = lacking.map(|term| format!("the node has no label {}", term.topology_key)).collect();
        out.dedup();
        // Only pods that all terms mean count.
        let all_mean = |other: &Pod| terms.iter().all(|term| self.means(term, pod, other));
        if !out.is_empty() || self.is_first(terms, pod, &all_mean) {
            return out;
        }
        for term in terms {
            let key = &term.topology_key;
            if self.in_domain(key, node, &all_mean).is_some() {
                continue;
            }
            let (here, pods) = (here(term, node), pods_of(term, pod));
            out.push(match self.in_domain(key, node, &|other| self.means(term, pod, other)) {
                _ if term.label_selector.is_none() => {
                    format!("the term for {key} has no labelSelector, so it means no pod")
                }
                Some(other) => format!("{other} of {pods} in {here} is not meant by every term"),
                None => format!("no pod of {pods} in {here}"),
            });
        }
        out
    }

    /// Whether the pod is the first of a group that wants to be near itself: it may go to any node that has the labels.
    fn is_first(&self, terms: &[PodAffinityTerm], pod: &Pod, all_mean: &dyn Fn(&Pod) -> bool) -> bool {
        let counts = |there: &Node| terms.iter().any(|term| there.metadata.labels.contains_key(&term.topology_key));
        all_mean(pod) && !self.bound().any(|(_, other, there)| counts(there) && all_mean(other))
    }

    /// A bound pod in the node's domain that is as wanted: the first by name.
    fn in_domain(&self, key: &str, node: &Node, wanted: &dyn Fn(&Pod) -> bool) -> Option<String> {
        let found = self.bound().filter(|(_, other, there)| same_domain(key, there, node) && wanted(other));
        found.map(|(key, ..)| key).min().cloned()
    }

    /// The bound pods by name, with their nodes.
    fn bound(&self) -> impl Iterator<Item = (&String, &Pod, &Node)> {
        self.store.pods.iter().filter_map(|(key, entry)| {
            let name = self.compiler.node_names.get(entry.row?.1.at())?;
            let Object::Node(node) = &**self.store.get(Kind::Node, "", name)? else { return None };
            Some((key, &*entry.pod, &**node))
        })
    }

    /// Whether a term of `owner` means `other`.
    fn means(&self, term: &PodAffinityTerm, owner: &Pod, other: &Pod) -> bool {
        let namespace = &other.metadata.namespace;
        let own = term.namespaces.is_empty() && term.namespace_selector.is_none();
        let labels = self.store.get(Kind::Namespace, "", namespace).map(|o| o.metadata().labels.clone());
        let by_labels = Selector::new(term.namespace_selector.as_ref(), "")
            .is_ok_and(|selector| selector.matches(&labels.unwrap_or_default()));
        (own && *namespace == owner.metadata.namespace || term.namespaces.contains(namespace) || by_labels)
            && Selector::new(term.label_selector.as_ref(), "").is_ok_and(|s| s.matches(&other.metadata.labels))
    }
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
